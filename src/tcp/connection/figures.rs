//! The examples of RFC 9293, 3.5 and 3.6, with the states that the RFC prints beside each segment.
//!
//! The RFC prints an end's state when a segment reaches it. A capture shows that it has once the end acts on it, so some of
//! the states come a segment later here: each such place says so.

use super::tests::{FA, SA, a, b, see_all, states};
use super::*;
use State::*;

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const RST: Flags = Flags::RST;

/// The states of A, the client, and B after each segment.
fn seen(segments: &[Segment]) -> Vec<(State, State)> {
    see_all(segments).1.iter().map(states).collect()
}

fn outcome(segments: &[Segment]) -> Outcome {
    see_all(segments).0.outcome(Some(crate::tcp::Timestamp(i64::MAX)))
}

#[test]
fn figure_6_basic_handshake() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 300, 101, 0), a(ACK, 101, 301, 0), a(ACK, 101, 301, 9)];
    // A is ESTABLISHED once it has sent its ACK; the RFC has it so when the SYN-ACK arrives.
    let expected = [(SynSent, Listen), (SynSent, SynReceived), (Established, Established), (Established, Established)];
    assert_eq!(seen(&segments), expected);
}

#[test]
fn figure_7_simultaneous_open() {
    let segments = [a(SYN, 100, 0, 0), b(SYN, 300, 0, 0), a(SA, 100, 301, 0), b(SA, 300, 101, 0)];
    let expected = [(SynSent, Listen), (SynSent, SynSent), (SynReceived, SynSent), (Established, Established)];
    assert_eq!(seen(&segments), expected);
    assert_eq!(outcome(&segments), Outcome::Established);
}

#[test]
fn figure_8_an_old_duplicate_syn() {
    // The old SYN, 90, was not captured: its answer is the second segment.
    let segments = [a(SYN, 100, 0, 0), b(SA, 300, 91, 0), a(RST, 91, 0, 0), b(SA, 400, 101, 0), a(ACK, 101, 401, 0)];
    let expected = [
        (SynSent, Listen),
        (SynSent, SynReceived),
        (SynSent, Listen),
        (SynSent, SynReceived),
        (Established, Established),
    ];
    assert_eq!(seen(&segments), expected);
    let (connection, standings) = see_all(&segments);
    assert_eq!(standings[2].reset_acceptable, Some(true));
    assert_eq!(connection.by_end(End::B).isn(), Some(SeqNumber(400)));
    assert_eq!(outcome(&segments), Outcome::Established);
    assert_eq!(outcome(&segments[..4]), Outcome::InProgress, "the right SYN-ACK does not repeat the wrong one");
}

#[test]
fn figure_9_half_open_connection_discovery() {
    let syn = a(SYN, 400, 0, 0);
    let segments = [syn, b(ACK, 300, 100, 0), a(RST, 100, 0, 0), syn];
    // B, whose older connection was not captured, passes for one that listens.
    let expected = [(SynSent, Listen), (SynSent, Listen), (SynSent, Closed), (SynSent, Listen)];
    assert_eq!(seen(&segments), expected);
    let (_, standings) = see_all(&segments);
    assert_eq!(standings[1].step, Step::ChallengeAck);
    assert_eq!(standings[2].reset_acceptable, Some(true));
    assert_eq!(standings[3].step, Step::SynRetransmission);
    assert_eq!(outcome(&segments), Outcome::NoAnswer);
}

#[test]
fn figure_10_the_active_side_discovers_it() {
    let segments = [b(ACK, 300, 100, 10), a(RST, 100, 0, 0)];
    assert_eq!(seen(&segments), [(Established, Established), (Closed, Closed)]);
    assert_eq!(see_all(&segments).1[1].reset_acceptable, Some(true));
    assert_eq!(outcome(&segments), Outcome::AbortedByClient);
}

#[test]
fn figure_11_an_old_duplicate_syn_meets_two_that_listen() {
    let segments = [a(SYN, 50, 0, 0), b(SA, 300, 51, 0), a(RST, 51, 0, 0)];
    // A has sent the SYN in an earlier life, and B returns to LISTEN.
    assert_eq!(seen(&segments), [(SynSent, Listen), (SynSent, SynReceived), (Closed, Listen)]);
    assert_eq!(see_all(&segments).1[2].reset_acceptable, Some(true));
}

/// Up to `ESTABLISHED ESTABLISHED`, with the numbers 100 and 300 next.
fn opened() -> Vec<Segment> {
    vec![a(SYN, 99, 0, 0), b(SA, 299, 100, 0), a(ACK, 100, 300, 0)]
}

#[test]
fn figure_12_normal_close() {
    let close = [a(FA, 100, 300, 0), b(ACK, 300, 101, 0), b(FA, 300, 101, 0), a(ACK, 101, 301, 0)];
    let segments = [opened(), close.to_vec()].concat();
    let expected = [(FinWait1, Established), (FinWait2, CloseWait), (FinWait2, LastAck), (TimeWait, Closed)];
    assert_eq!(seen(&segments)[3..], expected);
    assert_eq!(outcome(&segments), Outcome::ClosedNormally);
}

#[test]
fn figure_13_simultaneous_close() {
    let close = [a(FA, 100, 300, 0), b(FA, 300, 100, 0), a(ACK, 101, 301, 0), b(ACK, 301, 101, 0)];
    let segments = [opened(), close.to_vec()].concat();
    let expected = [(FinWait1, Established), (FinWait1, FinWait1), (Closing, Closing), (TimeWait, TimeWait)];
    assert_eq!(seen(&segments)[3..], expected);
    assert_eq!(outcome(&segments), Outcome::ClosedNormally);
}
