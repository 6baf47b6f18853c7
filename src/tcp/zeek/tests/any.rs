//! Zeek's words on any segments at all.

use super::seen;
use crate::tcp::end::End;
use crate::tcp::segment::Flags;
use crate::tcp::testing::{any_segments, segment};
use crate::tcp::zeek::Zeek;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The letters of an event that happens `count` times: the 1st, 10th, 100th.
fn scaled(count: usize) -> usize {
    (1..=count).filter(|n| [1, 10, 100, 1000].contains(n)).count()
}

const WORDS: [&str; 13] = ["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"];

/// Data, or else an ACK; where; and how much data.
fn steps() -> impl Strategy<Value = Vec<(bool, u32, u32)>> {
    prop::collection::vec((any::<bool>(), 0u32..60, 1u32..9), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn any_segments_in_any_order_are_taken(segments in any_segments()) {
        let (mut zeek, mut before) = (Zeek::default(), String::new());
        for segment in &segments {
            zeek.see(segment);
            let history = zeek.history();
            let turned = before == "H" && history.starts_with("^h");
            prop_assert!(history.starts_with(&before) || turned, "{before} became {history}");
            prop_assert!(WORDS.contains(&zeek.conn_state()));
            before = history;
        }
        for letter in "ADIQadiq".chars() {
            prop_assert!(before.matches(letter).count() <= 1, "{letter} in {before}");
        }
        prop_assert!(before.chars().all(|letter| "SHADFRIQTWGshadfriqtwg^".contains(letter)));
        prop_assert!(before.matches('^').count() <= 1);
    }

    /// The rule for the beginning, read over the first two segments as they are.
    #[test]
    fn the_first_letter_is_that_of_the_first_segment(segments in any_segments()) {
        let first = &segments[0];
        let syn = first.flags & (Flags::SYN | Flags::ACK) == Flags::SYN;
        let by_port = first.from == End::B && !syn;
        let history = seen(&segments[..1]).history();
        prop_assert_eq!(history.starts_with('^'), by_port);
        let letter = history.chars().find(|letter| *letter != '^');
        let expected = match (first.has(Flags::SYN), first.has(Flags::FIN), first.has(Flags::RST)) {
            (_, true, true) => Some('I'),
            (true, true, _) | (true, _, true) => Some('Q'),
            (true, ..) => Some(if first.has(Flags::ACK) { 'H' } else { 'S' }),
            (_, true, _) => Some('F'),
            (.., true) => Some('R'),
            _ if first.len > 0 => Some('D'),
            _ if first.has(Flags::ACK) => Some('A'),
            _ if first.window == 0 => Some('W'),
            _ => None,
        };
        prop_assert_eq!(letter, expected.map(|letter| if by_port { letter.to_ascii_lowercase() } else { letter }));
    }

    /// Retransmissions and holes, read octet by octet.
    #[test]
    fn payload_octet_by_octet(start: u32, steps in steps()) {
        let mut zeek = seen(&[
            segment(End::A, Flags::SYN, start.wrapping_sub(1), 0, 0),
            segment(End::B, Flags::SYN | Flags::ACK, 5000, start, 0),
            segment(End::A, Flags::ACK, start, 5001, 0),
        ]);
        let mut octets = BTreeSet::new();
        let (mut end, mut acked, mut retransmissions, mut holes) = (0, 0, 0, 0);
        for (is_data, at, len) in steps {
            if is_data {
                retransmissions += usize::from(at + len <= end);
                end = end.max(at + len);
                octets.extend(at..at + len);
                zeek.see(&segment(End::A, Flags::ACK, start.wrapping_add(at), 5001, len));
            } else {
                let is_hole = |octet: &u32| !octets.contains(octet);
                let begins = |octet: &u32| *octet == acked || !is_hole(&(octet - 1));
                holes += (acked..at).filter(|octet| is_hole(octet) && begins(octet)).count();
                octets.extend(acked..at);
                acked = acked.max(at);
                zeek.see(&segment(End::B, Flags::ACK, 5001, start.wrapping_add(at), 0));
            }
        }
        let history = zeek.history();
        prop_assert_eq!(history.matches('T').count(), scaled(retransmissions), "{}", &history);
        prop_assert_eq!(history.matches('G').count(), scaled(holes), "{}", &history);
        prop_assert_eq!(zeek.conn_state(), "S1");
    }
}
