//! Captures made by the tests: segments of TCP in Ethernet frames, written to a file.

use etherparse::PacketBuilder;
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use std::path::PathBuf;
use std::time::Duration;

/// An address and a port.
pub type Socket = ([u8; 4], u16);

/// One segment, as a line of a conversation.
#[derive(Clone, Debug)]
pub struct Line {
    /// Sent by the first of the two.
    pub forward: bool,
    /// Letters: S A F R P U; `.` for nothing.
    pub flags: &'static str,
    pub seq: u32,
    pub ack: u32,
    pub len: usize,
}

/// A segment of the first end.
pub fn to(flags: &'static str, seq: u32, ack: u32, len: usize) -> Line {
    Line { forward: true, flags, seq, ack, len }
}

/// A segment of the second end.
pub fn back(flags: &'static str, seq: u32, ack: u32, len: usize) -> Line {
    Line { forward: false, flags, seq, ack, len }
}

/// A connection from SYN to last ACK, in which the first end sends so much.
pub fn conversation(len: u8) -> [Line; 8] {
    let next = 101 + u32::from(len);
    [
        to("S", 100, 0, 0),
        back("SA", 500, 101, 0),
        to("A", 101, 501, 0),
        to("PA", 101, 501, len.into()),
        back("A", 501, next, 0),
        to("FA", next, 501, 0),
        back("FA", 501, next + 1, 0),
        to("A", next + 1, 502, 0),
    ]
}

/// The frame that carries a line.
pub fn frame(ends: (Socket, Socket), line: &Line, options: &[u8]) -> Vec<u8> {
    frame_with(ends, line, options, &vec![b'x'; line.len])
}

/// The frame that carries a line with this payload, whatever the line's length is.
pub fn frame_with(ends: (Socket, Socket), line: &Line, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let ((from, source), (to, destination)) = if line.forward { ends } else { (ends.1, ends.0) };
    let mut tcp = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4(from, to, 64)
        .tcp(source, destination, line.seq, 64240)
        .options_raw(options)
        .unwrap();
    for flag in line.flags.chars() {
        tcp = match flag {
            'S' => tcp.syn(),
            'A' => tcp.ack(line.ack),
            'F' => tcp.fin(),
            'R' => tcp.rst(),
            'P' => tcp.psh(),
            'U' => tcp.urg(0),
            '.' => tcp,
            other => panic!("no flag {other}"),
        };
    }
    let mut bytes = Vec::new();
    tcp.write(&mut bytes, payload).unwrap();
    bytes
}

/// An ICMP "host unreachable" from the second end, which quotes a line's packet: its IP header and `quoted` bytes of TCP.
pub fn unreachable(ends: (Socket, Socket), line: &Line, quoted: usize) -> Vec<u8> {
    let packet = frame(ends, line, &[]);
    let quote = &packet[14..14 + 20 + quoted];
    let ((from, _), (to, _)) = if line.forward { (ends.1, ends.0) } else { ends };
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 1])
        .ipv4(from, to, 64)
        .icmpv4_raw(3, 1, [0; 4])
        .write(&mut bytes, quote)
        .unwrap();
    bytes
}

/// The IP packet in a frame.
pub fn packet(frame: &[u8]) -> &[u8] {
    &frame[14..]
}

/// The TCP segment in a frame of these tests: header and payload.
pub fn segment(frame: &[u8]) -> &[u8] {
    &frame[14 + 20..]
}

/// The same frame with another protocol's number in its IP header.
pub fn numbered(mut frame: Vec<u8>, protocol: u8) -> Vec<u8> {
    frame[14 + 9] = protocol;
    frame
}

/// A frame with a UDP datagram between the two ends' addresses, from a port of its own to `port` and back, around `payload`.
pub fn datagram(ends: (Socket, Socket), forward: bool, port: u16, payload: &[u8]) -> Vec<u8> {
    let ((from, _), (to, _)) = if forward { ends } else { (ends.1, ends.0) };
    let (source, destination) = if forward { (40000, port) } else { (port, 40000) };
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4(from, to, 64)
        .udp(source, destination)
        .write(&mut bytes, payload)
        .unwrap();
    bytes
}

/// An IEEE 802.11 frame without check sequence that carries IP packets together, as an A-MSDU (IEEE 802.11-2020, 9.3.2.2).
pub fn aggregate(packets: &[&[u8]]) -> Vec<u8> {
    const ENDS: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]];
    // QoS data from the access point; duration; receiver, transmitter, network; number; "A-MSDU present".
    let mut bytes = [&[0x88, 0x02, 0, 0][..], &ENDS[0], &ENDS[1], &ENDS[1], &[0, 0, 0x80, 0]].concat();
    for (index, packet) in packets.iter().enumerate() {
        let logical_link = [0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00];
        let length = (logical_link.len() + packet.len()) as u16;
        bytes.extend([&ENDS[0][..], &ENDS[1], &length.to_be_bytes(), &logical_link, packet].concat());
        if index + 1 < packets.len() {
            // Each but the last is filled to a multiple of four, counted from its own start.
            bytes.extend(vec![0; (14 + usize::from(length)).next_multiple_of(4) - 14 - usize::from(length)]);
        }
    }
    bytes
}

/// An exported PDU that begins with a line's TCP header (wsutil/exported_pdu_tlvs.h), for link type 252.
pub fn exported(ends: (Socket, Socket), line: &Line) -> Vec<u8> {
    const NAME: u16 = 12;
    const SOURCE: u16 = 20;
    const DESTINATION: u16 = 21;
    let ((from, _), (to, _)) = if line.forward { ends } else { (ends.1, ends.0) };
    let mut bytes = Vec::new();
    for (tag, value) in [(NAME, &b"tcp\0"[..]), (SOURCE, &from), (DESTINATION, &to), (0, &[])] {
        bytes.extend(tag.to_be_bytes());
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value);
    }
    bytes.extend(segment(&frame(ends, line, &[])));
    bytes
}

/// The same frame as the first fragment of a larger packet.
pub fn fragment(mut frame: Vec<u8>) -> Vec<u8> {
    frame[14 + 6] |= 0x20;
    frame
}

/// Writes frames to a capture file of this name in the tests' home, a millisecond between them.
pub fn write(name: &str, frames: &[Vec<u8>]) -> PathBuf {
    write_link(name, DataLink::ETHERNET, frames)
}

/// The same for frames of another link.
pub fn write_link(name: &str, link: DataLink, frames: &[Vec<u8>]) -> PathBuf {
    let whole: Vec<(&[u8], usize)> = frames.iter().map(|frame| (frame.as_slice(), frame.len())).collect();
    write_all(name, link, &whole)
}

/// The same, with as many bytes of each frame as is said.
pub fn write_cut(name: &str, frames: &[(&[u8], usize)]) -> PathBuf {
    write_all(name, DataLink::ETHERNET, frames)
}

fn write_all(name: &str, link: DataLink, frames: &[(&[u8], usize)]) -> PathBuf {
    let mut bytes = Vec::new();
    let header = PcapHeader { datalink: link, ..PcapHeader::default() };
    let mut file = PcapWriter::with_header(&mut bytes, header).unwrap();
    for (index, (frame, captured)) in frames.iter().enumerate() {
        let time = Duration::from_secs(1_700_000_000) + Duration::from_millis(index as u64);
        file.write_packet(&PcapPacket::new(time, frame.len() as u32, &frame[..*captured])).unwrap();
    }
    super::publish(&format!("{name}.pcap"), &bytes)
}
