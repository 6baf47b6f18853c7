//! A capture as a support engineer gets one: 300 connections at the router of an office, of which dozens failed. They are
//! connections of the fault laboratory under other addresses, so what is true of each is known.

use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// What is true of a connection, as its capture shows it: by the names of the fields' values.
#[derive(Clone, Debug)]
pub struct Truth {
    pub client: SocketAddrV4,
    pub server: SocketAddrV4,
    pub verdict: String,
    /// Empty where there is nowhere to look.
    pub place: String,
}

/// Whose connections they are.
enum From {
    /// One host's.
    Host(u8),
    /// Those of the whole office, in turn.
    Office,
}

/// The laboratory's scenarios, how often each happens, from which hosts, and at which server.
const SCENARIOS: &[(&str, usize, From, u8)] = &[
    ("plain", 80, From::Office, 10),
    ("four-way-close", 50, From::Office, 11),
    ("closed-without-a-byte", 20, From::Office, 12),
    ("simultaneous-close", 15, From::Office, 13),
    ("handshake-ack-lost-once", 5, From::Office, 14),
    ("slow-syn-ack-lost", 5, From::Office, 15),
    ("keep-alives", 10, From::Office, 16),
    // A laptop behind a tunnel whose small MTU nobody tells it: what is short works.
    ("plain", 12, From::Host(LAPTOP), 10),
    ("large-lost", 17, From::Host(LAPTOP), 18),
    ("large-lost", 14, From::Host(LAPTOP), 19),
    ("large-lost", 11, From::Host(LAPTOP), 20),
    // A database that does not run, on a host that does.
    ("refused", 19, From::Office, DATABASE),
    ("no-answer", 4, From::Office, 22),
    ("unreachable-host", 3, From::Office, 23),
    ("reset-by-server", 3, From::Office, 24),
    ("third-party-and-on", 2, From::Office, 25),
    ("stalled", 2, From::Office, 26),
    ("half-closed", 2, From::Office, 27),
    ("went-silent", 1, From::Office, 28),
];

/// The host from which most failed, and the one at which most of the others did.
pub const LAPTOP: u8 = 77;
pub const DATABASE: u8 = 21;

pub fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, number)
}

pub fn server(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(198, 51, 100, number)
}

const BEGIN: Duration = Duration::from_secs(1_800_000_000);
const LENGTH: Duration = Duration::from_secs(240);

/// The capture, and the truth of each of its connections.
pub fn office() -> (Vec<u8>, Vec<Truth>) {
    let known: Value = serde_json::from_slice(&fs::read(laboratory("truth.json")).unwrap()).unwrap();
    let copies = SCENARIOS.iter().flat_map(|(scenario, count, from, server)| {
        // Each scenario happens all the time.
        (0..*count).map(move |copy| (LENGTH.mul_f64((copy as f64 + 0.5) / *count as f64), *scenario, from, *server))
    });
    let mut copies: Vec<_> = copies.collect();
    copies.sort_by_key(|copy| copy.0);
    let (mut packets, mut truths, mut port) = (Vec::new(), Vec::new(), 49_152);
    for ((start, scenario, from, number), turn) in copies.into_iter().zip((0..40).cycle()) {
        let client = match from {
            From::Host(number) => host(*number),
            From::Office => host(10 + turn),
        };
        let capture = format!("{scenario}.router.ipv4.pcap");
        let mut map = BTreeMap::new();
        for truth in known[&capture].as_array().unwrap() {
            let end = |name: &str| truth[name].as_str().unwrap().parse::<SocketAddrV4>().unwrap();
            let text = |name: &str| truth[name].as_str().unwrap_or_default().to_owned();
            assert_eq!(truth["provable"], true, "{scenario}: the reader can't know");
            let own = Truth {
                client: SocketAddrV4::new(client, port),
                server: SocketAddrV4::new(server(number), end("server").port()),
                verdict: text("verdict"),
                place: text("where"),
            };
            port += 1;
            map.extend([(end("client"), own.client), (end("server"), own.server)]);
            truths.push(own);
        }
        packets.extend(moved(&fs::read(laboratory(&capture)).unwrap(), BEGIN + start, &map));
    }
    packets.sort_by_key(|packet| packet.timestamp);
    let header = PcapHeader { datalink: DataLink::ETHERNET, ..PcapHeader::default() };
    let mut file = PcapWriter::with_header(Vec::new(), header).unwrap();
    packets.iter().for_each(|packet| _ = file.write_packet(packet).unwrap());
    (file.into_writer(), truths)
}

fn laboratory(name: &str) -> std::path::PathBuf {
    super::project().join("tests/captures/laboratory").join(name)
}

/// The frames of a capture with other ends, from another time on. They are cut short, which the reader of whole packets refuses.
fn moved(capture: &[u8], start: Duration, map: &BTreeMap<SocketAddrV4, SocketAddrV4>) -> Vec<PcapPacket<'static>> {
    const ETHERNET: usize = 14;
    let mut reader = PcapReader::new(capture).unwrap();
    let (mut packets, mut begin) = (Vec::new(), None);
    while let Some(packet) = reader.next_raw_packet() {
        let packet = packet.unwrap();
        let time = Duration::new(packet.ts_sec.into(), packet.ts_frac * 1000);
        let mut frame = packet.data.into_owned();
        readdress(&mut frame, ETHERNET, None, map);
        let begin = *begin.get_or_insert(time);
        packets.push(PcapPacket::new_owned(start + time - begin, packet.orig_len, frame));
    }
    packets
}

/// Gives the IP packet at this place other ends, and the one that an ICMP error in it quotes. `around` is the checksum of the
/// ICMP error that quotes it.
fn readdress(frame: &mut [u8], ip: usize, around: Option<usize>, map: &BTreeMap<SocketAddrV4, SocketAddrV4>) {
    const TCP: u8 = 6;
    const ICMP: u8 = 1;
    let next = ip + usize::from(frame[ip] & 15) * 4;
    let addresses = [ip + 12, ip + 16];
    let address = |frame: &[u8], at: usize| Ipv4Addr::from([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
    let sums: &[usize] = &[ip + 10, next + 16][..if frame[ip + 9] == TCP { 2 } else { 1 }];
    let sums: Vec<usize> = sums.iter().copied().filter(|sum| sum + 2 <= frame.len()).collect();
    for (at, port) in addresses.into_iter().zip([next, next + 2]) {
        let old = address(frame, at);
        let of_tcp = (frame[ip + 9] == TCP).then(|| map.get(&SocketAddrV4::new(old, word(frame, port)))).flatten();
        // An ICMP error goes to a host, not to a port of it.
        let Some(new) = of_tcp.or_else(|| map.iter().find(|(end, _)| *end.ip() == old).map(|(_, new)| new)) else {
            continue;
        };
        let [a, b, c, d] = new.ip().octets();
        for (at, value) in [(at, [a, b]), (at + 2, [c, d])] {
            replace(frame, at, u16::from_be_bytes(value), &sums, around);
        }
        if of_tcp.is_some() {
            replace(frame, port, new.port(), &sums[1..], around);
        }
    }
    if frame[ip + 9] == ICMP && frame[next] == 3 {
        readdress(frame, next + 8, Some(next + 2), map);
    }
}

fn word(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

/// Puts another number at this place, and mends the checksums over it, and the one around those (RFC 1624, equation 3).
fn replace(frame: &mut [u8], at: usize, new: u16, sums: &[usize], around: Option<usize>) {
    let old = word(frame, at);
    frame[at..at + 2].copy_from_slice(&new.to_be_bytes());
    let add = |one: u16, other: u16| {
        let (sum, carry) = one.overflowing_add(other);
        sum + u16::from(carry)
    };
    for sum in sums.iter().chain(&around) {
        let outer = around.filter(|outer| outer != sum);
        replace(frame, *sum, !add(add(!word(frame, *sum), !old), new), &[], outer);
    }
}
