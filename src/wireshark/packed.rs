//! A standing in four bytes: one is kept for every segment of the capture.

use crate::tcp::{Completeness, Phase, Side, Standing, State, Step};
use std::num::NonZeroU32;

/// A standing. From the lowest bit: three for the phase, which is never 0, six for the step, two for the sender, one for
/// whether that is a guess, four for the state of each end, two for what its receiver makes of a RST, six for the completeness.
/// Behind them a bit says that the segment is its connection's first.
#[derive(Clone, Copy, Debug)]
pub struct Packed(NonZeroU32);

/// The parts in their order, and how many bits each takes.
const WIDTHS: [u32; 8] = [3, 6, 2, 1, 4, 4, 2, 6];

/// Set of a connection's first segment.
const FIRST: u32 = 1 << 28;

impl Packed {
    /// `None` if nothing is in it, which no standing is.
    pub fn new(standing: Standing) -> Option<Packed> {
        let parts = [
            standing.phase.number(),
            standing.step.number(),
            standing.sender.number(),
            standing.sender_assumed.into(),
            standing.client.number(),
            standing.server.number(),
            standing.reset_acceptable.map_or(0, |acceptable| 1 + u8::from(acceptable)),
            standing.so_far.bits(),
        ];
        let (mut all, mut at) = (0, 0);
        for (part, width) in parts.into_iter().zip(WIDTHS) {
            debug_assert!(u32::from(part) >> width == 0, "{standing:?} does not fit");
            all |= u32::from(part) << at;
            at += width;
        }
        NonZeroU32::new(all).map(Packed)
    }

    /// The same, of the connection's first segment if `first`.
    pub fn mark_first(self, first: bool) -> Packed {
        Packed(self.0 | if first { FIRST } else { 0 })
    }

    /// Whether the segment is its connection's first.
    pub fn is_first(self) -> bool {
        self.0.get() & FIRST != 0
    }

    /// The standing; `None` if it holds a number that stands for nothing.
    pub fn unpack(self) -> Option<Standing> {
        let mut rest = self.0.get();
        let [phase, step, sender, assumed, client, server, acceptable, so_far] = WIDTHS.map(|width| {
            let part = rest & ((1 << width) - 1);
            rest >>= width;
            part as u8
        });
        Some(Standing {
            phase: named(Phase::ALL, phase, Phase::number)?,
            step: named(Step::ALL, step, Step::number)?,
            sender: named(Side::ALL, sender, Side::number)?,
            sender_assumed: assumed != 0,
            client: named(State::ALL, client, State::number)?,
            server: named(State::ALL, server, State::number)?,
            reset_acceptable: acceptable.checked_sub(1).map(|acceptable| acceptable != 0),
            so_far: Completeness::from_bits_truncate(so_far),
        })
    }
}

/// The value with this number. They count up from 0 or 1, without a gap.
fn named<T: Copy>(all: &[T], number: u8, of: impl Fn(T) -> u8) -> Option<T> {
    let first = of(*all.first()?);
    all.get(usize::from(number.checked_sub(first)?)).copied().filter(|value| of(*value) == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_comes_back_as_it_was() {
        for (index, &step) in Step::ALL.iter().enumerate() {
            let standing = Standing {
                phase: Phase::ALL[index % Phase::ALL.len()],
                step,
                sender: Side::ALL[index % 2],
                sender_assumed: index % 3 == 0,
                client: State::ALL[index % State::ALL.len()],
                server: State::ALL[(index + 7) % State::ALL.len()],
                reset_acceptable: [None, Some(false), Some(true)][index % 3],
                so_far: Completeness::from_bits_truncate(2 * index as u8),
            };
            let packed = Packed::new(standing).unwrap();
            assert_eq!(packed.unpack(), Some(standing));
            assert!(!packed.is_first());
            assert!(packed.mark_first(true).is_first());
            assert_eq!(packed.mark_first(true).unpack(), Some(standing));
        }
    }

    #[test]
    fn nothing_has_a_number_that_does_not_fit() {
        let fits = |last: u8, width: u32| u32::from(last) < 1 << width;
        assert!(fits(Phase::ALL[Phase::ALL.len() - 1].number(), WIDTHS[0]));
        assert!(fits(Step::ALL[Step::ALL.len() - 1].number(), WIDTHS[1]));
        assert!(fits(State::ALL[State::ALL.len() - 1].number(), WIDTHS[4]));
        assert!(fits(Completeness::all().bits(), WIDTHS[7]));
    }
}
