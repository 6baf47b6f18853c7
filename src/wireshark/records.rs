//! The records that are kept of a capture's segments.

use super::chunks::Chunks;
use super::packed::Packed;
use super::place::Place;
use crate::tcp::{End, FrameNumber, Standing, Step, StreamNumber};

/// What is kept of one segment: where it stands and what it is. 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub frame: FrameNumber,
    pub stream: StreamNumber,
    pub place: Place,
    /// Bytes of header and payload.
    pub length: u32,
    /// `None` where the plugin failed on it.
    pub standing: Option<Packed>,
    /// What its receiver's window was.
    pub peer_window: PeerWindow,
}

/// A window in bytes, if it is known.
#[derive(Clone, Copy, Debug)]
pub struct PeerWindow(u32);

impl PeerWindow {
    /// More than any window (RFC 7323, 2.3).
    const UNKNOWN: u32 = u32::MAX;

    pub fn new(bytes: Option<u32>) -> PeerWindow {
        PeerWindow(bytes.unwrap_or(PeerWindow::UNKNOWN))
    }

    pub fn bytes(self) -> Option<u32> {
        (self.0 != PeerWindow::UNKNOWN).then_some(self.0)
    }
}

const _: () = assert!(size_of::<Record>() <= 24);

impl Record {
    /// What the segment is; `None` where the plugin failed on it.
    pub fn standing(&self) -> Option<Standing> {
        self.standing.and_then(Packed::unpack)
    }

    /// Whether it only acknowledges, and calls for no answer. That of the handshake may be answered with a RST.
    fn only_acks(&self) -> bool {
        use Step::{Ack, DuplicateAck, FirstFinAck, KeepAliveAck, LastAck, WindowUpdate, ZeroWindowProbeAck};
        let step = self.standing().map(|standing| standing.step);
        matches!(
            step,
            Some(Ack | DuplicateAck | FirstFinAck | KeepAliveAck | LastAck | WindowUpdate | ZeroWindowProbeAck)
        )
    }
}

/// A record of a packet that was captured before.
#[derive(Clone, Copy, Debug)]
struct Recapture {
    /// Its place among the records.
    record: usize,
    /// The frame in which the packet was captured first.
    original: FrameNumber,
}

/// All records, in the order of the frames, and within a frame of its layers.
pub struct Records {
    all: Chunks<Record>,
    /// Which of them are of packets that were captured before, in their order.
    again: Chunks<Recapture>,
}

/// How many records, of all streams, are searched for a stream's segments.
const SEARCHED: usize = 10_000;

impl Records {
    pub const fn new() -> Records {
        Records { all: Chunks::new(), again: Chunks::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Keeps a record, and the frame in which its packet was captured first, if it was captured before. Frames come in rising
    /// order: see [`drop_from`](Self::drop_from).
    pub fn push(&mut self, record: Record, original: Option<FrameNumber>) {
        if let Some(original) = original {
            self.again.push(Recapture { record: self.all.len(), original });
        }
        self.all.push(record);
    }

    /// Drops the records of this frame and all behind it; whether there were any.
    pub fn drop_from(&mut self, frame: FrameNumber) -> bool {
        if self.all.last().is_none_or(|last| last.frame < frame) {
            return false;
        }
        while self.all.last().is_some_and(|last| last.frame >= frame) {
            self.all.pop();
        }
        while self.again.last().is_some_and(|last| last.record >= self.all.len()) {
            self.again.pop();
        }
        true
    }

    /// The frame in which the packet of a frame's segment was captured first, if it was captured before.
    pub fn original_of(&self, frame: FrameNumber, index: usize) -> Option<FrameNumber> {
        let record = self.start_of(frame) + index;
        let place = self.again.partition_point(|again| again.record < record);
        self.again.get(place).filter(|again| again.record == record).map(|again| again.original)
    }

    /// All records from the one at this place on.
    pub fn from(&self, start: usize) -> impl Iterator<Item = &Record> {
        (start..self.all.len()).map(|index| &self.all[index])
    }

    /// The records of a frame's segments.
    pub fn of_frame(&self, frame: FrameNumber) -> impl Iterator<Item = &Record> {
        let mut next = self.start_of(frame);
        std::iter::from_fn(move || {
            let record = self.all.get(next).filter(|record| record.frame == frame)?;
            next += 1;
            Some(record)
        })
    }

    /// Where the records of this frame begin, or would. In the first pass they are the last ones.
    pub fn start_of(&self, frame: FrameNumber) -> usize {
        let end = self.all.len();
        match self.all.last() {
            Some(last) if last.frame == frame => {
                (0..end).rev().find(|&index| self.all[index].frame != frame).map_or(0, |index| index + 1)
            }
            Some(last) if last.frame > frame => self.all.partition_point(|record| record.frame < frame),
            _ => end,
        }
    }

    /// Whether the sender of this segment sent an ACK in that frame. Wireshark counts a SYN's acknowledgment number, too.
    pub fn have_ack(&self, frame: FrameNumber, record: &Record) -> bool {
        use Step::{SimultaneousSyn, Syn, SynRetransmission, SynWithData, UnexpectedSyn};
        self.of_frame(frame).any(|other| {
            let same = (other.stream, other.place.from()) == (record.stream, record.place.from());
            let step = other.standing().map(|standing| standing.step);
            let syn = matches!(step, Some(Syn | SynRetransmission | SimultaneousSyn | SynWithData | UnexpectedSyn));
            same && !syn
        })
    }

    /// A stream's segments before a place among the records, the last one first, as far back as it is worth the time.
    fn of_stream(&self, stream: StreamNumber, before: usize) -> impl Iterator<Item = &Record> {
        let records = (before.saturating_sub(SEARCHED)..before).rev().map(|index| &self.all[index]);
        records.filter(move |record| record.stream == stream)
    }

    /// The segment that one of this end can answer, before a place among the records: the other end's last, if this end has
    /// sent nothing since. What was captured again was sent once.
    pub fn before_answer_of(&self, end: End, stream: StreamNumber, before: usize) -> Option<FrameNumber> {
        let last = self.last_sent(stream, before)?;
        (last.place.from() == end.peer()).then_some(last.frame)
    }

    /// Whether the end that sent a frame's segment had sent another just before it that calls for an answer as well: more than
    /// an ACK of what the other end has sent.
    pub fn has_rival(&self, stream: StreamNumber, frame: FrameNumber) -> bool {
        let Some(answered) = self.of_frame(frame).find(|record| record.stream == stream) else { return false };
        let before = self.last_sent(stream, self.start_of(frame));
        before.is_some_and(|before| before.place.from() == answered.place.from() && !before.only_acks())
    }

    /// A stream's last segment before a place among the records.
    fn last_sent(&self, stream: StreamNumber, before: usize) -> Option<&Record> {
        let is_copy = |record: &&Record| record.standing().is_some_and(|standing| standing.step == Step::CapturedAgain);
        self.of_stream(stream, before).find(|record| !is_copy(record))
    }

    /// Whether an end has sent a segment of this length or more before a frame; `None` if there is none as far back as is
    /// searched, but there is more of the capture.
    pub fn have_as_much(&self, end: End, stream: StreamNumber, before: FrameNumber, length: u32) -> Option<bool> {
        let before = self.start_of(before);
        let as_much = |record: &Record| record.place.from() == end && record.length >= length;
        let found = self.of_stream(stream, before).any(as_much);
        (found || before <= SEARCHED).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::{Completeness, Phase, Side, State};
    use proptest::prelude::*;

    fn record(frame: u32, offset: u32) -> Record {
        let place = Place::new(0, offset, End::A).unwrap();
        let frame = FrameNumber::new(frame).unwrap();
        let peer_window = PeerWindow::new(None);
        Record { frame, stream: StreamNumber(0), place, length: 20, standing: None, peer_window }
    }

    proptest! {
        /// Frames anywhere up to the last one there can be, some with several segments, some dropped and read again.
        #[test]
        fn a_frame_has_the_segments_that_were_kept_of_it(
            mut frames in prop::collection::vec((prop_oneof![1u32..50, u32::MAX - 50..=u32::MAX], 0u32..4), 1..40),
            again in any::<prop::sample::Index>(),
        ) {
            frames.sort();
            frames.dedup_by_key(|(frame, _)| *frame);
            let mut records = Records::new();
            let from = again.index(frames.len());
            for &(frame, count) in frames.iter().chain(&frames[from..]) {
                records.drop_from(FrameNumber::new(frame).unwrap());
                (0..count).for_each(|offset| records.push(record(frame, offset), (offset == 1).then(|| FrameNumber::new(7).unwrap())));
            }
            for &(frame, count) in &frames {
                let kept = records.of_frame(FrameNumber::new(frame).unwrap());
                let offsets: Vec<u32> = kept.map(|record| record.place.offset()).collect();
                prop_assert_eq!(offsets, (0..count).collect::<Vec<_>>());
                let again = |index: u32| records.original_of(FrameNumber::new(frame).unwrap(), index as usize).is_some();
                prop_assert!((0..count).all(|index| again(index) == (index == 1)));
            }
            let none = FrameNumber::new(1000).unwrap();
            prop_assert!(records.of_frame(none).count() == 0);
        }
    }

    #[test]
    fn an_end_answers_the_others_last_segment_unless_it_has_spoken_since() {
        let mut records = Records::new();
        let standing = |step| Standing {
            phase: Phase::Data,
            step,
            sender: Side::Client,
            sender_assumed: false,
            client: State::Established,
            server: State::Established,
            reset_acceptable: None,
            so_far: Completeness::empty(),
        };
        let mut push = |frame, from, stream, step| {
            let place = Place::new(0, 34, from).unwrap();
            let standing = Packed::new(standing(step));
            records.push(Record { place, stream: StreamNumber(stream), standing, ..record(frame, 34) }, None);
            records.before_answer_of(End::B, StreamNumber(0), records.len()).map(FrameNumber::get)
        };
        assert_eq!(push(1, End::B, 0, Step::Data), None);
        assert_eq!(push(2, End::A, 0, Step::Data), Some(2));
        assert_eq!(push(3, End::A, 0, Step::CapturedAgain), Some(2), "what was sent once");
        assert_eq!(push(4, End::B, 0, Step::CapturedAgain), Some(2), "sent before");
        assert_eq!(push(5, End::B, 1, Step::Data), Some(2), "another connection");
        assert_eq!(push(6, End::B, 0, Step::Ack), None, "it has spoken since");
    }
}
