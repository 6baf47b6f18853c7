//! Which segment a segment repeats: what was sent a while ago is remembered, and what turns out to repeat it is noted. So is
//! which numbers were sent more than once: an ACK of those does not show what it answers (Karn; RFC 6298, 3).
//!
//! Wireshark says of some retransmissions which frame they repeat, and means the oldest one that is not acknowledged, with
//! these numbers or with later ones. So that no other frame is named, the numbers are compared here.

use super::place::Place;
use crate::narrate::{Repeated, SentAgain};
use crate::tcp::{Earlier, End, Flags, FrameNumber, Segment, SeqNumber, StreamNumber, Timestamp};

/// A segment that took sequence numbers.
#[derive(Clone, Copy)]
struct SentSegment {
    frame: FrameNumber,
    time: Timestamp,
    stream: StreamNumber,
    from: End,
    seq: SeqNumber,
    takes: u32,
    /// A sum of its header, checksum included.
    header: u32,
    /// Whether one with the same number had been sent before.
    again: bool,
}

impl SentSegment {
    fn of(stream: StreamNumber, segment: &Segment, header: u32) -> SentSegment {
        let &Segment { frame, time, from, seq, .. } = segment;
        SentSegment { frame, time, stream, from, seq, takes: segment.takes(), header, again: false }
    }
}

/// A segment that begins below what its sender had reached: sent again, or late.
#[derive(Clone, Copy)]
struct Repeat {
    sent: SentSegment,
    place: Place,
    /// What begins with the same number, if that is remembered.
    repeated: Option<Repeated>,
    /// Whether one that ends with the same number was captured before, as far as is known.
    wholly: bool,
}

/// How a segment comes to be sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sending {
    /// Whether an ACK for all of it had been captured, if any ACK of its receiver had been.
    pub acked: Option<bool>,
    /// Whether its sender had come further.
    pub back: bool,
    /// Whether it is only late, by Wireshark's analysis.
    pub late: bool,
    /// A sum of its header, checksum included.
    pub header: u32,
}

/// Where what was sent is remembered: each segment in the place that its stream, sender and number give. One that comes to
/// the same place later takes it.
const PLACES: usize = 1 << 14;

/// What was sent, and what was repeated.
pub struct Repeats {
    /// Empty until something is sent.
    sent: Vec<Option<SentSegment>>,
    /// Of the frame that is being read: a read filter may still drop it.
    pending: Vec<SentSegment>,
    /// In the order of the frames.
    found: Vec<Repeat>,
}

impl Repeats {
    pub const fn new() -> Repeats {
        Repeats { sent: Vec::new(), pending: Vec::new(), found: Vec::new() }
    }

    /// A frame begins: what is kept of frames with its number or a later one is dropped.
    pub fn begin_frame(&mut self, frame: FrameNumber) {
        while self.found.last().is_some_and(|last| last.sent.frame >= frame) {
            self.found.pop();
        }
        for index in 0..self.pending.len() {
            let sent = self.pending[index];
            if sent.frame < frame {
                self.remember(sent);
            }
        }
        self.pending.clear();
    }

    fn remember(&mut self, sent: SentSegment) {
        if self.sent.is_empty() {
            self.sent = vec![None; PLACES];
        }
        self.sent[place(&sent)] = Some(sent);
    }

    /// What begins with the same number as this segment, if that is remembered.
    pub fn earlier(&self, stream: StreamNumber, segment: &Segment) -> Option<Earlier> {
        let before = self.before(&SentSegment::of(stream, segment, 0))?;
        let time = segment.time;
        Some(Earlier { frame: before.frame, before: time - before.time })
    }

    fn before(&self, sent: &SentSegment) -> Option<SentSegment> {
        if sent.takes == 0 {
            return None;
        }
        let before = self.sent.get(place(sent)).copied().flatten();
        before.filter(|before| (before.stream, before.from, before.seq) == (sent.stream, sent.from, sent.seq))
    }

    /// Takes in a segment.
    pub fn see(&mut self, stream: StreamNumber, place_in_frame: Place, segment: &Segment, sending: Sending) {
        let mut sent = SentSegment::of(stream, segment, sending.header);
        if sent.takes == 0 {
            return;
        }
        let before = self.before(&sent);
        sent.again = before.is_some();
        if before.is_some() || sending.back {
            let repeated = before.map(|before| {
                let earlier = Earlier { frame: before.frame, before: sent.time - before.time };
                let whole = before.takes == sent.takes;
                let copied = whole && before.header == sent.header;
                Repeated { earlier, whole, copied, again: before.again, acked: sending.acked }
            });
            // Of a SYN, the data that it brings along need not be taken.
            let ends_alike = |before: SentSegment| {
                before.takes == sent.takes || segment.has(Flags::SYN) && before.takes > sent.takes
            };
            let wholly = before.map_or(!sending.late, ends_alike);
            self.found.push(Repeat { sent, place: place_in_frame, repeated, wholly });
        }
        self.pending.push(sent);
    }

    /// What the segment at this place of a frame repeats.
    pub fn of(&self, frame: FrameNumber, place: Place) -> Option<Repeated> {
        self.from(frame).take_while(|again| again.sent.frame == frame).find(|again| again.place == place)?.repeated
    }

    /// Whether the last number that an ACK of this frame acknowledges was sent more than once. `acked` is the frame that it is
    /// taken to acknowledge, by which the `receiver` of the ACK sent that number.
    pub fn sent_again(
        &self,
        (stream, receiver): (StreamNumber, End),
        acked: FrameNumber,
        frame: FrameNumber,
        ack: SeqNumber,
    ) -> Option<SentAgain> {
        let has_it = |again: &&Repeat| {
            let Repeat { sent, wholly, .. } = again;
            // Had one with more behind that number arrived, the ACK would acknowledge more.
            let ends_there = sent.takes > 0 && sent.seq + sent.takes == ack;
            (sent.stream, sent.from) == (stream, receiver) && ends_there && (sent.frame > acked || *wholly)
        };
        let again = self.from(acked).take_while(|again| again.sent.frame < frame).filter(has_it).last()?;
        let other = if again.sent.frame > acked {
            Some(again.sent.frame)
        } else {
            again.repeated.map(|repeated| repeated.earlier.frame)
        };
        Some(other.map_or(SentAgain::Somewhere, SentAgain::In))
    }

    /// Those of this frame and all behind it.
    fn from(&self, frame: FrameNumber) -> impl Iterator<Item = &Repeat> {
        self.found[self.found.partition_point(|again| again.sent.frame < frame)..].iter()
    }
}

fn place(sent: &SentSegment) -> usize {
    let key = (u64::from(sent.seq.0) << 32) | u64::from((sent.stream.0 << 1) | sent.from as u32);
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing::segment;

    #[test]
    fn an_ack_of_what_was_sent_twice_does_not_show_what_it_answers() {
        let mut repeats = Repeats::new();
        let place = Place::new(0, 34, End::A).unwrap();
        let frame = |number| FrameNumber::new(number).unwrap();
        let all = [(1, 100, 10, false), (2, 110, 10, false), (3, 105, 10, true), (4, 105, 5, true)];
        for (number, seq, len, back) in all {
            let segment = Segment { frame: frame(number), ..segment(End::A, Flags::ACK, seq, 0, len) };
            repeats.see(StreamNumber(0), place, &segment, Sending { back, ..Sending::default() });
        }
        let again =
            |acked, at, ack| repeats.sent_again((StreamNumber(0), End::A), frame(acked), frame(at), SeqNumber(ack));
        assert_eq!(again(1, 5, 110), Some(SentAgain::In(frame(4))));
        assert_eq!(again(1, 4, 110), None, "frame 3 has more, which would be acknowledged too");
        assert_eq!(again(2, 5, 120), None);
        assert_eq!(again(3, 5, 115), Some(SentAgain::Somewhere));
        assert_eq!(repeats.sent_again((StreamNumber(0), End::B), frame(1), frame(5), SeqNumber(110)), None);
    }

    #[test]
    fn what_was_sent_before_is_found_again() {
        let mut repeats = Repeats::new();
        let place = Place::new(0, 34, End::A).unwrap();
        let mut see = |frame: u32, seq, len, stream| {
            let frame = FrameNumber::new(frame).unwrap();
            repeats.begin_frame(frame);
            let segment = Segment { frame, ..segment(End::A, Flags::ACK, seq, 0, len) };
            repeats.see(StreamNumber(stream), place, &segment, Sending::default());
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
