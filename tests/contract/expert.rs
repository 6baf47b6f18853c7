//! The expert items against what the fields say of the same connections, and the report that tshark makes of them.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{merged, tshark, tshark_fields, wireshark_version};

/// The items of the verdicts, their severities, and the verdicts' names.
const VERDICTS: [(&str, &str, &str); 18] = [
    ("refused", "Warn", "Refused"),
    ("rejected_by_firewall", "Warn", "Rejected by a firewall"),
    ("unreachable", "Warn", "Unreachable"),
    ("no_answer", "Warn", "No answer"),
    ("answer_not_received", "Warn", "Answer not received"),
    ("client_silent", "Warn", "Client silent"),
    ("handshake_ack_not_taken", "Warn", "Handshake ACK not taken"),
    ("handshake_disturbed", "Note", "Handshake disturbed"),
    ("probe", "Note", "Probe"),
    ("forgotten", "Warn", "Forgotten"),
    ("reset_by_third_party", "Warn", "Reset by a third party"),
    ("large_segments_lost", "Warn", "Large segments lost"),
    ("went_silent", "Warn", "Went silent"),
    ("reset_by_client", "Note", "Reset by client"),
    ("reset_by_server", "Warn", "Reset by server"),
    ("stalled", "Note", "Stalled"),
    ("left_half_closed", "Note", "Left half-closed"),
    ("slow_opening", "Note", "Slow opening"),
];

/// The items of what is odd, their severities, and the segments that are odd in that way, as a display filter.
const ODDITIES: [(&str, &str, &str); 8] = [
    ("wrong_ack", "Note", "tcpshake.step == \"Wrong handshake ACK\""),
    ("conflicting_syn_ack", "Warn", "tcpshake.step == \"SYN-ACK with another number\""),
    (
        "unexpected_syn",
        "Warn",
        "tcpshake.step == \"SYN on an open connection\" or (tcpshake.step == 2 and !(tcpshake.phase == \"Opening\"))",
    ),
    ("simultaneous_open", "Chat", "tcpshake.step == \"Simultaneous SYN\""),
    ("stray_rst", "Warn", "tcpshake.step == \"Stray RST\""),
    ("challenge_ack", "Note", "tcpshake.step == \"Challenge ACK\""),
    ("impossible_flags", "Warn", "tcpshake.step == \"Impossible flags\""),
    ("completeness_differs", "Note", "tcpshake.completeness.agrees == 0"),
];

/// The frames that pass a filter, in their order, each with its stream.
fn streams(filter: &str) -> Vec<(u32, String)> {
    let found = tshark_fields(merged(), true, &[], filter, &["tcp.stream"]);
    found.into_iter().map(|(frame, fields)| (frame, fields[0].concat())).collect()
}

fn frames(capture: &Path, filter: &str) -> BTreeSet<u32> {
    tshark_fields(capture, true, &[], filter, &[]).into_keys().collect()
}

#[test]
fn each_failed_connection_has_one_item_on_the_frame_that_shows_it() {
    let mut seen = BTreeSet::new();
    for (item, _, verdict) in VERDICTS {
        let of_connections: BTreeSet<String> =
            streams(&format!("tcpshake.verdict == \"{verdict}\"")).into_iter().map(|(_, stream)| stream).collect();
        let items = streams(&format!("tcpshake.expert.{item}"));
        let with_items: BTreeSet<String> = items.iter().map(|(_, stream)| stream.clone()).collect();
        assert_eq!(items.len(), with_items.len(), "{item}: two items of one connection");
        assert_eq!(with_items, of_connections, "{item}");
        for (frame, fields) in
            tshark_fields(merged(), true, &[], &format!("tcpshake.expert.{item}"), &["tcpshake.verdict.frame"])
        {
            assert!(fields[0].contains(&frame.to_string()), "{item} on frame {frame}: {fields:?}");
        }
        if !of_connections.is_empty() {
            seen.insert(item);
        }
    }
    assert!(seen.len() >= 10, "the recorded captures have too few verdicts: {seen:?}");
}

#[test]
fn what_is_odd_has_one_item_on_the_first_frame_that_shows_it() {
    for (item, _, filter) in ODDITIES {
        let mut first = BTreeMap::new();
        for (frame, stream) in streams(filter) {
            first.entry(stream).or_insert(frame);
        }
        // From 4.4 on Wireshark begins a new stream with such a SYN-ACK.
        let occurs = item != "conflicting_syn_ack" || wireshark_version() == "4.0";
        assert_eq!(!first.is_empty(), occurs, "whether a recorded capture has what {item} is about");
        let expected: BTreeSet<u32> = first.into_values().collect();
        assert_eq!(frames(merged(), &format!("tcpshake.expert.{item}")), expected, "{item}");
    }
}

/// A filter that takes the frames with any item of the plugin's.
fn any_item() -> String {
    let items: Vec<String> =
        VERDICTS.iter().chain(&ODDITIES).map(|(item, ..)| format!("tcpshake.expert.{item}")).collect();
    items.join(" or ")
}

/// The words in which each item ends, in Wireshark's own field.
const OF_ANY: &str = "_ws.expert.message contains \"(tcp.stream \"";

#[test]
fn nothing_else_gets_an_expert_item() {
    assert_eq!(frames(merged(), &format!("{OF_ANY} and !({})", any_item())), BTreeSet::new());
}

#[test]
fn wiresharks_own_fields_find_them_whatever_is_printed() {
    let expected = frames(merged(), &any_item());
    for printed in [
        &[][..],
        &["-T", "fields", "-e", "frame.number"],
        &["-T", "fields", "-e", "frame.number", "-e", "tcpshake.step"],
    ] {
        let text = tshark(merged(), &[&["-2", "-Y", OF_ANY], printed].concat());
        let found = text.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap());
        assert_eq!(found.collect::<BTreeSet<u32>>(), expected, "{printed:?}");
    }
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
        ("Warn", "Refused, 192.0.2.1:40000 ---> 192.0.2.2:7101 (tcp.stream "),
        ("Warn", "No answer, 192.0.2.1:40000 ---> 192.0.2.2:7100 (tcp.stream "),
        ("Warn", "Unreachable, [2001:db8::1]:40000 ---> [2001:db8::2]:7100 (tcp.stream "),
        ("Warn", "Reset by server, "),
        ("Note", "Slow opening, "),
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
    for (item, severity, _) in VERDICTS.into_iter().chain(ODDITIES) {
        let own = format!("tcpshake.expert.{item}");
        let with = frames(merged(), &format!("{own} and _ws.expert.severity == {}", levels(severity)));
        assert_eq!(with, frames(merged(), &own), "{item}");
    }
}
