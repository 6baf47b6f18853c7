//! The profile "TCP Handshake": what Wireshark makes of its files, whether its colours can be read and distinguished, and that
//! installing it and taking it away loses nothing of the user's.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use support::{home, project, tshark, tshark_fields};

const PROFILE: &str = "TCP Handshake";

fn source(file: &str) -> String {
    fs::read_to_string(project().join("plugin/profile").join(file)).unwrap()
}

/// Runs a line of shell with the functions that the scripts share, and returns what it says.
fn shell(line: &str) -> String {
    let script = format!(". plugin/setup; . plugin/setup-profile; {line}");
    let output = Command::new("sh").current_dir(project()).args(["-euc", &script, "plugin/install"]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn put(configuration: &Path) -> String {
    shell(&format!("put_profile plugin/profile '{}'", configuration.display()))
}

fn take(configuration: &Path) -> String {
    shell(&format!("take_profile plugin/profile '{}'", configuration.display()))
}

/// Puts the profile into the home in which the tests' programs run, once.
fn install() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| drop(put(&home().join(".config/wireshark"))));
}

fn recorded(name: &str) -> PathBuf {
    project().join("tests/captures").join(format!("{name}.pcap"))
}

/// A colour rule.
struct CountingRule {
    name: String,
    background: [f64; 3],
    text: [f64; 3],
}

/// The colour rules, with linear parts of red, green and blue from 0 to 1.
fn rules() -> Vec<CountingRule> {
    let linear = |value: &str| {
        let part = value.parse::<f64>().unwrap() / 65535.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let color = |text: &str| -> [f64; 3] {
        text.trim_matches(['[', ']']).split(',').map(linear).collect::<Vec<_>>().try_into().unwrap()
    };
    let rule = |line: &str| {
        let parts: Vec<&str> = line.split('@').collect();
        let (background, text) = parts[3].split_once("][").unwrap();
        CountingRule { name: parts[1].into(), background: color(background), text: color(text) }
    };
    source("colorfilters").lines().filter(|line| line.starts_with('@')).map(rule).collect()
}

/// Label and filter of each button.
fn buttons() -> Vec<(String, String)> {
    let button = |line: &str| {
        let parts: Vec<String> =
            line.trim_matches('"').split("\",\"").map(|part| part.replace("\\x22", "\"")).collect();
        assert_eq!((parts.len(), parts[0].as_str()), (4, "TRUE"), "{line}");
        (parts[1].clone(), parts[2].clone())
    };
    source("dfilter_buttons").lines().filter(|line| line.starts_with('"')).map(button).collect()
}

/// Name and expression of each saved filter.
fn saved() -> Vec<(String, String)> {
    let filter = |line: &str| {
        let (name, filter) = line.strip_prefix('"').unwrap().split_once("\" ").unwrap();
        (name.into(), filter.into())
    };
    source("dfilters").lines().map(filter).collect()
}

#[test]
fn the_columns_show_phase_step_and_narration() {
    install();
    let rows = tshark(&recorded("http-get"), &["-C", PROFILE, "-2", "-T", "tabs"]);
    // An arrow stands between the addresses.
    let row = |number: usize| -> Vec<&str> {
        rows.lines().nth(number - 1).unwrap().split('\t').map(str::trim).filter(|column| *column != "→").collect()
    };
    assert_eq!(row(2)[2..9], ["192.0.2.2", "192.0.2.1", "TCP", "0", "Opening", "SYN-ACK", "Fine"]);
    assert!(row(2)[9].starts_with("0.0106"), "{:?}", row(2));
    assert!(row(2)[10].starts_with("The server accepts"), "{:?}", row(2));
    assert_eq!(row(4)[4..8], ["HTTP", "0", "Data", "Data"]);
    assert_eq!(row(28)[6..8], ["Closing", "First FIN"]);
    assert!(row(28)[11].contains("[FIN, ACK]"), "Wireshark's own Info is there: {:?}", row(28));
}

/// Wireshark 4.0 finds a column's width by its format, 4.4 and 4.6 by its place: both have to be the columns'.
#[test]
fn each_column_has_its_width() {
    let after = |text: &str, key: &str| text.split_once(key).unwrap().1.to_owned();
    let columns: Vec<String> = after(&source("preferences"), "gui.column.format:")
        .lines()
        .filter_map(|line| Some(line.split('"').nth(3)?.trim_end_matches(":0:R").into()))
        .collect();
    let widths: Vec<(String, u32)> = after(&source("recent"), "column.width:")
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(", "))
        .map(|(format, width)| (format.into(), width.parse().unwrap()))
        .collect();
    assert_eq!(columns, widths.iter().map(|(format, _)| format.clone()).collect::<Vec<_>>());
    assert_eq!(columns.len(), 12);
    assert!(widths.iter().all(|(_, width)| (40..1000).contains(width)), "{widths:?}");
}

#[test]
fn each_frame_has_its_color() {
    install();
    let expected: &[(&str, &[(usize, &str)])] = &[
        ("http-get", &[(3, "Opening"), (24, "Data"), (3, "Closing")]),
        ("no-answer", &[(4, "No answer")]),
        ("refused", &[(2, "Refused or rejected")]),
        ("unreachable-icmp-host", &[(2, "No answer")]), // the ICMP error, too
        ("half-open", &[(5, "No answer")]),
        ("abort-by-client", &[(3, "Opening"), (4, "Data"), (1, "Reset")]),
        ("data-unanswered", &[(3, "Opening"), (9, "Data"), (1, "Lost or stalled")]),
        ("syn-retried", &[(4, "Odd opening"), (4, "Data"), (3, "Closing")]),
        ("rst-after-close", &[(3, "Opening"), (4, "Data"), (3, "Closing"), (2, "Closed")]),
    ];
    let mut seen = BTreeSet::new();
    for (name, runs) in expected {
        let arguments = ["-C", PROFILE, "-2", "--color", "-T", "fields", "-e", "frame.coloring_rule.name"];
        let printed = tshark(&recorded(name), &arguments);
        let expected: Vec<&str> = runs.iter().flat_map(|(count, rule)| std::iter::repeat_n(*rule, *count)).collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{name}");
        seen.extend(runs.iter().map(|(_, rule)| rule.to_string()).filter(|rule| !rule.is_empty()));
    }
    assert_eq!(seen, rules().into_iter().map(|rule| rule.name).collect(), "each rule colours something here");
}

/// Which frames of which captures a filter selects: some of a capture that has what it asks for, none of a plain one.
type Selected = (&'static str, &'static [(&'static str, std::ops::RangeInclusive<u32>)]);

const OPENINGS: Selected = ("http-get no-answer midstream", &[("http-get", 1..=3), ("no-answer", 1..=4)]);

fn selects(filters: &[(String, String)], expected: &[(&str, Selected)]) {
    let names = |filters: Vec<&str>| filters.join(", ");
    assert_eq!(
        names(filters.iter().map(|(name, _)| name.as_str()).collect()),
        names(expected.iter().map(|(name, _)| *name).collect())
    );
    for ((name, filter), (_, (captures, frames))) in filters.iter().zip(expected) {
        for capture in captures.split(' ') {
            let selected: Vec<u32> = tshark_fields(&recorded(capture), true, &[], filter, &[]).into_keys().collect();
            let ours = frames.iter().find(|(of, _)| *of == capture);
            let expected: Vec<u32> = ours.map(|(_, frames)| frames.clone().collect()).unwrap_or_default();
            assert_eq!(selected, expected, "{name} on {capture}");
        }
    }
}

const OF_FAILED: &str = "http-get no-answer refused unreachable-icmp-port half-open syn-retried abort-by-client";
/// The frame that shows each best.
const FAILED: Selected = (
    OF_FAILED,
    &[
        ("no-answer", 4..=4),
        ("refused", 2..=2),
        ("unreachable-icmp-port", 2..=2),
        ("half-open", 5..=5),
        ("abort-by-client", 8..=8),
    ],
);
const FAILED_ALL: Selected = (
    OF_FAILED,
    &[
        ("no-answer", 1..=4),
        ("refused", 1..=2),
        ("unreachable-icmp-port", 1..=2),
        ("half-open", 1..=5),
        ("abort-by-client", 1..=8),
    ],
);
const SLOW: Selected = ("http-get syn-retried syn-ack-retried", &[("syn-retried", 1..=4), ("syn-ack-retried", 1..=4)]);
const RETRIED: Selected =
    ("http-get syn-retried syn-ack-retried refused", &[("syn-retried", 1..=4), ("syn-ack-retried", 1..=4)]);
const ABORTED: Selected = ("http-get abort-by-client refused stray-rst", &[("abort-by-client", 8..=8)]);
const DISAGREES: Selected = ("http-get midstream", &[("midstream", 1..=11)]);

#[test]
fn buttons_select_what_they_say() {
    let expected = [
        ("Handshakes only", OPENINGS),
        ("Failed", FAILED),
        ("Failed, all packets", FAILED_ALL),
        ("Slow opening", SLOW),
        ("Retried", RETRIED),
        ("Aborted", ABORTED),
    ];
    selects(&buttons(), &expected);
}

#[test]
fn saved_filters_select_what_they_say() {
    let whole: Selected = ("http-get syn-retried", &[("syn-retried", 1..=11)]);
    let expected = [
        ("Handshakes only", OPENINGS),
        ("Failed connections, one row each", FAILED),
        ("Failed connections, all packets", FAILED_ALL),
        ("Verdict: Refused", ("no-answer refused", &[("refused", 1..=2)])),
        (
            "Verdict: Rejected by a firewall",
            ("refused unreachable-icmp-prohibited", &[("unreachable-icmp-prohibited", 1..=2)]),
        ),
        ("Verdict: Unreachable", ("no-answer unreachable-icmp-host", &[("unreachable-icmp-host", 1..=2)])),
        ("Verdict: No answer", ("no-answer refused", &[("no-answer", 1..=4)])),
        ("Verdict: Client silent", ("half-open no-answer", &[("half-open", 1..=5)])),
        ("Verdict: Large segments lost", ("http-get", &[])),
        ("Verdict: Went silent", ("http-get data-unanswered", &[("data-unanswered", 1..=13)])),
        ("Verdict: Reset by a third party", ("http-get abort-by-client", &[])),
        ("To look at: the server", ("no-answer refused", &[("refused", 2..=2)])),
        ("To look at: the network", ("refused syn-retried", &[("syn-retried", 2..=2)])),
        ("To look at: the client", ("refused abort-by-client", &[("abort-by-client", 8..=8)])),
        ("Slow openings, the handshake", SLOW),
        ("Slow openings, the whole connection", whole),
        ("Retried openings, the handshake", RETRIED),
        ("Repeated SYN, the whole connection", whole),
        ("Aborts", ABORTED),
        ("RSTs that their receiver would ignore", ("abort-by-client stray-rst", &[("stray-rst", 8..=8)])),
        ("A client that waits for the server to close", ("refused half-close", &[("half-close", 9..=18)])),
        ("Disagrees with Wireshark's completeness", DISAGREES),
    ];
    selects(&saved(), &expected);
}

/// WCAG 2, 1.4.3: 4.5 to 1 for text of ordinary size.
#[test]
fn each_text_stands_out_from_its_background() {
    let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    for rule in rules() {
        let (one, other) = (luminance(rule.background), luminance(rule.text));
        let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
        assert!(contrast >= 4.5, "{}: {contrast:.1}", rule.name);
    }
}

/// How people see a colour, as factors of linear red, green and blue: all of it, and without the cones for long, middle and
/// short waves (Machado, Oliveira, Fernandes 2009, severity 1).
const EYES: [(&str, [[f64; 3]; 3]); 4] = [
    ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    (
        "deuteranopia",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
];

/// A linear colour in CIE L*a*b*, where distances are as the eye sees them; about 2 can just be noticed.
fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let curve = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn backgrounds_differ_to_every_eye() {
    let seen = |eye: &[[f64; 3]; 3], color: [f64; 3]| {
        lab(eye.map(|row| row.iter().zip(color).map(|(factor, part)| factor * part).sum::<f64>().clamp(0.0, 1.0)))
    };
    let rules = rules();
    for (name, eye) in &EYES {
        for (index, one) in rules.iter().enumerate() {
            for other in &rules[..index] {
                let (a, b) = (seen(eye, one.background), seen(eye, other.background));
                let distance = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(distance >= 12.0, "{} and {} with {name}: {distance:.1}", one.name, other.name);
            }
        }
    }
}

/// An empty configuration folder.
fn configuration(name: &str) -> PathBuf {
    let folder = home().join("configurations").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_unchanged_profile_goes_as_it_came() {
    let folder = configuration("unchanged");
    let profile = folder.join("profiles").join(PROFILE);
    let said = put(&folder);
    assert!(said.contains(profile.to_str().unwrap()) && said.contains("wireshark -C \"TCP Handshake\""), "{said}");
    for file in names(&project().join("plugin/profile")) {
        assert_eq!(fs::read_to_string(profile.join(&file)).unwrap(), source(&file));
    }
    assert!(!put(&folder).contains("your own"), "a second time changes nothing");

    // Wireshark writes how its window was left.
    fs::write(profile.join("recent"), "gui.toolbar_main_show: TRUE\n").unwrap();
    let again = put(&folder);
    assert!(!again.contains("your own"), "{again}");
    assert_eq!(fs::read_to_string(profile.join("recent")).unwrap(), "gui.toolbar_main_show: TRUE\n");

    assert!(take(&folder).starts_with("Removed"));
    assert!(names(&folder.join("profiles")).is_empty());
    assert_eq!(take(&folder), "", "there is nothing left to say");
}

#[test]
fn what_the_user_changed_stays() {
    let folder = configuration("changed");
    let profile = folder.join("profiles").join(PROFILE);
    put(&folder);
    fs::write(profile.join("colorfilters"), "# mine\n").unwrap();
    fs::write(profile.join("mine.txt"), "# mine too\n").unwrap();
    fs::remove_file(profile.join("dfilters")).unwrap();

    for _ in 0..2 {
        let said = put(&folder);
        assert!(said.contains("left as they are: colorfilters\n"), "{said}");
        assert_eq!(fs::read_to_string(profile.join("colorfilters")).unwrap(), "# mine\n");
        assert_eq!(fs::read_to_string(profile.join("dfilters")).unwrap(), source("dfilters"));
    }

    let said = take(&folder);
    assert!(said.starts_with("Left what is your own") && said.contains(": colorfilters mine.txt"), "{said}");
    assert_eq!(names(&profile), ["colorfilters", "mine.txt"]);
}

#[test]
fn a_profile_of_that_name_from_elsewhere_is_not_touched() {
    let folder = configuration("foreign");
    let profile = folder.join("profiles").join(PROFILE);
    fs::create_dir_all(&profile).unwrap();
    fs::write(profile.join("preferences"), "# not ours\n").unwrap();
    assert!(put(&folder).contains("left as they are: preferences\n"));
    take(&folder);
    assert_eq!(names(&profile), ["preferences"]);
    assert_eq!(fs::read_to_string(profile.join("preferences")).unwrap(), "# not ours\n");
}

#[test]
fn a_profile_of_that_name_that_was_never_put_is_not_taken() {
    let folder = configuration("own");
    let profile = folder.join("profiles").join(PROFILE);
    fs::create_dir_all(&profile).unwrap();
    fs::write(profile.join("recent"), "gui.toolbar_main_show: TRUE\n").unwrap();
    assert_eq!(take(&folder), "");
    assert_eq!(names(&profile), ["recent"]);
}

#[test]
fn what_an_earlier_version_put_is_replaced() {
    let folder = configuration("earlier");
    let profile = folder.join("profiles").join(PROFILE);
    let earlier = configuration("earlier-source");
    for file in names(&project().join("plugin/profile")) {
        fs::write(earlier.join(&file), format!("# of an earlier version\n{}", source(&file))).unwrap();
    }
    shell(&format!("put_profile '{}' '{}'", earlier.display(), folder.display()));
    assert!(!put(&folder).contains("your own"));
    assert_eq!(fs::read_to_string(profile.join("colorfilters")).unwrap(), source("colorfilters"));
    assert!(take(&folder).starts_with("Removed"));
}
