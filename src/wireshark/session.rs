//! What is kept while a capture file is open: a small record for each segment, and the state of each connection.

use super::bindings as ws;
use super::chunks::Chunks;
use super::read::RULE;
use crate::tcp::{Completeness, Connection, End, FrameNumber, StreamNumber, Verdict};
use std::sync::Mutex;

/// The session of the open capture file. Wireshark dissects on one thread; the lock is never contended.
pub static SESSION: Mutex<Session> = Mutex::new(Session::new());

/// Where a TCP header stands in its frame, and who sent it: from the top, a bit for the end, seven for the data source, 24
/// for the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// `None` for an offset of 16 MiB or more, or the 129th data source, which no frame reaches: Wireshark's largest packet
    /// is 256 KiB, and what is put together or unpacked from it is bounded too.
    pub fn new(source: u8, offset: u32, from: End) -> Option<Place> {
        let fits = source < 1 << 7 && offset < 1 << 24;
        fits.then_some(Place((from as u32) << 31 | u32::from(source) << 24 | offset))
    }

    /// The end that sent it.
    pub fn from(self) -> End {
        if self.0 >> 31 == 0 { End::A } else { End::B }
    }

    /// Which of the frame's data sources.
    pub fn source(self) -> u8 {
        (self.0 >> 24 & 0x7f) as u8
    }

    /// The offset in it.
    pub fn offset(self) -> u32 {
        self.0 & 0x00ff_ffff
    }
}

/// What is kept of one segment: where it stands and what it is. 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub frame: FrameNumber,
    pub stream: StreamNumber,
    pub place: Place,
    /// Bytes of header and payload.
    pub length: u32,
    pub verdict: Verdict,
}

const _: () = assert!(size_of::<Record>() <= 24);
const _: () = assert!(size_of::<Stream>() <= 256);

/// A connection, and Wireshark's notes on it.
pub struct Stream {
    pub connection: Connection,
    notes: Notes,
}

/// A pointer to Wireshark's notes on a conversation, which live until the capture file is closed.
#[derive(Clone, Copy)]
struct Notes(*const ws::tcp_analysis);

// SAFETY: only the thread that dissects follows the pointer.
unsafe impl Send for Notes {}

impl Stream {
    fn new() -> Stream {
        Stream { connection: Connection::new(RULE), notes: Notes(std::ptr::null()) }
    }

    /// Wireshark's completeness for this stream, at this moment. `None` before any of its segments was seen.
    pub fn wiresharks_completeness(&self) -> Option<Completeness> {
        if self.notes.0.is_null() {
            return None;
        }
        // SAFETY: the notes are allocated in Wireshark's file scope; the session forgets them before that scope ends.
        Some(Completeness::from_bits_truncate(unsafe { ws::tcpshake_completeness(self.notes.0) }))
    }

    /// Notes where Wireshark keeps its notes.
    ///
    /// # Safety
    /// `notes` has to stay valid until [`Session::forget`].
    pub unsafe fn note(&mut self, notes: *const ws::tcp_analysis) {
        self.notes = Notes(notes);
    }
}

/// Everything kept for the open capture file.
pub struct Session {
    /// In the order of the frames, and within a frame of its layers.
    records: Chunks<Record>,
    /// By stream number, which Wireshark counts up from 0.
    streams: Chunks<Stream>,
}

impl Session {
    const fn new() -> Session {
        Session { records: Chunks::new(), streams: Chunks::new() }
    }

    /// Begins anew, and gives the memory back.
    pub fn forget(&mut self) {
        *self = Session::new();
    }

    /// The stream of this number, made if need be.
    pub fn stream(&mut self, number: StreamNumber) -> &mut Stream {
        let index = number.0 as usize;
        while self.streams.len() <= index {
            self.streams.push(Stream::new());
        }
        &mut self.streams[index]
    }

    /// Keeps a record. Frames come in rising order: see [`drop_from`](Self::drop_from).
    pub fn keep(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Drops the records of this frame and all behind it.
    pub fn drop_from(&mut self, frame: u32) {
        while self.records.last().is_some_and(|last| last.frame.get() >= frame) {
            self.records.pop();
        }
    }

    /// The records of a frame's segments.
    pub fn of_frame(&self, frame: FrameNumber) -> impl ExactSizeIterator<Item = &Record> {
        let start = self.records.partition_point(|record| record.frame < frame);
        let end = self.records.partition_point(|record| record.frame <= frame);
        (start..end).map(|index| &self.records[index])
    }

    /// A segment's record and its stream.
    pub fn segment(&self, frame: FrameNumber, index: usize) -> Option<(&Record, &Stream)> {
        let record = self.of_frame(frame).nth(index)?;
        Some((record, self.streams.get(record.stream.0 as usize)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gives_back_what_went_in() {
        for (source, offset, from) in [(0, 34, End::A), (127, (1 << 24) - 1, End::B), (3, 0, End::B)] {
            let place = Place::new(source, offset, from).unwrap();
            assert_eq!((place.source(), place.offset(), place.from()), (source, offset, from));
        }
        assert_eq!(Place::new(128, 0, End::A), None);
        assert_eq!(Place::new(0, 1 << 24, End::A), None);
    }
}
