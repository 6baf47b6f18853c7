//! Zeek's words on small lists of segments.

mod any;
mod bytes;

use super::endpoint::EndpointState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
use super::*;
use crate::tcp::testing::segment;

/// Reads segments like `B SA 5000 1001 +10 w0`, with commas between them: sender and flags, sequence number,
/// acknowledgment number, payload, window. `HS` is a handshake. B's port is 80, or with `unlikely` in front 7100.
fn read(text: &str) -> Vec<Segment> {
    let (text, port) = text.strip_prefix("unlikely ").map_or((text, 80), |text| (text, 7100));
    let text = text.replace("HS", "A S 1000, B SA 5000 1001, A A 1001 5001");
    text.split(", ").map(|one| read_one(one, port)).collect()
}

fn read_one(text: &str, port: u16) -> Segment {
    let words: Vec<&str> = text.split_whitespace().collect();
    let from = if words[0] == "A" { End::A } else { End::B };
    let flags = words[1].chars().map(|letter| match letter {
        'S' => Flags::SYN,
        'A' => Flags::ACK,
        'F' => Flags::FIN,
        'R' => Flags::RST,
        _ => Flags::empty(),
    });
    let mut numbers = words.iter().filter_map(|word| word.parse().ok().filter(|_| !word.starts_with('+')));
    let mut next_number = || numbers.next().unwrap_or(0);
    let with = |sign| words.iter().find_map(|word| word.strip_prefix(sign)?.parse().ok());
    let one = segment(from, flags.collect(), next_number(), next_number(), with('+').unwrap_or(0));
    let ports = if from == End::A { (50000, port) } else { (port, 50000) };
    let window = with('w').map_or(64240, |window| window as u16);
    Segment { source_port: ports.0, destination_port: ports.1, window, ..one }
}

fn seen(segments: &[Segment]) -> Zeek {
    let mut zeek = Zeek::default();
    segments.iter().for_each(|segment| zeek.see(segment));
    zeek
}

/// Compares each row's segments with the history and the state that belong to them.
#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        let zeek = seen(&read(text));
        assert_eq!(format!("{} {}", zeek.history(), zeek.conn_state()), *expected, "{text}");
    }
}

#[test]
fn nothing_yet() {
    assert_eq!((Zeek::default().history().as_str(), Zeek::default().conn_state()), ("", "OTH"));
}

#[test]
fn each_state() {
    check(&[
        ("A S 1000", "S S0"),
        ("HS", "ShA S1"),
        ("HS, A FA 1001 5001, B FA 5001 1002, A A 1002 5002", "ShAFf SF"),
        ("A S 1000, B RA 0 1001", "Sr REJ"),
        ("HS, A FA 1001 5001, B A 5001 1002", "ShAFa S2"),
        ("HS, B FA 5001 1001, A A 1001 5002", "ShAf S3"),
        ("HS, A A 1001 5001 +10, A RA 1011 5001", "ShADR RSTO"),
        ("HS, A A 1001 5001 +10, B RA 5001 1011", "ShADr RSTR"),
        ("A S 1000, A R 1001", "SR RSTOS0"),
        ("B SA 5000 1001, B R 5001", "^hr RSTRH"),
        ("A S 1000, A F 1001", "SF SH"),
        ("B SA 5000 1001, B FA 5001 1001", "^hf SHR"),
        ("A A 1001 5001 +10, B A 5001 1011 +10", "Dd OTH"),
    ]);
}

/// `conn_state` of `main.zeek` as a table: originator's state by row, responder's by column.
#[test]
fn each_pair_of_states() {
    let states = [Inactive, SynSent, SynAckSent, Partial, Established, Closed, Reset];
    let table = [
        "OTH OTH OTH OTH OTH SHR RSTRH",
        "S0 OTH OTH OTH OTH S3 REJ",
        "OTH OTH OTH OTH OTH S3 REJ",
        "OTH OTH OTH OTH OTH SHR RSTRH",
        "OTH OTH OTH OTH S1 S3 RSTR",
        "SH S2 S2 SH S2 SF RSTR",
        "OTH RSTO RSTO OTH RSTO RSTO REJ",
    ];
    for (row, orig) in table.iter().zip(states) {
        for (expected, resp) in row.split_whitespace().zip(states) {
            let mut zeek = Zeek::default();
            zeek.ends[End::B].marks.insert(Marks::ORIGINATOR);
            zeek.ends[End::B].enter(orig);
            zeek.ends[End::A].enter(resp);
            assert_eq!(zeek.conn_state(), expected, "{orig:?} {resp:?}");
        }
    }
}

/// What Zeek's own tests expect, as far as the expectation shows what is in their traces.
#[test]
fn the_baselines_of_zeek() {
    // core/tcp/tcp-dups.zeek: every segment comes twice.
    let mut segments = read("HS, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9");
    segments.extend((1..10).map(|i| segment(End::A, Flags::ACK, 1001 + 9 * i, 5010, 9)));
    segments.extend((1..10).map(|i| segment(End::B, Flags::ACK, 5001 + 9 * i, 1091, 9)));
    segments.extend(read("A FA 1091 5091, B FA 5091 1092, A A 1092 5092"));
    let twice: Vec<Segment> = segments.iter().flat_map(|&segment| [segment; 2]).collect();
    assert_eq!(seen(&twice).history(), "ShADTadtTtFf");
    check(&[
        // scripts/base/protocols/conn/conn_state-RST-behavior.zeek
        ("A R 1000", "R OTH"),
        ("A S 1000, A R 1001", "SR RSTOS0"),
        ("A S 1000, B A 7 77, A R 77", "SaR RSTOS0"),
        ("A S 1000, B A 5000 1001, A F 1001, A R 1002", "SaFR OTH"),
        // core/tcp/missing-syn.zeek
        (
            "B SA 5000 1001, A A 1001 5001, A A 1001 5001 +10, B A 5001 1011 +9, B FA 5010 1011, A A 1011 5011, \
             A FA 1011 5011",
            "^hADdfF SF",
        ),
        // core/connection_flipped.zeek
        ("unlikely B SA 5000 1001", "H OTH"),
        ("unlikely B SA 5000 1001, A S 1000", "Hs^ S1"),
        (
            "unlikely B SA 5000 1001, A S 1000, A A 1001 5001, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9, \
             A FA 1010 5010, B FA 5010 1011",
            "Hs^ADadFf SF",
        ),
        // core/tcp/rxmit-history.zeek
        ("A A 1001 5001 +10, B A 5001 1011 +10, A A 1011 5011", "DdA OTH"),
        ("B SA 5000 1001", "^h OTH"),
        // core/tcp/rst-after-syn.zeek
        ("A S 1000, B RA 7 1001, B SA 5000 1001, A A 1001 5001, A A 1001 5001 +175", "SrhAD REJ"),
        // core/tcp/miss-end-data.zeek
        ("HS, A A 1001 5001 +9, B A 5001 1010, B FA 7903 1010, A A 1010 7904, A FA 1010 7904", "ShADafgF SF"),
        // core/conn-size-flip.zeek, one-sided
        ("unlikely B SA 5000 1001, B A 5001 1001, B FA 5001 1001", "^haf SHR"),
        // core/tcp/fin-rst-timeout.zeek
        (
            "HS, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9, B A 5001 1010 +9, A FA 1010 5010, \
             A R 1011, B FA 5010 1011, B R 5011",
            "ShADadtFRfr SF",
        ),
    ]);
}

#[test]
fn whole_connections() {
    check(&[
        (
            "HS, A A 1001 5001 +100, B A 5001 1101, B A 5001 1101 +200, A A 1101 5201, A FA 1101 5201, \
             B FA 5201 1102, A A 1102 5202",
            "ShADadFf SF",
        ),
        ("HS, A A 1001 5001 +10, B A 5001 1011, B R 5001, A R 1011", "ShADarR RSTR"),
        ("HS, B R 5001, A R 1001", "ShArR REJ"),
        ("HS, A FA 1001 5001, A R 1002", "ShAFR RSTO"),
        ("HS, A FA 1001 5001, B RA 5001 1002", "ShAFr RSTR"),
        ("HS, A FA 1001 5001, B FA 5001 1002, A R 1002", "ShAFfR SF"),
        ("HS, A FA 1001 5001, A R 1002, B FA 5001 1002, B R 5002", "ShAFRfr SF"),
        ("A S 1000, A A 1001 5001, A A 1001 5001 +10, A FA 1011 5001", "SADF SH"),
        ("A S 1000, B A 5001 1001 +20", "Sd OTH"),
        // Some servers acknowledge the SYN first.
        ("A S 1000, B A 5000 1001, B SA 5000 1001, A A 1001 5001", "SahA S1"),
        // One stream of Wireshark's; two connections of Zeek's.
        ("A S 1000, B S 5000, A SA 1000 5001, B SA 5000 1001, A A 1001 5001 +5", "SsD S1"),
    ]);
}

#[test]
fn connections_without_a_beginning() {
    check(&[
        ("A F 1000", "F SH"),
        ("B FA 5000 1000", "^f SHR"),
        ("unlikely B FA 5000 1000", "F SH"),
        ("B R 5000", "^r RSTRH"),
        ("B SA 5000 1001, A R 1001", "^hR RSTO"),
        ("unlikely B SA 5000 1001, A R 1001", "Hr REJ"),
        ("unlikely B SA 5000 1001, B R 5001", "HR OTH"),
        ("B SA 5000 1001, A A 1001 5001", "^hA S1"),
        ("A A 1001 5001 +10, A S 1000", "DS S0"),
        ("B A 5001 1011 +10, A A 1011 5011", "^dA OTH"),
        ("unlikely B A 5001 1011 +10, A A 1011 5011", "Da OTH"),
        ("A .. 1000", " OTH"),
        ("A .. 1000, A . 1000 +5", "D OTH"),
    ]);
}

#[test]
fn turned_round_by_the_second_segment() {
    let rest = "A A 1001 5001, A A 1001 5001 +10, B A 5001 1011 +20, A FA 1011 5021, B FA 5021 1012";
    check(&[
        (&format!("B SA 5000 1001, {rest}"), "^hADdFf SF"),
        (&format!("unlikely B SA 5000 1001, {rest}"), "^hADdFf SF"),
        ("unlikely B SA 5000 1001, A A 1001 5001", "^hA OTH"),
        ("unlikely B SA 5000 1001, B A 5001 1001 +50", "^hd OTH"),
        ("unlikely B SA 5000 1001, A A 1001 5001, B SA 5000 1001", "^hAh OTH"),
        ("unlikely B SA 5000 1001 w0, A A 1001 5001", "HWa OTH"),
        ("unlikely B SA 5000 1001, A S 1000, B SA 5000 1001", "Hs^ S1"),
    ]);
    // Both ports are a server's: a SYN-ACK shows who is who only with what follows, other segments by the ports.
    let both = |text: &str| {
        let swap = |s: &Segment| Segment { source_port: s.source_port.min(6669), ..*s };
        let swap = |s: &Segment| Segment { destination_port: s.destination_port.min(6669), ..swap(s) };
        seen(&read(text).iter().map(swap).collect::<Vec<_>>()).history()
    };
    assert_eq!(both("B SA 5000 1001"), "H");
    assert_eq!(both(&format!("B SA 5000 1001, {rest}")), "^hADdFf");
    assert_eq!((both("B A 5000 1001"), both("A A 1001 5000")), ("^a".into(), "A".into()));
}

#[test]
fn flags_that_no_tcp_combines() {
    check(&[
        ("A SF 1000", "Q SH"),
        ("A SR 1000", "Q OTH"),
        ("A SFR 1000", "I OTH"),
        ("HS, A FRA 1001 5001", "ShAI RSTO"),
        ("HS, A FRA 1001 5001, A FRA 1009 5001, B SFR 5001, B SF 5001, B SR 5001", "ShAIiq REJ"),
    ]);
}

#[test]
fn control_letters_again_only_with_another_number() {
    check(&[
        ("A S 1000, A S 1000", "S S0"),
        ("A S 1000, A S 1500", "S S0"),
        ("A S 1000, B SA 5000 1001, B SA 5000 1001, A A 1001 5001", "ShA S1"),
        ("HS, A FA 1001 5001, A S 1000", "ShAF S2"),
        ("HS, A FA 1001 5001, A S 1003", "ShAFS S2"),
        ("HS, A FA 1001 5001, A FA 1001 5001", "ShAF S2"),
        ("HS, A FA 1001 5001 +10, A FA 1011 5001", "ShAF S2"),
        ("HS, A FA 1001 5001, A FA 1001 5001 +10", "ShAFF S2"),
        ("HS, A R 1001, A R 1051, A R 1051", "ShARR RSTO"),
        ("HS, A R 1001, A R 1051, A R 1001", "ShARRR RSTO"),
        // A late copy of the SYN: Zeek takes it for another once the numbers have wrapped.
        ("A S 4294967000, B SA 5000 4294967001, A A 4294967001 5001 +99, A S 4294967000", "ShD S1"),
        ("A S 4294967000, B SA 5000 4294967001, A A 4294967001 5001 +999, A S 4294967000", "ShDS S1"),
    ]);
}

#[test]
fn retransmissions() {
    check(&[
        ("HS, A A 1001 5001 +10, A A 1001 5001 +10, B A 5001 1011", "ShADTa S1"),
        // Out of order.
        ("HS, A A 1011 5001 +10, A A 1001 5001 +10, B A 5001 1021", "ShADTa S1"),
        // One octet more is no retransmission; an octet before is.
        ("HS, A A 1001 5001 +10, A A 1001 5001 +11", "ShAD S1"),
        ("HS, A A 1001 5001 +10, A A 1010 5001 +1", "ShADT S1"),
        ("A S 1000 +20, B SA 5000 1021, A A 1021 5001", "SThA S1"),
        ("HS, A A 1001 5001 +10, A RA 1011 5001 +30", "ShADRT RSTO"),
        ("HS, A FA 1001 5001, A A 1001 5001 +1", "ShAFDT S2"),
        ("A A 1001 5001 +10, A A 1001 5001 +10", "DT OTH"),
    ]);
}

#[test]
fn zero_windows() {
    check(&[
        ("HS, B A 5001 1001 w0, B A 5001 1001", "ShAaw S1"),
        ("A S 1000 w0, B SA 5000 1001", "SWh S1"),
        ("HS, B RA 5001 1001 w0", "ShAr RSTR"),
        // After the peer's FIN no window matters, after the own it does.
        ("HS, A FA 1001 5001, B A 5001 1002 w0", "ShAFa S2"),
        ("HS, A FA 1001 5001, A A 1002 5001 w0", "ShAFW S2"),
    ]);
}

#[test]
fn holes() {
    check(&[
        ("HS, A A 1001 5001 +10, A A 1021 5001 +10, B A 5001 1031", "ShADaG S1"),
        ("HS, A A 1001 5001 +10, A A 1021 5001 +10, B A 5001 1031, A A 1011 5001 +10", "ShADaGT S1"),
        ("HS, A A 1011 5001 +10, A A 1031 5001 +10, B A 5001 1041", "ShADaG S1"),
        ("HS, A A 1011 5001 +10, B FA 5001 1021", "ShADfG S3"),
        ("HS, A A 1011 5001 +10, B RA 5001 1021", "ShADr RSTR"),
        ("HS, A A 1001 5001 +10, B A 5001 1011", "ShADa S1"),
        // The octet may be a FIN that was not seen.
        ("HS, A A 1001 5001 +10, B A 5001 1012", "ShADaG S1"),
        ("HS, A A 1001 5001 +10, A FA 1011 5001, B A 5001 1012", "ShADFa S2"),
        // Nobody acknowledged it, or the beginning was not seen.
        ("HS, A A 1011 5001 +10, A FA 1021 5001, B FA 5001 1001", "ShADFf SF"),
        ("A A 1001 5001 +10, B A 5001 1011, A A 1031 5001 +10, B A 5001 1041", "Da OTH"),
        // A SYN with another number inside an open connection begins anew.
        ("HS, B A 5001 1001 +10, B SA 99 1001, A A 1001 7000", "ShAdg S1"),
    ]);
}

#[test]
fn one_direction_only_is_no_reason_for_holes() {
    let far = "HS, A A 1011 5001 +10, A A 19000 5001 +10, B A 5001 19010";
    check(&[(far, "ShADa S1"), (&far.replace("19", "16"), "ShADaG S1")]);
}

#[test]
fn too_much_is_given_up() {
    let mut zeek = seen(&read("HS, A A 1001 5001 +10, B A 5001 1011"));
    let block = |i: u32, len| segment(End::A, Flags::ACK, 2000 + 2 * i, 5001, len);
    (0..10_000).for_each(|i| zeek.see(&block(i, 1)));
    assert!(zeek.ends[End::A].delivered() > 1 << 39, "nothing is waited for");
    zeek.see(&segment(End::B, Flags::ACK, 5001, 9000, 0));
    assert_eq!(zeek.history(), "ShADa");

    let mut zeek = seen(&read("HS, A A 1001 5001 +10, B A 5001 1011"));
    (1..200).for_each(|i| zeek.see(&segment(End::A, Flags::ACK, 1011 + i * 60_000, 5001, 60_000)));
    zeek.see(&segment(End::B, Flags::ACK, 5001, 1011 + 200 * 60_000, 0));
    assert_eq!(zeek.history(), "ShADa");
}

#[test]
fn ever_less_often() {
    let expected = [(1, "T"), (9, "T"), (10, "TT"), (99, "TT"), (100, "TTT"), (1000, "TTTT")];
    for (count, letters) in expected {
        let again = |text: &str| seen(&read(&format!("HS, A A 1001 5001 +10{}", text.repeat(count)))).history();
        assert_eq!(again(", A A 1001 5001 +10"), format!("ShAD{letters}"));
        assert_eq!(again(", A A 1011 5001 w0"), format!("ShAD{}", letters.replace('T', "W")));
        let holes =
            (0..count).map(|i| format!(", A A {0} 5001 +1, B A 5001 {0}", 1012 + 2 * i)).collect::<Vec<_>>().concat();
        let expected = letters.replacen('T', "aG", 1).replace('T', "G");
        assert_eq!(seen(&read(&format!("HS, A A 1001 5001 +10{holes}"))).history(), format!("ShAD{expected}"));
    }
}

#[test]
fn beyond_four_gigabytes() {
    let (len, start) = (1 << 20, 0xf000_0001_u32);
    let mut zeek = seen(&[
        segment(End::A, Flags::SYN, start - 1, 0, 0),
        segment(End::B, Flags::SYN | Flags::ACK, 5000, start, 0),
        segment(End::A, Flags::ACK, start, 5001, 0),
    ]);
    for i in 0..9000_u32 {
        let seq = start.wrapping_add(i.wrapping_mul(len));
        if i != 8000 {
            zeek.see(&segment(End::A, Flags::ACK, seq, 5001, len));
        }
        zeek.see(&segment(End::B, Flags::ACK, 5001, seq.wrapping_add(len), 0));
    }
    let end = start.wrapping_add(len.wrapping_mul(9000));
    zeek.see(&segment(End::A, Flags::ACK | Flags::FIN, end, 5001, 0));
    zeek.see(&segment(End::B, Flags::ACK | Flags::FIN, 5001, end.wrapping_add(1), 0));
    assert_eq!((zeek.history().as_str(), zeek.conn_state()), ("ShADaGFf", "SF"));
    assert_eq!(zeek.ends[End::A].size(), 9000 * u64::from(len));
}
