//! sharkd, Wireshark's window without the window: a program that loads a capture and answers questions in JSON.

use super::{Values, bare_program, plain, program, readable};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running sharkd.
pub struct Sharkd {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    count: u64,
}

impl Sharkd {
    /// Starts it.
    pub fn start() -> Sharkd {
        Sharkd::of(program("sharkd"))
    }

    /// Starts it with variables in its environment.
    pub fn start_with(variables: &[(&str, &str)]) -> Sharkd {
        let mut command = program("sharkd");
        command.envs(variables.iter().copied());
        Sharkd::of(command)
    }

    /// Starts it without the plugin.
    pub fn start_bare() -> Sharkd {
        Sharkd::of(bare_program("sharkd"))
    }

    /// Starts it by a command of one's own.
    pub fn of(mut command: Command) -> Sharkd {
        let mut child = command
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sharkd runs");
        let questions = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Sharkd { child, questions, answers, count: 0 }
    }

    /// Asks, and returns the answer's `result`; fails on an error.
    pub fn ask(&mut self, method: &str, parameters: Value) -> Value {
        let number = self.send(method, parameters);
        loop {
            let mut line = Vec::new();
            assert!(self.answers.read_until(b'\n', &mut line).unwrap() > 0, "sharkd ended at {method}");
            // sharkd may say other things first, such as how far it has loaded. What a dissector prints of damaged
            // packets need not be UTF-8.
            let Ok(answer) = serde_json::from_str::<Value>(&String::from_utf8_lossy(&line)) else { continue };
            if answer["id"] == json!(number) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Asks, and returns the whole answer as it is written.
    pub fn ask_text(&mut self, method: &str, parameters: Value) -> String {
        let number = self.send(method, parameters);
        let begins = format!("{{\"jsonrpc\":\"2.0\",\"id\":{number},");
        loop {
            let mut line = Vec::new();
            assert!(self.answers.read_until(b'\n', &mut line).unwrap() > 0, "sharkd ended at {method}");
            let line = String::from_utf8_lossy(&line);
            if let Some(answer) = line.strip_prefix(&begins) {
                return answer.to_owned();
            }
        }
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.count += 1;
        let question = json!({ "jsonrpc": "2.0", "id": self.count, "method": method, "params": parameters });
        writeln!(self.questions, "{question}").unwrap();
        self.count
    }

    /// Loads a capture. sharkd gives no answer for one that is cut short, so none is waited for.
    pub fn load(&mut self, capture: &Path) {
        self.send("load", json!({ "file": readable(capture) }));
        self.ask("status", json!({}));
    }

    /// How much memory it has, in KiB.
    pub fn resident(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux reports it");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// How many frames the loaded capture has.
    pub fn frames(&mut self) -> u64 {
        self.ask("status", json!({}))["frames"].as_u64().unwrap()
    }

    /// A frame with its tree.
    pub fn frame(&mut self, number: u64) -> Value {
        self.ask("frame", json!({ "frame": number, "proto": true }))
    }
}

impl Drop for Sharkd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

thread_local! {
    /// One sharkd for each thread of the tests: it loads one capture after the other.
    static SHARKD: RefCell<Option<Sharkd>> = const { RefCell::new(None) };
}

/// The values of `fields` in each frame that has the plugin's tree. With `options` in a sharkd of its own, without in one
/// that has loaded other captures before.
pub fn fields(capture: &Path, options: &[&str], fields: &[&str]) -> BTreeMap<u32, Values> {
    if options.is_empty() {
        return SHARKD.with_borrow_mut(|kept| {
            let mut sharkd = kept.take().unwrap_or_else(Sharkd::start);
            sharkd.load(capture);
            let values = loaded_fields(&mut sharkd, fields);
            *kept = Some(sharkd);
            values
        });
    }
    let mut sharkd = Sharkd::start();
    for option in options {
        let (name, value) = option.split_once(':').unwrap();
        sharkd.ask("setconf", json!({ "name": name, "value": value }));
    }
    sharkd.load(capture);
    loaded_fields(&mut sharkd, fields)
}

/// The same for the capture that is loaded.
pub fn loaded_fields(sharkd: &mut Sharkd, fields: &[&str]) -> BTreeMap<u32, Values> {
    let mut found = BTreeMap::new();
    for number in 1..=sharkd.frames() {
        let values = all_fields(sharkd, number);
        if values.contains_key("tcpshake.phase") {
            let row = fields.iter().map(|field| values.get(*field).cloned().unwrap_or_default()).collect();
            found.insert(number as u32, row);
        }
    }
    found
}

/// Items that say nothing on the screen, which sharkd leaves out: their values, and a field that is there wherever they are.
const OFF_SCREEN: [(&str, &str, &str); 2] = [
    ("tcpshake.sender.assumed", "0", "tcpshake.phase"),
    ("tcpshake.completeness.diff", "0", "tcpshake.completeness.agrees"),
];

/// The values of all fields of a frame of the capture that is loaded, by their names.
pub fn all_fields(sharkd: &mut Sharkd, number: u64) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::new();
    collect(&sharkd.frame(number)["tree"], &mut values);
    for (name, value, beside) in OFF_SCREEN {
        let count = values.get(beside).map_or(0, Vec::len);
        let all: &mut Vec<String> = values.entry(name.into()).or_default();
        while all.len() < count {
            all.push(value.into());
        }
        values.retain(|_, all| !all.is_empty());
    }
    values
}

/// Gathers the values in a tree from the filters that sharkd gives for its nodes: `tcpshake.phase == 1`.
fn collect(tree: &Value, values: &mut BTreeMap<String, Vec<String>>) {
    for node in tree.as_array().into_iter().flatten() {
        if let Some((name, value)) = node["f"].as_str().and_then(|filter| filter.split_once(" == ")) {
            values.entry(name.into()).or_default().push(plain(&unquoted(value)));
        }
        collect(&node["n"], values);
    }
}

/// A value of a filter without its quotes.
fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.into() };
    let mut text = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        text.push(if letter == '\\' { letters.next().unwrap_or('\\') } else { letter });
    }
    text
}
