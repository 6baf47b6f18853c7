//! Stories in English.

use super::{Counted, Elapsed, bytes as count, side};
use crate::narrate::story::{Absence, Caption, Label, Remark};
use crate::tcp::ClosingKind;
use std::ffi::CStr;
use std::fmt::{self, Write};

/// What stands where there is no story to show.
pub fn absence(absence: Absence) -> &'static str {
    match absence {
        Absence::Selection => "Select a packet of a TCP connection first.",
        Absence::Failure => "No connection failed, as far as the capture shows.",
        Absence::Connection => "The capture has no TCP connections.",
    }
}

/// A title or a button of the window.
pub fn caption(caption: Caption) -> &'static CStr {
    match caption {
        Caption::Story => c"TCP Handshake Story",
        Caption::Stories => c"TCP Handshake Stories",
        Caption::ShowOnly => c"Show only this connection",
        Caption::GoTo => c"Go to the frame that shows it",
        Caption::NextFailed => c"Next failed",
        Caption::FirstFailed => c"First failed",
    }
}

/// A word at the edge of a story.
pub fn label(label: Label) -> &'static str {
    match label {
        Label::Frame => "frame",
        Label::Seconds => "seconds",
        Label::Data => "data",
    }
}

/// Writes a remark.
pub fn write(out: &mut String, remark: &Remark) -> fmt::Result {
    match *remark {
        Remark::More { segments } => write!(out, "{segments} more like this"),
        Remark::Sent { segments, bytes, again } => {
            write!(out, "{} in {}", count(bytes), Counted(segments, "segment"))?;
            if let Some(again) = again {
                write!(out, ", {again} of them sent again")?;
            }
            Ok(())
        }
        Remark::OpeningTook { all, to_syn_ack, to_ack } => {
            write!(out, "Opening took {}", Elapsed(all))?;
            if let Some(time) = to_syn_ack {
                write!(out, ", SYN to SYN-ACK {}", Elapsed(time))?;
            }
            if let Some(time) = to_ack {
                write!(out, ", SYN-ACK to ACK {}", Elapsed(time))?;
            }
            Ok(())
        }
        Remark::MoreStories { stories } => {
            write!(out, "And {} more: tshark -q -z tcpshake,story prints them all.", Counted(stories, "connection"))
        }
        Remark::ClosingTook { all } => write!(out, "Closing took {}", Elapsed(all)),
        Remark::Ended { outcome, closing, first } => {
            let closing = closing.map_or("not captured in full", ClosingKind::name);
            write!(out, "Ended: {}. Closing: {closing}", outcome.name())?;
            if let Some(first) = first {
                write!(out, ", first by the {}", side(first))?;
            }
            Ok(())
        }
    }
}
