//! Connections made up from parts whose outcome is known by construction: the engine has to agree.

use super::{ClosingKind, Outcome};
use crate::tcp::completeness::CountingRule;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{SeqNumber, Timestamp};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::testing::{facts, numbered, oracle, see_all, segment};
use proptest::prelude::*;

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const SYN_ACK: Flags = Flags::SYN.union(Flags::ACK);
const FIN_ACK: Flags = Flags::FIN.union(Flags::ACK);
const RST: Flags = Flags::RST;
const RST_ACK: Flags = Flags::RST.union(Flags::ACK);

/// How the connection begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beginning {
    Complete,
    CompleteWithData,
    SynOnly,
    SynAckOnly,
    Refused,
    GivenUp,
    NotCaptured,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Nothing,
    FourSegments,
    ThreeSegments,
    Crossing,
    OneFin,
    Reset,
}

/// A connection that A opens.
#[derive(Clone, Copy, Debug)]
struct Plan {
    beginning: Beginning,
    ending: Ending,
    /// The end that ends it.
    closer: End,
    isn: [u32; 2],
    /// Bytes that the client and the server send in between.
    bytes: [u32; 2],
    /// Segments that are captured twice: a bit for each.
    doubled: u32,
}

fn plans() -> impl Strategy<Value = Plan> {
    use Beginning::*;
    use Ending::{Crossing, FourSegments, Nothing, OneFin, Reset, ThreeSegments};
    let beginnings = [Complete, CompleteWithData, SynOnly, SynAckOnly, Refused, GivenUp, NotCaptured];
    let endings = [Nothing, FourSegments, ThreeSegments, Crossing, OneFin, Reset];
    (
        prop::sample::select(beginnings.to_vec()),
        prop::sample::select(endings.to_vec()),
        prop::sample::select(vec![End::A, End::B]),
        any::<[u32; 2]>(),
        [1u32..5000, 1u32..5000],
        any::<u32>(),
    )
        .prop_map(|(beginning, ending, closer, isn, bytes, doubled)| Plan {
            beginning,
            ending,
            closer,
            isn,
            bytes,
            doubled,
        })
}

/// Segments in the making.
struct Script {
    segments: Vec<Segment>,
    /// The number that each end's next segment starts with.
    next: PerEnd<SeqNumber>,
}

impl Script {
    fn send(&mut self, from: End, flags: Flags, len: u32) {
        self.send_unaware(from, flags, len, self.next[from.peer()]);
    }

    /// The sender has heard its peer up to `heard`.
    fn send_unaware(&mut self, from: End, flags: Flags, len: u32, heard: SeqNumber) {
        let ack = if flags.contains(ACK) { heard.0 } else { 0 };
        let sent = segment(from, flags, self.next[from].0, ack, len);
        self.next[from] = sent.next_seq();
        self.segments.push(sent);
    }

    /// `false` if the connection does not come about.
    fn begin(&mut self, beginning: Beginning) -> bool {
        let (client, server) = (End::A, End::B);
        if beginning == Beginning::NotCaptured {
            return true;
        }
        self.send(client, SYN, 0);
        match beginning {
            Beginning::SynOnly => {}
            // A closed port has no number of its own (RFC 9293, 3.10.7.1).
            Beginning::Refused => self.segments.push(segment(server, RST_ACK, 0, self.next[client].0, 0)),
            Beginning::GivenUp => self.send(client, RST, 0),
            _ => self.send(server, SYN_ACK, 0),
        }
        match beginning {
            Beginning::Complete => self.send(client, ACK, 0),
            Beginning::CompleteWithData => self.send(client, ACK, 33),
            _ => return false,
        }
        true
    }

    fn end(&mut self, ending: Ending, closer: End) {
        let second = closer.peer();
        let first_fin = self.next[closer];
        match ending {
            Ending::Nothing => return,
            Ending::Reset => return self.send(closer, RST_ACK, 0),
            _ => self.send(closer, FIN_ACK, 0),
        }
        match ending {
            Ending::FourSegments => {
                self.send(second, ACK, 0);
                self.send(second, FIN_ACK, 0);
                self.send(closer, ACK, 0);
            }
            Ending::ThreeSegments => {
                self.send(second, FIN_ACK, 0);
                self.send(closer, ACK, 0);
            }
            Ending::Crossing => {
                self.send_unaware(second, FIN_ACK, 0, first_fin);
                self.send(closer, ACK, 0);
                self.send(second, ACK, 0);
            }
            _ => {}
        }
    }
}

/// The segments as they are captured.
fn segments(plan: &Plan) -> Vec<Segment> {
    let mut next = PerEnd::default();
    (next[End::A], next[End::B]) = (SeqNumber(plan.isn[0]), SeqNumber(plan.isn[1]));
    let mut script = Script { segments: Vec::new(), next };
    if script.begin(plan.beginning) {
        script.send(End::A, ACK, plan.bytes[0]);
        script.send(End::B, ACK, 0);
        script.send(End::B, ACK, plan.bytes[1]);
        script.send(End::A, ACK, 0);
        script.end(plan.ending, plan.closer);
    }
    script.segments
}

/// Some segments again, right behind themselves: a retransmission, or a capture that saw them twice.
fn doubled(list: Vec<Segment>, which: u32) -> Vec<Segment> {
    let twice = |index: usize, s: &Segment| (which >> (index % 32)) & 1 == 1 && !s.has(RST);
    let copies = |(index, s): (usize, &Segment)| std::iter::repeat_n(*s, if twice(index, s) { 2 } else { 1 });
    numbered(list.iter().enumerate().flat_map(copies).collect())
}

/// What becomes of the connection, by construction.
fn meant(plan: &Plan) -> (Outcome, ClosingKind) {
    let aborted = if plan.closer == End::A { Outcome::AbortedByClient } else { Outcome::AbortedByServer };
    match (plan.beginning, plan.ending) {
        (Beginning::SynOnly, _) => (Outcome::NoAnswer, ClosingKind::NotClosed),
        (Beginning::SynAckOnly, _) if plan.doubled & 2 == 0 => (Outcome::InProgress, ClosingKind::NotClosed),
        (Beginning::SynAckOnly, _) => (Outcome::HalfOpen, ClosingKind::NotClosed),
        (Beginning::Refused, _) => (Outcome::Refused, ClosingKind::Reset),
        (Beginning::GivenUp, _) => (Outcome::AbortedByClient, ClosingKind::Reset),
        (Beginning::NotCaptured, Ending::Nothing) => (Outcome::OpeningNotCaptured, ClosingKind::NotClosed),
        (_, Ending::Nothing) => (Outcome::Established, ClosingKind::NotClosed),
        (_, Ending::FourSegments) => (Outcome::ClosedNormally, ClosingKind::FourWay),
        (_, Ending::ThreeSegments) => (Outcome::ClosedNormally, ClosingKind::ThreeWay),
        (_, Ending::Crossing) => (Outcome::ClosedNormally, ClosingKind::Simultaneous),
        (Beginning::NotCaptured, Ending::OneFin) => (Outcome::OpeningNotCaptured, ClosingKind::HalfClosed),
        (_, Ending::OneFin) => (Outcome::Established, ClosingKind::HalfClosed),
        (_, Ending::Reset) => (aborted, ClosingKind::Reset),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]
    #[test]
    fn engine_and_construction_agree(plan in plans()) {
        let list = doubled(segments(&plan), plan.doubled);
        let (connection, _) = see_all(CountingRule::V4_2, &list);
        let (outcome, kind) = meant(&plan);
        let until = Timestamp(60_000_000_000);
        let became = (connection.outcome(Some(until)), connection.closing_kind());
        prop_assert_eq!(became, (outcome, Some(kind)), "{:?}", list);
        prop_assert_eq!(connection.completeness().bits(), oracle::completeness(&facts(&list)));
    }
}
