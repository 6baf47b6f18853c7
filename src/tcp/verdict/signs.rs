//! What is kept of a connection for its verdict, beyond its states.

use super::{Awaited, Hops, IcmpError};
use crate::tcp::copies::Network;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Phase, Standing, Step};
use std::net::IpAddr;

/// What stands around a segment, beyond its connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// The network layer's header in front.
    pub network: Option<Network>,
    /// What it repeats.
    pub repeats: Option<Repeated>,
    /// On a RST: the other end's last segment before it, if its sender has sent nothing since.
    pub before: Option<FrameNumber>,
    /// On a RST: the ACK number of the other end's last segment.
    pub peers_ack: Option<SeqNumber>,
    /// On a RST: its sender's address.
    pub host: Option<IpAddr>,
}

/// The segment that another repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Its frame.
    pub frame: FrameNumber,
    /// How long before the other it was captured.
    pub before: Span,
}

/// Some frames: how many there are, and the first and the last of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// How many there are; 65,535 stands for more, too.
    pub count: u16,
    first: [Option<FrameNumber>; 3],
    last: Option<FrameNumber>,
}

impl Frames {
    /// One more.
    pub fn push(&mut self, frame: FrameNumber) {
        match self.first.get_mut(usize::from(self.count)) {
            Some(place) => *place = Some(frame),
            None => self.last = Some(frame),
        }
        self.count = self.count.saturating_add(1);
    }

    /// The first three and the last of them.
    pub fn iter(&self) -> impl Iterator<Item = FrameNumber> + '_ {
        self.first.iter().copied().flatten().chain(self.last)
    }

    /// The last of them.
    pub fn last(&self) -> Option<FrameNumber> {
        self.iter().last()
    }
}

/// What the last packet of an end had in its network layer's header; RSTs do not count. Four bytes, kept for every connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, packed)]
pub struct LastPacket {
    /// Hops left; 0 where none was seen.
    hops: u8,
    /// IPv4's identification.
    id: u16,
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
    /// A segment with which its sender goes on as if it had sent none.
    pub went_on: Option<FrameNumber>,
    /// Its sender's address.
    pub host: Option<IpAddr>,
    /// How long nothing had come before it, or before the segment that it answers.
    pub silence: Span,
    /// How long after the first SYN it comes.
    pub since_syn: Option<Span>,
}

/// Segments of one end that are sent again, while nothing comes from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub by: End,
    pub what: Awaited,
    /// The segment that is repeated, and when it was sent.
    pub first: FrameNumber,
    pub since: Timestamp,
    /// The last repetition.
    pub last: FrameNumber,
    pub until: Timestamp,
    /// How often it was repeated.
    pub times: u16,
}

/// Payload that an end sends again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub seq: SeqNumber,
    pub size: u32,
    pub times: u16,
    pub first: FrameNumber,
    pub last: FrameNumber,
    /// Whether that end had sent as much in one segment before; `None` if that was not looked up.
    pub larger_before: Option<bool>,
    /// Whether the other end has sent something that does not acknowledge it: a duplicate ACK since it was sent, or anything
    /// since it was repeated.
    pub answered: bool,
}

/// A window of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shut {
    pub frame: FrameNumber,
    pub since: Timestamp,
    /// When it was last announced.
    pub until: Timestamp,
}

/// The longest time for which a window was 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stall {
    pub frame: FrameNumber,
    pub lasted: Span,
    /// From the first segment with a window of 0 to the last.
    pub shown: Span,
}

/// A segment after a long silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Woke {
    pub frame: FrameNumber,
    pub by: End,
    pub silence: Span,
    pub ack: SeqNumber,
}

/// What is kept of a connection that has something of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// All SYNs, once there are two.
    pub(super) syns: Frames,
    pub(super) last_syn: Option<Timestamp>,
    /// The SYNs after the SYN-ACK.
    pub(super) syns_after_answer: Frames,
    /// The repeated SYN-ACKs.
    pub(super) syn_acks_again: Frames,
    /// The SYN-ACKs that repeat what the client has acknowledged, when its ACK can have arrived.
    pub(super) ack_ignored: Frames,
    /// The first segment that got in the way of the opening.
    pub(super) disturbance: Option<FrameNumber>,
    /// The first segment with flags that no TCP sends.
    pub(super) impossible: Option<FrameNumber>,
    /// The first RSTs.
    pub(super) resets: Vec<ResetSign>,
    pub(super) wait: Option<Wait>,
    pub(super) lost: PerEnd<Option<Lost>>,
    /// Each end's last duplicate ACK: its frame, and what it acknowledges.
    last_duplicate_ack: PerEnd<Option<(FrameNumber, SeqNumber)>>,
    shut: PerEnd<Option<Shut>>,
    stalls: PerEnd<Option<Stall>>,
    woke: Option<Woke>,
    /// Since when there were only keep-alives.
    pub(super) only_keep_alives_since: Option<Timestamp>,
    /// An ICMP error about a segment of the connection: the first that answers a SYN, or the first.
    pub(super) icmp: Option<IcmpError>,
    /// Each end's hops, where they change.
    hops: PerEnd<Option<Hops>>,
}

/// After how much silence a connection may be forgotten by what keeps track of it.
const LONG: Span = Span(30_000_000_000);

/// How soon nothing is sent again: the first timeout of a SYN is a second (RFC 6298, 2.1), and those in use are hardly shorter.
const SOON: Span = Span(100_000_000);

/// How many RSTs are kept.
const RESETS: usize = 8;

/// How long after its RST a segment of an end has to come to have been sent after it: captures put packets out of order by
/// less.
const REORDERED: Span = Span(2_000_000);

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
    /// What its receiver had acknowledged before it.
    pub receiver_acked: Option<SeqNumber>,
}

impl Seen<'_> {
    fn idle(&self) -> Span {
        self.last.map_or(Span(0), |last| self.segment.time - last)
    }
}

impl Signs {
    /// Whether a segment says nothing that is kept, in a connection of which nothing is kept: nearly every one. `last` is when
    /// the segment before it was captured.
    pub(in crate::tcp) fn is_ordinary(segment: &Segment, standing: &Standing, last: Option<Timestamp>) -> bool {
        use Step::{
            Ack, Data, FirstFin, FirstFinAck, HandshakeAck, LastAck, SecondFin, Syn, SynAck, SynWithData, WindowUpdate,
        };
        let ordinary = matches!(
            standing.step,
            Syn | SynAck
                | HandshakeAck
                | Data
                | Ack
                | FirstFin
                | SecondFin
                | FirstFinAck
                | LastAck
                | WindowUpdate
                | SynWithData
        );
        ordinary && segment.window != 0 && last.is_none_or(|last| segment.time - last < LONG)
    }

    /// Takes in a segment.
    pub(in crate::tcp) fn note(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        let &Seen { segment, standing, .. } = seen;
        self.note_keep_alive(seen);
        if segment.has(Flags::RST) {
            return self.note_reset(seen, last_packets);
        }
        self.note_going_on(segment);
        self.note_hops(seen, last_packets);
        self.note_opening(seen);
        self.note_wait(seen);
        self.note_window(segment);
        if seen.idle() >= LONG {
            self.woke = Some(Woke { frame: segment.frame, by: segment.from, silence: seen.idle(), ack: segment.ack });
        } else if self.woke.is_some_and(|woke| woke.by != segment.from) {
            self.woke = None;
        }
        if standing.step == Step::ImpossibleFlags {
            self.impossible.get_or_insert(segment.frame);
        }
    }

    fn note_keep_alive(&mut self, seen: &Seen) {
        match seen.standing.step {
            Step::KeepAlive | Step::KeepAliveAck => {
                self.only_keep_alives_since = self.only_keep_alives_since.or(seen.last);
            }
            _ if seen.segment.has(Flags::RST) => {}
            _ => self.only_keep_alives_since = None,
        }
    }

    fn note_opening(&mut self, seen: &Seen) {
        let &Seen { segment, standing, .. } = seen;
        if seen.around.repeats.is_some_and(|earlier| earlier.before < SOON) {
            return; // a copy: no timer is that short
        }
        match standing.step {
            Step::SynRetransmission if standing.phase == Phase::Opening => {
                if let (0, Some(earlier)) = (self.syns.count, seen.around.repeats) {
                    self.syns.push(earlier.frame);
                }
                self.syns.push(segment.frame);
                self.last_syn = Some(segment.time);
                if seen.answered {
                    self.syns_after_answer.push(segment.frame);
                }
            }
            Step::SynAckRetransmission => {
                self.syn_acks_again.push(segment.frame);
                // Half a round trip for the ACK to arrive, half for the SYN-ACK to come back.
                if seen.acked && seen.to_server.is_some_and(|round_trip| seen.idle() >= round_trip) {
                    self.ack_ignored.push(segment.frame);
                }
            }
            Step::WrongAck | Step::ConflictingSynAck => {
                self.disturbance.get_or_insert(segment.frame);
            }
            Step::ChallengeAck if standing.phase == Phase::Opening => {
                self.disturbance.get_or_insert(segment.frame);
            }
            _ => {}
        }
    }

    fn note_reset(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        let &Seen { segment, standing, around, .. } = seen;
        let from = segment.from;
        let last = last_packets[from];
        let heard = last.hops != 0;
        let is_bare = !segment.has(Flags::ACK) && around.peers_ack == Some(segment.seq);
        // RFC 9293, 3.10.7.1: a segment with ACK gets its ACK number for a number, one without gets the number 0 and an ACK.
        let answers_no_ack = segment.has(Flags::ACK) && segment.seq == SeqNumber(0);
        let answers = around.before.filter(|_| is_bare || answers_no_ack);
        if standing.step == Step::Abort && standing.phase == Phase::Opening && !seen.ended {
            // It ends what only its receiver holds to be a connection: the segment that it answers is of that.
            self.disturbance.get_or_insert(answers.unwrap_or(segment.frame));
        }
        let woke = self.woke.filter(|woke| woke.by != from && (!is_bare || woke.ack == segment.seq));
        self.wait.take_if(|wait| wait.by != from); // who waits may give up with a RST
        if self.resets.len() < RESETS {
            self.resets.push(ResetSign {
                frame: segment.frame,
                time: segment.time,
                by: from,
                step: standing.step,
                hops: around.network.map(|network| network.hops),
                id: around.network.map(|network| network.id),
                own_hops: heard.then(|| self.hops[from].unwrap_or(Hops::one(last.hops)).and(last.hops)),
                last_id: heard.then_some(last.id),
                answers,
                is_bare,
                went_on: None,
                host: around.host,
                since_syn: seen.since_syn,
                silence: woke.map_or(seen.idle(), |woke| woke.silence),
            });
        }
    }

    /// An end that has sent a RST speaks on.
    fn note_going_on(&mut self, segment: &Segment) {
        for reset in &mut self.resets {
            let goes_on =
                reset.by == segment.from && segment.time - reset.time >= REORDERED && !segment.has(Flags::SYN);
            if goes_on && segment.has(Flags::ACK) {
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

    fn note_wait(&mut self, seen: &Seen) {
        let &Seen { segment, standing, around, .. } = seen;
        let from = segment.from;
        if let Some(lost) = &mut self.lost[from.peer()] {
            lost.answered = true;
        }
        if standing.step == Step::DuplicateAck {
            self.last_duplicate_ack[from] = Some((segment.frame, segment.ack));
        }
        if self.wait.is_some_and(|wait| wait.by != from) {
            self.wait = None;
        }
        let what = match standing.step {
            Step::DataRetransmission => Awaited::Data,
            Step::FinRetransmission => Awaited::Fin,
            Step::KeepAlive | Step::ZeroWindowProbe => Awaited::Probes,
            _ => return,
        };
        let (first, before) =
            around.repeats.map_or((segment.frame, Span(0)), |repeated| (repeated.frame, repeated.before));
        let wait = self.wait.get_or_insert(Wait {
            by: from,
            what,
            first,
            since: segment.time - before,
            last: segment.frame,
            until: segment.time,
            times: 0,
        });
        (wait.last, wait.until, wait.times) = (segment.frame, segment.time, wait.times.saturating_add(1));
        if what == Awaited::Data {
            self.note_lost(segment, first, seen.receiver_acked);
        }
    }

    /// Of all payload that is repeated, the first that is not acknowledged is kept: what follows may wait for it only.
    fn note_lost(&mut self, segment: &Segment, first: FrameNumber, acked: Option<SeqNumber>) {
        let asked_for = |(frame, ack): (FrameNumber, SeqNumber)| frame > first && ack == segment.seq;
        let answered = self.last_duplicate_ack[segment.from.peer()].is_some_and(asked_for);
        let lost = &mut self.lost[segment.from];
        match lost {
            Some(lost) if lost.seq == segment.seq => {
                (lost.times, lost.last) = (lost.times.saturating_add(1), segment.frame);
                lost.size = lost.size.min(segment.len);
            }
            Some(lost) if segment.seq.is_after(lost.seq) && acked.is_none_or(|acked| !acked.is_after(lost.seq)) => {}
            _ => {
                *lost = Some(Lost {
                    seq: segment.seq,
                    size: segment.len,
                    times: 1,
                    first,
                    last: segment.frame,
                    larger_before: None,
                    answered,
                });
            }
        }
    }

    /// Payload that has been repeated twice and whose size is to be compared with what was sent before: its first frame.
    pub(in crate::tcp) fn asks_for_sizes(&self, segment: &Segment) -> Option<FrameNumber> {
        let lost = self.lost[segment.from].filter(|lost| lost.seq == segment.seq)?;
        (lost.times == 2 && lost.larger_before.is_none()).then_some(lost.first)
    }

    /// The answer to that: whether its sender had sent as much in one segment before.
    pub(in crate::tcp) fn note_sizes(&mut self, from: End, larger_before: Option<bool>) {
        if let Some(lost) = &mut self.lost[from] {
            lost.larger_before = larger_before;
        }
    }

    fn note_window(&mut self, segment: &Segment) {
        if !segment.has(Flags::ACK) || segment.has(Flags::SYN) {
            return;
        }
        let from = segment.from;
        match (&mut self.shut[from], segment.window) {
            (None, 0) => {
                self.shut[from] = Some(Shut { frame: segment.frame, since: segment.time, until: segment.time });
            }
            (Some(shut), 0) => shut.until = segment.time,
            (Some(shut), _) => {
                let stall =
                    Stall { frame: shut.frame, lasted: segment.time - shut.since, shown: shut.until - shut.since };
                self.shut[from] = None;
                let longest = self.stalls[from].is_none_or(|before| stall.lasted > before.lasted);
                if longest {
                    self.stalls[from] = Some(stall);
                }
            }
            (None, _) => {}
        }
    }

    /// Notes an ICMP error about a segment of the connection.
    pub(in crate::tcp) fn note_icmp(&mut self, error: IcmpError, answers_syn: bool) {
        if self.icmp.is_none() || answers_syn && !self.icmp.is_some_and(|icmp| icmp.is_unreachable()) {
            self.icmp = Some(error);
        }
    }

    /// The ICMP error about a segment of the connection: the first that answers a SYN, or the first.
    pub fn icmp(&self) -> Option<&IcmpError> {
        self.icmp.as_ref()
    }

    /// The RST of this frame, if it is one of the first of the connection.
    pub fn reset(&self, frame: FrameNumber) -> Option<&ResetSign> {
        self.resets.iter().find(|reset| reset.frame == frame)
    }

    /// The longest stall of an end's window, one that lasts until the end of the capture included; and whether it was over.
    pub(super) fn stall(&self, end: End, until: Timestamp) -> Option<(Stall, bool)> {
        let lasting = self.shut[end].map(|shut| Stall {
            frame: shut.frame,
            lasted: until - shut.since,
            shown: shut.until - shut.since,
        });
        match (self.stalls[end], lasting) {
            (Some(over), Some(lasting)) if lasting.lasted > over.lasted => Some((lasting, false)),
            (None, Some(lasting)) => Some((lasting, false)),
            (over, _) => over.map(|stall| (stall, true)),
        }
    }
}

impl ResetSign {
    /// Whether it came in IPv6, which has a hop limit where IPv4 has a time to live.
    pub(super) fn is_v6(&self) -> bool {
        self.host.is_some_and(|host| host.is_ipv6())
    }
}

impl LastPacket {
    /// Of this packet.
    pub(in crate::tcp) fn of(network: Network) -> LastPacket {
        LastPacket { hops: network.hops, id: network.id }
    }

    /// Hops left; `None` where no packet of the end was seen.
    pub(super) fn hops(self) -> Option<u8> {
        (self.hops != 0).then_some(self.hops)
    }
}
