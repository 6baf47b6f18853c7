//! One end of a connection: what it has sent, what it has acknowledged, and the state that follows from it.

use crate::tcp::number::SeqNumber;
use crate::tcp::options::Options;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::State;
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
    /// It has answered a SYN with a SYN-ACK.
    Answered,
    /// The handshake is complete, or had been when the capture began.
    Open,
    /// It has given up, or a RST has ended it.
    Gone,
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
    isn: Option<SeqNumber>,
    base: Option<SeqNumber>,
    next: Option<SeqNumber>,
    acked: Option<SeqNumber>,
    fin: Option<SeqNumber>,
    window: u16,
    offer: Option<Offer>,
    /// Whether its FIN follows its ACK of the peer's: it closes second.
    closes_second: bool,
    /// Whether the peer has just sent a SYN or RST that calls for a challenge ACK.
    owes_challenge: bool,
}

/// What is known of it.
impl Endpoint {
    /// Its initial sequence number: of its SYN, or one less than what the peer's first ACK in the handshake expects.
    pub fn isn(&self) -> Option<SeqNumber> {
        self.isn
    }

    /// What its relative sequence numbers count from: its ISN, or where the capture began one less than its first
    /// number, as Wireshark does.
    pub fn base(&self) -> Option<SeqNumber> {
        self.base
    }

    /// The sequence number of its FIN.
    pub fn fin(&self) -> Option<SeqNumber> {
        self.fin
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

    /// How far it is with the opening.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    pub(super) fn is_unseen(&self) -> bool {
        self.progress == Progress::Unseen
    }

    /// The highest sequence number it has used, plus one (SND.NXT); `None` until it has sent something.
    pub(super) fn next(&self) -> Option<SeqNumber> {
        self.next
    }

    /// The highest number it has acknowledged (its RCV.NXT, or less).
    pub fn acked(&self) -> Option<SeqNumber> {
        self.acked
    }

    /// Whether it has acknowledged everything before `number`.
    fn has_acked(&self, number: SeqNumber) -> bool {
        self.acked.is_some_and(|acked| !acked.is_before(number))
    }

    /// Whether the peer has sent a FIN that it has acknowledged.
    pub(super) fn has_acked_fin_of(&self, peer: &Endpoint) -> bool {
        peer.fin.is_some_and(|fin| self.has_acked(fin + 1))
    }

    /// What it will have acknowledged once it has sent this segment.
    fn acked_after(&self, segment: &Segment) -> SeqNumber {
        self.acked.map_or(segment.ack, |highest| highest.later(segment.ack))
    }

    /// Whether it will have acknowledged the peer's FIN then.
    pub(super) fn will_have_acked_fin_of(&self, peer: &Endpoint, segment: &Segment) -> bool {
        peer.fin.is_some_and(|fin| !self.acked_after(segment).is_before(fin + 1))
    }

    /// The state of RFC 9293, 3.3.2. `peer` is the end at the other side.
    ///
    /// An end enters a state when the capture shows it act, as the arrows of the RFC's Figure 5 are labelled: it is in
    /// CLOSE-WAIT once it has acknowledged the FIN, not when the FIN was sent to it. Where the arrow has no action (the
    /// ACK of its own SYN or FIN arrives, a RST arrives), it enters when that segment passes.
    pub fn state(&self, peer: &Endpoint) -> State {
        match self.progress {
            Progress::Gone => State::Closed,
            Progress::Unseen if peer.is_unseen() => State::Closed,
            Progress::Unseen | Progress::Called => State::Listen,
            Progress::Calling => State::SynSent,
            Progress::Answered if self.fin.is_none() => State::SynReceived,
            Progress::Answered | Progress::Open => self.closing_state(peer),
        }
    }

    fn closing_state(&self, peer: &Endpoint) -> State {
        match (self.fin.is_some(), peer.has_acked_fin_of(self), self.has_acked_fin_of(peer)) {
            (false, _, false) => State::Established,
            (false, _, true) => State::CloseWait,
            (true, false, false) => State::FinWait1,
            (true, true, false) => State::FinWait2,
            (true, false, true) if self.closes_second => State::LastAck,
            (true, false, true) => State::Closing,
            (true, true, true) if self.closes_second => State::Closed,
            (true, true, true) => State::TimeWait,
        }
    }
}

/// What a segment changes in it. Each of these is one event in the life of an end.
impl Endpoint {
    /// Takes in the numbers of a segment that it sent.
    pub(super) fn note_sent(&mut self, segment: &Segment) {
        let next = segment.next_seq();
        self.base.get_or_insert(segment.seq - u32::from(!segment.has(Flags::SYN)));
        self.next = Some(self.next.map_or(next, |highest| highest.later(next)));
        self.window = segment.window;
        if segment.has(Flags::SYN) {
            let Options { window_scale, mss, .. } = segment.options;
            self.offer.get_or_insert(Offer { window_scale, mss: mss.and_then(NonZeroU16::new) });
        }
        if segment.has(Flags::ACK) {
            self.acked = Some(self.acked_after(segment));
        }
    }

    /// It sends a SYN that begins an attempt. With another number than before, its numbers begin anew.
    pub(super) fn call(&mut self, isn: SeqNumber, again: bool) {
        if self.isn.is_some() && !again {
            self.next = None;
        }
        self.isn = Some(isn);
        self.progress = Progress::Calling;
    }

    /// The peer sends it such a SYN.
    pub(super) fn hear_call(&mut self) {
        if matches!(self.progress, Progress::Unseen | Progress::Gone) {
            self.progress = Progress::Called;
        }
    }

    /// Its SYN comes to light: captured behind what answers it, or answered without having been captured.
    pub(super) fn reveal_syn(&mut self, isn: SeqNumber) {
        self.isn = Some(isn);
        self.base.get_or_insert(isn);
        if self.progress == Progress::Unseen {
            self.progress = Progress::Calling;
        }
    }

    /// It sends a SYN-ACK with this number. `false` if it had another initial sequence number before, which it keeps.
    pub(super) fn answer(&mut self, isn: SeqNumber) -> bool {
        if !matches!(self.progress, Progress::Open | Progress::Gone) {
            self.progress = Progress::Answered;
        }
        *self.isn.get_or_insert(isn) == isn
    }

    /// The peer's ACK says which initial sequence number counts: the connection is this one, whatever it held before.
    pub(super) fn settle_isn(&mut self, isn: SeqNumber) {
        self.isn = Some(isn);
        self.base.get_or_insert(isn);
    }

    /// What it has acknowledged was of another connection.
    pub(super) fn forget_acked(&mut self) {
        self.acked = None;
    }

    /// It was open before the capture shows anything of it: the peer's ACK says where its relative numbers begin.
    pub(super) fn assume_base(&mut self, base: SeqNumber) {
        self.base.get_or_insert(base);
    }

    /// It holds another connection to be open, whose next number is what this segment acknowledges.
    pub(super) fn believe(&mut self, segment: &Segment) {
        self.acked = Some(segment.ack);
    }

    /// The handshake is complete, or happened before the capture began.
    pub(super) fn open(&mut self) {
        self.progress = Progress::Open;
    }

    /// It sends its first FIN.
    pub(super) fn close(&mut self, segment: &Segment, peer: &Endpoint) {
        self.fin = Some(segment.seq + segment.len);
        self.note_sent(segment);
        self.closes_second = self.has_acked_fin_of(peer);
    }

    /// A RST ends the connection for it.
    pub(super) fn abort(&mut self) {
        self.progress = Progress::Gone;
    }

    /// The peer has sent a SYN or RST; does it call for a challenge ACK?
    pub(super) fn owe_challenge(&mut self, owes: bool) {
        self.owes_challenge = owes;
    }

    /// Whether this segment of its repeats its last ACK number, just after it was challenged.
    pub(super) fn meets_challenge(&mut self, segment: &Segment) -> bool {
        std::mem::take(&mut self.owes_challenge) && self.acked == Some(segment.ack)
    }
}
