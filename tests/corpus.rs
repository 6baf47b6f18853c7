//! Every capture at hand, the recorded ones and those of other projects, in all three ways of looking.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use support::{Values, Way, corpus, fields, for_each_capture, recorded};

fn all_captures() -> Vec<PathBuf> {
    let mut captures = recorded();
    captures.extend(corpus());
    captures
}

/// A segment as tshark's own fields show it.
struct Segment {
    frame: u32,
    stream: u32,
    /// Something that tells the two directions apart.
    from: (String, u16),
    to: (String, u16),
    flags: u16,
    seq: u32,
    ack: u32,
    len: u32,
}

const SYN: u16 = 2;
const RST: u16 = 4;
const FIN: u16 = 1;
const ACK: u16 = 16;

/// The rules for completeness, read straight from their definition over the segments of one stream.
fn completeness(segments: &[&Segment]) -> u8 {
    let has = |s: &Segment, flag: u16| s.flags & flag != 0;
    let any = |rule: &dyn Fn(&Segment) -> bool| segments.iter().any(|s| rule(s));
    let is_syn_ack = |s: &Segment| has(s, SYN) && has(s, ACK) && !has(s, RST);
    let acknowledges = |s: &Segment| {
        !has(s, SYN)
            && !has(s, RST)
            && has(s, ACK)
            && segments
                .iter()
                .filter(|other| is_syn_ack(other) && other.from == s.to && other.to == s.from)
                .any(|syn_ack| s.ack.wrapping_sub(syn_ack.seq.wrapping_add(1)) < 1 << 31)
    };
    let rules: [&dyn Fn(&Segment) -> bool; 6] = [
        &|s| has(s, SYN) && !has(s, ACK) && !has(s, RST),
        &is_syn_ack,
        &acknowledges,
        &|s| s.len > 0 && !has(s, RST),
        &|s| has(s, FIN) && !has(s, SYN) && !has(s, RST),
        &|s| has(s, RST),
    ];
    rules.iter().enumerate().map(|(bit, rule)| u8::from(any(rule)) << bit).sum()
}

/// What Wireshark's own fields say of a segment.
const WIRESHARKS: [&str; 13] = [
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "tcp.urgent_pointer",
    "tcp.completeness",
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

/// Our fields that tell of the connection.
const CONNECTION: [&str; 4] = [
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
        Some(Segment {
            frame,
            stream: self.number("tcp.stream")?,
            from: (address("ip.src", "ipv6.src")?, self.number("tcp.srcport")? as u16),
            to: (address("ip.dst", "ipv6.dst")?, self.number("tcp.dstport")? as u16),
            flags: u16::from_str_radix(self.one("tcp.flags")?.trim_start_matches("0x"), 16).ok()?,
            seq: self.number("tcp.seq_raw")?,
            ack: self.number("tcp.ack_raw")?,
            len: self.number("tcp.len")?,
        })
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
            complaints.extend(otherwise_than(&once, &rows, &ours).map(|complaint| format!("{way:?} {complaint}")));
        }
        let twice: BTreeMap<u32, Row> = twice.iter().map(|(&frame, values)| (frame, Row(values, &all))).collect();
        complaints.extend(without_phase(&twice));
        complaints.extend(against_the_rules(&twice));
        complaints.extend(wrong_differences(&twice));
        complaints
    });
}

/// Frames that are told otherwise than in one pass.
fn otherwise_than<'a>(
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
        .map(|(frame, row)| format!("frame {frame} is told otherwise than in one pass: {:?}", row.0))
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
        let segments: Vec<&Segment> = segments.iter().collect();
        for end in 1..=segments.len() {
            let (by_rules, frame) = (completeness(&segments[..end]), segments[end - 1].frame);
            let told = rows[&frame].number("tcpshake.completeness.so_far");
            if told != Some(by_rules.into()) {
                complaints.push(format!("stream {stream} frame {frame}: so far {told:?}, by the rules {by_rules}"));
            }
        }
        let (by_rules, frame) = (completeness(&segments), segments[0].frame);
        let told = rows[&frame].number("tcpshake.completeness");
        if told != Some(by_rules.into()) {
            complaints.push(format!("stream {stream}: {told:?}, by the rules {by_rules}"));
        }
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
