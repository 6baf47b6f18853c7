//! ICMP errors about a segment, in English.

use super::side;
use crate::narrate::icmp::{Complaint, Quoted, meaning};
use crate::tcp::Side;
use std::fmt::{self, Write};

/// Writes who says what, and of which segment.
pub fn write(out: &mut String, complaint: &Complaint) -> fmt::Result {
    let &Complaint { error, side: sender, quoted } = complaint;
    match (error.sender, error.is_receiver) {
        (Some(address), true) => {
            write!(out, "An ICMP error from the {}'s own address ({address}) says: ", side(sender.peer()))?
        }
        (Some(address), false) => write!(out, "{address}, a router or firewall on the way, says: ")?,
        (None, _) => out.write_str("An ICMP error says: ")?,
    }
    write!(out, "{}, for ", meaning(error))?;
    let syn = if sender == Side::Client { "SYN" } else { "SYN-ACK" };
    match quoted {
        Quoted::Syn(frame) => write!(out, "the {syn} of frame {}.", frame.get()),
        Quoted::SynFirstIn(frame) => write!(out, "the {syn} that was first sent in frame {}.", frame.get()),
        Quoted::Other(seq) => {
            write!(out, "the {}'s segment with sequence number {}.", side(sender), { seq.0 })
        }
    }
}
