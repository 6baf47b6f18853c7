//! What a narration says: which clauses, in which order, with which numbers. Decided here for all languages.

use super::clause::{Acked, Clause, Covers, FinNumber, Payload, Sent, Unacceptable};
use super::evidence::{Marks, Repeated, SentAgain};
use super::scene::{Scene, Size};
use crate::tcp::{Completeness, Flags, Phase, Span, State, Step};

/// The clauses of a segment's narration, in order; never empty.
pub fn narration(s: &Scene) -> Vec<Clause> {
    let mut clauses = if s.is(Marks::BEFORE_FIRST) { before_first(s) } else { main(s) };
    clauses.extend(acknowledged(s));
    clauses.extend(besides(s));
    clauses
}

/// What the segment does.
fn main(s: &Scene) -> Vec<Clause> {
    use Clause::*;
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let (rel_seq, rel_ack, bytes) = (s.rel_seq(), s.rel_ack(), s.len());
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    match s.step() {
        Step::Syn => {
            let reused = s.is(Marks::REUSED_PORTS).then_some(PortsReused);
            [Asks { from, to }, HasIsn { seq }, SynTakesNumber { next }].into_iter().chain(reused).collect()
        }
        Step::SynRetransmission => syn_again(s),
        Step::SimultaneousSyn => {
            let data = (bytes > 0).then_some(SynAndDataTakeNumbers { bytes, next });
            [AsksToo { seq }].into_iter().chain(data).chain([NeitherWaits]).collect()
        }
        Step::SynWithData => {
            let fast_open = s.segment.options.fast_open.is_some();
            vec![AsksWithData { seq, bytes, fast_open }, SynAndDataTakeNumbers { bytes, next }]
        }
        Step::SynAck => syn_ack(s),
        Step::SynAckRetransmission => syn_ack_again(s),
        Step::HandshakeAck => handshake_ack(s),
        Step::Refused if s.knows_receivers_isn() => {
            vec![Refuses { port: from }, RefusalEndsAttempt { ack: s.has(Flags::ACK).then_some(ack) }]
        }
        Step::Refused => vec![RefusesProbe { port: from }],
        Step::WrongAck => vec![AcksWrongNumber { ack }],
        Step::ConflictingSynAck => vec![AnswersOtherwise { seq }, TwoAnswer],
        Step::UnexpectedSyn => vec![UnexpectedSyn { seq }, PeerMustChallenge],
        Step::Data => data(s, Sends(payload(s))),
        Step::HalfClosedData => data(s, StillSends(payload(s))),
        Step::DataRetransmission | Step::OutOfOrderData => data_again(s),
        Step::Ack => just_ack(s),
        Step::DuplicateAck => {
            [ExpectsStill { rel_ack }].into_iter().chain(s.evidence.duplicate.map(Duplicates)).collect()
        }
        Step::KeepAlive => vec![KeepsAlive { bytes, rel_seq, shut: s.is(Marks::INTO_SHUT_WINDOW) }],
        Step::KeepAliveAck => vec![IsAlive { rel_ack }],
        Step::ZeroWindowProbe => vec![Probes { bytes, rel_seq }],
        Step::ZeroWindowProbeAck => vec![AnswersProbe { room: s.room(), rel_ack }],
        Step::WindowUpdate => vec![HasRoom { room: s.room(), rel_ack }],
        Step::FirstFin => first_fin(s),
        Step::SecondFin => second_fin(s),
        Step::FinRetransmission => fin_again(s),
        Step::FirstFinAck => {
            let rest = if s.states().0 == State::Closing { OwnFinUnacked } else { OneWayClosed };
            [AcksFin { rel_ack }].into_iter().chain(named(s)).chain([rest]).collect()
        }
        Step::LastAck => last_ack(s),
        Step::Abort => abort(s),
        Step::StrayReset => stray(s),
        Step::ChallengeAck => vec![Challenges { seq, ack }, ExactResetAnswers],
        Step::ResetAfterClose => vec![resets(s), NothingToAbort],
        Step::CapturedAgain => vec![CapturedAgain],
        Step::AfterClose if s.acks_fin_again() => {
            let waits = (s.states().0 == State::TimeWait).then_some(WaitsForThat);
            [AcksFinAgain { rel_ack }].into_iter().chain(named(s)).chain(waits).collect()
        }
        Step::AfterClose if s.has(Flags::RST) => vec![resets(s), ResetsAfterEnd],
        Step::AfterClose => vec![AfterClose { bytes: (bytes > 0).then_some(bytes) }],
        Step::ImpossibleFlags if s.segment.flags.is_empty() => vec![NoFlags, ProbeOrDamaged],
        Step::ImpossibleFlags => vec![ImpossibleFlags(s.segment.flags), ProbeOrDamaged],
    }
}

fn syn_again(s: &Scene) -> Vec<Clause> {
    let seq = s.seq();
    let mut clauses = match s.standing.phase {
        Phase::Opening => vec![Clause::AsksAgain { seq }],
        phase => vec![Clause::OldSyn { seq, open: phase != Phase::Closed }],
    };
    clauses.extend(s.evidence.repeats.map(Clause::Repeats));
    if !s.opens() {
        clauses.extend((s.standing.phase != Phase::Closed).then_some(Clause::PeerMustChallenge));
    } else if s.evidence.repeats.is_some_and(is_too_soon) {
        clauses.push(Clause::TooSoon);
    } else if s.standing.so_far.contains(Completeness::RST) {
        clauses.push(Clause::ResetBefore { own: s.is(Marks::OWN_RESET) });
    } else if s.standing.so_far.contains(Completeness::SYN_ACK) {
        clauses.push(Clause::SynAckBefore);
    } else if !s.was_unreachable() {
        clauses.push(Clause::NoAnswerBefore);
    }
    clauses
}

fn syn_ack(s: &Scene) -> Vec<Clause> {
    let (seq, next) = (s.seq(), s.next());
    let acks = Clause::SynAckAcks { ack: s.ack(), covers: covers(s) };
    if s.is_simultaneous_open() {
        let first = [Clause::AnswersAndRepeats, acks].into_iter();
        return first.chain(named(s)).chain([Clause::OwnIsnStill { seq, next }]).collect();
    }
    let own = match s.len() {
        0 => Clause::OwnIsn { seq, next },
        bytes => Clause::OwnIsnWithData { seq, bytes, next },
    };
    [Clause::Accepts, acks].into_iter().chain(named(s)).chain([own]).collect()
}

fn syn_ack_again(s: &Scene) -> Vec<Clause> {
    let acked = s.standing.so_far.contains(Completeness::ACK);
    // Where nothing of the receiver was captured, its ACK was not either.
    let before = match acked {
        _ if s.evidence.repeats.is_some_and(is_too_soon) => Some(Clause::TooSoon),
        true => Some(Clause::HandshakeAckBefore),
        false => s.shows_receivers_syn().then_some(Clause::NoHandshakeAckBefore),
    };
    let repeats = s.evidence.repeats.map(Clause::Repeats);
    [Clause::SynAckAgain { seq: s.seq() }].into_iter().chain(repeats).chain(before).collect()
}

fn handshake_ack(s: &Scene) -> Vec<Clause> {
    let rest = match s.len() {
        0 => Clause::AckTakesNoNumber { next: s.next(), rel_next: s.rel_next() },
        bytes => match s.connection.syn_payload().min(bytes) {
            again if again > 0 && s.rel_seq() == 1 => Clause::BringsDataOfSyn { bytes, again },
            _ => Clause::BringsData { bytes },
        },
    };
    let acks = Clause::AcksSyn { ack: s.ack(), covers: covers(s) };
    [acks].into_iter().chain(named(s)).chain([Clause::Connected, rest]).collect()
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

fn payload(s: &Scene) -> Payload {
    Payload { bytes: s.len(), rel_first: s.rel_seq(), rel_last: s.rel_last(), rel_next: s.rel_next() }
}

/// An ACK: what it says of the peer's bytes. One that says nothing new answers something, or says it again.
fn just_ack(s: &Scene) -> Vec<Clause> {
    let rel_ack = s.rel_ack();
    vec![match () {
        _ if s.is(Marks::ANSWERS_PROBE) => Clause::AnswersProbe { room: s.room(), rel_ack },
        _ if s.is(Marks::SAME_ACK) => Clause::ExpectsStill { rel_ack },
        _ => so_far(s),
    }]
}

/// A segment whose relative numbers would say nothing.
fn before_first(s: &Scene) -> Vec<Clause> {
    let (older, fin) = (s.is(Marks::OF_OLDER), s.has(Flags::FIN));
    let sends = Clause::SendsBeforeFirst { seq: s.seq(), ack: s.ack(), bytes: s.len(), fin, older };
    let why = s.is(Marks::FIRST_BEFORE_FIRST).then_some(Clause::WhyRaw { older });
    [sends].into_iter().chain(why).collect()
}

/// Data: what it is, what its size says, and what its ACK number says where that has moved on. A lesson is given where it
/// first arises in the connection.
fn data(s: &Scene, sends: Clause) -> Vec<Clause> {
    let mut clauses = vec![sends];
    match s.size() {
        Size::Full { mss, options } if s.is(Marks::FIRST_FULL) => clauses.push(Clause::FullSegment { mss, options }),
        Size::Over(mss) if s.is(Marks::FIRST_OVER) => clauses.push(Clause::FirstOverMss { mss }),
        Size::Over(mss) => clauses.push(Clause::OverMss { mss }),
        _ => {}
    }
    if s.acks_fin_with_data() {
        clauses.push(Clause::AlsoAcksFin { rel_ack: s.rel_ack() });
        clauses.extend(named(s));
    } else if s.evidence.acknowledges.is_some() || s.is(Marks::FIRST_RELATIVE) {
        clauses.push(so_far(s));
    }
    clauses
}

/// Data behind other data of its sender.
fn data_again(s: &Scene) -> Vec<Clause> {
    let (bytes, rel_first, rel_last) = (s.len(), s.rel_seq(), s.rel_last());
    match s.evidence.repeats {
        Some(repeated) if repeated.whole => {
            [Clause::SendsAgain { bytes, rel_first, rel_last }].into_iter().chain(repeats(repeated)).collect()
        }
        _ if s.is(Marks::NEW_NUMBERS) => vec![Clause::Sends(payload(s)), Clause::NotCapturedBefore],
        repeats => {
            let first = match s.step() {
                Step::OutOfOrderData => Clause::ComesLate { bytes, rel_first, rel_last },
                _ => Clause::GoesBack { bytes, rel_first, rel_last },
            };
            let overtaken = repeats.is_none() && s.step() == Step::OutOfOrderData;
            let acked = s.is(Marks::ACKED_BEFORE).then_some(Clause::AckedAlready);
            let more = repeats.map(Clause::Repeats).or(acked).or(overtaken.then_some(Clause::ProbablyOvertaken));
            [first].into_iter().chain(more).collect()
        }
    }
}

/// Which segment is repeated, and whether that had been acknowledged.
fn repeats(repeated: Repeated) -> impl Iterator<Item = Clause> {
    let acked = repeated.acked.filter(|_| repeated.whole).map(Clause::AckedBefore);
    [Clause::Repeats(repeated)].into_iter().chain(if is_too_soon(repeated) { Some(Clause::TooSoon) } else { acked })
}

/// Whether what is repeated was captured less than a millisecond before, where no sender waits so shortly (RFC 6298, 2.4: at
/// least a second; Linux: 200 ms, with its tail loss probe some milliseconds).
fn is_too_soon(repeated: Repeated) -> bool {
    let Span(before) = repeated.earlier.before;
    repeated.whole && (0..1_000_000).contains(&before)
}

/// What the sender has of the receiver's bytes.
fn so_far(s: &Scene) -> Clause {
    let rel_ack = s.rel_ack();
    match s.bytes_acked() {
        _ if s.acks_unseen() => Clause::ExpectsUnseen { rel_ack },
        Some(_) if !s.shows_receivers_syn() => Clause::Expects { rel_ack },
        Some(0) => Clause::HasNothing { rel_ack },
        Some(bytes) if s.len() == 0 => Clause::HasBytes { bytes, rel_ack },
        Some(bytes) => Clause::AlsoHasBytes { bytes, rel_ack },
        None => Clause::Expects { rel_ack },
    }
}

/// Which segment is acknowledged, and what the SACK option adds to it.
fn acknowledged(s: &Scene) -> Vec<Clause> {
    let told = s.step() == Step::CapturedAgain;
    if told || !s.has(Flags::ACK) || s.has(Flags::RST) || s.segment.flags.are_impossible() {
        return Vec::new();
    }
    if s.is(Marks::BEFORE_FIRST) {
        return Vec::new();
    }
    let again = matches!(s.step(), Step::DuplicateAck | Step::WindowUpdate);
    let any = what_is_acked(s) == Acked::Any && !again;
    let frame = any.then(|| sent(s)).flatten().map(|sent| Clause::AcksFrame { what: Acked::Any, sent });
    let twice = s.sack_twice().map(|(rel_first, rel_last)| Clause::SackTwice { rel_first, rel_last });
    let hole = s.sack_hole().map(|(rel_first, rel_last)| {
        let rel_hole_last = rel_first.wrapping_sub(1);
        Clause::SackHole { rel_ack: s.rel_ack(), rel_hole_last, rel_first, rel_last }
    });
    [frame, twice, hole].into_iter().flatten().collect()
}

/// The segment that is acknowledged. One whose number was sent more than once cannot be named (Karn; RFC 6298, 3).
fn sent(s: &Scene) -> Option<Sent> {
    let earlier = s.evidence.acknowledges?;
    Some(match s.evidence.sent_again {
        None => Sent::Once(earlier),
        Some(SentAgain::Somewhere) => Sent::Maybe(earlier.frame),
        Some(SentAgain::In(other)) => Sent::Twice(earlier.frame.min(other), earlier.frame.max(other)),
    })
}

/// The same of a SYN or FIN, behind the clause that says so.
fn named(s: &Scene) -> Option<Clause> {
    // Of a SYN whose data is not taken, a part is acknowledged: Wireshark names its frame from 4.6 on.
    let a_part = s.step() == Step::SynAck && s.connection.syn_payload() > 0;
    let what = what_is_acked(s);
    let sent = sent(s).filter(|_| what != Acked::Any && !a_part);
    sent.map(|sent| Clause::AcksFrame { what, sent })
}

/// What the clauses before have said of it.
fn what_is_acked(s: &Scene) -> Acked {
    match s.step() {
        Step::SynAck | Step::HandshakeAck => Acked::Syn,
        Step::FirstFinAck | Step::LastAck | Step::AfterClose => Acked::Fin,
        Step::SecondFin if s.closes_in_three() => Acked::Fin,
        Step::FinRetransmission if s.acks_fin() => Acked::Fin,
        _ if s.acks_fin_with_data() => Acked::Fin,
        _ => Acked::Any,
    }
}

/// What is worth a word besides: flags, bytes in flight, a window of 0, a silence before it.
fn besides(s: &Scene) -> Vec<Clause> {
    let repeats = s.evidence.repeats.is_some() || s.step() == Step::CapturedAgain;
    let silence = (s.evidence.silence > 0 && !repeats).then_some(Clause::Silence { seconds: s.evidence.silence });
    let mut clauses: Vec<Clause> = silence.into_iter().collect();
    let skipped = s.segment.flags.intersects(Flags::SYN | Flags::RST) || s.step() == Step::CapturedAgain;
    if skipped || s.segment.flags.are_impossible() {
        return clauses;
    }
    let mut marked = s.segment.flags.difference(Flags::ACK | Flags::FIN);
    if s.len() > 0 && s.has(Flags::PSH) {
        marked.remove(Flags::PSH);
        clauses.push(if s.is(Marks::FIRST_PUSH) { Clause::PushMeans } else { Clause::Pushes });
    }
    clauses.extend((!marked.is_empty()).then_some(Clause::Marked(marked)));
    // Known only where both ends were heard and acknowledged each other.
    let over = s.standing.phase == Phase::Closed;
    let known = s.len() > 0 && s.standing.so_far.contains(Completeness::SYN_ACK | Completeness::ACK);
    let in_flight =
        s.evidence.in_flight.filter(|&bytes| known && bytes > s.len() && !s.is(Marks::FLIGHT_UNSURE) && !over);
    let (window, first) = (s.evidence.peer_window, s.is(Marks::FIRST_FLIGHT));
    clauses.extend(in_flight.map(|bytes| Clause::InFlight { bytes, window, first }));
    let said = s.step() == Step::ZeroWindowProbeAck || s.is(Marks::ANSWERS_PROBE);
    let shut = s.has(Flags::ACK) && s.segment.window == 0 && !said;
    clauses.extend(shut.then_some(Clause::WindowShut { still: s.is(Marks::STILL_SHUT) }));
    clauses
}

fn first_fin(s: &Scene) -> Vec<Clause> {
    let (first, number) =
        (Clause::ClosesFirst { sure: s.shows_receivers_syn() }, Clause::FinTakesNumber(fin_number(s)));
    [first].into_iter().chain(last_bytes(s)).chain([number, Clause::PeerMaySend]).collect()
}

fn second_fin(s: &Scene) -> Vec<Clause> {
    let number = Clause::OwnFinTakesNumber(fin_number(s));
    let first = if s.closes_in_three() {
        Some(Clause::FinAcksFin { rel_ack: s.rel_ack() })
    } else {
        (!s.acks_fin()).then_some(Clause::FinsCrossed)
    };
    [Clause::ClosesToo].into_iter().chain(last_bytes(s)).chain([number]).chain(first).chain(named(s)).collect()
}

fn last_bytes(s: &Scene) -> Option<Clause> {
    (s.len() > 0).then_some(Clause::LastBytes { bytes: s.len() })
}

fn fin_number(s: &Scene) -> FinNumber {
    FinNumber { rel_fin: s.rel_fin(), rel_next: s.rel_next(), has_payload: s.len() > 0 }
}

fn fin_again(s: &Scene) -> Vec<Clause> {
    let (bytes, rel_first, rel_last) = (s.len(), s.rel_seq(), s.rel_last());
    let brings = (bytes > 0).then_some(Clause::BringsBytes { bytes, rel_first, rel_last });
    // One that acknowledges something new is sent for that.
    let reason = s.evidence.acknowledges.is_none();
    let repeats = s.evidence.repeats.into_iter().flat_map(repeats).take(if reason { 2 } else { 1 });
    let acks = s.acks_fin().then_some(Clause::AlsoAcksFin { rel_ack: s.rel_ack() });
    let again = [Clause::FinAgain { rel_fin: s.rel_fin() }].into_iter();
    again.chain(brings).chain(repeats).chain(acks).chain(named(s)).collect()
}

fn last_ack(s: &Scene) -> Vec<Clause> {
    let waits = match s.states() {
        (State::TimeWait, State::TimeWait) => Some(Clause::BothWait),
        (State::TimeWait, _) => Some(Clause::Waits),
        _ => None,
    };
    let acks = [Clause::AcksFin { rel_ack: s.rel_ack() }].into_iter().chain(named(s));
    acks.chain([Clause::BothWaysClosed]).chain(waits).collect()
}

fn abort(s: &Scene) -> Vec<Clause> {
    let seq = s.seq();
    if s.resets_another_connection() {
        return vec![Clause::ResetsAnother { seq }];
    }
    if let Some(answers) = answers_with_reset(s) {
        let fits = s.is_accepted_reset().then_some(Clause::ResetFits);
        return [answers].into_iter().chain(fits).collect();
    }
    let main = if s.opens() { Clause::GivesUp } else { Clause::Aborts };
    let judged = s.is_accepted_reset().then_some(Clause::ResetIsExpected { seq });
    [main].into_iter().chain(judged).collect()
}

/// A RST that ends nothing.
fn resets(s: &Scene) -> Clause {
    let resets = Clause::Resets { seq: s.seq(), ack: s.has(Flags::ACK).then_some(s.ack()) };
    answers_with_reset(s).unwrap_or(resets)
}

/// A RST without ACK flag whose number is the ACK number of what it answers (RFC 9293, 3.10.7.1).
fn answers_with_reset(s: &Scene) -> Option<Clause> {
    let seq = s.seq();
    let answers = match s.evidence.reset_answers {
        Some(frame) => Clause::AnswersWithReset { frame, seq },
        None => Clause::KnowsNoConnection { seq },
    };
    s.is(Marks::REPEATS_ACK).then_some(answers)
}

fn stray(s: &Scene) -> Vec<Clause> {
    let ignored = (s.standing.reset_acceptable == Some(false)).then(|| Clause::PeerIgnoresReset(unacceptable(s)));
    [resets(s)].into_iter().chain(ignored).collect()
}

fn unacceptable(s: &Scene) -> Unacceptable {
    match s.states().1 {
        State::Closed => Unacceptable::NoConnection,
        State::SynSent => Unacceptable::NotForTheSyn,
        _ => Unacceptable::WrongNumber,
    }
}
