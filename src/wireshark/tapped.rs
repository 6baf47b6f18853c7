//! What the tap `tcpshake` hands to the statistics, the story and the flow graph.

use super::bindings as ws;
use super::read;
use super::session::{Session, Stream};
use crate::narrate::Scene;
use crate::tcp::{Analysis, Connection, FrameNumber, Segment, StreamNumber, Timestamp, Verdict};

/// A segment that was tapped, read again.
pub struct Tapped<'a> {
    pub number: StreamNumber,
    pub verdict: Verdict,
    pub connection: &'a Connection,
    pub segment: Segment,
}

impl Tapped<'_> {
    /// What a sentence about it may speak of.
    pub fn scene(&self) -> Scene<'_> {
        Scene { stream: self.number, verdict: &self.verdict, segment: &self.segment, connection: self.connection }
    }
}

/// The segment that was tapped; `None` for an event, for what is not kept, and for what the plugin failed on.
///
/// # Safety
/// `tapped` has to be valid, with as many bytes as it says.
pub unsafe fn segment(session: &Session, tapped: *const ws::tcpshake_tapped_t) -> Option<Tapped<'_>> {
    // SAFETY: the caller's promise.
    let (tapped, bytes) = unsafe {
        let tapped = &*tapped;
        if tapped.bytes.is_null() {
            return None;
        }
        (tapped, std::slice::from_raw_parts(tapped.bytes, tapped.captured as usize))
    };
    let frame = FrameNumber::new(tapped.frame.number)?;
    let (record, stream) = session.segment(frame, tapped.index)?;
    let (verdict, connection) = (record.verdict?, stream.connection.as_ref()?);
    // The analysis has done its work in the verdict.
    let time = Timestamp(tapped.frame.time);
    let segment = read::segment(bytes, frame, time, record.place.from(), record.length, Analysis::empty())?;
    Some(Tapped { number: record.stream, verdict, connection, segment })
}

/// The number of the stream of a tapped segment or event, and the stream.
///
/// # Safety
/// As for [`segment`].
pub unsafe fn stream(session: &Session, tapped: *const ws::tcpshake_tapped_t) -> Option<(StreamNumber, &Stream)> {
    // SAFETY: the caller's promise.
    let tapped = unsafe { &*tapped };
    let number = if tapped.bytes.is_null() {
        StreamNumber(tapped.stream)
    } else {
        session.of_frame(FrameNumber::new(tapped.frame.number)?).nth(tapped.index)?.stream
    };
    Some((number, session.known(number)?))
}
