//! Long texts cut into lines.

/// Bytes of our lines there: so many letters can be read in a window 1100 pixels wide without scrolling.
pub const LINE: usize = 124;

/// Cuts a text into pieces of at most `limit` bytes: at the end of a sentence if there is one, else at a space.
pub fn pieces(mut text: &str, limit: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        text = text.trim_start();
        if text.is_empty() {
            return None;
        }
        let mut end = text.len();
        if end > limit {
            let boundary = (0..=limit).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            let fits = &text[..boundary];
            let sentence = fits.as_bytes().windows(2).rposition(|pair| pair == b". ").map(|at| at + 1);
            end = sentence.or_else(|| fits.rfind(' ')).unwrap_or(fits.len()).max(1);
        }
        let (piece, rest) = text.split_at(end);
        text = rest;
        Some(piece)
    })
}

/// What a line of Wireshark's holds at most, in bytes, behind an indentation (`ITEM_LABEL_LENGTH` in epan/proto.h).
const LONGEST: usize = 230;

/// Cuts a text at the ends of sentences, into pieces of at most [`LINE`] bytes where they allow that. A sentence is cut only if it
/// is longer than any line.
pub fn sentences(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        text = text.trim_start();
        if text.is_empty() {
            return None;
        }
        let end = if text.len() <= LINE { text.len() } else { end_of_line(text) };
        let (piece, rest) = text.split_at(end);
        text = rest;
        Some(piece)
    })
}

/// Where the first line of a text ends that does not fit into one.
fn end_of_line(text: &str) -> usize {
    // No search for a `str`, which prepares itself for long texts.
    let pairs = |limit: usize| text.as_bytes()[..text.len().min(limit + 1)].windows(2);
    let whole = || pairs(LINE).rposition(|pair| pair == b". ");
    let longer = || pairs(LONGEST).position(|pair| pair == b". ");
    let all = || (text.len() <= LONGEST).then_some(text.len() - 1);
    let part = || pairs(LONGEST).rposition(|pair| pair == b"; ");
    whole().or_else(longer).or_else(all).or_else(part).map_or(text.len(), |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_with_a_sentence_where_they_can() {
        let text = "One sentence. Another one. And a third that is long";
        assert_eq!(pieces(text, 30).collect::<Vec<_>>(), ["One sentence. Another one.", "And a third that is long"]);
        assert_eq!(pieces("한국어 문장", 11).collect::<Vec<_>>(), ["한국어", "문장"]);
    }

    #[test]
    fn a_sentence_stays_whole() {
        let [short, long] = [format!("{}.", "a ".repeat(20)), format!("{}.", "b ".repeat(90))];
        let text = format!("{short} {long} {short} {short}");
        let both = format!("{short} {short}");
        assert_eq!(sentences(&text).collect::<Vec<_>>(), [&short, &long, &both]);
        let list = format!("{}; {}.", "c".repeat(150), "d".repeat(150));
        assert_eq!(sentences(&list).map(str::len).collect::<Vec<_>>(), [151, 151]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_but_spaces(text in "[a-z가-힣. ]{0,300}", limit in 8usize..100) {
            let all: Vec<&str> = pieces(&text, limit).collect();
            prop_assert!(all.iter().all(|piece| piece.len() <= limit));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&all.concat()), letters(&text));
        }
    }
}
