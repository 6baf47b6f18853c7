//! The expert items against what the fields say of the same segments, and the report that tshark makes of them.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use support::{merged, tshark, tshark_fields, wireshark_version};

/// An expert item, its severity, and the segments that get it, as a display filter on other fields. The outcome is the
/// connection's last, as a second pass shows it.
const EXPERTS: [(&str, &str, &str); 15] = [
    ("refused", "Warn", "tcpshake.step == \"Connection refused\""),
    ("no_answer", "Warn", "tcpshake.step in {1, 2, 4} and tcpshake.outcome == \"No answer\""),
    ("unreachable", "Warn", "tcpshake.step in {1, 2, 4} and tcpshake.outcome == \"Unreachable\""),
    ("half_open", "Warn", "tcpshake.step in {5, 6} and tcpshake.outcome == \"Half-open\""),
    ("syn_retried", "Note", "tcpshake.step == 2 and tcpshake.phase == \"Opening\" and !(tcpshake.outcome in {2, 4})"),
    ("syn_ack_retried", "Note", "tcpshake.step == 6 and !(tcpshake.outcome == \"Half-open\")"),
    ("wrong_ack", "Warn", "tcpshake.step == \"Wrong handshake ACK\""),
    ("conflicting_syn_ack", "Warn", "tcpshake.step == \"SYN-ACK with another number\""),
    (
        "unexpected_syn",
        "Warn",
        "tcpshake.step == \"SYN on an open connection\" or (tcpshake.step == 2 and !(tcpshake.phase == \"Opening\"))",
    ),
    ("simultaneous_open", "Chat", "tcpshake.step == \"Simultaneous SYN\""),
    ("abort", "Warn", "tcpshake.step == \"Abort (RST)\""),
    ("stray_rst", "Warn", "tcpshake.step == \"Stray RST\""),
    ("challenge_ack", "Note", "tcpshake.step == \"Challenge ACK\""),
    ("impossible_flags", "Warn", "tcpshake.step == \"Impossible flags\""),
    ("completeness_differs", "Note", "tcpshake.completeness.agrees == 0"),
];

fn frames(capture: &Path, filter: &str) -> BTreeSet<u32> {
    tshark_fields(capture, true, &[], filter, &[]).into_keys().collect()
}

#[test]
fn every_expert_item_is_on_the_segments_it_is_about() {
    for (item, _, filter) in EXPERTS {
        let expected = frames(merged(), filter);
        // From 4.4 on Wireshark begins a new stream with such a SYN-ACK.
        let occurs = item != "conflicting_syn_ack" || wireshark_version() == "4.0";
        assert_eq!(!expected.is_empty(), occurs, "whether a recorded capture has what {item} is about");
        assert_eq!(frames(merged(), &format!("tcpshake.expert.{item}")), expected, "{item}");
    }
}

#[test]
fn nothing_else_gets_an_expert_item() {
    let about: Vec<String> = EXPERTS.iter().map(|(item, ..)| format!("tcpshake.expert.{item}")).collect();
    let others = format!("_ws.expert.message matches \"tcp.stream\" and !({})", about.join(" or "));
    assert_eq!(frames(merged(), &others), BTreeSet::new());
}

/// The report's lines about the plugin's items, each with the severity under which it stands.
fn report(arguments: &[&str]) -> Vec<(String, String)> {
    let mut severity = String::new();
    let mut lines = Vec::new();
    for line in tshark(merged(), arguments).lines() {
        if let Some((heading, _)) = line.split_once("s (") {
            severity = heading.into();
        } else if let Some((_, message)) = line.split_once("TCP Handshake  ") {
            lines.push((severity.clone(), message.to_owned()));
        }
    }
    lines
}

#[test]
fn the_report_lists_what_went_wrong_with_which_connection() {
    let lines = report(&["-2", "-q", "-z", "expert"]);
    for (severity, message) in [
        ("Warn", "Opening failed: connection refused, 192.0.2.1:40000 ---> 192.0.2.2:7101 (tcp.stream "),
        ("Warn", "Opening failed: the SYN was not answered, 192.0.2.1:40000 ---> 192.0.2.2:7100 (tcp.stream "),
        (
            "Warn",
            "Opening failed: an ICMP error answered the SYN, [2001:db8::1]:40000 ---> [2001:db8::2]:7100 (tcp.stream ",
        ),
        ("Warn", "Connection aborted, "),
        ("Note", "SYN sent again, "),
        ("Chat", "Simultaneous open, "),
        ("Note", "Completeness 33 here, 37 in Wireshark (RST counted as ACK), "),
    ] {
        let found = lines.iter().any(|(under, line)| under == severity && line.starts_with(message));
        assert!(found, "{severity}: {message}\n{lines:#?}");
    }
    for (_, line) in &lines {
        assert!(line.contains(" ---> ") && line.contains("(tcp.stream "), "{line}");
    }
}

#[test]
fn the_severities_are_as_wireshark_uses_them() {
    let levels = |severity: &str| match severity {
        "Chat" => 0x0020_0000,
        "Note" => 0x0040_0000,
        _ => 0x0060_0000,
    };
    for (item, severity, _) in EXPERTS {
        let own = format!("tcpshake.expert.{item}");
        let with = frames(merged(), &format!("{own} and _ws.expert.severity == {}", levels(severity)));
        assert_eq!(with, frames(merged(), &own), "{item}");
    }
}
