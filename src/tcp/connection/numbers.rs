//! The numbers that are kept of an end, packed: every connection has them, and an `Option` of each would take a byte more.

use crate::tcp::number::SeqNumber;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Its initial sequence number.
    Isn,
    /// What its relative numbers count from.
    Base,
    /// The number behind the last that it is known to have used.
    Next,
    /// The highest that it has acknowledged.
    Acked,
    /// Its FIN's.
    Fin,
}

/// The numbers of one end, each known or not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    /// A bit for each that is known.
    known: u8,
    values: [SeqNumber; 5],
}

impl Numbers {
    /// `None` if it is not known.
    pub fn get(&self, which: Number) -> Option<SeqNumber> {
        (self.known & (1 << which as u8) != 0).then(|| self.values[which as usize])
    }

    /// Makes it known, or unknown.
    pub fn set(&mut self, which: Number, value: Option<SeqNumber>) {
        self.known &= !(1 << which as u8);
        if let Some(value) = value {
            self.known |= 1 << which as u8;
            self.values[which as usize] = value;
        }
    }

    /// The number; this one from now on, if it was not known.
    pub fn get_or_set(&mut self, which: Number, value: SeqNumber) -> SeqNumber {
        let value = self.get(which).unwrap_or(value);
        self.set(which, Some(value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_known_for_itself() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.get(Number::Isn), None);
        numbers.set(Number::Fin, Some(SeqNumber(0)));
        assert_eq!(numbers.get_or_set(Number::Isn, SeqNumber(7)), SeqNumber(7));
        assert_eq!(numbers.get_or_set(Number::Isn, SeqNumber(8)), SeqNumber(7));
        assert_eq!((numbers.get(Number::Fin), numbers.get(Number::Next)), (Some(SeqNumber(0)), None));
        numbers.set(Number::Fin, None);
        assert_eq!(numbers.get(Number::Fin), None);
    }
}
