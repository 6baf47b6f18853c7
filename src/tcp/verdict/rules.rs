//! The verdicts, in the order of their list: the first that holds is the one.
//!
//! Each rule says what it needs beside its source. Where no source stands, it is the definition of `docs/verdict.md`.

use super::origin::{Compared, is_whole, origin};
use super::signs::{Frames, ResetSign, Signs, Wait};
use super::{Capture, CapturePoint, Finding, Open, Origin, Suspect, Verdict, Why};
use crate::tcp::connection::{Connection, Outcome};
use crate::tcp::end::End;
use crate::tcp::number::{FrameNumber, Span};
use crate::tcp::standing::{Side, State, Step};
use crate::tcp::{Completeness, Endpoint};

const SECOND: Span = Span(1_000_000_000);

/// How long a SYN is waited for: the first timeout of its retransmission (RFC 6298, 2.1).
const SYN_TIMEOUT: Span = SECOND;

/// How soon the client's RST makes its connection a probe.
const PROBE: Span = SECOND;

/// After how much silence a connection counts as forgotten.
const FORGOTTEN: Span = Span(30 * SECOND.0);

/// How often, or for how long, something is repeated before its receiver counts as silent.
const REPEATED: u16 = 3;
const REPEATED_FOR: Span = Span(3 * SECOND.0);

/// How long a window of 0 makes a stall.
const STALLED: Span = SECOND;

/// How long the other end may take to close, too.
const HALF_CLOSED: Span = Span(10 * SECOND.0);

/// How long an opening may take.
const SLOW: Span = SECOND;

/// Payload that fits into any path: 576 bytes go through every one (RFC 791), 40 of them are headers.
const FITS: u32 = 536;

/// Payload that is as much as a path's limit leaves, mostly.
const FULL: u32 = 1200;

/// A connection, to be judged.
struct Case<'a> {
    connection: &'a Connection,
    signs: &'a Signs,
    capture: Capture<'a>,
}

impl Connection {
    /// The verdict, as far as the capture shows it.
    pub fn verdict(&self, capture: Capture) -> Finding {
        let none = Signs::default();
        let case = Case { connection: self, signs: self.signs().unwrap_or(&none), capture };
        let first = Case::RULES.iter().find_map(|rule| rule(&case));
        first
            .unwrap_or_else(|| case.found(Verdict::NotAllCaptured, Some(Suspect::Capture), false, None, case.missing()))
    }

    /// Where on the way it was captured: who has forwarded nothing yet, and how the opening's round trip divides.
    pub fn capture_point(&self) -> CapturePoint {
        /// How many times nearer one end has to be.
        const NEARER: i64 = 4;
        let whole = |side| self.last_packet(self.end_of(side)).hops().map(is_whole);
        let times = (self.opening().syn_to_syn_ack().span(), self.opening().syn_ack_to_ack().span());
        let nearer = |near: Span, far: Span| Span({ near.0 }.saturating_mul(NEARER)) <= far;
        match (whole(Side::Client), whole(Side::Server), times) {
            (Some(true), Some(false), _) => CapturePoint::NearClient,
            (Some(false), Some(true), _) => CapturePoint::NearServer,
            (.., (Some(server), Some(client))) if nearer(client, server) => CapturePoint::NearClient,
            (.., (Some(server), Some(client))) if nearer(server, client) => CapturePoint::NearServer,
            (Some(false), Some(false), (Some(_), Some(_))) => CapturePoint::Between,
            _ => CapturePoint::Unknown,
        }
    }

    /// Who sent a RST; `None` if this frame has none of the first ones.
    pub fn reset_origin(&self, frame: FrameNumber, capture: Capture) -> Option<(Origin, &ResetSign)> {
        let reset = self.signs()?.reset(frame)?;
        Some((origin(reset, reset.host.and_then(|host| capture.hosts.of(host))).0, reset))
    }
}

impl<'a> Case<'a> {
    /// The rules, in the order of the verdicts.
    const RULES: [fn(&Case<'a>) -> Option<Finding>; 19] = [
        Case::refused,
        Case::prohibited,
        Case::unreachable,
        Case::no_answer,
        Case::answer_not_received,
        Case::client_silent,
        Case::handshake_ack_not_taken,
        Case::handshake_disturbed,
        Case::probe,
        Case::forgotten,
        Case::reset_by_third_party,
        Case::large_segments_lost,
        Case::went_silent,
        Case::reset_by_an_end,
        Case::stalled,
        Case::left_half_closed,
        Case::slow_opening,
        Case::undecided,
        Case::in_order,
    ];
}

/// What the rules ask.
impl Case<'_> {
    #[allow(clippy::unused_self)] // reads as one of the case's questions
    fn found(
        &self,
        verdict: Verdict,
        suspect: Option<Suspect>,
        certain: bool,
        frame: Option<FrameNumber>,
        why: Why,
    ) -> Finding {
        Finding { verdict, suspect, certain, frame, why }
    }

    fn opened(&self) -> bool {
        self.connection.opening().is_completed()
    }

    fn side(&self, side: Side) -> &Endpoint {
        self.connection.by_side(side)
    }

    fn has_payload(&self) -> bool {
        self.connection.completeness().contains(Completeness::DATA)
    }

    /// The RST that answers the SYN.
    fn refusal(&self) -> Option<&ResetSign> {
        let refused = !self.opened() && self.connection.opening().syn_ack().is_none();
        self.signs.resets.iter().find(|reset| refused && reset.step == Step::Refused)
    }

    /// The RST that ended the connection.
    fn ending(&self) -> Option<&ResetSign> {
        let by = self.connection.ended_by()?;
        self.signs.resets.iter().rev().find(|reset| reset.by == by && reset.step == Step::Abort)
    }

    fn compared(&self, reset: &ResetSign) -> Compared {
        Compared::of(reset.hops, reset.own_hops.or_else(|| self.capture.hosts.of(reset.host?)))
    }

    fn origin(&self, reset: &ResetSign) -> (Origin, bool) {
        origin(reset, reset.host.and_then(|host| self.capture.hosts.of(host)))
    }

    /// Since when nothing but keep-alives was captured.
    fn silent_for(&self) -> Span {
        self.capture.until - self.signs.only_keep_alives_since.unwrap_or(self.connection.last())
    }

    /// Whether both ends were heard.
    fn hears_both(&self) -> bool {
        [End::A, End::B].iter().all(|&end| self.connection.by_end(end).was_heard())
    }

    /// Whether the handshake and all numbers after it were captured.
    fn is_whole(&self) -> bool {
        let opening = self.connection.opening();
        let handshake = opening.first_syn().is_some() && opening.syn_ack().is_some() && opening.ack().is_some();
        handshake && [End::A, End::B].iter().all(|&end| !self.connection.by_end(end).has_holes())
    }

    fn missing(&self) -> Why {
        let heard = |side| self.side(side).was_heard();
        match (heard(Side::Client), heard(Side::Server)) {
            (true, false) => Why::OneDirection { captured: Side::Client },
            (false, true) => Why::OneDirection { captured: Side::Server },
            _ => Why::Little,
        }
    }
}

/// The opening.
impl Case<'_> {
    /// RFC 9293, 3.10.7.1: a host where nobody listens answers a SYN with a RST. Its hops tell it from one that is sent on the
    /// way, where other packets of that host were captured.
    fn refused(&self) -> Option<Finding> {
        let rst = self.refusal()?;
        if self.connection.opening().is_probed() {
            return None;
        }
        let hops = self.compared(rst);
        let why = Why::Rst { rst: rst.frame, answers: rst.answers, hops };
        Some(match hops {
            Compared::Other { .. } => {
                self.found(Verdict::RejectedByFirewall, Some(Suspect::Network), false, Some(rst.frame), why)
            }
            Compared::Same(_) | Compared::Nothing => {
                let certain = matches!(hops, Compared::Same(_)) && self.connection.opening().is_refused();
                self.found(Verdict::Refused, Some(Suspect::Server), certain, Some(rst.frame), why)
            }
        })
    }

    /// An ICMP error about the SYN, while nothing else came.
    fn icmp(&self, verdict: Verdict, prohibits: bool) -> Option<Finding> {
        let error = *self.signs.icmp()?;
        let answers = !self.opened() && self.connection.unreachable_frame() == Some(error.frame);
        if !answers || error.is_prohibition() != prohibits {
            return None;
        }
        let suspect = if error.is_receiver { Suspect::Server } else { Suspect::Network };
        Some(self.found(verdict, Some(suspect), true, Some(error.frame), Why::Icmp { error }))
    }

    fn prohibited(&self) -> Option<Finding> {
        self.icmp(Verdict::RejectedByFirewall, true)
    }

    fn unreachable(&self) -> Option<Finding> {
        self.icmp(Verdict::Unreachable, false)
    }

    fn no_answer(&self) -> Option<Finding> {
        let (syns, over, waited) = self.unanswered_syns()?;
        let enough = syns.count > 1 || waited >= SYN_TIMEOUT;
        let why = Why::Silence { syns, over, waited };
        enough.then(|| self.found(Verdict::NoAnswer, Some(Suspect::Unknown), false, syns.last(), why))
    }

    /// The SYNs of an opening to which nothing came back; the time from the first to the last, and from that to the end of
    /// the capture.
    fn unanswered_syns(&self) -> Option<(Frames, Span, Span)> {
        let opening = self.connection.opening();
        let heard = self.side(Side::Server).was_heard() || !self.signs.resets.is_empty();
        if opening.first_syn().is_none() || self.opened() || opening.syn_ack().is_some() || heard {
            return None;
        }
        let mut syns = self.signs.syns;
        if syns.count == 0 {
            syns.push(opening.first_syn()?);
        }
        let last = self.signs.last_syn.or(opening.began())?;
        Some((syns, last - opening.began()?, self.capture.until - last))
    }

    /// The SYN-ACK has passed the point of capture, and the client asks on.
    fn answer_not_received(&self) -> Option<Finding> {
        let syns = self.signs.syns_after_answer;
        let syn_ack = self.connection.opening().syn_ack()?;
        if self.opened() || syns.count == 0 || self.signs.disturbance.is_some() || self.connection.ended_by().is_some()
        {
            return None;
        }
        let why = Why::AskedOn { syn_ack, syns };
        Some(self.found(Verdict::AnswerNotReceived, Some(Suspect::Network), false, syns.last(), why))
    }

    /// A lost ACK looks the same.
    fn client_silent(&self) -> Option<Finding> {
        let again = self.signs.syn_acks_again;
        let first = self.connection.opening().syn_ack()?;
        if self.opened() || again.count == 0 || self.signs.disturbance.is_some() || self.connection.ended_by().is_some()
        {
            return None;
        }
        let mut syn_acks = Frames::default();
        syn_acks.push(first);
        again.iter().for_each(|frame| syn_acks.push(frame));
        syn_acks.count = again.count.saturating_add(1);
        let why = Why::AnsweredOn { syn_acks };
        Some(self.found(Verdict::ClientSilent, Some(Suspect::Client), false, again.last(), why))
    }

    /// Linux, net/ipv4/tcp_minisocks.c (tcp_check_req): where the accept queue is full, the ACK is dropped, and the SYN-ACK
    /// is sent again when its time has come.
    fn handshake_ack_not_taken(&self) -> Option<Finding> {
        let (client, server) = (self.side(Side::Client), self.side(Side::Server));
        let syn_acks = self.signs.ack_ignored;
        let ack = self.connection.opening().ack()?;
        let opening = self.connection.syn_payload().saturating_add(1);
        let has_taken = server.acked().zip(client.isn()).is_some_and(|(acked, isn)| acked.since(isn) > opening);
        let waits = server.state(client) == State::SynReceived || syn_acks.count > 1;
        if syn_acks.count == 0 || has_taken || server.has_sent_more_than_syn() || !waits {
            return None;
        }
        let why = Why::AckIgnored { ack, syn_acks };
        Some(self.found(Verdict::HandshakeAckNotTaken, Some(Suspect::Server), false, syn_acks.last(), why))
    }

    /// RFC 9293, 3.5.1: old duplicates, and connections of which only one end knows.
    fn handshake_disturbed(&self) -> Option<Finding> {
        let frame = self.signs.disturbance?;
        let why = Why::Disturbance { frame };
        Some(self.found(Verdict::HandshakeDisturbed, Some(Suspect::Unknown), false, Some(frame), why))
    }

    fn probe(&self) -> Option<Finding> {
        if let Some(frame) = self.signs.impossible.filter(|_| !self.opened()) {
            return Some(self.found(
                Verdict::Probe,
                Some(Suspect::Client),
                false,
                Some(frame),
                Why::ImpossibleFlags { frame },
            ));
        }
        let rst = self.ending()?;
        let after = rst.since_syn.filter(|&after| after <= PROBE)?;
        let by_client = self.connection.side_of(rst.by) == Side::Client;
        if !by_client
            || self.has_payload()
            || self.side(Side::Client).fin().is_some()
            || self.side(Side::Server).fin().is_some()
        {
            return None;
        }
        let (origin, _) = self.origin(rst);
        (origin != Origin::SomeoneElse).then(|| {
            self.found(
                Verdict::Probe,
                Some(Suspect::Client),
                false,
                Some(rst.frame),
                Why::Probe { rst: rst.frame, after },
            )
        })
    }
}

/// What ends a connection, or keeps it from going on.
impl Case<'_> {
    /// RFC 9293, 3.10.7.1.
    fn forgotten(&self) -> Option<Finding> {
        let bare = |reset: &&ResetSign| reset.is_bare && reset.silence >= FORGOTTEN && reset.answers.is_some();
        let rst = self.signs.resets.iter().find(bare).filter(|rst| rst.went_on.is_none())?;
        if self.connection.both_have_closed() || self.connection.opening().is_refused() {
            return None;
        }
        let by = self.connection.side_of(rst.by);
        let (origin, _) = self.origin(rst);
        let suspect = if origin == Origin::SomeoneElse { Suspect::Network } else { by.into() };
        let why = Why::Forgotten { silence: rst.silence, segment: rst.answers?, rst: rst.frame, by };
        Some(self.found(Verdict::Forgotten, Some(suspect), false, Some(rst.frame), why))
    }

    /// One that its receiver has not taken, since the connection goes on, is no finding. That it has is certain where it answers
    /// with a RST of its own what the other end, which knows of none, goes on to send.
    fn reset_by_third_party(&self) -> Option<Finding> {
        if self.connection.both_have_closed() {
            return None;
        }
        let rst = self.ending().filter(|rst| self.origin(rst).0 == Origin::SomeoneElse)?;
        let answered =
            self.signs.resets.iter().any(|other| other.by != rst.by && other.is_bare && other.time > rst.time);
        let (_, certain) = self.origin(rst);
        let of = self.connection.side_of(rst.by);
        let why = Why::Forged { rst: rst.frame, of, hops: self.compared(rst), went_on: rst.went_on };
        Some(self.found(Verdict::ResetByThirdParty, Some(Suspect::Network), certain && answered, Some(rst.frame), why))
    }

    /// A path that drops what is too large for it, and says nothing (RFC 2923, 2.1).
    fn large_segments_lost(&self) -> Option<Finding> {
        let lost_by = |end: End| {
            let (sender, receiver) = (self.connection.by_end(end), self.connection.by_end(end.peer()));
            let lost = self.signs.lost[end].filter(|lost| lost.times >= 2 && lost.larger_before == Some(false))?;
            let smaller_arrived = receiver.acked().zip(sender.isn()).is_some_and(|(acked, isn)| acked.since(isn) > 1);
            let unacked = receiver.acked().is_some_and(|acked| !acked.is_after(lost.seq));
            let large = lost.size > FITS && (lost.peer_spoke || lost.size >= FULL);
            (smaller_arrived && unacked && large).then_some((end, lost))
        };
        let (end, lost) = lost_by(End::A).or_else(|| lost_by(End::B))?;
        let by = self.connection.side_of(end);
        let why = Why::Large { by, size: lost.size, times: lost.times, first: lost.first, last: lost.last };
        Some(self.found(Verdict::LargeSegmentsLost, Some(Suspect::Network), false, Some(lost.first), why))
    }

    /// Repetitions that nothing answers: a dead path, a host that is gone, or a firewall that drops.
    fn went_silent(&self) -> Option<Finding> {
        let wait = self.wait()?;
        let enough = wait.times >= REPEATED || wait.until - wait.since >= REPEATED_FOR;
        (enough && self.hears_both()).then(|| {
            let why = self.unanswered(wait);
            self.found(Verdict::WentSilent, Some(Suspect::Unknown), false, Some(wait.last), why)
        })
    }

    /// What is being repeated when the capture ends, in a connection that is not over.
    fn wait(&self) -> Option<Wait> {
        let other_reset = |wait: &Wait| self.connection.ended_by().is_some_and(|by| by != wait.by);
        self.signs.wait.filter(|wait| !other_reset(wait) && !self.connection.both_have_closed())
    }

    fn unanswered(&self, wait: Wait) -> Why {
        Why::Unanswered {
            by: self.connection.side_of(wait.by),
            what: wait.what,
            times: wait.times,
            first: wait.first,
            last: wait.last,
            over: wait.until - wait.since,
        }
    }

    /// RFC 9293, 3.5.2 and 3.10.5 (ABORT); RFC 1122, 4.2.2.13: data that nobody read.
    fn reset_by_an_end(&self) -> Option<Finding> {
        let rst = self.ending()?;
        let (by, certain) = match self.connection.outcome(Some(self.capture.until)) {
            Outcome::AbortedByClient => (Side::Client, true),
            Outcome::AbortedByServer => (Side::Server, true),
            // It ends the opening.
            _ if !self.opened() && self.connection.opening().first_syn().is_some() => {
                (self.connection.side_of(rst.by), false)
            }
            _ => return None,
        };
        let verdict = if by == Side::Client { Verdict::ResetByClient } else { Verdict::ResetByServer };
        let proven = self.origin(rst) == (Origin::Itself, true) && self.connection.opening().first_syn().is_some();
        let why = Why::Reset {
            by,
            rst: rst.frame,
            answers: rst.answers,
            hops: self.compared(rst),
            after_fin: self.side(by).fin().is_some(),
        };
        Some(self.found(verdict, Some(by.into()), certain && proven, Some(rst.frame), why))
    }

    /// RFC 9293, 3.8.6.1: the receiver announces a window of 0, since nobody reads what it has.
    fn stalled(&self) -> Option<Finding> {
        let stalls = [End::A, End::B].map(|end| (end, self.signs.stall(end, self.capture.until)));
        let (end, (stall, over)) = stalls
            .into_iter()
            .filter_map(|(end, stall)| Some((end, stall?)))
            .filter(|(_, (stall, _))| stall.lasted >= STALLED)
            .max_by_key(|(_, (stall, _))| stall.lasted)?;
        let closed = self.connection.both_have_closed() && !over;
        if closed || self.connection.by_end(end).fin().is_some() && !over {
            return None;
        }
        let by = self.connection.side_of(end);
        let why = Why::Shut { by, frame: stall.frame, lasted: stall.lasted, over };
        let certain = stall.shown >= STALLED && self.connection.both_have_closed();
        Some(self.found(Verdict::Stalled, Some(by.into()), certain, Some(stall.frame), why))
    }

    /// Which side closed, while the other is known to be open.
    fn half_closed_by(&self) -> Option<Side> {
        [Side::Client, Side::Server].into_iter().find(|&side| self.connection.is_closed_alone(side))
    }

    fn left_half_closed(&self) -> Option<Finding> {
        let by = self.half_closed_by()?;
        let silent = match self.ending() {
            Some(rst) => rst.silence,
            None => self.silent_for(),
        };
        if silent < HALF_CLOSED {
            return None;
        }
        let frame = self.connection.closing().first_fin();
        let why = Why::HalfClosed { by, fin: frame, silent };
        Some(self.found(Verdict::LeftHalfClosed, Some(by.peer().into()), false, frame, why))
    }

    fn slow_opening(&self) -> Option<Finding> {
        let opening = self.connection.opening();
        let took = opening.duration().span();
        let (syns, syn_acks) = (opening.syn_count(), opening.syn_ack_count());
        let retried = (syns > 1 && self.signs.syns.count > 1) || self.signs.syn_acks_again.count > 0;
        if !self.opened()
            || !opening.is_captured()
            || opening.is_simultaneous()
            || !(retried || took.is_some_and(|took| took > SLOW))
        {
            return None;
        }
        let late_answer = opening.syn_to_syn_ack().span().is_some_and(|span| span > SLOW)
            && opening.syn_ack_to_ack().span().is_some_and(|span| span < SLOW)
            && !retried;
        let suspect = if late_answer { Suspect::Server } else { Suspect::Network };
        let frame = self.signs.syns.last().or(self.signs.syn_acks_again.last()).or(opening.syn_ack()).or(opening.ack());
        Some(self.found(Verdict::SlowOpening, Some(suspect), false, frame, Why::Slow { syns, syn_acks, took }))
    }
}

/// What is not over, or not known.
impl Case<'_> {
    /// The capture ends before what is unanswered is old enough.
    fn undecided(&self) -> Option<Finding> {
        let opening = self.connection.opening();
        let (frame, after, what) = if let Some((syns, _, waited)) = self.unanswered_syns() {
            (syns.last(), waited, Open::Syn)
        } else if let Some(wait) = self.wait().filter(|_| self.hears_both()) {
            (Some(wait.last), self.capture.until - wait.until, Open::Repeated)
        } else if !self.opened() && opening.syn_ack().is_some() && self.connection.ended_by().is_none() {
            (opening.syn_ack(), self.silent_for(), Open::SynAck)
        } else if self.half_closed_by().is_some() && self.connection.ended_by().is_none() {
            (self.connection.closing().first_fin(), self.silent_for(), Open::Close)
        } else {
            return None;
        };
        let why = Why::Ends { frame, after, what };
        Some(self.found(Verdict::Undecided, Some(Suspect::Capture), false, frame, why))
    }

    /// It opened, and closed or is open.
    fn in_order(&self) -> Option<Finding> {
        let closed = self.connection.both_have_closed();
        let ended = self.connection.ended_by().is_some() && !closed;
        if ended || !self.opened() || !self.hears_both() {
            return None;
        }
        let why = Why::InOrder { opening: self.connection.opening().is_captured(), closed };
        Some(self.found(Verdict::Fine, None, closed && self.is_whole(), None, why))
    }
}
