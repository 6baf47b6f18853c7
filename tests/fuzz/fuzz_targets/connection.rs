//! Any segments in any order, with any numbers and times: the engine takes them all, its words are made in both languages,
//! and what has to hold of every connection holds.
//!
//! Built by `cargo fuzz` it is the fuzzer; built by `cargo` it runs the inputs in the files that it is given, such as those
//! that the fuzzer found.

#![cfg_attr(fuzzing, no_main)]

use arbitrary::Arbitrary;
use tcpshake::narrate::{self, Evidence, Language, Scene};
use tcpshake::tcp::{
    Analysis, Completeness, Connection, End, Flags, FrameNumber, HeaderPart, Options, PerEnd, CountingRule, Segment, SeqNumber,
    Sighting, StreamNumber, Timestamp,
};

/// One call of Wireshark's dissector.
#[derive(Arbitrary, Debug)]
struct Input {
    frame: u32,
    time: i64,
    from_a: bool,
    ports: [u16; 2],
    /// Far from the last number of that direction, or near.
    seq: Number,
    ack: Number,
    flags: u16,
    window: u16,
    words: u8,
    len: Length,
    options: Vec<u8>,
    analysis: u16,
    kind: Kind,
    new_conversation: bool,
    port_reused: bool,
}

#[derive(Arbitrary, Debug)]
enum Number {
    Near(i8),
    Far(u32),
}

#[derive(Arbitrary, Debug)]
enum Length {
    Nothing,
    Small(u8),
    Usual(u16),
    Any(u32),
}

#[derive(Arbitrary, Debug)]
enum Kind {
    Segment,
    Quoted,
    Cut,
    Unreachable,
}

/// The number that each end has come to, from which near ones are reckoned.
struct Numbers(PerEnd<SeqNumber>);

impl Numbers {
    fn number(&self, end: End, number: &Number) -> SeqNumber {
        match number {
            Number::Near(by) => self.0[end] + i32::from(*by) as u32,
            Number::Far(number) => SeqNumber(*number),
        }
    }
}

fn segment(input: &Input, numbers: &Numbers) -> Option<Segment> {
    let from = if input.from_a { End::A } else { End::B };
    Some(Segment {
        frame: FrameNumber::new(input.frame)?,
        time: Timestamp(input.time),
        from,
        source_port: input.ports[0],
        destination_port: input.ports[1],
        seq: numbers.number(from, &input.seq),
        ack: numbers.number(from.peer(), &input.ack),
        flags: Flags::from_bits_truncate(input.flags),
        window: input.window,
        header_len: 20 + input.words % 11 * 4,
        len: match input.len {
            Length::Nothing => 0,
            Length::Small(len) => len.into(),
            Length::Usual(len) => len.into(),
            Length::Any(len) => len,
        },
        options: Options::parse(&input.options),
        analysis: Analysis::from_bits_truncate(input.analysis),
    })
}

fn put_into_words(scene: &Scene) {
    for &language in Language::ALL {
        assert!(!narrate::narration(language, scene).is_empty());
        assert!(!narrate::dialogue(language, scene).is_empty());
        for (write, _) in narrate::explain(language, scene) {
            let mut line = String::new();
            write(&mut line);
            assert!(!line.is_empty());
        }
    }
}

fn follow(rule: CountingRule, inputs: &[Input]) {
    let mut connection = Connection::new(rule);
    let mut numbers = Numbers(PerEnd::default());
    let mut seen = Vec::new();
    let stream = StreamNumber(u32::MAX);
    for input in inputs {
        let Some(segment) = segment(input, &numbers) else { continue };
        let mut sighting = Sighting::of(&segment, input.new_conversation, input.port_reused);
        match input.kind {
            Kind::Segment => {
                let before = connection.completeness();
                let standing = connection.see(&segment, &sighting);
                assert!(standing.so_far.contains(before) && standing.so_far == connection.completeness());
                numbers.0[segment.from] = segment.next_seq();
                put_into_words(&Scene { stream, standing, segment, connection: &connection, evidence: Evidence::default() });
                seen.push((standing, segment));
            }
            Kind::Quoted | Kind::Cut => {
                sighting.header = if matches!(input.kind, Kind::Cut) { HeaderPart::Cut } else { HeaderPart::Quoted };
                connection.overhear(&sighting);
            }
            Kind::Unreachable => connection.unreachable(segment.frame, segment.from, segment.seq),
        }
    }
    // As in a later pass: the words of every segment, with all of the connection known.
    for &(standing, segment) in &seen {
        put_into_words(&Scene { stream, standing, segment, connection: &connection, evidence: Evidence::default() });
    }
    for theirs in 0..64 {
        let theirs = Completeness::from_bits_truncate(theirs);
        let reasons = connection.differences(theirs).len() as u32;
        assert_eq!(reasons, (connection.completeness() ^ theirs).bits().count_ones());
    }
    let _ = (connection.outcome(None), connection.outcome(Some(Timestamp(i64::MAX))), connection.closing_kind());
    let (opening, closing) = (connection.opening(), connection.closing());
    let _ = (opening.duration().span(), opening.syn_to_syn_ack().span(), opening.syn_ack_to_ack().span());
    let _ = closing.duration().span();
    assert!(connection.zeek().history().is_ascii() && !connection.zeek().conn_state().is_empty());
}

fn follow_by_both_rules(inputs: &[Input]) {
    for rule in [CountingRule::V4_0, CountingRule::V4_2] {
        follow(rule, inputs);
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|inputs: Vec<Input>| follow_by_both_rules(&inputs));

#[cfg(not(fuzzing))]
fn main() {
    for file in std::env::args_os().skip(1) {
        let bytes = std::fs::read(file).expect("the file can be read");
        let inputs = Vec::arbitrary_take_rest(arbitrary::Unstructured::new(&bytes));
        follow_by_both_rules(&inputs.expect("any bytes are inputs"));
    }
}
