//! Narrations in English.

mod closing;
mod data;
mod odd;
mod opening;
mod reset;

use super::{guessed, side};
use crate::narrate::clause::Clause;
use crate::tcp::Side;
use std::fmt;

/// Writes a clause about a segment of this sender's: one or more whole sentences. `guess` says that the sender is named for
/// the first time, and that who is who is a guess.
pub fn write(out: &mut String, sender: Side, guess: bool, clause: &Clause) -> fmt::Result {
    let (me, you) = (if guess { guessed(sender) } else { side(sender) }, side(sender.peer()));
    match *clause {
        Clause::Opening(clause) => opening::write(out, me, you, clause),
        Clause::Data(clause) => data::write(out, me, you, clause),
        Clause::Closing(clause) => closing::write(out, me, you, clause),
        Clause::Reset(clause) => reset::write(out, me, you, clause),
        Clause::Odd(clause) => odd::write(out, me, clause),
    }
}
