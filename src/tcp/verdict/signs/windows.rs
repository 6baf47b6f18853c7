//! How long each end's window was 0.

use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{FrameNumber, Span, Timestamp};
use crate::tcp::segment::{Flags, Segment};

/// A window of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shut {
    frame: FrameNumber,
    since: Timestamp,
    /// When it was last announced.
    until: Timestamp,
}

impl Shut {
    /// A stall, if it lasts until then.
    fn lasting(self, until: Timestamp) -> Stall {
        Stall { frame: self.frame, lasted: until - self.since, shown: self.until - self.since }
    }
}

/// The longest time for which a window was 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    pub frame: FrameNumber,
    pub lasted: Span,
    /// From the first segment with a window of 0 to the last.
    pub shown: Span,
}

/// The windows of 0 of both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    shut: PerEnd<Option<Shut>>,
    stalls: PerEnd<Option<Stall>>,
}

impl Windows {
    pub(super) fn note(&mut self, segment: &Segment) {
        if !segment.has(Flags::ACK) || segment.has(Flags::SYN) {
            return;
        }
        let from = segment.from;
        match (&mut self.shut[from], segment.window) {
            (None, 0) => {
                self.shut[from] = Some(Shut { frame: segment.frame, since: segment.time, until: segment.time });
            }
            (Some(shut), 0) => shut.until = segment.time,
            (Some(shut), _) => {
                let stall = shut.lasting(segment.time);
                self.shut[from] = None;
                let longest = self.stalls[from].is_none_or(|before| stall.lasted > before.lasted);
                if longest {
                    self.stalls[from] = Some(stall);
                }
            }
            (None, _) => {}
        }
    }

    /// The longest stall of an end's window, one that lasts until the end of the capture included; and whether it was over.
    pub fn stall(&self, end: End, until: Timestamp) -> Option<(Stall, bool)> {
        let lasting = self.shut[end].map(|shut| shut.lasting(until));
        match (self.stalls[end], lasting) {
            (Some(over), Some(lasting)) if lasting.lasted > over.lasted => Some((lasting, false)),
            (None, Some(lasting)) => Some((lasting, false)),
            (over, _) => over.map(|stall| (stall, true)),
        }
    }
}
