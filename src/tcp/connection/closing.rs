//! The closing handshake (RFC 9293, 3.6).

use super::Connection;
use crate::tcp::number::{FrameNumber, Watch};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Phase, Side, Step};

/// What was seen of the closing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing {
    first_fin: Option<FrameNumber>,
    first_fin_ack: Option<FrameNumber>,
    second_fin: Option<FrameNumber>,
    last_ack: Option<FrameNumber>,
    duration: Watch,
    initiator: Option<Side>,
    aborted_by: Option<Side>,
}

impl Closing {
    /// The frame of the first FIN.
    pub fn first_fin(&self) -> Option<FrameNumber> {
        self.first_fin
    }

    /// The frame of the ACK of the first FIN: a segment of its own, or the second FIN (a close in three segments).
    pub fn first_fin_ack(&self) -> Option<FrameNumber> {
        self.first_fin_ack
    }

    /// The frame of the other end's FIN.
    pub fn second_fin(&self) -> Option<FrameNumber> {
        self.second_fin
    }

    /// The frame of the ACK of the second FIN.
    pub fn last_ack(&self) -> Option<FrameNumber> {
        self.last_ack
    }

    /// From the first FIN to the ACK of the second.
    pub fn duration(&self) -> Watch {
        self.duration
    }

    /// Who sent the first FIN, or where there was none the RST that ended the connection.
    pub fn initiator(&self) -> Option<Side> {
        self.initiator
    }

    /// Who sent the RST that ended the connection.
    pub fn aborted_by(&self) -> Option<Side> {
        self.aborted_by
    }

    /// A RST ends the connection.
    pub(super) fn abort(&mut self, by: Side) {
        self.aborted_by = Some(by);
        self.initiator.get_or_insert(by);
    }

    fn note_first_fin(&mut self, segment: &Segment, side: Side) {
        self.first_fin = Some(segment.frame);
        self.duration.start(segment.time);
        self.initiator = Some(side);
    }

    fn note_last_ack(&mut self, segment: &Segment) {
        self.last_ack = Some(segment.frame);
        self.duration.stop(segment.time);
    }
}

/// What a segment with FIN is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fin {
    /// The first of the connection.
    First,
    /// The other end's.
    Second,
    /// Sent before.
    Again,
    /// Its sender's first, after the connection has ended.
    AfterClose,
}

/// What a segment without FIN is that acknowledges the peer's FIN for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FinAck {
    /// An ACK after which something is left to acknowledge.
    OneOfTwo,
    /// The ACK after which nothing is.
    Last,
    /// Payload that acknowledges the FIN on its way.
    WithData,
}

/// What a segment is.
impl Connection {
    fn classify_fin(&self, segment: &Segment) -> Fin {
        let (sender, receiver) = self.ends.pair(segment.from);
        if sender.fin().is_some() {
            Fin::Again
        } else if self.phase == Phase::Closed {
            Fin::AfterClose
        } else if receiver.fin().is_some() {
            Fin::Second
        } else {
            Fin::First
        }
    }

    /// `None` if it acknowledges no FIN, or one that is acknowledged already.
    fn classify_fin_ack(&self, segment: &Segment) -> Option<FinAck> {
        let (sender, receiver) = self.ends.pair(segment.from);
        let fin = receiver.fin()?;
        if sender.has_acked_fin_of(receiver) || segment.ack.is_before(fin + 1) {
            return None;
        }
        let all_acked = sender.will_have_acked_fin_of(receiver, segment) && receiver.has_acked_fin_of(sender);
        Some(match segment.len {
            0 if all_acked => FinAck::Last,
            0 => FinAck::OneOfTwo,
            _ => FinAck::WithData,
        })
    }
}

/// What a segment changes.
impl Connection {
    /// The part of a segment that closes: its own FIN, or its ACK of the peer's. `None` if it does neither.
    pub(super) fn close(&mut self, segment: &Segment) -> Option<(Phase, Step)> {
        if segment.has(Flags::FIN) { Some(self.fin(segment)) } else { self.fin_ack(segment) }
    }

    /// A segment with FIN.
    fn fin(&mut self, segment: &Segment) -> (Phase, Step) {
        let fin = self.classify_fin(segment);
        let phase = self.phase;
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        match fin {
            Fin::Again => {
                sender.note_sent(segment);
                self.finish_if_all_acked(segment);
                (phase, Step::FinRetransmission)
            }
            Fin::AfterClose => {
                sender.note_sent(segment);
                (phase, Step::AfterClose)
            }
            Fin::First => {
                sender.close(segment, receiver);
                self.enter(Phase::Closing);
                self.closing.note_first_fin(segment, self.side_of(segment.from));
                (Phase::Closing, Step::FirstFin)
            }
            Fin::Second => {
                sender.close(segment, receiver);
                self.enter(Phase::Closing);
                self.note_first_fin_ack(segment);
                self.closing.second_fin = Some(segment.frame);
                (Phase::Closing, Step::SecondFin)
            }
        }
    }

    /// A segment without FIN, if it acknowledges the peer's FIN for the first time.
    fn fin_ack(&mut self, segment: &Segment) -> Option<(Phase, Step)> {
        let step = match self.classify_fin_ack(segment)? {
            FinAck::OneOfTwo => Step::FirstFinAck,
            FinAck::Last => Step::LastAck,
            FinAck::WithData => self.classify_flow(segment),
        };
        let was_closing = self.phase == Phase::Closing;
        self.ends[segment.from].note_sent(segment);
        self.note_first_fin_ack(segment);
        self.finish_if_all_acked(segment);
        Some((if was_closing { Phase::Closing } else { self.phase }, step))
    }

    /// Notes the segment if it is the first that acknowledges the first FIN.
    fn note_first_fin_ack(&mut self, segment: &Segment) {
        let by_second = self.closing.initiator == Some(self.side_of(segment.from.peer()));
        let (sender, receiver) = self.ends.pair(segment.from);
        if by_second && sender.has_acked_fin_of(receiver) {
            self.closing.first_fin_ack.get_or_insert(segment.frame);
        }
    }

    /// The connection is closed once each end has acknowledged the other's FIN.
    fn finish_if_all_acked(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair(segment.from);
        let all_acked = sender.has_acked_fin_of(receiver) && receiver.has_acked_fin_of(sender);
        if all_acked && self.phase != Phase::Closed {
            self.enter(Phase::Closed);
            self.closing.note_last_ack(segment);
        }
    }
}
