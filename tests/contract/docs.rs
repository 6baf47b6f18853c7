//! The commands in the documentation print what stands under them, and what is quoted is what the plugin says.

#[path = "../support/mod.rs"]
mod support;

use support::docs::{blocks, page, run};

/// The blocks of these pages that begin with `tshark` (or a function of the page, `documents`) are run.
const PAGES: [&str; 5] =
    ["README.md", "docs/README.ko.md", "docs/handshake.md", "docs/handshake.ko.md", "docs/many-captures.md"];

#[test]
fn commands_print_what_stands_under_them() {
    for name in PAGES {
        let page = page(name);
        let mut compared = 0;
        for block in blocks(&page) {
            let is_ours = ["tshark ", "documents "].iter().any(|command| block.text.starts_with(command));
            if block.language != "sh" || !is_ours {
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
