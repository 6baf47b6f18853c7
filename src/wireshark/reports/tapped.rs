//! What the tap `tcpshake` hands to the reports.

use super::super::bindings as ws;
use super::super::read;
use super::super::records::Record;
use super::super::session::{Recalled, Session, Stream};
use crate::narrate::Scene;
use crate::tcp::{FrameNumber, SeqNumber, StreamNumber, Timestamp};

/// A segment that is kept, or an event that changed what is known of a connection.
pub struct Tapped<'a> {
    what: &'a ws::tcpshake_tapped_t,
    /// The segment's header and what follows; `None` for an event.
    bytes: Option<&'a [u8]>,
}

/// A little of a TCP header.
pub struct HeaderFacts {
    /// The sequence number.
    pub seq: SeqNumber,
    /// Its length in bytes.
    pub length: u32,
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
        match session.recall(frame, self.what.index, self.bytes?, Timestamp(self.what.frame.time), true) {
            Recalled::Segment(scene, _) => Some(scene),
            Recalled::GivenUp | Recalled::Unknown => None,
        }
    }

    /// What is kept of the segment; `None` for an event.
    pub fn record<'s>(&self, session: &'s Session) -> Option<&'s Record> {
        self.bytes?;
        session.records.of_frame(FrameNumber::new(self.what.frame.number)?).nth(self.what.index)
    }

    /// What its header says, as far as a count needs it; `None` for an event.
    pub fn header(&self) -> Option<HeaderFacts> {
        let bytes = self.bytes?;
        Some(HeaderFacts { seq: read::seq(bytes)?, length: read::data_offset(bytes)?.into() })
    }

    /// When its frame was captured.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.what.frame.time)
    }

    /// Whether it was tapped in a pass after the first.
    pub fn is_revisited(&self) -> bool {
        self.what.revisited
    }

    /// Bytes of the IP header in front of it.
    pub fn ip_header(&self) -> u32 {
        self.what.ip_header_length.into()
    }

    /// The stream of the segment or event, and its number.
    pub fn stream<'s>(&self, session: &'s Session) -> Option<(StreamNumber, &'s Stream)> {
        let number = match self.bytes {
            None => StreamNumber(self.what.stream),
            Some(_) => self.record(session)?.stream,
        };
        Some((number, session.known(number)?))
    }
}
