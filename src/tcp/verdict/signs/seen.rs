//! A segment as it is looked at for the verdict: in its connection, and with what stands around it.

use crate::tcp::connection::Endpoint;
use crate::tcp::copies::Network;
use crate::tcp::end::PerEnd;
use crate::tcp::frames::Earlier;
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::Standing;
use crate::tcp::verdict::Misfit;
use std::net::IpAddr;

/// After how much silence what keeps track of a connection may have forgotten it.
pub(in crate::tcp::verdict) const FORGOTTEN: Span = Span(30_000_000_000);

/// What stands around a segment, beyond its header and its connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// The network layer's header in front.
    pub network: Option<Network>,
    /// On a SYN: whether its receiver's address and port are its sender's own.
    pub to_itself: bool,
    /// What it repeats.
    pub repeats: Option<Earlier>,
    /// On a RST: the other end's last segment before it, if its sender has sent nothing since.
    pub before: Option<FrameNumber>,
    /// On a RST: the ACK number of the other end's last segment.
    pub peers_ack: Option<SeqNumber>,
    /// On a RST: its sender's address.
    pub host: Option<IpAddr>,
}

/// A segment in its connection.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// What it is.
    pub standing: &'a Standing,
    /// What stands around it.
    pub around: &'a Around,
    /// When the segment before it was captured.
    pub last: Option<Timestamp>,
    /// The round trip from the capture to the server, while the connection opens.
    pub to_server: Option<Span>,
    /// Whether the handshake's ACK was captured, and whether its SYN-ACK was.
    pub acked: bool,
    pub answered: bool,
    /// How long after the first SYN it comes.
    pub since_syn: Option<Span>,
    /// Whether a RST has ended the connection.
    pub ended: bool,
    /// The ends as they were before it.
    pub before: &'a PerEnd<Endpoint>,
}

impl Seen<'_> {
    /// How long nothing had come before it.
    pub(super) fn idle(&self) -> Span {
        self.last.map_or(Span(0), |last| self.segment.time - last)
    }

    /// Whether a RST has no ACK, and the number that the segment before it acknowledges: a host without the connection sends
    /// it so (RFC 9293, 3.10.7.1).
    pub(super) fn is_bare_reset(&self) -> bool {
        !self.segment.has(Flags::ACK) && self.around.peers_ack == Some(self.segment.seq)
    }

    /// Its wrong ACK number, beside the one that acknowledges the SYN or SYN-ACK of its receiver.
    pub(super) fn acks_wrong(&self) -> Option<Misfit> {
        let isn = self.before[self.segment.from.peer()].isn()?;
        self.segment.has(Flags::ACK).then_some(Misfit::Ack { ack: self.segment.ack, expected: isn + 1 })
    }

    /// The wrong ACK number that a RST without ACK repeats, likewise.
    pub(super) fn answers_wrong_ack(&self) -> Option<Misfit> {
        let isn = self.before[self.segment.from].isn()?;
        self.is_bare_reset().then_some(Misfit::Ack { ack: self.segment.seq, expected: isn + 1 })
    }

    /// The initial sequence number of a SYN-ACK, beside that of its sender's first.
    pub(super) fn answers_otherwise(&self) -> Option<Misfit> {
        let first = self.before[self.segment.from].isn()?;
        Some(Misfit::Isn { isn: self.segment.seq, first })
    }

    /// The segment that a RST answers, by its numbers. RFC 9293, 3.10.7.1: a segment with ACK gets its ACK number for a number,
    /// one without gets the number 0 and an ACK.
    pub(super) fn reset_answers(&self) -> Option<FrameNumber> {
        let answers_no_ack = self.segment.has(Flags::ACK) && self.segment.seq == SeqNumber(0);
        self.around.before.filter(|_| self.is_bare_reset() || answers_no_ack)
    }
}
