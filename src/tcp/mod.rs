//! What TCP means: takes segments, and says what each of them is. No unsafe code, no input or output, nothing of libwireshark, no
//! sentence in any language.
//!
//! A [`Segment`] goes into its [`Connection`], which keeps both ends' states and gives back a [`Standing`]: the phase, the
//! step, who sent it. What the connection as a whole was stays in the connection.
//!
//! - `connection` is the state machine of one connection, in a file for each thing that it decides.
//! - `copies` finds packets that were captured more than once.
//! - `completeness` and `zeek` observe the same segments, each for itself.
//! - `verdict` says why a connection failed, and where to look.
//! - `segment`, `options`, `number`, `frames`, `end` and `standing` are the values that go in and out.
//!
//! Two things here come from outside TCP. The cross-check of completeness models how Wireshark's `packet-tcp.c` counts, from
//! plain values ([`Sighting`]), so that a difference can be explained. And phases, steps, states, outcomes, verdicts and reasons carry
//! the names that the plugin's fields promise ([`Step::name`]), the same in every language, with a zero byte behind each
//! so that C code can keep them.

#![forbid(unsafe_code)]

mod completeness;
mod connection;
mod copies;
mod end;
mod frames;
mod named;
mod number;
mod options;
mod segment;
mod standing;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod zeek;

pub(crate) use named::named;

pub use completeness::{Completeness, CountingRule, HeaderPart, Reason, Sighting};
pub use connection::{CLOSE_TIMEOUT, Closing, ClosingKind, Connection, Endpoint, Oddity, Offer, Opening, Outcome};
pub use copies::{Copies, Network, Packet};
pub use end::{End, PerEnd};
pub use frames::{Earlier, Frames};
pub use number::{FrameNumber, SeqNumber, Span, StreamNumber, Timestamp, Watch};
pub use options::Options;
pub use segment::{Analysis, Flags, Segment};
pub use standing::{Phase, Side, Standing, State, Step};
pub use verdict::{
    Around, Awaited, Capture, CapturePoint, Close, Compared, Disturbance, Finding, ForeignHops, Hosts, IcmpError,
    Misfit, Open, Origin, ResetSign, Suspect, Verdict, Why,
};
pub use zeek::Zeek;
