//! What is left out of a capture makes what is said of its connections less certain, never otherwise; what was captured
//! twice changes nothing. Each relation is tried on every connection of the recorded captures, and of those in the folder
//! `TCPSHAKE_CAPTURES`. Only the engine runs, without Wireshark.

#[path = "../support/engine.rs"]
mod engine;

use engine::{Packet, Part, assert_none, for_each_connection, see_all, thinned};
use std::collections::BTreeMap;
use tcpshake::tcp::{Completeness, Connection, End, Flags, Outcome, Side, Standing, Timestamp};

/// What is said of a connection as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Verdict {
    outcome: Outcome,
    /// Who aborted, and who closed first. Not by their sides: where both ends open, or no SYN was captured, which of them is
    /// the client can be said otherwise.
    aborted: Option<End>,
    first: Option<End>,
}

/// A capture in which the connection stands: until when it goes on.
fn judge(packets: &[Packet], end: i64) -> (Verdict, Connection, Vec<Standing>) {
    let (connection, standings) = see_all(packets);
    let outcome = connection.outcome(Some(Timestamp(end)));
    let aborted = match outcome {
        Outcome::AbortedByClient => Some(connection.end_of(Side::Client)),
        Outcome::AbortedByServer => Some(connection.end_of(Side::Server)),
        _ => None,
    };
    let first = connection.closed_first().map(|side| connection.end_of(side));
    let verdict = Verdict { outcome, aborted, first };
    (verdict, connection, standings)
}

/// Whether an outcome says less than any other.
fn is_uncertain(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::InProgress | Outcome::Established | Outcome::OpeningNotCaptured)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Same,
    LessCertain,
    /// All that is left is what would be there if the other end were silent: no engine can know.
    Silenced,
    /// All that is left ends with a RST that what was cut away shows not to have counted: what came after it, or a RST of the
    /// other end before it, which had ended the connection already.
    Undone,
    Wrong,
}

fn compare(whole: Verdict, part: Verdict, left: &[Packet]) -> Change {
    let outcome = match (whole.outcome, part.outcome) {
        (whole_outcome, part_outcome) if whole_outcome == part_outcome && whole.aborted == part.aborted => Change::Same,
        _ if whole.aborted.is_some() && whole.aborted == part.aborted => Change::Same,
        (_, part) if is_uncertain(part) => Change::LessCertain,
        (_, part) if is_silence(part, left) => Change::Silenced,
        _ => Change::Wrong,
    };
    let first = match (whole.first, part.first) {
        (whole, part) if whole == part => Change::Same,
        (_, None) => Change::LessCertain,
        _ => Change::Wrong,
    };
    outcome.max(first)
}

/// Whether all that is left is a SYN without anything of its receiver, a SYN-ACK sent again without anything that
/// acknowledges it, or a FIN without anything that ends the other direction.
fn is_silence(outcome: Outcome, left: &[Packet]) -> bool {
    let has = |from: Option<End>, rule: &dyn Fn(&Packet) -> bool| {
        left.iter().filter(|packet| from.is_none_or(|from| packet.segment.from == from)).any(rule)
    };
    match outcome {
        Outcome::NoAnswer => !(has(Some(End::A), &|_| true) && has(Some(End::B), &|_| true)),
        Outcome::HalfOpen => !has(None, &|packet| !packet.segment.has(Flags::SYN)),
        Outcome::HalfClosed => {
            let ends = |from| has(Some(from), &|packet| packet.segment.flags.intersects(Flags::FIN | Flags::RST));
            !(ends(End::A) && ends(End::B))
        }
        _ => false,
    }
}

/// Whether nothing follows the RST.
fn ends_with_reset(left: &[Packet]) -> bool {
    left.last().is_some_and(|packet| packet.segment.has(Flags::RST))
}

/// Whether a RST of the other end came before the one that ends what is left, and is not among that.
fn reset_before(all: &[Packet], left: &[Packet]) -> bool {
    let Some(last) = left.last().map(|packet| packet.segment) else { return false };
    let before = |packet: &&Packet| packet.segment.frame < last.frame && packet.segment.has(Flags::RST);
    let cut = |packet: &Packet| left.iter().all(|other| other.segment.frame != packet.segment.frame);
    all.iter().filter(before).any(|packet| packet.segment.from != last.from && cut(packet))
}

/// The table of what became of each relation, and examples of what went wrong.
#[derive(Default)]
struct Table {
    rows: BTreeMap<usize, (String, [u32; 5])>,
    wrong: Vec<String>,
}

impl Table {
    fn count(&mut self, row: usize, name: &str, change: Change) {
        self.rows.entry(row).or_insert_with(|| (name.into(), [0; 5])).1[change as usize] += 1;
    }

    fn print(&self) {
        println!("{:24}{:>6}{:>14}{:>10}{:>8}{:>7}", "relation", "same", "less certain", "silenced", "undone", "WRONG");
        for (name, [same, less, silenced, undone, wrong]) in self.rows.values() {
            println!("{name:24}{same:6}{less:14}{silenced:10}{undone:8}{wrong:7}");
        }
    }
}

#[test]
fn what_is_left_out_makes_less_certain_and_copies_change_nothing() {
    let mut table = Table::default();
    for_each_connection(|label, packets, end| {
        doubled(packets, end, label, &mut table);
        let (whole, ..) = judge(packets, end);
        for (row, Part { name, packets: left, until }) in thinned(packets, end).into_iter().enumerate() {
            if left.is_empty() {
                continue;
            }
            let (part, ..) = judge(&left, until);
            let mut change = compare(whole, part, &left);
            let undone = name.starts_with("last") || reset_before(packets, &left);
            if change == Change::Wrong && ends_with_reset(&left) && undone {
                change = Change::Undone;
            }
            table.count(row + 1, &name, change);
            if change == Change::Wrong {
                let frames: Vec<u32> = left.iter().take(40).map(|packet| packet.segment.frame.get()).collect();
                table.wrong.push(format!("{name}: {label}: {whole:?} -> {part:?} {frames:?}"));
            }
        }
    });
    table.print();
    assert_none(&table.wrong);
}

/// Every frame twice.
fn doubled(packets: &[Packet], end: i64, label: &str, table: &mut Table) {
    let (verdict, connection, standings) = judge(packets, end);
    let (verdict_twice, connection_twice, standings_twice) = judge(&engine::doubled(packets), end);
    let counts = |connection: &Connection| -> (u16, u16, Completeness) {
        (connection.opening().syn_count(), connection.opening().syn_ack_count(), connection.completeness())
    };
    let originals: Vec<Standing> = standings_twice.iter().copied().step_by(2).collect();
    let copies = standings_twice.iter().skip(1).step_by(2).all(|standing| standing.step.name() == "Captured again");
    let same = verdict == verdict_twice
        && counts(&connection) == counts(&connection_twice)
        && originals == standings
        && copies;
    table.count(0, "every frame doubled", if same { Change::Same } else { Change::Wrong });
    if !same {
        let first = originals.iter().zip(&standings).position(|(one, other)| one != other);
        table.wrong.push(format!("doubled: {label}: {verdict:?} {verdict_twice:?}, first difference {first:?}"));
    }
}
