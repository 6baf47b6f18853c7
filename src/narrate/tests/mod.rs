//! What the words are tested with. `phrases` tries each by itself, from `samples`; `stories` those of connections, and `bounds`
//! those about extreme numbers; `flights` when the bytes in flight are stated, and `marks` what the segments before a segment show of it.

mod bounds;
mod flights;
mod marks;
mod phrases;
mod samples;
mod stories;

use super::{Duplicate, Evidence, Language, Marks, Repeated, Sack, SentAgain};
use crate::tcp::{Earlier, FrameNumber, Span};

fn earlier(before: i64) -> Earlier {
    Earlier { frame: FrameNumber::new(7).unwrap(), before: Span(before) }
}

/// Evidence of every kind in turn, at the ends of its range too.
fn any_evidence(turn: u32) -> Evidence {
    let which = turn as usize % 3;
    let number = [1, 1460, u32::MAX][which];
    let earlier = earlier([0, i64::MIN, i64::MAX][which]);
    let some = |bit: u32| (turn >> bit) & 1 == 1;
    let blocks = [number, u32::MAX - 2, 0, 9].map(u32::to_be_bytes).concat();
    Evidence {
        acknowledges: some(0).then_some(earlier),
        repeats: some(1).then_some(Repeated {
            earlier,
            whole: some(2),
            copied: some(4),
            again: some(5),
            acked: some(3).then_some(some(4)),
        }),
        sent_again: some(6).then_some(if some(7) { SentAgain::Somewhere } else { SentAgain::In(earlier.frame) }),
        marks: Marks::from_bits_truncate(turn ^ turn.rotate_left(7)),
        silence: turn,
        peer_window: some(7).then_some(number),
        reset_answers: some(3).then_some(earlier.frame),
        duplicate: some(2).then_some(Duplicate { number, of: earlier.frame }),
        in_flight: some(3).then_some(number),
        acks_unseen: some(5),
        sack: Sack::parse(&[&[5, 18], &blocks[..]].concat()),
        ip_header: some(0).then_some(20),
        is_first: some(4),
        all_seen: some(1),
    }
}

/// Writes one thing in each language, and looks at what they have in common.
fn check(what: &str, write: impl Fn(Language, &mut String)) {
    let texts = Language::ALL.iter().map(|&language| {
        let mut text = String::new();
        write(language, &mut text);
        assert!(is_well_formed(&text), "{what}: {text:?}");
        text
    });
    let texts: Vec<String> = texts.collect();
    for other in &texts[1..] {
        assert_eq!(numbers(&texts[0]), numbers(other), "{what}: {texts:?}");
    }
}

/// Whether a text is one at all, with single spaces, only between words, and its brackets and quotes in pairs.
fn is_well_formed(text: &str) -> bool {
    let mut open = Vec::new();
    let paired = text.chars().all(|letter| match letter {
        '(' | '[' | '“' => {
            open.push(letter);
            true
        }
        ')' => open.pop() == Some('('),
        ']' => open.pop() == Some('['),
        '”' => open.pop() == Some('“'),
        _ => true,
    });
    let quotes = text.matches('"').count();
    !text.is_empty() && text == text.trim() && !text.contains("  ") && paired && open.is_empty() && quotes % 2 == 0
}

/// The numbers in a text, sorted. Korean has a digit where English writes *one* or *plus one*: those do not count.
fn numbers(text: &str) -> Vec<String> {
    const KOREAN_ONE: [&str; 3] = ["1을 더한 값", "1만큼", "몫 1을"];
    let text = KOREAN_ONE.iter().fold(text.to_owned(), |text, one| text.replace(one, ""));
    let numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let mut numbers: Vec<String> = numbers.map(str::to_owned).collect();
    numbers.sort();
    numbers
}
