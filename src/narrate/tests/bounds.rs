//! Words about numbers and times at the ends of their range: nothing overflows (a test build checks every sum), and every
//! segment has its words.

use super::any_evidence;
use crate::narrate::{Language, Scene, dialogue, explain, narration};
use crate::tcp::testing::extreme_segments;
use crate::tcp::{Connection, CountingRule, Sighting, StreamNumber};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]
    #[test]
    fn no_number_in_words_overflows(segments in extreme_segments()) {
        let mut connection = Connection::new(CountingRule::V4_2);
        for (index, segment) in segments.iter().enumerate() {
            let standing = connection.see(segment, &Sighting::of(segment, index == 0, false));
            let (stream, evidence) = (StreamNumber(u32::MAX), any_evidence(index as u32));
            let scene = Scene { stream, standing, segment: *segment, connection: &connection, evidence };
            for &language in Language::ALL {
                prop_assert!(!narration(language, &scene).is_empty());
                prop_assert!(!dialogue(language, &scene).is_empty());
                explain(language, &scene).for_each(|(write, _)| write(&mut String::new()));
            }
        }
    }
}
