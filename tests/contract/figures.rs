//! The examples of RFC 9293, 3.5 and 3.6 (Figures 6 to 13; 7 to 14 in RFC 793), as captures: the states that the RFC prints
//! beside each segment are what Wireshark shows, in every way of looking. `src/tcp/connection/figures.rs` tries the same segments without
//! Wireshark.
//!
//! The RFC prints an end's state when a segment reaches it. A capture shows that it has once the end acts on it, so some of
//! the states come a segment later here; and of the ends that hold an old connection to be open (figures 9 to 11) it shows
//! only what they answer. The captures are made by `tests/captures/craft`.

#[path = "../support/mod.rs"]
mod support;

use support::{WAYS, fields, names, project};

/// The states of A, the client, and B beside each segment.
const FIGURES: [(&str, &[&str]); 9] = [
    // A is ESTABLISHED once it has sent its ACK; the RFC has it so when the SYN-ACK arrives.
    ("figure-6", &["SYN-SENT LISTEN", "SYN-SENT SYN-RECEIVED", "ESTABLISHED ESTABLISHED", "ESTABLISHED ESTABLISHED"]),
    ("figure-7", &["SYN-SENT LISTEN", "SYN-SENT SYN-SENT", "SYN-RECEIVED SYN-SENT", "ESTABLISHED ESTABLISHED"]),
    (
        "figure-8",
        &[
            "SYN-SENT LISTEN",
            "SYN-SENT SYN-RECEIVED",
            "SYN-SENT LISTEN",
            "SYN-SENT SYN-RECEIVED",
            "ESTABLISHED ESTABLISHED",
        ],
    ),
    // B, whose older connection was not captured, passes for one that listens.
    ("figure-9", &["SYN-SENT LISTEN", "SYN-SENT LISTEN", "SYN-SENT CLOSED", "SYN-SENT LISTEN"]),
    ("figure-10", &["ESTABLISHED ESTABLISHED", "CLOSED CLOSED"]),
    // A has sent the SYN in an earlier life, and B returns to LISTEN.
    ("figure-11", &["SYN-SENT LISTEN", "SYN-SENT SYN-RECEIVED", "CLOSED LISTEN"]),
    (
        "figure-12",
        &[
            "SYN-SENT LISTEN",
            "SYN-SENT SYN-RECEIVED",
            "ESTABLISHED ESTABLISHED",
            "FIN-WAIT-1 ESTABLISHED",
            "FIN-WAIT-2 CLOSE-WAIT",
            "FIN-WAIT-2 LAST-ACK",
            "TIME-WAIT CLOSED",
        ],
    ),
    (
        "figure-13",
        &[
            "SYN-SENT LISTEN",
            "SYN-SENT SYN-RECEIVED",
            "ESTABLISHED ESTABLISHED",
            "FIN-WAIT-1 ESTABLISHED",
            "FIN-WAIT-1 FIN-WAIT-1",
            "CLOSING CLOSING",
            "TIME-WAIT TIME-WAIT",
        ],
    ),
    // Figure 7 with one end for both; in the close as in Figure 13.
    (
        "connect-to-itself",
        &[
            "SYN-SENT SYN-SENT",
            "ESTABLISHED ESTABLISHED",
            "ESTABLISHED ESTABLISHED",
            "ESTABLISHED ESTABLISHED",
            "ESTABLISHED ESTABLISHED",
            "FIN-WAIT-1 FIN-WAIT-1",
            "TIME-WAIT TIME-WAIT",
        ],
    ),
];

/// What is shown of each segment of a capture, the same in every way.
fn states(name: &str) -> Vec<String> {
    let capture = project().join(format!("tests/captures/rfc9293/{name}.pcap"));
    let ways = WAYS.map(|way| -> Vec<String> {
        let rows = fields(&capture, way, &[], &["tcpshake.client.state", "tcpshake.server.state"]);
        rows.values()
            .map(|row| format!("{} {}", names::state(&row[0].join("+")), names::state(&row[1].join("+"))))
            .collect()
    });
    assert!(ways.iter().all(|way| *way == ways[0]), "{name}: {ways:?}");
    ways[0].clone()
}

#[test]
fn the_states_are_those_of_the_rfc() {
    for (name, expected) in FIGURES {
        assert_eq!(states(name), expected, "{name}");
    }
}
