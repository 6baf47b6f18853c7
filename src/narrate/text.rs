//! What the languages share in writing: lists, the names of flags, times.

use crate::tcp::{Flags, Frames, Span};
use std::fmt::{self, Display, Formatter, Write};

/// Writes items one after another, with a separator between them.
pub fn join<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    separator: &str,
    mut write: impl FnMut(&mut String, T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.write_str(separator)?;
        }
        write(out, item)?;
    }
    Ok(())
}

/// How many hundredths of a window that is not 0 some bytes are.
pub fn percent(bytes: u32, window: u32) -> u64 {
    u64::from(bytes) * 100 / u64::from(window).max(1)
}

/// Flags by name: `SYN, FIN`.
pub struct FlagNames(pub Flags);

impl Display for FlagNames {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        for (index, (name, _)) in self.0.iter_names().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// Frames by number: `frames 4, 9 and 12`; of many the first three and the last.
pub struct FrameList<'a>(pub &'a Frames);

impl Display for FrameList<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(if self.0.count == 1 { "frame " } else { "frames " })?;
        BareFrameList(self.0).fmt(f)
    }
}

/// The same without a word in front: `4, 9, 12`; `4, 9, 12 … 40`.
pub struct BareFrameList<'a>(pub &'a Frames);

impl Display for BareFrameList<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        for (index, frame) in self.0.iter().enumerate() {
            let separator = match index {
                0 => "",
                3 if self.0.count > 4 => " … ",
                _ => ", ",
            };
            write!(f, "{separator}{}", frame.get())?;
        }
        Ok(())
    }
}

/// Writes a stretch of time as a reader would say it, with the language's word for seconds: `31.020 ms`, `1.500 s`.
pub fn write_elapsed(f: &mut Formatter, Span(nanoseconds): Span, seconds: &str) -> fmt::Result {
    let milliseconds = nanoseconds as f64 / 1e6;
    if milliseconds.abs() >= 1000.0 {
        write!(f, "{:.3}{seconds}", milliseconds / 1000.0)
    } else {
        write!(f, "{milliseconds:.3} ms")
    }
}

/// Seconds in a day: a silence of a day or more is told in days.
pub const DAY: u32 = 24 * 60 * 60;

/// From one number to another; just the number where they are the same.
pub struct Range(pub u32, pub &'static str, pub u32);

impl Display for Range {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Range(first, between, last) = *self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}{between}{last}") }
    }
}

/// How an earlier capture lies in time.
pub enum Order {
    /// So long before.
    Before(Span),
    /// At the same time, as far as a microsecond shows.
    Same,
    /// The clock went back: so long after it.
    ClockWentBack(Span),
}

/// How what was captured earlier lies in time, so long before by the clock.
pub fn order(Span(before): Span) -> Order {
    match before {
        500.. => Order::Before(Span(before)),
        -499..500 => Order::Same,
        _ => Order::ClockWentBack(Span(before.saturating_neg())),
    }
}
