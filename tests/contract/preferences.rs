//! The preferences: what each changes, on tshark's command line, and at once in a running program.

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::path::PathBuf;
use support::sharkd::{Sharkd, loaded_fields};
use support::{program, project, tshark, tshark_fields};

fn refused() -> PathBuf {
    project().join("tests/captures/refused.pcap")
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|letter| ('가'..='힣').contains(&letter))
}

#[test]
fn each_is_described_and_has_its_default() {
    let output = program("tshark").args(["-G", "defaultprefs"]).output().expect("tshark runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    for (name, default) in
        [("language", "Automatic"), ("explain", "TRUE"), ("info_column", "FALSE"), ("expert_differences", "TRUE")]
    {
        let at = lines
            .iter()
            .position(|line| line.trim_start_matches('#').starts_with(&format!("tcpshake.{name}:")))
            .unwrap_or_else(|| panic!("tcpshake.{name} is missing"));
        assert!(lines[at].contains(default), "{}", lines[at]);
        let described = lines[..at].iter().rev().take_while(|line| !line.is_empty()).any(|line| line.len() > 40);
        assert!(described, "tcpshake.{name} has no description");
    }
}

#[test]
fn the_language_follows_the_locale_unless_it_is_chosen() {
    let capture = support::readable(&refused());
    let narration = |locale: &str, option: &str| {
        let output = program("tshark")
            .env("LC_ALL", locale)
            .arg("-r")
            .arg(&capture)
            .args(["-o", option, "-T", "fields", "-e", "tcpshake.narration"])
            .output()
            .expect("tshark runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    for (locale, option, korean) in [
        ("ko_KR.UTF-8", "tcpshake.language:auto", true),
        ("C.UTF-8", "tcpshake.language:auto", false),
        ("ko_KR.UTF-8", "tcpshake.language:en", false),
        ("C.UTF-8", "tcpshake.language:ko", true),
    ] {
        let text = narration(locale, option);
        assert!(!text.trim().is_empty());
        assert_eq!(is_korean(&text), korean, "{locale} {option}: {text}");
    }
}

#[test]
fn the_explanations_can_be_left_out() {
    let explained = |option: &str| {
        tshark_fields(&refused(), false, &[option], "tcpshake", &["tcpshake.explain"])
            .values()
            .all(|v| !v[0].is_empty())
    };
    assert!(explained("tcpshake.explain:TRUE"));
    assert!(!explained("tcpshake.explain:FALSE"));
}

#[test]
fn the_narration_can_stand_in_the_info_column() {
    let narrations = tshark_fields(&refused(), false, &[], "tcpshake", &["tcpshake.narration"]);
    let plain = tshark(&refused(), &[]);
    let with = tshark(&refused(), &["-o", "tcpshake.info_column:TRUE"]);
    assert_eq!(plain.lines().count(), with.lines().count());
    for ((line, without), values) in with.lines().zip(plain.lines()).zip(narrations.values()) {
        let (front, info) = line.split_once(&format!("{} | ", values[0][0])).expect(line);
        assert_eq!(format!("{front}{info}"), *without, "Wireshark's own text follows");
    }
}

#[test]
fn expert_notes_for_explained_differences_can_be_left_out() {
    let noted =
        |option: &str| tshark_fields(&refused(), true, &[option], "tcpshake.expert.completeness_differs", &[]).len();
    assert_eq!(noted("tcpshake.expert_differences:TRUE"), 1);
    assert_eq!(noted("tcpshake.expert_differences:FALSE"), 0);
}

#[test]
fn a_change_takes_effect_at_once() {
    let mut sharkd = Sharkd::start();
    sharkd.load(&refused());
    let first =
        |sharkd: &mut Sharkd, field: &str| loaded_fields(sharkd, &[field])[&1][0].first().cloned().unwrap_or_default();
    let set = |sharkd: &mut Sharkd, name: &str, value: &str| -> Value {
        sharkd.ask("setconf", json!({ "name": name, "value": value }))
    };
    assert!(!is_korean(&first(&mut sharkd, "tcpshake.narration")));
    set(&mut sharkd, "tcpshake.language", "ko");
    assert!(is_korean(&first(&mut sharkd, "tcpshake.narration")));
    assert!(is_korean(&first(&mut sharkd, "tcpshake.explain")));
    set(&mut sharkd, "tcpshake.explain", "FALSE");
    assert_eq!(first(&mut sharkd, "tcpshake.explain"), "");
    assert!(is_korean(&first(&mut sharkd, "tcpshake.narration")));
}
