//! Captures of many connections, made to measure with.

use super::capture::{Line, Socket, back, frame, to, unreachable};
use etherparse::{IpNumber, PacketBuilder};
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

/// How a connection's segments are wrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carrier {
    V4,
    V6,
    /// IPv4 in IPv4.
    Tunnel,
}

/// A capture in the tests' home.
pub struct Traffic {
    pub file: PathBuf,
    pub packets: u32,
}

/// A capture that is being made: frames a millisecond apart.
struct Writer {
    file: PcapWriter<BufWriter<File>>,
    path: PathBuf,
    packets: u32,
}

impl Writer {
    fn new(name: &str) -> Writer {
        let path = super::home().join("captures").join(format!("{name}.pcap"));
        let file = BufWriter::new(File::create(&path).unwrap());
        let header = PcapHeader { datalink: DataLink::ETHERNET, ..PcapHeader::default() };
        Writer { file: PcapWriter::with_header(file, header).unwrap(), path, packets: 0 }
    }

    fn write(&mut self, frame: &[u8]) {
        let time = Duration::from_secs(1_700_000_000) + Duration::from_millis(self.packets.into());
        self.file.write_packet(&PcapPacket::new(time, frame.len() as u32, frame)).unwrap();
        self.packets += 1;
    }

    fn send(&mut self, carrier: Carrier, ends: (Socket, Socket), line: &Line) {
        let plain = frame(ends, line, &[]);
        let wrapped = match carrier {
            Carrier::V4 => plain,
            Carrier::V6 => over_ipv6(ends, line, &plain),
            Carrier::Tunnel => over_ipv4(&plain),
        };
        self.write(&wrapped);
    }

    fn done(self) -> Traffic {
        self.file.into_writer().flush().unwrap();
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o644)).unwrap();
        Traffic { file: self.path, packets: self.packets }
    }
}

/// The same TCP segment with an IPv6 header.
fn over_ipv6(ends: (Socket, Socket), line: &Line, plain: &[u8]) -> Vec<u8> {
    let address = |(ip, _): Socket| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, ip[0], ip[1], ip[2], ip[3]];
    let (from, to) = if line.forward { ends } else { (ends.1, ends.0) };
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv6(address(from), address(to), 64)
        .write(&mut bytes, IpNumber::TCP, &plain[34..])
        .unwrap();
    bytes
}

/// The same packet inside another.
fn over_ipv4(plain: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([198, 51, 100, 1], [198, 51, 100, 2], 64)
        .write(&mut bytes, IpNumber::IPV4, &plain[14..])
        .unwrap();
    bytes
}

/// The ends of the connection of this number. The ports are of no protocol that Wireshark would dissect further.
fn ends(number: u32) -> (Socket, Socket) {
    (([10, 0, (number / 50_000) as u8, 1], 1024 + (number % 50_000) as u16), ([192, 0, 2, 2], 7100))
}

/// An ordinary connection: a request, `answers` segments of `size` bytes that are acknowledged one by one, a close.
fn conversation(number: u32, answers: u32, size: u32) -> Vec<Line> {
    let (c, s) = (number.wrapping_mul(7919), number.wrapping_mul(104_729));
    let mut lines = opening(c, s);
    lines.extend([to("PA", c + 1, s + 1, 78), back("A", s + 1, c + 79, 0)]);
    for answer in 0..answers {
        let seq = (s + 1).wrapping_add(size * answer);
        lines.extend([back("A", seq, c + 79, size as usize), to("A", c + 79, seq.wrapping_add(size), 0)]);
    }
    let end = (s + 1).wrapping_add(size * answers);
    lines.extend([
        to("FA", c + 79, end, 0),
        back("A", end, c + 80, 0),
        back("FA", end, c + 80, 0),
        to("A", c + 80, end.wrapping_add(1), 0),
    ]);
    lines
}

fn opening(c: u32, s: u32) -> Vec<Line> {
    vec![to("S", c, 0, 0), back("SA", s, c + 1, 0), to("A", c + 1, s + 1, 0)]
}

/// Connections that fail, or lose segments, or are aborted.
fn trouble(number: u32) -> Vec<Line> {
    let (c, s) = (number.wrapping_mul(7919), number.wrapping_mul(104_729));
    let syn = to("S", c, 0, 0);
    let mut whole = conversation(number, 6, 500);
    match number % 6 {
        0 => vec![syn, back("RA", 0, c + 1, 0)],
        1 => vec![syn.clone(), syn.clone(), syn],
        2 => vec![syn, back("SA", s, c + 1, 0), back("SA", s, c + 1, 0)],
        3 => {
            let mut cut = opening(c, s);
            cut.extend([to("PA", c + 1, s + 1, 78), back("A", s + 1, c + 79, 500), to("RA", c + 79, s + 501, 0)]);
            cut
        }
        // A segment is lost and comes again after three ACKs for the one before it.
        4 => {
            let lost = whole.remove(7);
            let before = whole[6].clone();
            whole.splice(11..11, [before.clone(), before.clone(), before, lost]);
            whole
        }
        // The capture missed a segment.
        _ => {
            whole.remove(9);
            whole
        }
    }
}

/// A capture that holds no packet.
pub fn nothing() -> Traffic {
    Writer::new("none").done()
}

/// Connections of eleven segments.
pub fn short_connections(packets: u32) -> Traffic {
    let mut writer = Writer::new("short");
    for number in 0.. {
        if writer.packets >= packets {
            break;
        }
        for line in conversation(number, 1, 1000) {
            writer.send(Carrier::V4, ends(number), &line);
        }
    }
    writer.done()
}

/// Four connections, one after the other, of a quarter of these packets each.
pub fn long_connections(name: &str, packets: u32) -> Traffic {
    let mut writer = Writer::new(name);
    for number in 0..4 {
        for line in conversation(number, packets / 8 - 4, 100) {
            writer.send(Carrier::V4, ends(number), &line);
        }
    }
    writer.done()
}

/// Connections of all the kinds of trouble, in turn.
pub fn troubled_connections(packets: u32) -> Traffic {
    let mut writer = Writer::new("trouble");
    for number in 0.. {
        if writer.packets >= packets {
            break;
        }
        for line in trouble(number) {
            writer.send(Carrier::V4, ends(number), &line);
            if number % 12 == 1 && line.flags == "S" {
                writer.write(&unreachable(ends(number), &line, 8));
            }
        }
    }
    writer.done()
}

/// Connections over IPv6, and over IPv4 in IPv4, in turn.
pub fn ipv6_and_tunnels(packets: u32) -> Traffic {
    let mut writer = Writer::new("carriers");
    for number in 0.. {
        if writer.packets >= packets {
            break;
        }
        let carrier = if number % 2 == 0 { Carrier::V6 } else { Carrier::Tunnel };
        for line in conversation(number, 4, 500) {
            writer.send(carrier, ends(number), &line);
        }
    }
    writer.done()
}

/// Connections that are all open at the end.
pub fn open_connections(count: u32) -> Traffic {
    let mut writer = Writer::new("open");
    for number in 0..count {
        for line in opening(number.wrapping_mul(7919), number.wrapping_mul(104_729)) {
            writer.send(Carrier::V4, ends(number), &line);
        }
    }
    writer.done()
}
