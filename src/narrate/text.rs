//! What the languages share in writing: lists, the names of flags, times.

use crate::tcp::{Flags, Span};
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

/// A stretch of time as a reader would say it: `31.020 ms`, `1.500 s`.
pub struct Elapsed(pub Span);

impl Display for Elapsed {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Elapsed(Span(nanoseconds)) = *self;
        let milliseconds = nanoseconds as f64 / 1e6;
        if milliseconds.abs() >= 1000.0 {
            write!(f, "{:.3} s", milliseconds / 1000.0)
        } else {
            write!(f, "{milliseconds:.3} ms")
        }
    }
}
