//! The first frame of each stream, for lists of connections: looked up among the records when a list is made, so that nothing is
//! kept of a capture for which nobody asks for one.

use super::chunks::Chunks;
use super::records::Records;
use crate::tcp::{FrameNumber, StreamNumber};

/// The first frames, as far as the records were read.
pub struct Firsts {
    /// By stream number.
    frames: Chunks<Option<FrameNumber>>,
    /// How many records were read.
    read: usize,
}

impl Firsts {
    pub const fn new() -> Firsts {
        Firsts { frames: Chunks::new(), read: 0 }
    }

    /// The first frame of a stream, if it has any segment.
    pub fn of(&mut self, records: &Records, number: StreamNumber) -> Option<FrameNumber> {
        if records.len() < self.read {
            *self = Firsts::new(); // a read filter has dropped frames
        }
        for record in records.from(self.read) {
            self.frames.reach(record.stream.0 as usize, || None).get_or_insert(record.frame);
        }
        self.read = records.len();
        self.frames.get(number.0 as usize).copied().flatten()
    }
}
