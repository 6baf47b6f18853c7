//! What the plugin costs: instructions a packet, counted by callgrind, and memory. Counts, not times: they do not depend on how
//! busy the machine is.
//!
//! `costs_stay_below_their_limits` runs with all tests. `tests/bench` runs the others, which print the tables of
//! `docs/cost.md`, but those that were counted by hand.

#[path = "../support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use support::parallel::side_by_side;
use support::traffic::{self, Traffic};

/// How Wireshark is run: without the plugin, with it, or without it and with TRANSUM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum With {
    Nothing,
    Tcpshake,
    Transum,
}

/// A question to tshark about a capture: its arguments.
struct Question {
    name: &'static str,
    tcpshake: &'static [&'static str],
    /// The same question without the plugin: of fields of TCP's own.
    without: &'static [&'static str],
}

const LOAD: Question =
    Question { name: "load", tcpshake: &["-q", "-z", "io,stat,0"], without: &["-q", "-z", "io,stat,0"] };

const FIELDS: Question = Question {
    name: "fields, two passes",
    tcpshake: &["-n", "-2", "-T", "fields", "-e", "tcpshake.step", "-e", "tcpshake.outcome"],
    without: &["-n", "-2", "-T", "fields", "-e", "tcp.flags", "-e", "tcp.completeness"],
};

const QUESTIONS: [Question; 5] = [
    LOAD,
    Question { name: "list", tcpshake: &["-n"], without: &["-n"] },
    Question {
        name: "filter",
        tcpshake: &["-n", "-Y", "tcpshake.phase==1"],
        without: &["-n", "-Y", "tcp.flags.syn==1"],
    },
    FIELDS,
    Question { name: "full tree", tcpshake: &["-n", "-V"], without: &["-n", "-V"] },
];

/// A program of Wireshark's as it is run in all measurements.
fn tshark(runner: &[&str], with: With, capture: &Path, question: &Question) -> Command {
    let mut command = support::program(runner.first().copied().unwrap_or("tshark"));
    command.args(runner.iter().skip(1)).args(runner.first().map(|_| "tshark")).arg("-r").arg(capture);
    command.args(if with == With::Tcpshake { question.tcpshake } else { question.without });
    if with == With::Transum {
        command.args(["--enable-protocol", "transum"]);
    }
    if with != With::Tcpshake {
        let bare = support::home().join("bare");
        fs::create_dir_all(&bare).unwrap();
        command.env("HOME", bare);
    }
    command.stdout(Stdio::null());
    command
}

/// The instructions of one run.
fn instructions(with: With, capture: &Path, question: &Question) -> u64 {
    let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = tshark(&valgrind, with, capture, question).stderr(Stdio::piped()).output().expect("valgrind runs");
    let log = String::from_utf8_lossy(&output.stderr);
    let count = log.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.unwrap_or_else(|| panic!("{}: {log}", capture.display()))
}

/// The instructions that one packet takes: without those of a run over no packets.
fn each_packet(with: With, capture: &Traffic, question: &Question, start: u64) -> f64 {
    (instructions(with, &capture.file, question) - start) as f64 / f64::from(capture.packets)
}

/// Seconds of processor time and bytes of memory at the peak, of one run without valgrind.
#[allow(clippy::zombie_processes)] // wait4 waits for it
fn time_and_memory(with: With, capture: &Traffic, question: &Question) -> (f64, f64) {
    let child = tshark(&[], with, &capture.file, question).stderr(Stdio::null()).spawn().expect("tshark runs");
    // SAFETY: the record is plain numbers, and the child is waited for nowhere else.
    let (used, status) = unsafe {
        let (mut used, mut status) = (std::mem::zeroed::<libc::rusage>(), 0);
        assert!(libc::wait4(child.id() as i32, &mut status, 0, &mut used) > 0);
        (used, status)
    };
    assert_eq!(status, 0, "tshark failed on {}", capture.file.display());
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    (seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss as f64 * 1024.0)
}

/// The least of three runs: what else the machine does can only add.
fn least(with: With, capture: &Traffic) -> (f64, f64) {
    let runs = [(); 3].map(|()| time_and_memory(with, capture, &LOAD));
    let least = |of: fn(&(f64, f64)) -> f64| runs.iter().map(of).fold(f64::INFINITY, f64::min);
    (least(|run| run.0), least(|run| run.1))
}

/// How much more `with` is than `bare`, in percent.
fn more(with: f64, bare: f64) -> f64 {
    (with / bare - 1.0) * 100.0
}

fn count_instructions(packets: u32) {
    const WAYS: [With; 3] = [With::Nothing, With::Tcpshake, With::Transum];
    let captures = [
        ("short connections", traffic::short_connections(packets)),
        ("long connections", traffic::long_connections("long", packets)),
        ("failures and loss", traffic::troubled_connections(packets)),
        ("IPv6 and tunnels", traffic::ipv6_and_tunnels(packets)),
    ];
    let none = traffic::nothing();
    let starts = side_by_side(&WAYS, |with| instructions(*with, &none.file, &LOAD));
    println!("| capture | question | bare | tcpshake | | TRANSUM | |");
    println!("| --- | --- | --: | --: | --: | --: | --: |");
    for (name, capture) in &captures {
        let jobs: Vec<_> = QUESTIONS.iter().flat_map(|question| [0, 1, 2].map(|way| (question, way))).collect();
        let costs = side_by_side(&jobs, |&(question, way)| each_packet(WAYS[way], capture, question, starts[way]));
        for (question, cost) in QUESTIONS.iter().zip(costs.chunks(WAYS.len())) {
            let [bare, tcpshake, transum] = [cost[0], cost[1], cost[2]];
            println!(
                "| {name} | {} | {bare:.0} | {tcpshake:.0} | {:+.1} % | {transum:.0} | {:+.1} % |",
                question.name,
                more(tcpshake, bare),
                more(transum, bare)
            );
        }
    }
}

fn measure_growth_and_memory() {
    let captures = [
        ("10,000 segments, 4 connections", 4, traffic::long_connections("ten-thousand", 10_000)),
        ("100,000 segments, 4 connections", 4, traffic::long_connections("hundred-thousand", 100_000)),
        ("1,000,000 segments, 4 connections", 4, traffic::long_connections("million", 1_000_000)),
        ("300,000 segments, 100,000 connections open at once", 100_000, traffic::open_connections(100_000)),
    ];
    let none = traffic::nothing();
    let [(bare_start, bare_memory), (start, memory)] = [With::Nothing, With::Tcpshake].map(|with| least(with, &none));
    println!("| capture | bare, µs a packet | tcpshake | | memory, bare | tcpshake adds |");
    println!("| --- | --: | --: | --: | --: | --: |");
    let mut added = Vec::new();
    for (name, connections, capture) in &captures {
        let [(bare, bare_peak), (own, own_peak)] = [With::Nothing, With::Tcpshake].map(|with| least(with, capture));
        let packets = f64::from(capture.packets);
        let (bare, own) = ((bare - bare_start) * 1e6 / packets, (own - start) * 1e6 / packets);
        let more_memory = (own_peak - memory) - (bare_peak - bare_memory);
        println!(
            "| {name} | {bare:.1} | {own:.1} | {:+.0} % | {:.0} MB | {:.1} MB |",
            more(own, bare),
            bare_peak / 1e6,
            more_memory / 1e6
        );
        added.push((f64::from(*connections), packets, more_memory));
    }
    let [_, _, (_, segments, of_segments), (connections, few, of_both)] = added[..] else { unreachable!() };
    let segment = of_segments / segments;
    println!("\nA segment takes {segment:.1} bytes, a connection {:.1}.", (of_both - few * segment) / connections);
    for (_, _, capture) in &captures {
        fs::remove_file(&capture.file).unwrap();
    }
}

/// The report on conversations that Wireshark has, and ours.
const REPORTS: [Question; 4] = [
    LOAD,
    Question { name: "conn.log", tcpshake: &["-q", "-z", "tcpshake,conn.log"], without: &["-q", "-z", "conv,tcp"] },
    Question { name: "conn.json", tcpshake: &["-q", "-z", "tcpshake,conn.json"], without: &["-q", "-z", "conv,tcp"] },
    Question {
        name: "connections",
        tcpshake: &["-q", "-z", "tcpshake,connections"],
        without: &["-q", "-z", "conv,tcp"],
    },
];

/// What the window's table of connections takes, in tshark, and Wireshark's own of conversations: the plugin loaded for both.
const TABLES: [Question; 3] = [
    Question { name: "conv,tcp", tcpshake: &["-q", "-z", "conv,tcp"], without: &["-q", "-z", "conv,tcp"] },
    Question { name: "connections", tcpshake: &["-q", "-z", "tcpshake,connections"], without: LOAD.without },
    Question { name: "clients", tcpshake: &["-q", "-z", "tcpshake,clients"], without: LOAD.without },
];

fn count_tables(packets: u32) {
    let (capture, none) = (traffic::short_connections(packets), traffic::nothing());
    let starts = side_by_side(&TABLES, |table| instructions(With::Tcpshake, &none.file, table));
    let jobs: Vec<_> = TABLES.iter().zip(starts).collect();
    let costs = side_by_side(&jobs, |(table, start)| each_packet(With::Tcpshake, &capture, table, *start));
    println!("| report | instructions a packet | beside `conv,tcp` |");
    println!("| --- | --: | --: |");
    for (table, cost) in TABLES.iter().zip(&costs) {
        println!("| {} | {cost:.0} | {:+.1} % |", table.name, more(*cost, costs[0]));
    }
}

/// One run each: among so many packets the start and what the machine does besides weigh little.
fn measure_scale() {
    println!("| connections | segments | question | bare, µs a packet | tcpshake | memory, bare | tcpshake |");
    println!("| --: | --: | --- | --: | --: | --: | --: |");
    for connections in [10_000, 100_000, 1_000_000] {
        let capture = traffic::short_connections(11 * connections);
        for question in &REPORTS {
            let [(bare, bare_peak), (own, own_peak)] =
                [With::Nothing, With::Tcpshake].map(|with| time_and_memory(with, &capture, question));
            let each = |seconds: f64| seconds * 1e6 / f64::from(capture.packets);
            println!(
                "| {connections} | {} | {} | {:.1} | {:.1} | {:.0} MB | {:.0} MB |",
                capture.packets,
                question.name,
                each(bare),
                each(own),
                bare_peak / 1e6,
                own_peak / 1e6
            );
        }
        fs::remove_file(&capture.file).unwrap();
    }
}

#[test]
#[ignore = "takes a quarter of an hour, 2 GB of disk and 16 GB of memory: tests/bench scale runs it"]
fn table_of_scale() {
    println!("Wireshark {}, processor time and memory:\n", support::wireshark_version());
    measure_scale();
}

#[test]
#[ignore = "takes minutes: tests/bench runs it"]
fn table_of_instructions() {
    println!("Wireshark {}, instructions a packet:\n", support::wireshark_version());
    count_instructions(3_000);
}

#[test]
#[ignore = "takes minutes: tests/bench tables runs it"]
fn table_of_tables() {
    println!(
        "Wireshark {}, instructions a packet, 5,000 connections of eleven segments:\n",
        support::wireshark_version()
    );
    count_tables(55_000);
}

#[test]
#[ignore = "takes minutes: tests/bench runs it"]
fn table_of_memory() {
    println!("Wireshark {}, processor time and memory:\n", support::wireshark_version());
    measure_growth_and_memory();
}

/// What short connections may cost more with the plugin than without, in percent of Wireshark 4.0's
/// instructions. As a ratio it depends little on compilers and libraries; docs/cost.md has what was measured.
const LIMITS: [(&Question, f64); 2] = [(&LOAD, 13.0), (&FIELDS, 20.0)];

/// Wireshark's maps are hashed by a random number (wsutil/wmem/wmem_map.c), so a run may have more collisions than others. Collisions
/// can only add, so the least of the runs is taken. Far below its limit, two fields are counted once.
const RUNS: usize = 2;

#[test]
fn costs_stay_below_their_limits() {
    if Command::new("valgrind").arg("--version").output().is_err() || support::wireshark_version() != "4.0" {
        support::skip("the limits are those of Wireshark 4.0, and need valgrind");
        return;
    }
    let (capture, none) = (traffic::short_connections(4000), traffic::nothing());
    let ask = |question, of| [With::Nothing, With::Tcpshake].map(|with| (with, question, of));
    let loads = [ask(&LOAD, &none), ask(&LOAD, &capture)].concat();
    let jobs = [loads.repeat(RUNS), ask(&FIELDS, &capture).to_vec()].concat();
    let counts = side_by_side(&jobs, |(with, question, of)| instructions(*with, &of.file, question));
    let mut least: HashMap<_, u64> = HashMap::new();
    for ((with, question, of), count) in jobs.iter().zip(counts) {
        least.entry((*with, question.name, of.packets)).and_modify(|least| *least = count.min(*least)).or_insert(count);
    }
    for (question, limit) in LIMITS {
        let each = |with| {
            let (start, all) =
                (least[&(with, LOAD.name, none.packets)], least[&(with, question.name, capture.packets)]);
            (all - start) as f64 / f64::from(capture.packets)
        };
        let (name, bare, own) = (question.name, each(With::Nothing), each(With::Tcpshake));
        let measured = more(own, bare);
        println!("{name}: {bare:.0} instructions a packet without, {own:.0} with: {measured:+.2} %");
        assert!(measured <= limit, "{name} costs {measured:+.2} %: more than {limit:+} %");
    }
}
