//! Runs the real tshark and sharkd with the plugin, in a home of its own, and reads what they print.
//!
//! Started as root, Wireshark's programs do not read the personal plugin folder; so as root they are run as another user,
//! and captures are copied to where that user can read them.

#![allow(dead_code)] // each test program uses a part of it

pub mod capture;
pub mod claim;
pub mod docs;
pub mod mapping;
pub mod names;
pub mod office;
#[path = "../../src/tcp/testing/oracle.rs"]
pub mod oracle;
pub mod parallel;
pub mod segment;
pub mod sharkd;
pub mod traffic;
pub mod without;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// A user and group that own nothing: nobody and nogroup on Debian.
const NOBODY: u32 = 65534;

/// One of the three ways to look at a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `tshark`: each frame is shown when it is read.
    OnePass,
    /// `tshark -2`: all frames are read first.
    TwoPasses,
    /// sharkd's `load` and `frame`: the way of Wireshark's window, where no field is primed.
    Sharkd,
}

/// The languages of the plugin, as its preference has them.
pub const LANGUAGES: [&str; 2] = ["en", "ko"];

pub const WAYS: [Way; 3] = [Way::OnePass, Way::TwoPasses, Way::Sharkd];

/// The values of a frame's fields: for each asked field, in the order of the tree.
pub type Values = Vec<Vec<String>>;

/// The project's own folder.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The project's recorded captures.
pub fn recorded() -> Vec<PathBuf> {
    captures_in(&project().join("tests/captures"))
}

/// All recorded captures in one: every outcome, every close.
pub fn merged() -> &'static Path {
    static MERGED: OnceLock<PathBuf> = OnceLock::new();
    MERGED.get_or_init(|| {
        let merged = home().join("captures/merged.pcapng");
        let mut command = program("mergecap");
        let output = command.arg("-w").arg(&merged).args(recorded().iter().map(|capture| readable(capture))).output();
        let output = output.expect("mergecap runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        merged
    })
}

/// Reports that this test leaves something out, and why, and adds it to the list that `tests/run` prints at its end.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let line = format!("Wireshark {}: {}: {reason}", wireshark_version(), thread.name().unwrap_or("a test"));
    eprintln!("SKIPPED: {line}");
    if let Some(file) = std::env::var_os("TCPSHAKE_SKIPS") {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(file).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// Captures that other projects test with: `../shared/captures` beside the checkout, or a path in `TCPSHAKE_CAPTURES`.
/// Empty, and skipped, where there are none.
pub fn corpus() -> Vec<PathBuf> {
    let folder = match std::env::var_os("TCPSHAKE_CAPTURES") {
        Some(folder) => PathBuf::from(folder),
        None => project().join("../shared/captures"),
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        found.extend(captures_in(&entry.path()));
    }
    if found.is_empty() {
        skip(&format!(
            "no captures in {} (set TCPSHAKE_CAPTURES to a folder of folders of captures)",
            folder.display()
        ));
    }
    found
}

/// One in six of them: enough for what takes long and hardly depends on the capture. With another Wireshark than 4.0 one in
/// twelve, others with each. All of them where `TCPSHAKE_WHOLE_CORPUS` is set, as in `tests/run --long`.
pub fn corpus_sample() -> Vec<PathBuf> {
    let (first, step) = match wireshark_version() {
        _ if std::env::var_os("TCPSHAKE_WHOLE_CORPUS").is_some() => (0, 1),
        "4.0" => (0, 6),
        "4.4" => (1, 12),
        _ => (7, 12),
    };
    corpus().into_iter().skip(first).step_by(step).collect()
}

fn captures_in(folder: &Path) -> Vec<PathBuf> {
    let is_capture = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz"].iter().any(|ending| name.ends_with(ending))
    };
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_capture).collect();
    found.sort();
    found
}

/// A home with the plugin in its personal folder, made once for each test program and removed with the machine's
/// temporary files.
pub fn home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let home = std::env::temp_dir().join(format!("tcpshake-test-{}", std::process::id()));
        fs::create_dir_all(home.join("captures")).unwrap();
        furnish(&home, &[("tcpshake.so", &plugin_bytes())]);
        home
    })
}

/// Another home, with these files in its plugin folder.
pub fn home_with(name: &str, plugins: &[(&str, &[u8])]) -> PathBuf {
    let other = home().join(name);
    furnish(&other, plugins);
    other
}

/// Puts a file into a home.
pub fn put(home: &Path, name: &str, text: &str) {
    let file = home.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    open_up(home);
}

fn furnish(home: &Path, plugins: &[(&str, &[u8])]) {
    let folder = home.join(".local/lib/wireshark/plugins").join(wireshark_version()).join("epan");
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in plugins {
        fs::write(folder.join(name), bytes).unwrap();
    }
    open_up(home);
}

/// The plugin's file.
pub fn plugin_bytes() -> Vec<u8> {
    fs::read(plugin()).unwrap()
}

/// Lets every user read what is below, and write the folders.
pub fn open_up(path: &Path) {
    let mode = if path.is_dir() { 0o777 } else { 0o755 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for entry in path.is_dir().then(|| fs::read_dir(path).unwrap()).into_iter().flatten().flatten() {
        open_up(&entry.path());
    }
}

/// The plugin of this test program, where it is another than the release build. To be set before anything is run.
pub static OTHER_PLUGIN: OnceLock<PathBuf> = OnceLock::new();

/// The plugin: the release build, which `tests/run` makes first, or the file that `TCPSHAKE_PLUGIN` names.
fn plugin() -> PathBuf {
    if let Some(file) = OTHER_PLUGIN.get() {
        return file.clone();
    }
    if let Some(file) = std::env::var_os("TCPSHAKE_PLUGIN") {
        return file.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project().join("target"), PathBuf::from);
    let file = target.join("release/libtcpshake.so");
    assert!(file.is_file(), "{} is missing: run cargo build --release first, or tests/run", file.display());
    file
}

/// The running tshark's version, as its plugin folders are named.
pub fn wireshark_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let output = Command::new("tshark").arg("--version").output().expect("tshark runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap();
        number.split('.').take(2).collect::<Vec<_>>().join(".")
    })
}

/// A program of Wireshark's, in the tests' home; English, whatever the machine speaks.
pub fn program(name: &str) -> Command {
    let root = fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0).unwrap_or(false);
    let mut command = if root {
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".into(), name.into()]);
        command
    } else {
        Command::new(name)
    };
    command.env("HOME", home()).env_remove("XDG_CONFIG_HOME").env("LC_ALL", "C.UTF-8").env("LANGUAGE", "");
    command
}

/// The same program without the plugin: in a home that holds nothing.
pub fn bare_program(name: &str) -> Command {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    let bare = HOME.get_or_init(|| {
        let bare = home().join("bare");
        fs::create_dir_all(&bare).unwrap();
        open_up(&bare);
        bare
    });
    program_in(bare, name)
}

/// The same program in another home.
pub fn program_in(home: &Path, name: &str) -> Command {
    let mut command = program(name);
    command.env("HOME", home);
    command
}

/// A copy of the capture that every user can read; the tests' own captures are that already.
pub fn readable(capture: &Path) -> PathBuf {
    if capture.starts_with(home()) {
        return capture.to_path_buf();
    }
    let folder = capture.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let name = format!("{folder}-{}", capture.file_name().unwrap().to_string_lossy());
    let copy = home().join("captures").join(&name);
    if copy.exists() { copy } else { publish(&name, &fs::read(capture).unwrap()) }
}

/// Puts a file among the captures in the tests' home, whole from the first moment: tests run side by side.
pub fn publish(name: &str, bytes: &[u8]) -> PathBuf {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let folder = home().join("captures");
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let partly = folder.join(format!("partly-{number}"));
    fs::write(&partly, bytes).unwrap();
    fs::set_permissions(&partly, fs::Permissions::from_mode(0o644)).unwrap();
    let whole = folder.join(name);
    fs::rename(&partly, &whole).unwrap();
    whole
}

/// Runs tshark on a capture. A complaint of Wireshark about a dissector, or a crash, fails the test.
pub fn tshark(capture: &Path, arguments: &[&str]) -> String {
    let output = program("tshark").arg("-r").arg(readable(capture)).args(arguments).output().expect("tshark runs");
    check(capture, arguments, &output);
    String::from_utf8(output.stdout).expect("tshark prints UTF-8")
}

fn check(capture: &Path, arguments: &[&str], output: &Output) {
    let complaints = String::from_utf8_lossy(&output.stderr);
    let name = capture.display();
    // A capture that is cut short or damaged is read as far as it goes; then tshark says so, with a code of its own.
    let read = output.status.success() || output.status.code().is_some() && complaints.contains("appears to");
    assert!(read, "{name} {arguments:?}: {:?} {complaints}", output.status);
    for bad in ["issector bug", "panicked", "WARNING **", "ERROR **", "isn't a valid", "isn't valid"] {
        assert!(!complaints.contains(bad), "{name} {arguments:?}: {complaints}");
    }
}

/// The values of `fields` in each frame with a segment that the plugin shows, looked at in one of the ways.
pub fn fields(capture: &Path, way: Way, options: &[&str], fields: &[&str]) -> BTreeMap<u32, Values> {
    match way {
        Way::Sharkd => sharkd::fields(capture, options, fields),
        _ => tshark_fields(capture, way == Way::TwoPasses, options, "tcpshake.phase", fields),
    }
}

/// The same for all frames that pass a display filter, with tshark.
pub fn tshark_fields(
    capture: &Path,
    two_passes: bool,
    options: &[&str],
    filter: &str,
    fields: &[&str],
) -> BTreeMap<u32, Values> {
    // Characters that occur in no value: unit separator between values, tab between fields.
    let mut arguments =
        vec!["-Y", filter, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=\u{1f}", "-e", "frame.number"];
    if two_passes {
        arguments.push("-2");
    }
    for option in options {
        arguments.extend(["-o", option]);
    }
    for field in fields {
        arguments.extend(["-e", field]);
    }
    tshark(capture, &arguments)
        .lines()
        .map(|line| {
            let mut columns = line.split('\t');
            let frame = columns.next().unwrap().parse().unwrap();
            let values = columns
                .map(|column| if column.is_empty() { Vec::new() } else { column.split('\u{1f}').map(plain).collect() })
                .collect();
            (frame, values)
        })
        .collect()
}

/// A value as every version and way would print it: 4.4 prints `True` where 4.0 prints `1`.
pub fn plain(value: &str) -> String {
    match value {
        "True" | "true" => "1".into(),
        "False" | "false" => "0".into(),
        value => value.into(),
    }
}

/// The names of a field's values by their numbers, as `tshark -G values` lists them.
pub fn value_names(field: &str) -> BTreeMap<String, String> {
    static ALL: OnceLock<String> = OnceLock::new();
    let list = || {
        let output = program("tshark").args(["-G", "values"]).output().expect("tshark runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let rows = ALL.get_or_init(list).lines().map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|columns| columns.len() >= 4 && columns[1] == field)
        .map(|columns| (columns[2].to_owned(), columns[3].to_owned()))
        .collect()
}
