//! What an ICMP error says about a segment, decided once for all languages.

use crate::tcp::{Connection, FrameNumber, IcmpError, SeqNumber, Side};

/// An ICMP error, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint<'a> {
    /// The error.
    pub error: &'a IcmpError,
    /// Who sent the segment that it quotes.
    pub side: Side,
    /// Which segment that is.
    pub quoted: Quoted,
}

/// The segment that an ICMP error quotes, by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// The SYN, or SYN-ACK, of this frame.
    Syn(FrameNumber),
    /// It was sent in this frame first, and more than once before the error: which of them that quotes is not known.
    SynFirstIn(FrameNumber),
    /// Another, or one that was not captured.
    Other(SeqNumber),
}

/// What the error is about.
pub fn complaint<'a>(error: &'a IcmpError, connection: &Connection) -> Complaint<'a> {
    let side = connection.side_of(error.from);
    let opening = connection.opening();
    let is_first = connection.by_side(side).isn() == Some(error.seq);
    let frame = match side {
        Side::Client => opening.first_syn(),
        Side::Server => opening.syn_ack(),
    };
    let quoted = match frame.filter(|_| is_first) {
        None => Quoted::Other(error.seq),
        Some(frame) if connection.repeats_syn_before(side, error.frame) => Quoted::SynFirstIn(frame),
        Some(frame) => Quoted::Syn(frame),
    };
    Complaint { error, side, quoted }
}

/// What an error says, in the RFCs' own words in every language: `host unreachable`, `fragmentation needed, MTU 1400`.
pub fn meaning(error: &IcmpError) -> String {
    let known = match (error.v6, error.kind) {
        (false, 3) => UNREACHABLE.get(usize::from(error.code)).copied(),
        (true, 1) => UNREACHABLE_V6.get(usize::from(error.code)).copied(),
        (true, 2) => Some("packet too big"),
        (false, 11) | (true, 3) => Some(match (error.code, error.v6) {
            (0, false) => "time to live exceeded",
            (0, true) => "hop limit exceeded",
            _ => "fragment reassembly time exceeded",
        }),
        (false, 4) => Some("source quench"),
        (false, 5) => Some("redirect"),
        (false, 12) | (true, 4) => Some("parameter problem"),
        _ => None,
    };
    match (known, error.mtu) {
        (Some(known), Some(mtu)) => format!("{known}, MTU {mtu}"),
        (Some(known), None) => known.to_owned(),
        (None, _) => format!("type {}, code {}", error.kind, error.code),
    }
}

/// The codes of ICMP's type 3 (RFC 792, RFC 1122, 3.2.2.1, RFC 1812, 5.2.7.1).
const UNREACHABLE: [&str; 16] = [
    "network unreachable",
    "host unreachable",
    "protocol unreachable",
    "port unreachable",
    "fragmentation needed",
    "source route failed",
    "destination network unknown",
    "destination host unknown",
    "source host isolated",
    "network administratively prohibited",
    "host administratively prohibited",
    "network unreachable for this type of service",
    "host unreachable for this type of service",
    "administratively prohibited",
    "host precedence violation",
    "precedence cutoff in effect",
];

/// The codes of ICMPv6's type 1 (RFC 4443, 3.1).
const UNREACHABLE_V6: [&str; 7] = [
    "no route to destination",
    "administratively prohibited",
    "beyond scope of source address",
    "address unreachable",
    "port unreachable",
    "source address failed ingress or egress policy",
    "reject route to destination",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::End;

    #[test]
    fn an_error_is_called_by_its_type_and_code() {
        let says = |v6, kind, code, mtu| {
            let (frame, from, seq) = (FrameNumber::new(1).unwrap(), End::A, SeqNumber(0));
            meaning(&IcmpError { frame, from, seq, sender: None, is_receiver: false, v6, kind, code, mtu })
        };
        assert_eq!(says(false, 3, 1, None), "host unreachable");
        assert_eq!(says(false, 3, 4, Some(1400)), "fragmentation needed, MTU 1400");
        assert_eq!(says(false, 3, 13, None), "administratively prohibited");
        assert_eq!(says(true, 1, 4, None), "port unreachable");
        assert_eq!(says(true, 2, 0, Some(1280)), "packet too big, MTU 1280");
        assert_eq!([says(false, 11, 0, None), says(true, 3, 0, None)], ["time to live exceeded", "hop limit exceeded"]);
        assert_eq!([says(false, 3, 16, None), says(true, 1, 7, None)], ["type 3, code 16", "type 1, code 7"]);
    }
}
