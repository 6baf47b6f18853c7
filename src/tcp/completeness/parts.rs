//! The parts themselves, and the letters that stand for them.

use bitflags::bitflags;

bitflags! {
    /// The parts, with the values Wireshark gives them in `tcp.completeness`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Completeness: u8 {
        /// A segment with SYN, without ACK and RST.
        const SYN = 1;
        /// A segment with SYN and ACK, without RST.
        const SYN_ACK = 2;
        /// A segment without SYN and RST that acknowledges the SYN-ACK.
        const ACK = 4;
        /// A segment without RST that carries payload.
        const DATA = 8;
        /// A segment with FIN, without SYN and RST.
        const FIN = 16;
        /// A segment with RST.
        const RST = 32;
    }
}

/// The parts with the letter Wireshark 4.4 prints for each, in the order it prints them (`tcp.completeness.str`).
const LETTERS: [(Completeness, char); 6] = [
    (Completeness::RST, 'R'),
    (Completeness::FIN, 'F'),
    (Completeness::DATA, 'D'),
    (Completeness::ACK, 'A'),
    (Completeness::SYN_ACK, 'S'),
    (Completeness::SYN, 'S'),
];

impl Completeness {
    /// The letters as Wireshark 4.4 prints them: `RFDASS`, with `·` for each part that is missing.
    pub fn letters(self) -> String {
        let mut letters = String::with_capacity(LETTERS.len() * '·'.len_utf8());
        letters.extend(LETTERS.iter().map(|&(part, letter)| if self.contains(part) { letter } else { '·' }));
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_wiresharks() {
        let all_but_rst = !Completeness::RST;
        assert_eq!(all_but_rst.letters(), "·FDASS");
        assert_eq!((Completeness::RST | Completeness::ACK | Completeness::SYN).letters(), "R··A·S");
    }
}
