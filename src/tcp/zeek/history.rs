//! Zeek's history: what its letters are, and when a segment adds one.

use super::Zeek;
use super::endpoint::EndpointState::{Closed, Reset};
use crate::tcp::end::End;
use crate::tcp::segment::{Flags, Segment};

/// The first letters of a history: room for one SYN, ACK, payload and FIN of each end. 0 where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters([u8; 8]);

impl Letters {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..self.len()]
    }

    fn len(&self) -> usize {
        self.0.iter().position(|&letter| letter == 0).unwrap_or(self.0.len())
    }

    /// Adds a letter; `false` if it does not fit.
    pub fn push(&mut self, letter: u8) -> bool {
        let len = self.len();
        let Some(place) = self.0.get_mut(len) else { return false };
        *place = letter;
        true
    }
}

/// What is mentioned once in each direction, SYN, FIN and RST again with another number (`HistoryMasks` in
/// `TCP_Endpoint.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Once {
    /// SYN or SYN-ACK: an end that was heard with one is not heard again with the other.
    Syn,
    Rst,
    Fin,
    /// FIN and RST together.
    FinRst,
    Data,
    /// An ACK with nothing else.
    Ack,
    /// SYN with FIN or RST.
    Multi,
}

impl Once {
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What is mentioned ever less often: the 1st, the 10th, the 100th time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scaled {
    Retransmission,
    ZeroWindow,
    /// Payload that was acknowledged and never seen.
    Gap,
}

impl Scaled {
    pub const COUNT: usize = 3;

    pub fn letter(self) -> u8 {
        match self {
            Scaled::Retransmission => b'T',
            Scaled::ZeroWindow => b'W',
            Scaled::Gap => b'G',
        }
    }
}

/// The letters.
impl Zeek {
    /// The letter for a segment's kind (`update_history`). Flags that no TCP combines have letters of their own.
    ///
    /// `relative` is its relative sequence number. A FIN differs from another by where it ends.
    pub(super) fn add_flags(&mut self, segment: &Segment, relative: i64) {
        let from = segment.from;
        let control = segment.flags & (Flags::SYN | Flags::FIN | Flags::RST);
        let moved = segment.has(Flags::FIN) && self.ends[from].note_fin(relative, segment);
        if control == Flags::SYN {
            let letter = if segment.has(Flags::ACK) { b'H' } else { b'S' };
            let moved = self.replace_last(from, Once::Syn, relative);
            self.add_each(from, Once::Syn, letter, moved);
        } else if control == Flags::FIN {
            self.add_each(from, Once::Fin, b'F', moved);
        } else if control == Flags::RST {
            let moved = self.replace_last(from, Once::Rst, relative);
            self.add_each(from, Once::Rst, b'R', moved);
        } else if control.contains(Flags::FIN | Flags::RST) {
            self.add_once(from, Once::FinRst, b'I');
        } else if !control.is_empty() {
            self.add_once(from, Once::Multi, b'Q');
        } else if segment.len > 0 {
            self.add_flow_once(from, Once::Data, b'D');
        } else if segment.has(Flags::ACK) {
            self.add_flow_once(from, Once::Ack, b'A');
        }
    }

    /// Data or an ACK: if all there was is a SYN-ACK from the originator, the ends change roles first
    /// (`TCP_Endpoint::CheckHistory`).
    fn add_flow_once(&mut self, from: End, what: Once, letter: u8) {
        if self.letters.as_bytes() == b"H" {
            self.flip_roles();
            self.letters = Letters::default();
            self.write(b'^');
            self.write(b'h');
        }
        self.add_once(from, what, letter);
    }

    /// Says whether it has been mentioned before (`Connection::CheckHistory`).
    fn add_once(&mut self, from: End, what: Once, letter: u8) -> bool {
        let seen = &mut self.seen[usize::from(!self.is_originator(from))];
        let again = *seen & what.bit() != 0;
        *seen |= what.bit();
        if !again {
            self.add(from, letter);
        }
        again
    }

    /// SYN, FIN and RST are added again if their number is not that of the last one.
    fn add_each(&mut self, from: End, what: Once, letter: u8, moved: bool) {
        if self.add_once(from, what, letter) && moved {
            self.add(from, letter);
        }
    }

    /// Notes the relative number of a SYN or RST, and says whether the last one had another.
    fn replace_last(&mut self, from: End, what: Once, number: i64) -> bool {
        if number == 0 && self.troubles.is_none() {
            return false;
        }
        let last = &mut self.troubles.get_or_insert_default().last_numbers[from][what as usize];
        std::mem::replace(last, number) != number
    }

    /// A window of zero, except of an end that is gone or to one that sends no more (`update_window`).
    pub(super) fn add_zero_window(&mut self, segment: &Segment) {
        if segment.window > 0 || segment.has(Flags::RST) {
            return;
        }
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        if receiver.state() != Closed && sender.state() != Reset {
            self.add_scaled(segment.from, Scaled::ZeroWindow);
        }
    }

    /// Added at the 1st, 10th, 100th time and so on (`Connection::ScaledHistoryEntry`).
    pub(super) fn add_scaled(&mut self, from: End, what: Scaled) {
        let tallies = &mut self.troubles.get_or_insert_default().tallies;
        let tally = &mut tallies[from][what as usize];
        *tally = tally.saturating_add(1);
        if 10_u32.pow(tally.ilog10()) == *tally {
            self.add(from, what.letter());
        }
    }

    /// Adds a letter in the case of its sender's role.
    fn add(&mut self, from: End, letter: u8) {
        self.write(if self.is_originator(from) { letter } else { letter.to_ascii_lowercase() });
    }

    pub(super) fn write(&mut self, letter: u8) {
        if !self.letters.push(letter) {
            self.troubles.get_or_insert_default().letters.push(letter);
        }
    }
}
