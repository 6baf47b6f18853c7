//! What is kept while a capture file is open: a small record for each segment, and the state of each connection.

use super::bindings as ws;
use super::chunks::Chunks;
use super::place::Place;
use super::read::{self, RULE};
use super::repeats::Repeats;
use crate::narrate::{Duplicate, Earlier, Evidence, Scene};
use crate::rows::Host;
use crate::tcp::{
    Analysis, Completeness, Connection, Copies, End, FrameNumber, Segment, Span, Standing, Step, StreamNumber,
    Timestamp,
};
use std::ffi::CStr;
use std::sync::Mutex;

/// The session of the open capture file. Wireshark dissects on one thread; the lock is never contended.
pub static SESSION: Mutex<Session> = Mutex::new(Session::new());

/// What is kept of one segment: where it stands and what it is. 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub frame: FrameNumber,
    pub stream: StreamNumber,
    pub place: Place,
    /// Bytes of header and payload.
    pub length: u32,
    /// `None` where the plugin failed on it.
    pub standing: Option<Standing>,
}

const _: () = assert!(size_of::<Record>() <= 24);

/// A connection, and what Wireshark knows of it. 256 bytes.
pub struct Stream {
    /// `None` after a panic has left it half updated: then nothing is shown of it any more.
    pub connection: Option<Connection>,
    conversation: Conversation,
}

const _: () = assert!(size_of::<Stream>() <= 256);

/// A pointer to Wireshark's conversation, which lives until the capture file is closed; null where it is not known.
#[derive(Clone, Copy)]
struct Conversation(*const ws::conversation);

// SAFETY: only the thread that dissects follows the pointer.
unsafe impl Send for Conversation {}

impl Stream {
    fn new() -> Stream {
        Stream { connection: Some(Connection::new(RULE)), conversation: Conversation(std::ptr::null()) }
    }

    /// Wireshark's completeness for this stream, at this moment; `number` is the stream's own. `None` where Wireshark's
    /// conversation is not known.
    pub fn wiresharks_completeness(&self, number: StreamNumber) -> Option<Completeness> {
        // SAFETY: conversations are allocated in Wireshark's file scope; the session forgets them before that scope ends.
        let bits = unsafe { ws::tcpshake_completeness(self.conversation.0, number.0) };
        u8::try_from(bits).ok().map(Completeness::from_bits_truncate)
    }

    /// What Wireshark's analysis found about a segment; empty where it found nothing, or is switched off.
    fn analysis(&self, number: StreamNumber, segment: &Segment) -> Evidence {
        let mut found = ws::tcpshake_analysis_t::default();
        let (frame, seq, ack) = (segment.frame.get(), segment.seq.0, segment.ack.0);
        // SAFETY: as above; the function writes to `found` only.
        if !unsafe { ws::tcpshake_analysis(self.conversation.0, number.0, frame, seq, ack, &mut found) } {
            return Evidence::default();
        }
        let before = Span(found.acked_after);
        let duplicate = |of| Duplicate { number: found.duplicate, of };
        Evidence {
            acknowledges: FrameNumber::new(found.acked_frame).map(|frame| Earlier { frame, before }),
            duplicate: FrameNumber::new(found.duplicate_of).map(duplicate),
            in_flight: (found.in_flight > 0).then_some(found.in_flight),
            acks_unseen: found.unseen,
            ..Evidence::default()
        }
    }

    /// Address and port of an end; `None` where Wireshark's conversation is not known, or leaves that end open.
    pub fn host(&self, end: End) -> Option<Host> {
        if self.conversation.0.is_null() {
            return None;
        }
        let mut text = [0u8; 160]; // two of the longest addresses of Wireshark
        let first_flow = end == End::A;
        // SAFETY: as above; the function writes no more than there is room for, which it is given.
        let port = unsafe { ws::tcpshake_end(self.conversation.0, first_flow, text.as_mut_ptr().cast(), text.len()) };
        let address = CStr::from_bytes_until_nul(&text).unwrap_or_default().to_string_lossy().into_owned();
        (!address.is_empty()).then_some(Host { address, port })
    }

    /// Address and port of an end in one text: `192.0.2.1:58512`, `[2001:db8::1]:58512`. Empty where they are not known.
    pub fn address(&self, end: End) -> String {
        match self.host(end) {
            None => String::new(),
            Some(Host { address, port }) if address.contains(':') => format!("[{address}]:{port}"),
            Some(Host { address, port }) => format!("{address}:{port}"),
        }
    }

    /// Notes which of Wireshark's conversations it is; null changes nothing.
    ///
    /// # Safety
    /// `conversation` has to stay valid until [`Session::forget`].
    pub unsafe fn note(&mut self, conversation: *const ws::conversation) {
        if !conversation.is_null() {
            self.conversation = Conversation(conversation);
        }
    }
}

/// What is found of a segment that was kept.
pub enum Recalled<'a> {
    /// All that is known of it.
    Segment(Scene<'a>, &'a Stream),
    /// The plugin failed on it, or on another segment of its connection.
    GivenUp,
    /// It is not kept, or its header is not what it was.
    Unknown,
}

/// Everything kept for the open capture file.
pub struct Session {
    /// In the order of the frames, and within a frame of its layers.
    records: Chunks<Record>,
    /// By stream number, which Wireshark counts up from 0.
    streams: Chunks<Stream>,
    repeats: Repeats,
    /// Keep-alives that were sent into a window of 0, in the order of the frames.
    shut: Vec<(FrameNumber, Place)>,
    /// Which of the records are of packets that were captured before, in their order.
    again: Chunks<Again>,
    /// The last packets, to find those that are captured again.
    pub copies: Copies,
    /// When the last frame so far was captured.
    until: Timestamp,
}

/// A record of a packet that was captured before.
#[derive(Clone, Copy, Debug)]
struct Again {
    /// Its place among the records.
    record: usize,
    /// The frame in which the packet was captured first.
    original: FrameNumber,
}

impl Session {
    const fn new() -> Session {
        Session {
            records: Chunks::new(),
            streams: Chunks::new(),
            repeats: Repeats::new(),
            shut: Vec::new(),
            again: Chunks::new(),
            copies: Copies::new(),
            until: Timestamp(i64::MIN),
        }
    }

    /// Begins anew, and gives the memory back.
    pub fn forget(&mut self) {
        *self = Session::new();
    }

    /// The stream of this number, made if need be.
    pub fn stream(&mut self, number: StreamNumber) -> &mut Stream {
        let index = number.0 as usize;
        while self.streams.len() <= index {
            self.streams.push(Stream::new());
        }
        &mut self.streams[index]
    }

    /// The stream of this number, if anything of it was seen.
    pub fn known(&self, number: StreamNumber) -> Option<&Stream> {
        self.streams.get(number.0 as usize)
    }

    /// Keeps a record, and the frame in which its packet was captured first, if it was captured before. Frames come in rising
    /// order: see [`drop_from`](Self::drop_from).
    pub fn keep(&mut self, record: Record, original: Option<FrameNumber>) {
        if let Some(original) = original {
            self.again.push(Again { record: self.records.len(), original });
        }
        self.records.push(record);
    }

    /// A frame begins in the first pass. What was kept of it and of those behind it is dropped: a read filter may have
    /// dropped an earlier frame with the same number.
    pub fn begin_frame(&mut self, frame: u32, time: Timestamp) {
        if self.records.last().is_some_and(|last| last.frame.get() >= frame) {
            self.copies.drop_from(frame);
        }
        self.drop_from(frame);
        self.until = self.until.max(time);
    }

    /// When the capture ends, as far as it was read.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Drops the records of this frame and all behind it.
    pub fn drop_from(&mut self, frame: u32) {
        while self.records.last().is_some_and(|last| last.frame.get() >= frame) {
            self.records.pop();
        }
        self.repeats.drop_from(frame);
        while self.shut.last().is_some_and(|(last, _)| last.get() >= frame) {
            self.shut.pop();
        }
        while self.again.last().is_some_and(|last| last.record >= self.records.len()) {
            self.again.pop();
        }
    }

    /// The frame in which the packet of a frame's segment was captured first, if it was captured before.
    pub fn original_of(&self, frame: FrameNumber, index: usize) -> Option<FrameNumber> {
        let record = self.start_of(frame) + index;
        let place = self.again.partition_point(|again| again.record < record);
        self.again.get(place).filter(|again| again.record == record).map(|again| again.original)
    }

    /// The records of a frame's segments.
    pub fn of_frame(&self, frame: FrameNumber) -> impl Iterator<Item = &Record> {
        let mut next = self.start_of(frame);
        std::iter::from_fn(move || {
            let record = self.records.get(next).filter(|record| record.frame == frame)?;
            next += 1;
            Some(record)
        })
    }

    /// Where the records of this frame begin, or would. In the first pass they are the last ones.
    fn start_of(&self, frame: FrameNumber) -> usize {
        let end = self.records.len();
        match self.records.last() {
            Some(last) if last.frame == frame => {
                (0..end).rev().find(|&index| self.records[index].frame != frame).map_or(0, |index| index + 1)
            }
            Some(last) if last.frame > frame => self.records.partition_point(|record| record.frame < frame),
            _ => end,
        }
    }

    /// A segment of a frame, read again from its bytes, in its connection.
    pub fn recall(&self, frame: FrameNumber, index: usize, bytes: &[u8], time: Timestamp) -> Recalled<'_> {
        let Some(record) = self.of_frame(frame).nth(index) else { return Recalled::Unknown };
        let Some(stream) = self.known(record.stream) else { return Recalled::Unknown };
        let (Some(standing), Some(connection)) = (record.standing, &stream.connection) else {
            return Recalled::GivenUp;
        };
        // Wireshark's analysis has done its work in the standing; words need only what the header says.
        let Some(segment) = read::segment(bytes, frame, time, record.place.from(), record.length, Analysis::empty())
        else {
            return Recalled::Unknown;
        };
        let mut evidence = stream.analysis(record.stream, &segment);
        evidence.duplicate = evidence.duplicate.filter(|duplicate| self.has_ack(duplicate.of, record));
        evidence.repeats = self.repeats.of(frame, record.place);
        let start = self.shut.partition_point(|(earlier, _)| *earlier < frame);
        let mut here = self.shut[start..].iter().take_while(|(same, _)| *same == frame);
        evidence.peer_shut = here.any(|(_, place)| *place == record.place);
        evidence.sack = read::sack(bytes);
        Recalled::Segment(Scene { stream: record.stream, standing, segment, connection, evidence }, stream)
    }

    /// Whether the sender of this segment sent an ACK in that frame. Wireshark counts a SYN's acknowledgment number, too.
    fn has_ack(&self, frame: FrameNumber, record: &Record) -> bool {
        use Step::{SimultaneousSyn, Syn, SynRetransmission, SynWithData, UnexpectedSyn};
        self.of_frame(frame).any(|other| {
            let same = (other.stream, other.place.from()) == (record.stream, record.place.from());
            let step = other.standing.map(|standing| standing.step);
            let syn = matches!(step, Some(Syn | SynRetransmission | SimultaneousSyn | SynWithData | UnexpectedSyn));
            same && !syn
        })
    }

    /// Notes what a segment repeats, and remembers it. `acked` says whether an ACK for all of it had been captured, if any
    /// ACK of its receiver had been.
    pub fn sent(&mut self, stream: StreamNumber, place: Place, segment: &Segment, acked: Option<bool>) {
        self.repeats.see(stream, place, segment, acked);
    }

    /// Notes a keep-alive that was sent into a window of 0.
    pub fn sent_into_shut_window(&mut self, frame: FrameNumber, place: Place) {
        self.shut.push((frame, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(frame: u32, offset: u32) -> Record {
        let place = Place::new(0, offset, End::A).unwrap();
        let frame = FrameNumber::new(frame).unwrap();
        Record { frame, stream: StreamNumber(0), place, length: 20, standing: None }
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
            let mut session = Session::new();
            let from = again.index(frames.len());
            for &(frame, count) in frames.iter().chain(&frames[from..]) {
                session.drop_from(frame);
                (0..count).for_each(|offset| session.keep(record(frame, offset), (offset == 1).then(|| FrameNumber::new(7).unwrap())));
            }
            for &(frame, count) in &frames {
                let kept = session.of_frame(FrameNumber::new(frame).unwrap());
                let offsets: Vec<u32> = kept.map(|record| record.place.offset()).collect();
                prop_assert_eq!(offsets, (0..count).collect::<Vec<_>>());
                let again = |index: u32| session.original_of(FrameNumber::new(frame).unwrap(), index as usize).is_some();
                prop_assert!((0..count).all(|index| again(index) == (index == 1)));
            }
            let none = FrameNumber::new(1000).unwrap();
            prop_assert!(session.of_frame(none).count() == 0);
        }
    }

    #[test]
    fn a_stream_is_made_when_it_is_met_and_forgotten_with_the_file() {
        let mut session = Session::new();
        session.stream(StreamNumber(300)).connection = None;
        assert_eq!(session.streams.len(), 301);
        assert!(session.stream(StreamNumber(7)).connection.is_some());
        assert!(session.stream(StreamNumber(300)).connection.is_none());
        assert_eq!(session.stream(StreamNumber(7)).wiresharks_completeness(StreamNumber(7)), None);
        session.forget();
        assert_eq!((session.streams.len(), session.records.len()), (0, 0));
    }

    /// Wireshark's record of a conversation is believed where it is as at build time, and nowhere else.
    #[test]
    fn a_record_that_is_laid_out_otherwise_is_not_believed() {
        let mut record = vec![0_u64; 4096];
        let (start, size) = (record.as_mut_ptr(), 8 * record.len());
        for gap in [0, 8, 16, 24, 64] {
            // SAFETY: it writes no more than it is told there is room for.
            let taken = unsafe { ws::tcpshake_made_up_notes(gap, 7, start.cast(), size) };
            assert!(gap + taken <= size);
            // SAFETY: the whole of a record is there, whatever is in it.
            let believed = |streams| unsafe { ws::tcpshake_is_laid_out(start.cast(), streams) };
            assert_eq!((believed(8), believed(7)), (gap == 0, false), "{gap} bytes off");
            record.fill(0);
        }
    }
}
