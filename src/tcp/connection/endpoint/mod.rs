//! One end of a connection: what it has sent, what it has acknowledged, and the state that follows from it.

mod events;

use super::numbers::{Number, Numbers};
use crate::tcp::number::SeqNumber;
use crate::tcp::segment::Segment;
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
    struct EndMarks: u8 {
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
        /// The window it last announced stands in a segment with SYN: it is never scaled (RFC 7323, 2.2).
        const PLAIN_WINDOW = 0x20;
        /// What it offers stands in a SYN-ACK.
        const OFFERS_IN_ANSWER = 0x40;
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
    marks: EndMarks,
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
        let shift = self.window_shift(peer).filter(|_| !self.marks.contains(EndMarks::PLAIN_WINDOW));
        u32::from(self.window) << shift.unwrap_or(0)
    }

    /// The shift of the windows it announces: `None` unless both ends offered to scale (RFC 7323, 2.2). A SYN-ACK that does
    /// shows that the SYN did.
    pub fn window_shift(&self, peer: &Endpoint) -> Option<u8> {
        let own = self.offer?.window_scale?;
        let both = peer.offer.map_or_else(|| self.offers_in_answer(), |offer| offer.window_scale.is_some());
        both.then_some(own)
    }

    /// Whether the scale of its windows is known: from both ends' SYNs, from its SYN-ACK, or from one that does not offer to
    /// scale.
    pub fn knows_window_scale(&self, peer: &Endpoint) -> bool {
        let declines = |offer: Option<Offer>| offer.is_some_and(|offer| offer.window_scale.is_none());
        let both = self.offer.is_some() && (peer.offer.is_some() || self.offers_in_answer());
        both || declines(self.offer) || declines(peer.offer)
    }

    fn offers_in_answer(&self) -> bool {
        self.marks.contains(EndMarks::OFFERS_IN_ANSWER)
    }

    /// Whether it is known to have sent something that was not captured.
    pub fn has_holes(&self) -> bool {
        self.marks.contains(EndMarks::HOLES)
    }

    /// Whether a FIN of it was probably sent and not captured: the peer acknowledges one number more than was captured, and
    /// nothing follows there.
    pub fn has_hidden_fin(&self, peer: &Endpoint) -> bool {
        self.fin().is_none() && self.tail == Tail::OneMissing && self.next().is_some() && peer.acked() == self.next()
    }

    /// Whether a segment of its own was captured, other than a RST.
    pub fn was_heard(&self) -> bool {
        self.base().is_some() && !self.is_silent()
    }

    /// Whether it is known to have used more numbers than its SYN's.
    pub(in crate::tcp) fn has_sent_more_than_syn(&self) -> bool {
        self.isn().zip(self.next()).is_some_and(|(isn, next)| next.is_after(isn + 1))
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
        self.marks.contains(EndMarks::GONE)
    }

    /// Whether it has spoken since a RST was sent to it.
    pub(super) fn spoke_since_reset(&self) -> bool {
        self.marks.contains(EndMarks::SPOKE_SINCE)
    }

    /// Whether it had acknowledged the peer's FIN by its own FIN.
    pub(super) fn closes_second(&self) -> bool {
        self.marks.contains(EndMarks::CLOSES_SECOND)
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
    pub fn next(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Next)
    }

    /// The highest number it has acknowledged (its RCV.NXT, or less).
    pub fn acked(&self) -> Option<SeqNumber> {
        self.numbers.get(Number::Acked)
    }

    /// Whether it has acknowledged everything before `number`.
    fn has_acked(&self, number: SeqNumber) -> bool {
        self.acked().is_some_and(|acked| !acked.is_before(number))
    }

    /// Whether the peer has sent a FIN that it has acknowledged.
    pub(in crate::tcp) fn has_acked_fin_of(&self, peer: &Endpoint) -> bool {
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
