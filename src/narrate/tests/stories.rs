//! What is said of whole connections, whatever their segments are.

use super::{any_evidence, check};
use crate::narrate::story::IN_A_ROW;
use crate::narrate::{Evidence, Ladder, Language, Scene, Story, explain, write_dialogue, write_narration};
use crate::tcp::testing::{any_segments, segment};
use crate::tcp::{
    Capture, Connection, CountingRule, End, Flags, FrameNumber, Hosts, Segment, Sighting, Standing, StreamNumber,
    Timestamp,
};
use proptest::prelude::*;
use textwrap::core::display_width;

/// Sees segments, and returns the connection and each segment with its standing.
fn see(segments: &[Segment]) -> (Connection, Vec<(Segment, Standing)>) {
    let mut connection = Connection::new(CountingRule::V4_2);
    let seen = segments.iter().enumerate().map(|(index, segment)| {
        let standing = connection.see(segment, &Sighting::of(segment, index == 0, false));
        (*segment, standing)
    });
    let seen = seen.collect();
    (connection, seen)
}

fn ladder(connection: &Connection, seen: &[(Segment, Standing)], language: Language) -> String {
    let mut story = Story::new(Timestamp(0));
    seen.iter().for_each(|(segment, standing)| story.note(segment, standing, Evidence::default()));
    let (client, server) = ("192.0.2.1:50000", "[2001:db8::1]:80");
    let mut text = String::new();
    let until = seen.last().map_or(Timestamp(0), |(segment, _)| segment.time);
    let hosts = Hosts::new();
    let capture = Capture { until, hosts: &hosts };
    Ladder { stream: StreamNumber(0), connection, story: &story, capture, client, server }.write(&mut text, language);
    text
}

#[test]
fn many_of_a_kind_are_counted_and_not_printed_one_by_one() {
    let syn = segment(End::A, Flags::SYN, 100, 0, 0);
    let syns: Vec<Segment> = (1..=20).map(|frame| Segment { frame: FrameNumber::new(frame).unwrap(), ..syn }).collect();
    let (connection, seen) = see(&syns);
    let text = ladder(&connection, &seen, Language::English);
    assert_eq!(text.matches("SYN retransmission").count(), IN_A_ROW, "{text}");
    assert!(text.contains("11 more like this"), "{text}");
}

proptest! {
    #[test]
    fn whatever_happens_is_said_well(segments in any_segments()) {
        let (connection, seen) = see(&segments);
        for (index, (segment, standing)) in seen.iter().enumerate() {
            let (stream, evidence) = (StreamNumber(0), any_evidence(index as u32));
            let scene = Scene { stream, standing: *standing, segment: *segment, connection: &connection, evidence };
            check("narration", |language, text| write_narration(text, language, &scene));
            check("dialogue", |language, text| write_dialogue(text, language, &scene));
            for line in explain::explain(&scene) {
                check("explain", |language, text| language.line(text, &line));
            }
        }
        for &language in Language::ALL {
            for line in ladder(&connection, &seen, language).lines() {
                prop_assert!(display_width(line) <= 110 && line == line.trim_end(), "{}", line);
            }
        }
    }
}
