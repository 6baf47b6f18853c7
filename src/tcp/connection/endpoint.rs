//! One end of a connection: what it has sent, what it has acknowledged, and the state that follows from it.

use super::numbers::{Number, Numbers};
use crate::tcp::number::SeqNumber;
use crate::tcp::options::Options;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::State;
use bitflags::bitflags;
use std::num::NonZeroU16;

/// How far an end has come with opening the connection, as the capture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing of it has been seen.
    #[default]
    Unseen,
    /// The peer has sent it a SYN.
    Called,
    /// It has sent a SYN.
    Calling,
    /// It has answered a SYN that its peer has not sent here with a SYN-ACK.
    Mistaken,
    /// It has answered a SYN with a SYN-ACK.
    Answered,
    /// The handshake is complete, or had been when the capture began.
    Open,
}

/// Whether the last number that an end is known to have used was captured. A FIN takes the last number of all, so this
/// says whether there may be one that was not captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// It was not, or nothing was: what stands there may be a FIN or anything else.
    #[default]
    Unknown,
    /// It alone was not: a FIN, or a single byte.
    OneMissing,
    /// It was: a SYN, a byte or a FIN. Nothing is known to have followed.
    Captured,
}

bitflags! {
    /// What else is known of an end.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Marks: u8 {
        /// Its FIN follows its ACK of the peer's: it closes second.
        const CLOSES_SECOND = 0x01;
        /// The peer has just sent a SYN or RST that calls for a challenge ACK.
        const OWES_CHALLENGE = 0x02;
        /// It has given up, or a RST has ended the connection for it.
        const GONE = 0x04;
        /// It has spoken since a RST was sent to it.
        const SPOKE_SINCE = 0x08;
        /// Some of the numbers it has used were not captured before those that follow.
        const HOLES = 0x10;
    }
}

/// What a SYN or SYN-ACK offers.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The shift of its sender's window.
    pub window_scale: Option<u8>,
    /// The largest segment its sender can take, in bytes (RFC 6691).
    pub mss: Option<NonZeroU16>,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Endpoint {
    progress: Progress,
    tail: Tail,
    marks: Marks,
    numbers: Numbers,
    window: u16,
    offer: Option<Offer>,
}

/// What is known of it.
impl Endpoint {
    /// Its initial sequence number: of its SYN, or one less than what the peer's first ACK in the handshake expects.
    pub fn isn(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Isn)
    }

    /// What its relative sequence numbers count from: its ISN, or where the capture began one less than its first
    /// number, as Wireshark does.
    pub fn base(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Base)
    }

    /// The sequence number of its FIN, if one was captured.
    pub fn fin(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Fin)
    }

    /// What its first SYN or SYN-ACK offered; `None` if none was captured.
    pub fn offer(&self) -> Option<Offer> {
        self.offer
    }

    /// The window it last announced, in bytes, scaled if both ends offered to scale.
    pub fn window_bytes(&self, peer: &Endpoint) -> u32 {
        u32::from(self.window) << self.window_shift(peer).unwrap_or(0)
    }

    /// The shift of the windows it announces: `None` unless both ends offered to scale (RFC 7323, 2.2).
    pub fn window_shift(&self, peer: &Endpoint) -> Option<u8> {
        peer.offer?.window_scale.and(self.offer?.window_scale)
    }

    /// Whether the scale of its windows is known: both ends' SYNs were captured.
    pub fn knows_window_scale(&self, peer: &Endpoint) -> bool {
        self.offer.is_some() && peer.offer.is_some()
    }

    /// Whether it is known to have sent something that was not captured.
    pub fn has_holes(&self) -> bool {
        self.marks.contains(Marks::HOLES)
    }

    /// Whether its FIN was not captured, but its ACK was: the peer acknowledges one number more than was captured, and
    /// nothing follows there.
    pub fn has_hidden_fin(&self, peer: &Endpoint) -> bool {
        self.fin().is_none() && self.tail == Tail::OneMissing && self.next().is_some() && peer.acked() == self.next()
    }

    /// How far it is with the opening.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    pub(super) fn is_unseen(&self) -> bool {
        self.progress == Progress::Unseen
    }

    /// Whether it has answered a SYN that its peer has not sent here, and nothing else.
    pub(super) fn is_mistaken(&self) -> bool {
        self.progress == Progress::Mistaken
    }

    /// Whether nothing that it sent has been captured, but maybe a RST.
    pub(super) fn is_unheard(&self) -> bool {
        matches!(self.progress, Progress::Unseen | Progress::Called)
    }

    /// Whether no SYN and no ACK of it have been captured.
    pub(super) fn is_silent(&self) -> bool {
        self.offer.is_none() && self.acked().is_none()
    }

    /// Whether it has given up, or a RST has ended the connection for it.
    pub(super) fn is_gone(&self) -> bool {
        self.marks.contains(Marks::GONE)
    }

    /// Whether it has spoken since a RST was sent to it.
    pub(super) fn spoke_since_reset(&self) -> bool {
        self.marks.contains(Marks::SPOKE_SINCE)
    }

    /// Whether its FIN acknowledges the peer's.
    pub(super) fn closes_second(&self) -> bool {
        self.marks.contains(Marks::CLOSES_SECOND)
    }

    /// Whether the last number that it is known to have used was captured.
    pub(super) fn tail(&self) -> Tail {
        self.tail
    }

    /// Whether it had sent no FIN, as far as it is known to have sent anything.
    pub(super) fn excludes_fin(&self) -> bool {
        self.fin().is_none() && self.tail == Tail::Captured
    }

    /// The highest sequence number that it is known to have used, plus one (SND.NXT, or less).
    pub(super) fn next(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Next)
    }

    /// The highest number it has acknowledged (its RCV.NXT, or less).
    pub(super) fn acked(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Acked)
    }

    /// Whether it has acknowledged everything before `number`.
    fn has_acked(&self, number: SeqNumber) -> bool {
        self.acked().is_some_and(|acked| !acked.is_before(number))
    }

    /// Whether the peer has sent a FIN that it has acknowledged.
    pub(super) fn has_acked_fin_of(&self, peer: &Endpoint) -> bool {
        peer.fin().is_some_and(|fin| self.has_acked(fin + 1))
    }

    /// What it will have acknowledged once it has sent this segment.
    fn acked_after(&self, segment: &Segment) -> SeqNumber {
        self.acked().map_or(segment.ack, |highest| highest.later(segment.ack))
    }

    /// Whether it will have acknowledged the peer's FIN then.
    pub(super) fn will_have_acked_fin_of(&self, peer: &Endpoint, segment: &Segment) -> bool {
        peer.fin().is_some_and(|fin| !self.acked_after(segment).is_before(fin + 1))
    }

    /// The state of RFC 9293, 3.3.2. `peer` is the end at the other side.
    ///
    /// An end enters a state when the capture shows it act, as the arrows of the RFC's Figure 5 are labelled: it is in
    /// CLOSE-WAIT once it has acknowledged the FIN, not when the FIN was sent to it. Where the arrow has no action (the
    /// ACK of its own SYN or FIN arrives, a RST arrives), it enters when that segment passes.
    pub fn state(&self, peer: &Endpoint) -> State {
        match self.progress {
            _ if self.is_gone() => State::Closed,
            Progress::Unseen if peer.is_unseen() => State::Closed,
            Progress::Unseen | Progress::Called => State::Listen,
            Progress::Calling => State::SynSent,
            Progress::Mistaken => State::SynReceived,
            Progress::Answered if self.fin().is_none() => State::SynReceived,
            Progress::Answered | Progress::Open => self.closing_state(peer),
        }
    }

    fn closing_state(&self, peer: &Endpoint) -> State {
        match (self.fin().is_some(), peer.has_acked_fin_of(self), self.has_acked_fin_of(peer)) {
            (false, _, false) => State::Established,
            (false, _, true) => State::CloseWait,
            (true, false, false) => State::FinWait1,
            // The peer's FIN went out before its ACK of ours, so it has come before it (Figure 13).
            (true, true, false) if peer.fin().is_some() && !peer.closes_second() => State::Closing,
            (true, true, false) => State::FinWait2,
            (true, false, true) if self.closes_second() => State::LastAck,
            (true, false, true) => State::Closing,
            (true, true, true) if self.closes_second() => State::Closed,
            (true, true, true) => State::TimeWait,
        }
    }
}

/// What a segment changes in it. Each of these is one event in the life of an end.
impl Endpoint {
    /// Takes in the numbers of a segment that it sent.
    pub(super) fn note_sent(&mut self, segment: &Segment) {
        self.numbers.get_or_set(Number::Base, segment.seq - u32::from(!segment.has(Flags::SYN)));
        self.window = segment.window;
        if segment.takes() == 0 {
            self.skip_to(segment.seq);
        } else {
            self.note_taken(segment.seq, segment.next_seq());
        }
        if segment.has(Flags::SYN) {
            let Options { window_scale, mss, .. } = segment.options;
            self.offer.get_or_insert(Offer { window_scale, mss: mss.and_then(NonZeroU16::new) });
        }
        if segment.has(Flags::ACK) {
            self.numbers.set(Number::Acked, Some(self.acked_after(segment)));
        }
    }

    /// The numbers from `first` to before `next` were captured.
    fn note_taken(&mut self, first: SeqNumber, next: SeqNumber) {
        match self.next() {
            Some(highest) if next.is_before(highest) => return,
            Some(highest) if first.is_after(highest) => self.marks.insert(Marks::HOLES),
            _ => {}
        }
        self.numbers.set(Number::Next, Some(next));
        self.tail = Tail::Captured;
    }

    /// It has used all numbers before `next`, since it goes on there or the peer acknowledges them.
    pub(super) fn skip_to(&mut self, next: SeqNumber) {
        match self.next() {
            None => self.tail = Tail::Unknown,
            Some(highest) if !next.is_after(highest) => return,
            Some(highest) => {
                let one = self.tail == Tail::Captured && self.fin().is_none() && next == highest + 1;
                self.tail = if one { Tail::OneMissing } else { Tail::Unknown };
                self.marks.insert(Marks::HOLES);
            }
        }
        self.numbers.set(Number::Next, Some(next));
    }

    /// It sends a SYN that begins an attempt. With another number than before, its numbers begin anew.
    pub(super) fn call(&mut self, isn: SeqNumber, again: bool) {
        if self.isn().is_some() && !again {
            self.numbers.set(Number::Next, None);
        }
        self.numbers.set(Number::Isn, Some(isn));
        self.progress = Progress::Calling;
        self.marks.remove(Marks::GONE);
    }

    /// The peer sends it such a SYN.
    pub(super) fn hear_call(&mut self) {
        if matches!(self.progress, Progress::Unseen | Progress::Mistaken) || self.is_gone() {
            self.progress = Progress::Called;
        }
        self.marks.remove(Marks::GONE);
    }

    /// Its SYN comes to light: captured behind what answers it, or answered without having been captured.
    pub(super) fn reveal_syn(&mut self, isn: SeqNumber) {
        self.numbers.set(Number::Isn, Some(isn));
        self.numbers.get_or_set(Number::Base, isn);
        if self.next().is_none() {
            self.numbers.set(Number::Next, Some(isn + 1));
            self.tail = Tail::Captured;
        }
        if self.progress == Progress::Unseen {
            self.progress = Progress::Calling;
        }
    }

    /// It sends a SYN-ACK with this number. `false` if it had another initial sequence number before, which it keeps.
    pub(super) fn answer(&mut self, isn: SeqNumber) -> bool {
        if self.progress != Progress::Open {
            self.progress = Progress::Answered;
        }
        self.marks.remove(Marks::GONE);
        self.numbers.get_or_set(Number::Isn, isn) == isn
    }

    /// The peer's ACK says which initial sequence number counts: the connection is this one, whatever it held before.
    pub(super) fn settle_isn(&mut self, isn: SeqNumber) {
        if self.isn() != Some(isn) || self.next().is_none() {
            self.numbers.set(Number::Next, Some(isn + 1));
            self.tail = Tail::Captured;
        }
        self.numbers.set(Number::Isn, Some(isn));
        self.numbers.get_or_set(Number::Base, isn);
    }

    /// What it has acknowledged was of another connection.
    pub(super) fn forget_acked(&mut self) {
        self.numbers.set(Number::Acked, None);
    }

    /// It was open before the capture shows anything of it: the peer's ACK says where its relative numbers begin.
    pub(super) fn assume_base(&mut self, base: SeqNumber) {
        self.numbers.get_or_set(Number::Base, base);
    }

    /// It answers a SYN that it has not been sent here, with a SYN-ACK that acknowledges it.
    pub(super) fn mistake(&mut self, segment: &Segment) {
        self.numbers.set(Number::Acked, Some(segment.ack));
        if matches!(self.progress, Progress::Unseen | Progress::Called) {
            self.progress = Progress::Mistaken;
        }
    }

    /// It holds another connection to be open, whose next number is what this segment acknowledges.
    pub(super) fn believe(&mut self, segment: &Segment) {
        self.numbers.set(Number::Acked, Some(segment.ack));
    }

    /// The handshake is complete, or happened before the capture began.
    pub(super) fn open(&mut self) {
        self.progress = Progress::Open;
    }

    /// It repeats its SYN-ACK although it was acknowledged: it does not hold the connection to be open yet.
    pub(super) fn wait_on(&mut self) {
        self.progress = Progress::Answered;
        self.numbers.set(Number::Next, self.isn().map(|isn| isn + 1));
        self.tail = Tail::Captured;
    }

    /// What seemed to complete the handshake has not done so.
    pub(super) fn call_on(&mut self) {
        self.progress = Progress::Calling;
        self.numbers.set(Number::Acked, None);
    }

    /// It sends its first FIN.
    pub(super) fn close(&mut self, segment: &Segment, peer: &Endpoint) {
        self.note_sent(segment);
        self.numbers.set(Number::Fin, Some(segment.seq + segment.len));
        self.marks.set(Marks::CLOSES_SECOND, self.has_acked_fin_of(peer));
    }

    /// The FIN that was taken for its own was not.
    pub(super) fn take_back_fin(&mut self) {
        self.numbers.set(Number::Fin, None);
    }

    /// The connection has ended for it with a RST, its own or the peer's.
    pub(super) fn give_up(&mut self) {
        self.marks.insert(Marks::GONE);
        self.marks.remove(Marks::SPOKE_SINCE);
    }

    /// What was taken for its numbers was not.
    pub(super) fn forget(&mut self) {
        *self = Endpoint { progress: Progress::Called, ..Endpoint::default() };
    }

    /// A RST ends its answer to a SYN: it goes on listening (RFC 9293, 3.10.7.4).
    pub(super) fn listen_on(&mut self) {
        self.progress = Progress::Called;
        self.tail = Tail::Unknown;
        self.marks = Marks::default();
        for number in [Number::Next, Number::Acked, Number::Fin] {
            self.numbers.set(number, None);
        }
    }

    /// What ended it has not ended it after all.
    pub(super) fn revive(&mut self) {
        self.marks.remove(Marks::GONE | Marks::SPOKE_SINCE);
    }

    /// It speaks although a RST had ended the connection for it.
    pub(super) fn speak_since_reset(&mut self) {
        self.marks.insert(Marks::SPOKE_SINCE);
    }

    /// The peer has sent a SYN or RST; does it call for a challenge ACK?
    pub(super) fn owe_challenge(&mut self, owes: bool) {
        self.marks.set(Marks::OWES_CHALLENGE, owes);
    }

    /// Whether this segment of its repeats its last ACK number, just after it was challenged.
    pub(super) fn meets_challenge(&mut self, segment: &Segment) -> bool {
        let owed = self.marks.contains(Marks::OWES_CHALLENGE);
        self.marks.remove(Marks::OWES_CHALLENGE);
        owed && self.acked() == Some(segment.ack)
    }
}
