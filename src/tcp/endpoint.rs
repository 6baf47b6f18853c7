//! One end of a connection: what it has sent, what it has acknowledged, and the state that follows from it.

use super::number::SeqNumber;
use super::options::Options;
use super::segment::{Flags, Segment};
use super::verdict::State;
use std::num::NonZeroU16;

/// How far an end has come with opening the connection, as the capture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
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
    /// It has given up, or was told to.
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
    /// How far it is with the opening.
    pub progress: Progress,
    /// Its initial sequence number: of its SYN, or one less than what the peer's first ACK in the handshake expects.
    pub isn: Option<SeqNumber>,
    /// What its relative sequence numbers count from: its ISN, or where the capture began one less than its first
    /// number, as Wireshark does.
    pub base: Option<SeqNumber>,
    /// The highest sequence number it has used, plus one (SND.NXT); `None` until it has sent something.
    pub next: Option<SeqNumber>,
    /// The highest number it has acknowledged (its RCV.NXT, or less).
    pub acked: Option<SeqNumber>,
    /// The sequence number of its FIN.
    pub fin: Option<SeqNumber>,
    /// The last window it announced, not scaled.
    pub window: u16,
    /// What its first SYN or SYN-ACK offered; `None` if none was captured.
    pub offer: Option<Offer>,
    /// Whether its FIN follows its ACK of the peer's: it closes second.
    pub closes_second: bool,
    /// Whether the peer has just sent a SYN or RST that calls for a challenge ACK.
    pub owes_challenge: bool,
}

impl Endpoint {
    /// Whether it has acknowledged everything before `number`.
    pub fn has_acked(&self, number: SeqNumber) -> bool {
        self.acked.is_some_and(|acked| !acked.is_before(number))
    }

    /// The state of RFC 9293, 3.3.2. `peer` is the end at the other side.
    ///
    /// An end enters a state when the capture shows it act, as the arrows of the RFC's Figure 5 are labelled: it is in
    /// CLOSE-WAIT once it has acknowledged the FIN, not when the FIN was sent to it. Where the arrow has no action (the
    /// ACK of its own SYN or FIN arrives, a RST arrives), it enters when that segment passes.
    pub fn state(&self, peer: &Endpoint) -> State {
        match self.progress {
            Progress::Gone => State::Closed,
            Progress::Unseen if peer.progress == Progress::Unseen => State::Closed,
            Progress::Unseen | Progress::Called => State::Listen,
            Progress::Calling => State::SynSent,
            Progress::Answered if self.fin.is_none() => State::SynReceived,
            Progress::Answered | Progress::Open => self.closing_state(peer),
        }
    }

    fn closing_state(&self, peer: &Endpoint) -> State {
        let own_fin_acked = self.fin.is_some_and(|fin| peer.has_acked(fin + 1));
        let peer_fin_acked = peer.fin.is_some_and(|fin| self.has_acked(fin + 1));
        match (self.fin.is_some(), own_fin_acked, peer_fin_acked) {
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

    /// Takes in the numbers of a segment that this end sent.
    pub fn note_sent(&mut self, segment: &Segment) {
        let next = segment.next_seq();
        self.base.get_or_insert(segment.seq - u32::from(!segment.has(Flags::SYN)));
        self.next = Some(self.next.map_or(next, |highest| highest.later(next)));
        self.window = segment.window;
        if segment.has(Flags::SYN) {
            let Options { window_scale, mss, .. } = segment.options;
            self.offer.get_or_insert(Offer { window_scale, mss: mss.and_then(NonZeroU16::new) });
        }
        if segment.has(Flags::ACK) {
            self.acked = Some(self.acked.map_or(segment.ack, |highest| highest.later(segment.ack)));
        }
    }

    /// Takes note that this end holds another connection to be open, whose next number is what this segment acknowledges.
    pub fn believe(&mut self, segment: &Segment) {
        self.acked = Some(segment.ack);
    }

    /// The window it last announced, in bytes, scaled if both ends offered to scale.
    pub fn window_bytes(&self, peer: &Endpoint) -> u32 {
        u32::from(self.window) << self.window_shift(peer).unwrap_or(0)
    }

    /// The shift of the windows it announces: `None` unless both ends offered to scale (RFC 7323, 2.2).
    pub fn window_shift(&self, peer: &Endpoint) -> Option<u8> {
        peer.offer?.window_scale.and(self.offer?.window_scale)
    }
}
