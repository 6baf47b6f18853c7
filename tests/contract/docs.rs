//! The commands in the documentation print what stands under them, quotations are the plugin's words, docs/fields.md has
//! every field and every value, and tests/README.md every test program.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use support::docs::{blocks, page, run, section, table};
use support::{program, project};
use tcpshake::tcp::Reason;

/// The blocks of these pages that begin with `tshark` are run. Those of docs/many-captures.md are run by `many_captures`.
const PAGES: [&str; 4] = ["README.md", "docs/README.ko.md", "docs/handshake.md", "docs/handshake.ko.md"];

#[test]
fn commands_print_what_stands_under_them() {
    for name in PAGES {
        let page = page(name);
        let mut compared = 0;
        for block in blocks(&page) {
            if block.language != "sh" || !block.text.starts_with("tshark ") {
                continue;
            }
            let printed = run(&page, &block.text);
            assert!(!printed.is_empty(), "{name}: prints nothing: {}", block.text);
            if let Some(output) = &block.output {
                assert_eq!(&printed, output, "{name}: {}", block.text);
                compared += 1;
            }
        }
        assert!(compared > 0, "{name}: no command with its output under it");
    }
}

/// A quotation (`> …`) is a whole line of what the page's commands print, less the frame's number.
#[test]
fn quotations_are_the_plugins_words() {
    for name in ["docs/handshake.md", "docs/handshake.ko.md"] {
        let page = page(name);
        let commands = blocks(&page).into_iter().filter(|block| block.text.starts_with("tshark "));
        let printed: String = commands.map(|block| run(&page, &block.text)).collect();
        let said: Vec<&str> =
            printed.lines().map(|line| line.split_once('\t').map_or(line, |(_, words)| words)).collect();
        let mut quotations = vec![String::new()];
        for line in page.lines() {
            match line.strip_prefix("> ") {
                Some(words) => quotations.last_mut().unwrap().push_str(&format!(" {words}")),
                None => quotations.push(String::new()),
            }
        }
        quotations.retain(|words| !words.is_empty());
        assert!(quotations.len() >= 10, "{name}: {quotations:?}");
        for words in quotations {
            assert!(said.contains(&words.trim()), "{name}: nobody says {words}");
        }
    }
}

/// The lines of one of tshark's reports on what is registered (`-G`) that are about our fields: their columns.
fn registered(report: &str, field_column: usize) -> Vec<Vec<String>> {
    let output = program("tshark").args(["-G", report]).output().expect("tshark runs");
    let text = String::from_utf8(output.stdout).unwrap();
    let columns = text.lines().map(|line| line.split('\t').map(String::from).collect());
    columns
        .filter(|columns: &Vec<String>| columns.get(field_column).is_some_and(|field| field.starts_with("tcpshake.")))
        .collect()
}

/// The fields on the page, with their types and meanings.
fn documented() -> BTreeMap<String, (String, String)> {
    let page = page(FIELDS);
    let page = page.replace(section(&page, "rows"), ""); // columns of a report, not fields
    let rows = table(&page).into_iter().filter(|row| row[0].starts_with("`tcpshake."));
    rows.map(|row| (row[0].trim_matches('`').into(), (row[1].clone(), row[2].clone()))).collect()
}

const FIELDS: &str = "docs/fields.md";

fn is_expert(field: &str) -> bool {
    field.starts_with("tcpshake.expert.")
}

#[test]
fn the_page_has_every_field_with_its_type() {
    let fields = registered("fields", 2).into_iter().map(|columns| (columns[2].clone(), columns[3].clone()));
    let (experts, fields): (BTreeMap<_, _>, BTreeMap<_, _>) = fields.partition(|(field, _)| is_expert(field));
    let (on_page_experts, on_page): (BTreeMap<_, _>, BTreeMap<_, _>) =
        documented().into_iter().partition(|(field, _)| is_expert(field));
    let fields: BTreeMap<_, _> = fields.into_iter().map(|(field, kind)| (field, kind.replace("FT_", ""))).collect();
    let on_page: BTreeMap<_, _> = on_page.into_iter().map(|(field, (kind, _))| (field, kind)).collect();
    assert_eq!(on_page, fields, "{FIELDS}, and the fields as they are registered");
    assert_eq!(on_page_experts.keys().collect::<Vec<_>>(), experts.keys().collect::<Vec<_>>(), "{FIELDS}");
}

/// A field whose values have names links to the section whose table lists them all, with their numbers.
#[test]
fn the_page_has_every_value_with_its_name() {
    let mut values: BTreeMap<String, Vec<[String; 2]>> = BTreeMap::new();
    for columns in registered("values", 1) {
        values.entry(columns[1].clone()).or_default().push([columns[2].clone(), columns[3].clone()]);
    }
    assert!(!values.is_empty());
    let (page, documented) = (page(FIELDS), documented());
    for (field, values) in values {
        let meaning = &documented[&field].1;
        let link = meaning.split_once("](#").unwrap_or_else(|| panic!("{FIELDS}: {field} links to no section"));
        let listed = table(section(&page, link.1.trim_end_matches(')')));
        let listed: Vec<[String; 2]> = listed.into_iter().map(|row| [row[0].clone(), row[1].clone()]).collect();
        assert_eq!(listed, values, "{FIELDS}: the values of {field}");
    }
}

#[test]
fn the_page_has_every_reason() {
    let page = page(FIELDS);
    let listed: BTreeSet<String> = table(section(&page, "reasons")).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(listed, Reason::ALL.iter().map(|reason| reason.name().to_owned()).collect());
}

/// A program that Cargo does not know would never run, and one that the guide does not name would not be found.
#[test]
fn every_test_program_is_listed() {
    let (manifest, guide) = (page("Cargo.toml"), page("tests/README.md"));
    for folder in ["contract", "guest", "soundness", "oracles"] {
        for entry in fs::read_dir(project().join("tests").join(folder)).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let name = file.strip_suffix(".rs").unwrap_or_else(|| panic!("{folder}/{file} is no test program"));
            let lines = format!("name = \"{name}\"\npath = \"tests/{folder}/{file}\"\n");
            assert!(manifest.contains(&lines), "Cargo.toml lacks tests/{folder}/{file}");
            assert!(guide.contains(&format!("`{name}`")), "tests/README.md lacks {name}");
        }
    }
}
