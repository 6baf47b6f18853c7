//! Captures that are damaged at random: Wireshark prints everything else as it does without the plugin, nobody complains,
//! and nothing crashes or hangs.
//!
//! Every run is the same, unless `TCPSHAKE_HOSTILE_SECONDS` sets how long to go on, and `TCPSHAKE_HOSTILE_SEED` the first seed
//! (1 if it is not set). Then captures of `randpkt`, which has no seed, are among them. A capture that fails is kept, and the
//! message names it.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use support::parallel::for_each;
use support::{bare_program, home, program, readable};

/// Frames of one capture at most: a large one takes its time without the plugin, too.
const FRAMES: &str = "1-150";

/// Damaged captures that are read together, as most of the time is Wireshark's start.
const TOGETHER: u64 = 8;

/// How many times so many, where no time is set.
const ROUNDS: u64 = 20;

/// Seconds that tshark may take for it, many times what it takes.
const PATIENCE: &str = "120";

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().expect("a number"))
}

fn run(command: &mut Command) -> Option<()> {
    command.output().expect("Wireshark's programs run").status.success().then_some(())
}

/// A capture with some of its bytes changed, and with some seeds its packets cut short as well. `None` if editcap can't
/// read it.
fn damaged(capture: &Path, seed: u64, to: &Path) -> Option<()> {
    let probability = ["0.002", "0.01", "0.03", "0.1"][seed as usize % 4];
    let mut command = Command::new("editcap");
    command.args(["-E", probability, "--seed", &seed.to_string(), "-r"]);
    if seed % 5 == 0 {
        command.args(["-s", &(30 + seed % 64).to_string()]);
    }
    run(command.arg(capture).arg(to).arg(FRAMES))
}

/// Packets of any bytes below a TCP header's, or a random kind.
fn random(seed: u64, to: &Path) -> Option<()> {
    run(Command::new("randpkt").args(["-t", ["tcp", "ip", "icmp"][seed as usize % 3], "-c", "200"]).arg(to))
}

/// The damaged captures of these seeds in one file, and how many they are.
fn joined(sources: &[PathBuf], seeds: std::ops::Range<u64>, randpkt: bool) -> Option<(PathBuf, u64)> {
    let folder = home().join("captures");
    let mut made = Vec::new();
    let whole = folder.join(format!("hostile-{}.pcapng", seeds.start));
    for seed in seeds {
        let to = folder.join(format!("damaged-{seed}"));
        // A prime goes through all sources before one comes again.
        let source = &sources[(seed * 7919) as usize % sources.len()];
        let done = if randpkt && seed % 16 == 0 { random(seed / 16, &to) } else { damaged(source, seed, &to) };
        made.extend(done.map(|()| to));
    }
    let joined = run(Command::new("mergecap").args(["-a", "-w"]).arg(&whole).args(&made));
    made.iter().for_each(|part| std::fs::remove_file(part).unwrap());
    joined.map(|()| (whole, made.len() as u64))
}

/// How a run ended, and what was printed.
struct Printed {
    code: Option<i32>,
    /// Without the plugin's own tree.
    text: String,
    has_ours: bool,
    complaints: Vec<String>,
}

fn printed(name: &str, of: fn(&str) -> Command, capture: &Path, passes: &[&str]) -> Printed {
    let mut tshark = of("timeout");
    let output = tshark.args([PATIENCE, name, "-V", "-r"]).arg(capture).args(passes).output().expect("tshark runs");
    let text = String::from_utf8_lossy(&output.stdout);
    // The process and the time stand before the severity of a message, in brackets, and the message.
    let complaint = |line: &str| line.split_once("] ").map_or(line, |(_, message)| message).to_owned();
    Printed {
        code: output.status.code(),
        text: without_ours(&text),
        has_ours: text.contains(OURS),
        complaints: String::from_utf8_lossy(&output.stderr).lines().map(complaint).collect(),
    }
}

/// How the plugin's own tree begins.
const OURS: &str = "[TCP Handshake: ";

/// Leaves out the plugin's own tree, but for words of failure in it.
fn without_ours(text: &str) -> String {
    let mut ours = false;
    let stays = |line: &&str| {
        ours = line.starts_with(OURS) || ours && line.starts_with(' ');
        !ours || ["bug", "alformed", "no known reason fits"].iter().any(|word| line.contains(word))
    };
    text.lines().filter(stays).collect::<Vec<_>>().join("\n")
}

/// Whether the plugin shows anything for the capture, and what it changes about the rest: nothing, if all is well.
fn complaints(capture: &Path) -> (bool, Vec<String>) {
    let (mut has_ours, mut found) = (false, Vec::new());
    for passes in [&[][..], &["-2"]] {
        let bare = printed("tshark", bare_program, capture, passes);
        let with = printed("tshark", program, capture, passes);
        assert!(!bare.has_ours, "the home without the plugin has it");
        has_ours |= with.has_ours;
        if (bare.code, &bare.text, &bare.complaints) != (with.code, &with.text, &with.complaints) {
            let differs = with.text.lines().zip(bare.text.lines()).find(|(with, bare)| with != bare);
            let stderr = with.complaints.iter().find(|complaint| !bare.complaints.contains(complaint));
            found.push(format!("{passes:?}: {:?} {differs:?} {stderr:?}, without: {:?}", with.code, bare.code));
        }
    }
    (has_ours, found)
}

#[test]
fn the_rest_of_a_damaged_capture_is_as_without_the_plugin() {
    let end = number("TCPSHAKE_HOSTILE_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let first = number("TCPSHAKE_HOSTILE_SEED").unwrap_or(1);
    let sources: Vec<PathBuf> =
        support::recorded().into_iter().chain(support::corpus()).map(|p| readable(&p)).collect();
    let (done, shown) = (AtomicU64::new(0), AtomicU64::new(0));
    let rounds = if end.is_some() { 1_000_000 } else { ROUNDS };
    let rounds: Vec<u64> = (0..rounds).collect();
    for_each(&rounds, |&round| {
        if end.is_some_and(|end| Instant::now() > end) {
            return Vec::new();
        }
        let seeds = first + round * TOGETHER..first + (round + 1) * TOGETHER;
        let Some((capture, count)) = joined(&sources, seeds, end.is_some()) else { return Vec::new() };
        let (has_ours, found) = complaints(&capture);
        done.fetch_add(count, Relaxed);
        shown.fetch_add(has_ours.into(), Relaxed);
        if found.is_empty() {
            std::fs::remove_file(&capture).unwrap();
        }
        found.into_iter().map(|complaint| format!("{}: {complaint}", capture.display())).collect()
    });
    let (done, shown) = (done.into_inner(), shown.into_inner());
    println!("{done} damaged captures, each in one pass and in two, from seed {first}");
    assert!(
        shown * TOGETHER > done / 2,
        "the plugin showed something for only {shown} times {TOGETHER} of {done} captures"
    );
}
