//! What a narration says: which clauses, in which order, with which numbers. Decided here for all languages.

use super::clause::{Clause, Covers, FinNumber, Payload, Unacceptable};
use super::scene::{Scene, Size};
use crate::tcp::{Flags, State, Step};

/// The clauses of a segment's narration, in order; never empty.
pub fn narration(s: &Scene) -> Vec<Clause> {
    use Clause::*;
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let (rel_seq, rel_ack, bytes) = (s.rel_seq(), s.rel_ack(), s.len());
    let (rel_first, rel_last) = (rel_seq, s.rel_last());
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    match s.step() {
        Step::Syn => vec![Asks { from, to }, PicksIsn { seq }, SynTakesNumber { next }],
        Step::SynRetransmission if !s.opens() => vec![OldSyn { seq }],
        Step::SynRetransmission => vec![AsksAgain { seq }, SynOrAnswerLost],
        Step::SimultaneousSyn => vec![AsksToo { seq }, NeitherWaits],
        Step::SynWithData => vec![AsksWithData { seq, bytes }, SynAndDataTakeNumbers { bytes, next }],
        Step::SynAck => syn_ack(s),
        Step::SynAckRetransmission => vec![SynAckAgain { seq }],
        Step::HandshakeAck => handshake_ack(s),
        Step::Refused if s.knows_receivers_isn() => vec![Refuses { port: from }, RefusalEndsAttempt { ack }],
        Step::Refused => vec![RefusesProbe { port: from }],
        Step::WrongAck => vec![AcksWrongNumber { ack }],
        Step::ConflictingSynAck => vec![AnswersOtherwise { seq }, TwoAnswer],
        Step::UnexpectedSyn => vec![UnexpectedSyn { seq }, PeerMustChallenge],
        Step::Data => [Sends(payload(s))].into_iter().chain(size(s)).chain([so_far(s)]).collect(),
        Step::DataRetransmission => vec![SendsAgain { bytes, rel_first, rel_last }],
        Step::OutOfOrderData => vec![Overtaken { bytes, rel_first, rel_last }],
        Step::HalfClosedData => [StillSends(payload(s))].into_iter().chain(size(s)).chain([HalfClosed]).collect(),
        Step::Ack => vec![so_far(s)],
        Step::DuplicateAck => vec![ExpectsStill { rel_ack }, LaterBytesArrived],
        Step::KeepAlive => vec![AsksIfAlive, KeepAliveNumber { rel_seq }],
        Step::KeepAliveAck => vec![IsAlive { rel_ack }],
        Step::ZeroWindowProbe => vec![PeerHasNoRoom, Probes { bytes, rel_seq }],
        Step::ZeroWindowProbeAck => vec![AnswersProbe { window: s.window(), rel_ack }],
        Step::WindowUpdate => vec![HasRoom { window: s.window(), rel_ack }, NothingNewAcked],
        Step::FirstFin => first_fin(s),
        Step::SecondFin => second_fin(s),
        Step::FinRetransmission => vec![FinAgain { rel_fin: s.rel_fin() }],
        Step::FirstFinAck if s.states().0 == State::Closing => vec![AcksFin { rel_ack }, OwnFinUnacked],
        Step::FirstFinAck => vec![AcksFin { rel_ack }, OneWayClosed],
        Step::LastAck => last_ack(s),
        Step::Abort => abort(s),
        Step::StrayReset => {
            vec![Resets { seq, ack: s.has(Flags::ACK).then_some(ack) }, PeerIgnoresReset(unacceptable(s))]
        }
        Step::ChallengeAck => vec![Challenges { seq, ack }, ExactResetAnswers],
        Step::ResetAfterClose => vec![AbortsNothing { seq }],
        Step::CapturedAgain => vec![CapturedAgain],
        Step::AfterClose => vec![AfterClose { bytes: (bytes > 0).then_some(bytes) }],
        Step::ImpossibleFlags if s.segment.flags.is_empty() => vec![NoFlags, ProbeOrDamaged],
        Step::ImpossibleFlags => vec![ImpossibleFlags(s.segment.flags), ProbeOrDamaged],
    }
}

fn syn_ack(s: &Scene) -> Vec<Clause> {
    let (seq, next) = (s.seq(), s.next());
    let acks = Clause::SynAckAcks { ack: s.ack(), covers: covers(s) };
    if s.is_simultaneous_open() {
        return vec![Clause::AnswersAndRepeats, acks, Clause::OwnIsnStill { seq, next }];
    }
    let own = match s.len() {
        0 => Clause::OwnIsn { seq, next },
        bytes => Clause::OwnIsnWithData { seq, bytes, next },
    };
    vec![Clause::Accepts, acks, own]
}

fn handshake_ack(s: &Scene) -> Vec<Clause> {
    let rest = match s.len() {
        0 => Clause::AckTakesNoNumber { next: s.next(), rel_next: s.rel_next() },
        bytes => Clause::BringsData { bytes },
    };
    vec![Clause::AcksSyn { ack: s.ack(), covers: covers(s) }, Clause::Connected, rest]
}

fn covers(s: &Scene) -> Covers {
    match s.bytes_acked() {
        Some(0) => Covers::Syn(s.last_acked()),
        Some(bytes) => Covers::SynAndData(bytes),
        None => Covers::Unknown,
    }
}

fn payload(s: &Scene) -> Payload {
    Payload { bytes: s.len(), rel_first: s.rel_seq(), rel_last: s.rel_last(), rel_next: s.rel_next() }
}

/// What its size says about a segment.
fn size(s: &Scene) -> Option<Clause> {
    match s.size() {
        Size::Part => None,
        Size::Full { mss, options } => Some(Clause::FullSegment { mss, options }),
        Size::Over(mss) => Some(Clause::OverMss { mss }),
    }
}

/// What the sender has of the receiver's bytes.
fn so_far(s: &Scene) -> Clause {
    let rel_ack = s.rel_ack();
    match s.bytes_acked() {
        Some(0) => Clause::HasNothing { rel_ack },
        Some(bytes) if s.len() == 0 => Clause::HasBytes { bytes, rel_ack },
        Some(bytes) => Clause::AlsoHasBytes { bytes, rel_ack },
        None => Clause::Expects { rel_ack },
    }
}

fn first_fin(s: &Scene) -> Vec<Clause> {
    let number = Clause::FinTakesNumber(fin_number(s));
    [Clause::ClosesFirst].into_iter().chain(last_bytes(s)).chain([number, Clause::PeerMaySend]).collect()
}

fn second_fin(s: &Scene) -> Vec<Clause> {
    let number = Clause::OwnFinTakesNumber(fin_number(s));
    let first = if s.closes_in_three() {
        Some(Clause::FinAcksFin { rel_ack: s.rel_ack() })
    } else {
        (!s.acks_fin()).then_some(Clause::FinsCrossed)
    };
    [Clause::ClosesToo].into_iter().chain(last_bytes(s)).chain([number]).chain(first).collect()
}

fn last_bytes(s: &Scene) -> Option<Clause> {
    (s.len() > 0).then_some(Clause::LastBytes { bytes: s.len() })
}

fn fin_number(s: &Scene) -> FinNumber {
    FinNumber { rel_fin: s.rel_fin(), rel_next: s.rel_next(), has_payload: s.len() > 0 }
}

fn last_ack(s: &Scene) -> Vec<Clause> {
    let waits = match s.states() {
        (State::TimeWait, State::TimeWait) => Some(Clause::BothWait),
        (State::TimeWait, _) => Some(Clause::Waits),
        _ => None,
    };
    [Clause::AcksFin { rel_ack: s.rel_ack() }, Clause::BothWaysClosed].into_iter().chain(waits).collect()
}

fn abort(s: &Scene) -> Vec<Clause> {
    let seq = s.seq();
    if s.resets_another_connection() {
        return vec![Clause::ResetsAnother { seq }];
    }
    let main = if s.opens() { Clause::GivesUp } else { Clause::Aborts };
    let judged = s.is_accepted_reset().then_some(Clause::ResetIsExpected { seq });
    [main].into_iter().chain(judged).collect()
}

fn unacceptable(s: &Scene) -> Unacceptable {
    match s.states().1 {
        State::Closed => Unacceptable::NoConnection,
        State::SynSent => Unacceptable::NotForTheSyn,
        _ => Unacceptable::WrongNumber,
    }
}
