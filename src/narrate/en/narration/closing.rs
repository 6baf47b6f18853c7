//! What is said of the close.

use crate::narrate::clause::{ClosingClause as Clause, FinNumber};
use crate::narrate::en::{bytes as count, relative};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::ClosesFirst { sure: true } => {
            write!(out, "The {me} has nothing more to send and is the first to close (either end may be).")
        }
        Clause::ClosesFirst { sure: false } => {
            write!(out, "The {me} has nothing more to send: this is the first FIN captured (either end may send it).")
        }
        Clause::ClosesToo => write!(out, "The {me} has nothing more to send either."),
        Clause::LastBytes { bytes } => {
            write!(out, "Its last {} {} with the FIN.", count(bytes), if bytes == 1 { "comes" } else { "come" })
        }
        Clause::FinTakesNumber(number) => fin_takes(out, "The", number),
        Clause::OwnFinTakesNumber(number) => fin_takes(out, "Its", number),
        Clause::PeerMaySend => write!(out, "The {you} may still send."),
        Clause::FinAcksFin { rel_ack } => write!(
            out,
            "Its ACK {rel_ack} acknowledges the {you}'s FIN in the same segment: the close takes three segments, not four."
        ),
        Clause::FinsCrossed => write!(
            out,
            "It does not acknowledge the {you}'s FIN: probably the two crossed on the way (a simultaneous close)."
        ),
        Clause::FinAgain { rel_fin } => write!(out, "The {me} sends its FIN again (relative {rel_fin})."),
        Clause::BringsBytes { bytes, rel_first, rel_last } => {
            let come = if bytes == 1 { "comes" } else { "come" };
            write!(out, "With it {come} {}, {}.", count(bytes), relative(rel_first, rel_last))
        }
        Clause::AlsoAcksFin { rel_ack } => write!(out, "Its ACK {rel_ack} acknowledges the {you}'s FIN."),
        Clause::AcksFin { rel_ack } => {
            write!(out, "The {me} acknowledges the {you}'s FIN: ACK {rel_ack} is the FIN's number plus one.")
        }
        Clause::AcksFinAgain { rel_ack } => write!(out, "The {me} acknowledges the {you}'s FIN again: ACK {rel_ack}."),
        Clause::WaitsForThat => {
            write!(out, "This is one purpose of TIME-WAIT: to answer what still arrives, such as a repeated FIN.")
        }
        Clause::OwnFinUnacked => {
            write!(out, "Its own FIN, which crossed with that one, is still to be acknowledged.")
        }
        Clause::OneWayClosed => write!(out, "One direction is closed; the {me} may still send."),
        Clause::BothWaysClosed => {
            write!(out, "Once this ACK arrives, both directions are closed and the connection is over.")
        }
        Clause::Waits => write!(
            out,
            "The {me} closed first and waits in TIME-WAIT, until old segments have died out and in case this ACK is lost."
        ),
        Clause::OneSocketWaits => write!(
            out,
            "It is the socket's own FIN: the one socket goes through CLOSING and waits in TIME-WAIT, until old segments have died out."
        ),
        Clause::BothWait => write!(
            out,
            "Both ends closed at the same time, and both wait in TIME-WAIT, until old segments have died out and in case the last ACK is lost."
        ),
    }
}

fn fin_takes(out: &mut String, whose: &str, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { " although there is no payload" };
    write!(out, "{whose} FIN takes one number (relative {rel_fin}), so the next is {rel_next}{although}.")
}
