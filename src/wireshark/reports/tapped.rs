//! What the tap `tcpshake` hands to the statistics, the story and the flow graph.

use super::super::bindings as ws;
use super::super::session::{Recalled, Session, Stream};
use crate::narrate::Scene;
use crate::tcp::{FrameNumber, StreamNumber, Timestamp};

/// A segment that is kept, or an event that changed what is known of a connection.
pub struct Tapped<'a> {
    what: &'a ws::tcpshake_tapped_t,
    /// The segment's header and what follows; `None` for an event.
    bytes: Option<&'a [u8]>,
}

impl Tapped<'_> {
    /// # Safety
    /// `what` has to be valid, with as many bytes as it says, as long as the value lives.
    pub unsafe fn of<'a>(what: *const ws::tcpshake_tapped_t) -> Tapped<'a> {
        // SAFETY: the caller's promise.
        unsafe {
            let what = &*what;
            let has_bytes = !what.bytes.is_null();
            let bytes = has_bytes.then(|| std::slice::from_raw_parts(what.bytes, what.captured as usize));
            Tapped { what, bytes }
        }
    }

    /// The segment in its connection; `None` for an event, for what is not kept, and for what the plugin failed on.
    pub fn scene<'s>(&self, session: &'s Session) -> Option<Scene<'s>> {
        let frame = FrameNumber::new(self.what.frame.number)?;
        match session.recall(frame, self.what.index, self.bytes?, Timestamp(self.what.frame.time)) {
            Recalled::Segment(scene, _) => Some(scene),
            Recalled::GivenUp | Recalled::Unknown => None,
        }
    }

    /// The stream of the segment or event, and its number.
    pub fn stream<'s>(&self, session: &'s Session) -> Option<(StreamNumber, &'s Stream)> {
        let number = match self.bytes {
            None => StreamNumber(self.what.stream),
            Some(_) => session.of_frame(FrameNumber::new(self.what.frame.number)?).nth(self.what.index)?.stream,
        };
        Some((number, session.known(number)?))
    }
}
