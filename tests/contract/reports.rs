//! The statistics, the story and the flow graph against the fields of the same capture: what they show is counted, or put
//! together, a second time from what `tshark -T fields` prints.

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::sharkd::Sharkd;
use support::{LANGUAGES, merged, program, project, tshark, tshark_fields, value_names};
use unicode_width::UnicodeWidthStr;

/// What a stream's last segment shows of the whole connection, in a second pass.
struct Connection {
    outcome: String,
    closing: Option<String>,
    initiator: Option<String>,
    syns: String,
    syn_acks: String,
    milliseconds: Option<f64>,
    server: String,
    agrees: bool,
    verdict: String,
}

fn connections(capture: &Path) -> BTreeMap<u32, Connection> {
    const FIELDS: [&str; 14] = [
        "tcp.stream",
        "tcpshake.outcome",
        "tcpshake.closing.kind",
        "tcpshake.closing.initiator",
        "tcpshake.opening.syn_count",
        "tcpshake.opening.syn_ack_count",
        "tcpshake.opening.duration",
        "tcpshake.completeness.agrees",
        "tcpshake.sender",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "tcpshake.verdict",
    ];
    let mut found = BTreeMap::new();
    let ports = tshark_fields(capture, true, &[], "tcpshake.phase", &["tcp.srcport", "tcp.dstport"]);
    for (frame, values) in tshark_fields(capture, true, &[], "tcpshake.phase", &FIELDS) {
        let first = |index: usize| values[index].first().cloned();
        let from_client = first(8).as_deref() == Some("1");
        let (v4, v6) = if from_client { (10, 12) } else { (9, 11) };
        let port = &ports[&frame][usize::from(from_client)][0];
        let server = match first(v4) {
            Some(address) => format!("{address}:{port}"),
            None => format!("[{}]:{port}", first(v6).unwrap()),
        };
        found.insert(
            first(0).unwrap().parse().unwrap(),
            Connection {
                outcome: first(1).unwrap(),
                closing: first(2),
                initiator: first(3),
                syns: first(4).unwrap(),
                syn_acks: first(5).unwrap(),
                milliseconds: first(6).map(|seconds| seconds.parse::<f64>().unwrap() * 1000.0),
                server,
                verdict: first(13).unwrap(),
                agrees: first(7).as_deref() == Some("1"),
            },
        );
    }
    found
}

/// Lines of the statistics with their counts: the titles of the lines above, and the line's own, joined by `/`.
type Counts = BTreeMap<String, u64>;

/// The counts as `tshark -z tcpshake,tree` prints them; lines are indented by a space for each level.
fn printed(text: &str) -> Counts {
    let mut above: Vec<&str> = Vec::new();
    let mut counts = Counts::new();
    for line in text.lines().skip_while(|line| !line.starts_with("Connections")) {
        let level = line.len() - line.trim_start().len();
        let Some((title, rest)) = line.trim_start().split_once("  ") else { continue };
        let Some(Ok(count)) = rest.split_whitespace().next().map(str::parse) else { continue };
        above.truncate(level);
        above.push(title);
        counts.insert(above.join("/"), count);
    }
    counts
}

/// The same from sharkd's answer.
fn answered(lines: &Value, above: &str, counts: &mut Counts) {
    for line in lines.as_array().into_iter().flatten() {
        let title = format!("{above}{}", line["name"].as_str().unwrap());
        counts.insert(title.clone(), line["count"].as_u64().unwrap());
        answered(&line["sub"], &format!("{title}/"), counts);
    }
}

/// What the statistics have to say, counted from the fields.
fn recounted(connections: &BTreeMap<u32, Connection>) -> Counts {
    let outcomes = value_names("tcpshake.outcome");
    let kinds = value_names("tcpshake.closing.kind");
    let verdicts = value_names("tcpshake.verdict");
    let times = |count: &str| match count {
        "0" => "none captured".into(),
        "1" => "once".into(),
        "2" => "twice".into(),
        more => format!("{more} times"),
    };
    let mut counts = Counts::new();
    let mut add = |path: String| *counts.entry(path).or_default() += 1;
    for connection in connections.values() {
        add("Connections".into());
        let outcome = &outcomes[&connection.outcome];
        let mut under = |heading: &str, line: String| {
            add(format!("Connections/{heading}"));
            add(format!("Connections/{heading}/{line}"));
        };
        under("Outcome", outcome.clone());
        under("Verdict", verdicts[&connection.verdict].clone());
        if let Some(kind) = &connection.closing {
            under("Closing", kinds[kind].clone());
        }
        under("SYNs sent", times(&connection.syns));
        under("SYN-ACKs sent", times(&connection.syn_acks));
        under("Servers", connection.server.clone());
        under(
            "Completeness",
            if connection.agrees { "Agrees with Wireshark's" } else { "Differs, for a known reason" }.into(),
        );
        if let Some(side) = &connection.initiator {
            under("Closed first by", if side == "1" { "Client" } else { "Server" }.into());
        }
        if let Some(milliseconds) = connection.milliseconds {
            let range = match milliseconds {
                ..1.0 => "below 1",
                ..10.0 => "1 to 10",
                ..100.0 => "10 to 100",
                ..1000.0 => "100 to 1000",
                _ => "1000 and more",
            };
            under("Opening time (ms)", range.into());
            add(format!("Connections/Servers/{}/Opening time (ms)", connection.server));
        }
        let fate = match outcome.as_str() {
            "No answer" | "Refused" | "Unreachable" | "Half-open" => "Failed to open",
            "Aborted by client" | "Aborted by server" => "Aborted",
            "Opening not captured" | "In progress" => continue,
            _ => "Opened and not aborted",
        };
        add(format!("Connections/Servers/{}/{fate}", connection.server));
    }
    counts
}

/// Lines that count something: which lines show a zero depends on what was passed through on the way.
fn not_zero(counts: Counts) -> Counts {
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn the_statistics_count_what_the_fields_say() {
    let capture = merged();
    let expected = recounted(&connections(capture));
    assert!(expected["Connections"] > 60 && expected.len() > 40, "{expected:?}");
    let one_pass = tshark(capture, &["-q", "-z", "tcpshake,tree"]);
    let two_passes = tshark(capture, &["-2", "-q", "-z", "tcpshake,tree"]);
    let mut sharkd = Sharkd::start();
    sharkd.load(capture);
    let answer = sharkd.ask("tap", json!({ "tap0": "stat:tcpshake" }));
    let mut of_sharkd = Counts::new();
    answered(&answer["taps"][0]["stats"], "", &mut of_sharkd);
    for (way, counts) in [("one pass", printed(&one_pass)), ("two passes", printed(&two_passes)), ("sharkd", of_sharkd)]
    {
        assert_eq!(not_zero(counts), expected, "{way}");
    }
}

#[test]
fn the_statistics_show_the_least_average_and_greatest_opening_time() {
    let capture = merged();
    let times: Vec<f64> = connections(capture).values().filter_map(|connection| connection.milliseconds).collect();
    let text = tshark(capture, &["-q", "-z", "tcpshake,tree"]);
    let line = text.lines().find(|line| line.starts_with(" Opening time (ms)")).unwrap();
    let shown: Vec<f64> =
        line.split("(ms)").nth(1).unwrap().split_whitespace().take(4).map(|n| n.parse().unwrap()).collect();
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = times.iter().copied().fold(0.0, f64::max);
    let average = times.iter().sum::<f64>() / times.len() as f64;
    for (shown, expected) in shown.iter().zip([times.len() as f64, average, least, greatest]) {
        assert!((shown - expected).abs() <= expected * 0.001, "{shown} where {expected} was expected: {line}");
    }
}

#[test]
fn a_filter_of_the_statistics_chooses_what_is_counted() {
    let text = tshark(merged(), &["-2", "-q", "-z", "tcpshake,tree,tcpshake.outcome == \"Refused\""]);
    let counts = printed(&text);
    let refused = counts["Connections/Outcome/Refused"];
    assert!(refused > 3, "{text}");
    assert_eq!(counts["Connections"], refused);

    // Nothing of a close passes, and yet it is counted.
    let capture = project().join("tests/captures/http-get.pcap");
    let of_syns = printed(&tshark(&capture, &["-2", "-q", "-z", "tcpshake,tree,tcp.flags.syn == 1"]));
    assert_eq!(not_zero(of_syns), recounted(&connections(&capture)));
}

/// The stories in a report, by stream number.
fn stories(text: &str) -> BTreeMap<u32, String> {
    text.split("\n\n")
        .filter_map(|story| {
            let number = story.trim_start().strip_prefix("tcp.stream ")?.split(':').next()?;
            Some((number.parse().unwrap(), story.to_owned()))
        })
        .collect()
}

#[test]
fn a_story_has_the_dialogue_of_every_segment_that_opens_or_closes() {
    let capture = merged();
    for language in LANGUAGES {
        let option = format!("tcpshake.language:{language}");
        let text = tshark(capture, &["-q", "-z", "tcpshake,story", "-o", &option]);
        let stories = stories(&text);
        let streams: BTreeSet<u32> = connections(capture).keys().copied().collect();
        assert_eq!(stories.keys().copied().collect::<BTreeSet<_>>(), streams);
        // Words without the breaks between lines.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = tshark_fields(
            capture,
            true,
            &[&option],
            // A story leaves out what was captured again.
            "(tcpshake.phase == \"Opening\" or tcpshake.step in {17, 18, 19, 21, 23}) and not tcpshake.step == 34",
            &["tcp.stream", "tcpshake.dialogue", "tcpshake.step"],
        );
        assert!(said.len() > 200);
        for (frame, values) in said {
            let story = words(&stories[&values[0][0].parse().unwrap()]);
            // Its relative numbers are announced where they begin there: it has no lines of the data.
            let speech = values[1][0].split_once(" : ").unwrap().1.trim_end_matches('"');
            let speech =
                speech.split(" (Relative").next().and_then(|speech| speech.split(" (여기부터").next()).unwrap();
            assert!(story.contains(&words(speech)), "frame {frame}: {speech} is missing in\n{story}");
        }
    }
}

#[test]
fn a_story_keeps_its_columns_straight() {
    for language in LANGUAGES {
        let text = tshark(merged(), &["-q", "-z", "tcpshake,story", "-o", &format!("tcpshake.language:{language}")]);
        let arrows: Vec<&str> =
            text.lines().filter(|line| line.contains("---") && !line.starts_with("tcp.stream")).collect();
        assert!(arrows.len() > 300);
        for line in text.lines() {
            assert!(line.width() <= 110, "{} columns: {line}", line.width());
        }
        for line in arrows {
            let start = line.find("-- ").into_iter().chain(line.find("<-")).min().unwrap();
            assert_eq!(line[..start].width(), 23, "{line}");
            let end = line.find(">  ").map(|at| at + 1).or_else(|| line.find(" --  ").map(|at| at + 3)).unwrap();
            assert_eq!(line[..end].width(), 23 + 32, "{line}");
        }
    }
}

#[test]
fn a_story_counts_the_data_of_each_direction() {
    let capture = project().join("tests/captures/http-get.pcap");
    let text = tshark(&capture, &["-q", "-z", "tcpshake,story"]);
    for (side, port) in [("->", "tcp.dstport"), ("<-", "tcp.srcport")] {
        let lengths = tshark_fields(&capture, false, &[], &format!("{port} == 80 and tcp.len > 0"), &["tcp.len"]);
        let bytes: u64 = lengths.values().map(|values| values[0][0].parse::<u64>().unwrap()).sum();
        let plural = if lengths.len() == 1 { "" } else { "s" };
        let expected = format!("{bytes} bytes in {} segment{plural}", lengths.len());
        let line = text.lines().find(|line| line.contains(" data ") && line.contains(side)).unwrap();
        assert!(line.ends_with(&expected), "{line:?} does not end with {expected:?}");
    }
}

#[test]
fn a_filter_of_the_story_chooses_whole_connections() {
    let capture = merged();
    let all = stories(&tshark(capture, &["-q", "-z", "tcpshake,story"]));
    let chosen = stories(&tshark(capture, &["-q", "-z", "tcpshake,story,tcp.flags.reset == 1"]));
    let reset: BTreeSet<u32> =
        tshark_fields(capture, false, &[], "tcp.flags.reset == 1 and !icmp and !icmpv6", &["tcp.stream"])
            .values()
            .map(|values| values[0][0].parse().unwrap())
            .collect();
    assert!(reset.len() > 10 && reset.len() < all.len());
    assert_eq!(chosen.keys().copied().collect::<BTreeSet<_>>(), reset);
    for (stream, story) in &chosen {
        assert_eq!(story.trim(), all[stream].trim());
    }
}

/// With `-M` tshark begins anew every so many frames: here with each connection.
#[test]
fn a_story_is_printed_before_its_connection_is_forgotten() {
    let captures =
        ["refused", "refused-ipv6", "refused"].map(|name| project().join(format!("tests/captures/{name}.pcap")));
    let joined = support::home().join("captures/one-after-the-other.pcapng");
    let mut command = program("mergecap");
    command.args(["-a", "-w"]).arg(&joined).args(captures.each_ref().map(|capture| support::readable(capture)));
    assert!(command.status().unwrap().success());
    let each = captures.map(|capture| tshark(&capture, &["-q", "-z", "tcpshake,story"]));
    assert_eq!(tshark(&joined, &["-M", "2", "-q", "-z", "tcpshake,story"]), each.concat());
}

#[test]
fn a_filter_that_is_none_is_refused_with_a_message() {
    let capture = support::readable(&project().join("tests/captures/http-get.pcap"));
    for (report, expected) in
        [("tcpshake,story,no such field", "tcpshake,story: "), ("tcpshake,storytcp", "-z tcpshake,story[,filter]")]
    {
        let output = program("tshark").arg("-r").arg(&capture).args(["-q", "-z", report]).output().unwrap();
        assert!(!output.status.success());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(expected), "{complaint}");
    }
}

#[test]
fn the_flow_graph_has_an_arrow_for_every_segment_of_a_handshake() {
    let capture = project().join("tests/captures/http-get.pcap");
    let said = tshark_fields(
        &capture,
        true,
        &[],
        "tcpshake.phase == \"Opening\" or tcpshake.phase == \"Closing\"",
        &["tcpshake.dialogue"],
    );
    let speeches: Vec<String> = said.values().map(|v| v[0][0].split('"').nth(1).unwrap().to_owned()).collect();
    assert_eq!(speeches.len(), 6);
    let text = tshark(&capture, &["-q", "-z", "flow,tcpshake,standard"]);
    let mut sharkd = Sharkd::start();
    sharkd.load(&capture);
    let answer = sharkd.ask("tap", json!({ "tap0": "seqa:tcpshake" }));
    let flows = answer["taps"][0]["flows"].as_array().unwrap();
    assert_eq!(flows.len(), speeches.len());
    for (speech, flow) in speeches.iter().zip(flows) {
        assert!(text.contains(speech.as_str()), "{speech} is missing in\n{text}");
        let comment = flow["c"].as_str().unwrap();
        assert!(comment.ends_with(&format!(": {speech}")), "{comment}");
    }
    assert!(text.contains("SYN 3315539299 ") && text.contains("SYN-ACK 18384334, "), "{text}");
    assert_eq!((&flows[0]["n"], &flows[0]["pn"]), (&json!([0, 1]), &json!([40000, 80])));
}

/// *Analyze > Follow > TCP Handshake Stream*, which the window offers as sharkd does: for a frame that has our protocol.
#[test]
fn what_the_two_ends_say_can_be_followed() {
    let capture = project().join("tests/captures/http-get.pcap");
    let phases = "tcpshake.phase == \"Opening\" or tcpshake.phase == \"Closing\"";
    let said = tshark_fields(&capture, true, &[], phases, &["tcpshake.dialogue", "ip.src"]);
    assert_eq!(said.len(), 6);
    let text = tshark(&capture, &["-q", "-z", "follow,tcpshake,ascii,0"]);
    let from = |name: &str| text.find(&format!("{name}: 192.0.2.")).unwrap();
    assert!(from("Node 0") < from("Node 1") && text.contains("Node 0: 192.0.2.1:40000"), "{text}");
    let mut lines = text.lines();
    for values in said.values() {
        let speech = format!(": {}", values[0][0].split('"').nth(1).unwrap());
        // tshark writes how long each is, the server's behind a tab.
        let length = lines.find(|line| line.trim().parse::<usize>().is_ok()).unwrap();
        assert_eq!(length.starts_with('\t'), values[1][0] == "192.0.2.2", "{text}");
        assert!(lines.next().unwrap().ends_with(&speech), "{speech} is missing in\n{text}");
    }
    let mut sharkd = Sharkd::start();
    sharkd.load(&capture);
    let frame = sharkd.ask("frame", json!({ "frame": 2 }));
    let filter = &json!("tcp.stream eq 0");
    let offered = frame["fol"].as_array().unwrap();
    assert!(offered.iter().any(|follow| (&follow[0], &follow[1]) == (&json!("TCP Handshake"), filter)), "{frame}");
    let answer = sharkd.ask("follow", json!({ "follow": "TCP Handshake", "filter": filter }));
    assert_eq!((&answer["chost"], &answer["sport"]), (&json!("192.0.2.1"), &json!("80")));
    let frames = answer["payloads"].as_array().unwrap().iter().map(|payload| payload["n"].as_u64().unwrap());
    assert_eq!(frames.collect::<Vec<_>>(), said.keys().map(|frame| u64::from(*frame)).collect::<Vec<_>>());
}

/// Wireshark shows bytes as ASCII unless it is told otherwise.
#[test]
fn korean_that_is_followed_says_how_to_show_it() {
    let capture = project().join("tests/captures/http-get.pcap");
    let text = tshark(&capture, &["-q", "-o", "tcpshake.language:ko", "-z", "follow,tcpshake,ascii,0"]);
    assert_eq!(text.matches("(Show as UTF-8)\nSYN: ").count(), 1, "{text}");
}
