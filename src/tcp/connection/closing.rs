//! The closing handshake (RFC 9293, 3.6).

use super::Connection;
use super::endpoint::{Endpoint, Tail};
use crate::tcp::end::End;
use crate::tcp::number::{FrameNumber, Timestamp, Watch};
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
    /// Who sent the FIN that was captured first.
    first_fin_from: Option<End>,
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

    /// When the first FIN was sent, until the second is acknowledged.
    pub(in crate::tcp) fn began(&self) -> Option<Timestamp> {
        self.duration.running()
    }

    fn note_first_fin(&mut self, segment: &Segment) {
        self.first_fin = Some(segment.frame);
        self.duration.start(segment.time);
        self.first_fin_from = Some(segment.from);
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

    /// Whether a segment lies beyond the window that its receiver last announced, in a connection of which all was captured
    /// (RFC 9293, 3.10.7.4).
    pub(super) fn is_out_of_window(&self, segment: &Segment) -> bool {
        let (sender, receiver) = self.ends.pair(segment.from);
        let window = receiver.window_bytes(sender);
        let beyond = receiver.acked().is_some_and(|acked| {
            let ahead = segment.seq.since(acked);
            ahead > window && ahead < 1 << 31 && sender.next() != Some(segment.seq)
        });
        self.is_whole() && receiver.knows_window_scale(sender) && beyond
    }

    /// `None` if it acknowledges no FIN, or one that is acknowledged already.
    fn classify_fin_ack(&self, segment: &Segment) -> Option<FinAck> {
        let (sender, receiver) = self.ends.pair(segment.from);
        let fin = receiver.fin()?;
        if sender.has_acked_fin_of(receiver) || segment.ack.is_before(fin + 1) {
            return None;
        }
        let own_acked = receiver.has_acked_fin_of(sender) || self.opening.is_to_itself();
        let all_acked = sender.will_have_acked_fin_of(receiver, segment) && own_acked;
        Some(match segment.len {
            0 if all_acked => FinAck::Last,
            0 => FinAck::OneOfTwo,
            _ => FinAck::WithData,
        })
    }
}

/// What became known of the closing.
impl Connection {
    /// Who closed first: the sender of the first FIN, or where there was none of the RST that ended the connection. `None`
    /// where nothing did, or where the capture leaves it open.
    pub fn closed_first(&self) -> Option<Side> {
        let end = match (self.closing.first_fin_from, self.ended()) {
            (Some(first), _) => self.first_fin_sender(first),
            (None, Some(reset)) => (reset.is_first && (reset.aborts || self.opening.is_refused())).then_some(reset.by),
            (None, None) => None,
        };
        end.filter(|_| self.roles.are_reliable()).map(|end| self.side_of(end))
    }

    /// `first` sent the first FIN that was captured: was there one of the other end before?
    fn first_fin_sender(&self, first: End) -> Option<End> {
        let peer = &self.ends[first.peer()];
        // The peer's FIN may have crossed with the one that was captured, or gone before it.
        let hidden = peer.fin().is_none() && (peer.tail() != Tail::Captured || peer.is_silent());
        if hidden || self.unusual.as_ref().is_some_and(|unusual| unusual.fins_out_of_order) {
            return None;
        }
        match (self.first_fin_covers_second(), peer.closes_second()) {
            (false, _) => Some(first),
            (true, false) => Some(first.peer()),
            (true, true) => None,
        }
    }

    /// Whether the FIN that was captured first acknowledges the other.
    pub(super) fn first_fin_covers_second(&self) -> bool {
        let acks = self.unusual.as_ref().and_then(|unusual| unusual.first_fin_acks);
        let second = self.closing.first_fin_from.and_then(|first| self.ends[first.peer()].fin());
        acks.zip(second).is_some_and(|(acks, second)| acks.is_after(second))
    }

    /// Whether both ends have sent their FIN, captured or not.
    pub fn both_have_closed(&self) -> bool {
        let (a, b) = self.ends.pair(End::A);
        let has_closed = |end: &Endpoint, peer: &Endpoint| end.fin().is_some() || end.has_hidden_fin(peer);
        // Two FINs that nobody answers may have crossed with an abort.
        let answered = a.has_acked_fin_of(b) || b.has_acked_fin_of(a) || a.fin().or(b.fin()).is_none();
        has_closed(a, b) && has_closed(b, a) && answered
    }

    /// Whether an end has sent a FIN that was not captured, as the numbers show.
    pub fn has_hidden_fin(&self, side: Side) -> bool {
        self.by_side(side).has_hidden_fin(self.by_side(side.peer()))
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
        self.note_doubtful(segment, fin);
        match fin {
            Fin::Again => {
                self.take_in(segment);
                self.finish_if_all_acked(segment);
                (phase, Step::FinRetransmission)
            }
            Fin::AfterClose => (phase, Step::AfterClose),
            Fin::First => {
                self.close_end(segment);
                self.enter(Phase::Closing);
                self.closing.note_first_fin(segment);
                (Phase::Closing, Step::FirstFin)
            }
            Fin::Second => {
                // Its sender had gone on behind it before, or with more that was not captured: it may be a copy of one that
                // was not captured either.
                let next = self.ends[segment.from].next();
                if next.is_some_and(|next| !segment.next_seq().is_after(next) || segment.seq.is_after(next)) {
                    self.unusual().fins_out_of_order = true;
                }
                self.close_end(segment);
                self.enter(Phase::Closing);
                self.note_first_fin_ack(segment);
                self.closing.second_fin = Some(segment.frame);
                (Phase::Closing, Step::SecondFin)
            }
        }
    }

    fn close_end(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        sender.close(segment, receiver);
        if segment.has(Flags::ACK) {
            receiver.skip_to(segment.ack);
        }
    }

    /// A segment with payload behind its sender's FIN, which nobody has acknowledged: that FIN was not the sender's.
    pub(super) fn drop_wrong_fin(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        let behind =
            sender.fin().is_some_and(|fin| segment.len > 0 && (segment.payload_seq() + segment.len).is_after(fin + 1));
        if behind && self.closing.second_fin.is_none() && !receiver.has_acked_fin_of(sender) {
            sender.take_back_fin();
            self.closing = Closing::default();
            self.enter(Phase::Data);
        }
    }

    /// Notes what the first FIN acknowledges, if the peer's FIN may be among it, which was not captured.
    fn note_doubtful(&mut self, segment: &Segment, fin: Fin) {
        if fin != Fin::First {
            return;
        }
        let peer = &self.ends[segment.from.peer()];
        let unseen = peer.next().is_none_or(|next| segment.ack.is_after(next));
        if unseen || peer.tail() != Tail::Captured && peer.next() == Some(segment.ack) {
            self.unusual().first_fin_acks = Some(segment.ack);
        }
    }

    /// A segment without FIN, if it acknowledges the peer's FIN for the first time.
    fn fin_ack(&mut self, segment: &Segment) -> Option<(Phase, Step)> {
        let step = match self.classify_fin_ack(segment)? {
            FinAck::OneOfTwo => Step::FirstFinAck,
            FinAck::Last => Step::LastAck,
            FinAck::WithData => self.classify_exchange(segment),
        };
        let was_closing = self.phase == Phase::Closing;
        self.take_in(segment);
        self.note_first_fin_ack(segment);
        self.finish_if_all_acked(segment);
        Some((if was_closing { Phase::Closing } else { self.phase }, step))
    }

    /// Notes the segment if it is the first that acknowledges the first FIN.
    fn note_first_fin_ack(&mut self, segment: &Segment) {
        let by_second = self.closing.first_fin_from == Some(segment.from.peer());
        let (sender, receiver) = self.ends.pair(segment.from);
        if by_second && sender.has_acked_fin_of(receiver) {
            self.closing.first_fin_ack.get_or_insert(segment.frame);
        }
    }

    /// Where both ends are one: what a segment makes of its sender, it makes of its receiver.
    pub(super) fn be_one(&mut self, segment: &Segment) {
        self.ends[segment.from.peer()] = self.ends[segment.from];
        self.finish_if_all_acked(segment);
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
