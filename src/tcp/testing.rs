//! Segments for tests: made by hand, or any at all.

use super::number::{FrameNumber, SeqNumber, Timestamp};
use super::options::Options;
use super::segment::{Analysis, End, Flags, Segment};
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
    prop::collection::vec(any_segment(), 1..40).prop_map(|mut segments| {
        for (index, segment) in segments.iter_mut().enumerate() {
            segment.frame = FrameNumber::new(index as u32 + 1).unwrap();
            segment.time = Timestamp(index as i64 * 1_000_000);
        }
        segments
    })
}
