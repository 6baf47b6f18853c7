//! What an end sends again, and whether the other end answers.

use super::seen::Seen;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp};
use crate::tcp::segment::Segment;
use crate::tcp::standing::Step;
use crate::tcp::verdict::Awaited;

/// Segments of one end that are sent again, while nothing comes from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub by: End,
    pub what: Awaited,
    /// The segment that is repeated, and when it was sent.
    pub first: FrameNumber,
    pub since: Timestamp,
    /// The last repetition.
    pub last: FrameNumber,
    pub until: Timestamp,
    /// How often it was repeated.
    pub times: u16,
}

/// Payload that an end sends again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    pub seq: SeqNumber,
    pub size: u32,
    pub times: u16,
    pub first: FrameNumber,
    pub last: FrameNumber,
    /// Whether that end had sent as much in one segment before; `None` if that was not looked up.
    pub larger_before: Option<bool>,
    /// Whether the other end has sent something that does not acknowledge it: a duplicate ACK since it was sent, or anything
    /// since it was repeated.
    pub answered: bool,
}

/// What is sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retransmissions {
    wait: Option<Wait>,
    lost: PerEnd<Option<Lost>>,
    /// Each end's last duplicate ACK: its frame, and what it acknowledges.
    last_duplicate_ack: PerEnd<Option<(FrameNumber, SeqNumber)>>,
}

impl Retransmissions {
    pub(super) fn note(&mut self, seen: &Seen) {
        let &Seen { segment, standing, around, .. } = seen;
        let from = segment.from;
        if let Some(lost) = &mut self.lost[from.peer()] {
            lost.answered = true;
        }
        if standing.step == Step::DuplicateAck {
            self.last_duplicate_ack[from] = Some((segment.frame, segment.ack));
        }
        self.end_wait_for(from);
        let what = match standing.step {
            Step::DataRetransmission => Awaited::Data,
            Step::FinRetransmission => Awaited::Fin,
            Step::KeepAlive | Step::ZeroWindowProbe => Awaited::Probes,
            _ => return,
        };
        let (first, before) =
            around.repeats.map_or((segment.frame, Span(0)), |earlier| (earlier.frame, earlier.before));
        let wait = self.wait.get_or_insert(Wait {
            by: from,
            what,
            first,
            since: segment.time - before,
            last: segment.frame,
            until: segment.time,
            times: 0,
        });
        (wait.last, wait.until, wait.times) = (segment.frame, segment.time, wait.times.saturating_add(1));
        if what == Awaited::Data {
            self.note_lost(segment, first, seen.before[from.peer()].acked());
        }
    }

    /// This end sends something: the other no longer waits for that. Who waits itself may give up with a RST.
    pub(super) fn end_wait_for(&mut self, from: End) {
        self.wait.take_if(|wait| wait.by != from);
    }

    /// Of all payload that is repeated, the first that is not acknowledged is kept: what follows may wait for it only.
    fn note_lost(&mut self, segment: &Segment, first: FrameNumber, acked: Option<SeqNumber>) {
        let asked_for = |(frame, ack): (FrameNumber, SeqNumber)| frame > first && ack == segment.seq;
        let answered = self.last_duplicate_ack[segment.from.peer()].is_some_and(asked_for);
        let lost = &mut self.lost[segment.from];
        match lost {
            Some(lost) if lost.seq == segment.seq => {
                (lost.times, lost.last) = (lost.times.saturating_add(1), segment.frame);
                lost.size = lost.size.min(segment.len);
            }
            Some(lost) if segment.seq.is_after(lost.seq) && acked.is_none_or(|acked| !acked.is_after(lost.seq)) => {}
            _ => {
                *lost = Some(Lost {
                    seq: segment.seq,
                    size: segment.len,
                    times: 1,
                    first,
                    last: segment.frame,
                    larger_before: None,
                    answered,
                });
            }
        }
    }

    /// Payload that has been repeated twice and whose size is to be compared with what was sent before: its first frame.
    pub(in crate::tcp) fn asks_for_sizes(&self, segment: &Segment) -> Option<FrameNumber> {
        let lost = self.lost[segment.from].filter(|lost| lost.seq == segment.seq)?;
        (lost.times == 2 && lost.larger_before.is_none()).then_some(lost.first)
    }

    /// The answer to that: whether its sender had sent as much in one segment before.
    pub(in crate::tcp) fn note_sizes(&mut self, from: End, larger_before: Option<bool>) {
        if let Some(lost) = &mut self.lost[from] {
            lost.larger_before = larger_before;
        }
    }

    /// What one end sends again while nothing comes from the other.
    pub fn wait(&self) -> Option<Wait> {
        self.wait
    }

    /// The payload that an end sends again.
    pub fn lost(&self, by: End) -> Option<Lost> {
        self.lost[by]
    }
}
