//! What Zeek's history is made of.

/// The letters of a history, as many as fit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters {
    bytes: [u8; 11],
    len: u8,
}

impl Letters {
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Adds a letter; `false` if it does not fit.
    pub fn push(&mut self, letter: u8) -> bool {
        let Some(place) = self.bytes.get_mut(usize::from(self.len)) else { return false };
        *place = letter;
        self.len += 1;
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
pub(super) enum Tally {
    Retransmission,
    ZeroWindow,
    /// Payload that was acknowledged and never seen.
    Gap,
}

impl Tally {
    pub const COUNT: usize = 3;

    pub fn letter(self) -> u8 {
        match self {
            Tally::Retransmission => b'T',
            Tally::ZeroWindow => b'W',
            Tally::Gap => b'G',
        }
    }
}
