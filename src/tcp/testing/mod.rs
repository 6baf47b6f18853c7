//! Segments for tests: made by hand, or any at all; and an oracle that reads what they make of a connection.

pub mod oracle;

use super::completeness::{CountingRule, Sighting};
use super::connection::Connection;
use super::end::End;
use super::number::{FrameNumber, SeqNumber, Timestamp};
use super::options::Options;
use super::segment::{Analysis, Flags, Segment};
use super::standing::Standing;
use proptest::prelude::*;

/// A segment in frame 1 at time 0, from port 50000 of A or port 80 of B.
pub fn segment(from: End, flags: Flags, seq: u32, ack: u32, len: u32) -> Segment {
    let (source_port, destination_port) = if from == End::A { (50000, 80) } else { (80, 50000) };
    Segment {
        frame: FrameNumber::new(1).unwrap(),
        time: Timestamp(0),
        from,
        source_port,
        destination_port,
        seq: SeqNumber(seq),
        ack: SeqNumber(ack),
        flags,
        window: 64240,
        header_len: 20,
        len,
        options: Options::default(),
        analysis: Analysis::empty(),
    }
}

/// Sequence numbers that meet each other often: near a few points of the circle, or anywhere.
fn numbers() -> impl Strategy<Value = u32> {
    prop_oneof![
        8 => (prop::sample::select(vec![0u32, 1000, 0x7fff_fff0, 0x8000_0000, 0xffff_fff0]), 0u32..20)
            .prop_map(|(near, by)| near.wrapping_add(by)),
        1 => any::<u32>(),
    ]
}

/// Any segment, with the usual combinations of flags more often than the odd ones.
pub fn any_segment() -> impl Strategy<Value = Segment> {
    let usual = [
        Flags::SYN,
        Flags::SYN | Flags::ACK,
        Flags::ACK,
        Flags::ACK | Flags::PSH,
        Flags::FIN | Flags::ACK,
        Flags::RST,
        Flags::RST | Flags::ACK,
    ];
    let flags = prop_oneof![
        6 => prop::sample::select(usual.to_vec()),
        1 => (0u16..0x200).prop_map(Flags::from_bits_truncate),
    ];
    let from = prop_oneof![Just(End::A), Just(End::B)];
    let len = prop_oneof![3 => Just(0u32), 1 => 1u32..20, 1 => Just(1460)];
    (from, flags, numbers(), numbers(), len, any::<u16>(), 0u16..256).prop_map(
        |(from, flags, seq, ack, len, window, analysis)| Segment {
            window,
            analysis: Analysis::from_bits_truncate(analysis),
            ..segment(from, flags, seq, ack, len)
        },
    )
}

/// Up to 40 segments, numbered and timed in their order.
pub fn any_segments() -> impl Strategy<Value = Vec<Segment>> {
    prop::collection::vec(any_segment(), 1..40).prop_map(numbered)
}

/// The same segments, numbered and timed in their order, a millisecond apart.
pub fn numbered(mut segments: Vec<Segment>) -> Vec<Segment> {
    for (index, segment) in segments.iter_mut().enumerate() {
        segment.frame = FrameNumber::new(index as u32 + 1).unwrap();
        segment.time = Timestamp(index as i64 * 1_000_000);
    }
    segments
}

/// Times at the ends of their range, and around 0.
pub fn extreme_times() -> impl Strategy<Value = Timestamp> {
    prop_oneof![4 => prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]), 1 => any::<i64>()].prop_map(Timestamp)
}

/// Any segment with numbers where sums overflow, or near there.
fn extreme_segment() -> impl Strategy<Value = Segment> {
    let edges = vec![0u32, 1, 19, 20, 0x7fff_ffff, 0x8000_0000, u32::MAX - 40, u32::MAX - 1, u32::MAX];
    let numbers = prop_oneof![4 => prop::sample::select(edges), 1 => any::<u32>()];
    let options = (prop::option::of(any::<u16>()), prop::option::of(0u8..15)).prop_map(|(mss, window_scale)| Options {
        mss,
        window_scale,
        ..Options::default()
    });
    let fixed = (1..=u32::MAX, extreme_times(), any::<[u16; 2]>(), 5u8..16);
    (any_segment(), [numbers.clone(), numbers.clone(), numbers], fixed, options).prop_map(
        |(segment, [seq, ack, len], (frame, time, ports, words), options)| Segment {
            frame: FrameNumber::new(frame).unwrap(),
            time,
            source_port: ports[0],
            destination_port: ports[1],
            seq: SeqNumber(seq),
            ack: SeqNumber(ack),
            header_len: words * 4,
            len,
            options,
            ..segment
        },
    )
}

/// Up to 30 of them.
pub fn extreme_segments() -> impl Strategy<Value = Vec<Segment>> {
    prop::collection::vec(extreme_segment(), 1..30)
}

/// What a connection makes of the segments, the first of them as Wireshark's first of a conversation.
pub fn see_all(rule: CountingRule, segments: &[Segment]) -> (Connection, Vec<Standing>) {
    let mut connection = Connection::new(rule);
    let mut see = |(index, segment)| connection.see(segment, &Sighting::of(segment, index == 0, false));
    let standings = segments.iter().enumerate().map(&mut see).collect();
    (connection, standings)
}

/// The segments as the oracle reads them; A is its first end.
pub fn facts(segments: &[Segment]) -> Vec<oracle::Facts> {
    let of = |segment: &Segment| oracle::Facts {
        first: segment.from == End::A,
        flags: segment.flags.bits(),
        seq: segment.seq.0,
        ack: segment.ack.0,
        len: segment.len,
    };
    segments.iter().map(of).collect()
}
