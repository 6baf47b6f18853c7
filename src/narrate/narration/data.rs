//! What is said of data and ACKs.

use super::clauses::{Clauses, say};
use crate::narrate::clause::{Acked, ClosingClause, DataClause as Clause, Payload, Sent};
use crate::narrate::evidence::{Filled, Marks, Repeated, SentAgain};
use crate::narrate::scene::{Scene, Size};
use crate::tcp::{Flags, Span, Step};

pub fn payload(s: &Scene) -> Payload {
    Payload { bytes: s.len(), rel_first: s.rel_seq(), rel_last: s.rel_last(), rel_next: s.rel_next() }
}

/// Data: what it is, what its size says, and what its ACK number says where that has moved on. A lesson is given where it
/// first arises in the connection.
pub fn data(s: &Scene, sends: Clause) -> Clauses {
    let size = match s.size() {
        Size::Full { mss, options } if s.is(Marks::FIRST_FULL) => Some(Clause::FullSegment { mss, options }),
        Size::Over(mss) if s.is(Marks::FIRST_OVER) => Some(Clause::FirstOverMss { mss }),
        Size::Over(mss) => Some(Clause::OverMss { mss }),
        _ => None,
    };
    let clauses = say(sends).and(size);
    if s.acks_fin_with_data() {
        clauses.then(ClosingClause::AlsoAcksFin { rel_ack: s.rel_ack() }).and(named(s))
    } else if s.evidence.acknowledges.is_some() || s.is(Marks::FIRST_RELATIVE) {
        clauses.then(so_far(s))
    } else {
        clauses
    }
}

/// Data behind other data of its sender.
pub fn data_again(s: &Scene) -> Clauses {
    let (bytes, rel_first, rel_last) = (s.len(), s.rel_seq(), s.rel_last());
    match s.evidence.repeats {
        Some(repeated) if repeated.whole => {
            say(Clause::SendsAgain { bytes, rel_first, rel_last }).and(repeats(repeated))
        }
        _ if s.is(Marks::NEW_NUMBERS) => {
            let late = s.step() == Step::OutOfOrderData;
            say(Clause::Sends(payload(s))).then(Clause::NotCapturedBefore { late })
        }
        repeats if s.is(Marks::PARTLY_NEW) => {
            say(Clause::Sends(payload(s))).then(Clause::PartlyNew).and(repeats.map(Clause::Repeats))
        }
        repeats => {
            let first = match s.step() {
                Step::OutOfOrderData => Clause::ComesLate { bytes, rel_first, rel_last },
                _ => Clause::GoesBack { bytes, rel_first, rel_last },
            };
            let overtaken = repeats.is_none() && s.step() == Step::OutOfOrderData;
            let acked = s.is(Marks::ACKED_BEFORE).then_some(Clause::AckedAlready);
            let more = repeats.map(Clause::Repeats).or(acked).or(overtaken.then_some(Clause::ProbablyOvertaken));
            say(first).and(more)
        }
    }
}

/// Which segment is repeated, and whether that had been acknowledged: that it had not is said of the first repetition.
pub fn repeats(repeated: Repeated) -> impl Iterator<Item = Clause> {
    let acked = repeated.acked.filter(|&acked| repeated.whole && (acked || !repeated.again)).map(Clause::AckedBefore);
    [Clause::Repeats(repeated)].into_iter().chain(too_soon(repeated).or(acked))
}

/// That what is repeated was captured less than a millisecond before, where no sender waits so briefly (RFC 6298, 2.4: at
/// least a second; Linux: 200 ms, with its tail loss probe some milliseconds).
pub fn too_soon(repeated: Repeated) -> Option<Clause> {
    let Span(before) = repeated.earlier.before;
    let soon = repeated.whole && (0..1_000_000).contains(&before);
    soon.then_some(Clause::TooSoon { copied: repeated.copied })
}

/// An ACK: what it says of the peer's bytes. One that says nothing new answers something, or says it again.
pub fn just_ack(s: &Scene) -> Clauses {
    let rel_ack = s.rel_ack();
    say(match () {
        _ if s.is(Marks::ANSWERS_PROBE) => Clause::AnswersProbe { room: s.room(), rel_ack },
        _ if s.is(Marks::SAME_ACK) => Clause::ExpectsStill { rel_ack },
        _ => so_far(s),
    })
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
pub fn acknowledged(s: &Scene) -> Option<impl Iterator<Item = Clause>> {
    let was_said = s.step() == Step::CapturedAgain || s.is(Marks::BEFORE_FIRST);
    if was_said || !s.has(Flags::ACK) || s.has(Flags::RST) || s.segment.flags.are_impossible() {
        return None;
    }
    let again = matches!(s.step(), Step::DuplicateAck | Step::WindowUpdate);
    let any = what_is_acked(s) == Acked::Any && !again;
    let frame = any.then(|| sent(s)).flatten().map(|sent| Clause::AcksFrame { what: Acked::Any, sent });
    let twice = s.sack_twice().map(|(rel_first, rel_last)| Clause::SackTwice { rel_first, rel_last });
    let hole = s.sack_hole().map(|(rel_first, rel_last)| {
        let rel_hole_last = rel_first.wrapping_sub(1);
        Clause::SackHole { rel_ack: s.rel_ack(), rel_hole_last, rel_first, rel_last }
    });
    Some([frame, twice, hole].into_iter().flatten())
}

/// The segment that is acknowledged. One whose number was sent more than once cannot be told from its copies (Karn; RFC 6298, 3).
fn sent(s: &Scene) -> Option<Sent> {
    let earlier = s.evidence.acknowledges?;
    Some(match s.evidence.sent_again {
        None => Sent::Once(earlier),
        Some(SentAgain::Somewhere) => Sent::Maybe(earlier.frame),
        Some(SentAgain::In(other)) => {
            let (first, last) = (earlier.frame.min(other), earlier.frame.max(other));
            if s.had_last_acked_twice() { Sent::Both(first, last) } else { Sent::Twice(first, last) }
        }
    })
}

/// The same of a SYN or FIN, behind the clause that says so.
pub fn named(s: &Scene) -> Option<Clause> {
    // Of a SYN whose data is not taken, a part is acknowledged: from 4.4 on Wireshark names its frame.
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

/// How much is in flight with the segment. A fact is stated when it changes in kind, not with every segment: here with the first
/// flight of the connection, and when one comes to fill the window nearly or wholly.
pub fn in_flight(s: &Scene) -> Option<Clause> {
    let bytes =
        s.evidence.in_flight.filter(|_| s.evidence.marks.intersects(Marks::FIRST_FLIGHT | Marks::FILLS_WINDOW))?;
    let window = s.evidence.peer_window.map(|window| (window, Filled::of(bytes, window)));
    Some(Clause::InFlight { bytes, window, first: s.is(Marks::FIRST_FLIGHT) })
}

/// That the sender's window is 0, where that was not said.
pub fn window_shut(s: &Scene) -> Option<Clause> {
    let said = s.step() == Step::ZeroWindowProbeAck || s.is(Marks::ANSWERS_PROBE);
    let shut = s.has(Flags::ACK) && s.segment.window == 0 && !said;
    shut.then_some(Clause::WindowShut { still: s.is(Marks::STILL_SHUT) })
}
