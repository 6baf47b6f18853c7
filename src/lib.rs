//! A Wireshark postdissector that explains how TCP connections open and close.
//!
//! The data goes one way: what Wireshark's TCP dissector worked out → a [`tcp::Segment`] → its [`tcp::Connection`] → a
//! [`tcp::Standing`], kept for the frame → words → tree items.
//!
//! - [`tcp`] is what TCP means. It calls nothing of Wireshark and makes no sentences.
//! - [`narrate`] is the text: what to say is decided once, and a folder per language phrases it.
//! - [`rows`] is the table of all connections, in the format of Zeek's logs.
//! - `wireshark` is everything that touches libwireshark, and all the unsafe code.
//!
//! The engine needs no Wireshark:
//!
//! ```
//! use tcpshake::tcp::*;
//!
//! let segment = |frame, from, flags, seq, ack| Segment {
//!     frame: FrameNumber::new(frame).unwrap(),
//!     time: Timestamp(i64::from(frame) * 10_000_000),
//!     from,
//!     source_port: if from == End::A { 50000 } else { 80 },
//!     destination_port: if from == End::A { 80 } else { 50000 },
//!     seq: SeqNumber(seq),
//!     ack: SeqNumber(ack),
//!     flags,
//!     window: 64240,
//!     header_len: 20,
//!     len: 0,
//!     options: Options::default(),
//!     analysis: Analysis::empty(),
//! };
//! let handshake = [
//!     segment(1, End::A, Flags::SYN, 1000, 0),
//!     segment(2, End::B, Flags::SYN | Flags::ACK, 7000, 1001),
//!     segment(3, End::A, Flags::ACK, 1001, 7001),
//! ];
//! let steps = [Step::Syn, Step::SynAck, Step::HandshakeAck];
//!
//! let mut connection = Connection::new(CountingRule::V4_2);
//! for (segment, step) in handshake.iter().zip(steps) {
//!     // The second argument is the segment as Wireshark counts it for `tcp.completeness`.
//!     let standing = connection.see(segment, &Sighting::of(segment, step == Step::Syn, false));
//!     assert_eq!((standing.phase, standing.step), (Phase::Opening, step));
//! }
//! assert_eq!(connection.outcome(Some(Timestamp(1_000_000_000))), Outcome::Established);
//! assert_eq!(connection.by_side(Side::Server).isn(), Some(SeqNumber(7000)));
//! assert_eq!(connection.opening().duration().span(), Some(Span(20_000_000)));
//! ```

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod narrate;
pub mod rows;
pub mod tcp;
#[allow(unsafe_code)]
mod wireshark;
