//! The verdicts on captures whose fault is known, because it was made to happen: captures/laboratory.
//!
//! `TCPSHAKE_LABORATORY` names another folder that `captures/laboratory/run --into` has filled.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use support::parallel::side_by_side;
use tcpshake::tcp::{Suspect, Verdict};

/// The verdicts and the places by name, each in the place that its number has, counted from 1.
static VERDICTS: LazyLock<Vec<&str>> = LazyLock::new(|| Verdict::ALL.iter().map(|verdict| verdict.name()).collect());
static PLACES: LazyLock<Vec<&str>> = LazyLock::new(|| Suspect::ALL.iter().map(|suspect| suspect.name()).collect());

/// The verdicts of a connection that no fault is seen of: the last three.
const INNOCENT: &[&str] = &["Fine", "Undecided", "Not all captured"];

/// A verdict and its place, as numbers of the lists; 0 where there is none.
type Finding = (usize, usize);

/// What is true of a connection, as far as its capture shows.
struct Truth {
    ends: BTreeSet<String>,
    best: Finding,
    right: Vec<Finding>,
    provable: bool,
    cut: bool,
}

/// What the plugin says of a connection.
struct Answer {
    finding: Finding,
    certain: bool,
}

struct Judged<'a> {
    capture: &'a str,
    truth: &'a Truth,
    answer: Answer,
}

fn number_in(names: &[&str], name: Option<&str>) -> usize {
    let Some(name) = name else { return 0 };
    1 + names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("truth.json: no such name: {name}"))
}

fn finding(value: &Value) -> Finding {
    (number_in(&VERDICTS, value["verdict"].as_str()), number_in(&PLACES, value["where"].as_str()))
}

fn name_of((verdict, place): Finding) -> String {
    let of = |names: &[&str], number: usize| number.checked_sub(1).map_or("-".into(), |at| names[at].to_string());
    format!("{}/{}", of(&VERDICTS, verdict), of(&PLACES, place))
}

impl Truth {
    fn new(value: &Value) -> Truth {
        let best = finding(value);
        let also = value["also"].as_array().unwrap().iter().map(finding);
        let ends = ["client", "server"].map(|end| value[end].as_str().unwrap().to_string());
        Truth {
            ends: BTreeSet::from(ends),
            best,
            right: [best].into_iter().chain(also).collect(),
            provable: value["provable"] == true,
            cut: value["cut"] == true,
        }
    }

    fn is_innocent(&self) -> bool {
        INNOCENT.contains(&VERDICTS[self.best.0 - 1])
    }
}

impl Judged<'_> {
    fn is_right(&self) -> bool {
        self.truth.right.contains(&self.answer.finding)
    }

    /// Right, or no fault found where there is none to see.
    fn will_do(&self) -> bool {
        let unblamed = ["Fine", "Undecided"].map(|name| number_in(&VERDICTS, Some(name)));
        self.is_right() || self.truth.is_innocent() && unblamed.contains(&self.answer.finding.0)
    }

    fn line(&self, complaint: &str) -> String {
        let certain = if self.answer.certain { "certain" } else { "not certain" };
        let ends = self.truth.ends.iter().cloned().collect::<Vec<_>>().join(" and ");
        let (capture, best, answer) = (self.capture, name_of(self.truth.best), name_of(self.answer.finding));
        format!("{complaint}: {capture}: {ends}: {answer} ({certain}), but it is {best}")
    }
}

fn folder() -> PathBuf {
    let other = std::env::var_os("TCPSHAKE_LABORATORY").map(PathBuf::from);
    other.unwrap_or_else(|| support::project().join("tests/captures/laboratory"))
}

/// capture -> the truth of its connections, in the order in which they open.
fn truths() -> BTreeMap<String, Vec<Truth>> {
    let text = fs::read_to_string(folder().join("truth.json")).expect("truth.json");
    let known: BTreeMap<String, Vec<Value>> = serde_json::from_str(&text).unwrap();
    known.into_iter().map(|(capture, truths)| (capture, truths.iter().map(Truth::new).collect())).collect()
}

/// The plugin's answers in the order of Wireshark's streams, each with its connection's ends.
fn answers(capture: &Path) -> Vec<(BTreeSet<String>, Answer)> {
    const FIELDS: [&str; 10] = [
        "tcp.stream",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "tcp.srcport",
        "tcp.dstport",
        "tcpshake.verdict",
        "tcpshake.verdict.where",
        "tcpshake.verdict.certain",
    ];
    // Not the ICMP errors: they have the addresses of two packets.
    let rows = support::tshark_fields(capture, true, &[], "tcpshake.verdict && !icmp && !icmpv6", &FIELDS);
    let mut found = BTreeMap::new();
    for row in rows.values() {
        let value = |field: usize| row[field].first().map_or("", String::as_str);
        let number = |field: usize| value(field).parse().unwrap_or(0);
        let end = |ipv4: usize, ipv6: usize, port: usize| match value(ipv4) {
            "" => format!("[{}]:{}", value(ipv6), value(port)),
            address => format!("{address}:{}", value(port)),
        };
        let ends = BTreeSet::from([end(1, 3, 5), end(2, 4, 6)]);
        let answer = Answer { finding: (number(7), number(8)), certain: value(9) == "1" };
        found.insert(number(0), (ends, answer));
    }
    found.into_values().collect()
}

/// Each truth with the answer that is about its connection: the first that no other truth has.
fn judge<'a>(capture: &'a str, truths: &[&'a Truth], mut answers: Vec<(BTreeSet<String>, Answer)>) -> Vec<Judged<'a>> {
    let of = |truth: &&'a Truth| {
        let at = answers.iter().position(|(ends, _)| *ends == truth.ends);
        let none = Answer { finding: (0, 0), certain: false };
        Judged { capture, truth, answer: at.map_or(none, |at| answers.remove(at).1) }
    };
    truths.iter().map(of).collect()
}

/// Verdict × truth: how many connections there are of each pair.
fn matrix(judged: &[Judged]) -> String {
    let mut counts = BTreeMap::new();
    for one in judged {
        *counts.entry((one.truth.best.0, one.answer.finding.0)).or_insert(0) += 1;
    }
    let mut text = format!("{:27}", "truth \\ verdict");
    (0..=VERDICTS.len()).for_each(|verdict| write!(text, "{verdict:4}").unwrap());
    for (index, name) in VERDICTS.iter().enumerate() {
        write!(text, "\n{:2} {name:24}", index + 1).unwrap();
        for verdict in 0..=VERDICTS.len() {
            match counts.get(&(index + 1, verdict)) {
                Some(count) => write!(text, "{count:4}").unwrap(),
                None => text.push_str("   ."),
            }
        }
    }
    text
}

/// Prints the matrix, and fails where too little is right, or anything certain is wrong.
fn check(judged: &[Judged]) {
    assert!(judged.len() > 300, "only {} connections", judged.len());
    println!("{}", matrix(judged));
    let mut complaints = Vec::new();
    for one in judged {
        match (one.answer.certain, one.is_right(), one.truth.provable) {
            (true, false, _) => complaints.push(one.line("certain, and wrong")),
            (true, true, false) => complaints.push(one.line("certain, but the capture does not prove it")),
            _ => (),
        }
        if !one.will_do() {
            println!("{}", one.line("missed"));
        }
    }
    for (innocent, what, least) in [(false, "with a fault", 95), (true, "without one", 99)] {
        let all: Vec<_> = judged.iter().filter(|one| one.truth.is_innocent() == innocent).collect();
        let right = all.iter().filter(|one| one.will_do()).count();
        let share = format!("{right} of {} connections {what} are right", all.len());
        println!("{share}");
        if right * 100 < all.len() * least {
            complaints.push(format!("only {share}; at least {least} % have to be"));
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn each_capture_has_its_verdicts() {
    let truths = truths();
    let captures: Vec<_> = truths.iter().collect();
    let judged = side_by_side(&captures, |&(capture, truths)| {
        judge(capture, &truths.iter().collect::<Vec<_>>(), answers(&folder().join(capture)))
    });
    check(&judged.into_iter().flatten().collect::<Vec<_>>());
}

/// All whole captures of a point in one: each connection among hundreds of others, in a capture that goes on.
#[test]
fn verdicts_hold_among_others() {
    let truths = truths();
    let mut judged = Vec::new();
    for point in ["client", "router", "server"] {
        let of_point = |capture: &str| capture.split('.').nth(1) == Some(point);
        let whole = truths.iter().filter(|(capture, truths)| of_point(capture) && !truths[0].cut);
        let (captures, of_all): (Vec<_>, Vec<_>) = whole.unzip();
        let merged = support::home().join(format!("captures/laboratory-{point}.pcap"));
        let files = captures.iter().map(|capture| support::readable(&folder().join(capture)));
        let status = support::program("mergecap").args(["-F", "pcap", "-w"]).arg(&merged).args(files).status().unwrap();
        assert!(status.success(), "mergecap");
        // What is undecided since its capture ends does not end here: the others go on.
        let ended = number_in(&VERDICTS, Some("Undecided"));
        let of_all: Vec<_> = of_all.into_iter().flatten().filter(|truth| truth.best.0 != ended).collect();
        judged.extend(judge(point, &of_all, answers(&merged)));
    }
    check(&judged);
}
