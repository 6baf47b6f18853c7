//! The words of a flow graph: *Statistics > Flow Graph > TCP Handshake*. The shim puts them on the arrows.

use super::super::preferences;
use crate::narrate::{Scene, arrow, opens_or_closes, speech};
use std::ffi::CString;

/// What is on a segment's arrow, and beside it; `None` if the segment neither opens nor closes.
pub fn words(scene: &Scene) -> Option<[CString; 2]> {
    opens_or_closes(&scene.standing).then(|| {
        let language = preferences::language();
        let comment = format!("{}: {}", scene.standing.step.name(), speech(language, scene));
        [arrow(language, scene), comment].map(|text| CString::new(text).unwrap_or_default())
    })
}
