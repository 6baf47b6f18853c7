//! The numbers TCP and Wireshark count with, each a type of its own so that none is taken for another.
//!
//! Those that are kept for every connection are packed: they need no alignment, so an `Option` of one takes one byte more
//! at most, and a capture of a million connections takes that much less memory.

use std::num::NonZeroU32;
use std::ops::{Add, Sub};

/// A sequence or acknowledgment number: 32 bits that wrap (RFC 9293, 3.4).
///
/// There is no total order on a circle, so `SeqNumber` has no `Ord`: [`is_before`](Self::is_before) and its kin
/// compare two numbers that lie less than half the circle apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(Rust, packed)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// How many numbers lie from `earlier` to this one, going forward: 0 to 2³² − 1.
    pub fn since(self, earlier: SeqNumber) -> u32 {
        { self.0 }.wrapping_sub(earlier.0)
    }

    /// Whether this number comes before `other` on the half circle behind it.
    pub fn is_before(self, other: SeqNumber) -> bool {
        (self.since(other) as i32) < 0
    }

    /// Whether this number comes after `other` on the half circle ahead of it.
    pub fn is_after(self, other: SeqNumber) -> bool {
        other.is_before(self)
    }

    /// The later of the two.
    pub fn later(self, other: SeqNumber) -> SeqNumber {
        if other.is_after(self) { other } else { self }
    }

    /// Whether `first <= self <= last` on the circle, walking forward from `first`.
    pub fn is_within(self, first: SeqNumber, last: SeqNumber) -> bool {
        self.since(first) <= last.since(first)
    }
}

impl Add<u32> for SeqNumber {
    type Output = SeqNumber;
    fn add(self, count: u32) -> SeqNumber {
        SeqNumber({ self.0 }.wrapping_add(count))
    }
}

impl Sub<u32> for SeqNumber {
    type Output = SeqNumber;
    fn sub(self, count: u32) -> SeqNumber {
        SeqNumber({ self.0 }.wrapping_sub(count))
    }
}

/// A frame's number in its capture file: 1 to 2³² − 1, as Wireshark counts (`frame.number`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed)]
pub struct FrameNumber(NonZeroU32);

impl FrameNumber {
    /// `None` for 0, which is no frame.
    pub fn new(number: u32) -> Option<FrameNumber> {
        NonZeroU32::new(number).map(FrameNumber)
    }

    /// The number itself.
    pub fn get(self) -> u32 {
        { self.0 }.get()
    }
}

/// The index Wireshark gives each TCP conversation, counted up from 0 (`tcp.stream`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamNumber(pub u32);

/// When a frame was captured, in nanoseconds since 1970; good for the years 1678 to 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed)]
pub struct Timestamp(pub i64);

/// A stretch of time in nanoseconds; negative where a capture's clock went backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed)]
pub struct Span(pub i64);

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Timestamp) -> Span {
        Span({ self.0 }.saturating_sub(earlier.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp({ self.0 }.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, more: Span) -> Span {
        Span({ self.0 }.saturating_add(more.0))
    }
}

/// Measures the time from one segment to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// The first of the two has not been seen.
    #[default]
    Unset,
    /// The second has not been seen.
    Running(Timestamp),
    /// Both have been seen.
    Stopped(Span),
}

impl Watch {
    /// The first of the two segments: again, if it was seen before.
    pub fn start(&mut self, at: Timestamp) {
        *self = Watch::Running(at);
    }

    /// The second of them; only the first such one counts.
    pub fn stop(&mut self, at: Timestamp) {
        if let Watch::Running(start) = *self {
            *self = Watch::Stopped(at - start);
        }
    }

    /// When the first of them was, as long as the second has not been seen.
    pub fn running(self) -> Option<Timestamp> {
        if let Watch::Running(since) = self { Some(since) } else { None }
    }

    /// The time between them.
    pub fn span(self) -> Option<Span> {
        if let Watch::Stopped(span) = self { Some(span) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing::extreme_times;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_survives_the_wrap(start: u32, step in 1u32..0x8000_0000) {
            let (a, b) = (SeqNumber(start), SeqNumber(start) + step);
            prop_assert!(a.is_before(b) && b.is_after(a));
            prop_assert!(!b.is_before(a) && !a.is_after(b) && !a.is_before(a));
            prop_assert_eq!(a.later(b), b);
            prop_assert_eq!(b.since(a), step);
            prop_assert_eq!(b - step, a);
            prop_assert!(a.is_within(a, b) && b.is_within(a, b));
            prop_assert!(!(b + 1).is_within(a, b));
        }

        #[test]
        fn a_clock_that_jumps_gives_a_span_that_fits(from in extreme_times(), to in extreme_times()) {
            let exact = i128::from(to.0) - i128::from(from.0);
            let Span(nanoseconds) = to - from;
            prop_assert_eq!(i128::from(nanoseconds), exact.clamp(i64::MIN.into(), i64::MAX.into()));
        }
    }

    #[test]
    fn frame_zero_does_not_exist() {
        assert_eq!(FrameNumber::new(0), None);
        assert_eq!(FrameNumber::new(7).map(FrameNumber::get), Some(7));
    }
}
