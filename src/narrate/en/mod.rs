//! The words in English.

pub mod explain;
pub mod icmp;
pub mod narration;
pub mod speech;
pub mod story;
pub mod verdict;

use crate::narrate::text::{Order, Range, order, write_elapsed};
use crate::tcp::{Side, Span};
use std::fmt::{self, Display, Formatter};

/// What a side is called.
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// What IPv4 and IPv6 call the hops that a packet has left.
fn hops_of(v6: bool) -> &'static str {
    if v6 { "hop limit" } else { "TTL" }
}

/// The same, where it is a guess.
fn guessed(side: Side) -> &'static str {
    match side {
        Side::Client => "client (by its port)",
        Side::Server => "server (by its port)",
    }
}

/// A count and what it counts: `1 byte`, `2 bytes`.
struct Counted(u64, &'static str);

impl Display for Counted {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Counted(count, what) = self;
        write!(f, "{count} {what}{}", if *count == 1 { "" } else { "s" })
    }
}

fn bytes(count: impl Into<u64>) -> Counted {
    Counted(count.into(), "byte")
}

/// Numbers with what they are: `byte 5`, `bytes 1 to 5`.
struct Stretch(&'static str, u32, u32);

impl Display for Stretch {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let &Stretch(what, first, last) = self;
        write!(f, "{what}{} {}", if first == last { "" } else { "s" }, Range(first, " to ", last))
    }
}

/// `relative number 5`, `relative numbers 1 to 5`.
fn relative(first: u32, last: u32) -> Stretch {
    Stretch("relative number", first, last)
}

/// The first bytes of a direction: `first byte`, `first 5 bytes`.
struct First(u32);

impl Display for First {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        if self.0 == 1 { f.write_str("first byte") } else { write!(f, "first {}", bytes(self.0)) }
    }
}

/// A stretch of time: `31.020 ms`, `1.500 s`.
struct Elapsed(Span);

impl Display for Elapsed {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write_elapsed(f, self.0, " s")
    }
}

/// When something was captured, so long before: `captured 1.020 ms before`.
struct Captured(Span);

impl Display for Captured {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match order(self.0) {
            Order::Before(elapsed) => write!(f, "captured {} before", Elapsed(elapsed)),
            Order::Same => f.write_str("captured at the same time"),
            Order::ClockWentBack(elapsed) => {
                write!(f, "captured before it, but {} later by the clock", Elapsed(elapsed))
            }
        }
    }
}
