//! Connections made up from parts whose outcome is known by construction: the engine, the oracle and the construction have
//! to agree.

mod support;

use proptest::prelude::*;
use support::oracle::{self, ACK, FIN, RST, SYN};
use tcpshake::tcp::{
    Analysis, Connection, End, Flags, FrameNumber, Options, Rule, Segment, SeqNumber, Sighting, Timestamp,
};

/// How the connection begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Opening {
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

#[derive(Clone, Copy, Debug)]
struct Plan {
    opening: Opening,
    ending: Ending,
    /// Whether the client ends it.
    client_ends: bool,
    isn: [u32; 2],
    /// Bytes that the client and the server send in between.
    bytes: [u32; 2],
    /// Segments that are captured twice.
    doubled: u32,
}

fn plans() -> impl Strategy<Value = Plan> {
    let openings = [
        Opening::Complete,
        Opening::CompleteWithData,
        Opening::SynOnly,
        Opening::SynAckOnly,
        Opening::Refused,
        Opening::GivenUp,
        Opening::NotCaptured,
    ];
    let endings =
        [Ending::Nothing, Ending::FourSegments, Ending::ThreeSegments, Ending::Crossing, Ending::OneFin, Ending::Reset];
    (
        prop::sample::select(openings.to_vec()),
        prop::sample::select(endings.to_vec()),
        any::<bool>(),
        any::<[u32; 2]>(),
        [1u32..5000, 1u32..5000],
        any::<u32>(),
    )
        .prop_map(|(opening, ending, client_ends, isn, bytes, doubled)| Plan {
            opening,
            ending,
            client_ends,
            isn,
            bytes,
            doubled,
        })
}

/// The segments as they are captured; `first` is the client.
fn segments(plan: &Plan) -> Vec<oracle::Segment> {
    let mut next = plan.isn;
    let mut list = Vec::new();
    let mut send = |client: bool, flags: u16, len: u32, next: &mut [u32; 2]| {
        let (me, you) = if client { (0, 1) } else { (1, 0) };
        let ack = if flags & ACK != 0 { next[you] } else { 0 };
        list.push(oracle::Segment { first: client, flags, seq: next[me], ack, len });
        let takes = len + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        next[me] = next[me].wrapping_add(takes);
    };
    match plan.opening {
        Opening::NotCaptured => {}
        Opening::Refused => {
            send(true, SYN, 0, &mut next);
            send(false, RST | ACK, 0, &mut next);
            return list;
        }
        opening => {
            send(true, SYN, 0, &mut next);
            if opening == Opening::SynOnly {
                return list;
            }
            if opening == Opening::GivenUp {
                send(true, RST, 0, &mut next);
                return list;
            }
            send(false, SYN | ACK, 0, &mut next);
            if opening == Opening::SynAckOnly {
                return list;
            }
            send(true, ACK, if opening == Opening::CompleteWithData { 33 } else { 0 }, &mut next);
        }
    }
    send(true, ACK, plan.bytes[0], &mut next);
    send(false, ACK, 0, &mut next);
    send(false, ACK, plan.bytes[1], &mut next);
    send(true, ACK, 0, &mut next);
    let closer = plan.client_ends;
    match plan.ending {
        Ending::Nothing => {}
        Ending::OneFin => send(closer, FIN | ACK, 0, &mut next),
        Ending::Reset => send(closer, RST | ACK, 0, &mut next),
        Ending::FourSegments => {
            send(closer, FIN | ACK, 0, &mut next);
            send(!closer, ACK, 0, &mut next);
            send(!closer, FIN | ACK, 0, &mut next);
            send(closer, ACK, 0, &mut next);
        }
        Ending::ThreeSegments => {
            send(closer, FIN | ACK, 0, &mut next);
            send(!closer, FIN | ACK, 0, &mut next);
            send(closer, ACK, 0, &mut next);
        }
        Ending::Crossing => {
            // The second end has not seen the first FIN when it sends its own.
            let mut unseen = next;
            send(closer, FIN | ACK, 0, &mut next);
            send(!closer, FIN | ACK, 0, &mut unseen);
            let second = usize::from(closer);
            next[second] = unseen[second];
            send(closer, ACK, 0, &mut next);
            send(!closer, ACK, 0, &mut next);
        }
    }
    list
}

/// Some segments again, right behind themselves: a retransmission, or a capture that saw them twice.
fn doubled(list: Vec<oracle::Segment>, which: u32) -> Vec<oracle::Segment> {
    let twice = |index: usize, s: &oracle::Segment| (which >> (index % 32)) & 1 == 1 && s.flags & RST == 0;
    list.iter()
        .enumerate()
        .flat_map(|(index, s)| std::iter::repeat_n(*s, if twice(index, s) { 2 } else { 1 }))
        .collect()
}

/// `outcome` and `closing.kind` by construction.
fn meant(plan: &Plan) -> (u8, u8) {
    let aborted = if plan.client_ends { 9 } else { 10 };
    match (plan.opening, plan.ending) {
        (Opening::SynOnly, _) => (2, 6),
        (Opening::SynAckOnly, _) => (5, 6),
        (Opening::Refused, _) => (3, 5),
        (Opening::GivenUp, _) => (9, 5),
        (Opening::NotCaptured, Ending::Nothing) => (11, 6),
        (_, Ending::Nothing) => (6, 6),
        (_, Ending::FourSegments) => (7, 1),
        (_, Ending::ThreeSegments) => (7, 2),
        (_, Ending::Crossing) => (7, 3),
        (_, Ending::OneFin) => (8, 4),
        (_, Ending::Reset) => (aborted, 5),
    }
}

fn told(list: &[oracle::Segment]) -> (u8, u8, u8) {
    let mut connection = Connection::new(Rule::V4_4);
    for (index, s) in list.iter().enumerate() {
        let (source_port, destination_port) = if s.first { (50000, 80) } else { (80, 50000) };
        let segment = Segment {
            frame: FrameNumber::new(index as u32 + 1).unwrap(),
            time: Timestamp(index as i64),
            from: if s.first { End::A } else { End::B },
            source_port,
            destination_port,
            seq: SeqNumber(s.seq),
            ack: SeqNumber(s.ack),
            flags: Flags::from_bits_truncate(s.flags),
            window: 64240,
            header_len: 20,
            len: s.len,
            options: Options::default(),
            analysis: Analysis::empty(),
        };
        connection.see(&segment, &Sighting::of(&segment, index == 0, false));
    }
    let (outcome, kind) = (connection.outcome(true), connection.closing_kind());
    (outcome.number(), kind.number(), connection.completeness().bits())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]
    #[test]
    fn engine_oracle_and_construction_agree(plan in plans()) {
        let list = doubled(segments(&plan), plan.doubled);
        let (outcome, kind, completeness) = told(&list);
        prop_assert_eq!((outcome, kind), meant(&plan), "the engine: {:?}", list);
        prop_assert_eq!(oracle::outcome_and_closing(&list, true), meant(&plan), "the oracle: {:?}", list);
        prop_assert_eq!(completeness, oracle::completeness(&list));
    }
}
