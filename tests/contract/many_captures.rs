//! The commands of docs/many-captures.md, run as they stand on the page: from a folder of captures to tables of connections, on one
//! machine and on Spark, which say the same.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use support::docs::{blocks, page, run_in, section, shell};
use support::mapping::{Json, bulk, misfits};
use support::{home, open_up, program, project, readable, skip, tshark};

const PAGE: &str = "docs/many-captures.md";

/// In the folder of captures, by day: recorded ones, and two that are broken.
const CAPTURES: [(&str, &[&str]); 2] = [
    (
        "2026-11-22",
        &["abort-by-server", "handshake-retried-by-both", "http-get", "no-answer", "refused", "refused-ipv6"],
    ),
    ("2026-11-23", &["http-get", "refused", "unreachable-icmp-host"]),
];
const CUT_SHORT: &str = "captures/2026-11-23/cut-short.pcap";
const NO_CAPTURE: &str = "captures/2026-11-23/no-capture.pcap";

/// A folder as a reader of the page may have it.
fn folder_of_captures(name: &str) -> PathBuf {
    let folder = home().join(name);
    for ((day, names), days_later) in CAPTURES.iter().zip(0..) {
        fs::create_dir_all(folder.join("captures").join(day)).unwrap();
        open_up(&folder);
        for name in *names {
            let recorded = readable(&project().join("tests/captures").join(name).with_extension("pcap"));
            let copy = folder.join(format!("captures/{day}/{name}.pcap"));
            let mut editcap = program("editcap");
            editcap.args(["-F", "pcap", "-t", &format!("{}", days_later * 86_400)]).arg(recorded).arg(copy);
            assert!(editcap.status().unwrap().success());
        }
    }
    let whole = fs::read(folder.join("captures/2026-11-23/http-get.pcap")).unwrap();
    fs::write(folder.join(CUT_SHORT), &whole[..1500]).unwrap();
    fs::write(folder.join(NO_CAPTURE), [0xff; 100]).unwrap();
    fs::create_dir_all(folder.join("docs/many-captures")).unwrap();
    fs::copy(project().join("docs/many-captures/spark.py"), folder.join("docs/many-captures/spark.py")).unwrap();
    open_up(&folder);
    folder
}

/// What a command prints, with the programs that `tests/run` brings from PyPI.
fn run(folder: &Path, command: &str) -> Output {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project().join("target"), PathBuf::from);
    let (programs, spark) = (target.join("pipx/bin"), target.join("pipx/venvs/pyspark"));
    let path = format!("{}:{}:{}", programs.display(), spark.join("bin").display(), std::env::var("PATH").unwrap());
    let mut shell = shell(folder, command);
    shell.env("PATH", path).env("SPARK_LOCAL_IP", "127.0.0.1").env("SPARK_HOME", home_of_spark(&spark));
    shell.output().unwrap()
}

/// Spark's folder, but one in which every user can write: there its workers work.
fn home_of_spark(environment: &Path) -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = home().join("spark");
        fs::create_dir_all(&folder).unwrap();
        open_up(&folder);
        let pythons = fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
        for package in pythons.map(|python| python.path().join("site-packages/pyspark")) {
            for entry in fs::read_dir(package).into_iter().flatten().flatten() {
                std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name())).unwrap();
            }
        }
        folder
    })
}

/// Whether a program is there and runs; if not, the test is skipped.
fn has(program: &str) -> bool {
    let there = run(home(), &format!("{program} --version")).status.success();
    if !there {
        skip(&format!("{program} is not installed"));
    }
    there
}

/// Runs a command of the page, which has to end well and print what stands under it.
fn follow(folder: &Path, block: &support::docs::Block) {
    let output = run(folder, &block.text);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaints}", block.text);
    if let Some(expected) = &block.output {
        assert_eq!(&String::from_utf8_lossy(&output.stdout), expected, "{PAGE}: {}", block.text);
    }
}

/// The page's commands of a section, without those that install something.
fn commands(anchor: &str) -> Vec<support::docs::Block> {
    let commands = blocks(section(&page(PAGE), anchor)).into_iter().filter(|block| block.language == "sh");
    commands.filter(|block| !block.text.starts_with("sudo ")).collect()
}

/// The files of rows, by name.
fn files_of_rows(folder: &Path) -> BTreeMap<PathBuf, String> {
    let found = run_in(folder, "find rows -type f");
    found.lines().map(|name| (name.into(), fs::read_to_string(folder.join(name)).unwrap())).collect()
}

/// A folder in which the first three commands of the page have been followed; `None` where what they need is not installed.
fn one_machine() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let follow_page = || {
        if !["parallel", "duckdb"].into_iter().all(has) {
            return None;
        }
        let folder = folder_of_captures("one-machine");
        let [read, ask] = &commands("three-commands")[..] else { panic!("{PAGE}: three commands") };
        let output = run(&folder, &read.text);
        assert_eq!(output.status.code(), Some(2), "two captures are broken");
        let said = String::from_utf8_lossy(&output.stderr);
        for broken in [CUT_SHORT, NO_CAPTURE] {
            assert!(said.contains(&format!("tshark: The file \"{broken}\"")), "{said}");
        }
        follow(&folder, ask);
        Some(folder)
    };
    FOLDER.get_or_init(follow_page).as_deref()
}

#[test]
fn three_commands_lead_to_the_rows_of_every_capture() {
    let Some(folder) = one_machine() else { return };
    let files = files_of_rows(folder);
    let captures = run_in(folder, "find captures -name '*.pcap'");
    assert_eq!(captures.lines().count(), files.len());
    for capture in captures.lines() {
        let rows = &files[Path::new(&format!("rows/{capture}.json"))];
        assert_eq!(rows.lines().count(), usize::from(capture != NO_CAPTURE), "{capture}");
    }
}

#[test]
fn questions_are_answered_as_the_page_says() {
    let Some(folder) = one_machine() else { return };
    let asked: Vec<_> =
        ["if-a-capture-is-broken-or-the-machine-stops", "questions"].into_iter().flat_map(commands).collect();
    assert!(asked.len() == 7 && asked.iter().filter(|block| block.output.is_some()).count() == 6, "{asked:?}");
    for block in asked.iter().filter(|block| !block.text.contains("gnuplot") || has("gnuplot")) {
        follow(folder, block);
        if block.text.contains("gnuplot") {
            let plot = fs::read_to_string(folder.join("days.svg")).unwrap();
            assert!(CAPTURES.iter().all(|(day, _)| plot.contains(day)), "{plot}");
        }
    }
}

/// As after a crash of the machine: two captures are not in the list of what is done.
#[test]
fn the_second_command_goes_on_where_it_was_stopped() {
    if !has("parallel") {
        return;
    }
    let folder = folder_of_captures("stopped");
    let read = &commands("three-commands")[0];
    // A list in which all but two are done, as the command writes it.
    let list = run_in(&folder, "find captures -type f -name '*.pcap*' | sort");
    let done = list
        .lines()
        .enumerate()
        .skip(2)
        .map(|(index, capture)| format!("{}\t:\t1\t1\t0\t0\t0\t0\t{capture}\n", index + 1));
    let heading = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n".to_owned();
    run_in(&folder, &format!("printf %s '{heading}{}' >jobs.tsv", done.collect::<String>()));
    assert!(run(&folder, &read.text).status.success());
    let rows: Vec<PathBuf> = list.lines().take(2).map(|capture| format!("rows/{capture}.json").into()).collect();
    assert_eq!(files_of_rows(&folder).into_keys().collect::<Vec<_>>(), rows);
}

/// The names and types of the columns in the page's statement and in the job for Spark.
#[test]
fn tables_have_the_columns_of_the_rows() {
    let log = tshark(&project().join("tests/captures/http-get.pcap"), &["-q", "-z", "tcpshake,conn.log"]);
    let header = |head: &str| -> Vec<String> {
        let line = log.lines().find_map(|line| line.strip_prefix(head)).unwrap();
        line.split('\t').skip(1).map(String::from).collect()
    };
    let (fields, types) = (header("#fields"), header("#types"));
    // As words, without what is between them.
    let words = |text: &str| {
        text.replace(['"', '`', '\'', ','], "").replace(": ", " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let columns = |type_of: fn(&str) -> &'static str| -> String {
        let columns = fields.iter().zip(&types).map(|(name, kind)| format!("{name} {}", type_of(kind)));
        columns.collect::<Vec<_>>().join(" ")
    };
    let statement = words(&page(PAGE));
    let expected = columns(|kind| match kind {
        "time" | "interval" => "DOUBLE",
        "port" => "INTEGER",
        "count" => "BIGINT",
        "bool" => "BOOLEAN",
        "set[string]" => "VARCHAR[]",
        _ => "VARCHAR",
    });
    assert!(statement.contains(&format!("columns = {{ {expected} }}")), "{expected}");
    let job = words(&page("docs/many-captures/spark.py"));
    let expected = columns(|kind| match kind {
        "time" | "interval" => "double",
        "port" => "int",
        "count" => "bigint",
        "bool" => "boolean",
        "set[string]" => "array<string>",
        _ => "string",
    });
    assert!(job.contains(&expected), "{expected}");
    let mapping = mapping();
    let mapped: BTreeSet<&String> = mapping["mappings"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(mapped, fields.iter().chain([&"capture".to_owned()]).collect());
}

/// The page's mapping of connections.
fn mapping() -> serde_json::Value {
    let page = page(PAGE);
    let block = blocks(&page).into_iter().find(|block| block.language == "json").unwrap();
    serde_json::from_str(&block.text).unwrap()
}

#[test]
fn the_pages_mapping_takes_its_documents() {
    let folder = folder_of_captures("documents");
    fs::write(folder.join("rows.json"), tshark(support::merged(), &["-q", "-z", "tcpshake,conn.json"])).unwrap();
    let page = page(PAGE);
    let function = blocks(&page).into_iter().find(|block| block.text.starts_with("documents() {")).unwrap();
    let documents: Vec<Json> = bulk(&run_in(&folder, &format!("{}documents rows.json", function.text)));
    let (wrong, seen) = misfits(&mapping(), &documents);
    assert!(documents.len() > 70 && wrong.is_empty(), "{wrong:?}");
    let questions: Vec<String> =
        blocks(&page).into_iter().map(|block| block.text).filter(|text| text.contains("_search")).collect();
    assert_eq!(questions.len(), 3);
    for question in questions {
        let body = question.split('\'').nth(3).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
        let text = body.to_string();
        for field in
            text.split('"').filter(|word| ["id.", "tcpshake.", "ts"].iter().any(|start| word.starts_with(start)))
        {
            assert!(seen.contains(field), "{field} is asked for, and not mapped");
        }
    }
}

/// A real Spark, with two workers as processes of their own: two to three minutes. `tests/run --long` brings it and runs this.
#[test]
#[ignore = "needs Spark"]
fn a_cluster_finds_the_same_as_one_machine() {
    if !["java", "spark-submit"].into_iter().all(has) {
        return;
    }
    let Some(folder) = one_machine() else { return };
    let blocks = commands("a-cluster");
    assert_eq!(blocks.len(), 3, "{blocks:?}");
    for block in &blocks {
        follow(folder, block);
    }
    let compared = run(
        folder,
        r"duckdb -csv -noheader <<'SQL'
ATTACH 'connections.duckdb' AS one; ATTACH 'cluster.duckdb' AS many;
CREATE VIEW cluster AS SELECT * REPLACE (regexp_replace(capture, '^.*/captures/', 'captures/') AS capture) FROM many.connections;
SELECT count(*), (SELECT count(*) FROM cluster), (SELECT count(*) FROM (FROM one.connections EXCEPT ALL FROM cluster)),
    (SELECT count(*) FROM (FROM cluster EXCEPT ALL FROM one.connections)) FROM one.connections;
SQL",
    );
    assert_eq!(
        String::from_utf8_lossy(&compared.stdout),
        "10,10,0,0\n",
        "{}",
        String::from_utf8_lossy(&compared.stderr)
    );
}
