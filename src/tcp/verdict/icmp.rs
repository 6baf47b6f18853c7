//! An ICMP error that quotes a segment, and what it says.

use crate::tcp::end::End;
use crate::tcp::number::{FrameNumber, SeqNumber};
use std::net::IpAddr;

/// An ICMP error that quotes a segment of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// Its frame.
    pub frame: FrameNumber,
    /// Whose segment it quotes.
    pub from: End,
    /// The sequence number of that segment.
    pub seq: SeqNumber,
    /// Who sent the error; `None` where its IP header is not whole.
    pub sender: Option<IpAddr>,
    /// Whether that is the host for which the segment was meant.
    pub is_receiver: bool,
    /// Whether it is ICMPv6.
    pub v6: bool,
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The largest packet that goes through, in bytes, where it says so.
    pub mtu: Option<u32>,
}

impl IcmpError {
    /// "Destination unreachable" (RFC 792; RFC 4443, 3.1), but for the code that asks for smaller packets (RFC 1191).
    pub fn is_unreachable(&self) -> bool {
        if self.v6 { self.kind == 1 } else { self.kind == 3 && self.code != 4 }
    }

    /// "Administratively prohibited": what a firewall says (RFC 1812, 5.2.7.1; RFC 4443, 3.1).
    pub fn is_prohibition(&self) -> bool {
        let codes: &[u8] = if self.v6 { &[1, 5, 6] } else { &[9, 10, 13] };
        self.is_unreachable() && codes.contains(&self.code)
    }

    /// "Port unreachable".
    pub fn is_port_unreachable(&self) -> bool {
        self.is_unreachable() && self.code == if self.v6 { 4 } else { 3 }
    }
}
