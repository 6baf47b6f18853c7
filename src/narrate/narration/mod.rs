//! What a narration says: which clauses, in which order, with which numbers. Decided here for all languages: what the steps of
//! the opening, of data, of the close and of RSTs get, each in a file of its own.

mod clauses;
mod closing;
mod data;
mod opening;
mod reset;

use super::clause::{Clause, DataClause, OddClause, OpeningClause, ResetClause};
use super::evidence::Marks;
use super::scene::Scene;
use crate::tcp::{Flags, Step};
use clauses::{Clauses, say};

/// The clauses of a segment's narration, in order; never empty.
pub fn narration(s: &Scene) -> impl Iterator<Item = Clause> {
    let first = if s.is(Marks::BEFORE_FIRST) { before_first(s) } else { main(s) };
    besides(s, first.and(data::acknowledged(s).into_iter().flatten())).into_iter()
}

/// What the segment does.
fn main(s: &Scene) -> Clauses {
    use {DataClause::*, OddClause::*, OpeningClause::*, ResetClause::*};
    let (seq, ack, rel_seq, rel_ack, bytes) = (s.seq(), s.ack(), s.rel_seq(), s.rel_ack(), s.len());
    match s.step() {
        Step::Syn => opening::syn(s),
        Step::SynRetransmission => opening::syn_again(s),
        Step::SimultaneousSyn => opening::simultaneous_syn(s),
        Step::SynWithData => opening::syn_with_data(s),
        Step::SynAck => opening::syn_ack(s),
        Step::SynAckRetransmission => opening::syn_ack_again(s),
        Step::HandshakeAck => opening::handshake_ack(s),
        Step::Refused => opening::refusal(s),
        Step::WrongAck => say(AcksWrongNumber { ack }).and((bytes > 0).then_some(BringsData { bytes })),
        Step::ConflictingSynAck => say(AnswersOtherwise { seq }).then(TwoAnswer),
        Step::UnexpectedSyn => say(UnexpectedSyn { seq }).then(PeerMustChallenge),
        Step::Data => data::data(s, Sends(data::payload(s))),
        Step::HalfClosedData => data::data(s, StillSends(data::payload(s))),
        Step::DataRetransmission | Step::OutOfOrderData => data::data_again(s),
        Step::Ack => data::just_ack(s),
        Step::DuplicateAck => say(ExpectsStill { rel_ack }).and(s.evidence.duplicate.map(Duplicates)),
        Step::KeepAlive => say(KeepsAlive { bytes, rel_seq, shut: s.is(Marks::INTO_SHUT_WINDOW) }),
        Step::KeepAliveAck => say(IsAlive { rel_ack }),
        Step::ZeroWindowProbe => say(Probes { bytes, rel_seq }),
        Step::ZeroWindowProbeAck => say(AnswersProbe { room: s.room(), rel_ack }),
        Step::WindowUpdate => say(HasRoom { room: s.room(), rel_ack }),
        Step::FirstFin => closing::first_fin(s),
        Step::SecondFin => closing::second_fin(s),
        Step::FinRetransmission => closing::fin_again(s),
        Step::FirstFinAck => closing::first_fin_ack(s),
        Step::LastAck => closing::last_ack(s),
        Step::Abort => reset::abort(s),
        Step::StrayReset => reset::stray(s),
        Step::ChallengeAck => say(Challenges { seq, ack }).then(ExactResetAnswers),
        Step::ResetAfterClose => say(reset::resets(s)).then(CutsOnlyUnacked),
        Step::CapturedAgain => say(CapturedAgain),
        Step::AfterClose if s.acks_fin_again() => closing::fin_ack_again(s),
        Step::AfterClose if s.has(Flags::RST) => {
            say(reset::resets(s)).then(ResetsAfterEnd { reset: s.comes_after_reset() })
        }
        Step::AfterClose => say(AfterClose { bytes: (bytes > 0).then_some(bytes), reset: s.comes_after_reset() }),
        Step::ImpossibleFlags if s.segment.flags.is_empty() => say(NoFlags).then(ProbeOrDamaged),
        Step::ImpossibleFlags => say(ImpossibleFlags(s.segment.flags)).then(ProbeOrDamaged),
    }
}

/// A segment whose relative numbers would say nothing.
fn before_first(s: &Scene) -> Clauses {
    let (older, fin) = (s.is(Marks::OF_OLDER), s.has(Flags::FIN));
    let sends = OddClause::SendsBeforeFirst { seq: s.seq(), ack: s.ack(), bytes: s.len(), fin, older };
    say(sends).and(s.is(Marks::FIRST_BEFORE_FIRST).then_some(OddClause::WhyRaw { older }))
}

/// What is worth a word besides, behind the clauses so far: flags, bytes in flight, a window of 0, a silence before it.
fn besides(s: &Scene, clauses: Clauses) -> Clauses {
    let repeats = s.evidence.repeats.is_some() || s.step() == Step::CapturedAgain;
    let silence = (s.evidence.silence > 0 && !repeats).then_some(OddClause::Silence { seconds: s.evidence.silence });
    let clauses = clauses.and(silence);
    let skipped = s.segment.flags.intersects(Flags::SYN | Flags::RST) || s.step() == Step::CapturedAgain;
    if skipped || s.segment.flags.are_impossible() {
        return clauses;
    }
    let mut marked = s.segment.flags.difference(Flags::ACK | Flags::FIN);
    let pushes = s.len() > 0 && s.has(Flags::PSH);
    if pushes {
        marked.remove(Flags::PSH);
    }
    let push = if s.is(Marks::FIRST_PUSH) { DataClause::PushMeans } else { DataClause::Pushes };
    let marked = (!marked.is_empty()).then_some(OddClause::Marked(marked));
    clauses.and(pushes.then_some(push)).and(marked).and(data::in_flight(s)).and(data::window_shut(s))
}
