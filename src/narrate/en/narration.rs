//! Narrations in English.

use super::{bytes as count, side};
use crate::narrate::clause::{Clause, Covers, FinNumber, Payload, Unacceptable};
use crate::narrate::text::FlagNames;
use crate::tcp::Side;
use std::fmt::{self, Write};

/// Writes a clause about a segment of this sender's: one or more whole sentences.
pub fn write(out: &mut String, sender: Side, clause: &Clause) -> fmt::Result {
    let (me, you) = (side(sender), side(sender.peer()));
    match *clause {
        Clause::Asks { from, to } => {
            write!(out, "The {me} (port {from}) asks the {you} (port {to}) for a connection.")
        }
        Clause::PicksIsn { seq } => write!(out, "It picks {seq} at random as its initial sequence number."),
        Clause::SynTakesNumber { next } => {
            write!(out, "The SYN takes one number, so the next is {next} although there is no payload.")
        }
        Clause::AsksWithData { seq, bytes } => write!(
            out,
            "The {me} asks for a connection with the number {seq} and brings {} along before the handshake is done (TCP Fast Open).",
            count(bytes)
        ),
        Clause::SynAndDataTakeNumbers { bytes, next } => {
            write!(out, "The SYN takes one number and the data {bytes}, so the next is {next}.")
        }
        Clause::OldSyn { seq } => write!(
            out,
            "A copy of the {me}'s SYN, number {seq}, arrives although the connection is open: an old duplicate. The {you} answers it with a challenge ACK."
        ),
        Clause::AsksAgain { seq } => {
            write!(out, "The {me} asks again with the same number {seq}: it has had no answer that it could use.")
        }
        Clause::SynOrAnswerLost => write!(out, "Either the SYN or the answer to it was lost, or nobody answers."),
        Clause::AsksToo { seq } => write!(
            out,
            "The {me} sends a SYN of its own, number {seq}, before it has seen the {you}'s: both open at once."
        ),
        Clause::NeitherWaits => {
            write!(out, "No end waits for the other's request; each acknowledges the other's SYN.")
        }
        Clause::Accepts => write!(out, "The {me} accepts, with two messages in one segment."),
        Clause::AnswersAndRepeats => write!(out, "The {me} answers the {you}'s SYN and repeats its own."),
        Clause::SynAckAcks { ack, covers } => match covers {
            Covers::Syn(isn) => write!(out, "ACK {ack} = {isn} + 1: the {you}'s SYN has arrived."),
            Covers::SynAndData(bytes) => {
                write!(out, "ACK {ack}: the {you}'s SYN and the {} it brought have arrived.", count(bytes))
            }
            Covers::Unknown => write!(out, "ACK {ack}: it expects that number next."),
        },
        Clause::OwnIsn { seq, next } => write!(
            out,
            "SYN: its own initial sequence number is {seq}, random too; the SYN takes one number, so its next is {next}."
        ),
        Clause::OwnIsnWithData { seq, bytes, next } => write!(
            out,
            "SYN: its own initial sequence number is {seq}, random too; the SYN takes one number and the {} that come along the rest, so its next is {next}.",
            count(bytes)
        ),
        Clause::OwnIsnStill { seq, next } => {
            write!(out, "SYN: its own number is still {seq}, its next {next}.")
        }
        Clause::SynAckAgain { seq } => write!(
            out,
            "The {me} sends its SYN-ACK again, with the same number {seq}: the {you}'s ACK has not reached it."
        ),
        Clause::AnswersOtherwise { seq } => {
            write!(out, "The {me} answers a second time, now with another initial sequence number, {seq}.")
        }
        Clause::TwoAnswer => {
            write!(out, "That is no repetition: an old duplicate, or two machines that both answer.")
        }
        Clause::AcksSyn { ack, covers } => {
            write!(out, "The {me} acknowledges the {you}'s SYN: ACK {ack}")?;
            match covers {
                Covers::Syn(isn) => write!(out, " = {isn} + 1."),
                Covers::SynAndData(bytes) => write!(out, ", with the {} that came along.", count(bytes)),
                Covers::Unknown => write!(out, "."),
            }
        }
        Clause::Connected => write!(out, "Both ends now know each other's numbers, and the connection is open."),
        Clause::BringsData { bytes } => write!(out, "It brings {} of data along.", count(bytes)),
        Clause::AckTakesNoNumber { next, rel_next } => {
            write!(out, "An ACK takes no number of its own: the {me}'s next is still {next} (relative {rel_next}).")
        }
        Clause::Refuses { port } => {
            write!(out, "The {me} refuses: it accepts no connection on port {port}, or a firewall refuses in its name.")
        }
        Clause::RefusalEndsAttempt { ack } => {
            write!(out, "The RST ends the attempt; its ACK number {ack} shows which SYN it answers.")
        }
        Clause::RefusesProbe { port } => write!(
            out,
            "The {me} answers the probe with a RST: it accepts no connection on port {port}, or a firewall refuses in its name."
        ),
        Clause::AcksWrongNumber { ack } => write!(
            out,
            "The {me} acknowledges {ack}, a number that the {you} has not sent in this handshake: an old or a forged segment. The answer to it is a RST with the number {ack}."
        ),
        Clause::UnexpectedSyn { seq } => {
            write!(out, "The {me} sends a SYN with the number {seq} although the connection is open.")
        }
        Clause::PeerMustChallenge => {
            write!(out, "The {you} must not take it at its word: it answers with a challenge ACK.")
        }
        Clause::Sends(payload) => sends(out, me, "sends", payload),
        Clause::StillSends(payload) => sends(out, me, "still sends", payload),
        Clause::FullSegment { mss, options } => {
            write!(out, "A full segment")?;
            if let Some(options) = options {
                write!(out, ", with {options} bytes of options in the header")?;
            }
            write!(
                out,
                ": the sender cuts its data to the MSS of {mss} (this is not IP fragmentation), so the number steps by the length while the ACK number stays."
            )
        }
        Clause::OverMss { mss } => write!(
            out,
            "More than the MSS of {mss}: it was captured before the network card cut it up, or after it was put together."
        ),
        Clause::HalfClosed => write!(
            out,
            "The {you} has closed its own direction, but this one is still open: the connection is half-closed."
        ),
        Clause::SendsAgain { bytes, rel_first, rel_last } => write!(
            out,
            "The {me} sends {} again, relative numbers {rel_first} to {rel_last}: it takes them to be lost, since no ACK has come for them.",
            count(bytes)
        ),
        Clause::Overtaken { bytes, rel_first, rel_last } => write!(
            out,
            "The {me}'s relative numbers {rel_first} to {rel_last} ({}) were captured behind later ones: they were overtaken on the way.",
            count(bytes)
        ),
        Clause::HasNothing { rel_ack } => {
            write!(out, "ACK {rel_ack}: it has none of the {you}'s bytes yet and expects number {rel_ack} next.")
        }
        Clause::HasBytes { bytes, rel_ack } => write!(
            out,
            "The {me} has the {you}'s first {}: ACK {rel_ack} names the next number it expects.",
            count(bytes)
        ),
        Clause::AlsoHasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: it has the {you}'s first {}.", count(bytes))
        }
        Clause::Expects { rel_ack } => write!(out, "ACK {rel_ack}: the next number the {me} expects of the {you}."),
        Clause::ExpectsStill { rel_ack } => {
            write!(out, "The {me} says again that it expects the relative number {rel_ack}.")
        }
        Clause::LaterBytesArrived => {
            write!(out, "As a rule this means that later bytes have arrived, but this one has not.")
        }
        Clause::AsksIfAlive => {
            write!(out, "The {me} has nothing to send and asks whether the {you} is still there.")
        }
        Clause::KeepAliveNumber { rel_seq } => write!(
            out,
            "It does so with a number that is already acknowledged (relative {rel_seq}), so that the {you} must answer."
        ),
        Clause::IsAlive { rel_ack } => {
            write!(out, "The {me} is still there, and still expects the relative number {rel_ack}.")
        }
        Clause::PeerHasNoRoom => write!(out, "The {you} has no room left (window 0)."),
        Clause::Probes { bytes, rel_seq } => {
            write!(out, "The {me} sends {} (relative {rel_seq}) to learn whether it has room again.", count(bytes))
        }
        Clause::AnswersProbe { window, rel_ack } => write!(
            out,
            "The {me} answers the probe: its window is {}, and it expects the relative number {rel_ack}.",
            count(window)
        ),
        Clause::HasRoom { window, rel_ack } => {
            write!(out, "The {me} has room for {} from the relative number {rel_ack} on.", count(window))
        }
        Clause::NothingNewAcked => write!(out, "Nothing new is acknowledged."),
        Clause::ClosesFirst => {
            write!(out, "The {me} has nothing more to send and is the first to close (either end may be).")
        }
        Clause::ClosesToo => write!(out, "The {me} has nothing more to send either."),
        Clause::LastBytes { bytes } => write!(out, "Its last {} come with the FIN.", count(bytes)),
        Clause::FinTakesNumber(number) => fin_takes(out, "The", number),
        Clause::OwnFinTakesNumber(number) => fin_takes(out, "Its", number),
        Clause::PeerMaySend => write!(out, "The {you} may still send."),
        Clause::FinAcksFin { rel_ack } => write!(
            out,
            "Its ACK {rel_ack} acknowledges the {you}'s FIN in the same segment: the close takes three segments, not four."
        ),
        Clause::FinsCrossed => {
            write!(out, "It does not acknowledge the {you}'s FIN: the two crossed on the way (a simultaneous close).")
        }
        Clause::FinAgain { rel_fin } => {
            write!(out, "The {me} sends its FIN again (relative {rel_fin}): it has seen no ACK for it.")
        }
        Clause::AcksFin { rel_ack } => {
            write!(out, "The {me} acknowledges the {you}'s FIN: ACK {rel_ack} is the FIN's number plus one.")
        }
        Clause::OwnFinUnacked => {
            write!(out, "Its own FIN, which crossed with that one, is still to be acknowledged.")
        }
        Clause::OneWayClosed => write!(out, "One direction is closed; the {me} may still send."),
        Clause::BothWaysClosed => write!(out, "Both directions are closed, the connection is over."),
        Clause::Waits => {
            write!(out, "The {me} closed first and waits in TIME-WAIT until old segments have died out.")
        }
        Clause::BothWait => write!(
            out,
            "Both ends closed at the same time, and both wait in TIME-WAIT until old segments have died out."
        ),
        Clause::Aborts => write!(
            out,
            "The {me} aborts the connection with a RST. That is no close by FIN and ACK: what was still on the way is lost."
        ),
        Clause::GivesUp => {
            write!(out, "The {me} gives up the opening with a RST: there will be no connection.")
        }
        Clause::ResetIsExpected { seq } => {
            write!(out, "Its number {seq} is what the {you} expects, so the {you} accepts it.")
        }
        Clause::ResetsAnother { seq } => write!(
            out,
            "The {me} sends a RST with the number {seq}, which the {you} has just said it expects. The connection that the {you} has in mind does not exist, and the {you} gives it up."
        ),
        Clause::Resets { seq, ack: None } => write!(out, "The {me} sends a RST with the number {seq}."),
        Clause::Resets { seq, ack: Some(ack) } => {
            write!(out, "The {me} sends a RST with the number {seq} and ACK {ack}.")
        }
        Clause::PeerIgnoresReset(why) => {
            let why = match why {
                Unacceptable::NoConnection => "for it there is no connection any more",
                Unacceptable::NotForTheSyn => "it does not acknowledge the SYN",
                Unacceptable::WrongNumber => "this is not the number it expects",
            };
            write!(out, "The {you} does not accept it: {why}. It changes nothing.")
        }
        Clause::Challenges { seq, ack } => write!(
            out,
            "The {me} does not believe the SYN or RST that came. It only says where its connection stands: it is at {seq} and expects {ack} (a challenge ACK)."
        ),
        Clause::ExactResetAnswers => write!(out, "A sender who means it can answer that with an exact RST."),
        Clause::AbortsNothing { seq } => write!(
            out,
            "The {me} sends a RST with the number {seq}. Both ends have sent their FIN, so there is nothing left to abort."
        ),
        Clause::CapturedAgain => {
            write!(out, "The same packet of the {me} was captured a second time. It was sent once, and counts once.")
        }
        Clause::AfterClose { bytes } => {
            write!(
                out,
                "The connection is already over: both ends have closed it, or it was aborted. This segment of the {me}"
            )?;
            match bytes {
                Some(bytes) => write!(out, " with {} comes after that.", count(bytes)),
                None => write!(out, " comes after that."),
            }
        }
        Clause::ImpossibleFlags(flags) => {
            write!(out, "The {me} sends {}: no TCP combines its flags so.", FlagNames(flags))
        }
        Clause::NoFlags => write!(out, "The {me} sends no flags at all: no TCP combines its flags so."),
        Clause::ProbeOrDamaged => {
            write!(out, "It is a probe, as port scanners send, or damaged. The connection is not changed by it.")
        }
    }
}

fn sends(out: &mut String, me: &str, sends: &str, payload: Payload) -> fmt::Result {
    let Payload { bytes, rel_first, rel_last, rel_next } = payload;
    write!(
        out,
        "The {me} {sends} {}: relative numbers {rel_first} to {rel_last}, so its next is {rel_next}.",
        count(bytes)
    )
}

fn fin_takes(out: &mut String, whose: &str, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { " although there is no payload" };
    write!(out, "{whose} FIN takes one number (relative {rel_fin}), so the next is {rel_next}{although}.")
}
