//! From facts to words: what is said is decided once, and each language only phrases it.
//!
//! - [`Scene`] is a segment in its connection: the facts.
//! - `evidence` is what earlier segments show of one, `memory` what words remember from one segment to the next.
//! - `names` has the names that stand in the tree, `icmp` what an ICMP error is about, `arrow` what a flow graph's arrow shows.
//! - `verdict` decides what the evidence of a finding says beyond its numbers, which [`Why`](crate::tcp::Why) has.
//! - `clause`, `speech`, `explain` and `story` each have an enumeration of what can be said, with the numbers it prints.
//!   Which of it is said of a scene is decided in one function for each. For the clauses that is `narration`, a folder with
//!   a file for the opening, for data and ACKs, for the close, and for RSTs; what is odd is chosen in its `mod.rs`.
//! - `en` and `ko` phrase those: one `match` for each enumeration, in the file of its name (an arrow's in `speech`). They know
//!   nothing of scenes, connections or segments. A phrase that is missing is a compile error. `text` is what they share.
//! - [`Language`] picks among them.
//! - [`Ladder`] lays a story out for a terminal.
//!
//! Sentences speak only of what the segment's standing, header and [`Evidence`] say, and of what never changes once it is
//! known (the initial sequence numbers, the roles), so that they are the same in every pass. What they state as a fact, the
//! capture shows; what is likely, they call so. A lesson is given on the first data of a direction, then only the facts.
//! Explanations have one line that waits for the end of the capture: what its whole completeness means.

#![forbid(unsafe_code)]

mod arrow;
mod clause;
mod en;
mod evidence;
mod explain;
mod icmp;
mod ko;
mod ladder;
mod language;
mod memory;
mod names;
mod narration;
mod scene;
mod speech;
mod story;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

pub use evidence::{Duplicate, Evidence, Marks, Repeated, Sack, SentAgain};
pub use icmp::meaning as icmp_meaning;
pub use ladder::Ladder;
pub use language::Language;
pub use memory::{Before, Memory};
pub use names::{Heading, Name};
pub use scene::Scene;
pub use story::{Absence, Caption, Story, opens_or_closes};

use crate::tcp::{Connection, Finding, IcmpError, Side};
use std::ops::Range;

/// Writes one or a few sentences: what happens here and why.
pub fn write_narration(out: &mut String, language: Language, scene: &Scene) {
    for (index, clause) in narration::narration(scene).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        language.clause(out, scene.sender(), scene.is(Marks::FIRST_GUESS) && index == 0, &clause);
    }
}

/// Writes the same as a line of conversation, with an arrow that points the way the segment went:
/// `client ---> server : "…"`. Where it is a guess who is who: `client? ---> server? : "…"`.
pub fn write_dialogue(out: &mut String, language: Language, scene: &Scene) {
    let [client, server] = [Side::Client, Side::Server].map(|side| language.side(side));
    let arrow = if scene.sender() == Side::Client { " ---> " } else { " <--- " };
    let guess = if scene.standing.sender_assumed { "?" } else { "" };
    for piece in [client, guess, arrow, server, guess, " : \""] {
        out.push_str(piece);
    }
    write_speech(out, language, scene);
    out.push('"');
}

/// Writes what the sender says, without who says it to whom.
pub fn write_speech(out: &mut String, language: Language, scene: &Scene) {
    language.speech(out, &speech::speech(scene));
    if scene.is(Marks::FIRST_RELATIVE) {
        language.relative_from_here(out);
    }
}

/// What stands on the segment's arrow in a flow graph: `SYN-ACK 18384334, go on at 3315539300`.
pub fn arrow(language: Language, scene: &Scene) -> String {
    let mut text = String::new();
    language.arrow(&mut text, &arrow::arrow(scene));
    text
}

/// [`write_narration`] into a text of its own.
pub fn narration(language: Language, scene: &Scene) -> String {
    let mut text = String::new();
    write_narration(&mut text, language, scene);
    text
}

/// [`write_dialogue`] into a text of its own.
pub fn dialogue(language: Language, scene: &Scene) -> String {
    let mut text = String::new();
    write_dialogue(&mut text, language, scene);
    text
}

/// [`write_speech`] into a text of its own.
pub fn speech(language: Language, scene: &Scene) -> String {
    let mut text = String::new();
    write_speech(&mut text, language, scene);
    text
}

/// Says behind some stories that there are so many more.
pub fn write_more_stories(out: &mut String, language: Language, stories: u64) {
    language.remark(out, &story::Remark::MoreStories { stories });
}

/// Writes the evidence for a verdict, in one or two sentences.
pub fn write_why(out: &mut String, language: Language, finding: &Finding) {
    language.why(out, finding);
}

/// Writes what an ICMP error about one of the connection's segments says.
pub fn write_icmp(out: &mut String, language: Language, error: &IcmpError, connection: &Connection) {
    language.icmp(out, &icmp::complaint(error, connection));
}

/// On segments of the two handshakes: what writes a line for each header item that a learner asks about, and the bytes of the
/// TCP header that it is about. Empty elsewhere.
pub fn explain(
    language: Language,
    scene: &Scene,
) -> impl ExactSizeIterator<Item = (impl FnOnce(&mut String), Range<u8>)> {
    let header = scene.segment.header_len;
    explain::explain(scene).into_iter().map(move |line| {
        let bytes = line.bytes(header);
        (move |out: &mut String| language.line(out, &line), bytes)
    })
}
