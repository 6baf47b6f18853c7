//! The engine alone, without Wireshark, on every connection of the captures at hand: whole, with packets left out, and with
//! every packet twice.

#![allow(dead_code)] // each test program uses a part of it

#[path = "offline.rs"]
mod offline;

pub use offline::{Connection, Packet};
use offline::{captures, connections};
use tcpshake::tcp::{
    self, Around, Copies, CountingRule, Earlier, End, Flags, FrameNumber, Segment, Sighting, Standing,
};

/// Calls with every connection of the captures at hand: where it begins, its packets, and when its capture ends.
pub fn for_each_connection(mut call: impl FnMut(&str, &[Packet], i64)) {
    for capture in captures() {
        let connections = connections(&capture);
        let end = connections.iter().flatten().map(|packet| packet.segment.time.0).max().unwrap_or_default();
        for packets in connections {
            call(&format!("{}:{}", capture.display(), packets[0].segment.frame.get()), &packets, end);
        }
    }
}

/// What the engine makes of a connection, segment by segment.
pub fn see_all(packets: &[Packet]) -> (tcp::Connection, Vec<Standing>) {
    let mut connection = tcp::Connection::new(CountingRule::V4_2);
    let mut copies = Copies::new();
    let standings = packets.iter().enumerate().map(|(index, packet)| {
        let sighting = Sighting::of(&packet.segment, index == 0, false);
        match copies.original_of(&packet.fingerprint()) {
            None => connection.see_in(&packet.segment, &sighting, &around(packet, &packets[..index])),
            Some(_) => connection.see_again(&packet.segment, &sighting),
        }
    });
    let standings = standings.collect();
    (connection, standings)
}

/// What stands around a packet, behind those before it.
fn around(packet: &Packet, before: &[Packet]) -> Around {
    let segment = &packet.segment;
    let earlier = || before.iter().rev().map(|packet| &packet.segment);
    let same = |other: &&Segment| (other.from, other.seq) == (segment.from, segment.seq) && other.takes() > 0;
    let repeats = if segment.takes() > 0 { earlier().take(200).find(same) } else { None };
    let peers = earlier().find(|other| other.from != segment.from);
    Around {
        network: Some(packet.network),
        to_itself: segment.is_syn() && packet.to_itself,
        repeats: repeats.map(|it| Earlier { frame: it.frame, before: segment.time - it.time }),
        peers_ack: peers.filter(|other| other.has(Flags::ACK)).map(|other| other.ack),
        before: earlier().next().filter(|last| last.from != segment.from).map(|last| last.frame),
        host: None,
    }
}

/// A connection of whose packets some are left out, or added.
pub struct Part {
    /// What was done.
    pub name: String,
    /// What is left; maybe nothing.
    pub packets: Connection,
    /// When its capture ends.
    pub until: i64,
}

/// What is left of a connection in captures that have less of it than one that ends then: in each way, in a fixed order.
pub fn thinned(all: &[Packet], end: i64) -> Vec<Part> {
    let part = |name: &str, packets: Connection| Part { name: name.into(), packets, until: end };
    let keep = |name, rule: &dyn Fn(&Packet) -> bool| part(name, all.iter().copied().filter(rule).collect());
    let mut parts = vec![
        keep("SYN|FIN|RST only", &|p| p.segment.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST)),
        keep("SYN only", &|p| p.segment.has(Flags::SYN)),
        keep("pure ACKs dropped", &|p| !p.segment.is_pure_ack()),
        keep("data dropped", &|p| p.segment.len == 0),
        keep("first direction only", &|p| p.segment.from == End::A),
        keep("second direction only", &|p| p.segment.from == End::B),
    ];
    parts.extend((1..=8).map(|n| part(&format!("first {n} cut"), all.iter().skip(n).copied().collect())));
    parts.extend((1..=8).map(|n| {
        let left = &all[..all.len().saturating_sub(n)];
        let until = left.last().map_or(end, |last| last.segment.time.0);
        Part { until, ..part(&format!("last {n} cut"), left.to_vec()) }
    }));
    let mut dice = Dice(all.first().map_or(0, |first| first.segment.frame.get().into()));
    parts.extend((1..=5).map(|round| {
        let left = all.iter().copied().filter(|_| !dice.once_in(20)).collect();
        part(&format!("5 % lost, round {round}"), left)
    }));
    parts
}

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// True once in `of` times.
    fn once_in(&mut self, of: u64) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % of == 0
    }
}

/// Every packet twice, each in a frame of its own.
pub fn doubled(packets: &[Packet]) -> Connection {
    let twice = packets.iter().flat_map(|packet| [*packet, *packet]).enumerate();
    let numbered = twice.map(|(index, mut packet)| {
        packet.segment.frame = FrameNumber::new(index as u32 + 1).unwrap();
        packet
    });
    numbered.collect()
}

/// Fails with the first of what is wrong; all of it goes into the file `TCPSHAKE_WRONG`.
pub fn assert_none(wrong: &[String]) {
    if let Some(path) = std::env::var_os("TCPSHAKE_WRONG") {
        std::fs::write(path, wrong.join("\n")).unwrap();
    }
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
