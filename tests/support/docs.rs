//! The pages of the documentation, and their commands run as a reader would run them.

use super::{home, open_up, program, project, recorded};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A block of code on a page.
#[derive(Debug)]
pub struct Block {
    /// `sh`, `json`, or nothing.
    pub language: String,
    pub text: String,
    /// The block without a language that stands right under it: what the command prints.
    pub output: Option<String>,
}

/// The text of a page.
pub fn page(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap()
}

/// The blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let pieces: Vec<&str> = page.split("```").collect();
    let block = |index: usize| pieces.get(index).and_then(|piece| piece.split_once('\n'));
    (1..pieces.len())
        .step_by(2)
        .map(|index| {
            let (language, text) = block(index).unwrap();
            let under =
                block(index + 2).filter(|(language, _)| language.is_empty() && pieces[index + 1].trim().is_empty());
            Block { language: language.into(), text: text.into(), output: under.map(|(_, text)| text.into()) }
        })
        .collect()
}

/// The section of a page to which `#anchor` links.
pub fn section<'a>(page: &'a str, anchor: &str) -> &'a str {
    let anchor_of = |section: &str| {
        let heading = section.lines().next().unwrap_or_default().to_lowercase().replace(' ', "-");
        heading.replace(|letter: char| !letter.is_alphanumeric() && letter != '-', "")
    };
    page.split("\n## ").find(|section| anchor_of(section) == anchor).unwrap_or_else(|| panic!("no section {anchor}"))
}

/// The rows of all tables in a text, without their headings: the cells.
pub fn table(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_rule = |index: usize| lines.get(index).is_some_and(|line| line.starts_with("| ---"));
    let rows =
        (0..lines.len()).filter(|&index| lines[index].starts_with('|') && !is_rule(index) && !is_rule(index + 1));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(|index| cells(lines[index])).collect()
}

/// Runs a command in a copy of the checkout, after the functions that the page defines. It has to end well.
pub fn run(page: &str, command: &str) -> String {
    let functions = blocks(page).into_iter().filter(|block| block.language == "sh" && block.text.contains("() {\n"));
    let functions: String = functions.map(|block| block.text).collect();
    run_in(checkout(), &format!("{functions}{command}"))
}

/// Runs a command in a folder. It has to end well.
pub fn run_in(folder: &Path, command: &str) -> String {
    let output = shell(folder, command).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {complaints}");
    String::from_utf8(output.stdout).unwrap()
}

/// A shell that runs a command in a folder.
pub fn shell(folder: &Path, command: &str) -> Command {
    let mut shell = program("sh");
    shell.args(["-euc", command]).current_dir(folder);
    shell
}

/// The captures at the place that they have in a checkout, where every user can read them.
fn checkout() -> &'static Path {
    static CHECKOUT: OnceLock<PathBuf> = OnceLock::new();
    CHECKOUT.get_or_init(|| {
        let checkout = home().join("checkout");
        let folder = checkout.join("tests/captures");
        fs::create_dir_all(&folder).unwrap();
        for capture in recorded() {
            fs::copy(&capture, folder.join(capture.file_name().unwrap())).unwrap();
        }
        open_up(&checkout);
        checkout
    })
}
