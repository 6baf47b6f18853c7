//! What Wireshark's programs print, with the plugin's own part taken out: the rest is to be what they print without it.

/// The details of packets (`-V`) and the reports behind them (`expert`, `conv`, `io,phs`).
pub fn details(text: &str) -> String {
    let text = blocks(text, is_head);
    let text = experts(&text);
    // Deep in the hierarchy, dots stand for the indentation.
    let layer = |line: &str| line.trim_start().trim_start_matches('.').to_owned();
    lines(&text, |line| !layer(line).starts_with("tcpshake ") || !line.contains(" frames:"))
}

/// Packets as PDML. Its head has the time of day.
pub fn pdml(text: &str) -> String {
    let text = lines(text, |line| !line.starts_with("<pdml "));
    // An item at the top that is no protocol stands in a wrapper.
    let text =
        text.replace("  <proto name=\"fake-field-wrapper\">\n    <field name=\"tcpshake", "  <proto name=\"tcpshake");
    let mut ours = false;
    lines(&text, |line| {
        ours |= line.starts_with("  <proto name=\"tcpshake");
        let keep = !ours;
        ours &= line != "  </proto>";
        keep
    })
}

/// Packets as JSON. Where the plugin's is the last of a packet's layers, the comma goes with it.
pub fn json(text: &str) -> String {
    const LAYER: &str = "        \"";
    let mut kept: Vec<&str> = Vec::new();
    let mut ours = false;
    for line in text.lines() {
        let layer = line.strip_prefix(LAYER);
        if let Some(layer) = layer {
            ours = layer.starts_with("tcpshake") || layer.starts_with("TCP Handshake");
        }
        if ours && line == "      }" {
            ours = false;
            if let Some(last) = kept.last_mut() {
                *last = last.trim_end_matches(',');
            }
        }
        if !ours {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// An answer of sharkd: without the plugin's trees in a frame, its items in the list of the tap `expert`, and its follower.
pub fn answer(text: &str) -> String {
    const TREE: &str = "{\"l\":\"TCP Handshake";
    const ITEM: &str = ",\"p\":\"TCP Handshake\"}";
    const FOLLOWER: &str = "[\"TCP Handshake\",";
    const FOLLOWER_SINCE_4_4: &str = "{\"protocol\":\"TCP Handshake\",";
    let mut text = text.to_owned();
    for object in [TREE, FOLLOWER_SINCE_4_4] {
        while let Some(start) = text.find(object) {
            let end = start + object_length(&text[start..]);
            cut(&mut text, start, end);
        }
    }
    while let Some(end) = text.find(ITEM) {
        let start = text[..end].rfind("{\"f\":").expect("an item begins with its frame");
        cut(&mut text, start, end + ITEM.len());
    }
    while let Some(start) = text.find(FOLLOWER) {
        let length = text[start..].find(']').expect("a follower's entry ends");
        cut(&mut text, start, start + length + 1);
    }
    text
}

/// An answer of sharkd without the numbers that are no part of it: those of subtrees, which depend on how many kinds there are,
/// and the streams that Wireshark 4.4 and 4.6 leave unset for a follower that has none.
pub fn numbers(answer: &str) -> String {
    ["\"e\":", "\"stream\":", "\"sub_stream\":"].iter().fold(answer.to_owned(), |text, name| {
        let mut parts = text.split(name);
        let first = parts.next().unwrap_or_default().to_owned();
        first + &parts.map(|part| part.trim_start_matches(|digit: char| digit.is_ascii_digit())).collect::<String>()
    })
}

/// How long the object is that a piece of JSON begins with.
fn object_length(json: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    json.len()
}

/// Takes an element out of a list, with the comma beside it.
fn cut(text: &mut String, mut start: usize, mut end: usize) {
    if text[..start].ends_with(',') {
        start -= 1;
    } else if text[end..].starts_with(',') {
        end += 1;
    }
    text.replace_range(start..end, "");
}

fn lines(text: &str, mut keep: impl FnMut(&str) -> bool) -> String {
    text.split_inclusive('\n').filter(|line| keep(line.trim_end_matches('\n'))).collect()
}

/// Whether a line, or a label, is the head of the plugin's tree.
fn is_head(line: &str) -> bool {
    line.trim_start_matches('[').starts_with("TCP Handshake")
}

/// Without the lines that begin a block, and the indented ones below them.
fn blocks(text: &str, begins: impl Fn(&str) -> bool) -> String {
    let mut inside = false;
    lines(text, |line| {
        inside = begins(line) || inside && line.starts_with(' ');
        !inside
    })
}

/// Takes the plugin's items from tshark's report `expert`, and from the sums in its headings. A heading without items goes.
fn experts(text: &str) -> String {
    const HEADING: usize = 3; // the sum, a rule, and the columns' titles
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let sum_of = |line: &str| {
        let (name, sum) = line.trim_end().strip_suffix(')')?.split_once(" (")?;
        let known = ["Errors", "Warns", "Notes", "Chats", "Comments"].contains(&name);
        known.then_some((name.to_owned(), sum.parse::<u64>().ok()?))
    };
    let mut kept = String::new();
    let mut at = 0;
    while at < lines.len() {
        let rule = lines.get(at + 1).is_some_and(|line| line.starts_with("=====") && line.len() < 20);
        let Some((name, sum)) = sum_of(lines[at]).filter(|_| rule) else {
            kept.push_str(lines[at]);
            at += 1;
            continue;
        };
        let end =
            (at + HEADING..lines.len()).find(|&line| lines[line].trim().is_empty() || !lines[line].starts_with(' '));
        let end = end.unwrap_or(lines.len());
        let (ours, others): (Vec<&str>, Vec<&str>) =
            lines[at + HEADING..end].iter().partition(|line| line.contains(" TCP Handshake  "));
        let count = |line: &&str| line.split_whitespace().next().unwrap().parse::<u64>().unwrap();
        if others.is_empty() {
            kept.pop(); // the empty line in front of it
        } else {
            kept.push_str(&format!("{name} ({})\n", sum - ours.iter().map(count).sum::<u64>()));
            kept.push_str(&lines[at + 1..at + HEADING].concat());
            kept.push_str(&others.concat());
        }
        at = end;
    }
    kept
}
