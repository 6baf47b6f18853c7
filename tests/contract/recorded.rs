//! What the plugin shows for each recorded capture, in three ways, against what is expected (`tests/captures/expected`).
//!
//! After an intended change: `UPDATE_EXPECT=1 cargo test --test recorded`, and read the difference.

#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::parallel::for_each_capture;
use support::{LANGUAGES, Way, names, project, recorded};

/// The file with what is expected of a capture. From 4.4 on Wireshark divides some connections into other streams, and finds
/// other things in its analysis; a capture that shows something else then has a second file.
fn expected(stem: &str, language: &str) -> PathBuf {
    let folder = project().join("tests/captures/expected");
    let newer = folder.join(format!("{stem}.since-4.4.{language}.txt"));
    if newer.exists() && support::wireshark_version() != "4.0" {
        return newer;
    }
    folder.join(format!("{stem}.{language}.txt"))
}

/// What a capture shows in one of the ways: for each segment a line of facts, its narration and its dialogue.
fn shown(capture: &Path, way: Way, language: &str) -> String {
    const FIELDS: [&str; 9] = [
        "tcpshake.phase",
        "tcpshake.step",
        "tcpshake.sender",
        "tcpshake.client.state",
        "tcpshake.server.state",
        "tcpshake.completeness.so_far",
        "tcpshake.reset.acceptable",
        "tcpshake.narration",
        "tcpshake.dialogue",
    ];
    let option = format!("tcpshake.language:{language}");
    let mut text = String::new();
    for (frame, row) in support::fields(capture, way, &[&option], &FIELDS) {
        let value = |index: usize| row[index].join("+");
        let (phase, sender) = (names::phase(&value(0)), names::side(&value(2)).to_lowercase());
        let reset = match value(6).as_str() {
            "" => "",
            "1" => ", RST acceptable",
            _ => ", RST not acceptable",
        };
        writeln!(
            text,
            "{frame}: {phase}, step {}, {sender}, {} / {}, so far {}{reset}",
            value(1),
            names::state(&value(3)),
            names::state(&value(4)),
            value(5)
        )
        .unwrap();
        writeln!(text, "    {}\n    {}", value(7), value(8)).unwrap();
    }
    text
}

#[test]
fn each_capture_shows_what_is_expected_in_every_way() {
    let captures = recorded();
    assert!(captures.len() > 50, "the recorded captures are in tests/captures");
    for_each_capture(&captures, |capture| {
        let mut complaints = Vec::new();
        for language in LANGUAGES {
            let once = shown(capture, Way::OnePass, language);
            let stem = capture.file_stem().unwrap().to_string_lossy();
            let expected = expected(&stem, language);
            let same = std::panic::catch_unwind(|| expect_test::expect_file![expected].assert_eq(&once));
            if same.is_err() {
                complaints.push(format!("shows something else than {stem}.{language}.txt"));
            }
            for way in [Way::TwoPasses, Way::Sharkd] {
                if shown(capture, way, language) != once {
                    complaints.push(format!("shows something else in {way:?} than in one pass ({language})"));
                }
            }
        }
        complaints
    });
}

/// Versions differ only where a second file says so: each belongs to a capture, and has something else than the first. So
/// everything else is equal in every version with which this program passes.
#[test]
fn what_differs_between_versions_does_differ() {
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let newer: Vec<PathBuf> = std::fs::read_dir(project().join("tests/captures/expected"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".since-4.4."))
        .collect();
    assert!(!newer.is_empty());
    for path in newer {
        let older = PathBuf::from(path.to_string_lossy().replace(".since-4.4.", "."));
        assert_ne!(read(&path), read(&older), "{} is needless", path.display());
    }
}

#[test]
fn an_icmp_error_says_in_its_own_frame_who_complains_and_of_what() {
    let said = |name: &str, language: &str, two_passes: bool| {
        let capture = support::project().join(format!("tests/captures/{name}.pcap"));
        let option = format!("tcpshake.language:{language}");
        let filter = "tcpshake and !tcpshake.phase";
        let found = support::tshark_fields(&capture, two_passes, &[&option], filter, &["tcpshake.narration"]);
        found.into_values().map(|mut fields| fields.remove(0).concat()).collect::<Vec<_>>()
    };
    for two_passes in [false, true] {
        assert_eq!(
            said("unreachable-icmp-host", "en", two_passes),
            ["An ICMP error from the server's own address (192.0.2.2) says: host unreachable, for the SYN of frame 1."]
        );
        assert_eq!(
            said("unreachable-icmp-ipv6-prohibited", "ko", two_passes),
            ["프레임 1의 SYN에 대해 서버 주소(2001:db8::2)에서 ICMP 오류를 보냈습니다: administratively prohibited."]
        );
        assert!(said("refused", "en", two_passes).is_empty());
    }
}
