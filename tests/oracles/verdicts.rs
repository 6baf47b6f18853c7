//! Verdicts on captures of which something is missing: they become less certain, and no other certain one; what was captured
//! twice changes none. On every connection of the recorded captures, and of those in the folder `TCPSHAKE_CAPTURES`.
//!
//! Only the engine runs, without Wireshark: no ICMP errors, no TTLs of other connections, no analysis of Wireshark's, so that
//! data is repeated in none of them. `laboratory` tries those.

#[path = "../support/offline.rs"]
mod offline;

use offline::{Packet, captures, connections};
use tcpshake::tcp::{
    Around, Capture, Connection, Copies, Earlier, End, Finding, Flags, FrameNumber, Hosts, Rule, Sighting, Timestamp,
    Verdict,
};

/// The finding about a connection in a capture that ends then.
fn judge(packets: &[Packet], end: i64) -> Finding {
    let mut connection = Connection::new(Rule::V4_2);
    let mut copies = Copies::new();
    let hosts = Hosts::new();
    for (index, packet) in packets.iter().enumerate() {
        let segment = &packet.segment;
        let sighting = Sighting::of(segment, index == 0, false);
        if copies.original_of(&packet.fingerprint()).is_some() {
            connection.see_again(segment, &sighting);
            continue;
        }
        let earlier = packets[..index].iter().rev().map(|packet| &packet.segment);
        let same = |other: &&tcpshake::tcp::Segment| {
            (other.from, other.seq) == (segment.from, segment.seq) && other.takes() > 0 && segment.takes() > 0
        };
        let repeats = earlier.clone().take(200).find(same);
        let around = Around {
            network: Some(packet.network),
            repeats: repeats.map(|it| Earlier { frame: it.frame, before: segment.time - it.time }),
            peers_ack: earlier
                .clone()
                .find(|other| other.from != segment.from)
                .filter(|other| other.has(Flags::ACK))
                .map(|other| other.ack),
            before: earlier.clone().next().filter(|last| last.from != segment.from).map(|last| last.frame),
            host: None,
        };
        connection.see_in(segment, &sighting, &around);
    }
    connection.verdict(Capture { until: Timestamp(end), hosts: &hosts })
}

/// Every packet twice, each in a frame of its own.
fn doubled(packets: &[Packet]) -> Vec<Packet> {
    let twice = packets.iter().flat_map(|packet| [*packet, *packet]).enumerate();
    let numbered = twice.map(|(index, mut packet)| {
        packet.segment.frame = FrameNumber::new(index as u32 + 1).unwrap();
        packet
    });
    numbered.collect()
}

/// Ways to leave something out of a capture.
fn thinned(all: &[Packet]) -> Vec<(&'static str, Vec<Packet>)> {
    let keep = |name, rule: &dyn Fn(&Packet) -> bool| (name, all.iter().copied().filter(rule).collect());
    let mut parts = vec![
        keep("SYN|FIN|RST only", &|p| p.segment.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST)),
        keep("SYN only", &|p| p.segment.has(Flags::SYN)),
        keep("pure ACKs dropped", &|p| !p.segment.is_pure_ack()),
        keep("data dropped", &|p| p.segment.len == 0),
        keep("first direction only", &|p| p.segment.from == End::A),
        keep("second direction only", &|p| p.segment.from == End::B),
    ];
    for n in 1..=8 {
        parts.push(("first frames cut", all.iter().skip(n).copied().collect()));
        parts.push(("last frames cut", all[..all.len().saturating_sub(n)].to_vec()));
    }
    for n in 0..5 {
        let lost = |index: usize| (index * 7 + n * 3 + all.len()) % 20 == 0;
        let left = all.iter().enumerate().filter(|(index, _)| !lost(*index)).map(|(_, packet)| *packet).collect();
        parts.push(("one in 20 lost", left));
    }
    parts
}

/// Whether a part of a capture may be judged so. *Fine* where all that was wrong is what is missing: no engine can tell.
fn agrees(whole: &Finding, part: &Finding) -> bool {
    !part.certain || (part.verdict, part.suspect) == (whole.verdict, whole.suspect) || part.verdict == Verdict::Fine
}

#[test]
fn less_captured_is_less_certain_and_copies_change_nothing() {
    let (mut judged, mut wrong) = (0, Vec::new());
    for capture in captures() {
        let connections = connections(&capture);
        let end = connections.iter().flatten().map(|packet| packet.segment.time.0).max().unwrap_or_default();
        for packets in connections {
            let whole = judge(&packets, end);
            let label = format!("{} from frame {}", capture.display(), packets[0].segment.frame.get());
            let twice = judge(&doubled(&packets), end);
            if (twice.verdict, twice.suspect, twice.certain) != (whole.verdict, whole.suspect, whole.certain) {
                wrong.push(format!("doubled: {label}: {whole:?} -> {twice:?}"));
            }
            for (name, left) in thinned(&packets).into_iter().filter(|(_, left)| !left.is_empty()) {
                let until = if name == "last frames cut" { left[left.len() - 1].segment.time.0 } else { end };
                let part = judge(&left, until);
                judged += 1;
                if !agrees(&whole, &part) {
                    wrong.push(format!("{name}: {label}: {whole:?} -> {part:?}"));
                }
            }
        }
    }
    println!("{judged} parts of captures");
    if let Some(path) = std::env::var_os("TCPSHAKE_WRONG") {
        std::fs::write(path, wrong.join("\n")).unwrap();
    }
    assert!(judged > 10_000, "only {judged} parts: the recorded captures are missing");
    assert!(wrong.is_empty(), "{} of {judged} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
