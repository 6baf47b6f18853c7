//! How often the opening was tried, and what got in its way.

use super::seen::Seen;
use crate::tcp::frames::Frames;
use crate::tcp::number::{FrameNumber, Span, Timestamp};
use crate::tcp::standing::{Phase, Step};
use crate::tcp::verdict::{Disturbance, Misfit};

/// How soon nothing is sent again: the first timeout of a SYN is a second (RFC 6298, 2.1), and those in use are hardly shorter.
const SOON: Span = Span(100_000_000);

/// The SYNs and SYN-ACKs of an opening that was tried more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    syns: Frames,
    last_syn: Option<Timestamp>,
    syns_after_answer: Frames,
    syn_acks_again: Frames,
    ack_ignored: Frames,
    disturbance: Option<Disturbance>,
}

impl Attempts {
    pub(super) fn note(&mut self, seen: &Seen) {
        let &Seen { segment, standing, .. } = seen;
        match standing.step {
            Step::SynRetransmission | Step::SynAckRetransmission if self.is_copy(seen) => {}
            Step::SynRetransmission if standing.phase == Phase::Opening => {
                if let (0, Some(earlier)) = (self.syns.count, seen.around.repeats) {
                    self.syns.push(earlier.frame);
                }
                self.syns.push(segment.frame);
                self.last_syn = Some(segment.time);
                if seen.answered {
                    self.syns_after_answer.push(segment.frame);
                }
            }
            Step::SynAckRetransmission => {
                self.syn_acks_again.push(segment.frame);
                // Half a round trip for the ACK to arrive, half for the SYN-ACK to come back.
                if seen.acked && seen.to_server.is_some_and(|round_trip| seen.idle() >= round_trip) {
                    self.ack_ignored.push(segment.frame);
                }
            }
            Step::WrongAck => self.disturb(segment.frame, seen.acks_wrong()),
            Step::ConflictingSynAck => self.disturb(segment.frame, seen.answers_otherwise()),
            Step::ChallengeAck if standing.phase == Phase::Opening => self.disturb(segment.frame, seen.acks_wrong()),
            _ => {}
        }
    }

    /// Whether it repeats what was captured so shortly before that it is a copy: no timer is that short. A SYN-ACK may answer a
    /// SYN that came since.
    fn is_copy(&self, seen: &Seen) -> bool {
        let Some(earlier) = seen.around.repeats.filter(|earlier| earlier.before < SOON) else { return false };
        seen.standing.step != Step::SynAckRetransmission || self.syns.last() < Some(earlier.frame)
    }

    fn disturb(&mut self, frame: FrameNumber, misfit: Option<Misfit>) {
        self.disturbance.get_or_insert(Disturbance { frame, misfit });
    }

    pub(super) fn note_reset(&mut self, seen: &Seen) {
        let &Seen { segment, standing, .. } = seen;
        if standing.step == Step::Abort && standing.phase == Phase::Opening && !seen.ended {
            // It ends what only its receiver holds to be a connection: the segment that it answers is of that.
            match seen.reset_answers() {
                Some(answered) => self.disturb(answered, seen.answers_wrong_ack()),
                None => self.disturb(segment.frame, None),
            }
        }
    }

    /// All SYNs, once there are two.
    pub fn syns(&self) -> Frames {
        self.syns
    }

    /// When the last of them was captured.
    pub fn last_syn(&self) -> Option<Timestamp> {
        self.last_syn
    }

    /// The SYNs after the SYN-ACK.
    pub fn syns_after_answer(&self) -> Frames {
        self.syns_after_answer
    }

    /// The repeated SYN-ACKs.
    pub fn syn_acks_again(&self) -> Frames {
        self.syn_acks_again
    }

    /// The SYN-ACKs that repeat what the client has acknowledged, when its ACK can have arrived.
    pub fn ack_ignored(&self) -> Frames {
        self.ack_ignored
    }

    /// The first segment that got in the way of the opening.
    pub fn disturbance(&self) -> Option<Disturbance> {
        self.disturbance
    }
}
