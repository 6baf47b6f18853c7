//! Which fields tshark prints, where Wireshark does not say.
//!
//! With `-T fields`, Wireshark 4.4 and 4.6 make a tree that nobody looks at, and mark the fields that are printed
//! (`HF_REF_TYPE_PRINT` of epan/proto.h). 4.0 makes the same tree as for `-V`, and keeps the names of the fields to itself
//! (`output_fields` of tshark.c). They are on its command line; unless all of it is understood, every field is made.
//!
//! Filters, columns and taps that look for fields mark them in every version ([`fields::referenced`]). Whatever walks through the tree
//! finds fewer of the plugin's items: a script (so `-X` counts as not understood), and the protocol hierarchy, which then lists what
//! it lists beside a plain list of packets.

use super::fields::{self, Fields};
use std::env;
use std::path::Path;
use std::sync::OnceLock;

/// The options of tshark that take no value, and those that take one (`OPTSTRING` of tshark.c, and what that is made of).
const ALONE: &str = "2DILPQSVghlnpqvx";
const WITH_VALUE: &str = "BCEFHKMNORTUWYabcdefijJorstuwyz";

/// Which fields are asked for in a tree of which not all is looked at.
pub fn asked_for() -> Fields {
    fields::referenced().with(only().unwrap_or(Fields::NONE))
}

/// The plugin's fields that tshark prints, if it prints nothing else of the plugin's; `None` where that is not known. As the command
/// line does not change, it is read once.
pub fn only() -> Option<Fields> {
    static ONLY: OnceLock<Option<Fields>> = OnceLock::new();
    *ONLY.get_or_init(|| {
        let line: Option<Vec<String>> = env::args_os().map(|argument| argument.into_string().ok()).collect();
        ours(&names(&line?)?)
    })
}

/// What `-e` names on a command line of tshark's that says `-T fields`.
fn names(line: &[String]) -> Option<Vec<&str>> {
    let (program, arguments) = line.split_first()?;
    if Path::new(program).file_stem()? != "tshark" {
        return None;
    }
    let (mut names, mut format) = (Vec::new(), "");
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            // A filter, to the end of the line.
            let is_option = |argument: &String| argument.starts_with('-');
            return (format == "fields" && !arguments.any(is_option)).then_some(names);
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            if WITH_VALUE.contains(letter) {
                let value = if letters.as_str().is_empty() { arguments.next()? } else { letters.as_str() };
                match letter {
                    'T' => format = value,
                    'e' => names.push(value),
                    _ => {}
                }
                break;
            } else if !ALONE.contains(letter) {
                return None;
            }
        }
    }
    (format == "fields").then_some(names)
}

/// The plugin's fields among the names; `None` if another name could be read from the plugin's items as well.
fn ours(names: &[&str]) -> Option<Fields> {
    // The plugin also adds lines of text and Wireshark's expert fields; columns are made in another way.
    let may_be_ours = |name: &str| {
        ["tcpshake", "text", "_ws."].iter().any(|start| name.starts_with(start)) && !name.starts_with("_ws.col.")
    };
    names.iter().try_fold(Fields::NONE, |fields, name| match Fields::named(name) {
        Some(field) => Some(fields.with(field)),
        None => (!may_be_ours(name)).then_some(fields),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fields::Field;
    use super::*;

    fn printed(line: &str) -> Option<Fields> {
        let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
        names(&line).and_then(|names| ours(&names))
    }

    #[test]
    fn fields_are_read_as_tshark_reads_its_command_line() {
        let step = Fields::of(&[Field::Step]);
        for line in [
            "tshark -r a.pcap -T fields -e tcpshake.step",
            "/usr/bin/tshark -n2Tfields -etcpshake.step -r -T",
            "tshark.exe -V -T json -e tcpshake.step -Tfields -e ip.src -e _ws.col.Info",
            "tshark -T fields -E header=y -e tcpshake.step tcpshake.phase == 1",
        ] {
            assert_eq!(printed(line), Some(step), "{line}");
        }
        assert_eq!(printed("tshark -T fields -e tcp.flags -Y tcpshake.step==1"), Some(Fields::NONE));
        let both = step.with(Fields::of(&[Field::Outcome]));
        assert_eq!(printed("tshark -T fields -e tcpshake.outcome -e tcpshake.step"), Some(both));
    }

    #[test]
    fn all_is_made_where_something_is_not_understood() {
        for line in [
            "tshark",
            "tshark -V -r fields",
            "tshark -T fields -e tcpshake.step -T pdml",
            "tshark -T fields -e tcpshake.step -e tcpshake",
            "tshark -T fields -e tcpshake.expert.no_answer",
            "tshark -T fields -e tcpshake.step -e text",
            "tshark -T fields -e _ws.expert.message",
            "tshark -T fields -e tcpshake.step --color",
            "tshark -T fields -e tcpshake.step -k",
            "tshark -T fields -e tcpshake.step -- tcp",
            "tshark -T fields -e tcpshake.step -X lua_script:all.lua",
            "tshark -T fields -e tcpshake.step tcp -e tcpshake.phase",
            "tshark -T fields -e",
            "sharkd -T fields -e tcpshake.step",
        ] {
            assert_eq!(printed(line), None, "{line}");
        }
    }
}
