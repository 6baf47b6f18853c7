//! The closing handshake (RFC 9293, 3.6).

use super::connection::Connection;
use super::number::{FrameNumber, Watch};
use super::segment::{Flags, Segment};
use super::verdict::{Phase, Side, Step};

/// What was seen of the closing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing {
    /// The frame of the first FIN.
    pub first_fin: Option<FrameNumber>,
    /// The frame of the ACK of the first FIN: a segment of its own, or the second FIN (a close in three segments).
    pub first_fin_ack: Option<FrameNumber>,
    /// The frame of the other end's FIN.
    pub second_fin: Option<FrameNumber>,
    /// The frame of the ACK of the second FIN.
    pub last_ack: Option<FrameNumber>,
    /// From the first FIN to the ACK of the second.
    pub duration: Watch,
    /// Who sent the first FIN, or where there was none the RST that ended the connection.
    pub initiator: Option<Side>,
    /// Who sent the RST that ended the connection.
    pub aborted_by: Option<Side>,
}

impl Connection {
    /// The part of a segment that closes: its own FIN, or its ACK of the peer's. `None` if it does neither.
    pub(super) fn close(&mut self, segment: &Segment) -> Option<(Phase, Step)> {
        if segment.has(Flags::FIN) {
            return Some(self.fin(segment));
        }
        let was_closing = self.phase == Phase::Closing;
        let (sender, receiver) = self.pair(segment.from);
        let fin = receiver.fin?;
        let news = !sender.has_acked(fin + 1);
        let sender_done = sender.fin.is_some();
        if !news || segment.ack.is_before(fin + 1) {
            return None;
        }
        let step = match (segment.len, sender_done) {
            (0, false) => Step::FirstFinAck,
            (0, true) => Step::LastAck,
            _ => self.flow(segment),
        };
        self.pair(segment.from).0.note_sent(segment);
        self.note_first_fin_ack(segment);
        let closed = self.finish_if_all_acked(segment);
        let step = if step == Step::LastAck && !closed { Step::FirstFinAck } else { step };
        let phase = if was_closing { Phase::Closing } else { self.phase };
        Some((phase, step))
    }

    /// A segment with FIN.
    fn fin(&mut self, segment: &Segment) -> (Phase, Step) {
        let place = segment.seq + segment.len;
        let phase = self.phase;
        let (sender, receiver) = self.pair(segment.from);
        if sender.fin.is_some() {
            sender.note_sent(segment);
            self.finish_if_all_acked(segment);
            return (phase, Step::FinRetransmission);
        }
        if phase == Phase::Closed {
            sender.note_sent(segment);
            return (phase, Step::AfterClose);
        }
        sender.fin = Some(place);
        sender.note_sent(segment);
        let second = receiver.fin.is_some();
        sender.closes_second = receiver.fin.is_some_and(|fin| sender.has_acked(fin + 1));
        let side = self.side(segment.from);
        self.phase = Phase::Closing;
        self.note_first_fin_ack(segment);
        if second {
            self.closing.second_fin = Some(segment.frame);
            (Phase::Closing, Step::SecondFin)
        } else {
            self.closing.first_fin = Some(segment.frame);
            self.closing.duration.start(segment.time);
            self.closing.initiator = Some(side);
            (Phase::Closing, Step::FirstFin)
        }
    }

    /// Notes the segment if it is the first that acknowledges the first FIN.
    fn note_first_fin_ack(&mut self, segment: &Segment) {
        let first = self.closing.initiator == Some(self.side(segment.from.peer()));
        let (sender, receiver) = self.pair(segment.from);
        if first && receiver.fin.is_some_and(|fin| sender.has_acked(fin + 1)) {
            self.closing.first_fin_ack.get_or_insert(segment.frame);
        }
    }

    /// The connection is closed once each end has acknowledged the other's FIN.
    fn finish_if_all_acked(&mut self, segment: &Segment) -> bool {
        let [a, b] = &self.ends;
        let acked = |by: &super::endpoint::Endpoint, of: &super::endpoint::Endpoint| {
            of.fin.is_some_and(|fin| by.has_acked(fin + 1))
        };
        let closed = acked(a, b) && acked(b, a);
        if closed && self.phase != Phase::Closed {
            self.phase = Phase::Closed;
            self.closing.last_ack = Some(segment.frame);
            self.closing.duration.stop(segment.time);
        }
        closed
    }
}
