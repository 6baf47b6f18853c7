//! What is said of the opening.

use crate::narrate::clause::{Covers, OpeningClause as Clause};
use crate::narrate::en::{First, bytes as count};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::Asks { from, to } => {
            write!(out, "The {me} (port {from}) asks the {you} (port {to}) for a connection.")
        }
        Clause::HasIsn { seq } => write!(out, "Its initial sequence number is {seq}."),
        Clause::SynTakesNumber { next } => {
            write!(out, "The SYN takes one number, so the next is {next} although there is no payload.")
        }
        Clause::AsksWithData { seq, bytes, fast_open } => {
            write!(
                out,
                "The {me} asks for a connection with the number {seq} and sends {} with its SYN",
                count(bytes)
            )?;
            write!(out, "{}", if fast_open { " (TCP Fast Open)." } else { ", without the Fast Open option." })
        }
        Clause::SynAndDataTakeNumbers { bytes, next } => {
            write!(out, "The SYN takes one number and the data {bytes}, so the next is {next}.")
        }
        Clause::OldSyn { seq, open: true } => write!(
            out,
            "The {me}'s SYN with the number {seq} comes again although the connection is open: probably an old duplicate."
        ),
        Clause::OldSyn { seq, open: false } => write!(
            out,
            "The {me}'s SYN with the number {seq} comes again after the end of the connection: probably an old duplicate."
        ),
        Clause::AsksAgain { seq } => write!(out, "The {me} sends its SYN again, with the same number {seq}."),
        Clause::NoAnswerBefore => write!(
            out,
            "Neither a SYN-ACK nor a RST was captured before it: probably the SYN or its answer was lost, or a firewall dropped it."
        ),
        Clause::SynAckBefore => {
            write!(out, "A SYN-ACK was captured before it: probably that did not reach the {me} in time.")
        }
        Clause::ResetBefore { own: false } => write!(out, "A RST was captured before it: the {me} tries again."),
        Clause::ResetBefore { own: true } => write!(out, "The {me} itself sent a RST before it, and now asks again."),
        Clause::PortsReused => {
            write!(out, "By Wireshark's analysis an earlier connection in this capture used the same ports.")
        }
        Clause::AsksToo { seq } => write!(
            out,
            "The {me} sends a SYN of its own, number {seq}, that does not acknowledge the {you}'s: both open at once (a simultaneous open)."
        ),
        Clause::NeitherWaits => {
            write!(out, "Neither end waits for the other's request; each has to acknowledge the other's SYN.")
        }
        Clause::Accepts => write!(out, "The {me} accepts, with two messages in one segment."),
        Clause::AnswersAndRepeats => write!(out, "The {me} answers the {you}'s SYN and repeats its own."),
        Clause::ConnectsToItself => write!(
            out,
            "The {me}'s own SYN has come back to it, and it answers that: the socket is connected to itself, and the {you} is the same end."
        ),
        Clause::SynAckAcks { ack, covers } => match covers {
            Covers::Syn(isn) => write!(out, "ACK {ack} = {isn} + 1: the {you}'s SYN has arrived."),
            Covers::SynAlone(isn, bytes) => write!(
                out,
                "ACK {ack} = {isn} + 1: the {you}'s SYN has arrived, but of the {} that came with it none is acknowledged: the {you} has to send them again.",
                count(bytes)
            ),
            Covers::SynAndData(bytes) => {
                write!(out, "ACK {ack}: the {you}'s SYN has arrived, and with it {}.", count(bytes))
            }
            Covers::Unknown => {
                write!(out, "ACK {ack}: it expects that number next. The SYN that it acknowledges was not captured.")
            }
        },
        Clause::OwnIsn { seq, next } => write!(
            out,
            "SYN: its own initial sequence number is {seq}; the SYN takes one number, so its next is {next}."
        ),
        Clause::OwnIsnWithData { seq, bytes, next } => write!(
            out,
            "SYN: its own initial sequence number is {seq}; the SYN takes one number and the {} of payload the rest, so its next is {next}.",
            count(bytes)
        ),
        Clause::OwnIsnStill { seq, next } => {
            write!(out, "SYN: its own number is still {seq}, its next {next}.")
        }
        Clause::SynAckAgain { seq } => {
            write!(out, "The {me} sends its SYN-ACK again, with the same number {seq}.")
        }
        Clause::HandshakeAckBefore => {
            write!(out, "An ACK of it was captured before: probably that did not reach the {me}, or was dropped there.")
        }
        Clause::NoHandshakeAckBefore => {
            write!(
                out,
                "No ACK of it was captured before: probably the SYN-ACK or its ACK was lost, or the {you} does not answer."
            )
        }
        Clause::AnswersOtherwise { seq } => {
            write!(out, "The {me} answers a second time, now with another initial sequence number, {seq}.")
        }
        Clause::TwoAnswer => {
            write!(out, "That is no repetition: probably one of the two is an old duplicate, or another machine's.")
        }
        Clause::AcksSyn { ack, covers } => {
            write!(out, "The {me} acknowledges the {you}'s SYN")?;
            match covers {
                Covers::Syn(isn) | Covers::SynAlone(isn, _) => write!(out, ": ACK {ack} = {isn} + 1."),
                Covers::SynAndData(bytes) => {
                    write!(out, " and the {} that came with it: ACK {ack}.", count(bytes))
                }
                Covers::Unknown => write!(out, ", which was not captured: ACK {ack}."),
            }
        }
        Clause::Connected => write!(out, "Both ends now know each other's numbers, and the connection is open."),
        Clause::BringsData { bytes } => write!(out, "It brings {} of data along.", count(bytes)),
        Clause::BringsDataOfSyn { bytes, again } if bytes == again => {
            write!(out, "It brings {} of data along, which the SYN had brought before.", count(bytes))
        }
        Clause::BringsDataOfSyn { bytes, again } => {
            write!(out, "It brings {} of data along; the SYN had brought the {} before.", count(bytes), First(again))
        }
        Clause::AckTakesNoNumber { next, rel_next } => {
            write!(out, "An ACK takes no number of its own: the {me}'s next is still {next} (relative {rel_next}).")
        }
        Clause::Refuses { port } => write!(
            out,
            "The {me} answers the SYN with a RST: probably nobody accepts connections on port {port}, or a firewall refuses on its behalf."
        ),
        Clause::RefusalEndsAttempt { ack: Some(ack) } => {
            write!(out, "The RST ends the attempt; its ACK number {ack} shows which SYN it answers.")
        }
        Clause::RefusalEndsAttempt { ack: None } => write!(out, "The RST ends the attempt."),
        Clause::RefusesProbe { port } => write!(
            out,
            "The {me} answers the probe with a RST: probably nobody accepts connections on port {port}, or a firewall refuses on its behalf."
        ),
        Clause::AcksWrongNumber { ack } => write!(
            out,
            "The {me} acknowledges {ack}, which fits no number of the {you} in this handshake: probably an old, a damaged or a forged segment. RFC 9293 requires a RST with the number {ack} in reply."
        ),
        Clause::UnexpectedSyn { seq } => {
            write!(out, "The {me} sends a SYN with the number {seq} although the connection is open.")
        }
        Clause::PeerMustChallenge => {
            write!(out, "The {you} must not act on it directly: RFC 9293 has it answer with a challenge ACK.")
        }
    }
}
