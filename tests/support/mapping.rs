//! Documents in JSON, and whether a mapping of OpenSearch or Elasticsearch takes them.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// JSON that keeps a name which an object has several times.
#[derive(Debug)]
pub enum Json {
    Null,
    Boolean(bool),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("what tshark prints")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Boolean(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Text(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Text(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = from.next_element()? {
                    list.push(value);
                }
                Ok(Json::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = from.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }
        from.deserialize_any(Any)
    }
}

impl Json {
    /// Calls `see` with each name in it and the values that stand there.
    pub fn each<'a>(&'a self, see: &mut impl FnMut(&'a str, &'a Json)) {
        match self {
            Json::List(list) => list.iter().for_each(|value| value.each(see)),
            Json::Object(members) => {
                for (name, value) in members {
                    match value {
                        Json::List(list) => list.iter().for_each(|value| see(name, value)),
                        value => see(name, value),
                    }
                    value.each(see);
                }
            }
            _ => {}
        }
    }
}

/// The documents of a bulk request: every second line, after a line that says what to do with it.
pub fn documents(bulk: &str) -> Vec<Json> {
    let lines: Vec<&str> = bulk.lines().collect();
    assert!(lines.len() % 2 == 0 && lines.iter().step_by(2).all(|line| line.starts_with("{\"index\":")), "{bulk}");
    lines.iter().skip(1).step_by(2).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The documents of a bulk request that names its index elsewhere.
pub fn bulk(text: &str) -> Vec<Json> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    assert!(text.lines().step_by(2).all(|line| line == "{\"index\":{}}"), "{text}");
    documents(text)
}

/// What is wrong with documents for a mapping, and the fields of the mapping for which they have a value.
pub fn misfits(mapping: &serde_json::Value, documents: &[Json]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut wrong, mut mapped) = (BTreeSet::new(), BTreeSet::new());
    for document in documents {
        look(&mapping["mappings"], &mapping["mappings"]["dynamic"], "", document, &mut wrong, &mut mapped);
    }
    (wrong, mapped)
}

/// Looks at an object beside the part of the mapping that is for it.
fn look(
    mapping: &serde_json::Value,
    dynamic: &serde_json::Value,
    path: &str,
    value: &Json,
    wrong: &mut BTreeSet<String>,
    mapped: &mut BTreeSet<String>,
) {
    match value {
        Json::Null => {}
        Json::List(list) => list.iter().for_each(|value| look(mapping, dynamic, path, value, wrong, mapped)),
        Json::Object(members) => {
            let names: BTreeSet<&String> = members.iter().map(|(name, _)| name).collect();
            if names.len() != members.len() {
                wrong.insert(format!("{path} has a name twice"));
            }
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                look(&mapping["properties"][name], dynamic, &path, value, wrong, mapped);
            }
        }
        Json::Text(_) | Json::Boolean(_) => match mapping["type"].as_str() {
            Some(kind) if takes(kind, value) => drop(mapped.insert(path.into())),
            Some(kind) => drop(wrong.insert(format!("{path} is no {kind}"))),
            // What is not said is as if it were true: a text is indexed as such.
            None if *dynamic == true || dynamic.is_null() => {}
            None => drop(wrong.insert(format!("{path} is not mapped"))),
        },
    }
}

/// Whether a field of this type takes a value: numbers also as texts (`coerce`), a date in the two formats it has at first.
pub fn takes(kind: &str, value: &Json) -> bool {
    let Json::Text(text) = value else { return kind == "boolean" };
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        "keyword" => true,
        "byte" => text.parse::<i8>().is_ok(),
        "short" => text.parse::<i16>().is_ok(),
        "integer" => text.parse::<i32>().is_ok(),
        "long" => text.parse::<i64>().is_ok(),
        "double" => text.parse::<f64>().is_ok(),
        "boolean" => ["true", "false", ""].contains(&text.as_str()),
        "ip" => text.parse::<std::net::IpAddr>().is_ok(),
        // epoch_millis; or strict_date_optional_time, of which four digits for the year are asked here.
        "date" => match text.split_once('.') {
            None => digits(text, 19) || text.get(..5).is_some_and(|year| digits(&year[..4], 4) && year.ends_with('-')),
            Some((millis, decimals)) => digits(millis, 19) && digits(decimals, 6),
        },
        other => panic!("a type that this test does not know: {other}"),
    }
}
