//! What is said of data and ACKs.

use crate::narrate::clause::{Acked, DataClause as Clause, Payload, Room, Sent};
use crate::narrate::en::{Captured, First, bytes as count, relative};
use crate::narrate::evidence::{Duplicate, Filled, Repeated};
use crate::narrate::text::percent;
use crate::tcp::Earlier;
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, you: &str, clause: Clause) -> fmt::Result {
    match clause {
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
        Clause::InFlight { bytes, window, first } => {
            write!(out, "Including this segment, {} are in flight", count(bytes))?;
            write!(out, "{}", if first { " (not acknowledged yet)" } else { "" })?;
            match window {
                None => write!(out, "."),
                Some((window, Filled::Little | Filled::Partly)) => write!(out, "; the {you}'s window is {window}."),
                Some((window, Filled::Nearly)) => {
                    write!(out, "; that is {} % of the {you}'s window of {window}.", percent(bytes, window))
                }
                Some((window, Filled::Wholly)) if bytes > window => {
                    write!(out, "; that is more than the {you}'s window of {window}.")
                }
                Some((window, Filled::Wholly)) => write!(out, "; that fills the {you}'s window of {window}."),
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
        Clause::NotCapturedBefore { late } => {
            let what = if late { "to be out of order" } else { "for a retransmission" };
            write!(out, "Wireshark takes it {what}, but none of these numbers was captured before.")
        }
        Clause::PartlyNew => {
            write!(out, "The first of these bytes had been sent before; the last ones are new.")
        }
        Clause::ProbablyOvertaken => {
            write!(out, "Probably the segment was overtaken on the way, or its bytes were sent again.")
        }
        Clause::Repeats(Repeated { earlier: Earlier { frame, before }, whole, .. }) => {
            let what = if whole { "It repeats" } else { "It begins with the same number as" };
            write!(out, "{what} frame {}, {}.", frame.get(), Captured(before))
        }
        Clause::AckedBefore(false) => {
            write!(
                out,
                "No ACK for all of it was captured before: probably the earlier segment, or its ACK, was lost or late."
            )
        }
        Clause::AckedBefore(true) => {
            write!(out, "An ACK for all of it was captured before: probably that did not reach the {me} in time.")
        }
        Clause::TooSoon { copied: true } => write!(
            out,
            "That is too soon for a timeout: probably the packet was duplicated on the way, or captured twice."
        ),
        Clause::TooSoon { copied: false } => {
            write!(
                out,
                "That is too soon for a timeout, yet the headers differ: probably the two are not copies of one packet, and their bytes may differ, too."
            )
        }
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
            write!(out, "The {me}'s ACK number stays at {rel_ack} (relative); its window is now ")?;
            window(out, room)?;
            write!(out, ".")
        }
        Clause::WindowShut { still: false } => {
            write!(out, "Its window is 0: the {you} is to send nothing for now.")
        }
        Clause::WindowShut { still: true } => write!(out, "Its window is still 0."),
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
            let which = "the ACK's number does not show which copy arrived";
            write!(out, "{sent} in frame {} and again in frame {}: {which}.", first.get(), last.get())
        }
        Sent::Both(first, last) => {
            let sent = if any { " what was sent" } else { " was sent" };
            write!(out, "{sent} in frame {} and again in frame {}.", first.get(), last.get())
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
