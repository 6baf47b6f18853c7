//! What is said of RSTs and challenge ACKs.

use crate::narrate::clause::{Distance, ResetClause as Clause, Unacceptable};
use crate::narrate::en::hops_of;
use crate::tcp::ForeignHops;
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::AnswersWithReset { frame, seq, closed } => {
            write!(out, "The {me} answers frame {} with a RST: it has no ACK flag, ", frame.get())?;
            write!(out, "and its number {seq} is that frame's ACK number. ")?;
            who_answers_so(out, closed)
        }
        Clause::KnowsNoConnection { seq, closed } => {
            write!(
                out,
                "The {me} sends a RST without ACK flag, and its number {seq} is the {you}'s last ACK number. "
            )?;
            who_answers_so(out, closed)
        }
        Clause::ResetFits => write!(out, "The {you} expects that number: if the RST arrives, the {you} accepts it."),
        Clause::ResetFitsBeforeFin => write!(
            out,
            "Its number is also that of the {me}'s FIN: the {you} accepts the RST only if it arrives before the FIN."
        ),
        Clause::ResetFitsAfterFin { seq } => write!(
            out,
            "Its number {seq} is the one after the {me}'s FIN: once that FIN has arrived, the {you} accepts the RST."
        ),
        Clause::ResetFitsNext { seq } => write!(
            out,
            "Its number {seq} follows everything that the {me} had sent: once all of that has arrived, the {you} accepts the RST."
        ),
        Clause::Aborts => {
            write!(out, "The {me} aborts the connection with a RST instead of closing it normally, with FIN and ACK.")
        }
        Clause::GivesUp => write!(out, "The {me} ends the opening with a RST."),
        Clause::ResetIsExpected { seq } => {
            write!(out, "Its number {seq} is what the {you} expects: if it arrives, the {you} accepts it.")
        }
        Clause::ResetsAnother { seq } => write!(
            out,
            "The {me} sends a RST with the number {seq}, which the {you} has just said it expects. For the {me} the connection that the {you} has in mind does not exist, and RFC 9293 has the {you} give it up."
        ),
        Clause::Resets { seq, ack: None } => write!(out, "The {me} sends a RST with the number {seq}."),
        Clause::Resets { seq, ack: Some(ack) } => {
            write!(out, "The {me} sends a RST with the number {seq} and ACK {ack}.")
        }
        Clause::PeerIgnoresReset(unacceptable) => {
            write!(out, "The {you} should not accept it: ")?;
            match unacceptable {
                Unacceptable::NoConnection => out.write_str("for it there is no connection any more")?,
                Unacceptable::NotForTheSyn => out.write_str("it does not acknowledge the SYN")?,
                Unacceptable::WrongNumber(None) => out.write_str("this is not the number it expects")?,
                Unacceptable::WrongNumber(Some(Distance { from, by, above })) => {
                    let side = if above { "above" } else { "below" };
                    write!(out, "its number is {by} {side} the {you}'s last ACK number, {from}")?;
                }
            }
            write!(out, ". So it should change nothing.")
        }
        Clause::Challenges { seq, ack } => write!(
            out,
            "The {me} answers the SYN or RST before it with a challenge ACK, which only says where its connection stands: it is at {seq} and expects {ack}."
        ),
        Clause::ExactResetAnswers => write!(
            out,
            "If that SYN or RST was genuine, its sender can now answer with a RST that carries exactly that number."
        ),
        Clause::CutsOnlyUnacked => write!(
            out,
            "Both ends had already sent their FIN, so only data that was not acknowledged by then can be lost."
        ),
        Clause::OtherHops(ForeignHops { rst, host, v6 }) => write!(
            out,
            "Its {} is {rst}, where the {me}'s other packets have {host}: probably something on the way sent it in the {me}'s name.",
            hops_of(v6)
        ),
        Clause::ResetsAfterEnd { reset: false } => write!(out, "The connection had ended before."),
        Clause::ResetsAfterEnd { reset: true } => {
            write!(out, "It comes after another RST: if that was accepted, the connection was over by then.")
        }
    }
}

/// Which hosts send a RST that has its number from an ACK; of an end that has sent its FIN, also why it may.
fn who_answers_so(out: &mut String, closed: bool) -> fmt::Result {
    write!(out, "A host that does not know the connection, or no longer does, answers like this (RFC 9293, 3.10.7.1)")?;
    write!(
        out,
        "{}.",
        if closed { "; so does one whose program has closed the socket and to which data still comes" } else { "" }
    )
}
