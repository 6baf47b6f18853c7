//! Numbers and times at the ends of their range: nothing overflows (a test build checks every sum), and nothing is lost.

use proptest::prelude::*;
use tcpshake::narrate::{self, Language, Scene};
use tcpshake::tcp::{
    Analysis, Connection, End, Flags, FrameNumber, Options, Rule, Segment, SeqNumber, Sighting, Span, StreamNumber,
    Timestamp,
};

/// Numbers of 32 bits where sums overflow, or near there.
fn numbers() -> impl Strategy<Value = u32> {
    let edges = vec![0u32, 1, 19, 20, 0x7fff_ffff, 0x8000_0000, u32::MAX - 40, u32::MAX - 1, u32::MAX];
    prop_oneof![4 => prop::sample::select(edges), 1 => any::<u32>()]
}

fn times() -> impl Strategy<Value = i64> {
    prop_oneof![4 => prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]), 1 => any::<i64>()]
}

prop_compose! {
    fn any_segment()(
        (frame, time) in (1..=u32::MAX, times()),
        from in prop::sample::select(vec![End::A, End::B]),
        (source_port, destination_port) in any::<(u16, u16)>(),
        (seq, ack, len) in (numbers(), numbers(), numbers()),
        flags in prop::sample::select(vec![0x02u16, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x00, 0x29, 0x1ff]),
        (window, words, analysis) in (any::<u16>(), 5u8..16, 0u16..256),
        (mss, shift) in (prop::option::of(any::<u16>()), prop::option::of(0u8..15)),
    ) -> Segment {
        Segment {
            frame: FrameNumber::new(frame).unwrap(),
            time: Timestamp(time),
            from,
            source_port,
            destination_port,
            seq: SeqNumber(seq),
            ack: SeqNumber(ack),
            flags: Flags::from_bits_truncate(flags),
            window,
            header_len: words * 4,
            len,
            options: Options { mss, window_scale: shift, ..Options::default() },
            analysis: Analysis::from_bits_truncate(analysis),
        }
    }
}

fn tell_all(connection: &Connection, verdict: &tcpshake::tcp::Verdict, segment: &Segment) {
    let scene = Scene { stream: StreamNumber(u32::MAX), verdict, segment, connection };
    for language in [Language::English, Language::Korean] {
        assert!(!narrate::narration(language, &scene).is_empty());
        assert!(!narrate::dialogue(language, &scene).is_empty());
        narrate::explain(language, &scene);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]
    #[test]
    fn nothing_overflows(segments in prop::collection::vec(any_segment(), 1..30)) {
        for rule in [Rule::V4_0, Rule::V4_4] {
            let mut connection = Connection::new(rule);
            for (index, segment) in segments.iter().enumerate() {
                let verdict = connection.see(segment, &Sighting::of(segment, index == 0, false));
                tell_all(&connection, &verdict, segment);
            }
            let opening = connection.opening();
            let _ = (opening.duration.span(), opening.syn_to_syn_ack.span(), opening.syn_ack_to_ack.span());
            let _ = (connection.closing().duration.span(), connection.outcome(true), connection.closing_kind());
            prop_assert!(!connection.zeek().conn_state().is_empty());
            prop_assert!(opening.syn_count as usize <= segments.len());
        }
    }

    #[test]
    fn a_clock_that_jumps_gives_a_span_that_fits(from in times(), to in times()) {
        let Span(nanoseconds) = Timestamp(to) - Timestamp(from);
        let exact = i128::from(to) - i128::from(from);
        prop_assert_eq!(i128::from(nanoseconds), exact.clamp(i64::MIN.into(), i64::MAX.into()));
    }
}
