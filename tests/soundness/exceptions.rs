//! Wireshark leaves its functions by `longjmp` where a tree has too many items or a packet is cut short. Wherever that
//! happens, Wireshark reports it as it does without the plugin, and later frames are shown as usual.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::capture::{Socket, back, frame, to, write};
use support::{project, readable};

const BUG: &str = "[Dissector bug, protocol TCP Handshake";
const OF_ANY: &str = "Dissector bug, protocol ";

/// A connection whose frames have trees of about the same size.
fn capture() -> PathBuf {
    let ends: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 7100));
    let lines = [
        to("S", 100, 0, 0),
        back("SA", 500, 101, 0),
        to("A", 101, 501, 0),
        back("A", 501, 101, 0),
        to("FA", 101, 501, 0),
        back("RA", 501, 102, 0),
    ];
    let frames: Vec<Vec<u8>> = lines.iter().map(|line| frame(ends, line, &[])).collect();
    write("exceptions", &frames)
}

/// The frames as `tshark -V` prints them.
fn frames(mut tshark: Command, capture: &Path, options: &[&str]) -> Vec<String> {
    let output = tshark.arg("-V").arg("-r").arg(capture).args(options).output().expect("tshark runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{options:?}: {:?} {complaints}", output.status);
    assert!(!complaints.contains("panicked"), "{options:?}: {complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut frames = Vec::new();
    for line in text.lines() {
        if line.starts_with("Frame ") {
            frames.push(String::new());
        }
        let frame: &mut String = frames.last_mut().expect("a frame begins with its line");
        frame.push_str(line);
        frame.push('\n');
    }
    frames
}

/// With room for `most` items in a tree.
fn limited(tshark: Command, most: usize, more: &[&str]) -> Vec<String> {
    let limit = format!("gui.max_tree_items:{most}");
    frames(tshark, &capture(), &[&["-o", limit.as_str()], more].concat())
}

/// The smallest limit at which Wireshark's own dissectors have room for every frame. `None` if Wireshark itself, without the
/// plugin, ends on the way there: 4.6 adds `frame.encoding` where nothing catches its exceptions.
fn room_for_wiresharks(passes: &[&str]) -> Option<usize> {
    let (mut low, mut high) = (30, 1000);
    while low < high {
        let middle = (low + high) / 2;
        let limit = format!("gui.max_tree_items:{middle}");
        let mut bare = support::bare_program("tshark");
        let output = bare.arg("-V").arg("-r").arg(capture()).args(["-o", &limit]).args(passes).output().unwrap();
        output.status.code()?;
        if String::from_utf8_lossy(&output.stdout).contains(OF_ANY) { low = middle + 1 } else { high = middle }
    }
    Some(low)
}

/// At each limit that falls among the plugin's items, each frame has exactly one complaint, in Wireshark's own words, after
/// what it shows without the plugin and the beginning of ours. A frame that fits is as usual.
fn full_among_our_items(passes: &[&str]) {
    let whole = frames(support::program("tshark"), &capture(), passes);
    let mut struck = BTreeSet::new();
    let Some(room) = room_for_wiresharks(passes) else {
        assert_eq!(support::wireshark_version(), "4.6");
        support::skip("this Wireshark ends by itself where a tree is full");
        return;
    };
    for most in room.. {
        let with = limited(support::program("tshark"), most, passes);
        if with == whole {
            break;
        }
        for (index, (with, whole)) in with.iter().zip(&whole).enumerate().filter(|(_, (with, whole))| with != whole) {
            let name = format!("frame {}, {most} items", index + 1);
            let (before, complaint) = with.split_once(BUG).unwrap_or_else(|| panic!("{name}: {with}"));
            assert!(whole.starts_with(before) && before.contains("Transmission Control Protocol"), "{name}: {with}");
            assert!(complaint.contains(&format!("would put more than {most} items in the tree")), "{name}: {with}");
            assert_eq!(with.matches(OF_ANY).count(), 1, "{name}: {with}");
            struck.insert((index, most));
        }
    }
    for index in 0..whole.len() {
        let limits = struck.range((index, 0)..(index + 1, 0)).count();
        assert!(limits > 30, "frame {}: our tree has more items than {limits}", index + 1);
    }
}

#[test]
fn a_tree_that_is_full_anywhere_among_our_items() {
    full_among_our_items(&[]);
}

#[test]
fn a_tree_that_is_full_anywhere_among_our_items_in_two_passes() {
    full_among_our_items(&["-2"]);
}

/// A tree that is full before ours begins: Wireshark's complaint stands as it does without the plugin.
#[test]
fn a_tree_that_is_full_before_ours() {
    for most in [30, 60, 75, 85] {
        let bare = limited(support::bare_program("tshark"), most, &[]);
        assert!(bare.iter().any(|frame| frame.contains(OF_ANY)), "{most} items are not enough");
        for (with, bare) in limited(support::program("tshark"), most, &[]).iter().zip(&bare) {
            assert!(with.starts_with(bare.trim_end()), "{most} items: {with}\nwithout the plugin: {bare}");
        }
    }
}

/// A capture cut after any number of bytes in each frame: it shows what it shows without the plugin, and then our tree.
#[test]
fn packets_cut_anywhere() {
    let recorded = readable(&project().join("tests/captures/ecn.pcap"));
    for bytes in (16..76).step_by(4) {
        let cut = support::home().join(format!("captures/cut-{bytes}.pcap"));
        let made = Command::new("editcap").args(["-s", &bytes.to_string()]).arg(&recorded).arg(&cut).status();
        assert!(made.expect("editcap runs").success());
        for passes in [&[][..], &["-2"]] {
            let bare = frames(support::bare_program("tshark"), &cut, passes);
            for (with, bare) in frames(support::program("tshark"), &cut, passes).iter().zip(&bare) {
                let (with, ours) = with.split_once("[TCP Handshake: ").unwrap_or((with, ""));
                assert_eq!(with.trim_end(), bare.trim_end(), "cut after {bytes} bytes");
                assert!(!ours.contains("bug") && !ours.contains("alformed"), "cut after {bytes} bytes: {ours}");
                let whole_header = 14 + 20 + 20;
                assert!(bytes < whole_header || !ours.is_empty(), "cut after {bytes} bytes");
            }
        }
    }
}
