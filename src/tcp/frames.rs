//! Frames that something said of a segment or a connection names.

use super::number::{FrameNumber, Span};

/// An earlier frame, and how long before this one it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The frame.
    pub frame: FrameNumber,
    /// The time from there to here.
    pub before: Span,
}

/// Some frames: how many there are, and the first and the last of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// How many there are; 65,535 stands for more, too.
    pub count: u16,
    first: [Option<FrameNumber>; 3],
    last: Option<FrameNumber>,
}

impl Frames {
    /// One more.
    pub fn push(&mut self, frame: FrameNumber) {
        match self.first.get_mut(usize::from(self.count)) {
            Some(place) => *place = Some(frame),
            None => self.last = Some(frame),
        }
        self.count = self.count.saturating_add(1);
    }

    /// The first three and the last of them.
    pub fn iter(&self) -> impl Iterator<Item = FrameNumber> + '_ {
        self.first.iter().copied().flatten().chain(self.last)
    }

    /// The last of them.
    pub fn last(&self) -> Option<FrameNumber> {
        self.iter().last()
    }
}
