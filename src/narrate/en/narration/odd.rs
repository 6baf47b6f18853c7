//! What is said in any phase.

use crate::narrate::clause::OddClause as Clause;
use crate::narrate::en::{Counted, bytes as count};
use crate::narrate::text::{DAY, FlagNames};
use std::fmt::{self, Write};

pub fn write(out: &mut String, me: &str, clause: Clause) -> fmt::Result {
    match clause {
        Clause::Marked(flags) => write!(out, "Flags set besides: {}.", FlagNames(flags)),
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
        Clause::Silence { seconds: seconds @ DAY.. } => {
            let days = (seconds + DAY / 2) / DAY;
            write!(
                out,
                "By the capture's clock, nothing of this connection was captured for about {} before it.",
                Counted(days.into(), "day")
            )
        }
        Clause::Silence { seconds } => {
            write!(out, "For about {seconds} s before it, nothing of this connection was captured.")
        }
        Clause::CapturedAgain => {
            write!(out, "The same packet of the {me} was captured before. It was sent once, and counts once.")
        }
        Clause::AfterClose { bytes, reset } => {
            write!(out, "The {me}'s segment")?;
            if let Some(bytes) = bytes {
                write!(out, " with {}", count(bytes))?;
            }
            match reset {
                false => write!(out, " was captured after the end of the connection."),
                true => {
                    write!(out, " was captured after a RST: if that was accepted, the connection was over by then.")
                }
            }
        }
        Clause::ImpossibleFlags(flags) => {
            write!(
                out,
                "The {me} sends a segment with {} and no other flag, which no TCP in use today does.",
                FlagNames(flags)
            )
        }
        Clause::NoFlags => write!(out, "The {me} sends a segment without any flag, which no TCP does."),
        Clause::ProbeOrDamaged => write!(out, "Probably it is a port scanner's probe, or damaged."),
    }
}
