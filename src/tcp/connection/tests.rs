//! Connections by hand, and any segments at all.

use super::*;
use crate::tcp::Timestamp;
use crate::tcp::testing::{self, any_segments, extreme_segments, segment};
use proptest::prelude::*;

pub(super) fn see_all(segments: &[Segment]) -> (Connection, Vec<Standing>) {
    testing::see_all(CountingRule::V4_2, segments)
}

pub(super) const SA: Flags = Flags::SYN.union(Flags::ACK);
pub(super) const FA: Flags = Flags::FIN.union(Flags::ACK);
pub(super) const RA: Flags = Flags::RST.union(Flags::ACK);

pub(super) fn a(flags: Flags, seq: u32, ack: u32, len: u32) -> Segment {
    segment(End::A, flags, seq, ack, len)
}

pub(super) fn b(flags: Flags, seq: u32, ack: u32, len: u32) -> Segment {
    segment(End::B, flags, seq, ack, len)
}

pub(super) fn handshake() -> Vec<Segment> {
    vec![a(Flags::SYN, 100, 0, 0), b(SA, 500, 101, 0), a(Flags::ACK, 101, 501, 0)]
}

pub(super) fn steps(segments: &[Segment]) -> Vec<(Phase, Step)> {
    see_all(segments).1.iter().map(|standing| (standing.phase, standing.step)).collect()
}

pub(super) fn states(standing: &Standing) -> (State, State) {
    (standing.client, standing.server)
}

#[test]
fn the_states_of_a_whole_life() {
    use State::*;
    let mut segments = handshake();
    segments.extend([
        a(Flags::ACK, 101, 501, 78),
        b(Flags::ACK, 501, 179, 0),
        a(FA, 179, 501, 0),
        b(Flags::ACK, 501, 180, 0),
        b(FA, 501, 180, 0),
        a(Flags::ACK, 180, 502, 0),
    ]);
    let (_, standings) = see_all(&segments);
    let seen: Vec<_> = standings.iter().map(states).collect();
    assert_eq!(
        seen,
        [
            (SynSent, Listen),
            (SynSent, SynReceived),
            (Established, Established),
            (Established, Established),
            (Established, Established),
            (FinWait1, Established),
            (FinWait2, CloseWait),
            (FinWait2, LastAck),
            (TimeWait, Closed),
        ]
    );
    assert_eq!(standings[8].step, Step::LastAck);
    let so_far: Vec<_> = standings.iter().map(|standing| standing.so_far.letters()).collect();
    let whole = "·FDASS";
    assert_eq!(so_far, ["·····S", "····SS", "···ASS", "··DASS", "··DASS", whole, whole, whole, whole]);
}

#[test]
fn crossing_fins_pass_through_closing() {
    use State::*;
    let mut segments = handshake();
    segments.extend([a(FA, 101, 501, 0), b(FA, 501, 101, 0), a(Flags::ACK, 102, 502, 0), b(Flags::ACK, 502, 102, 0)]);
    let (_, standings) = see_all(&segments);
    let seen: Vec<_> = standings[3..].iter().map(states).collect();
    assert_eq!(seen, [(FinWait1, Established), (FinWait1, FinWait1), (Closing, Closing), (TimeWait, TimeWait)]);
    assert_eq!(standings[6].step, Step::LastAck);
}

#[test]
fn a_refusal_ends_the_attempt() {
    let segments = [a(Flags::SYN, 100, 0, 0), b(RA, 0, 101, 0)];
    let (_, standings) = see_all(&segments);
    assert_eq!((standings[1].phase, standings[1].step), (Phase::Opening, Step::Refused));
    assert_eq!(standings[1].reset_acceptable, Some(true));
    assert_eq!(states(&standings[1]), (State::Closed, State::Closed));
}

#[test]
fn a_rst_that_does_not_answer_the_syn_changes_nothing() {
    let segments = [a(Flags::SYN, 100, 0, 0), b(RA, 0, 90, 0), b(SA, 500, 101, 0)];
    let (_, standings) = see_all(&segments);
    assert_eq!((standings[1].step, standings[1].reset_acceptable), (Step::StrayReset, Some(false)));
    assert_eq!(standings[2].step, Step::SynAck);
}

#[test]
fn a_syn_captured_late_is_still_the_syn() {
    let segments = [b(SA, 500, 101, 0), a(Flags::SYN, 100, 0, 0), a(Flags::ACK, 101, 501, 0)];
    assert_eq!(
        steps(&segments),
        [(Phase::Opening, Step::SynAck), (Phase::Opening, Step::Syn), (Phase::Opening, Step::HandshakeAck)]
    );
    let opened = Completeness::SYN | Completeness::SYN_ACK | Completeness::ACK;
    assert_eq!(see_all(&segments).0.completeness(), opened);
}

#[test]
fn a_wrong_ack_does_not_complete_the_handshake() {
    let segments = [a(Flags::SYN, 100, 0, 0), b(SA, 500, 101, 0), a(Flags::ACK, 101, 400, 0), b(Flags::RST, 400, 0, 0)];
    assert_eq!(steps(&segments)[2..], [(Phase::Opening, Step::WrongAck), (Phase::Opening, Step::Abort)]);
    assert_eq!(states(&see_all(&segments).1[3]), (State::SynSent, State::SynReceived));
}

#[test]
fn an_ack_of_more_than_was_captured_is_wrong_only_if_its_receiver_says_so() {
    let syn = a(Flags::SYN, 100, 0, 0);
    let segments = [syn, b(SA, 500, 101, 0), a(Flags::ACK, 101, 777, 0), b(Flags::RST, 777, 0, 0)];
    let (connection, standings) = see_all(&segments);
    assert_eq!((standings[2].phase, standings[2].step), (Phase::Data, Step::Ack));
    assert_eq!((standings[3].phase, standings[3].step), (Phase::Opening, Step::Abort));
    assert_eq!(states(&standings[3]), (State::SynSent, State::SynReceived));
    assert_eq!(connection.outcome(Some(Timestamp(i64::MAX))), Outcome::InProgress);
}

#[test]
fn a_syn_ack_again_shows_that_an_ack_of_more_was_wrong() {
    let server = b(SA, 500, 101, 0);
    let segments = [a(Flags::SYN, 100, 0, 0), server, a(Flags::ACK, 101, 777, 0), server];
    let (connection, standings) = see_all(&segments);
    assert_eq!((standings[3].phase, standings[3].step), (Phase::Opening, Step::SynAckRetransmission));
    assert_eq!(states(&standings[3]), (State::SynSent, State::SynReceived));
    assert_eq!(connection.outcome(Some(Timestamp(i64::MAX))), Outcome::HalfOpen);
    let goes_on = [&segments[..], &[a(Flags::ACK, 101, 501, 0), b(Flags::RST, 501, 0, 0)]].concat();
    let (_, standings) = see_all(&goes_on);
    assert_eq!((standings[4].phase, standings[4].step), (Phase::Opening, Step::HandshakeAck));
    assert_eq!((standings[5].step, standings[5].reset_acceptable), (Step::Abort, Some(true)));
}

#[test]
fn without_an_opening_the_lower_port_is_the_server() {
    let (_, standings) = see_all(&[b(Flags::ACK, 501, 101, 10)]);
    assert_eq!((standings[0].sender, standings[0].sender_assumed), (Side::Server, true));
    assert_eq!(standings[0].phase, Phase::Data);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn any_segments_in_any_order_are_taken(segments in any_segments()) {
        let (connection, standings) = see_all(&segments);
        let mut before = Completeness::empty();
        for (standing, segment) in standings.iter().zip(&segments) {
            prop_assert!(standing.so_far.contains(before));
            before = standing.so_far;
            prop_assert_eq!(standing.step == Step::ImpossibleFlags, segment.flags.are_impossible());
            prop_assert!(standing.reset_acceptable.is_none() || segment.has(Flags::RST));
            if !standing.sender_assumed {
                prop_assert!(!standings.last().unwrap().sender_assumed, "a known role stays known");
            }
        }
        prop_assert_eq!(connection.completeness(), before);
    }

    #[test]
    fn moving_the_numbers_round_the_circle_changes_nothing(segments in any_segments(), by_a: u32, by_b: u32) {
        let moved: Vec<Segment> = segments
            .iter()
            .map(|s| {
                let (seq, ack) = if s.from == End::A { (by_a, by_b) } else { (by_b, by_a) };
                Segment { seq: s.seq + seq, ack: s.ack + ack, ..*s }
            })
            .collect();
        // The number 0 of a RST that answers a SYN is no place on the circle.
        let answers_with_0 = |s: &Segment| s.has(Flags::RST) && s.seq == SeqNumber(0);
        prop_assume!(!segments.iter().chain(&moved).any(answers_with_0));
        prop_assert_eq!(see_all(&segments).1, see_all(&moved).1);
    }

    /// A test build checks every sum.
    #[test]
    fn no_number_overflows(segments in extreme_segments()) {
        for rule in [CountingRule::V4_0, CountingRule::V4_2] {
            let (connection, _) = testing::see_all(rule, &segments);
            let (opening, closing) = (connection.opening(), connection.closing());
            let _ = (opening.duration().span(), opening.syn_to_syn_ack().span(), opening.syn_ack_to_ack().span());
            let _ = (closing.duration().span(), connection.outcome(Some(Timestamp(i64::MAX))), connection.closing_kind());
            prop_assert!(!connection.zeek().conn_state().is_empty());
            prop_assert!(usize::from(opening.syn_count()) <= segments.len());
        }
    }
}
