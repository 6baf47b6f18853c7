//! What is known of a segment from the segments before it, and of the capture as a whole: found when its frame was first
//! seen, so that words about it are the same in every pass.

use crate::tcp::{Earlier, FrameNumber, SeqNumber};
use bitflags::bitflags;

/// The evidence for what words say of a segment beyond its header and its standing. All of it may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    /// The segment that its ACK number acknowledges last (`tcp.analysis.acks_frame`).
    pub acknowledges: Option<Earlier>,
    /// Another frame with the last number that it acknowledges, which was sent more than once.
    pub sent_again: Option<SentAgain>,
    /// An earlier segment of the same sender that begins with the same sequence number.
    pub repeats: Option<Repeated>,
    /// What the segments before it show, on some segments only.
    pub marks: Marks,
    /// For about how many seconds nothing of its connection had been captured; 0 where that is short.
    pub silence: u32,
    /// The receiver's last window in bytes, where the capture shows that.
    pub peer_window: Option<u32>,
    /// On a RST: the segment that it answers, by its numbers, where no other can be meant.
    pub reset_answers: Option<FrameNumber>,
    /// On a duplicate ACK, which one it is (`tcp.analysis.duplicate_ack_num`).
    pub duplicate: Option<Duplicate>,
    /// Bytes in flight with this segment (`tcp.analysis.bytes_in_flight`).
    pub in_flight: Option<u32>,
    /// Whether its ACK acknowledges what was not captured (`tcp.analysis.ack_lost_segment`).
    pub acks_unseen: bool,
    /// What its SACK option reports.
    pub sack: Sack,
    /// The least size in bytes of the IP header that its packets have: 20 or 40.
    pub ip_header: Option<u8>,
    /// Whether the segment is the connection's first.
    pub is_first: bool,
    /// Whether the capture has been seen to its end.
    pub all_seen: bool,
}

bitflags! {
    /// What the segments of a connection before this one show of it.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Marks: u32 {
        /// The first one whose sender is a guess.
        const FIRST_GUESS = 0x0001;
        /// The first one that is spoken of by relative numbers.
        const FIRST_RELATIVE = 0x0002;
        /// The first one that fills the MSS.
        const FIRST_FULL = 0x0004;
        /// The first one that is larger.
        const FIRST_OVER = 0x8000;
        /// The first one with payload and PSH.
        const FIRST_PUSH = 0x0008;
        /// The first one with other payload in flight.
        const FIRST_FLIGHT = 0x0010;
        /// A keep-alive that is sent into a window of 0.
        const INTO_SHUT_WINDOW = 0x0020;
        /// The first ACK after something was sent into its sender's window of 0.
        const ANSWERS_PROBE = 0x0040;
        /// Its window is 0, as that of its sender's segment before it was.
        const STILL_SHUT = 0x0080;
        /// An ACK with the number that its sender acknowledged before.
        const SAME_ACK = 0x0100;
        /// Wireshark takes it for one that was sent before, yet its sender had not come as far.
        const NEW_NUMBERS = 0x0200;
        /// Its numbers are of an older connection between the same ports, not of the one that the SYN asks for.
        const OF_OLDER = 0x0400;
        /// Its numbers lie before the first that is known of an end: those of an older connection do too.
        const BEFORE_FIRST = 0x1_0000;
        /// The first of those.
        const FIRST_BEFORE_FIRST = 0x0800;
        /// With it, the bytes in flight fill their receiver's window nearly or wholly, as they did not before.
        const FILLS_WINDOW = 0x2_0000;
        /// Data behind other data of its sender that begins with no number of theirs, and was acknowledged before.
        const ACKED_BEFORE = 0x4_0000;
        /// Its sender has sent a RST before, and its receiver none.
        const OWN_RESET = 0x1000;
        /// A RST without ACK flag, with the number that its receiver acknowledged last.
        const REPEATS_ACK = 0x2000;
        /// Wireshark found that its ports were used before.
        const REUSED_PORTS = 0x4000;
        /// Data that begins below what its sender had come to, and ends beyond.
        const PARTLY_NEW = 0x8_0000;
        /// A RST in the opening that ends another connection than the one being opened.
        const RESETS_ANOTHER = 0x10_0000;
    }
}

/// What was sent more than once of what an ACK number acknowledges last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentAgain {
    /// In the frame that it acknowledges, or before that in one that was not found.
    Somewhere,
    /// In this frame, too.
    In(FrameNumber),
}

/// What a segment repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The latest segment that begins with the same number.
    pub earlier: Earlier,
    /// Whether it ends with the same number, too.
    pub whole: bool,
    /// Whether it has the same header, too: by its checksum, the same payload as well.
    pub copied: bool,
    /// Whether that one had been sent before, too.
    pub again: bool,
    /// Whether an ACK for all that this segment takes had been captured; `None` where no ACK of the receiver had been.
    pub acked: Option<bool>,
}

/// How far the bytes in flight fill the receiver's window: what kind of flight it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filled {
    /// There is room for as much again.
    Little,
    /// There is room.
    Partly,
    /// At least three quarters are filled.
    Nearly,
    /// Nothing more may be sent.
    Wholly,
}

impl Filled {
    pub fn of(bytes: u32, window: u32) -> Filled {
        match u64::from(bytes) * 4 / u64::from(window).max(1) {
            0..2 => Filled::Little,
            2 => Filled::Partly,
            3 => Filled::Nearly,
            _ => Filled::Wholly,
        }
    }
}

/// Which duplicate ACK it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Counted from 1.
    pub number: u32,
    /// The frame whose ACK it repeats.
    pub of: FrameNumber,
}

/// The blocks of a SACK option (RFC 2018, 3): each from its first number to the one behind its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sack {
    blocks: [(SeqNumber, SeqNumber); Sack::MAX],
    count: u8,
}

impl Sack {
    /// As many as fit into a header.
    const MAX: usize = 4;

    /// Finds the option among a header's, which are given as bytes; without blocks where there is none.
    pub fn parse(mut options: &[u8]) -> Sack {
        let mut sack = Sack::default();
        while let [kind, rest @ ..] = options {
            options = match kind {
                0 => break,
                1 => rest,
                _ => {
                    let length = usize::from(rest.first().copied().unwrap_or(0));
                    let Some(body) = options.get(2..length) else { break };
                    if *kind == 5 {
                        body.chunks_exact(8).for_each(|block| sack.add(block));
                    }
                    &options[length..]
                }
            };
        }
        sack
    }

    fn add(&mut self, block: &[u8]) {
        let number =
            |at: usize| SeqNumber(u32::from_be_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]));
        if let Some(free) = self.blocks.get_mut(usize::from(self.count)) {
            *free = (number(0), number(4));
            self.count += 1;
        }
    }

    /// The blocks, in their order.
    fn blocks(&self) -> &[(SeqNumber, SeqNumber)] {
        &self.blocks[..self.count.into()]
    }

    /// The block next above what this number acknowledges: the sender lacks what is between them.
    pub fn above(&self, ack: SeqNumber) -> Option<(SeqNumber, SeqNumber)> {
        let above = self.blocks().iter().filter(|(first, end)| first.is_after(ack) && end.is_after(*first));
        above.copied().min_by_key(|(first, _)| first.since(ack))
    }

    /// What arrived twice, if the first block says so (D-SACK; RFC 2883, 4): it lies below the acknowledged number, or
    /// within the second.
    pub fn duplicate(&self, ack: SeqNumber) -> Option<(SeqNumber, SeqNumber)> {
        let (&(first, end), rest) = self.blocks().split_first()?;
        let within = rest.first().is_some_and(|second| !first.is_before(second.0) && !end.is_after(second.1));
        (end.is_after(first) && (!end.is_after(ack) || within)).then_some((first, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sack(blocks: &[(u32, u32)]) -> Sack {
        let mut bytes = vec![1, 1, 5, 2 + 8 * blocks.len() as u8];
        blocks.iter().for_each(|(first, end)| bytes.extend([first.to_be_bytes(), end.to_be_bytes()].concat()));
        Sack::parse(&bytes)
    }

    #[test]
    fn holes_and_duplicates() {
        let (pair, ack) = (|first, end| Some((SeqNumber(first), SeqNumber(end))), SeqNumber(100));
        assert_eq!(sack(&[(300, 400), (200, 250)]).above(ack), pair(200, 250));
        assert_eq!(sack(&[(300, 400)]).duplicate(ack), None);
        assert_eq!(sack(&[(50, 100)]).duplicate(ack), pair(50, 100));
        assert_eq!(sack(&[(50, 100)]).above(ack), None);
        assert_eq!(sack(&[(210, 220), (200, 250)]).duplicate(ack), pair(210, 220));
        assert_eq!(sack(&[]), Sack::default());
        assert_eq!(sack(&[(5, 2)]).above(SeqNumber(0)), None);
        assert_eq!(sack(&[(u32::MAX, 3)]).above(SeqNumber(u32::MAX - 5)), pair(u32::MAX, 3));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..64), ack: u32) {
            let sack = Sack::parse(&bytes);
            sack.above(SeqNumber(ack));
            sack.duplicate(SeqNumber(ack));
        }
    }
}
