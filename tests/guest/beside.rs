//! Whatever Wireshark shows beside the plugin's own part is, byte for byte, what it shows without the plugin.

#[path = "../support/mod.rs"]
mod support;

use serde_json::json;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use support::capture::{Socket, back, frame, to, write};
use support::parallel::for_each_capture;
use support::sharkd::Sharkd;
use support::{bare_program, home, program, program_in, readable, without};

/// Everything that one run of tshark can print of a capture: the list, the details, three reports.
const EVERYTHING: [&str; 8] = ["-P", "-V", "-z", "io,phs", "-z", "conv,tcp", "-z", "expert"];

/// How many captures are looked at together, where each by itself would take too long; or what `TCPSHAKE_LOT` says.
const LOT: usize = 20;

/// How many captures a sharkd loads before another takes its place: it keeps much of what it has answered.
const LOADS: usize = 20;

/// A home where the plugin's protocol is disabled, as *Enabled Protocols* writes it down.
fn disabled_home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let other = support::home_with("disabled", &[("tcpshake.so", &support::plugin_bytes())]);
        support::put(&other, ".config/wireshark/disabled_protos", "tcpshake\n");
        other
    })
}

/// What tshark prints, and its exit code.
fn printed(mut tshark: Command, capture: &Path, options: &[&str]) -> (String, Option<i32>) {
    let output = tshark.arg("-r").arg(readable(capture)).args(options).output().expect("tshark runs");
    // What a dissector prints of damaged packets need not be UTF-8.
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    // HTTP/3's dissector prints where in memory something lies.
    let printed = if printed.contains(ADDRESS) {
        printed.lines().filter(|line| !line.contains(ADDRESS)).flat_map(|line| [line, "\n"]).collect()
    } else {
        printed
    };
    (printed, output.status.code())
}

const ADDRESS: &str = " encoded headers - bytes 0x";

/// The first line in which two texts differ, with the packet that it is in.
fn difference(bare: &str, with: &str) -> Option<String> {
    if bare == with {
        return None;
    }
    let (mut bare, mut with) = (bare.lines(), with.lines());
    let mut packet = "before the first packet";
    loop {
        let (left, right) = (bare.next(), with.next());
        if left != right || left.is_none() {
            let shown = |line: Option<&str>| line.map_or("nothing more".into(), |line| format!("{line:.300?}"));
            return Some(format!("{packet}\n    without the plugin: {}\n    with it: {}", shown(left), shown(right)));
        }
        let begins = |line: &&str| line.starts_with("Frame ") || line.contains("\"frame.number\"");
        packet = left.filter(begins).unwrap_or(packet);
    }
}

/// Compares tshark's output on a capture with the plugin, its part taken out, with that of the bare tshark; then, if asked
/// for, with the protocol disabled, where nothing is to be taken out.
fn compared(capture: &Path, options: &[&str], disabled: bool, strip: fn(&str) -> String) -> Vec<String> {
    let (bare, bare_code) = printed(bare_program("tshark"), capture, options);
    let mut complaints = Vec::new();
    let mut complain = |how: &str, (with, code): (String, Option<i32>), bare: &str| {
        complaints.extend(difference(bare, &with).map(|what| format!("{how} {options:?}: {what}")));
        if code != bare_code {
            complaints.push(format!("{how} {options:?}: ends with {code:?}, {bare_code:?} without the plugin"));
        }
    };
    let (with, code) = printed(program("tshark"), capture, options);
    // The bare text is stripped too, of what differs from run to run.
    complain("enabled", (strip(&with), code), &strip(&bare));
    if disabled {
        let mut tshark = program("tshark");
        tshark.args(["--disable-protocol", "tcpshake"]);
        let (with, code) = printed(tshark, capture, options);
        let timeless =
            |text: &str| text.lines().filter(|line| !line.starts_with("<pdml ")).collect::<Vec<_>>().join("\n");
        complain("disabled", (timeless(&with), code), &timeless(&bare));
    }
    complaints
}

fn all_captures() -> Vec<PathBuf> {
    let mut captures = support::recorded();
    captures.extend(support::corpus_sample());
    captures
}

/// All captures, several at a time one behind the other in a file; those that can't be joined, by themselves. Those of a lot
/// lie far apart in the list, since neighbours are often alike.
fn lots() -> Vec<PathBuf> {
    let size = std::env::var("TCPSHAKE_LOT").map_or(LOT, |size| size.parse().expect("TCPSHAKE_LOT is a number"));
    let captures = all_captures();
    let count = captures.len().div_ceil(size);
    let lot = |number: usize| {
        let several: Vec<PathBuf> = captures.iter().skip(number).step_by(count).map(|path| readable(path)).collect();
        if several.len() == 1 {
            return several;
        }
        let file = home().join(format!("captures/lot-{number}.pcapng"));
        let status = program("mergecap").arg("-a").arg("-w").arg(&file).args(&several).output().unwrap().status;
        if status.success() { vec![file] } else { several }
    };
    (0..count).flat_map(lot).collect()
}

#[test]
fn each_recorded_capture_in_one_pass_and_two() {
    let twice = [&["-2"], &EVERYTHING[..]].concat();
    for_each_capture(&support::recorded(), |capture| {
        let mut complaints = compared(capture, &EVERYTHING, false, without::details);
        complaints.extend(compared(capture, &twice, false, without::details));
        complaints
    });
}

#[test]
fn all_captures_in_one_pass_and_two() {
    let twice = [&["-2"], &EVERYTHING[..]].concat();
    for_each_capture(&lots(), |capture| {
        let mut complaints = compared(capture, &EVERYTHING, true, without::details);
        complaints.extend(compared(capture, &twice, true, without::details));
        complaints
    });
}

/// The recorded captures and some of the others, one time as JSON and one time as PDML.
#[test]
fn json_and_pdml() {
    let mut captures = support::recorded();
    captures.extend(support::corpus_sample().into_iter().step_by(4));
    for_each_capture(&captures, |capture| {
        let mut complaints = compared(capture, &["-T", "json"], false, without::json);
        complaints.extend(compared(capture, &["-2", "-T", "pdml"], false, without::pdml));
        complaints
    });
    for_each_capture(&[support::merged().to_path_buf()], |capture| {
        let mut complaints = compared(capture, &["-2", "-T", "json"], true, without::json);
        complaints.extend(compared(capture, &["-T", "pdml"], true, without::pdml));
        complaints
    });
}

/// Where nobody looks at the tree, only the fields that are asked for are in it.
#[test]
fn the_protocol_hierarchy_has_protocols_only() {
    let capture = support::recorded().into_iter().find(|path| path.ends_with("refused.pcap")).unwrap();
    for_each_capture(&[capture], |capture| {
        // With a filter that makes the plugin add its fields, to the same packets.
        let hierarchy = |tshark, filter| printed(tshark, capture, &["-q", "-z", "io,phs", "-Y", filter]).0;
        let with = hierarchy(program("tshark"), "tcpshake.phase == 1 || tcpshake.phase == 3");
        let bare = hierarchy(bare_program("tshark"), "tcp");
        difference(&bare, &without::details(&with)).into_iter().collect()
    });
}

/// What sharkd answers about a capture: its list, each frame, its conversations and expert items.
fn answers(sharkd: &mut Sharkd, capture: &Path) -> Vec<String> {
    sharkd.load(capture);
    let mut answers = vec![sharkd.ask_text("frames", json!({}))];
    for number in 1..=sharkd.frames() {
        answers.push(sharkd.ask_text("frame", json!({ "frame": number, "proto": true, "columns": true })));
    }
    answers.push(sharkd.ask_text("tap", json!({ "tap0": "conv:TCP", "tap1": "expert" })));
    answers
}

/// sharkd takes the window's way. Frame 0 in a complaint is the list, the one behind the last what taps say.
fn in_sharkd(sharkds: &mut [Sharkd; 3], capture: &Path) -> Vec<String> {
    let [bare, enabled, disabled] = sharkds.each_mut().map(|sharkd| answers(sharkd, capture));
    let mut complaints = Vec::new();
    for (how, with) in [("enabled", enabled), ("disabled", disabled)] {
        for (number, (bare, with)) in bare.iter().zip(&with).enumerate() {
            let with = if how == "enabled" { without::answer(with) } else { with.clone() };
            // Most are alike at once; to read them as JSON takes long.
            if *bare == with {
                continue;
            }
            let (bare, with) = (without::numbers(bare), without::numbers(&with));
            if bare != with && complaints.len() < 10 {
                let from = bare.bytes().zip(with.bytes()).take_while(|(one, other)| one == other).count();
                let shown =
                    |text: &str| String::from_utf8_lossy(&text.as_bytes()[from.saturating_sub(60)..]).into_owned();
                let (bare, with) = (shown(&bare), shown(&with));
                complaints.push(format!("{how}, frame {number}\n    bare: {bare:.300}\n    with: {with:.300}"));
            }
        }
        assert_eq!(bare.len(), with.len(), "{}, {how}: the number of answers", capture.display());
    }
    complaints
}

#[test]
fn each_capture_in_sharkd() {
    thread_local! {
        static SHARKDS: RefCell<Option<(usize, [Sharkd; 3])>> = const { RefCell::new(None) };
    }
    for_each_capture(&all_captures(), |capture| {
        let kept = SHARKDS.take().filter(|(loads, _)| *loads < LOADS);
        let start = || [Sharkd::start_bare(), Sharkd::start(), Sharkd::of(program_in(disabled_home(), "sharkd"))];
        let (loads, mut sharkds) = kept.unwrap_or_else(|| (0, start()));
        let complaints = in_sharkd(&mut sharkds, capture);
        SHARKDS.set(Some((loads + 1, sharkds)));
        complaints
    });
}

/// A list that `tshark -G` prints, sorted, without the plugin's own lines.
fn list(mut tshark: Command, which: &str) -> String {
    let output = tshark.args(["-G", which]).output().expect("tshark runs");
    assert!(output.status.success(), "-G {which}");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<&str> = text.lines().collect();
    if which != "decodes" {
        lines.retain(|line| !line.split('\t').any(|word| word == "tcpshake" || word.starts_with("tcpshake.")));
    }
    lines.sort_unstable();
    lines.join("\n")
}

/// Wireshark's lists about itself, above all which dissector is in which table.
#[test]
fn the_lists_of_dissectors_and_fields() {
    let mut complaints = Vec::new();
    for which in ["decodes", "heuristic-decodes", "dissector-tables", "fields", "protocols"] {
        let bare = list(bare_program("tshark"), which);
        assert!(!bare.is_empty(), "-G {which}");
        for (how, tshark) in [("enabled", program("tshark")), ("disabled", program_in(disabled_home(), "tshark"))] {
            complaints.extend(difference(&bare, &list(tshark, which)).map(|what| format!("-G {which}, {how}: {what}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

const ENDS: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 80));

/// The same frame with an authentication header (RFC 4302, 2) between IP and TCP.
fn authenticated(frame: &[u8]) -> Vec<u8> {
    const TCP: u8 = 6;
    const AH: u8 = 51;
    let (before, tcp) = frame.split_at(14 + 20);
    // The length in words of 32 bits, less two; the index; the number; twelve bytes that would prove it.
    let header = [TCP, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let mut bytes = [before, &header, tcp].concat();
    let length = (bytes.len() - 14) as u16;
    bytes[16..18].copy_from_slice(&length.to_be_bytes());
    bytes[23] = AH;
    bytes
}

/// The packets that tshark exports from inside IPsec: their layers and lengths, and the messages on stderr.
fn exported(mut tshark: Command, capture: &Path, name: &str) -> (String, String) {
    let file = home().join("captures").join(name);
    let output = tshark.args(["-U", "OSI layer 3", "-r"]).arg(capture).arg("-w").arg(&file).output().unwrap();
    let mut read = bare_program("tshark");
    let layers = ["-T", "fields", "-e", "frame.protocols", "-e", "frame.len", "-r"];
    let layers = read.args(layers).arg(&file).output().unwrap();
    let _ = fs::remove_file(file);
    (String::from_utf8(layers.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn packets_inside_ipsec_are_exported() {
    let lines = [to("S", 100, 0, 0), back("SA", 500, 101, 0), to("A", 101, 501, 0)];
    let frames: Vec<Vec<u8>> = lines.iter().map(|line| authenticated(&frame(ENDS, line, &[]))).collect();
    let capture = write("authenticated", &frames);
    let phases = support::tshark(&capture, &["-Y", "tcpshake", "-T", "fields", "-e", "tcpshake.phase"]);
    assert_eq!(phases, "1\n1\n1\n");
    let (bare, said) = exported(bare_program("tshark"), &capture, "bare.pcapng");
    assert_eq!(bare.lines().count(), lines.len(), "{said}");
    assert_eq!(exported(program("tshark"), &capture, "with.pcapng"), (bare, said));
}
