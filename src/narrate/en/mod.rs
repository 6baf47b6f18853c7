//! The words in English.

pub mod explain;
pub mod narration;
pub mod speech;
pub mod story;
pub mod verdict;

use crate::tcp::Side;
use std::fmt::{self, Display, Formatter};

/// What a side is called.
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// The same, where it is a guess.
fn guessed(side: Side) -> &'static str {
    match side {
        Side::Client => "client (by its port)",
        Side::Server => "server (by its port)",
    }
}

/// A count and what it counts: `1 byte`, `2 bytes`.
struct Count(u64, &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Count(count, what) = self;
        write!(f, "{count} {what}{}", if *count == 1 { "" } else { "s" })
    }
}

fn bytes(count: impl Into<u64>) -> Count {
    Count(count.into(), "byte")
}
