//! What is odd about a connection whatever its verdict: each kind, with the frame that shows it first.

use super::Connection;
use crate::tcp::number::FrameNumber;
use crate::tcp::standing::{Phase, Standing, Step};

/// Something that a connection in order has none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// An ACK in the opening handshake with a number that acknowledges nothing of it.
    WrongAck,
    /// A SYN-ACK with another number than the first.
    ConflictingSynAck,
    /// A SYN on an open connection.
    UnexpectedSyn,
    /// Both ends send a SYN.
    SimultaneousOpen,
    /// A RST that its receiver would not accept.
    StrayReset,
    /// An ACK that asks whether a RST or a SYN was meant (RFC 5961).
    ChallengeAck,
    /// Flags that no TCP sends together.
    ImpossibleFlags,
}

impl Oddity {
    /// What is odd about a segment.
    pub fn of(standing: &Standing) -> Option<Oddity> {
        Some(match standing.step {
            Step::WrongAck => Oddity::WrongAck,
            Step::ConflictingSynAck => Oddity::ConflictingSynAck,
            Step::UnexpectedSyn => Oddity::UnexpectedSyn,
            Step::SynRetransmission if standing.phase != Phase::Opening => Oddity::UnexpectedSyn,
            Step::SimultaneousSyn => Oddity::SimultaneousOpen,
            Step::StrayReset => Oddity::StrayReset,
            Step::ChallengeAck => Oddity::ChallengeAck,
            Step::ImpossibleFlags => Oddity::ImpossibleFlags,
            _ => return None,
        })
    }
}

impl Connection {
    /// Keeps the frame of the first segment of each odd kind.
    pub(super) fn note_oddity(&mut self, frame: FrameNumber, standing: &Standing) {
        let Some(oddity) = Oddity::of(standing) else { return };
        let oddities = &mut self.unusual().oddities;
        if oddities.iter().all(|&(known, _)| known != oddity) {
            oddities.push((oddity, frame));
        }
    }

    /// What is odd about the connection and shown first in this frame.
    pub fn oddities_of(&self, frame: FrameNumber) -> impl Iterator<Item = Oddity> {
        let oddities = self.unusual.as_ref().map_or(&[][..], |unusual| &unusual.oddities);
        oddities.iter().filter(move |&&(_, first)| first == frame).map(|&(oddity, _)| oddity)
    }
}
