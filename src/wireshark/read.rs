//! From the bytes of a TCP header, and what Wireshark found about it, to a plain [`Segment`].

use super::bindings as ws;
use crate::narrate::Sack;
use crate::tcp::{
    Analysis, CountingRule, End, Flags, FrameNumber, HeaderPart, IcmpError, Network, Options, Packet, Segment,
    SeqNumber, Sighting, StreamNumber, Timestamp,
};
use std::net::IpAddr;

/// How the Wireshark that this build serves counts completeness.
pub const RULE: CountingRule = if ws::WIRESHARK_VERSION_MINOR < 2 { CountingRule::V4_0 } else { CountingRule::V4_2 };

/// The fixed part of a TCP header (RFC 9293, 3.1).
const FIXED: usize = 20;

/// How much of it Wireshark's dissector reads before it counts the segment.
const COUNTED: usize = 16;

/// What a call of Wireshark's dissector amounts to.
pub enum Reading {
    /// A segment of the connection.
    Segment(Segment, Sighting),
    /// A header that is no whole segment of it, though Wireshark counts it.
    Overheard(Sighting),
    /// A header that Wireshark gives up on: nothing at all.
    Nothing,
}

/// Reads a header in the first pass.
///
/// Of a quoted header there may be only the first eight bytes; Wireshark does not count it then. `new_conversation` says that
/// Wireshark made the conversation for it.
pub fn header(
    frame: FrameNumber,
    time: Timestamp,
    header: &ws::tcpshake_header_t,
    new_conversation: bool,
    bytes: &[u8],
) -> Reading {
    let from = sender(header);
    let Some(data_offset) = data_offset(bytes) else {
        return Reading::Nothing;
    };
    let analysis = analysis(header.found);
    let segment = segment(bytes, frame, time, from, header.place.length, analysis);
    let reused = header.found & TCP_A_REUSED_PORTS != 0;
    match segment {
        Some(segment) if header.origin != ws::TCPSHAKE_QUOTED => {
            let mut sighting = Sighting::of(&segment, new_conversation, reused);
            sighting.payload &= header.origin == ws::TCPSHAKE_SEGMENT;
            Reading::Segment(segment, sighting)
        }
        _ if usize::from(data_offset) < FIXED || bytes.len() < COUNTED => Reading::Nothing,
        _ => Reading::Overheard(Sighting {
            header: if header.origin == ws::TCPSHAKE_QUOTED { HeaderPart::Quoted } else { HeaderPart::Cut },
            from,
            flags: flags(bytes),
            payload: header.origin == ws::TCPSHAKE_SEGMENT && header.place.length > u32::from(data_offset),
            new_conversation,
            port_reused: reused,
        }),
    }
}

/// What shows whether the packet around a segment was captured before.
pub fn packet(header: &ws::tcpshake_header_t, segment: &Segment, bytes: &[u8]) -> Packet {
    let options = bytes.get(..bytes.len().min(segment.header_len.into())).unwrap_or_default();
    Packet {
        frame: segment.frame,
        time: segment.time,
        stream: StreamNumber(header.stream),
        from: segment.from,
        header: sum(options),
        len: segment.len,
        network: header.behind_ip.then_some(Network { id: header.ip_id, hops: header.hops }),
        place: header.capture_point,
    }
}

/// The address of the segment's sender.
pub fn sender_address(header: &ws::tcpshake_header_t) -> Option<IpAddr> {
    address(&header.from)
}

/// Whether a segment goes to the address and port that it comes from.
pub fn is_to_itself(header: &ws::tcpshake_header_t, segment: &Segment) -> bool {
    let one_port = segment.source_port == segment.destination_port;
    one_port && sender_address(header).is_some_and(|sender| address(&header.to) == Some(sender))
}

fn address(address: &ws::tcpshake_address_t) -> Option<IpAddr> {
    if address.bytes.is_null() {
        return None;
    }
    // SAFETY: the shim passes pointers into the frame that is being dissected, with so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(address.bytes, address.size.into()) };
    <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// The ICMP error that quotes a header.
pub fn icmp(frame: FrameNumber, header: &ws::tcpshake_header_t, bytes: &[u8]) -> Option<IcmpError> {
    let (from, seq) = quoted(header, bytes)?;
    if header.icmp.bytes.is_null() {
        return None;
    }
    // SAFETY: the shim passes a pointer into the frame that is being dissected, in front of a header behind it.
    let error: &[u8; 8] = unsafe { &*header.icmp.bytes.cast() };
    let sender = address(&header.icmp.sender);
    let v6 = header.icmp.v6;
    // RFC 1191, 4: in the last two bytes; RFC 4443, 3.2: in the last four.
    let mtu = match (v6, error[0], error[1]) {
        (false, 3, 4) => Some(u16::from_be_bytes([error[6], error[7]]).into()),
        (true, 2, _) => Some(u32::from_be_bytes([error[4], error[5], error[6], error[7]])),
        _ => None,
    };
    let mtu = mtu.filter(|&mtu| mtu != 0);
    let is_receiver = sender.is_some() && sender == address(&header.to);
    Some(IcmpError { frame, from, seq, sender, is_receiver, v6, kind: error[0], code: error[1], mtu })
}

/// FNV-1a, over the words of a header instead of its bytes: its length is a number of words (RFC 9293, 3.1).
fn sum(header: &[u8]) -> u32 {
    let words = header.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
    words.fold(0x811c_9dc5, |sum, word| (sum ^ word).wrapping_mul(0x0100_0193))
}

/// The sender and the sequence number of a quoted header.
fn quoted(header: &ws::tcpshake_header_t, bytes: &[u8]) -> Option<(End, SeqNumber)> {
    Some((sender(header), seq(bytes)?))
}

/// The sequence number of a header.
pub fn seq(bytes: &[u8]) -> Option<SeqNumber> {
    Some(SeqNumber(u32::from_be_bytes(*bytes.get(4..)?.first_chunk()?)))
}

/// The end that sent it.
pub fn sender(header: &ws::tcpshake_header_t) -> End {
    if header.first_flow { End::A } else { End::B }
}

/// Reads a segment of `length` bytes, of which `bytes` were captured. `None` if the fixed header is not whole, or says
/// that it is longer than the segment.
pub fn segment(
    bytes: &[u8],
    frame: FrameNumber,
    time: Timestamp,
    from: End,
    length: u32,
    analysis: Analysis,
) -> Option<Segment> {
    let fixed: &[u8; FIXED] = bytes.first_chunk()?;
    let data_offset = data_offset(bytes)?;
    if usize::from(data_offset) < FIXED {
        return None;
    }
    let flags = flags(bytes);
    let options = bytes.get(FIXED..bytes.len().min(data_offset.into())).unwrap_or_default();
    Some(Segment {
        frame,
        time,
        from,
        source_port: u16::from_be_bytes([fixed[0], fixed[1]]),
        destination_port: u16::from_be_bytes([fixed[2], fixed[3]]),
        seq: SeqNumber(u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]])),
        ack: SeqNumber(u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]])),
        flags,
        window: u16::from_be_bytes([fixed[14], fixed[15]]),
        header_len: data_offset,
        len: length.checked_sub(data_offset.into())?,
        options: if flags.contains(Flags::SYN) { Options::parse(options) } else { Options::default() },
        analysis,
    })
}

/// What the SACK option of a header reports, as far as its bytes were captured.
pub fn sack(bytes: &[u8]) -> Sack {
    let end = data_offset(bytes).map_or(0, usize::from).min(bytes.len());
    Sack::parse(bytes.get(FIXED..end).unwrap_or_default())
}

/// The header's length in bytes, as it says itself.
pub fn data_offset(bytes: &[u8]) -> Option<u8> {
    bytes.get(12).map(|byte| (byte >> 4) * 4)
}

fn flags(bytes: &[u8]) -> Flags {
    let both = bytes.get(12..14).map_or(0, |two| u16::from_be_bytes([two[0], two[1]]));
    Flags::from_bits_truncate(both)
}

/// What Wireshark shows as *TCP Port numbers reused* (packet-tcp.c).
const TCP_A_REUSED_PORTS: u16 = 0x2000;

/// The TCP_A_… values of packet-tcp.c, the same in 4.0, 4.4 and 4.6, and what they are here.
const FOUND: [(u16, Analysis); 11] = [
    (0x0001, Analysis::RETRANSMISSION),
    (0x0400, Analysis::RETRANSMISSION), // fast
    (0x4000, Analysis::RETRANSMISSION), // spurious
    (0x0200, Analysis::OUT_OF_ORDER),
    (0x0008, Analysis::KEEP_ALIVE),
    (0x0100, Analysis::KEEP_ALIVE_ACK),
    (0x0010, Analysis::DUPLICATE_ACK),
    (0x0040, Analysis::ZERO_WINDOW_PROBE),
    (0x0080, Analysis::ZERO_WINDOW_PROBE_ACK),
    (0x0800, Analysis::WINDOW_UPDATE),
    (TCP_A_REUSED_PORTS, Analysis::REUSED_PORTS),
];

fn analysis(found: u16) -> Analysis {
    if found == 0 {
        return Analysis::empty();
    }
    FOUND.iter().filter(|(bit, _)| found & bit != 0).map(|&(_, analysis)| analysis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the bytes are and however few: a segment is read if and only if its header is whole.
        #[test]
        fn any_bytes_are_read(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            length in prop_oneof![0u32..100, any::<u32>()],
            (found, first_flow) in any::<(u16, bool)>(),
            origin in ws::TCPSHAKE_SEGMENT..=ws::TCPSHAKE_QUOTED,
        ) {
            let frame = FrameNumber::new(u32::MAX).unwrap();
            let place = ws::tcpshake_place_t { source: 0, offset: 34, length };
            let asked = ws::tcpshake_header_t {
                bytes: bytes.as_ptr(),
                captured: bytes.len() as u32,
                place,
                origin,
                conversation: std::ptr::null(),
                stream: u32::MAX,
                first_flow,
                new_conversation: false,
                found,
                icmp: ws::tcpshake_icmp_t::default(),
                from: ws::tcpshake_address_t::default(),
                to: ws::tcpshake_address_t::default(),
                in_flight: 0,
                behind_ip: true,
                ip_id: 7,
                hops: 64,
                capture_point: 0,
            };
            prop_assert_eq!(quoted(&asked, &bytes).is_some(), bytes.len() >= 8);
            let header_len = data_offset(&bytes).map(u32::from);
            let whole = bytes.len() >= FIXED && header_len.is_some_and(|own| own >= 20 && own <= length);
            match header(frame, Timestamp(i64::MIN), &asked, false, &bytes) {
                Reading::Segment(segment, _) => {
                    prop_assert!(whole && origin != ws::TCPSHAKE_QUOTED);
                    prop_assert_eq!(Some(length - segment.len), header_len);
                }
                Reading::Overheard(_) => prop_assert!(bytes.len() >= COUNTED && (!whole || origin == ws::TCPSHAKE_QUOTED)),
                Reading::Nothing => prop_assert!(!whole),
            }
        }
    }
}
