//! The verdicts, in the order of their list: the first that holds is the one.
//!
//! A rule's comment names its source. Where none stands, it is the definition of `docs/verdict.md`.

mod ending;
mod opening;

use super::origin::{Compared, has_all_hops, origin};
use super::signs::{FORGOTTEN, ResetSign, Signs, Wait};
use super::{Capture, CapturePoint, Close, Finding, ForeignHops, Hosts, Open, Origin, Suspect, Verdict, Why};
use crate::tcp::connection::{CLOSE_TIMEOUT, Connection, Outcome, SYN_TIMEOUT};
use crate::tcp::end::End;
use crate::tcp::frames::Frames;
use crate::tcp::number::{FrameNumber, Span, Timestamp};
use crate::tcp::standing::{Side, State, Step};
use crate::tcp::{Completeness, Endpoint};

const SECOND: Span = Span(1_000_000_000);

/// How soon the client's RST makes its connection a probe.
const PROBE: Span = SECOND;

/// How often, or for how long, something is repeated before its receiver counts as silent.
const REPEATED: u16 = 3;
const REPEATED_FOR: Span = Span(3 * SECOND.0);

/// How long a window of 0 makes a stall.
const STALLED: Span = SECOND;

/// How long an opening may take.
const SLOW: Span = SECOND;

/// Payload that fits into any path: 576 bytes go through every one (RFC 791), 40 of them are headers.
const FITS: u32 = 536;

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
        Case::RULES.iter().find_map(|rule| rule(&case)).unwrap_or_else(|| case.not_all_captured())
    }

    /// Where on the way it was captured: who has forwarded nothing yet, and how the opening's round trip divides.
    pub fn capture_point(&self) -> CapturePoint {
        /// How many times nearer one end has to be.
        const NEARER: i64 = 4;
        let whole = |side| self.last_packet(self.end_of(side)).hops().map(has_all_hops);
        let times = (self.opening().syn_to_syn_ack().span(), self.opening().syn_ack_to_ack().span());
        // Where the clock jumped, the times say nothing.
        let nearer = |near: Span, far: Span| near >= Span(0) && Span({ near.0 }.saturating_mul(NEARER)) <= far;
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
        Some((origin(reset, capture.hosts).0, reset))
    }
}

/// What a narration asks.
impl Connection {
    /// On one of the first RSTs: how many hops it has left and the most that a packet of its end had before it, where these show
    /// that probably someone else sent it.
    pub fn foreign_hops(&self, frame: FrameNumber) -> Option<ForeignHops> {
        let mut reset = *self.signs()?.reset(frame)?;
        reset.went_on = None;
        let hosts = Hosts::new();
        match (origin(&reset, &hosts).0, Compared::of(&reset, &hosts)) {
            (Origin::SomeoneElse, Compared::Other { rst, host }) => Some(ForeignHops { rst, host, v6: reset.is_v6() }),
            _ => None,
        }
    }

    /// Whether a side's SYN had been sent more than once before that frame.
    pub fn repeats_syn_before(&self, side: Side, frame: FrameNumber) -> bool {
        let Some(signs) = self.signs() else { return false };
        let (syns, syn_acks) = (signs.attempts.syns(), signs.attempts.syn_acks_again());
        let again = if side == Side::Client { syns.iter().nth(1) } else { syn_acks.iter().next() };
        again.is_some_and(|again| again < frame)
    }
}

impl<'a> Case<'a> {
    /// The rules, in the order in which they are tried: that of the verdicts, but for the last two.
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
    fn found(
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
        Compared::of(reset, self.capture.hosts)
    }

    fn origin(&self, reset: &ResetSign) -> (Origin, bool) {
        origin(reset, self.capture.hosts)
    }

    /// From this time, or that of the last segment, to the end of the capture.
    fn since(&self, time: Option<Timestamp>) -> Span {
        time.or(self.connection.last()).map_or(Span(0), |time| self.capture.until - time)
    }

    /// How long nothing but keep-alives was captured.
    fn silent_for(&self) -> Span {
        self.since(self.signs.only_keep_alives_since())
    }

    /// Whether both ends were heard.
    fn hears_both(&self) -> bool {
        [End::A, End::B].iter().all(|&end| self.connection.by_end(end).was_heard())
    }

    /// Whether the handshake and all numbers after it were captured.
    fn is_whole_from_syn(&self) -> bool {
        let opening = self.connection.opening();
        let handshake = opening.first_syn().is_some() && opening.syn_ack().is_some() && opening.ack().is_some();
        handshake && [End::A, End::B].iter().all(|&end| !self.connection.by_end(end).has_holes())
    }

    fn not_all_captured(&self) -> Finding {
        let (frame, why) = self.missing();
        Self::found(Verdict::NotAllCaptured, Some(Suspect::Capture), false, frame, why)
    }

    fn missing(&self) -> (Option<FrameNumber>, Why) {
        let heard = |side| self.side(side).was_heard();
        let rst = self.ending().map(|rst| (rst.frame, self.connection.side_of(rst.by)));
        match (heard(Side::Client), heard(Side::Server), rst) {
            (true, false, None | Some((_, Side::Client))) => (None, Why::OneDirection { captured: Side::Client }),
            (false, true, None | Some((_, Side::Server))) => (None, Why::OneDirection { captured: Side::Server }),
            (.., Some((rst, by))) => (Some(rst), Why::LittleButReset { by, rst }),
            _ => (None, Why::Little),
        }
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
            (opening.syn_ack(), self.since(opening.answered()), Open::SynAck)
        } else if self.closes_still() {
            let closing = self.connection.closing();
            (closing.first_fin(), self.since(closing.began()), Open::Close)
        } else {
            return None;
        };
        let why = Why::Ends { frame, after, what };
        Some(Self::found(Verdict::Undecided, Some(Suspect::Capture), false, frame, why))
    }

    /// Whether one end is known to be open after the other's FIN, or too little time has passed since to see how it goes on.
    fn closes_still(&self) -> bool {
        let fin = self.connection.closing().first_fin().filter(|_| self.opened() && self.hears_both());
        let began = self.connection.closing().began();
        let young = fin.is_some() && !self.connection.both_have_closed() && self.since(began) < CLOSE_TIMEOUT;
        self.connection.ended_by().is_none() && (young || self.half_closed_by().is_some())
    }

    /// It opened, and closed or is open.
    fn in_order(&self) -> Option<Finding> {
        let closed = self.connection.both_have_closed();
        let ended = self.connection.ended_by().is_some() && !closed;
        if ended || !self.opened() || !self.hears_both() {
            return None;
        }
        let close = match self.connection.closing().first_fin() {
            _ if closed => Close::Done,
            Some(_) => Close::Begun,
            None => Close::NotSeen,
        };
        let why = Why::InOrder { opening: self.connection.opening().is_captured(), close };
        // What a RST after both FINs cuts off was not acknowledged.
        let acked = |end: End| self.connection.by_end(end.peer()).has_acked_fin_of(self.connection.by_end(end));
        let certain = closed && self.is_whole_from_syn() && [End::A, End::B].into_iter().all(acked);
        Some(Self::found(Verdict::Fine, None, certain, None, why))
    }
}
