//! What an ICMP error says about a segment, decided once for all languages.

use crate::tcp::{Connection, FrameNumber, IcmpError, SeqNumber, Side};

/// An ICMP error, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint<'a> {
    /// The error.
    pub error: &'a IcmpError,
    /// Who sent the segment that it quotes.
    pub side: Side,
    /// Which segment that is.
    pub quoted: Quoted,
}

/// The segment that an ICMP error quotes, by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// The SYN, which was sent in this frame; again in others, perhaps.
    Syn(FrameNumber),
    /// The SYN-ACK, in this frame.
    SynAck(FrameNumber),
    /// Another, or one that was not captured.
    Other(SeqNumber),
}

/// What the error is about.
pub fn complaint<'a>(error: &'a IcmpError, connection: &Connection) -> Complaint<'a> {
    let side = connection.side_of(error.from);
    let opening = connection.opening();
    let is_first = connection.by_side(side).isn() == Some(error.seq);
    let frame = match side {
        Side::Client => opening.first_syn(),
        Side::Server => opening.syn_ack(),
    };
    let quoted = match (frame.filter(|_| is_first), side) {
        (None, _) => Quoted::Other(error.seq),
        (Some(frame), Side::Server) => Quoted::SynAck(frame),
        (Some(frame), Side::Client) => Quoted::Syn(frame),
    };
    Complaint { error, side, quoted }
}
