//! Connections as rows, `-z tcpshake,conn.log` and `conn.json`: the format is Zeek's, every connection has a row, and what is in
//! it is what the fields say, or is counted a second time from Wireshark's own.

#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::capture::{back, datagram, frame, frame_with, to, write};
use support::docs::{page, section, table};
use support::{
    corpus_sample, merged, program, project, readable, tshark, tshark_fields, value_names, wireshark_version,
};

const LOG: [&str; 3] = ["-q", "-z", "tcpshake,conn.log"];
const JSON: [&str; 3] = ["-q", "-z", "tcpshake,conn.json"];

/// A row: the values by column, without those that are not known.
type Row = BTreeMap<String, String>;

/// Reads a log as zeek-cut does: the separator, the fields and what stands for nothing are those that the header names. There
/// is nothing between the header and the last line but rows.
fn read_log(text: &str) -> Vec<Row> {
    let header: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.split_once(['\t', ' ']).unwrap())
        .collect();
    assert_eq!(header["separator"], "\\x09");
    let fields: Vec<&str> = header["fields"].split('\t').collect();
    assert_eq!(header["types"].split('\t').count(), fields.len());
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let values: Vec<&str> = line.split('\t').collect();
        assert_eq!(values.len(), fields.len(), "{line}");
        let known = fields.iter().zip(values).filter(|(_, value)| *value != header["unset_field"]);
        known.map(|(field, value)| ((*field).into(), value.into())).collect()
    });
    rows.collect()
}

fn rows(capture: &Path) -> Vec<Row> {
    read_log(&tshark(capture, &LOG))
}

#[test]
fn the_header_is_zeeks() {
    let text = tshark(&project().join("tests/captures/http-get.pcap"), &LOG);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 10, "{text}");
    assert_eq!(
        lines[..6],
        [
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            "#path\tconn",
            "#open\t2026-11-22-13-57-53"
        ]
    );
    let zeeks = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state \
                 local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents";
    let types = "time string addr port addr port enum string interval count count string bool bool count string count \
                 count count count set[string]";
    let starts_with =
        |line: &str, head: &str, words: &str| line.starts_with(&format!("{head}\t{}\t", words.replace(' ', "\t")));
    assert!(starts_with(lines[6], "#fields", zeeks), "{}", lines[6]);
    assert!(starts_with(lines[7], "#types", types), "{}", lines[7]);
    let ours = lines[6].split('\t').skip(1 + zeeks.split(' ').count());
    assert!(ours.clone().count() > 5 && ours.clone().all(|name| name.starts_with("tcpshake.")));
    assert_eq!(lines[9], "#close\t2026-11-22-13-57-53");
    let documented: Vec<String> =
        table(section(&page("docs/fields.md"), "rows")).iter().map(|row| row[0].clone()).collect();
    let documented: Vec<&str> =
        documented.iter().flat_map(|names| names.split(", ")).map(|name| name.trim_matches('`')).collect();
    assert_eq!(lines[6].split('\t').skip(1).collect::<Vec<_>>(), documented, "docs/fields.md, \"Rows\"");
}

/// What tshark shows of a connection in a second pass, on its last segment, and what is counted over all of them.
#[derive(Default)]
struct Shown {
    first_frame: u32,
    times: Vec<i64>,
    last: Vec<Option<String>>,
    packets: [u64; 2],
    ip_bytes: [u64; 2],
    ends: BTreeSet<[String; 4]>,
    several: bool,
}

/// In microseconds, as Zeek counts.
fn micros(seconds: &str) -> i64 {
    let (whole, fraction) = seconds.split_once('.').unwrap();
    whole.parse::<i64>().unwrap() * 1_000_000 + fraction[..6].parse::<i64>().unwrap()
}

const SHOWN: [&str; 11] = [
    "tcpshake.conn_state",
    "tcpshake.history",
    "tcpshake.outcome",
    "tcpshake.completeness",
    "tcpshake.opening.duration",
    "tcpshake.opening.syn_count",
    "tcpshake.closing.kind",
    "tcpshake.closing.initiator",
    "tcpshake.verdict",
    "tcpshake.verdict.where",
    "tcpshake.verdict.certain",
];

/// Of each stream. Frames with several segments are left out of what is counted.
fn shown(capture: &Path) -> BTreeMap<u32, Shown> {
    const OTHERS: [&str; 12] = [
        "tcp.stream",
        "frame.time_epoch",
        "tcpshake.sender",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "tcp.srcport",
        "tcp.dstport",
        "ip.len",
        "ipv6.plen",
        "tcpshake",
    ];
    let fields: Vec<&str> = OTHERS.into_iter().chain(SHOWN).collect();
    let mut streams: BTreeMap<u32, Shown> = BTreeMap::new();
    for (frame, values) in tshark_fields(capture, true, &[], "tcpshake.phase", &fields) {
        let one = |index: usize| values[index].first().cloned();
        let plain = values.iter().all(|values| values.len() <= 1);
        for stream in &values[0] {
            let shown = streams.entry(stream.parse().unwrap()).or_default();
            if shown.first_frame == 0 {
                shown.first_frame = frame;
            }
            shown.several |= !plain;
            if !plain {
                continue;
            }
            shown.times.push(micros(&values[1][0]));
            shown.last = (OTHERS.len()..fields.len()).map(one).collect();
            let side = usize::from(one(2).as_deref() == Some("2"));
            shown.packets[side] += 1;
            let number = |index: usize| one(index).map(|text| text.parse::<u64>().unwrap());
            shown.ip_bytes[side] += number(9).or_else(|| Some(number(10)? + 40)).unwrap_or(0);
            let (source, destination) = (one(3).or(one(5)), one(4).or(one(6)));
            let mut ends = [source, one(7), destination, one(8)].map(Option::unwrap_or_default);
            if side == 1 {
                ends.rotate_left(2);
            }
            shown.ends.insert(ends);
        }
    }
    streams
}

/// Compares each row with the fields, and returns how many: not those with several segments in a frame. The lengths of packets only where they are `plain`: neither fragments nor segmentation
/// offload, which leaves the length out.
fn compare(capture: &Path, plain: bool) -> usize {
    let (rows, shown) = (rows(capture), shown(capture));
    let name = capture.display();
    let streams: Vec<u32> = rows.iter().map(|row| row["tcpshake.stream"].parse().unwrap()).collect();
    assert_eq!(streams, shown.keys().copied().collect::<Vec<_>>(), "{name}: every stream once, in order");
    let uids: BTreeSet<&String> = rows.iter().map(|row| &row["uid"]).collect();
    assert_eq!(uids.len(), rows.len(), "{name}");
    let [outcomes, kinds, verdicts, places] =
        ["tcpshake.outcome", "tcpshake.closing.kind", "tcpshake.verdict", "tcpshake.verdict.where"].map(value_names);
    let mut compared = 0;
    for (row, (stream, shown)) in rows.iter().zip(&shown) {
        let context = format!("{name}, stream {stream}");
        assert_eq!(row["tcpshake.first_frame"], shown.first_frame.to_string(), "{context}");
        if shown.several {
            continue;
        }
        let of = |column: &str| row.get(column).cloned();
        let expected: Vec<Option<String>> = vec![
            of("conn_state"),
            of("history"),
            of("tcpshake.outcome"),
            of("tcpshake.completeness"),
            of("tcpshake.opening_duration"),
            of("tcpshake.syn_count"),
            of("tcpshake.closing_kind"),
            of("tcpshake.closing_initiator"),
            of("tcpshake.verdict"),
            of("tcpshake.where"),
            of("tcpshake.certain"),
        ];
        let mut last = shown.last.clone();
        last[2] = last[2].as_ref().map(|number| outcomes[number].clone());
        last[6] = last[6].as_ref().map(|number| kinds[number].clone());
        last[7] = last[7].as_ref().map(|side| if side == "1" { "Client" } else { "Server" }.into());
        last[8] = last[8].as_ref().map(|number| verdicts[number].clone());
        last[9] = last[9].as_ref().map(|number| places[number].clone());
        last[10] = last[10].as_ref().map(|certain| if certain == "1" { "T" } else { "F" }.into());
        assert_eq!(expected, last, "{context}");
        compared += 1;
        let (first, last) = (shown.times.iter().min().unwrap(), shown.times.iter().max().unwrap());
        assert_eq!(micros(&row["ts"]), *first, "{context}");
        assert_eq!(row.get("duration").map_or(0, |text| micros(text)), last - first, "{context}");
        assert_eq!(row.contains_key("orig_bytes"), last > first, "{context}");
        let number = |column: &str| row[column].parse::<u64>().unwrap();
        assert_eq!([number("orig_pkts"), number("resp_pkts")], shown.packets, "{context}");
        if plain {
            assert_eq!([number("orig_ip_bytes"), number("resp_ip_bytes")], shown.ip_bytes, "{context}");
        }
        let ends = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"]
            .map(|column| row.get(column).cloned().unwrap_or_default());
        assert!(shown.ends.contains(&ends), "{context}: {ends:?} {:?}", shown.ends);
    }
    compared
}

#[test]
fn rows_say_what_the_fields_say() {
    let compared = compare(merged(), true);
    assert!(compared > 70, "{compared}");
}

#[test]
fn rows_say_what_the_fields_say_of_captures_from_elsewhere() {
    // One in eight of those that other tests take: the rows are compared in two passes, and over all their packets.
    for capture in corpus_sample().iter().step_by(8) {
        compare(capture, false);
    }
}

/// All of it but the `service` of a message that never ends: HTTP is called, wants more, and adds nothing to a tree. Wireshark then
/// takes it off the packet's list where there is a tree (`call_dissector_work` in `packet.c`; from 4.4 on without a tree too), and
/// with `-2` TCP, which knows by then that the rest does not come, does not call it again (`desegment_tcp` in `packet-tcp.c`).
#[test]
fn the_protocol_of_half_a_message_is_not_known_once_there_is_a_tree() {
    let ends = (([192, 0, 2, 1], 40000), ([192, 0, 2, 2], 80));
    let request = b"GET / HTTP/1.1\r\n";
    let frames = [
        frame(ends, &to("S", 1000, 0, 0), &[]),
        frame(ends, &back("SA", 5000, 1001, 0), &[]),
        frame_with(ends, &to("A", 1001, 5001, request.len()), &[], request),
    ];
    let capture = write("half-a-message.pcap", &frames);
    let service = |arguments: &[&str]| read_log(&tshark(&capture, arguments))[0].get("service").cloned();
    assert_eq!(service(&LOG).as_deref(), (wireshark_version() == "4.0").then_some("http"));
    assert_eq!(service(&["-q", "-z", "tcpshake,conn.log,tcp"]), None);
    assert_eq!(service(&["-2", "-q", "-z", "tcpshake,conn.log"]), None);
}

/// Of a capture whose messages all end.
#[test]
fn one_pass_prints_what_two_do() {
    for report in [LOG, JSON] {
        let twice: Vec<&str> = ["-2"].into_iter().chain(report).collect();
        assert_eq!(tshark(merged(), &report), tshark(merged(), &twice));
    }
}

#[test]
fn json_says_the_same_as_the_log() {
    let text = tshark(merged(), &JSON);
    let of_json = text.lines().map(|line| {
        let Value::Object(row) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
        row
    });
    let log = rows(merged());
    assert_eq!(log.len(), text.lines().count());
    for (json, log) in of_json.zip(log) {
        assert_eq!(json.keys().collect::<BTreeSet<_>>(), log.keys().collect());
        for (key, value) in &json {
            match value {
                Value::String(text) => assert_eq!(*text, log[key], "{key}"),
                Value::Number(number) if number.is_f64() => {
                    assert!((number.as_f64().unwrap() - log[key].parse::<f64>().unwrap()).abs() < 1e-6, "{key}");
                }
                Value::Bool(value) => assert_eq!(if *value { "T" } else { "F" }, log[key], "{key}"),
                other => assert_eq!(other.to_string(), log[key], "{key}"),
            }
        }
    }
}

#[test]
fn a_filter_chooses_whole_connections() {
    let all: BTreeMap<String, Row> = rows(merged()).into_iter().map(|row| (row["uid"].clone(), row)).collect();
    let reset = tshark_fields(merged(), false, &[], "tcp.flags.reset == 1 and !icmp and !icmpv6", &["tcp.stream"]);
    let reset: BTreeSet<String> = reset.values().map(|values| values[0][0].clone()).collect();
    let chosen = read_log(&tshark(merged(), &["-q", "-z", "tcpshake,conn.log,tcp.flags.reset == 1"]));
    assert!(chosen.len() > 10 && chosen.len() < all.len());
    assert_eq!(chosen.iter().map(|row| row["tcpshake.stream"].clone()).collect::<BTreeSet<_>>(), reset);
    for row in &chosen {
        assert_eq!(*row, all[&row["uid"]]);
    }
}

#[test]
fn a_filter_or_a_name_that_is_none_is_refused_with_a_message() {
    let capture = readable(&project().join("tests/captures/http-get.pcap"));
    for (report, expected) in [
        ("tcpshake,conn.json,no such field", "tcpshake,conn.json: "),
        ("tcpshake,conn.logs", "-z tcpshake,conn.log[,filter]"),
    ] {
        let output = program("tshark").arg("-r").arg(&capture).args(["-q", "-z", report]).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(expected), "{complaint}");
    }
}

#[test]
fn a_capture_without_tcp_has_a_header_and_no_rows() {
    let empty =
        write("no-tcp.pcap", &[datagram((([192, 0, 2, 1], 4000), ([192, 0, 2, 2], 5000)), true, 5000, b"hello")]);
    let text = tshark(&empty, &LOG);
    assert!(text.lines().count() == 9 && text.lines().all(|line| line.starts_with('#')), "{text}");
    assert_eq!(read_log(&text), Vec::<Row>::new());
    assert_eq!(tshark(&empty, &JSON), "");
}

/// A connection of IPv6, one whose payload is lost, and one without a SYN.
#[test]
fn rows_of_all_kinds_are_there() {
    let all = rows(merged());
    let count = |test: &dyn Fn(&Row) -> bool| all.iter().filter(|row| test(row)).count();
    assert!(count(&|row| row["id.orig_h"].contains(':')) > 0);
    assert!(count(&|row| row["missed_bytes"] != "0") > 0);
    assert!(count(&|row| row.get("service").is_some_and(|service| service == "http")) > 0);
    let ends = (([192, 0, 2, 1], 40000), ([192, 0, 2, 2], 80));
    let lines =
        [to("PA", 1000, 5000, 10), back("A", 5000, 1010, 0), to("PA", 1010, 5000, 10), back("A", 5000, 1020, 0)];
    let frames: Vec<Vec<u8>> = lines.iter().map(|line| frame(ends, line, &[])).collect();
    let midway = rows(&write("midway.pcap", &frames));
    assert_eq!((midway.len(), midway[0]["tcpshake.outcome"].as_str()), (1, "Opening not captured"));
    assert_eq!((midway[0]["orig_bytes"].as_str(), midway[0]["history"].as_str()), ("20", "Da"));
}

/// With `-M` tshark begins anew every so many frames: the log goes on under one header.
#[test]
fn rows_are_printed_before_their_connection_is_forgotten() {
    let captures: Vec<PathBuf> =
        ["refused", "refused-ipv6"].iter().map(|name| project().join(format!("tests/captures/{name}.pcap"))).collect();
    let joined = support::home().join("captures/two-after-the-other.pcapng");
    let mut command = program("mergecap");
    command.args(["-a", "-w"]).arg(&joined).args(captures.iter().map(|capture| readable(capture)));
    assert!(command.status().unwrap().success());
    let each: Vec<String> = captures.iter().flat_map(|capture| rows(capture)).map(|row| row["uid"].clone()).collect();
    let text = tshark(&joined, &["-M", "2", "-q", "-z", "tcpshake,conn.log"]);
    assert_eq!(read_log(&text).iter().map(|row| row["uid"].clone()).collect::<Vec<_>>(), each);
    assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 9, "{text}");
}
