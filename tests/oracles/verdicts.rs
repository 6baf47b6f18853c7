//! Verdicts on captures of which something is missing: they become less certain, and no other certain one; what was captured
//! twice changes none. On every connection of the recorded captures, and of those in the folder `TCPSHAKE_CAPTURES`.
//!
//! Only the engine runs, without Wireshark: no ICMP errors, no TTLs of other connections, no analysis of Wireshark's, so that
//! data is repeated in none of them. `laboratory` tries those.

#[path = "../support/engine.rs"]
mod engine;

use engine::{Packet, assert_none, doubled, for_each_connection, see_all, thinned};
use tcpshake::tcp::{Capture, Finding, Hosts, Timestamp, Verdict};

/// The finding about a connection in a capture that ends then.
fn judge(packets: &[Packet], end: i64) -> Finding {
    see_all(packets).0.verdict(Capture { until: Timestamp(end), hosts: &Hosts::new() })
}

/// Whether a part of a capture may be judged so. *Fine* where all that was wrong is what is missing: no engine can know.
fn agrees(whole: &Finding, part: &Finding) -> bool {
    !part.certain || (part.verdict, part.suspect) == (whole.verdict, whole.suspect) || part.verdict == Verdict::Fine
}

#[test]
fn less_captured_is_less_certain_and_copies_change_nothing() {
    let (mut judged, mut wrong) = (0, Vec::new());
    for_each_connection(|label, packets, end| {
        let whole = judge(packets, end);
        let twice = judge(&doubled(packets), end);
        if (twice.verdict, twice.suspect, twice.certain) != (whole.verdict, whole.suspect, whole.certain) {
            wrong.push(format!("doubled: {label}: {whole:?} -> {twice:?}"));
        }
        for part in thinned(packets, end).into_iter().filter(|part| !part.packets.is_empty()) {
            let finding = judge(&part.packets, part.until);
            judged += 1;
            if !agrees(&whole, &finding) {
                wrong.push(format!("{}: {label}: {whole:?} -> {finding:?}", part.name));
            }
        }
    });
    println!("{judged} parts of captures");
    assert!(judged > 10_000, "only {judged} parts: the recorded captures are missing");
    assert_none(&wrong);
}
