//! What is said of RSTs.

use super::clauses::{Clauses, say};
use crate::narrate::clause::{Distance, ResetClause as Clause, Unacceptable};
use crate::narrate::evidence::Marks;
use crate::narrate::scene::Scene;
use crate::tcp::{Flags, SeqNumber, State};

pub fn abort(s: &Scene) -> Clauses {
    ends(s).and(s.foreign_hops().map(Clause::OtherHops))
}

/// A RST that ends a connection.
fn ends(s: &Scene) -> Clauses {
    let seq = s.seq();
    if s.is(Marks::RESETS_ANOTHER) {
        return say(Clause::ResetsAnother { seq });
    }
    if let Some(answers) = answers_with_reset(s) {
        return say(answers).and(accepted(s, Clause::ResetFits));
    }
    let main = if s.opens() { Clause::GivesUp } else { Clause::Aborts };
    say(main).and(accepted(s, Clause::ResetIsExpected { seq }))
}

/// Whether its receiver accepts a RST: of one beside its sender's FIN, or behind other segments that were not acknowledged, it
/// depends on whether those have arrived.
fn accepted(s: &Scene, plainly: Clause) -> Option<Clause> {
    let seq = s.segment.seq;
    let fin = s.sent_fin();
    s.is_accepted_reset().then_some(match fin {
        Some(fin) if seq == fin => Clause::ResetFitsBeforeFin,
        Some(fin) if seq == fin + 1 && s.acked_before_reset() == Some(fin) => {
            Clause::ResetFitsAfterFin { seq: s.seq() }
        }
        _ if s.acked_before_reset().is_some_and(|acked| seq.is_after(acked)) => Clause::ResetFitsNext { seq: s.seq() },
        _ => plainly,
    })
}

/// A RST that ends nothing.
pub fn resets(s: &Scene) -> Clause {
    let resets = Clause::Resets { seq: s.seq(), ack: s.has(Flags::ACK).then_some(s.ack()) };
    answers_with_reset(s).unwrap_or(resets)
}

/// A RST without ACK flag whose number is the ACK number of what it answers (RFC 9293, 3.10.7.1).
fn answers_with_reset(s: &Scene) -> Option<Clause> {
    let (seq, closed) = (s.seq(), s.sent_fin().is_some());
    let answers = match s.evidence.reset_answers {
        Some(frame) => Clause::AnswersWithReset { frame, seq, closed },
        None => Clause::KnowsNoConnection { seq, closed },
    };
    s.is(Marks::REPEATS_ACK).then_some(answers)
}

pub fn stray(s: &Scene) -> Clauses {
    let ignored = (s.standing.reset_acceptable == Some(false)).then(|| Clause::PeerIgnoresReset(unacceptable(s)));
    say(resets(s)).and(ignored).and(s.foreign_hops().map(Clause::OtherHops))
}

/// How far the number of a RST is from what its receiver had acknowledged, the shorter way round.
fn distance(s: &Scene, acked: SeqNumber) -> Distance {
    let above = !s.segment.seq.is_before(acked);
    let by = if above { s.segment.seq.since(acked) } else { acked.since(s.segment.seq) };
    Distance { from: acked.0, by, above }
}

fn unacceptable(s: &Scene) -> Unacceptable {
    match s.states().1 {
        State::Closed => Unacceptable::NoConnection,
        State::SynSent => Unacceptable::NotForTheSyn,
        _ => Unacceptable::WrongNumber(s.acked_before_reset().map(|acked| distance(s, acked))),
    }
}
