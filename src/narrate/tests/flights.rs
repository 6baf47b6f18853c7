//! Which segments say how much is in flight.

use super::super::evidence::Filled;
use super::super::{Before, Evidence, Marks, Memory, Scene};
use crate::tcp::testing::segment;
use crate::tcp::{Connection, CountingRule, End, Flags, Segment, Sighting, StreamNumber};

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;

/// What is stated of the bytes in flight with each segment that says something of them. The server's window is 10,000 bytes.
fn stated(segments: &[Segment]) -> Vec<(usize, Marks)> {
    let (mut connection, mut memory) = (Connection::new(CountingRule::V4_2), Memory::default());
    let (mut sent, mut acked, mut stated) = (101, 101, Vec::new());
    for (index, segment) in segments.iter().enumerate() {
        match segment.from {
            End::A => sent = sent.max(segment.next_seq().0),
            End::B => acked = segment.ack.0,
        }
        let before = Before::of(&connection, segment);
        let standing = connection.see(segment, &Sighting::of(segment, index == 0, false));
        let in_flight = (segment.len > 0).then_some(sent - acked);
        let evidence = Evidence { in_flight, ..Evidence::default() };
        let scene = Scene { stream: StreamNumber(0), standing, segment: *segment, connection: &connection, evidence };
        let marks = memory.take(&before, &scene) & (Marks::FIRST_FLIGHT | Marks::FILLS_WINDOW);
        if !marks.is_empty() {
            stated.push((index, marks));
        }
    }
    stated
}

#[test]
fn bytes_in_flight_are_told_when_they_change_in_kind() {
    let data = |seq| segment(End::A, ACK, seq, 501, 1000);
    let acks = |ack| Segment { window: 10_000, ..segment(End::B, ACK, 501, ack, 0) };
    let opening = [
        segment(End::A, SYN, 100, 0, 0),
        Segment { window: 10_000, ..segment(End::B, SYN | ACK, 500, 101, 0) },
        segment(End::A, ACK, 101, 501, 0),
    ];
    // Frames 3 to 12 fill the window; then it goes up and down below that.
    let fills: Vec<Segment> = (0..10).map(|index| data(101 + index * 1000)).collect();
    let waits = [acks(2101), data(10_101), data(11_101), acks(3101), data(12_101)];
    let all = [&opening[..], &fills, &waits].concat();
    let first = [(4, Marks::FIRST_FLIGHT), (10, Marks::FILLS_WINDOW), (12, Marks::FILLS_WINDOW)];
    assert_eq!(stated(&all), first);
    // All is acknowledged, and the window fills again.
    let again: Vec<Segment> = (0..10).map(|index| data(13_101 + index * 1000)).collect();
    let all = [&all[..], &[acks(13_101)], &again].concat();
    assert_eq!(stated(&all)[3..], [(26, Marks::FILLS_WINDOW), (28, Marks::FILLS_WINDOW)]);
}

#[test]
fn a_window_fills_by_quarters() {
    let filled = [0, 4999, 5000, 7499, 7500, 9999, 10_000, u32::MAX].map(|bytes| Filled::of(bytes, 10_000));
    use Filled::*;
    assert_eq!(filled, [Little, Little, Partly, Partly, Nearly, Nearly, Wholly, Wholly]);
    assert_eq!(Filled::of(1, 0), Wholly);
}
