//! How much payload each end sent, and how much of it was missed: the columns `orig_bytes`, `resp_bytes` and `missed_bytes`.

use super::{End, read, seen};

/// Compares each row's segments with A's bytes, B's, and those missed.
#[track_caller]
fn check(rows: &[(&str, [u64; 3])]) {
    for (text, expected) in rows {
        let zeek = seen(&read(text));
        assert_eq!([zeek.bytes(End::A), zeek.bytes(End::B), zeek.missed_bytes()], *expected, "{text}");
    }
}

#[test]
fn payload_counts_once_and_flags_do_not() {
    check(&[
        ("A S 1000", [0, 0, 0]),
        ("HS", [0, 0, 0]),
        ("HS, A A 1001 5001 +10, B A 5001 1011 +20, A A 1011 5021", [10, 20, 0]),
        ("HS, A A 1001 5001 +10, A A 1001 5001 +10", [10, 0, 0]),
        ("HS, A A 1001 5001 +10, A A 1006 5001 +10", [15, 0, 0]),
        ("HS, A FA 1001 5001 +10, B FA 5001 1012 +20, A A 1012 5022", [10, 20, 0]),
        ("HS, A A 1001 5001 +10, B RA 5001 1011", [10, 0, 0]),
        ("A S 1000 +20, B SA 5000 1021, A A 1021 5001", [20, 0, 0]),
        // The numbers wrap.
        ("A S 4294967290, B SA 5000 4294967291, A A 4294967291 5001 +10, B A 5001 5", [10, 0, 0]),
    ]);
}

#[test]
fn what_was_acknowledged_and_not_seen_is_missed() {
    check(&[
        ("HS, A A 1011 5001 +10", [20, 0, 0]),
        ("HS, A A 1011 5001 +10, B A 5001 1021", [20, 0, 10]),
        ("HS, B A 5011 1001 +10, A A 1001 5021", [0, 20, 10]),
        ("HS, A A 1011 5001 +10, A A 1001 5001 +10, B A 5001 1021", [20, 0, 0]),
        ("HS, A A 1011 5001 +10, A A 1031 5001 +10, B A 5001 1041", [40, 0, 20]),
        ("HS, A A 1011 5001 +10, A A 1031 5001 +10, B A 5001 1021, B A 5001 1041", [40, 0, 20]),
        ("HS, A A 1011 5001 +10, B A 5011 1021 +10, A A 1021 5021", [20, 20, 20]),
        // It comes too late.
        ("HS, A A 1011 5001 +10, B A 5001 1021, A A 1001 5001 +10", [20, 0, 10]),
        // Nothing of it was seen.
        ("HS, B A 5001 1101", [100, 0, 100]),
        // The beginning was not seen, or a RST revealed it.
        ("A A 1001 5001 +10, B A 5001 1011, A A 1031 5001 +10, B A 5001 1041", [40, 0, 0]),
        ("HS, A A 1011 5001 +10, B RA 5001 1021", [20, 0, 0]),
    ]);
}

/// The answer to its SYN is of an old connection: how far that acknowledges is not how much was sent.
#[test]
fn an_end_that_met_an_old_connection_sent_nothing() {
    check(&[("A S 1000, B A 5000 3000, A R 3000", [0, 0, 0]), ("A S 1000, B A 5000 3000", [1999, 0, 0])]);
}
