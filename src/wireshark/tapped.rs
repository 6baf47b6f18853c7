//! What the tap `tcpshake` hands to the statistics, the story and the flow graph.

use super::bindings as ws;
use super::read;
use super::session::{Session, Stream};
use crate::narrate::Scene;
use crate::tcp::{Analysis, Connection, FrameNumber, Segment, Standing, StreamNumber, Timestamp};

/// A segment that is kept, or an event that changed what is known of a connection.
pub struct Tapped<'a> {
    what: &'a ws::tcpshake_tapped_t,
    /// The segment's header and what follows; `None` for an event.
    bytes: Option<&'a [u8]>,
}

/// A segment that was tapped, read again.
pub struct Seen<'a> {
    pub number: StreamNumber,
    pub verdict: Standing,
    pub connection: &'a Connection,
    pub segment: Segment,
}

impl Seen<'_> {
    /// What a sentence about it may speak of.
    pub fn scene(&self) -> Scene<'_> {
        Scene { stream: self.number, verdict: &self.verdict, segment: &self.segment, connection: self.connection }
    }
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

    /// The segment; `None` for an event, for what is not kept, and for what the plugin failed on.
    pub fn segment<'s>(&self, session: &'s Session) -> Option<Seen<'s>> {
        let bytes = self.bytes?;
        let frame = FrameNumber::new(self.what.frame.number)?;
        let (record, stream) = session.segment(frame, self.what.index)?;
        let (verdict, connection) = (record.verdict?, stream.connection.as_ref()?);
        // The analysis has done its work in the verdict.
        let time = Timestamp(self.what.frame.time);
        let segment = read::segment(bytes, frame, time, record.place.from(), record.length, Analysis::empty())?;
        Some(Seen { number: record.stream, verdict, connection, segment })
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
