//! Every capture at hand, the recorded ones and those of other projects, in all three ways of looking.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use support::parallel::for_each_capture;
use support::{Values, Way, corpus_sample, fields, oracle, recorded};

fn all_captures() -> Vec<PathBuf> {
    let mut captures = recorded();
    captures.extend(corpus_sample());
    captures
}

/// A segment as tshark's own fields show it.
struct Segment {
    frame: u32,
    stream: u32,
    facts: oracle::Facts,
}

/// What Wireshark's own fields say of a segment.
const WIRESHARKS: [&str; 19] = [
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "tcp.urgent_pointer",
    "tcp.completeness",
    "tcp.analysis.initial_rtt",
    "tcp.analysis.retransmission",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission",
    "frame.time_epoch",
    "tcp.analysis.keep_alive",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
];

/// Our fields that are the same in every pass.
const SAME: [&str; 8] = [
    "tcpshake.phase",
    "tcpshake.step",
    "tcpshake.sender",
    "tcpshake.sender.assumed",
    "tcpshake.client.state",
    "tcpshake.server.state",
    "tcpshake.completeness.so_far",
    "tcpshake.narration",
];

/// Our fields about the connection.
const CONNECTION: [&str; 11] = [
    "tcpshake.opening.duration",
    "tcpshake.opening.syn_frame",
    "tcpshake.opening.ack_frame",
    "tcpshake.opening.syn_count",
    "tcpshake.outcome",
    "tcpshake.closing.kind",
    "tcpshake.opening.unreachable_frame",
    "tcpshake.completeness",
    "tcpshake.completeness.agrees",
    "tcpshake.completeness.diff",
    "tcpshake.completeness.reason",
];

/// A frame, with its values by the fields' names.
struct Row<'a>(&'a Values, &'a [&'a str]);

impl Row<'_> {
    fn all(&self, field: &str) -> &[String] {
        &self.0[self.1.iter().position(|name| *name == field).unwrap()]
    }

    /// The value, if there is just one.
    fn one(&self, field: &str) -> Option<&str> {
        match self.all(field) {
            [value] => Some(value),
            _ => None,
        }
    }

    fn number(&self, field: &str) -> Option<u32> {
        self.one(field)?.parse().ok()
    }

    /// The frame's segment, if it has one TCP header and that is in a packet of the connection: Wireshark gives a length
    /// only to those.
    fn segment(&self, frame: u32) -> Option<Segment> {
        let address = |v4: &str, v6: &str| self.all(v4).last().or(self.all(v6).last()).cloned();
        let from = (address("ip.src", "ipv6.src")?, self.number("tcp.srcport")?);
        let to = (address("ip.dst", "ipv6.dst")?, self.number("tcp.dstport")?);
        let facts = oracle::Facts {
            first: from < to,
            flags: u16::from_str_radix(self.one("tcp.flags")?.trim_start_matches("0x"), 16).ok()?,
            seq: self.number("tcp.seq_raw")?,
            ack: self.number("tcp.ack_raw")?,
            len: self.number("tcp.len")?,
        };
        Some(Segment { frame, stream: self.number("tcp.stream")?, facts })
    }

    /// How many whole segments the frame has, by Wireshark's fields: a length, and a header up to the urgent pointer.
    fn whole_segments(&self) -> usize {
        self.all("tcp.len").len().min(self.all("tcp.urgent_pointer").len())
    }
}

#[test]
fn every_capture_in_every_way() {
    let ours: Vec<&str> = SAME.iter().chain(&CONNECTION).copied().collect();
    let all: Vec<&str> = ours.iter().chain(&WIRESHARKS).copied().collect();
    for_each_capture(&all_captures(), |capture| {
        let once = fields(capture, Way::OnePass, &[], &ours);
        let sharkd = fields(capture, Way::Sharkd, &[], &ours);
        // All frames with TCP, so that one without our tree is noticed.
        let twice = support::tshark_fields(capture, true, &[], "tcp", &all);

        let mut complaints = Vec::new();
        for (way, rows, names) in
            [(Way::OnePass, &once, &ours), (Way::TwoPasses, &twice, &all), (Way::Sharkd, &sharkd, &ours)]
        {
            let rows: BTreeMap<u32, Row> = rows.iter().map(|(&frame, values)| (frame, Row(values, names))).collect();
            complaints.extend(contradictions(&rows).map(|complaint| format!("{way:?} {complaint}")));
            complaints.extend(differences_from(&once, &rows, &ours).map(|complaint| format!("{way:?} {complaint}")));
        }
        let twice: BTreeMap<u32, Row> = twice.iter().map(|(&frame, values)| (frame, Row(values, &all))).collect();
        complaints.extend(without_phase(&twice));
        complaints.extend(against_the_rules(&twice));
        complaints.extend(wrong_differences(&twice));
        complaints.extend(against_the_initial_rtt(&twice));
        complaints.extend(against_the_retransmissions(&twice));
        complaints
    });
}

/// Frames that show something else than in one pass.
fn differences_from<'a>(
    once: &'a BTreeMap<u32, Values>,
    rows: &'a BTreeMap<u32, Row<'a>>,
    names: &'a [&'a str],
) -> impl Iterator<Item = String> + 'a {
    let shown = rows.iter().filter(|(_, row)| !row.all("tcpshake.phase").is_empty());
    let lost = once.keys().filter(|frame| !rows.contains_key(frame)).map(|frame| format!("frame {frame} is not shown"));
    shown
        .filter(|(frame, row)| {
            once.get(frame).is_none_or(|first| SAME.iter().any(|name| Row(first, names).all(name) != row.all(name)))
        })
        .map(|(frame, row)| format!("frame {frame} shows something else than in one pass: {:?}", row.0))
        .chain(lost)
}

/// Differences from Wireshark's completeness without a reason, and values that contradict each other.
fn contradictions<'a>(rows: &'a BTreeMap<u32, Row<'a>>) -> impl Iterator<Item = String> + 'a {
    rows.iter().filter_map(|(frame, row)| {
        let [reasons, diffs, agrees] =
            ["reason", "diff", "agrees"].map(|name| row.all(&format!("tcpshake.completeness.{name}")));
        let bits: u32 = diffs.iter().map(|diff| diff.parse::<u32>().unwrap().count_ones()).sum();
        let sound = bits as usize == reasons.len()
            && agrees.iter().zip(diffs).all(|(agrees, diff)| (agrees == "1") == (diff == "0"))
            && reasons.iter().all(|reason| reason != "unexplained");
        (!sound).then(|| format!("frame {frame}: difference {diffs:?}, agrees {agrees:?}, reasons {reasons:?}"))
    })
}

/// Frames with more or fewer of our trees than segments.
fn without_phase<'a>(rows: &'a BTreeMap<u32, Row<'a>>) -> impl Iterator<Item = String> + 'a {
    rows.iter().filter_map(|(frame, row)| {
        let (phases, segments) = (row.all("tcpshake.phase").len(), row.whole_segments());
        (phases != segments).then(|| format!("frame {frame}: {phases} phases for {segments} segments"))
    })
}

/// Values of completeness that are not what the rules give on Wireshark's own fields.
fn against_the_rules(rows: &BTreeMap<u32, Row>) -> Vec<String> {
    // Streams with a frame of several TCP headers are left out: the fields do not say which value belongs to which.
    let mixed: Vec<&String> =
        rows.values().map(|row| row.all("tcp.stream")).filter(|s| s.len() > 1).flatten().collect();
    let mut streams: HashMap<u32, Vec<Segment>> = HashMap::new();
    for (&frame, row) in rows {
        if let Some(segment) = row.segment(frame).filter(|_| row.all("tcpshake.phase").len() == 1) {
            streams.entry(segment.stream).or_default().push(segment);
        }
    }
    let mut complaints = Vec::new();
    for (stream, segments) in streams.iter().filter(|(stream, _)| !mixed.contains(&&stream.to_string())) {
        let facts: Vec<oracle::Facts> = segments.iter().map(|segment| segment.facts).collect();
        let mut compare = |frame: u32, field: &str, by_rules: u8| {
            let shown = rows[&frame].number(field);
            if shown != Some(by_rules.into()) {
                complaints.push(format!("stream {stream} frame {frame}: {field} {shown:?}, by the rules {by_rules}"));
            }
        };
        for (index, segment) in segments.iter().enumerate() {
            compare(segment.frame, "tcpshake.completeness.so_far", oracle::completeness(&facts[..=index]));
        }
        let frame = segments[0].frame;
        compare(frame, "tcpshake.completeness", oracle::completeness(&facts));
    }
    complaints
}

/// Differences that are not the difference from the value which Wireshark shows beside ours.
fn wrong_differences<'a>(rows: &'a BTreeMap<u32, Row<'a>>) -> impl Iterator<Item = String> + 'a {
    rows.iter().filter_map(|(frame, row)| {
        let values = ["tcp.completeness", "tcpshake.completeness", "tcpshake.completeness.diff"].map(|f| row.number(f));
        let [Some(wiresharks), Some(ours), Some(diff)] = values else { return None };
        (ours ^ wiresharks != diff).then(|| format!("frame {frame}: {ours} XOR {wiresharks} is not {diff}"))
    })
}

/// Openings whose duration differs from Wireshark's `tcp.analysis.initial_rtt` without a reason.
///
/// Wireshark measures from the latest SYN to the first segment of the stream that has ACK and no SYN, whoever sent it and
/// whatever it acknowledges, and once more while that makes no time at all; `opening.duration` from the first SYN to the ACK
/// that completes the handshake.
fn against_the_initial_rtt(rows: &BTreeMap<u32, Row>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut streams: HashMap<u32, Vec<(u32, &Row)>> = HashMap::new();
    for (&frame, row) in rows {
        if let Some(stream) = row.number("tcp.stream") {
            streams.entry(stream).or_default().push((frame, row));
        }
    }
    for (stream, rows) in streams {
        let seconds = |field: &str| rows.iter().find_map(|(_, row)| row.one(field)).and_then(|s| s.parse::<f64>().ok());
        let (Some(rtt), Some(duration)) = (seconds("tcp.analysis.initial_rtt"), seconds("tcpshake.opening.duration"))
        else {
            continue;
        };
        let flags =
            |row: &Row| row.one("tcp.flags").and_then(|f| u16::from_str_radix(f.trim_start_matches("0x"), 16).ok());
        let first_ack =
            rows.iter().find(|(_, row)| flags(row).is_some_and(|f| f & (oracle::SYN | oracle::ACK) == oracle::ACK));
        let syn_repeated = rows[0].1.number("tcpshake.opening.syn_count") != Some(1);
        let other_ack = first_ack.map(|(frame, _)| *frame) != rows[0].1.number("tcpshake.opening.ack_frame");
        let no_time = duration == 0.0;
        // Wireshark takes a packet that was captured again for another SYN or SYN-ACK.
        let again = rows.iter().any(|(_, row)| row.number("tcpshake.step") == Some(34));
        if (rtt - duration).abs() > 1e-9 && !syn_repeated && !other_ack && !no_time && !again {
            complaints.push(format!("stream {stream}: opening took {duration}, Wireshark's initial RTT is {rtt}"));
        }
    }
    complaints
}

/// Segments whose step is a retransmission and that Wireshark does not call one, or the other way round, without a reason.
fn against_the_retransmissions<'a>(rows: &'a BTreeMap<u32, Row<'a>>) -> impl Iterator<Item = String> + 'a {
    const AGAIN: [u32; 4] = [2, 6, 10, 19];
    /// Steps that say more of a segment than that it repeats another: it completes the handshake, brings its end's first
    /// FIN or acknowledges the peer's, comes after the close, is a keep-alive or a probe, answers in a simultaneous open, does
    /// not fit the handshake, or was captured again.
    const SAY_MORE: [u32; 13] = [5, 7, 13, 15, 17, 18, 21, 23, 24, 26, 27, 28, 34];
    rows.iter().filter_map(|(frame, row)| {
        let step = row.number("tcpshake.step")?;
        let found = ["retransmission", "fast_retransmission", "spurious_retransmission"]
            .iter()
            .any(|name| !row.all(&format!("tcp.analysis.{name}")).is_empty());
        // Wireshark finds no repetition of a SYN, SYN-ACK or FIN where it does not look for one (its analysis is of data).
        let data_again = step == 10;
        let named = found && !AGAIN.contains(&step) && SAY_MORE.contains(&step);
        let wrong = found && !AGAIN.contains(&step) && !named || data_again && !found;
        wrong.then(|| format!("frame {frame}: step {step}, Wireshark's retransmission: {found}"))
    })
}
