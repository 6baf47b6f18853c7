//! What tshark exports: JSON, Elasticsearch's JSON, PDML and columns carry the same values of every field, and the mapping
//! that docs/many-captures.md makes of Wireshark's takes the segments.

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::docs;
use support::mapping::{Json, bulk, documents, misfits, takes};

/// Captures that show every field between them; the test says which field is missing if they no longer do.
const CAPTURES: [&str; 25] = [
    "challenge-ack-rst",
    "data-unanswered",
    "half-open",
    "handshake-retried-by-both",
    "http-get",
    "impossible-flags",
    "laboratory/accept-queue-full.client.ipv4",
    "laboratory/answer-not-received.server.ipv4",
    "laboratory/forgotten-by-server.client.ipv4",
    "laboratory/half-closed.client.ipv4",
    "laboratory/large-lost.client.ipv4",
    "laboratory/reset-by-client.client.ipv4",
    "laboratory/reset-by-server.client.ipv4",
    "laboratory/stalled.client.ipv4",
    "laboratory/third-party-both.client.ipv4",
    "late-copy-of-syn",
    "no-answer",
    "old-syn-in-time-wait",
    "refused",
    "second-syn-ack",
    "simultaneous-open",
    "unreachable-icmp-host",
    "unreachable-icmp-ipv6-no-route",
    "unreachable-icmp-prohibited",
    "wrong-handshake-ack",
];

/// They stand for faults, of the plugin or of Wireshark's count, and so no capture shows them.
const OF_FAULTS: [&str; 2] = ["tcpshake.expert.completeness_unexplained", "tcpshake.expert.internal_error"];

const PAGE: &str = "docs/many-captures.md";

/// The values of each field in each frame.
type Frames = BTreeMap<u32, BTreeMap<String, Vec<String>>>;

fn captures() -> Vec<PathBuf> {
    CAPTURES.iter().map(|name| support::project().join(format!("tests/captures/{name}.pcap"))).collect()
}

/// Runs tshark without a capture.
fn ask_tshark(arguments: &[&str]) -> String {
    let output = support::program("tshark").args(arguments).output().expect("tshark runs");
    String::from_utf8(output.stdout).unwrap()
}

/// The plugin's fields and their types, as Wireshark has them registered.
fn registered() -> BTreeMap<String, String> {
    let all = ask_tshark(&["-G", "fields"]);
    let ours = all.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let found: BTreeMap<String, String> = ours
        .filter(|columns| columns[0] == "F" && columns[2].starts_with("tcpshake."))
        .map(|columns| (columns[2].into(), columns[3].into()))
        .collect();
    assert!(found.len() > 40, "tshark -G fields: {found:?}");
    found
}

/// The values of fields in one frame; `name_of` gives the name under which a field is printed.
fn frame(
    json: &Json,
    fields: &BTreeMap<String, String>,
    name_of: fn(&str) -> String,
) -> (u32, BTreeMap<String, Vec<String>>) {
    let names: BTreeMap<String, &String> = fields.keys().map(|field| (name_of(field), field)).collect();
    assert_eq!(names.len(), fields.len(), "two fields are printed under one name");
    let (mut number, mut values) = (None, BTreeMap::<String, Vec<String>>::new());
    json.each(&mut |name, value| match value {
        Json::Text(text) if name.ends_with("frame.number") || name.ends_with("frame_number") => {
            number = text.parse().ok();
        }
        value => {
            if let Some(field) = names.get(name) {
                values.entry(field.to_string()).or_default().push(text_of(value, &fields[*field]));
            }
        }
    });
    // Columns show an empty text as no text.
    values.retain(|_, texts| texts.iter().any(|text| !text.is_empty()));
    (number.expect("the frame's number"), values)
}

/// A value as the columns have it.
fn text_of(value: &Json, kind: &str) -> String {
    match value {
        Json::Null => same("", kind),
        Json::Boolean(value) => same(if *value { "1" } else { "0" }, kind),
        Json::Text(text) => same(text, kind),
        other => panic!("{other:?} is no value"),
    }
}

/// A value as every format would print it. An expert item has none: it is there or not.
fn same(value: &str, kind: &str) -> String {
    if kind == "FT_NONE" { "there".into() } else { support::plain(value) }
}

/// tshark's output in a format, read into values.
fn exported(capture: &std::path::Path, format: &str, fields: &BTreeMap<String, String>) -> Frames {
    let print =
        |more: &[&str]| support::tshark(capture, &[&["-2", "-Y", "tcpshake", "-J", "frame tcpshake"], more].concat());
    let whole = |text: String| match serde_json::from_str(&text).unwrap() {
        Json::List(frames) => frames.iter().map(|json| frame(json, fields, str::to_owned)).collect(),
        other => panic!("{other:?}"),
    };
    match format {
        "json" => whole(print(&["-T", "json"])),
        "json without duplicates" => whole(print(&["-T", "json", "--no-duplicate-keys"])),
        "json with bytes" => whole(print(&["-T", "json", "-x"])),
        "ek" => documents(&print(&["-T", "ek"])).iter().map(|json| frame(json, fields, printed_by_ek)).collect(),
        "pdml" => pdml(&print(&["-T", "pdml"]), fields),
        "fields" => columns(capture, fields),
        _ => unreachable!(),
    }
}

/// The name of a field of ours in `-T ek`.
fn printed_by_ek(field: &str) -> String {
    format!("tcpshake_{}", field.replace('.', "_"))
}

fn pdml(text: &str, fields: &BTreeMap<String, String>) -> Frames {
    let document = roxmltree::Document::parse(text).unwrap();
    let mut frames = Frames::new();
    for packet in document.descendants().filter(|node| node.has_tag_name("packet")) {
        let (mut number, mut values) = (0, BTreeMap::<String, Vec<String>>::new());
        for field in packet.descendants().filter(|node| node.has_tag_name("field")) {
            let (name, value) = (field.attribute("name").unwrap(), field.attribute("show").unwrap_or_default());
            match fields.get(name) {
                Some(kind) => values.entry(name.into()).or_default().push(same(value, kind)),
                None if name == "frame.number" => number = value.parse().unwrap(),
                None => {}
            }
        }
        values.retain(|_, texts| texts.iter().any(|text| !text.is_empty()));
        frames.insert(number, values);
    }
    frames
}

fn columns(capture: &std::path::Path, fields: &BTreeMap<String, String>) -> Frames {
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    let rows = support::tshark_fields(capture, true, &[], "tcpshake", &names);
    rows.into_iter()
        .map(|(number, row)| {
            let there = fields.iter().zip(row).filter(|(_, values)| !values.is_empty());
            let values = there
                .map(|((name, kind), values)| (name.clone(), values.iter().map(|value| same(value, kind)).collect()));
            (number, values.collect())
        })
        .collect()
}

#[test]
fn every_format_has_the_same_values_of_every_field() {
    let fields = registered();
    let shown = std::sync::Mutex::new(BTreeSet::new());
    support::parallel::for_each_capture(&captures(), |capture| {
        let expected = exported(capture, "json", &fields);
        assert!(!expected.is_empty(), "{}", capture.display());
        shown.lock().unwrap().extend(expected.values().flat_map(BTreeMap::keys).cloned());
        let mut complaints = Vec::new();
        for format in ["json without duplicates", "json with bytes", "ek", "pdml", "fields"] {
            let found = exported(capture, format, &fields);
            if found.keys().ne(expected.keys()) {
                complaints.push(format!("{format}: frames {:?}", found.keys()));
            }
            for (frame, values) in &found {
                let differ = |field: &&String| values.get(*field) != expected[frame].get(*field);
                for field in fields.keys().filter(differ) {
                    let (this, json) = (values.get(field), expected[frame].get(field));
                    complaints.push(format!("{format}, frame {frame}: {field} is {this:?}, in json {json:?}"));
                }
            }
        }
        complaints
    });
    let shown = shown.into_inner().unwrap();
    let missing: BTreeSet<&str> = fields.keys().filter(|field| !shown.contains(*field)).map(String::as_str).collect();
    // From 4.4 on a SYN-ACK with another number begins a stream of its own.
    let conflict =
        ["tcpshake.expert.conflicting_syn_ack"].into_iter().filter(|_| support::wireshark_version() != "4.0");
    // No recorded capture has a packet twice; the test `again` makes one.
    let expected: BTreeSet<&str> = OF_FAULTS.into_iter().chain(conflict).chain(["tcpshake.duplicate_of"]).collect();
    assert_eq!(missing, expected, "fields that no capture shows");
}

/// Where expert items are printed, 4.0 has the plugin make all of its fields; else only those that are printed.
#[test]
fn fields_without_the_others_have_the_same_values() {
    let fields = registered();
    for capture in captures().iter().step_by(4) {
        let all = columns(capture, &fields);
        let check = |asked: &BTreeMap<String, String>| {
            let mut expected = all.clone();
            expected.values_mut().for_each(|values| values.retain(|name, _| asked.contains_key(name)));
            assert_eq!(columns(capture, asked), expected, "{}: {:?}", capture.display(), asked.keys());
        };
        let data = fields.iter().filter(|(name, _)| !name.starts_with("tcpshake.expert."));
        let (even, odd): (Vec<_>, Vec<_>) = data.enumerate().partition(|(index, _)| index % 2 == 0);
        for some in [even, odd] {
            check(&some.into_iter().map(|(_, (name, kind))| (name.clone(), kind.clone())).collect());
        }
    }
}

#[test]
fn a_type_takes_what_is_said_to_fit() {
    let text = |text: &str| Json::Text(text.into());
    assert!(takes("date", &text("1795355873578")) && takes("date", &text("2026-11-22T13:57:53Z")));
    assert!(!takes("date", &text("0.010659000")) && takes("date", &text("0.010659")));
    assert!(takes("byte", &text("63")) && !takes("byte", &text("200")) && !takes("byte", &text("1.5")));
    assert!(
        takes("boolean", &Json::Boolean(false))
            && !takes("boolean", &text("0"))
            && !takes("short", &Json::Boolean(true))
    );
}

/// Wireshark's mapping has every field that `-T ek` prints. 4.0's and 4.4's take neither stretches of time nor texts; the
/// page's does.
#[test]
fn the_pages_mapping_of_segments_takes_what_wiresharks_may_not() {
    let fields = registered();
    let mapping = ask_tshark(&["-G", "elastic-mapping", "--elastic-mapping-filter", "tcpshake"]);
    let mapping: serde_json::Value = serde_json::from_str(&mapping).unwrap();
    let ours = &mapping["mappings"]["properties"]["layers"]["properties"]["tcpshake"]["properties"];
    let mapped: BTreeSet<&str> = ours.as_object().unwrap().keys().map(String::as_str).collect();
    let name_of = |field: &String| printed_by_ek(field);
    let of_kinds = |wanted: fn(&str) -> bool| -> BTreeSet<String> {
        fields.iter().filter(|(_, kind)| wanted(kind)).map(|(field, _)| name_of(field)).collect()
    };
    assert_eq!(mapped, of_kinds(|kind| !["FT_STRING", "FT_NONE"].contains(&kind)).iter().map(String::as_str).collect());

    let page = docs::page(PAGE);
    let documents: Vec<Json> = captures()
        .iter()
        .flat_map(|capture| bulk(&docs::run(&page, &format!("segments '{}'", support::readable(capture).display()))))
        .collect();
    let (wrong, _) = misfits(&mapping, &documents);
    let ours: BTreeSet<&str> =
        wrong.iter().filter_map(|misfit| misfit.strip_prefix("layers.tcpshake.tcpshake_")).collect();
    let has_faults = ["4.0", "4.4"].contains(&support::wireshark_version());
    let expected: BTreeSet<String> = fields
        .iter()
        .filter(|_| has_faults)
        .filter(|(field, kind)| {
            *field != "tcpshake.explain" && ["FT_STRING", "FT_RELATIVE_TIME"].contains(&kind.as_str())
        })
        .map(|(field, kind)| {
            let what = if kind == "FT_STRING" { "is not mapped" } else { "is no date" };
            format!("{} {what}", field.replace('.', "_"))
        })
        .collect();
    assert_eq!(ours, expected.iter().map(String::as_str).collect());

    let better: serde_json::Value = serde_json::from_str(&docs::run(&page, "segments_mapping")).unwrap();
    assert_eq!(misfits(&better, &documents).0, BTreeSet::new());
    let parts: Vec<&String> = better.as_object().unwrap().keys().collect();
    assert_eq!(parts, ["mappings", "settings"], "an index is made from these");
}
