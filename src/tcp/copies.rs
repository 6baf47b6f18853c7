//! Packets that were captured more than once: by a mirror port that sees both sides of a router or of itself, or on two
//! interfaces. Each was sent once, and counts once.

use super::end::End;
use super::number::{FrameNumber, StreamNumber, Timestamp};

/// What the network layer says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// IPv4's identification; 0 where it says nothing, and in IPv6.
    pub id: u16,
    /// IPv4's time to live or IPv6's hop limit.
    pub hops: u8,
}

/// What of a packet shows whether it was captured before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its frame.
    pub frame: FrameNumber,
    /// When that was captured.
    pub time: Timestamp,
    /// Its connection.
    pub stream: StreamNumber,
    /// Its sender.
    pub from: End,
    /// A sum over the bytes of the TCP header, checksum and all.
    pub header: u32,
    /// Bytes of payload.
    pub len: u32,
    /// The network layer's header in front; `None` where there is no IP, or not all of its header.
    pub network: Option<Network>,
    /// A sum over what distinguishes one place of capture from another: the interface, and the link layer's addresses.
    pub place: u32,
}

/// How far apart copies of one packet come at most, in nanoseconds.
const APART: i64 = 10_000_000;

/// How many packets are kept to compare with: more than come within that time, but where the capture is very fast.
const KEPT: usize = 64;

/// The last packets of the capture.
#[derive(Clone, Debug)]
pub struct Copies {
    recent: [Option<Packet>; KEPT],
    /// The sums of their headers: nearly every packet is none of them, which these show at once.
    sums: [u32; KEPT],
    next: usize,
}

impl Default for Copies {
    fn default() -> Copies {
        Copies::new()
    }
}

impl Copies {
    /// No packet seen yet.
    pub const fn new() -> Copies {
        Copies { recent: [None; KEPT], sums: [0; KEPT], next: 0 }
    }

    /// Forgets the packets of this frame and those behind it.
    pub fn drop_from(&mut self, frame: FrameNumber) {
        for kept in &mut self.recent {
            kept.take_if(|packet| packet.frame >= frame);
        }
    }

    /// Takes in the next packet: the frame in which it was captured first, if this is a copy.
    pub fn original_of(&mut self, packet: &Packet) -> Option<FrameNumber> {
        // Without an early end the comparison is one of whole registers.
        if self.sums.iter().fold(false, |found, sum| found | (*sum == packet.header)) {
            let original = self.recent.iter().flatten().find(|earlier| is_copy(packet, earlier));
            if let Some(original) = original {
                return Some(original.frame);
            }
        }
        self.recent[self.next] = Some(*packet);
        self.sums[self.next] = packet.header;
        self.next = (self.next + 1) % KEPT;
        None
    }
}

/// Whether a packet is a copy of an earlier one.
///
/// A sender gives each packet an identification of its own, retransmissions too, so the same one shows a copy. Where there is
/// none, the same header alone may be a retransmission: only fewer hops left, the same microsecond, or another place of
/// capture within it show a copy then.
fn is_copy(packet: &Packet, earlier: &Packet) -> bool {
    let same = (packet.stream, packet.from, packet.header, packet.len)
        == (earlier.stream, earlier.from, earlier.header, earlier.len);
    let apart = (packet.time - earlier.time).0;
    if !same || !(0..=APART).contains(&apart) {
        return false;
    }
    match (packet.network, earlier.network) {
        (Some(network), Some(other)) if network.id != other.id => false,
        (Some(network), Some(_)) if network.id != 0 => true,
        (Some(network), Some(other)) if network.hops < other.hops => true,
        _ => apart < 1000 || packet.place != earlier.place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(frame: u32, microseconds: i64, id: u16, hops: u8, place: u32) -> Packet {
        Packet {
            frame: FrameNumber::new(frame).unwrap(),
            time: Timestamp(microseconds * 1000),
            stream: StreamNumber(3),
            from: End::A,
            header: 99,
            len: 12,
            network: Some(Network { id, hops }),
            place,
        }
    }

    /// The frame that the second packet is a copy of.
    fn original(first: Packet, second: Packet) -> Option<u32> {
        let mut copies = Copies::new();
        assert_eq!(copies.original_of(&first), None);
        copies.original_of(&second).map(FrameNumber::get)
    }

    #[test]
    fn the_same_identification_shows_a_copy() {
        assert_eq!(original(packet(1, 0, 7, 64, 0), packet(2, 9000, 7, 64, 0)), Some(1));
        assert_eq!(original(packet(1, 0, 7, 64, 0), packet(2, 9000, 7, 63, 1)), Some(1));
        assert_eq!(original(packet(1, 0, 7, 64, 0), packet(2, 11_000, 7, 63, 1)), None, "too late");
        assert_eq!(original(packet(1, 0, 7, 64, 0), packet(2, 1, 8, 63, 1)), None, "sent again");
    }

    #[test]
    fn without_one_it_takes_more() {
        assert_eq!(original(packet(1, 0, 0, 64, 0), packet(2, 5, 0, 64, 0)), None);
        assert_eq!(original(packet(1, 0, 0, 64, 0), packet(2, 0, 0, 64, 0)), Some(1), "the same microsecond");
        assert_eq!(original(packet(1, 0, 0, 64, 0), packet(2, 5, 0, 63, 0)), Some(1), "a hop further");
        assert_eq!(original(packet(1, 0, 0, 64, 0), packet(2, 5, 0, 64, 1)), Some(1), "on another interface");
    }

    #[test]
    fn another_segment_is_no_copy_and_a_third_capture_is_of_the_first() {
        let first = packet(1, 0, 7, 64, 0);
        assert_eq!(original(first, Packet { len: 13, ..packet(2, 0, 7, 64, 0) }), None);
        assert_eq!(original(first, Packet { header: 98, ..packet(2, 0, 7, 64, 0) }), None);
        assert_eq!(original(first, Packet { stream: StreamNumber(4), ..packet(2, 0, 7, 64, 0) }), None);
        assert_eq!(original(first, Packet { from: End::B, ..packet(2, 0, 7, 64, 0) }), None);
        let mut copies = Copies::new();
        let found = [1, 2, 3].map(|frame| copies.original_of(&packet(frame, frame.into(), 7, 64, 0)));
        assert_eq!(found.map(|frame| frame.map(FrameNumber::get)), [None, Some(1), Some(1)]);
    }
}
