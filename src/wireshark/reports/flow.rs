//! The words of a flow graph, *Statistics > Flow Graph > TCP Handshake*, and of *Analyze > Follow > TCP Handshake Stream*. The
//! shim puts them on the arrows, and into the lines.

use super::super::preferences;
use crate::narrate::{Scene, arrow, opens_or_closes, speech};
use crate::tcp::Side;
use std::ffi::CString;

/// What is on a segment's arrow, and beside it, and who sent it; `None` if the segment neither opens nor closes.
pub fn words(scene: &Scene) -> Option<([CString; 2], Side)> {
    opens_or_closes(&scene.standing).then(|| {
        let language = preferences::language();
        let comment = format!("{}: {}", scene.standing.step.name(), speech(language, scene));
        let texts = [arrow(language, scene), comment].map(|text| CString::new(text).unwrap_or_default());
        (texts, scene.standing.sender)
    })
}
