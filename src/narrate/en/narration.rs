//! Narrations in English.

use super::{Captured, First, bytes as count, guessed, relative, side};
use crate::narrate::clause::{Acked, Clause, Covers, FinNumber, Payload, Room, Sent, Unacceptable};
use crate::narrate::evidence::{Duplicate, Repeated};
use crate::narrate::text::FlagNames;
use crate::tcp::{Earlier, Side};
use std::fmt::{self, Write};

/// Writes a clause about a segment of this sender's: one or more whole sentences. `guess` says that the sender is named for
/// the first time, and that who is who is a guess.
pub fn write(out: &mut String, sender: Side, guess: bool, clause: &Clause) -> fmt::Result {
    let (me, you) = (if guess { guessed(sender) } else { side(sender) }, side(sender.peer()));
    match *clause {
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
            "Neither a SYN-ACK nor a RST was captured before it: probably the SYN was lost, or a firewall dropped it."
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
            write!(out, "Neither end waits for the other's request; each acknowledges the other's SYN.")
        }
        Clause::Accepts => write!(out, "The {me} accepts, with two messages in one segment."),
        Clause::AnswersAndRepeats => write!(out, "The {me} answers the {you}'s SYN and repeats its own."),
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
            write!(out, "No ACK of it was captured before: probably the SYN-ACK or its ACK was lost.")
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
            "The {me} acknowledges {ack}, which fits no number of the {you} in this handshake: probably an old or a forged segment. RFC 9293 requires a RST with the number {ack} in reply."
        ),
        Clause::UnexpectedSyn { seq } => {
            write!(out, "The {me} sends a SYN with the number {seq} although the connection is open.")
        }
        Clause::PeerMustChallenge => {
            write!(out, "The {you} must not act on it directly: RFC 9293 has it answer with a challenge ACK.")
        }
        Clause::Sends(payload) => sends(out, me, payload, format_args!("")),
        Clause::StillSends(payload) => {
            sends(out, me, payload, format_args!(" after the {you}'s FIN (the connection is half-closed)"))
        }
        Clause::FullSegment { mss, options } => {
            write!(out, "A full segment: ")?;
            if let Some(options) = options {
                write!(out, "with {options} bytes of options in the header ")?;
            }
            write!(
                out,
                "it fills the MSS of {mss}. TCP splits what it sends into segments of at most that size (this is not IP fragmentation), and the sequence number advances by their length."
            )
        }
        Clause::OverMss { mss } => write!(out, "That is larger than the MSS of {mss} (probably TSO or GRO)."),
        Clause::FirstOverMss { mss } => write!(
            out,
            "That is larger than the MSS of {mss}: probably it was captured before the network card split it (TSO), or after it was merged on arrival (GRO)."
        ),
        Clause::Pushes => write!(out, "PSH is set."),
        Clause::PushMeans => {
            write!(out, "PSH is set: the {you} is to hand the data to its application without waiting for more.")
        }
        Clause::Marked(flags) => write!(out, "Flags set besides: {}.", FlagNames(flags)),
        Clause::InFlight { bytes, window, first } => {
            write!(out, "With it, {} are in flight", count(bytes))?;
            write!(out, "{}", if first { " (not acknowledged yet)" } else { "" })?;
            match window {
                None => write!(out, "."),
                Some(window) if bytes < window => write!(out, "; the {you}'s window is {window}."),
                Some(window) => write!(out, ": the {you}'s window of {window} is full."),
            }
        }
        Clause::SendsAgain { bytes, rel_first, rel_last } => {
            write!(out, "The {me} sends {} again, {}.", count(bytes), relative(rel_first, rel_last))
        }
        Clause::GoesBack { bytes, rel_first, rel_last } => write!(
            out,
            "The {me} sends {}, {}: by Wireshark's analysis a retransmission.",
            count(bytes),
            relative(rel_first, rel_last)
        ),
        Clause::ComesLate { bytes, rel_first, rel_last } => write!(
            out,
            "The {me}'s {} ({}) {} captured after later ones.",
            relative(rel_first, rel_last),
            count(bytes),
            if rel_first == rel_last { "was" } else { "were" }
        ),
        Clause::NotCapturedBefore => {
            write!(out, "Wireshark takes it for a retransmission, but none of these numbers was captured before.")
        }
        Clause::ProbablyOvertaken => write!(out, "Probably that was overtaken on the way."),
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole, .. }) => {
            let what = if whole { "It repeats" } else { "It begins with the same number as" };
            write!(out, "{what} frame {}, {}.", frame.get(), Captured(before))
        }
        Clause::AckedBefore(false) => {
            write!(out, "No ACK for all of it was captured before: probably it was lost on the way.")
        }
        Clause::AckedBefore(true) => {
            write!(out, "An ACK for all of it was captured before: probably that did not reach the {me} in time.")
        }
        Clause::TooSoon => write!(
            out,
            "That is too soon for a timeout: probably the packet was duplicated on the way, or captured twice."
        ),
        Clause::AckedAlready => write!(
            out,
            "An ACK for all of it was captured before it: it is needless, or the capture has the two in the wrong order."
        ),
        Clause::HasNothing { rel_ack } => {
            write!(out, "ACK {rel_ack}: it has none of the {you}'s bytes yet and expects number {rel_ack} next.")
        }
        Clause::HasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: the {me} has the {you}'s {} and expects number {rel_ack} next.", First(bytes))
        }
        Clause::AlsoHasBytes { bytes, rel_ack } => {
            write!(out, "ACK {rel_ack}: it has the {you}'s {}.", First(bytes))
        }
        Clause::Expects { rel_ack } => write!(out, "ACK {rel_ack}: the next number the {me} expects of the {you}."),
        Clause::ExpectsUnseen { rel_ack } => write!(
            out,
            "ACK {rel_ack}: the next number the {me} expects of the {you}. What it acknowledges there was not captured before it."
        ),
        Clause::AcksFrame { what, sent } => acks_frame(out, what, sent),
        Clause::ExpectsStill { rel_ack } => {
            write!(out, "The {me} says again that it expects the relative number {rel_ack}.")
        }
        Clause::Duplicates(Duplicate { number, of }) => {
            write!(out, "This is duplicate number {number} of the ACK in frame {}.", of.get())
        }
        Clause::SackHole { rel_ack, rel_hole_last, rel_first, rel_last } => write!(
            out,
            "SACK: it has the {}, beyond a hole from {rel_ack} to {rel_hole_last}.",
            relative(rel_first, rel_last)
        ),
        Clause::SackTwice { rel_first, rel_last } => {
            let have = if rel_first == rel_last { "has" } else { "have" };
            write!(out, "D-SACK: the {} {have} arrived twice.", relative(rel_first, rel_last))
        }
        Clause::KeepsAlive { bytes, rel_seq, shut } => {
            write!(out, "The {me} sends ")?;
            match bytes {
                0 => write!(out, "no payload")?,
                bytes => write!(out, "{}", count(bytes))?,
            }
            write!(out, " with the relative number {rel_seq}")?;
            match shut {
                false => write!(
                    out,
                    ": probably a keep-alive, which asks with an old number whether the {you} is still there."
                ),
                true => write!(out, ", into the {you}'s window of 0: probably to learn whether there is room again."),
            }
        }
        Clause::IsAlive { rel_ack } => {
            write!(out, "The {me} answers the keep-alive: it is there, and expects the relative number {rel_ack}.")
        }
        Clause::Probes { bytes, rel_seq } => write!(
            out,
            "The {me} sends {} (relative {rel_seq}) into the {you}'s window of 0: probably to learn whether there is room again.",
            count(bytes)
        ),
        Clause::AnswersProbe { room, rel_ack } => {
            write!(out, "The {me} answers the probe: its window is ")?;
            window(out, room)?;
            write!(out, ", and it expects the relative number {rel_ack}.")
        }
        Clause::HasRoom { room, rel_ack } => {
            write!(out, "The {me} acknowledges nothing new; its window is now ")?;
            window(out, room)?;
            write!(out, ", from the relative number {rel_ack} on.")
        }
        Clause::WindowShut { still: false } => {
            write!(out, "Its window is 0: the {you} is to send nothing for now.")
        }
        Clause::WindowShut { still: true } => write!(out, "Its window is still 0."),
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
            write!(out, "This is one reason why it waits in TIME-WAIT: its ACK may have been lost.")
        }
        Clause::OwnFinUnacked => {
            write!(out, "Its own FIN, which crossed with that one, is still to be acknowledged.")
        }
        Clause::OneWayClosed => write!(out, "One direction is closed; the {me} may still send."),
        Clause::BothWaysClosed => {
            write!(out, "Once it arrives, both directions are closed and the connection is over.")
        }
        Clause::Waits => write!(
            out,
            "The {me} closed first and waits in TIME-WAIT, until old segments have died out and in case this ACK is lost."
        ),
        Clause::BothWait => write!(
            out,
            "Both ends closed at the same time, and both wait in TIME-WAIT, until old segments have died out and in case the last ACK is lost."
        ),
        Clause::AnswersWithReset { frame, seq } => write!(
            out,
            "The {me} answers frame {} with a RST: it has no ACK flag, and its number {seq} is that frame's ACK number. That is how a host answers that does not have the connection, or no longer (RFC 9293, 3.10.7.1).",
            frame.get()
        ),
        Clause::KnowsNoConnection { seq } => write!(
            out,
            "The {me} sends a RST without ACK flag, and its number {seq} is the {you}'s last ACK number. That is how a host answers that does not have the connection, or no longer (RFC 9293, 3.10.7.1)."
        ),
        Clause::ResetFits => write!(out, "The {you} expects that number: if the RST arrives, the {you} accepts it."),
        Clause::Aborts => {
            write!(out, "The {me} aborts the connection with a RST, not an orderly close with FIN and ACK.")
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
            "The {me} answers the SYN or RST before it with a challenge ACK, which only says where its connection stands: it is at {seq} and expects {ack}."
        ),
        Clause::ExactResetAnswers => write!(
            out,
            "If that SYN or RST was genuine, its sender can now answer with a RST that carries exactly that number."
        ),
        Clause::NothingToAbort => {
            write!(out, "Both ends have sent their FIN, so there is nothing left to abort.")
        }
        Clause::ResetsAfterEnd => write!(out, "The connection had ended before."),
        Clause::SendsBeforeFirst { seq, ack, bytes, fin, older } => {
            write!(out, "The {me} ")?;
            write!(out, "{}", if older { "goes on in an older connection between the same ports" } else { "sends" })?;
            write!(out, "{}", if older { ", with " } else { " a segment with " })?;
            write!(out, "the raw number {seq} and ACK {ack}: ")?;
            match (bytes, fin) {
                (0, false) => write!(out, "only that ACK."),
                (0, true) => write!(out, "a FIN."),
                (_, false) => write!(out, "{}.", count(bytes)),
                (_, true) => write!(out, "{} and a FIN.", count(bytes)),
            }
        }
        Clause::WhyRaw { older: true } => write!(
            out,
            "These numbers do not fit the SYN that was captured, so relative ones, which count from it, say nothing here."
        ),
        Clause::WhyRaw { older: false } => write!(
            out,
            "One of these numbers lies before the first that is known of its end, so there is no relative one."
        ),
        Clause::Silence { seconds } => {
            write!(out, "For about {seconds} s before it, nothing of this connection was captured.")
        }
        Clause::CapturedAgain => {
            write!(out, "The same packet of the {me} was captured a second time. It was sent once, and counts once.")
        }
        Clause::AfterClose { bytes } => {
            write!(out, "The {me}'s segment")?;
            if let Some(bytes) = bytes {
                write!(out, " with {}", count(bytes))?;
            }
            write!(out, " was captured after the end of the connection.")
        }
        Clause::ImpossibleFlags(flags) => {
            write!(out, "The {me} sends a segment with the flags {}, as no TCP in use today does.", FlagNames(flags))
        }
        Clause::NoFlags => write!(out, "The {me} sends a segment without any flag, which no TCP does."),
        Clause::ProbeOrDamaged => {
            write!(
                out,
                "Probably it is a port scanner's probe, or damaged. It should have no effect on any connection."
            )
        }
    }
}

/// What was said of a SYN or FIN is not said again.
fn acks_frame(out: &mut String, what: Acked, sent: Sent) -> fmt::Result {
    match what {
        Acked::Syn => write!(out, "That SYN")?,
        Acked::Fin => write!(out, "That FIN")?,
        Acked::Any => write!(out, "Its ACK acknowledges")?,
    }
    let any = what == Acked::Any;
    match sent {
        Sent::Once(Earlier { frame, before }) => {
            let is = if any { "" } else { " is" };
            write!(out, "{is} frame {}, {}.", frame.get(), Captured(before))
        }
        Sent::Twice(first, last) => {
            let sent = if any { " what was sent" } else { " was sent" };
            let which = "the ACK's number does not show which of them arrived";
            write!(out, "{sent} in frame {} and again in frame {}: {which}.", first.get(), last.get())
        }
        Sent::Maybe(frame) => write!(out, "{} frame {}.", if any { "" } else { " is" }, frame.get()),
    }
}

fn window(out: &mut String, room: Room) -> fmt::Result {
    match room {
        Room::Bytes(bytes) => write!(out, "{}", count(bytes)),
        Room::Unscaled(raw) => write!(out, "{raw}, of which the scale is unknown"),
    }
}

fn sends(out: &mut String, me: &str, payload: Payload, when: fmt::Arguments) -> fmt::Result {
    let Payload { bytes, rel_first, rel_last, rel_next } = payload;
    write!(out, "The {me} sends {}{when}: {}, so its next is {rel_next}.", count(bytes), relative(rel_first, rel_last))
}

fn fin_takes(out: &mut String, whose: &str, number: FinNumber) -> fmt::Result {
    let FinNumber { rel_fin, rel_next, has_payload } = number;
    let although = if has_payload { "" } else { " although there is no payload" };
    write!(out, "{whose} FIN takes one number (relative {rel_fin}), so the next is {rel_next}{although}.")
}
