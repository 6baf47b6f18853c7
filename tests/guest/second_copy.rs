//! Two copies of the plugin under different names: one serves, the other stays out and says so.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::sharkd::Sharkd;
use support::{home_with, merged, plugin_bytes, program, program_in, without};

/// A field's blurb, and one as long for the second copy, so that `-G fields` shows which of the two is in use.
const BLURB: &[u8] = b"Who sent the first FIN, or where there was none the RST";
const OTHER: &[u8] = b"WHO SENT the first FIN, or where there was none the RST";

const COPIES: [&str; 2] = ["tcpshake.so", "libtcpshake.so"];

fn other_copy() -> Vec<u8> {
    let mut bytes = plugin_bytes();
    let mut found = 0;
    for at in 0..bytes.len() - BLURB.len() {
        if bytes[at..].starts_with(BLURB) {
            bytes[at..at + OTHER.len()].copy_from_slice(OTHER);
            found += 1;
        }
    }
    assert!(found > 0, "the plugin's file has that text");
    bytes
}

/// A home with both.
fn both(name: &str) -> PathBuf {
    home_with(name, &[(COPIES[0], &plugin_bytes()), (COPIES[1], &other_copy())])
}

fn run(mut tshark: Command, arguments: &[&str]) -> Output {
    tshark.args(arguments).output().expect("tshark runs")
}

/// The copy that serves in this home.
fn in_use(home: &Path) -> &'static str {
    let output = run(program_in(home, "tshark"), &["-G", "fields"]);
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let line =
        text.lines().find(|line| line.contains("\ttcpshake.closing.initiator\t")).expect("one of the two is in use");
    COPIES[usize::from(line.contains(std::str::from_utf8(OTHER).unwrap()))]
}

#[test]
fn a_second_copy_says_which_one_is_in_use() {
    let home = both("both");
    let used = in_use(&home);
    let arguments = ["-r", merged().to_str().unwrap(), "-V"];
    let (one, two) = (run(program("tshark"), &arguments), run(program_in(&home, "tshark"), &arguments));
    let said = String::from_utf8_lossy(&two.stderr);
    assert_eq!(two.status.code(), Some(0), "{said}");
    let before = String::from_utf8_lossy(&one.stderr);
    let more: Vec<&str> = said.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert_eq!(more.len(), 1, "just one line more on stderr: {more:?}");
    assert!(more[0].contains(&format!("/{used}")), "{used} is in use: {}", more[0]);
    assert!(one.stdout == two.stdout, "the same output as with one copy");
}

#[test]
fn every_program_starts_with_two_copies() {
    let home = both("all");
    for (name, arguments) in
        [("tshark", &["-v"][..]), ("capinfos", &["-v"]), ("editcap", &["-v"]), ("tshark", &["-G", "fields"])]
    {
        let output = run(program_in(&home, name), arguments);
        assert!(output.status.success(), "{name}: {:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let mut sharkd = Sharkd::of(program_in(&home, "sharkd"));
    sharkd.load(merged());
    let frame = sharkd.ask_text("frame", serde_json::json!({ "frame": 1, "proto": true }));
    assert_ne!(without::answer(&frame), frame, "the plugin's tree is in it, once");
    assert_eq!(frame.matches("{\"l\":\"TCP Handshake").count(), 1, "{frame}");
}
