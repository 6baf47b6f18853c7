//! However Wireshark comes to a TCP header, its segment is explained: every frame that has `tcp.stream` for a whole header has
//! `tcpshake.phase`, once for each.

#[path = "../support/mod.rs"]
mod support;

use pcap_file::DataLink;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::capture::{Line, Socket, conversation, datagram, exported, frame, frame_with};
use support::capture::{numbered, packet, segment, to, unreachable, write, write_link};
use support::sharkd::{Sharkd, all_fields};
use support::{home_with, names, plain, program, program_in, put};

const ENDS: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 7100));
const UDP_PORT: u16 = 5678;

/// The steps of a conversation.
const STEPS: [&str; 8] = ["SYN", "SYN-ACK", "Handshake ACK", "Data", "ACK", "First FIN", "Second FIN", "Last ACK"];

/// The connection in frames, each made from that of the plain Ethernet.
fn frames(from: impl Fn(&Line, Vec<u8>) -> Vec<u8>) -> Vec<Vec<u8>> {
    conversation(16).iter().map(|line| from(line, frame(ENDS, line, &[]))).collect()
}

/// Of one frame: the values of `tcp.stream`, of `tcpshake.phase` and of `tcpshake.step`.
#[derive(Debug, PartialEq)]
struct Seen {
    streams: Vec<String>,
    phases: Vec<String>,
    steps: Vec<String>,
}

const SEEN: [&str; 3] = ["tcp.stream", "tcpshake.phase", "tcpshake.step"];

impl Seen {
    fn of(mut values: impl FnMut(&str) -> Vec<String>) -> Seen {
        let [streams, phases, steps] = SEEN.map(&mut values);
        let steps = steps.iter().map(|step| names::step(step).to_owned()).collect();
        Seen { streams, phases, steps }
    }
}

/// All frames by tshark.
fn by_tshark(mut tshark: Command, capture: &Path, options: &[&str]) -> Vec<Seen> {
    tshark.arg("-r").arg(capture).args(["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"]).args(options);
    let output = tshark.args(SEEN.iter().flat_map(|field| ["-e", field])).output().expect("tshark runs");
    assert!(output.status.success(), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let seen = |line: &str| {
        let mut columns = line.split('\t');
        Seen::of(|_| columns.next().unwrap_or("").split(',').filter(|value| !value.is_empty()).map(plain).collect())
    };
    text.lines().map(seen).collect()
}

/// All frames by a sharkd with this home.
fn by_sharkd(home: &Path, capture: &Path) -> Vec<Seen> {
    let mut sharkd = Sharkd::of(program_in(home, "sharkd"));
    sharkd.load(capture);
    let frames = sharkd.frames();
    let mut seen = |number| {
        let values = all_fields(&mut sharkd, number);
        Seen::of(|field| values.get(field).cloned().unwrap_or_default())
    };
    (1..=frames).map(&mut seen).collect()
}

/// Looks at a capture in one pass and in two, with `options`, and in sharkd with the same written in its settings: a file of a
/// home, and its text.
fn in_every_way(name: &str, capture: &Path, options: &[&str], settings: (&str, &str)) -> Vec<(String, Vec<Seen>)> {
    let home = home_with(name, &[("tcpshake.so", &support::plugin_bytes())]);
    if !settings.0.is_empty() {
        put(&home, settings.0, settings.1);
    }
    vec![
        (format!("{name}, one pass"), by_tshark(program("tshark"), capture, options)),
        (format!("{name}, two passes"), by_tshark(program("tshark"), capture, &[&["-2"], options].concat())),
        (format!("{name}, settings"), by_tshark(program_in(&home, "tshark"), capture, &[])),
        (format!("{name}, sharkd"), by_sharkd(&home, capture)),
    ]
}

/// The connection is to be explained in every way, as over Ethernet and IP.
fn explained(name: &str, capture: &Path, options: &[&str], settings: (&str, &str)) {
    let mut complaints = Vec::new();
    for (way, seen) in in_every_way(name, capture, options, settings) {
        let streams: Vec<&[String]> = seen.iter().map(|seen| &seen.streams[..]).collect();
        assert_eq!(streams, [["0"]; 8], "{way}: Wireshark itself finds the segments");
        let found: Vec<&[String]> = seen.iter().map(|seen| &seen.steps[..]).collect();
        if found != STEPS.map(|step| [step]) || seen.iter().any(|seen| seen.phases.len() != 1) {
            complaints.push(format!("{way}: {found:?}"));
        }
    }
    assert!(complaints.is_empty(), "not the steps {STEPS:?}:\n{}", complaints.join("\n"));
}

fn decode_as(table: &str, value: u16) -> String {
    format!("decode_as_entry: {table},{value},(none),TCP\n")
}

const DECODE_AS: &str = ".config/wireshark/decode_as_entries";

#[test]
fn by_its_protocol_number() {
    explained("plain", &write("plain", &frames(|_, frame| frame)), &[], ("", ""));
}

#[test]
fn by_its_protocol_number_decoded_as_tcp() {
    let capture = write("decoded-6", &frames(|_, frame| frame));
    explained("decoded-6", &capture, &["-d", "ip.proto==6,tcp"], (DECODE_AS, &decode_as("ip.proto", 6)));
}

#[test]
fn by_another_protocol_number_decoded_as_tcp() {
    let capture = write("decoded-253", &frames(|_, frame| numbered(frame, 253)));
    explained("decoded-253", &capture, &["-d", "ip.proto==253,tcp"], (DECODE_AS, &decode_as("ip.proto", 253)));
}

fn in_udp(name: &str) -> PathBuf {
    write(name, &frames(|line, frame| datagram(ENDS, line.forward, UDP_PORT, segment(&frame))))
}

#[test]
fn in_udp_decoded_as_tcp() {
    let option = format!("udp.port=={UDP_PORT},tcp");
    explained("udp", &in_udp("udp"), &["-d", &option], (DECODE_AS, &decode_as("udp.port", UDP_PORT)));
}

#[test]
fn in_udp_by_preference() {
    let preference = format!("tcp.udp.port: {UDP_PORT}\n");
    let option = format!("tcp.udp.port:{UDP_PORT}");
    explained("preference", &in_udp("preference"), &["-o", &option], (".config/wireshark/preferences", &preference));
}

#[test]
fn as_the_payload_of_a_users_link() {
    let capture = write_link("link", DataLink::USER0, &frames(|_, frame| segment(&frame).to_vec()));
    let row = "\"User 0 (DLT=147)\",\"tcp\",\"0\",\"\",\"0\",\"\"";
    let option = format!("uat:user_dlts:{row}");
    explained("link", &capture, &["-o", &option], (".config/wireshark/user_dlts", &format!("{row}\n")));
}

#[test]
fn as_an_exported_packet() {
    let capture = write_link("exported", DataLink::WIRESHARK_UPPER_PDU, &frames(|line, _| exported(ENDS, line)));
    explained("exported", &capture, &[], ("", ""));
}

const PLUGIN_SCRIPT: &str = ".local/lib/wireshark/plugins/around.lua";

/// A Lua script whose dissector, on a port of UDP or TCP, hands everything to another dissector; and tshark's option for it.
fn script(table: &str, port: u16, dissector: &str) -> (String, String) {
    let text = format!(
        "local around = Proto('around', 'Around {dissector}')\n\
         function around.dissector(buffer, pinfo, tree) Dissector.get('{dissector}'):call(buffer, pinfo, tree) end\n\
         DissectorTable.get('{table}'):add({port}, around)\n"
    );
    let option = format!("lua_script:{}", support::publish(&format!("{dissector}.lua"), text.as_bytes()).display());
    (text, option)
}

#[test]
fn by_a_lua_script() {
    let (text, option) = script("udp.port", UDP_PORT, "tcp");
    explained("lua", &in_udp("lua"), &["-X", &option], (PLUGIN_SCRIPT, &text));
}

/// A connection inside another's payload.
#[test]
fn each_of_two_in_a_tunnel() {
    let outer = (([198, 51, 100, 1], 50001), ([198, 51, 100, 2], 5555));
    let mut numbers = [1000, 2000]; // of the outer connection
    let lines = conversation(16);
    let frames: Vec<Vec<u8>> = lines
        .iter()
        .map(|line| {
            let inner = frame(ENDS, line, &[]);
            let seq = &mut numbers[usize::from(line.forward)];
            let around = Line { flags: "PA", seq: *seq, ack: 1, ..line.clone() };
            *seq += packet(&inner).len() as u32;
            frame_with(outer, &around, &[], packet(&inner))
        })
        .collect();
    let capture = write("tunnel", &frames);
    let (text, option) = script("tcp.port", outer.1.1, "ip");
    for (way, seen) in in_every_way("tunnel", &capture, &["-X", &option], (PLUGIN_SCRIPT, &text)) {
        assert_eq!(seen.len(), frames.len(), "{way}");
        for (seen, step) in seen.iter().zip(STEPS) {
            assert_eq!(seen.streams, ["0", "1"], "{way}: {seen:?}");
            assert_eq!(seen.phases.len(), 2, "{way}: {seen:?}");
            assert_eq!(seen.steps[1], step, "{way}: {seen:?}");
        }
    }
}

/// What an ICMP error quotes is no segment, however much of it there is.
#[test]
fn nothing_in_an_icmp_error() {
    let syn = to("S", 100, 0, 0);
    let capture = write("quoted", &[frame(ENDS, &syn, &[]), unreachable(ENDS, &syn, 8), unreachable(ENDS, &syn, 20)]);
    for (way, seen) in in_every_way("quoted", &capture, &[], ("", "")) {
        assert_eq!(seen.iter().map(|seen| seen.phases.len()).collect::<Vec<_>>(), [1, 0, 0], "{way}: {seen:?}");
        assert_eq!(seen[2].streams.len(), 1, "{way}: Wireshark itself dissects the quoted header");
    }
}
