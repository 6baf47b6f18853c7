//! A panic in the plugin costs the words of one frame or of one connection, and nothing else.
//!
//! The plugin here is a build with the feature `panic-on-frame`, in which `TCPSHAKE_PANIC` makes it panic on a frame.
//! `TCPSHAKE_PANICKING_PLUGIN` names one that is built already.

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use support::capture::{Socket, conversation, frame, write};
use support::{OTHER_PLUGIN, project};

/// Two connections whose segments alternate: of the first are the odd frames, of the second the even ones.
fn capture() -> PathBuf {
    let first: (Socket, Socket) = (([192, 0, 2, 1], 50001), ([192, 0, 2, 2], 80));
    let second: (Socket, Socket) = (([192, 0, 2, 1], 50002), ([192, 0, 2, 2], 80));
    let frames: Vec<Vec<u8>> =
        conversation(20).iter().flat_map(|line| [first, second].map(|ends| frame(ends, line, &[]))).collect();
    write("panics", &frames)
}

const FRAMES: u32 = 16;

fn panicking_plugin() {
    OTHER_PLUGIN.get_or_init(|| {
        if let Some(file) = std::env::var_os("TCPSHAKE_PANICKING_PLUGIN") {
            return file.into();
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project().join("target"), PathBuf::from);
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--lib", "--features", "panic-on-frame"]);
        assert!(cargo.current_dir(project()).status().expect("cargo runs").success(), "the plugin could not be built");
        target.join("debug/libtcpshake.so")
    });
}

/// What tshark prints of each frame, and its messages on stderr.
fn run(asked: &str, arguments: &[&str]) -> (Vec<String>, String) {
    panicking_plugin();
    let output = support::program("tshark")
        .env("TCPSHAKE_PANIC", asked)
        .arg("-r")
        .arg(capture())
        .args(arguments)
        .output()
        .expect("tshark runs");
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "TCPSHAKE_PANIC={asked} {arguments:?}: {:?} {complaints}", output.status);
    let printed = String::from_utf8(output.stdout).unwrap();
    (printed.lines().map(String::from).collect(), complaints)
}

const COLUMNS: &[&str] = &[
    "-T",
    "fields",
    "-e",
    "frame.number",
    "-e",
    "tcpshake.narration",
    "-e",
    "tcpshake.outcome",
    "-e",
    "tcpshake.completeness",
    "-e",
    "tcpshake.completeness.agrees",
    "-e",
    "tcp.stream",
];

const FAILED: &[&str] = &["-Y", "tcpshake.expert.internal_error", "-T", "fields", "-e", "frame.number"];

/// The plugin panics; the frames named then have the expert item and nothing else of ours, and all others show what they show
/// without the panic.
#[track_caller]
fn strikes(asked: &str, passes: &[&'static str], expected: impl Fn(u32) -> bool) {
    let with = |arguments: &[&'static str]| [arguments, passes].concat();
    let (failed, complaints) = run(asked, &with(FAILED));
    let expected: BTreeSet<u32> = (1..=FRAMES).filter(|&frame| expected(frame)).collect();
    let failed: BTreeSet<u32> = failed.iter().map(|line| line.parse().unwrap()).collect();
    assert_eq!(failed, expected, "{asked} {passes:?}");
    assert_eq!(complaints.matches("tcpshake: a bug in the plugin").count(), 1, "it is printed once: {complaints}");
    assert!(complaints.contains(&format!("as asked by TCPSHAKE_PANIC={asked}")), "{complaints}");

    let (whole, quiet) = run("", &with(COLUMNS));
    assert!(!quiet.contains("tcpshake"), "{quiet}");
    let (printed, _) = run(asked, &with(COLUMNS));
    assert_eq!(printed.len(), whole.len());
    for (number, (printed, whole)) in (1..).zip(printed.iter().zip(&whole)) {
        if expected.contains(&number) {
            let stream = (number + 1) % 2;
            assert_eq!(printed, &format!("{number}\t\t\t\t\t{stream}"), "{asked} {passes:?}: nothing of ours is shown");
        } else {
            assert_eq!(printed, whole, "{asked} {passes:?} frame {number}");
        }
    }
}

#[test]
fn when_a_segment_is_taken_in_its_connection_is_given_up() {
    for struck in [1, 4, 7, 16] {
        let asked = format!("see:{struck}");
        let same = |frame: u32| frame % 2 == struck % 2;
        strikes(&asked, &[], |frame| same(frame) && frame >= struck);
        strikes(&asked, &["-2"], same);
    }
}

#[test]
fn when_a_segment_is_shown_only_that_frame_is_struck() {
    for struck in [1, 6, 16] {
        strikes(&format!("show:{struck}"), &[], |frame| frame == struck);
        strikes(&format!("show:{struck}"), &["-2"], |frame| frame == struck);
    }
}

/// A panic while Wireshark starts is one line on stderr, and Wireshark goes on without the plugin.
#[test]
fn while_wireshark_starts_the_plugin_stays_out() {
    panicking_plugin();
    let bare = support::bare_program("tshark").arg("-r").arg(capture()).arg("-V").output().expect("tshark runs");
    let bare = String::from_utf8(bare.stdout).unwrap();
    for asked in ["load", "register", "hand-off"] {
        let (printed, complaints) = run(asked, &["-V"]);
        assert_eq!(printed, bare.lines().collect::<Vec<_>>(), "{asked}");
        let ours: Vec<&str> = complaints.lines().filter(|line| line.contains("tcpshake")).collect();
        assert!(matches!(ours[..], [line] if line.contains("a bug in the plugin")), "{asked}: {complaints}");
    }
}

/// In one sharkd: the same file again is struck again, and a reload starts from nothing.
#[test]
fn the_window_goes_on() {
    panicking_plugin();
    let mut sharkd = support::sharkd::Sharkd::start_with(&[("TCPSHAKE_PANIC", "see:5")]);
    for _ in 0..3 {
        sharkd.load(&capture());
        for number in 1..=u64::from(FRAMES) {
            let labels = labels(&sharkd.frame(number)["tree"]);
            let failed = labels.iter().any(|label| label.contains("The tcpshake plugin failed here"));
            assert_eq!(failed, number % 2 == 1, "frame {number}: {labels:?}");
            assert_eq!(!failed, labels.iter().any(|label| label.contains("Narration: ")), "frame {number}");
        }
        sharkd.ask("setconf", json!({ "name": "tcpshake.explain", "value": "FALSE" }));
    }
}

fn labels(tree: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for node in tree.as_array().into_iter().flatten() {
        found.extend(node["l"].as_str().map(String::from));
        found.extend(labels(&node["n"]));
    }
    found
}

/// A release build has no such switch.
#[test]
fn the_release_knows_no_such_variable() {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project().join("target"), PathBuf::from);
    let release =
        std::env::var_os("TCPSHAKE_PLUGIN").map_or_else(|| target.join("release/libtcpshake.so"), PathBuf::from);
    let holds = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(b"TCPSHAKE_PANIC".len()).any(|part| part == b"TCPSHAKE_PANIC")
    };
    panicking_plugin();
    assert!(holds(OTHER_PLUGIN.get().unwrap()) && !holds(&release));
}
