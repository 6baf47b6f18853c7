//! Packets that were captured twice, as a mirror port does that sees both sides of a router.

#[path = "../support/mod.rs"]
mod support;

use support::capture::{Line, Socket, back, frame, to, write};
use support::{WAYS, fields};

const ENDS: (Socket, Socket) = (([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 7100));
const CAPTURED_AGAIN: &str = "34";

/// The frame with an identification in its IP header, from behind so many routers.
fn routed(mut frame: Vec<u8>, id: u8, hops: u8) -> Vec<u8> {
    const IP: usize = 14;
    frame[IP + 5] = id;
    frame[IP + 8] -= hops;
    frame
}

#[test]
fn each_is_linked_to_its_first_capture_and_changes_nothing() {
    let lines: [Line; 4] = [to("S", 100, 0, 0), back("SA", 500, 101, 0), to("A", 101, 501, 0), to("PA", 101, 501, 9)];
    let twice = |(index, line): (usize, &Line)| {
        let id = index as u8 + 1;
        [0, 1].map(|hops| routed(frame(ENDS, line, &[]), id, hops))
    };
    let frames: Vec<Vec<u8>> = lines.iter().enumerate().flat_map(twice).collect();
    // The same segment with another identification was sent again.
    let again = routed(frame(ENDS, &lines[3], &[]), 77, 0);
    let capture = write("captured-again", &[frames, vec![again]].concat());
    const FIELDS: [&str; 4] =
        ["tcpshake.step", "tcpshake.duplicate_of", "tcpshake.opening.syn_count", "tcpshake.client.state"];
    for way in WAYS {
        let rows = fields(&capture, way, &[], &FIELDS);
        for (&number, row) in &rows {
            let is_copy = number % 2 == 0;
            assert_eq!(row[0] == [CAPTURED_AGAIN], is_copy, "{way:?} {number}");
            let original = if is_copy { vec![(number - 1).to_string()] } else { Vec::new() };
            assert_eq!(row[1], original, "{way:?} {number}");
            assert_eq!(row[2], ["1"], "{way:?} {number}");
        }
        assert_eq!(rows[&9][0], ["10"], "{way:?}: a retransmission");
        assert_eq!(rows[&2][3], rows[&1][3]);
    }
}
