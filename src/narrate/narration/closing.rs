//! What is said of the close.

use super::clauses::{Clauses, say};
use super::data::{named, repeats};
use crate::narrate::clause::{ClosingClause as Clause, FinNumber};
use crate::narrate::scene::Scene;
use crate::tcp::State;

pub fn first_fin(s: &Scene) -> Clauses {
    let number = Clause::FinTakesNumber(fin_number(s));
    let peer = (!s.is_to_itself()).then_some(Clause::PeerMaySend);
    say(Clause::ClosesFirst { sure: s.shows_receivers_syn() }).and(last_bytes(s)).then(number).and(peer)
}

pub fn second_fin(s: &Scene) -> Clauses {
    let number = Clause::OwnFinTakesNumber(fin_number(s));
    let first = if s.closes_in_three() {
        Some(Clause::FinAcksFin { rel_ack: s.rel_ack() })
    } else {
        (!s.acks_fin()).then_some(Clause::FinsCrossed)
    };
    say(Clause::ClosesToo).and(last_bytes(s)).then(number).and(first).and(named(s))
}

fn last_bytes(s: &Scene) -> Option<Clause> {
    (s.len() > 0).then_some(Clause::LastBytes { bytes: s.len() })
}

fn fin_number(s: &Scene) -> FinNumber {
    FinNumber { rel_fin: s.rel_fin(), rel_next: s.rel_next(), has_payload: s.len() > 0 }
}

pub fn fin_again(s: &Scene) -> Clauses {
    let (bytes, rel_first, rel_last) = (s.len(), s.rel_seq(), s.rel_last());
    let brings = (bytes > 0).then_some(Clause::BringsBytes { bytes, rel_first, rel_last });
    // One that acknowledges something new is sent for that.
    let reason = s.evidence.acknowledges.is_none();
    let repeats = s.evidence.repeats.into_iter().flat_map(repeats).take(if reason { 2 } else { 1 });
    let acks = s.acks_fin().then_some(Clause::AlsoAcksFin { rel_ack: s.rel_ack() });
    say(Clause::FinAgain { rel_fin: s.rel_fin() }).and(brings).and(repeats).and(acks).and(named(s))
}

pub fn first_fin_ack(s: &Scene) -> Clauses {
    let rest = if s.states().0 == State::Closing { Clause::OwnFinUnacked } else { Clause::OneWayClosed };
    say(Clause::AcksFin { rel_ack: s.rel_ack() }).and(named(s)).then(rest)
}

pub fn last_ack(s: &Scene) -> Clauses {
    let waits = match s.states() {
        (State::TimeWait, _) if s.is_to_itself() => Some(Clause::OneSocketWaits),
        (State::TimeWait, State::TimeWait) => Some(Clause::BothWait),
        (State::TimeWait, _) => Some(Clause::Waits),
        _ => None,
    };
    say(Clause::AcksFin { rel_ack: s.rel_ack() }).and(named(s)).then(Clause::BothWaysClosed).and(waits)
}

pub fn fin_ack_again(s: &Scene) -> Clauses {
    let waits = (s.states().0 == State::TimeWait).then_some(Clause::WaitsForThat);
    say(Clause::AcksFinAgain { rel_ack: s.rel_ack() }).and(named(s)).and(waits)
}
