//! Captures made by the tests: segments of TCP in Ethernet frames, written to a file.

use etherparse::PacketBuilder;
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

/// The frame that carries a line.
pub fn frame(ends: (Socket, Socket), line: &Line, options: &[u8]) -> Vec<u8> {
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
    let payload = vec![b'x'; line.len];
    let mut bytes = Vec::new();
    tcp.write(&mut bytes, &payload).unwrap();
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

/// The same frame as the first fragment of a larger packet.
pub fn fragment(mut frame: Vec<u8>) -> Vec<u8> {
    frame[14 + 6] |= 0x20;
    frame
}

/// Writes frames to a capture file of this name in the tests' home, a millisecond between them.
pub fn write(name: &str, frames: &[Vec<u8>]) -> PathBuf {
    let whole: Vec<(&[u8], usize)> = frames.iter().map(|frame| (frame.as_slice(), frame.len())).collect();
    write_cut(name, &whole)
}

/// The same, with as many bytes of each frame as is said.
pub fn write_cut(name: &str, frames: &[(&[u8], usize)]) -> PathBuf {
    let mut bytes = Vec::new();
    let header = PcapHeader { datalink: pcap_file::DataLink::ETHERNET, ..PcapHeader::default() };
    let mut file = PcapWriter::with_header(&mut bytes, header).unwrap();
    for (index, (frame, captured)) in frames.iter().enumerate() {
        let time = Duration::from_secs(1_700_000_000) + Duration::from_millis(index as u64);
        file.write_packet(&PcapPacket::new(time, frame.len() as u32, &frame[..*captured])).unwrap();
    }
    super::publish(&format!("{name}.pcap"), &bytes)
}
