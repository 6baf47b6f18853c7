//! The opening handshake (RFC 9293, 3.5), its retries and its odd ways.

mod acknowledged;

use super::Connection;
use super::endpoint::Progress;
use crate::tcp::end::End;
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp, Watch};
use crate::tcp::segment::Segment;
use crate::tcp::standing::{Phase, Step};
use bitflags::bitflags;

bitflags! {
    /// What else was seen of the opening.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Happened: u8 {
        /// A SYN came again after the SYN-ACK.
        const ASKED_ON = 0x01;
        /// Both ends sent a SYN before they saw the other's.
        const SIMULTANEOUS = 0x02;
        /// The connection was open at some time.
        const COMPLETED = 0x04;
        /// A RST answered the SYN.
        const REFUSED = 0x08;
        /// All that was seen so far are segments with impossible flags.
        const PROBED = 0x10;
        /// The SYN-ACK came again. Others, of another number, do not count.
        const ANSWERED_AGAIN = 0x20;
        /// A socket is connected to itself: both ends are one.
        const TO_ITSELF = 0x40;
    }
}

/// What was seen of the opening.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening {
    first_syn: Option<FrameNumber>,
    syn_ack: Option<FrameNumber>,
    ack: Option<FrameNumber>,
    syn_to_syn_ack: Watch,
    syn_ack_to_ack: Watch,
    duration: Watch,
    syn_count: u16,
    syn_ack_count: u16,
    seen: Happened,
}

impl Opening {
    /// The frame of the first SYN.
    pub fn first_syn(&self) -> Option<FrameNumber> {
        self.first_syn
    }

    /// The frame of the first SYN-ACK; of two with different numbers of the one that is acknowledged.
    pub fn syn_ack(&self) -> Option<FrameNumber> {
        self.syn_ack
    }

    /// The frame of the first ACK that completes the handshake; in a simultaneous open of the segment that does.
    pub fn ack(&self) -> Option<FrameNumber> {
        self.ack
    }

    /// From the last SYN before the SYN-ACK to the SYN-ACK: the network's round trip and the server's time to accept.
    pub fn syn_to_syn_ack(&self) -> Watch {
        self.syn_to_syn_ack
    }

    /// From the SYN-ACK to the ACK.
    pub fn syn_ack_to_ack(&self) -> Watch {
        self.syn_ack_to_ack
    }

    /// From the first SYN to the ACK.
    pub fn duration(&self) -> Watch {
        self.duration
    }

    /// When the first SYN was sent, until the handshake is complete.
    pub(in crate::tcp) fn began(&self) -> Option<Timestamp> {
        self.duration.running()
    }

    /// When the SYN-ACK was sent, until the handshake is complete.
    pub(in crate::tcp) fn answered(&self) -> Option<Timestamp> {
        self.syn_ack_to_ack.running()
    }

    /// How long after the first SYN a segment comes. Once the handshake is complete, only where nothing but its ACK came
    /// between; `last` is when that was.
    pub(super) fn since_syn(&self, time: Timestamp, last: Option<Timestamp>) -> Option<Span> {
        match self.duration {
            Watch::Unset => None,
            Watch::Running(began) => Some(time - began),
            Watch::Stopped(span) => Some(span + (time - last?)),
        }
    }

    /// How often a SYN was sent; 65,535 stands for more, too.
    pub fn syn_count(&self) -> u16 {
        self.syn_count
    }

    /// How often a SYN-ACK was sent, likewise.
    pub fn syn_ack_count(&self) -> u16 {
        self.syn_ack_count
    }

    /// Whether both ends sent a SYN before they saw the other's (RFC 9293, 3.5, Figure 7).
    pub fn is_simultaneous(&self) -> bool {
        self.seen.contains(Happened::SIMULTANEOUS)
    }

    /// Whether a socket is connected to itself: both ends are one, whose SYN crosses itself as in a simultaneous open.
    pub fn is_to_itself(&self) -> bool {
        self.seen.contains(Happened::TO_ITSELF)
    }

    /// Whether the connection was open at any time, seen or inferred.
    pub fn is_completed(&self) -> bool {
        self.seen.contains(Happened::COMPLETED)
    }

    /// Whether a RST answered the SYN.
    pub fn is_refused(&self) -> bool {
        self.seen.contains(Happened::REFUSED)
    }

    /// Whether a SYN or SYN-ACK was seen.
    pub fn is_captured(&self) -> bool {
        self.syn_count > 0 || self.syn_ack_count > 0
    }

    /// Whether all that was seen so far are segments with impossible flags.
    pub(in crate::tcp) fn is_probed(&self) -> bool {
        self.seen.contains(Happened::PROBED)
    }

    /// Both ends are one.
    pub(super) fn connect_to_itself(&mut self) {
        self.seen.insert(Happened::TO_ITSELF);
    }

    /// Notes whether all that was seen so far are segments with impossible flags.
    pub(super) fn probe(&mut self, probed: bool) {
        self.seen.set(Happened::PROBED, probed);
    }

    /// Whether the SYN-ACK was repeated, or the SYN was after it.
    pub(super) fn is_repeated_after_syn_ack(&self) -> bool {
        self.seen.intersects(Happened::ASKED_ON | Happened::ANSWERED_AGAIN)
    }

    /// When the last SYN before a SYN-ACK was sent, as long as there is no SYN-ACK.
    pub(super) fn unanswered_since(&self) -> Option<Timestamp> {
        self.syn_to_syn_ack.running()
    }

    /// A RST answers the SYN, or one that did is shown not to have counted.
    pub(super) fn refuse(&mut self, refused: bool) {
        self.seen.set(Happened::REFUSED, refused);
    }

    /// Something shows that the connection was open, or that what showed it was wrong.
    pub(super) fn infer(&mut self, completed: bool) {
        self.seen.set(Happened::COMPLETED, completed);
    }

    fn count_syn(&mut self, segment: &Segment) {
        self.syn_count = self.syn_count.saturating_add(1);
        if self.syn_ack.is_none() {
            self.syn_to_syn_ack.start(segment.time);
        } else {
            self.seen.insert(Happened::ASKED_ON);
        }
    }

    fn note_first_syn(&mut self, segment: &Segment) {
        self.first_syn = Some(segment.frame);
        self.duration.start(segment.time);
    }

    /// Another attempt begins, or the first.
    fn begin(&mut self, segment: &Segment, crossing: bool) {
        self.seen.remove(Happened::REFUSED);
        if crossing {
            self.seen.insert(Happened::SIMULTANEOUS);
        }
        if self.first_syn.is_none() {
            self.note_first_syn(segment);
        }
    }

    fn note_syn_ack(&mut self, segment: &Segment) {
        if self.syn_ack.is_none() {
            self.syn_ack = Some(segment.frame);
            self.syn_to_syn_ack.stop(segment.time);
            self.syn_ack_to_ack.start(segment.time);
        }
    }

    /// Of two SYN-ACKs the later one counts.
    fn take_other(&mut self, other: OtherSynAck) {
        if let (Watch::Stopped(span), Watch::Running(first)) = (self.syn_to_syn_ack, self.syn_ack_to_ack) {
            self.syn_to_syn_ack = Watch::Stopped(span + (other.time - first));
        }
        self.syn_ack = Some(other.frame);
        self.syn_ack_to_ack.start(other.time);
    }

    /// Notes the segment that completes the handshake.
    fn complete(&mut self, segment: &Segment) {
        self.seen.insert(Happened::COMPLETED);
        self.ack.get_or_insert(segment.frame);
        self.syn_ack_to_ack.stop(segment.time);
        self.duration.stop(segment.time);
    }
}

/// A SYN-ACK with another number than its sender's first, while it is open which of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OtherSynAck {
    isn: SeqNumber,
    frame: FrameNumber,
    time: Timestamp,
}

/// What a SYN without ACK is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Syn {
    /// The SYN of this connection, captured behind the segments that answer it.
    Late,
    /// It comes while the connection is open: one that was captured before, or another.
    OnOpenConnection { again: bool },
    /// The first SYN again, after a close with FINs.
    AfterClose,
    /// The first SYN again, while it is not answered.
    Again,
    /// The first SYN again, after a RST: it begins another attempt.
    AnotherAttempt,
    /// It begins an attempt while the peer's own SYN is on its way.
    Crossing,
    /// It begins an attempt.
    First,
}

/// What a SYN-ACK is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SynAck {
    /// It acknowledges nothing that its receiver has sent.
    WrongAck,
    /// The first one that was captured.
    First,
    /// The second of a simultaneous open, or the only one of an end that connects to itself: it completes the handshake.
    Completing,
    /// A retransmission.
    Again,
    /// One with another initial sequence number.
    Conflicting,
}

/// What a segment is.
impl Connection {
    fn classify_syn(&self, segment: &Segment) -> Syn {
        let (sender, receiver) = self.ends.pair(segment.from);
        let captured = sender.offer().is_some();
        let again = captured && sender.isn() == Some(segment.seq);
        match self.phase {
            _ if !captured && sender.isn().or(sender.base()) == Some(segment.seq) => Syn::Late,
            phase if self.opening.is_completed() && phase != Phase::Closed => Syn::OnOpenConnection { again },
            Phase::Closed if again && self.ended().is_none() => Syn::AfterClose,
            Phase::Opening if again => Syn::Again,
            _ if again => Syn::AnotherAttempt,
            _ if receiver.progress() == Progress::Calling => Syn::Crossing,
            _ => Syn::First,
        }
    }

    fn classify_syn_ack(&self, segment: &Segment) -> SynAck {
        let (sender, receiver) = self.ends.pair(segment.from);
        let opens = self.phase == Phase::Opening;
        let crosses = opens && self.opening.is_simultaneous();
        let acks_nothing_sent =
            receiver.isn().is_some_and(|isn| !segment.ack.is_within(isn + 1, receiver.next().unwrap_or(isn + 1)));
        if opens && acks_nothing_sent {
            SynAck::WrongAck
        } else if self.opening.is_to_itself() && self.opening.syn_ack.is_none() {
            SynAck::Completing
        } else if crosses && receiver.progress() == Progress::Answered {
            // Each SYN-ACK acknowledges the other's SYN (RFC 9293, 3.5, Figure 7).
            SynAck::Completing
        } else if self.opening.syn_ack.is_none() {
            SynAck::First
        } else if crosses || sender.isn().is_none_or(|isn| isn == segment.seq) {
            SynAck::Again
        } else {
            SynAck::Conflicting
        }
    }
}

/// What a segment changes.
impl Connection {
    /// An ICMP "destination unreachable" quotes a segment of this connection, with this sequence number.
    pub fn unreachable(&mut self, frame: FrameNumber, from: End, seq: SeqNumber) {
        let quotes_syn = self.ends[from].isn() == Some(seq);
        if self.phase == Phase::Opening && quotes_syn && self.opening.syn_ack.is_none() {
            self.unusual().unreachable.get_or_insert(frame);
        }
    }

    /// A SYN without ACK.
    pub(super) fn syn(&mut self, segment: &Segment) -> (Phase, Step) {
        let syn = self.classify_syn(segment);
        self.opening.count_syn(segment);
        match syn {
            Syn::Late => {
                self.ends[segment.from].reveal_syn(segment.seq);
                self.opening.note_first_syn(segment);
            }
            // RFC 9293, 3.10.7.4: the receiver answers with a challenge ACK.
            Syn::OnOpenConnection { .. } => self.ends[segment.from.peer()].owe_challenge(true),
            Syn::AfterClose => {}
            Syn::Again => self.ends[segment.from.peer()].hear_call(),
            Syn::AnotherAttempt | Syn::Crossing | Syn::First => self.call(segment, syn),
        }
        if !matches!(syn, Syn::OnOpenConnection { again: false }) {
            self.ends[segment.from].note_sent(segment);
        }
        let step = match syn {
            Syn::OnOpenConnection { again: false } => Step::UnexpectedSyn,
            Syn::OnOpenConnection { again: true } | Syn::Again | Syn::AnotherAttempt => Step::SynRetransmission,
            Syn::AfterClose => Step::AfterClose,
            Syn::Crossing => Step::SimultaneousSyn,
            Syn::Late | Syn::First if segment.len > 0 => Step::SynWithData,
            Syn::Late | Syn::First => Step::Syn,
        };
        (if syn == Syn::Late { Phase::Opening } else { self.phase }, step)
    }

    /// A SYN that begins an attempt: the first, or one after the attempt before it had ended.
    fn call(&mut self, segment: &Segment, syn: Syn) {
        self.enter(Phase::Opening);
        self.opening.begin(segment, syn == Syn::Crossing);
        if segment.len != self.syn_payload() {
            self.unusual().syn_payload = segment.len;
        }
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        sender.call(segment.seq, syn == Syn::AnotherAttempt);
        receiver.hear_call();
    }

    /// A segment with SYN and ACK.
    pub(super) fn syn_ack(&mut self, segment: &Segment) -> (Phase, Step) {
        let syn_ack = self.classify_syn_ack(segment);
        let phase = self.phase;
        self.opening.syn_ack_count = self.opening.syn_ack_count.saturating_add(1);
        self.ends[segment.from].owe_challenge(false);
        match syn_ack {
            SynAck::WrongAck => self.ends[segment.from].mistake(segment),
            _ => self.take_in_syn_ack(segment, syn_ack),
        }
        match syn_ack {
            SynAck::WrongAck => (phase, Step::WrongAck),
            SynAck::First | SynAck::Completing => (Phase::Opening, Step::SynAck),
            SynAck::Again => (self.phase, Step::SynAckRetransmission),
            SynAck::Conflicting => (phase, Step::ConflictingSynAck),
        }
    }

    /// A SYN-ACK that acknowledges the SYN.
    fn take_in_syn_ack(&mut self, segment: &Segment, syn_ack: SynAck) {
        self.doubt_reset(segment);
        if self.ends[segment.from].fin().is_some() {
            self.unusual().fins_out_of_order = true;
        }
        self.answer(segment);
        if syn_ack == SynAck::Completing {
            self.opening.seen.insert(Happened::SIMULTANEOUS);
            self.opening.complete(segment);
            self.enter(Phase::Data);
        }
        if syn_ack == SynAck::Again {
            self.opening.seen.insert(Happened::ANSWERED_AGAIN);
            if self.has_only_answered(segment.from) {
                self.ends[segment.from].wait_on();
            } else if self.is_open_by_ack_only(segment.from) {
                self.open_again(segment.from);
            }
        }
        if syn_ack != SynAck::Conflicting {
            self.ends[segment.from].note_sent(segment);
        }
    }

    /// A SYN-ACK that answers a SYN, captured or not.
    fn answer(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        if receiver.isn().is_none() {
            receiver.reveal_syn(segment.ack - 1);
        }
        if !sender.answer(segment.seq) {
            let other = OtherSynAck { isn: segment.seq, frame: segment.frame, time: segment.time };
            self.unusual().other_syn_acks[segment.from] = Some(other);
        }
        self.opening.note_syn_ack(segment);
    }
}
