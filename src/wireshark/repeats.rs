//! Which segment a segment repeats: what was sent a while ago is remembered, and what turns out to repeat it is noted.
//!
//! Wireshark says of some retransmissions which frame they repeat, and means the oldest one that is not acknowledged, with
//! these numbers or with later ones. So that no other frame is named, the numbers are compared here.

use super::place::Place;
use crate::narrate::{Earlier, Repeated};
use crate::tcp::{self, End, FrameNumber, Segment, SeqNumber, StreamNumber, Timestamp};

/// A segment that took sequence numbers.
#[derive(Clone, Copy)]
struct Sent {
    frame: FrameNumber,
    time: Timestamp,
    stream: StreamNumber,
    from: End,
    seq: SeqNumber,
    takes: u32,
}

/// Where what was sent is remembered: each segment in the place that its stream, sender and number give. One that comes to
/// the same place later takes it.
const PLACES: usize = 1 << 14;

/// What was sent, and what was repeated.
pub struct Repeats {
    /// Empty until something is sent.
    sent: Vec<Option<Sent>>,
    /// Of the frame that is being read: a read filter may still drop it.
    pending: Vec<Sent>,
    /// In the order of the frames.
    found: Vec<(FrameNumber, Place, Repeated)>,
}

impl Repeats {
    pub const fn new() -> Repeats {
        Repeats { sent: Vec::new(), pending: Vec::new(), found: Vec::new() }
    }

    /// A frame begins: what is kept of frames with its number or a later one is dropped.
    pub fn begin_frame(&mut self, frame: u32) {
        while self.found.last().is_some_and(|(last, ..)| last.get() >= frame) {
            self.found.pop();
        }
        for index in 0..self.pending.len() {
            let sent = self.pending[index];
            if sent.frame.get() < frame {
                self.remember(sent);
            }
        }
        self.pending.clear();
    }

    fn remember(&mut self, sent: Sent) {
        if self.sent.is_empty() {
            self.sent = vec![None; PLACES];
        }
        self.sent[place(&sent)] = Some(sent);
    }

    /// Takes in a segment. `acked` says whether an ACK for all of it had been captured,
    /// if any ACK of its receiver had been. Returns what it repeats.
    pub fn see(
        &mut self,
        stream: StreamNumber,
        place_in_frame: Place,
        segment: &Segment,
        acked: Option<bool>,
    ) -> Option<tcp::Repeated> {
        let &Segment { frame, time, from, seq, .. } = segment;
        let sent = Sent { frame, time, stream, from, seq, takes: segment.takes() };
        if sent.takes == 0 {
            return None;
        }
        let before = self.sent.get(place(&sent)).copied().flatten();
        let same = |before: &Sent| (before.stream, before.from, before.seq) == (stream, from, seq);
        let before = before.filter(same);
        if let Some(before) = before {
            let earlier = Earlier { frame: before.frame, before: time - before.time };
            let whole = before.takes == sent.takes;
            self.found.push((frame, place_in_frame, Repeated { earlier, whole, acked }));
        }
        self.pending.push(sent);
        before.map(|before| tcp::Repeated { frame: before.frame, before: time - before.time })
    }

    /// What the segment at this place of a frame repeats.
    pub fn of(&self, frame: FrameNumber, place: Place) -> Option<Repeated> {
        let start = self.found.partition_point(|(earlier, ..)| *earlier < frame);
        let here = self.found[start..].iter().take_while(|(same, ..)| *same == frame);
        here.clone().find(|(_, at, _)| *at == place).map(|(_, _, repeated)| *repeated)
    }
}

fn place(sent: &Sent) -> usize {
    let key = u64::from(sent.seq.0) << 32 | u64::from(sent.stream.0 << 1 | sent.from as u32);
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Flags;
    use crate::tcp::testing::segment;

    #[test]
    fn what_was_sent_before_is_found_again() {
        let mut repeats = Repeats::new();
        let place = Place::new(0, 34, End::A).unwrap();
        let mut see = |frame: u32, seq, len, stream| {
            repeats.begin_frame(frame);
            let frame = FrameNumber::new(frame).unwrap();
            let segment = Segment { frame, ..segment(End::A, Flags::ACK, seq, 0, len) };
            repeats.see(StreamNumber(stream), place, &segment, None);
            repeats.of(frame, place).map(|found| (found.earlier.frame.get(), found.whole))
        };
        assert_eq!(see(1, 100, 10, 0), None);
        assert_eq!(see(2, 100, 10, 1), None);
        assert_eq!(see(3, 100, 10, 0), Some((1, true)));
        assert_eq!(see(4, 100, 20, 0), Some((3, false)));
        assert_eq!(see(4, 100, 20, 0), Some((3, false)), "the first frame 4 was dropped");
        assert_eq!(see(5, 100, 0, 0), None, "an ACK takes no number");
    }
}
