//! What TCP means: segments in, verdicts out. No Wireshark, no unsafe code, no input or output, no text.
//!
//! A [`Segment`] goes into its [`Connection`], which keeps both ends' states and gives back a [`Verdict`]: the phase, the
//! step, who sent it. What the connection as a whole was stays in the connection.

#![forbid(unsafe_code)]

mod closing;
mod completeness;
mod connection;
mod crosscheck;
mod endpoint;
mod named;
mod number;
mod opening;
mod options;
mod outcome;
mod reset;
mod segment;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod zeek;

pub(crate) use named::named;

pub use closing::Closing;
pub use completeness::Completeness;
pub use connection::Connection;
pub use crosscheck::{Header, Reason, Rule, Sighting};
pub use endpoint::{Endpoint, Offer};
pub use number::{FrameNumber, SeqNumber, Span, StreamNumber, Timestamp, Watch};
pub use opening::Opening;
pub use options::Options;
pub use outcome::{ClosingKind, Outcome};
pub use segment::{Analysis, End, Flags, Segment};
pub use verdict::{Phase, Side, State, Step, Verdict};
pub use zeek::Zeek;
