//! The first RSTs of a connection, each with what says whose it is.

use super::seen::{FORGOTTEN, Seen};
use crate::tcp::copies::Network;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::Step;
use crate::tcp::verdict::Hops;
use std::net::IpAddr;

/// How many RSTs are kept.
const KEPT: usize = 8;

/// How long after its RST a segment of an end has to come to have been sent after it: captures put packets out of order by
/// less.
const REORDERED: Span = Span(2_000_000);

/// The largest window there is (RFC 7323, 2.3): an ACK is no older than that.
const MAX_WINDOW: u32 = 1 << 30;

/// What the last packet of an end had in its network layer's header; RSTs do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, packed)]
pub struct LastPacket {
    /// Hops left; 0 where none was seen.
    hops: u8,
    /// IPv4's identification.
    id: u16,
}

// Every connection of the capture has one for each end.
const _: () = assert!(size_of::<LastPacket>() == 3);

impl LastPacket {
    /// Of this packet.
    pub(in crate::tcp) fn of(network: Network) -> LastPacket {
        LastPacket { hops: network.hops, id: network.id }
    }

    /// Hops left; `None` where no packet of the end was seen.
    pub(in crate::tcp::verdict) fn hops(self) -> Option<u8> {
        (self.hops != 0).then_some(self.hops)
    }
}

/// A RST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetSign {
    /// Its frame.
    pub frame: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// Who sent it, by its address.
    pub by: End,
    /// What it does.
    pub step: Step,
    /// Its hops left.
    pub hops: Option<u8>,
    /// Its identification.
    pub id: Option<u16>,
    /// The hops left of that end's other segments in this connection.
    pub own_hops: Option<Hops>,
    /// The identification of its last segment.
    pub last_id: Option<u16>,
    /// The segment it answers, by its numbers (RFC 9293, 3.10.7.1).
    pub answers: Option<FrameNumber>,
    /// Whether it has no ACK, and the number that the segment before it acknowledges: a host without the connection sends
    /// it so (RFC 9293, 3.10.7.1).
    pub is_bare: bool,
    /// The highest number that its receiver had acknowledged.
    pub receiver_acked: Option<SeqNumber>,
    /// The number from which its sender would go on, if it had sent none.
    resumes: SeqNumber,
    /// What the other end has sent up to now.
    sent_to_it: Option<SeqNumber>,
    /// A segment with which its sender goes on as if it had sent none.
    pub went_on: Option<FrameNumber>,
    /// Its sender's address.
    pub host: Option<IpAddr>,
    /// How long nothing had come before it, or before the segment that it answers.
    pub silence: Span,
    /// How long after the first SYN it comes.
    pub since_syn: Option<Span>,
}

impl ResetSign {
    /// Whether its sender goes on with this segment in the same connection as if it had sent no RST: the segment's number is
    /// one that comes after, and it acknowledges what the other end has sent (RFC 5961, 5.2). Numbers that do not fit say
    /// nothing of the connection: a program with a raw socket sends them behind the RST of its own kernel.
    fn is_outlived_by(&self, segment: &Segment) -> bool {
        let later = segment.time - self.time >= REORDERED && !segment.seq.is_before(self.resumes);
        let acks = |sent: SeqNumber| segment.ack.is_within(sent - MAX_WINDOW, sent);
        later && segment.has(Flags::ACK) && !segment.has(Flags::SYN) && self.sent_to_it.is_some_and(acks)
    }

    /// Whether it came in IPv6, which has a hop limit where IPv4 has a time to live.
    pub(in crate::tcp::verdict) fn is_v6(&self) -> bool {
        self.host.is_some_and(|host| host.is_ipv6())
    }
}

/// A segment after a long silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Woke {
    by: End,
    silence: Span,
    ack: SeqNumber,
}

/// The first RSTs, and what is needed to compare the next one with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resets {
    first: Vec<ResetSign>,
    /// What the other end has not answered since.
    woke: Option<Woke>,
    /// Each end's hops, where they change.
    hops: PerEnd<Option<Hops>>,
}

impl Resets {
    /// Notes a segment that is no RST.
    pub(super) fn note_other(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        self.note_going_on(seen.segment);
        self.note_hops(seen, last_packets);
        let &Segment { from: by, ack, .. } = seen.segment;
        if seen.idle() >= FORGOTTEN {
            self.woke = Some(Woke { by, silence: seen.idle(), ack });
        } else if self.woke.is_some_and(|woke| woke.by != by) {
            self.woke = None;
        }
    }

    /// An end that has sent a RST speaks on.
    fn note_going_on(&mut self, segment: &Segment) {
        for reset in &mut self.first {
            if reset.by != segment.from {
                let next = segment.next_seq();
                reset.sent_to_it = Some(reset.sent_to_it.map_or(next, |sent| sent.later(next)));
            } else if reset.is_outlived_by(segment) {
                reset.went_on.get_or_insert(segment.frame);
            }
        }
    }

    fn note_hops(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        let last = last_packets[seen.segment.from].hops;
        if let Some(network) = seen.around.network.filter(|network| last != 0 && last != network.hops) {
            let hops = &mut self.hops[seen.segment.from];
            *hops = Some(hops.unwrap_or(Hops::one(last)).and(network.hops));
        }
    }

    /// Notes a RST.
    pub(super) fn note(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        if self.first.len() >= KEPT {
            return;
        }
        let &Seen { segment, standing, around, .. } = seen;
        let from = segment.from;
        let last = last_packets[from];
        let heard = last.hops != 0;
        let is_bare = seen.is_bare_reset();
        let (sender, receiver) = seen.before.pair(from);
        // A number that its receiver is known not to expect is not where its sender stands.
        let resumes = sender.next().filter(|_| standing.reset_acceptable == Some(false)).unwrap_or(segment.seq);
        let woke = self.woke.filter(|woke| woke.by != from && (!is_bare || woke.ack == segment.seq));
        self.first.push(ResetSign {
            frame: segment.frame,
            time: segment.time,
            by: from,
            step: standing.step,
            hops: around.network.map(|network| network.hops),
            id: around.network.map(|network| network.id),
            own_hops: heard.then(|| self.hops[from].unwrap_or(Hops::one(last.hops)).and(last.hops)),
            last_id: heard.then_some(last.id),
            answers: seen.reset_answers(),
            is_bare,
            receiver_acked: receiver.acked(),
            resumes,
            sent_to_it: receiver.next(),
            went_on: None,
            host: around.host,
            since_syn: seen.since_syn,
            silence: woke.map_or(seen.idle(), |woke| woke.silence),
        });
    }

    /// The first RSTs, in the order of the capture.
    pub fn iter(&self) -> std::slice::Iter<'_, ResetSign> {
        self.first.iter()
    }
}
