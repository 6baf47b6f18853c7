//! Captures as people make them: filtered, with holes, with packets from elsewhere.

use super::tests::{FA, RA, SA, a, b, handshake, see_all, states};
use super::*;
use crate::tcp::options::Options;
use crate::tcp::testing::numbered;
use crate::tcp::{Span, Timestamp};

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const RST: Flags = Flags::RST;

/// The outcome where the capture goes on long after the last segment.
fn outcome(segments: &[Segment]) -> Outcome {
    see_all(segments).0.outcome(Some(Timestamp(i64::MAX)))
}

/// The outcome where the capture ends with the last segment, a millisecond after the one before.
fn outcome_at_once(segments: &[Segment]) -> Outcome {
    let segments = numbered(segments.to_vec());
    see_all(&segments).0.outcome(segments.last().map(|last| last.time))
}

fn last(segments: &[Segment]) -> Standing {
    see_all(segments).1[segments.len() - 1]
}

/// The handshake, then these.
fn opened(then: &[Segment]) -> Vec<Segment> {
    [&handshake(), then].concat()
}

// What was not captured was not "not sent".

#[test]
fn only_syn_fin_and_rst_of_a_close() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0), a(FA, 300, 900, 0), b(FA, 900, 301, 0)];
    let (connection, standings) = see_all(&segments);
    assert_eq!((standings[2].step, standings[3].step), (Step::FirstFin, Step::SecondFin));
    assert_eq!((outcome(&segments), connection.closed_first()), (Outcome::ClosedNormally, Some(Side::Client)));
    let server_first = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0), b(FA, 900, 300, 0), a(FA, 300, 901, 0)];
    assert_eq!(see_all(&server_first).0.closed_first(), Some(Side::Server));
}

#[test]
fn only_syn_and_rst_of_an_abort() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0), a(RA, 300, 900, 0)];
    let standing = last(&segments);
    assert_eq!((standing.phase, standing.step, standing.reset_acceptable), (Phase::Closing, Step::Abort, None));
    assert_eq!(outcome(&segments), Outcome::Established, "FINs may have gone before it");
}

#[test]
fn only_syns() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0)];
    assert_eq!(outcome(&segments), Outcome::InProgress);
    assert_eq!(outcome(&[segments[0], segments[1], segments[1]]), Outcome::HalfOpen);
    assert_eq!(outcome(&[segments[0]]), Outcome::NoAnswer);
    assert_eq!(outcome_at_once(&[segments[0]]), Outcome::InProgress);
    let after = |seconds: i64| see_all(&segments[..1]).0.outcome(Some(Timestamp(seconds * 1_000_000_000)));
    assert_eq!(
        [1, 3].map(after),
        [Outcome::InProgress, Outcome::NoAnswer],
        "the retry may come just after the capture"
    );
    assert_eq!(outcome_at_once(&[segments[0], segments[0]]), Outcome::NoAnswer);
}

#[test]
fn nothing_but_nonsense_is_no_attempt_to_open() {
    for flags in [Flags::empty(), Flags::FIN | Flags::PSH | Flags::URG, SYN | Flags::FIN] {
        assert_eq!(outcome(&[a(flags, 100, 0, 0)]), Outcome::OpeningNotCaptured, "{flags:?}");
        assert_eq!(outcome(&[a(flags, 100, 0, 0), a(SYN, 100, 0, 0)]), Outcome::NoAnswer, "{flags:?}");
        assert_eq!(outcome(&[a(flags, 100, 0, 0), b(RA, 0, 100, 0)]), Outcome::Refused, "{flags:?}");
    }
}

#[test]
fn the_handshake_ack_and_the_greeting_are_missing() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0), a(ACK, 101, 530, 8), b(ACK, 530, 109, 0)];
    let (_, standings) = see_all(&segments);
    assert_eq!((standings[2].step, standings[3].step), (Step::Data, Step::Ack));
    assert_eq!(outcome(&segments), Outcome::Established);
}

#[test]
fn the_servers_direction_and_the_syn() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 500, 101, 0), b(ACK, 501, 1101, 0)];
    assert_eq!(outcome(&segments), Outcome::Established);
}

#[test]
fn a_rst_behind_a_hole() {
    let segments = opened(&[a(ACK, 101, 501, 10), b(ACK, 501, 111, 0), a(ACK, 171, 501, 10), a(RST, 211, 0, 0)]);
    assert_eq!(last(&segments).reset_acceptable, None);
    // What its receiver has just acknowledged it accepts, whatever was captured of its sender.
    assert_eq!(last(&[b(ACK, 501, 211, 0), a(RST, 211, 0, 0)]).reset_acceptable, Some(true));
}

#[test]
fn fins_that_were_not_captured_show_in_the_numbers() {
    let segments = opened(&[a(ACK, 101, 501, 10), b(ACK, 501, 111, 20), b(ACK, 521, 112, 0), a(ACK, 112, 522, 0)]);
    let (connection, _) = see_all(&segments);
    assert!(connection.has_hidden_fin(Side::Client) && connection.has_hidden_fin(Side::Server));
    assert_eq!((outcome(&segments), connection.closed_first()), (Outcome::ClosedNormally, None));
    assert_eq!(connection.closing_kind(), None, "nothing shows their order");
    assert_eq!(outcome(&opened(&[b(ACK, 501, 102, 0), a(ACK, 103, 501, 1)])), Outcome::Established, "it was a byte");
}

#[test]
fn who_closed_first_is_open_where_the_other_fin_may_have_gone_before() {
    let client = [a(SYN, 100, 0, 0), a(ACK, 101, 501, 0), a(ACK, 101, 521, 0), a(FA, 101, 522, 0)];
    assert_eq!(see_all(&client).0.closed_first(), None);
}

#[test]
fn a_window_without_the_syns_has_no_known_scale() {
    let midstream = [a(ACK, 101, 501, 10), b(ACK, 501, 111, 0)];
    let (connection, _) = see_all(&midstream);
    let (client, server) = (connection.by_side(Side::Client), connection.by_side(Side::Server));
    assert!(!client.knows_window_scale(server));
    let (connection, _) = see_all(&handshake());
    let (client, server) = (connection.by_side(Side::Client), connection.by_side(Side::Server));
    assert!(client.knows_window_scale(server));
}

/// A SYN-ACK offers to scale only where the SYN did (RFC 7323, 2.2).
#[test]
fn a_syn_ack_alone_shows_the_scale_of_its_senders_windows() {
    let syn_ack =
        |window_scale| Segment { options: Options { window_scale, ..Options::default() }, ..b(SA, 500, 101, 0) };
    let known = |first: Segment| {
        let (connection, _) = see_all(&[first, a(ACK, 101, 501, 0), b(ACK, 501, 101, 10)]);
        let (client, server) = (connection.by_side(Side::Client), connection.by_side(Side::Server));
        [server.knows_window_scale(client), client.knows_window_scale(server)]
            .map(|known| (known, server.window_shift(client)))
    };
    assert_eq!(known(syn_ack(Some(7))), [(true, Some(7)), (false, Some(7))]);
    assert_eq!(known(syn_ack(None)), [(true, None), (true, None)], "neither scales");
}

#[test]
fn an_ack_with_an_old_number_after_a_silence_is_a_keep_alive() {
    let after = |seconds: i64| {
        let mut segments = numbered(opened(&[a(ACK, 101, 501, 10), b(ACK, 501, 111, 0), a(ACK, 110, 501, 0)]));
        let before = segments[4].time;
        segments[5].time = Timestamp(before.0 + seconds * 1_000_000_000);
        last(&segments).step
    };
    assert_eq!((after(15), after(0)), (Step::KeepAlive, Step::Ack));
}

#[test]
fn what_does_not_acknowledge_the_other_syn_opens_nothing() {
    let segments = [a(SYN, 100, 0, 9), b(SYN, 500, 0, 9), a(ACK, 100, 500, 9)];
    assert_eq!((last(&segments).phase, last(&segments).step), (Phase::Opening, Step::WrongAck));
}

#[test]
fn a_fin_far_outside_the_window_is_dropped() {
    let segments = opened(&[a(ACK, 101, 501, 10), b(ACK, 501, 111, 0), a(FA, 5_000_111, 501, 0)]);
    let (connection, standings) = see_all(&segments);
    assert_eq!(states(&standings[5]), (State::Established, State::Established));
    assert_eq!((connection.closing().first_fin(), connection.by_side(Side::Client).fin()), (None, None));
}

// Evidence that comes later corrects.

#[test]
fn a_refusal_is_not_believed_for_ever() {
    let refused = [a(SYN, 100, 0, 0), b(RA, 0, 101, 0)];
    assert_eq!(outcome(&refused), Outcome::Refused);
    let goes_on = [b(SA, 500, 101, 0), a(ACK, 101, 501, 0), a(ACK, 101, 501, 9), b(ACK, 501, 110, 20)];
    let segments = [&refused[..], &goes_on].concat();
    let (_, standings) = see_all(&segments);
    let steps: Vec<Step> = standings[2..].iter().map(|standing| standing.step).collect();
    assert_eq!(steps, [Step::SynAck, Step::HandshakeAck, Step::Data, Step::Data]);
    assert_eq!(states(&standings[5]), (State::Established, State::Established));
    assert_eq!(outcome(&segments), Outcome::Established);
    assert_eq!(outcome(&segments[..3]), Outcome::InProgress);
}

#[test]
fn an_abort_is_not_believed_for_ever() {
    let segments = opened(&[a(RST, 101, 0, 0), a(ACK, 101, 501, 9), b(ACK, 501, 110, 20), a(ACK, 110, 521, 0)]);
    assert_eq!(outcome(&segments[..4]), Outcome::AbortedByClient);
    let (_, standings) = see_all(&segments);
    assert_eq!((standings[5].phase, standings[5].step), (Phase::Data, Step::Data));
    assert_eq!(outcome(&segments), Outcome::Established);
}

#[test]
fn a_dropped_rst_and_a_second_exact_one() {
    let sent = [a(ACK, 101, 501, 20), b(ACK, 501, 121, 0), a(RST, 111, 0, 0), b(ACK, 501, 121, 0), a(RST, 121, 0, 0)];
    let (_, standings) = see_all(&opened(&sent));
    let judged = [standings[5].reset_acceptable, standings[7].reset_acceptable];
    assert_eq!(judged, [Some(false), Some(true)]);
    assert_eq!(outcome(&opened(&sent)), Outcome::AbortedByClient);
}

#[test]
fn a_stale_peer_gives_no_answer() {
    let (syn, challenge) = (a(SYN, 100, 0, 0), b(ACK, 9000, 7000, 0));
    let segments = [syn, challenge, syn, challenge, syn, challenge];
    let (_, standings) = see_all(&segments);
    assert!(standings.iter().all(|standing| states(standing).0 == State::SynSent));
    assert_eq!(outcome(&segments), Outcome::NoAnswer);
    for stale in [b(ACK, 9000, 50, 30), b(FA, 9000, 50, 0)] {
        assert_eq!(outcome(&[syn, stale]), Outcome::NoAnswer, "its ACK does not cover the SYN");
    }
}

#[test]
fn a_wrong_syn_ack_leaves_the_numbers_alone() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 900, 77, 0), a(RST, 77, 0, 0), b(SA, 500, 101, 0), b(RST, 501, 0, 0)];
    assert_eq!(last(&segments).reset_acceptable, Some(true));
}

#[test]
fn of_two_syn_acks_the_one_that_is_acknowledged_counts() {
    let segments = [a(SYN, 100, 0, 0), b(SA, 9000, 101, 0), b(SA, 500, 101, 0), a(ACK, 101, 501, 0)];
    let segments = numbered(segments.to_vec());
    let (connection, standings) = see_all(&segments);
    assert_eq!(standings[2].step, Step::ConflictingSynAck);
    assert_eq!(connection.by_side(Side::Server).isn(), Some(SeqNumber(500)));
    let opening = connection.opening();
    assert_eq!(opening.syn_ack().map(FrameNumber::get), Some(3));
    let times = [opening.syn_to_syn_ack(), opening.syn_ack_to_ack()].map(|watch| watch.span());
    assert_eq!(times, [Some(Span(2_000_000)), Some(Span(1_000_000))]);
}

#[test]
fn a_full_accept_queue() {
    let again = b(SA, 500, 101, 0);
    let segments = opened(&[a(ACK, 101, 501, 9), again, a(ACK, 101, 501, 9), again]);
    assert_eq!(states(&last(&segments)), (State::Established, State::SynReceived));
    let accepted = [segments, vec![b(ACK, 501, 110, 0)]].concat();
    assert_eq!(states(&last(&accepted)), (State::Established, State::Established));
}

// States as the RFC has them.

#[test]
fn the_sender_of_a_rst_is_closed_with_it() {
    let dropped = opened(&[a(FA, 101, 501, 0), b(ACK, 501, 102, 30), a(RST, 101, 0, 0)]);
    assert_eq!(last(&dropped).reset_acceptable, Some(false));
    assert_eq!(states(&last(&dropped)), (State::Closed, State::CloseWait));
    let goes_on = [dropped, vec![b(ACK, 531, 102, 30)]].concat();
    assert_eq!(last(&goes_on).step, Step::HalfClosedData);
}

#[test]
fn a_fin_again_from_last_ack_stays_there() {
    let fin = b(FA, 501, 102, 0);
    let segments = opened(&[a(FA, 101, 501, 0), b(ACK, 501, 102, 0), fin, fin]);
    assert_eq!(last(&segments).step, Step::FinRetransmission);
    assert_eq!(states(&last(&segments)), (State::FinWait2, State::LastAck));
}

#[test]
fn a_rst_after_both_fins_aborts_nothing() {
    let fins = [a(FA, 101, 501, 0), b(ACK, 501, 102, 0), b(FA, 501, 102, 0)];
    let segments = numbered(opened(&[&fins[..], &[a(RST, 102, 0, 0)]].concat()));
    assert_eq!((last(&segments).phase, last(&segments).step), (Phase::Closed, Step::ResetAfterClose));
    let (connection, _) = see_all(&segments);
    assert_eq!((outcome(&segments), connection.closing_kind()), (Outcome::ClosedNormally, Some(ClosingKind::FourWay)));
    assert_eq!(connection.closed_first(), Some(Side::Client));
}

#[test]
fn a_challenge_ack_comes_from_a_live_connection() {
    let close = [a(FA, 101, 501, 0), b(FA, 501, 102, 0), a(ACK, 102, 502, 0)];
    let late = opened(&[&close[..], &[a(RST, 90, 0, 0), b(ACK, 502, 102, 0)]].concat());
    assert_eq!(last(&late).step, Step::AfterClose);
}

#[test]
fn an_end_that_connects_to_itself() {
    let see_all = |segments: &[Segment]| -> (Connection, Vec<Standing>) {
        let mut connection = Connection::new(CountingRule::V4_2);
        let see = |segment: &Segment| {
            let around = Around { to_itself: segment.is_syn(), ..Around::default() };
            connection.see_in(segment, &Sighting::of(segment, false, false), &around)
        };
        let standings = segments.iter().map(see).collect();
        (connection, standings)
    };
    let open = [a(SYN, 100, 0, 0), a(SA, 100, 101, 0), a(ACK, 101, 101, 0)];
    let data = [a(ACK, 101, 101, 9), a(ACK, 110, 110, 0)];
    let close = [a(FA, 110, 110, 0), a(ACK, 111, 111, 0), a(ACK, 111, 111, 0)];
    let (connection, standings) = see_all(&[&open[..], &data, &close].concat());
    let shown: Vec<(State, State)> = standings.iter().map(states).collect();
    let one = |state| (state, state);
    assert_eq!(shown[0], one(State::SynSent));
    assert_eq!(shown[1..5], [one(State::Established); 4]);
    assert_eq!(shown[5..], [one(State::FinWait1), one(State::TimeWait), one(State::TimeWait)]);
    assert_eq!((standings[6].phase, standings[6].step), (Phase::Closing, Step::LastAck));
    assert_eq!((standings[7].phase, standings[7].step), (Phase::Closed, Step::AfterClose));
    assert_eq!(connection.outcome(None), Outcome::ClosedNormally);
    let (_, standings) = see_all(&[&open[..], &[a(RA, 101, 101, 0)]].concat());
    assert_eq!(states(&standings[3]), one(State::Closed));
}

#[test]
fn a_half_close_takes_time() {
    let segments = opened(&[a(FA, 101, 501, 0), b(ACK, 501, 102, 0)]);
    assert_eq!(outcome_at_once(&segments), Outcome::Established);
    assert_eq!(outcome(&segments), Outcome::HalfClosed);
    assert_eq!(outcome(&segments[..4]), Outcome::Established, "nothing shows that the FIN has arrived");
}

// A packet that was captured twice was sent once.

#[test]
fn what_is_captured_again_changes_nothing() {
    let scaled = Options { window_scale: Some(7), ..Options::default() };
    let whole = opened(&[a(ACK, 101, 501, 9), b(FA, 501, 110, 0), a(FA, 110, 502, 0), b(ACK, 502, 111, 0)]);
    let whole: Vec<Segment> = whole.iter().map(|segment| Segment { options: scaled, ..*segment }).collect();
    let (once, standings) = see_all(&whole);
    let mut twice = Connection::new(CountingRule::V4_2);
    for (segment, standing) in whole.iter().zip(standings) {
        let sighting = Sighting::of(segment, false, false);
        assert_eq!(twice.see(segment, &sighting), standing);
        let copy = twice.see_again(segment, &sighting);
        assert_eq!((copy.step, states(&copy)), (Step::CapturedAgain, states(&standing)));
    }
    assert_eq!(twice.opening().syn_count(), once.opening().syn_count());
    assert_eq!(twice.outcome(None), once.outcome(None));
}
