//! Capture files read without Wireshark: the TCP segments of a file, by connection.

use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use tcpshake::tcp::{
    self, Analysis, End, Flags, FrameNumber, Network, Options, Segment, SeqNumber, StreamNumber, Timestamp,
};

/// A segment, and what of the packet around it shows whether it was captured before.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub segment: Segment,
    /// Identification (0 in IPv6), and time to live or hop limit.
    pub network: Network,
    /// Whether it goes to the address and port that it comes from.
    pub to_itself: bool,
    /// A sum over the TCP header.
    pub header: u32,
    /// A sum over the interface it was captured on, and the link layer's source address.
    pub place: u32,
}

impl Packet {
    /// What shows whether it was captured before, in a connection of its own.
    pub fn fingerprint(&self) -> tcp::Packet {
        let Packet { segment, network, header, place, .. } = *self;
        tcp::Packet {
            frame: segment.frame,
            time: segment.time,
            stream: StreamNumber(0),
            from: segment.from,
            header,
            len: segment.len,
            network: Some(network),
            place,
        }
    }
}

/// All captures at hand: the recorded ones, and those in the folder `TCPSHAKE_CAPTURES`.
pub fn captures() -> Vec<PathBuf> {
    fn walk(folder: &Path, list: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, list);
            } else if path.extension().is_some_and(|extension| extension.to_string_lossy().contains("cap")) {
                list.push(path);
            }
        }
    }
    let mut list = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures"), &mut list);
    if let Some(folder) = std::env::var_os("TCPSHAKE_CAPTURES") {
        walk(Path::new(&folder), &mut list);
    }
    list.sort();
    list
}

/// The packets of one connection, in the order of the capture.
pub type Connection = Vec<Packet>;

/// The connections of a capture file; empty where it cannot be read.
///
/// A connection is what Wireshark 4.4 gives a stream of its own: a pair of sockets, and from a SYN on with another number
/// than that end's first, or after a FIN or RST, the next one.
pub fn connections(path: &Path) -> Vec<Connection> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let mut streams = Streams::default();
    for (index, frame) in frames(&bytes).iter().enumerate() {
        if let Some(found) = dissect(frame) {
            streams.add(index as u32 + 1, frame, found);
        }
    }
    streams.connections
}

struct Frame {
    time: i64,
    link: DataLink,
    interface: u32,
    bytes: Vec<u8>,
}

/// The frames of a pcap or pcapng file, as far as it can be read.
fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    if let Ok(mut reader) = PcapReader::new(bytes) {
        let link = reader.header().datalink;
        let unit = if reader.header().ts_resolution == pcap_file::TsResolution::NanoSecond { 1 } else { 1000 };
        while let Some(Ok(packet)) = reader.next_raw_packet() {
            let time = i64::from(packet.ts_sec) * 1_000_000_000 + i64::from(packet.ts_frac) * unit;
            frames.push(Frame { time, link, interface: 0, bytes: packet.data.into_owned() });
        }
    } else if let Ok(mut reader) = PcapNgReader::new(bytes) {
        loop {
            let (time, interface, bytes) = match reader.next_block() {
                Some(Ok(Block::EnhancedPacket(packet))) => {
                    (packet.timestamp.as_nanos() as i64, packet.interface_id, packet.data.into_owned())
                }
                Some(Ok(Block::SimplePacket(packet))) => (0, 0, packet.data.into_owned()),
                Some(Ok(_)) => continue,
                _ => break,
            };
            let Some(link) = reader.interfaces().get(interface as usize).map(|interface| interface.linktype) else {
                continue;
            };
            frames.push(Frame { time, link, interface, bytes });
        }
    }
    frames
}

struct Found<'a> {
    ends: [(IpAddr, u16); 2],
    network: Network,
    /// Bytes of header and payload, as the IP header has it.
    length: usize,
    tcp: &'a [u8],
    link: &'a [u8],
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The outermost TCP segment of a frame.
fn dissect(frame: &Frame) -> Option<Found<'_>> {
    let bytes = frame.bytes.as_slice();
    let mut link: &[u8] = &[];
    let packet = match u32::from(frame.link) {
        1 => {
            link = bytes.get(6..12)?;
            network(bytes, 12)?
        }
        0 | 108 => bytes.get(4..)?,
        12 | 14 | 101 | 228 | 229 => bytes,
        113 => {
            link = bytes.get(6..14)?;
            network(bytes, 14)?
        }
        276 => bytes.get(20..)?,
        _ => return None,
    };
    let (source, destination, network, length, tcp) = match packet.first()? >> 4 {
        4 => ipv4(packet)?,
        6 => ipv6(packet)?,
        _ => return None,
    };
    let ends = [(source, be16(tcp, 0)?), (destination, be16(tcp, 2)?)];
    Some(Found { ends, network, length, tcp, link })
}

/// What lies behind an EtherType at this offset, and behind VLAN tags.
fn network(bytes: &[u8], mut at: usize) -> Option<&[u8]> {
    while matches!(be16(bytes, at)?, 0x8100 | 0x88a8 | 0x9100) {
        at += 4;
    }
    matches!(be16(bytes, at)?, 0x0800 | 0x86dd).then(|| &bytes[at + 2..])
}

type Inner<'a> = (IpAddr, IpAddr, Network, usize, &'a [u8]);

fn ipv4(packet: &[u8]) -> Option<Inner<'_>> {
    let header = usize::from(packet[0] & 0xf) * 4;
    let (id, fragment) = (be16(packet, 4)?, be16(packet, 6)?);
    if *packet.get(9)? != 6 || fragment & 0x3fff != 0 {
        return None;
    }
    let total = match be16(packet, 2)? {
        0 => packet.len(), // segmentation offload
        total => usize::from(total),
    };
    let address = |at| Some(IpAddr::V4(Ipv4Addr::from(be32(packet, at)?)));
    let tcp = packet.get(header..packet.len().min(total))?;
    Some((address(12)?, address(16)?, Network { id, hops: packet[8] }, total.checked_sub(header)?, tcp))
}

fn ipv6(packet: &[u8]) -> Option<Inner<'_>> {
    if *packet.get(6)? != 6 {
        return None;
    }
    let address = |at: usize| Some(IpAddr::V6(Ipv6Addr::from(*packet.get(at..)?.first_chunk::<16>()?)));
    let length = usize::from(be16(packet, 4)?);
    let tcp = packet.get(40..packet.len().min(40 + length))?;
    Some((address(8)?, address(24)?, Network { id: 0, hops: packet[7] }, length, tcp))
}

#[derive(Default)]
struct Streams {
    /// By the sockets of A and B: the connection, and what of it begins another.
    by_ends: HashMap<[(IpAddr, u16); 2], Open>,
    connections: Vec<Connection>,
}

#[derive(Clone, Copy)]
struct Open {
    index: usize,
    /// The first number of each end.
    base: [Option<u32>; 2],
    ended: bool,
}

impl Streams {
    fn add(&mut self, number: u32, frame: &Frame, found: Found) {
        let [source, destination] = found.ends;
        let forward = self.by_ends.contains_key(&found.ends) || !self.by_ends.contains_key(&[destination, source]);
        let key = if forward { found.ends } else { [destination, source] };
        let from = if forward { End::A } else { End::B };
        let Some(segment) = segment(number, frame.time, from, &found) else { return };
        let fresh = Open { index: self.connections.len(), base: [None; 2], ended: false };
        let open = self.by_ends.entry(key).or_insert(fresh);
        let base = open.base[usize::from(!forward)];
        let begins = segment.is_syn() && open.index < self.connections.len();
        if begins && base != Some(segment.seq.0) && (open.ended || base.is_some()) {
            *open = fresh;
        }
        if open.index == self.connections.len() {
            self.connections.push(Vec::new());
        }
        let length = segment.has(Flags::SYN).into();
        open.base[usize::from(!forward)].get_or_insert(segment.seq.0.wrapping_sub(1).wrapping_add(length));
        open.ended |= segment.flags.intersects(Flags::FIN | Flags::RST);
        let header = sum(&found.tcp[..usize::from(segment.header_len).min(found.tcp.len())]);
        let place = sum(found.link) ^ frame.interface;
        let to_itself = source == destination;
        self.connections[open.index].push(Packet { segment, network: found.network, to_itself, header, place });
    }
}

fn segment(number: u32, time: i64, from: End, found: &Found) -> Option<Segment> {
    let tcp = found.tcp;
    let header_len = (tcp.get(12)? >> 4) * 4;
    let len = found.length.checked_sub(header_len.into())?;
    if header_len < 20 || tcp.len() < 20 {
        return None;
    }
    let flags = Flags::from_bits_truncate(be16(tcp, 12)?);
    let options = tcp.get(20..tcp.len().min(header_len.into())).unwrap_or_default();
    Some(Segment {
        frame: FrameNumber::new(number)?,
        time: Timestamp(time),
        from,
        source_port: found.ends[0].1,
        destination_port: found.ends[1].1,
        seq: SeqNumber(be32(tcp, 4)?),
        ack: SeqNumber(be32(tcp, 8)?),
        flags,
        window: be16(tcp, 14)?,
        header_len,
        len: len as u32,
        options: if flags.contains(Flags::SYN) { Options::parse(options) } else { Options::default() },
        analysis: Analysis::empty(),
    })
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
