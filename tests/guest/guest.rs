//! Segments among other dissectors, ICMP errors and aggregates: TCP's own analysis decides their steps, and nothing that the
//! plugin asks for changes what Wireshark finds later.

#[path = "../support/mod.rs"]
mod support;

use pcap_file::DataLink;
use std::path::Path;
use std::process::Command;
use support::capture::{Line, Socket, aggregate, back, frame, frame_with, packet, to, unreachable, write, write_link};
use support::{WAYS, Way, bare_program, fields, names, program, tshark, tshark_fields};

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];

/// A handshake from 100 and 500.
fn handshake(ends: (Socket, Socket)) -> Vec<Vec<u8>> {
    [to("S", 100, 0, 0), back("SA", 500, 101, 0), to("A", 101, 501, 0)].map(|line| frame(ends, &line, &[])).into()
}

/// VNC's dissector opens a conversation of its own in the frame with the server's greeting.
#[test]
fn a_dissector_that_begins_a_conversation() {
    const GREETING: &[u8] = b"RFB 003.008\n";
    let ends = ((CLIENT, 50000), (SERVER, 6900));
    let mut frames = handshake(ends);
    frames.push(frame_with(ends, &back("PA", 501, 101, 0), &[], GREETING));
    frames.push(frame_with(ends, &to("PA", 101, 513, 0), &[], GREETING));
    frames.push(frame(ends, &back("A", 513, 113, 0), &[]));
    let capture = write("vnc", &frames);
    let layers = tshark(&capture, &["-Y", "frame.number == 4", "-T", "fields", "-e", "frame.protocols"]);
    assert_eq!(layers.trim_end(), "eth:ethertype:ip:tcp:vnc", "the greeting is VNC's");
    for way in WAYS {
        let rows = fields(&capture, way, &[], &["tcpshake.phase", "tcpshake.step", "tcpshake.completeness.reason"]);
        assert_eq!(rows.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6], "{way:?}");
        for (frame, row) in &rows {
            assert_eq!((row[0].len(), row[1].len()), (1, 1), "{way:?}, frame {frame}");
            assert!(!row[2].contains(&"unexplained".into()), "{way:?}, frame {frame}: {row:?}");
        }
        assert_eq!(
            (names::step(&rows[&4][1][0]), names::step(&rows[&5][1][0])),
            ("Data", "Data"),
            "{way:?}: both greetings are data"
        );
    }
}

/// The layers of each frame.
fn layers(mut tshark: Command, capture: &Path, options: &[&str]) -> String {
    let output = tshark.arg("-r").arg(capture).args(["-T", "fields", "-e", "frame.protocols"]).args(options).output();
    String::from_utf8(output.expect("tshark runs").stdout).unwrap()
}

/// FTP's dissector expects a data connection to the server's port from any port of the client. An ICMP error quotes the SYN of
/// an attempt that was not captured; the client's next attempt, from its next port, is the one that was expected.
#[test]
fn an_icmp_error_before_a_file_transfer() {
    let control = ((CLIENT, 40000), (SERVER, 21));
    let [attempt, transfer] = [40001, 40002].map(|port| ((CLIENT, port), (SERVER, 50000)));
    for quoted in [8, 12, 15] {
        let mut frames = handshake(control);
        frames.push(frame_with(control, &to("PA", 101, 501, 0), &[], b"PASV\r\n"));
        let answer = b"227 Entering Passive Mode (192,0,2,2,195,80)\r\n"; // 195 * 256 + 80 = 50000
        frames.push(frame_with(control, &back("PA", 501, 107, 0), &[], answer));
        frames.push(unreachable(attempt, &to("S", 100, 0, 0), quoted));
        frames.extend(handshake(transfer));
        frames.push(frame(transfer, &back("PA", 501, 101, 12), &[]));
        let capture = write(&format!("ftp-{quoted}"), &frames);
        for options in [&[][..], &["-2"]] {
            let bare = layers(bare_program("tshark"), &capture, options);
            // Wireshark 4.6 itself takes the transfer for data here.
            let expected =
                support::wireshark_version() == "4.6" || bare.trim_end().ends_with(":tcp:ftp-data:data-text-lines");
            assert!(expected, "{options:?}: {bare}");
            assert_eq!(layers(program("tshark"), &capture, options), bare, "{quoted} bytes quoted, {options:?}");
        }
    }
}

const ENDS: (Socket, Socket) = ((CLIENT, 50000), (SERVER, 7100));

/// The step of a segment of a hundred bytes, and the mark of Wireshark's analysis that it follows from.
const DATA: (&str, &str) = ("Data", "");
const AGAIN: (&str, &str) = ("Data retransmission", "tcp.analysis.spurious_retransmission");
const OVERTAKEN: (&str, &str) = ("Out-of-order data", "tcp.analysis.out_of_order");

/// Captures a handshake, some lines, and one 802.11 frame with all these segments of the server, and checks the step of each
/// segment in every way, and that Wireshark's analysis has as many marks of each kind there.
fn aggregated(name: &str, before: &[Line], together: &[(u32, (&str, &str))]) {
    let single = |line: &Line| aggregate(&[packet(&frame(ENDS, line, &[]))]);
    let mut frames: Vec<Vec<u8>> = handshake(ENDS).iter().map(|frame| aggregate(&[packet(frame)])).collect();
    frames.extend(before.iter().map(single));
    let segments: Vec<Vec<u8>> = together.iter().map(|&(seq, _)| frame(ENDS, &back("A", seq, 101, 100), &[])).collect();
    frames.push(aggregate(&segments.iter().map(|frame| packet(frame)).collect::<Vec<_>>()));
    let capture = write_link(name, DataLink::IEEE802_11, &frames);

    let last = frames.len() as u32;
    let marks = ["tcp.stream", AGAIN.1, OVERTAKEN.1];
    let wiresharks = tshark_fields(&capture, true, &[], &format!("frame.number == {last}"), &marks);
    let count = |mark: &str| together.iter().filter(|(_, expected)| expected.1 == mark).count();
    let found: Vec<usize> = wiresharks[&last].iter().map(Vec::len).collect();
    assert_eq!(found, [together.len(), count(AGAIN.1), count(OVERTAKEN.1)], "{name}: {marks:?} in Wireshark");

    let expected: Vec<&str> = together.iter().map(|(_, expected)| expected.0).collect();
    let steps = |way| -> Vec<&str> {
        fields(&capture, way, &[], &["tcpshake.step"])[&last][0].iter().map(|step| names::step(step)).collect()
    };
    let wrong: Vec<(Way, Vec<&str>)> =
        WAYS.into_iter().map(|way| (way, steps(way))).filter(|(_, steps)| *steps != expected).collect();
    assert!(wrong.is_empty(), "{name}: not {expected:?}: {wrong:?}");
}

#[test]
fn segments_in_one_frame_all_new() {
    aggregated("msdu-new", &[], &[(501, DATA), (601, DATA), (701, DATA)]);
}

#[test]
fn segments_in_one_frame_the_last_overtaken() {
    aggregated("msdu-overtaken", &[], &[(501, DATA), (701, DATA), (601, OVERTAKEN)]);
}

#[test]
fn segments_in_one_frame_one_between_overtaken() {
    aggregated("msdu-between", &[], &[(501, DATA), (701, DATA), (601, OVERTAKEN), (801, DATA)]);
}

#[test]
fn segments_in_one_frame_the_first_and_the_last_sent_again() {
    let before = [back("A", 501, 101, 100), back("A", 601, 101, 100), to("A", 101, 701, 0)];
    aggregated("msdu-again", &before, &[(501, AGAIN), (701, DATA), (801, DATA), (601, AGAIN)]);
}
