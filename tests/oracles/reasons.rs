//! Every named reason for a difference from Wireshark's completeness, on a small capture that produces it.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use support::capture::{Line, Socket, back, fragment, frame, to, unreachable, write, write_cut};
use support::{Way, fields, wireshark_version};

const ENDS: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 7100));

fn capture(name: &str, lines: &[Line]) -> PathBuf {
    let frames: Vec<Vec<u8>> = lines.iter().map(|line| frame(ENDS, line, &[])).collect();
    write(&format!("reason-{name}"), &frames)
}

/// The reasons shown on the last segment.
fn reasons(capture: &Path, way: Way, options: &[&str]) -> Vec<String> {
    let rows = fields(capture, way, options, &["tcpshake.completeness.reason"]);
    rows.into_values().next_back().map(|mut row| row.remove(0)).unwrap_or_default()
}

#[track_caller]
fn produces(name: &str, lines: &[Line], ways: &[Way], expected: &[&str]) {
    for &way in ways {
        assert_eq!(reasons(&capture(name, lines), way, &[]), expected, "{name} {way:?}");
    }
}

const LATER: [Way; 2] = [Way::TwoPasses, Way::Sharkd];

fn is_4_0() -> bool {
    wireshark_version() == "4.0"
}

#[test]
fn in_the_opening() {
    let all = &support::WAYS;
    let syn = to("S", 100, 0, 0);
    let rst_too =
        if is_4_0() { &["SYN with RST counted", "first segment not counted"][..] } else { &["SYN with RST counted"] };
    produces("syn-rst", &[to("SR", 100, 0, 0)], all, rst_too);
    produces("late-syn", &[back("SA", 500, 101, 0), syn.clone()], &LATER, &["SYN captured after other segments"]);
    produces("syn-ack-rst", &[syn.clone(), back("SAR", 500, 101, 0)], all, &["SYN-ACK with RST counted"]);
    produces("refused", &[syn.clone(), back("RA", 0, 101, 0)], all, &["RST counted as ACK"]);
    produces("other-ack", &[syn.clone(), to("A", 101, 501, 0)], all, &["ACK outside the handshake counted"]);
    let ack_with_data = [syn.clone(), back("SA", 500, 101, 0), to("PA", 101, 501, 9)];
    produces("ack-with-data", &ack_with_data, all, &["handshake ACK with data not counted as ACK"]);
    produces("syn-ack-data", &[syn, back("SA", 500, 101, 9)], all, &["payload with SYN not counted"]);
}

#[test]
fn of_single_segments() {
    let all = &support::WAYS;
    let syn = to("S", 100, 0, 0);
    produces("fin-as-ack", &[syn.clone(), to("FA", 101, 501, 0)], all, &["FIN counted as ACK"]);
    produces("data-alone", &[syn.clone(), to("P", 101, 0, 9)], all, &["payload without ACK not counted"]);
    produces("fin-alone", &[syn.clone(), to("F", 101, 0, 0)], all, &["FIN without ACK not counted"]);
    produces("rst-text", &[syn.clone(), back("RA", 0, 101, 9)], all, &["payload of a RST counted"]);
    produces("fin-rst", &[syn, back("FRA", 0, 101, 0)], all, &["RST counted as ACK", "FIN beside SYN or RST counted"]);
}

#[test]
fn of_the_first_segment() {
    let midstream = [to("PA", 101, 501, 9)];
    if is_4_0() {
        produces("midstream", &midstream, &[Way::OnePass], &["first segment not counted"]);
    } else {
        produces("midstream", &midstream, &support::WAYS, &[]);
        let restarted = [to("R", 100, 0, 0), back("S", 500, 0, 0)];
        produces("restarted", &restarted, &[Way::OnePass], &["count restarted by a SYN"]);
        produces("restarted", &restarted, &LATER, &[]);
    }
}

#[test]
fn of_headers_that_are_no_segments() {
    let syn = frame(ENDS, &to("S", 100, 0, 0), &[]);
    let quoted = [syn.clone(), unreachable(ENDS, &to("A", 101, 501, 0), 20)];
    // Of the RST's header there are 16 bytes: enough for Wireshark to count it.
    let rst = frame(ENDS, &to("R", 101, 0, 0), &[]);
    let cut = [(syn.as_slice(), syn.len()), (rst.as_slice(), 14 + 20 + 16)];
    for way in LATER {
        let found = reasons(&write("reason-quoted", &quoted), way, &[]);
        assert_eq!(found, ["header quoted in an ICMP error counted"], "{way:?}");
        let found = reasons(&write_cut("reason-cut", &cut), way, &[]);
        assert_eq!(found, ["cut header counted"], "{way:?}");
    }
}

#[test]
fn of_fragments() {
    let frames = [frame(ENDS, &to("S", 100, 0, 0), &[]), fragment(frame(ENDS, &to("A", 101, 501, 16), &[]))];
    let capture = write("reason-fragment", &frames);
    let options = ["ip.defragment:FALSE"];
    for way in support::WAYS {
        assert_eq!(
            reasons(&capture, way, &options),
            ["ACK outside the handshake counted", "payload of a fragment not counted"],
            "{way:?}"
        );
    }
}
