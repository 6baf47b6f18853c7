//! One segment in its connection: the facts that all words are chosen by.

use super::clause::Room;
use super::evidence::{Evidence, Marks};
use crate::tcp::{
    Completeness, Connection, Endpoint, Flags, ForeignHops, Phase, Segment, SeqNumber, Side, Standing, State, Step,
    StreamNumber,
};

/// One segment in its connection: all that a sentence about it may speak of.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The index Wireshark gives the connection.
    pub stream: StreamNumber,
    /// What the segment is.
    pub standing: Standing,
    /// What its header says.
    pub segment: Segment,
    /// The connection it belongs to.
    pub connection: &'a Connection,
    /// What the segments before it show.
    pub evidence: Evidence,
}

/// How a segment's payload compares with the largest segment its receiver takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Smaller, or the MSS is not known.
    Part,
    /// Just as large: the sender cut its data here.
    Full {
        /// In bytes.
        mss: u16,
        /// How many of them the options of the header take, if it has any.
        options: Option<u32>,
    },
    /// Its payload alone is larger. The MSS, in bytes.
    Over(u16),
}

impl Scene<'_> {
    fn sender_end(&self) -> &Endpoint {
        self.connection.by_end(self.segment.from)
    }

    fn receiver_end(&self) -> &Endpoint {
        self.connection.by_end(self.segment.from.peer())
    }

    /// Who sent the segment.
    pub(super) fn sender(&self) -> Side {
        self.standing.sender
    }

    /// What the segment does.
    pub(super) fn step(&self) -> Step {
        self.standing.step
    }

    /// Whether it belongs to the opening.
    pub(super) fn opens(&self) -> bool {
        self.standing.phase == Phase::Opening
    }

    /// Bytes of payload.
    pub(super) fn len(&self) -> u32 {
        self.segment.len
    }

    /// Whether all of these flags are set.
    pub(super) fn has(&self, flags: Flags) -> bool {
        self.segment.has(flags)
    }

    /// The raw sequence number.
    pub(super) fn seq(&self) -> u32 {
        self.segment.seq.0
    }

    /// The raw number its sender's next segment starts with.
    pub(super) fn next(&self) -> u32 {
        self.segment.next_seq().0
    }

    /// The raw acknowledgment number.
    pub(super) fn ack(&self) -> u32 {
        self.segment.ack.0
    }

    /// The number before it: the last that it acknowledges.
    pub(super) fn last_acked(&self) -> u32 {
        (self.segment.ack - 1).0
    }

    /// The number that the sender's relative ones are counted from; `None` where there is none.
    pub(super) fn base(&self) -> Option<u32> {
        self.sender_end().base().map(|base| base.0)
    }

    /// The sequence number counted from the sender's initial one.
    pub(super) fn rel_seq(&self) -> u32 {
        relative(self.sender_end(), self.segment.seq)
    }

    /// The next sequence number, counted likewise.
    pub(super) fn rel_next(&self) -> u32 {
        relative(self.sender_end(), self.segment.next_seq())
    }

    /// The last byte of payload, counted likewise.
    pub(super) fn rel_last(&self) -> u32 {
        relative(self.sender_end(), self.segment.payload_seq() + self.segment.len - 1)
    }

    /// The number of the segment's FIN, counted likewise.
    pub(super) fn rel_fin(&self) -> u32 {
        self.rel_next().wrapping_sub(1)
    }

    /// The acknowledgment number, counted from the receiver's initial sequence number.
    pub(super) fn rel_ack(&self) -> u32 {
        relative(self.receiver_end(), self.segment.ack)
    }

    /// The last number that it acknowledges, counted likewise.
    pub(super) fn rel_last_acked(&self) -> u32 {
        self.rel_ack().wrapping_sub(1)
    }

    /// How many bytes of the receiver's payload the segment acknowledges in all. `None` where the opening was not
    /// captured, or not what is acknowledged, so that nobody knows.
    pub(super) fn bytes_acked(&self) -> Option<u32> {
        if self.acks_unseen() {
            return None;
        }
        let peer = self.receiver_end();
        let after_syn = peer.isn()? + 1;
        let of_fin = u32::from(peer.fin().is_some_and(|fin| self.segment.ack == fin + 1));
        let count = self.segment.ack.since(after_syn).wrapping_sub(of_fin);
        (count < 1 << 31).then_some(count)
    }

    /// Whether it acknowledges what was not captured. Where the frame is known, that was: Wireshark compares the number with
    /// the older connection's after ports were reused.
    pub(super) fn acks_unseen(&self) -> bool {
        self.evidence.acks_unseen && self.evidence.acknowledges.is_none() && !self.acks_just_the_syn()
    }

    /// Whether a SYN of the receiver was captured, or its number is known from what acknowledges it.
    pub(super) fn knows_receivers_isn(&self) -> bool {
        self.receiver_end().isn().is_some()
    }

    /// Whether the acknowledgment number is one more than the receiver's initial sequence number: it acknowledges a SYN
    /// and nothing else.
    pub(super) fn acks_just_the_syn(&self) -> bool {
        self.receiver_end().isn().is_some_and(|isn| self.segment.ack == isn + 1)
    }

    /// Whether it does nothing but acknowledge the receiver's FIN, after both ends have closed.
    pub(super) fn acks_fin_again(&self) -> bool {
        self.segment.is_pure_ack() && self.acks_fin() && self.sender_end().fin().is_some()
    }

    /// Whether it acknowledges the receiver's FIN.
    pub(super) fn acks_fin(&self) -> bool {
        self.receiver_end().fin().is_some_and(|fin| self.segment.ack == fin + 1)
    }

    /// Whether it acknowledges the receiver's FIN for the first time, with payload of its own.
    pub(super) fn acks_fin_with_data(&self) -> bool {
        let carries = matches!(self.step(), Step::Data | Step::HalfClosedData);
        carries && self.acks_fin() && self.evidence.acknowledges.is_some()
    }

    /// The number of its sender's FIN, if that was captured before it.
    pub(super) fn sent_fin(&self) -> Option<SeqNumber> {
        self.sender_end().fin().filter(|_| self.standing.so_far.contains(Completeness::FIN))
    }

    /// Whether it is the first that acknowledges the first FIN, and does so with its own FIN.
    pub(super) fn closes_in_three(&self) -> bool {
        self.acks_fin() && self.connection.closing().first_fin_ack() == Some(self.segment.frame)
    }

    /// Whether both ends sent a SYN before they saw the other's.
    pub(super) fn is_simultaneous_open(&self) -> bool {
        self.connection.opening().is_simultaneous()
    }

    /// Whether both ends are one: a socket that is connected to itself.
    pub(super) fn is_to_itself(&self) -> bool {
        self.connection.opening().is_to_itself()
    }

    /// The state of the sender after the segment, and of the receiver.
    pub(super) fn states(&self) -> (State, State) {
        match self.standing.sender {
            Side::Client => (self.standing.client, self.standing.server),
            Side::Server => (self.standing.server, self.standing.client),
        }
    }

    /// Whether these marks are set.
    pub(super) fn is(&self, marks: Marks) -> bool {
        self.evidence.marks.contains(marks)
    }

    /// Whether words about it print relative numbers.
    pub(super) fn speaks_relative(&self) -> bool {
        matches!(
            self.step(),
            Step::Data
                | Step::DataRetransmission
                | Step::OutOfOrderData
                | Step::HalfClosedData
                | Step::Ack
                | Step::DuplicateAck
                | Step::KeepAliveAck
                | Step::ZeroWindowProbeAck
                | Step::WindowUpdate
                | Step::FirstFin
                | Step::SecondFin
                | Step::FinRetransmission
                | Step::FirstFinAck
                | Step::LastAck
        )
    }

    /// Whether words about it may print relative numbers, or raw ones in their place.
    pub(super) fn has_numbers_of_its_own(&self) -> bool {
        self.speaks_relative() || self.step() == Step::KeepAlive
    }

    /// Whether its number lies before its sender's SYN, which was captured.
    pub(super) fn is_before_own_syn(&self) -> bool {
        let end = self.sender_end();
        end.offer().and(end.isn()).is_some_and(|isn| self.segment.seq.is_before(isn))
    }

    /// Whether it acknowledges a number before its receiver's SYN, which was captured.
    pub(super) fn is_before_receivers_syn(&self) -> bool {
        let end = self.receiver_end();
        self.has(Flags::ACK) && end.offer().and(end.isn()).is_some_and(|isn| self.segment.ack.is_before(isn + 1))
    }

    /// Whether it is a RST without ACK flag: it answers a segment (RFC 9293, 3.10.7.1).
    pub(super) fn is_bare_reset(&self) -> bool {
        self.has(Flags::RST) && !self.segment.flags.intersects(Flags::ACK | Flags::SYN)
    }

    /// On one of the first RSTs: the highest number that its receiver had acknowledged.
    pub(super) fn acked_before_reset(&self) -> Option<SeqNumber> {
        self.connection.acked_before_reset(self.segment.frame)
    }

    /// On a segment after the end: whether a RST is that end. After two FINs one end is in TIME-WAIT, or both are.
    pub(super) fn comes_after_reset(&self) -> bool {
        self.states() == (State::Closed, State::Closed) && self.standing.so_far.contains(Completeness::RST)
    }

    /// On a RST: its hops left, where they show that probably someone else sent it.
    pub(super) fn foreign_hops(&self) -> Option<ForeignHops> {
        self.connection.foreign_hops(self.segment.frame)
    }

    /// Whether it is a RST that its receiver is known to accept.
    pub(super) fn is_accepted_reset(&self) -> bool {
        self.standing.reset_acceptable == Some(true)
    }

    /// Whether a SYN of the receiver was captured before it.
    pub(super) fn shows_receivers_syn(&self) -> bool {
        self.shows_syn_of(self.sender().peer(), self.receiver_end())
    }

    fn shows_syn_of(&self, side: Side, end: &Endpoint) -> bool {
        let both = self.is_simultaneous_open() || side == Side::Client;
        let bits = if both { Completeness::SYN | Completeness::SYN_ACK } else { Completeness::SYN_ACK };
        end.offer().is_some() && self.standing.so_far.intersects(bits)
    }

    /// Whether an ICMP error that answers a SYN was captured before.
    pub(super) fn was_unreachable(&self) -> bool {
        self.connection.unreachable_frame().is_some_and(|frame| frame < self.segment.frame)
    }

    /// Whether an earlier segment of its sender has the same numbers.
    pub(super) fn repeats_all(&self) -> bool {
        self.evidence.repeats.is_some_and(|repeated| repeated.whole)
    }

    /// Whether the segment that it repeats was itself a repetition, so that what is said of that was said.
    pub(super) fn repeats_repetition(&self) -> bool {
        self.evidence.repeats.is_some_and(|repeated| repeated.again)
    }

    /// The next block of the receiver's numbers above those that it acknowledges which its SACK option reports, first and
    /// last.
    pub(super) fn sack_hole(&self) -> Option<(u32, u32)> {
        self.evidence.sack.above(self.segment.ack).map(|block| self.rel_block(block))
    }

    /// What its SACK option reports as having arrived twice, first and last.
    pub(super) fn sack_twice(&self) -> Option<(u32, u32)> {
        self.evidence.sack.duplicate(self.segment.ack).map(|block| self.rel_block(block))
    }

    /// Whether its SACK option reports that the last number it acknowledges has arrived twice.
    pub(super) fn had_last_acked_twice(&self) -> bool {
        let last = self.segment.ack - 1;
        let twice = self.evidence.sack.duplicate(self.segment.ack);
        twice.is_some_and(|(first, end)| last.since(first) < end.since(first))
    }

    fn rel_block(&self, (first, end): (SeqNumber, SeqNumber)) -> (u32, u32) {
        let peer = self.receiver_end();
        (relative(peer, first), relative(peer, end - 1))
    }

    /// Its payload beside the receiver's MSS, of which the options of the header are to leave room (RFC 6691).
    pub(super) fn size(&self) -> Size {
        let Some(mss) = self.receiver_end().offer().and_then(|offer| offer.mss) else { return Size::Part };
        let mss = mss.get();
        let options = u32::from(self.segment.header_len).saturating_sub(20);
        let limit = u32::from(mss);
        match self.segment.len {
            len if len > limit => Size::Over(mss),
            len if len == limit => Size::Full { mss, options: None },
            len if len.saturating_add(options) == limit => Size::Full { mss, options: Some(options) },
            _ => Size::Part,
        }
    }

    /// The window in bytes, scaled as both ends agreed. A SYN's own window never is (RFC 7323, 2.2).
    pub(super) fn window(&self) -> u32 {
        match self.sender_end().window_shift(self.receiver_end()) {
            Some(shift) if !self.has(Flags::SYN) => u32::from(self.segment.window) << shift,
            _ => self.segment.window.into(),
        }
    }

    /// The window, where the capture shows before the segment whether it is scaled.
    pub(super) fn room(&self) -> Room {
        let (sender, receiver) = (self.sender_end(), self.receiver_end());
        let captured = [(self.sender(), sender), (self.sender().peer(), receiver)]
            .iter()
            .all(|&(side, end)| end.offer().is_none() || self.shows_syn_of(side, end));
        if captured && sender.knows_window_scale(receiver) || self.segment.window == 0 {
            Room::Bytes(self.window())
        } else {
            Room::Unscaled(self.segment.window)
        }
    }

    /// A segment that opens or closes the connection.
    pub(super) fn is_of_a_handshake(&self) -> bool {
        self.opens()
            || matches!(
                self.step(),
                Step::FirstFin
                    | Step::SecondFin
                    | Step::FinRetransmission
                    | Step::FirstFinAck
                    | Step::LastAck
                    | Step::Abort
            )
    }
}

/// `number` counted from the end's base; the raw number where it has none.
fn relative(end: &Endpoint, number: SeqNumber) -> u32 {
    end.base().map_or(number.0, |base| number.since(base))
}
