//! What earlier segments show of a segment: marked when it is first seen, so that words are the same in every pass.

use super::super::{Before, Evidence, Marks, Memory, Scene};
use crate::tcp::testing::segment;
use crate::tcp::{Analysis, Connection, CountingRule, End, Flags, Segment, Sighting, StreamNumber};

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;

/// The marks of the last of these segments.
fn marks_of_last(segments: &[Segment]) -> Marks {
    let (mut connection, mut memory, mut marks) =
        (Connection::new(CountingRule::V4_2), Memory::default(), Marks::empty());
    for (index, segment) in segments.iter().enumerate() {
        let before = Before::of(&connection, segment);
        let standing = connection.see(segment, &Sighting::of(segment, index == 0, false));
        let evidence = Evidence::default();
        let scene = Scene { stream: StreamNumber(0), standing, segment: *segment, connection: &connection, evidence };
        marks = memory.take(&before, &scene);
    }
    marks
}

#[test]
fn a_rst_to_an_ack_of_another_connection_does_not_end_the_opening() {
    let asks = [segment(End::A, SYN, 100, 0, 0), segment(End::A, ACK, 101, 777, 0)];
    let rst = segment(End::B, Flags::RST, 777, 0, 0);
    let answer = segment(End::B, SYN | ACK, 900, 101, 0);
    // Whether the server's own number is known by then or not.
    for segments in [vec![asks[0], asks[1], rst], vec![asks[0], answer, asks[1], rst]] {
        assert!(marks_of_last(&segments).contains(Marks::RESETS_ANOTHER), "{segments:?}");
    }
    let gives_up = [asks[0], answer, segment(End::A, Flags::RST, 101, 0, 0)];
    assert!(!marks_of_last(&gives_up).contains(Marks::RESETS_ANOTHER));
}

#[test]
fn data_sent_again_may_be_new_in_part_or_wholly() {
    let data = |seq, len| segment(End::A, ACK, seq, 501, len);
    let late = |seq, len| Segment { analysis: Analysis::OUT_OF_ORDER, ..data(seq, len) };
    let news = |last| marks_of_last(&[data(101, 50), last]) & (Marks::PARTLY_NEW | Marks::NEW_NUMBERS);
    assert_eq!(news(late(111, 20)), Marks::empty());
    assert_eq!(news(late(111, 40)), Marks::empty(), "to the last number that was sent");
    assert_eq!(news(late(111, 41)), Marks::PARTLY_NEW);
    assert_eq!(news(late(151, 10)), Marks::NEW_NUMBERS);
}
