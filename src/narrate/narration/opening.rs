//! What is said of the opening.

use super::clauses::{Clauses, say};
use super::data::{named, too_soon};
use crate::narrate::clause::{Covers, DataClause, OpeningClause as Clause};
use crate::narrate::evidence::Marks;
use crate::narrate::scene::Scene;
use crate::tcp::{Completeness, Flags, Phase, Step};

pub fn syn(s: &Scene) -> Clauses {
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    let reused = s.is(Marks::REUSED_PORTS).then_some(Clause::PortsReused);
    let number = Clause::SynTakesNumber { next: s.next() };
    say(Clause::Asks { from, to }).then(Clause::HasIsn { seq: s.seq() }).then(number).and(reused)
}

pub fn simultaneous_syn(s: &Scene) -> Clauses {
    let data = (s.len() > 0).then_some(Clause::SynAndDataTakeNumbers { bytes: s.len(), next: s.next() });
    say(Clause::AsksToo { seq: s.seq() }).and(data).then(Clause::NeitherWaits)
}

pub fn syn_with_data(s: &Scene) -> Clauses {
    let (bytes, fast_open) = (s.len(), s.segment.options.fast_open.is_some());
    let numbers = Clause::SynAndDataTakeNumbers { bytes, next: s.next() };
    say(Clause::AsksWithData { seq: s.seq(), bytes, fast_open }).then(numbers)
}

pub fn syn_again(s: &Scene) -> Clauses {
    let seq = s.seq();
    let again = match s.standing.phase {
        Phase::Opening => Clause::AsksAgain { seq },
        phase => Clause::OldSyn { seq, open: phase != Phase::Closed },
    };
    let clauses = say(again).and(s.evidence.repeats.map(DataClause::Repeats));
    if !s.opens() {
        clauses.and((s.standing.phase != Phase::Closed).then_some(Clause::PeerMustChallenge))
    } else if let Some(too_soon) = s.evidence.repeats.and_then(too_soon) {
        clauses.then(too_soon)
    } else if s.standing.so_far.contains(Completeness::RST) {
        clauses.then(Clause::ResetBefore { own: s.is(Marks::OWN_RESET) })
    } else if s.standing.so_far.contains(Completeness::SYN_ACK) {
        clauses.then(Clause::SynAckBefore)
    } else {
        clauses.and((!s.was_unreachable() && !s.repeats_repetition()).then_some(Clause::NoAnswerBefore))
    }
}

pub fn syn_ack(s: &Scene) -> Clauses {
    let (seq, next) = (s.seq(), s.next());
    let acks = Clause::SynAckAcks { ack: s.ack(), covers: covers(s) };
    if s.is_simultaneous_open() {
        let still = Clause::OwnIsnStill { seq, next };
        let main = if s.is_to_itself() { Clause::ConnectsToItself } else { Clause::AnswersAndRepeats };
        return say(main).then(acks).and(named(s)).then(still);
    }
    let own = match s.len() {
        0 => Clause::OwnIsn { seq, next },
        bytes => Clause::OwnIsnWithData { seq, bytes, next },
    };
    say(Clause::Accepts).then(acks).and(named(s)).then(own)
}

pub fn syn_ack_again(s: &Scene) -> Clauses {
    let clauses = say(Clause::SynAckAgain { seq: s.seq() }).and(s.evidence.repeats.map(DataClause::Repeats));
    if let Some(too_soon) = s.evidence.repeats.and_then(too_soon) {
        clauses.then(too_soon)
    } else if s.standing.so_far.contains(Completeness::ACK) {
        clauses.then(Clause::HandshakeAckBefore)
    } else {
        // Where nothing of the receiver was captured, its ACK was not either.
        let news = s.shows_receivers_syn() && !s.repeats_repetition();
        clauses.and(news.then_some(Clause::NoHandshakeAckBefore))
    }
}

pub fn handshake_ack(s: &Scene) -> Clauses {
    let rest = match s.len() {
        0 => Clause::AckTakesNoNumber { next: s.next(), rel_next: s.rel_next() },
        bytes => match s.connection.syn_payload().min(bytes) {
            again if again > 0 && s.rel_seq() == 1 => Clause::BringsDataOfSyn { bytes, again },
            _ => Clause::BringsData { bytes },
        },
    };
    say(Clause::AcksSyn { ack: s.ack(), covers: covers(s) }).and(named(s)).then(Clause::Connected).then(rest)
}

pub fn refusal(s: &Scene) -> Clauses {
    let port = s.segment.source_port;
    if s.knows_receivers_isn() {
        let ack = s.has(Flags::ACK).then_some(s.ack());
        say(Clause::Refuses { port }).then(Clause::RefusalEndsAttempt { ack })
    } else {
        say(Clause::RefusesProbe { port })
    }
}

fn covers(s: &Scene) -> Covers {
    let carried = s.connection.syn_payload();
    match s.bytes_acked().filter(|_| s.shows_receivers_syn() || s.evidence.acknowledges.is_some()) {
        Some(0) if s.step() == Step::SynAck && carried > 0 => Covers::SynAlone(s.last_acked(), carried),
        Some(0) => Covers::Syn(s.last_acked()),
        Some(bytes) => Covers::SynAndData(bytes),
        None => Covers::Unknown,
    }
}
