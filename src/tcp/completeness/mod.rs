//! Which parts of a connection a capture holds: SYN, SYN-ACK, ACK, data, FIN, RST.
//!
//! [`count`] is the plugin's own count, over all segments of a stream in whatever order they were captured. How Wireshark
//! counts, and why the two may differ, is the business of [`cross_check`].

mod count;
mod cross_check;
mod parts;

pub(super) use count::{Count, Unmatched};
pub(super) use cross_check::CrossCheck;
pub use cross_check::{CountingRule, HeaderPart, Reason, Sighting};
pub use parts::Completeness;
