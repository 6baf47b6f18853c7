//! What Wireshark does beside the plugin it does as without it, though a dissector of the plugin's stands in front of TCP's.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::capture::{Socket, back, frame, to, write};

const ENDS: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 80));

/// The same frame with an authentication header (RFC 4302, 2) between IP and TCP.
fn authenticated(frame: &[u8]) -> Vec<u8> {
    const TCP: u8 = 6;
    const AH: u8 = 51;
    let (before, tcp) = frame.split_at(14 + 20);
    // The length in words of 32 bits, less two; the index; the number; twelve bytes that would prove it.
    let header = [TCP, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let mut bytes = [before, &header, tcp].concat();
    let length = (bytes.len() - 14) as u16;
    bytes[16..18].copy_from_slice(&length.to_be_bytes());
    bytes[23] = AH;
    bytes
}

/// The packets that tshark exports from inside IPsec: their layers, their lengths, and what is said on stderr.
fn exported(mut tshark: Command, capture: &Path, name: &str) -> (String, String) {
    let file = support::home().join("captures").join(name);
    let output = tshark.args(["-U", "OSI layer 3", "-r"]).arg(capture).arg("-w").arg(&file).output().unwrap();
    let mut read = support::bare_program("tshark");
    let told =
        read.args(["-T", "fields", "-e", "frame.protocols", "-e", "frame.len", "-r"]).arg(&file).output().unwrap();
    let _ = fs::remove_file(file);
    (String::from_utf8(told.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn packets_inside_ipsec_are_exported() {
    let lines = [to("S", 100, 0, 0), back("SA", 500, 101, 0), to("A", 101, 501, 0)];
    let frames: Vec<Vec<u8>> = lines.iter().map(|line| authenticated(&frame(ENDS, line, &[]))).collect();
    let capture = write("authenticated", &frames);
    let phases = support::tshark(&capture, &["-Y", "tcpshake", "-T", "fields", "-e", "tcpshake.phase"]);
    assert_eq!(phases, "1\n1\n1\n");
    let (bare, said) = exported(support::bare_program("tshark"), &capture, "bare.pcapng");
    assert_eq!(bare.lines().count(), lines.len(), "{said}");
    assert_eq!(exported(support::program("tshark"), &capture, "with.pcapng"), (bare, said));
}

/// Where nobody looks at the tree, only the fields that are asked for are in it, still below the protocol.
#[test]
fn the_protocol_hierarchy_has_protocols_only() {
    let capture = support::recorded().into_iter().find(|path| path.ends_with("refused.pcap")).unwrap();
    let capture = support::readable(&capture);
    let told = support::tshark(&capture, &["-q", "-z", "io,phs", "-Y", "tcpshake.phase == 1 || tcpshake.phase == 3"]);
    assert!(told.contains("tcp  "), "{told}");
    assert!(!told.contains("tcpshake."), "{told}");
}
