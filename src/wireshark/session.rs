//! What is kept while a capture file is open: a small record for each segment, and the state of each connection.

use super::acks::Acks;
use super::bindings as ws;
use super::chunks::Chunks;
use super::firsts::Firsts;
use super::packed::Packed;
use super::place::Place;
use super::read::{self, RULE};
use super::records::{Record, Records};
use super::repeats::Repeats;
use crate::narrate::{Before, Duplicate, Evidence, Marks, Memory, Scene};
use crate::rows::Host;
use crate::tcp::{
    Analysis, Capture, Completeness, Connection, Copies, Earlier, End, FrameNumber, Hosts, IcmpError, Segment, Span,
    Standing, StreamNumber, Timestamp,
};
use std::ffi::CStr;
use std::sync::Mutex;

/// The session of the open capture file. Wireshark dissects on one thread; the lock is never contended.
pub static SESSION: Mutex<Session> = Mutex::new(Session::new());

/// What words have to know of a segment later that its bytes do not say.
#[derive(Clone, Copy, Debug)]
struct Note {
    frame: FrameNumber,
    place: Place,
    marks: Marks,
    /// In seconds; 0 where it is too short to be worth a word.
    silence: u32,
}

/// A connection, and what Wireshark knows of it. 248 bytes.
pub struct Stream {
    /// `None` after a panic has left it half updated: then nothing is shown of it any more.
    pub connection: Option<Connection>,
    conversation: Conversation,
}

const _: () = assert!(size_of::<Stream>() <= 248);

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

    /// When Wireshark saw the first segment of this stream; `None` where its conversation is not known.
    pub fn began(&self, number: StreamNumber) -> Option<Timestamp> {
        let mut time = 0;
        // SAFETY: as above; the function writes to `time` only.
        unsafe { ws::tcpshake_began(self.conversation.0, number.0, &mut time) }.then_some(Timestamp(time))
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

    /// Address and port of an end in one text; empty where they are not known.
    pub fn address(&self, end: End) -> String {
        self.host(end).map_or_else(String::new, |host| host.to_string())
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
    pub records: Records,
    /// By stream number, which Wireshark counts up from 0.
    streams: Chunks<Stream>,
    pub repeats: Repeats,
    /// What is to be known of some segments later, in the order of the frames.
    notes: Vec<Note>,
    /// What words remember of each stream, by its number.
    memories: Chunks<Memory>,
    firsts: Firsts,
    acks: Acks,
    /// The last packets, to find those that are captured again.
    copies: Copies,
    /// The capture's servers, by their SYN-ACKs.
    hosts: Hosts,
    /// The ICMP errors about segments, in the order of the frames.
    errors: Vec<(StreamNumber, IcmpError)>,
    /// When the last frame so far was captured.
    until: Timestamp,
}

/// What is kept beside the streams, and looked at while one of them takes in a segment.
pub struct Others<'a> {
    pub acks: &'a mut Acks,
    pub copies: &'a mut Copies,
    pub repeats: &'a mut Repeats,
    pub hosts: &'a mut Hosts,
    pub records: &'a Records,
    pub errors: &'a mut Vec<(StreamNumber, IcmpError)>,
}

impl Session {
    const fn new() -> Session {
        Session {
            records: Records::new(),
            streams: Chunks::new(),
            repeats: Repeats::new(),
            notes: Vec::new(),
            memories: Chunks::new(),
            firsts: Firsts::new(),
            acks: Acks::new(),
            copies: Copies::new(),
            hosts: Hosts::new(),
            errors: Vec::new(),
            until: Timestamp(i64::MIN),
        }
    }

    /// Begins anew, and gives the memory back.
    pub fn forget(&mut self) {
        *self = Session::new();
    }

    /// The stream of this number, made if need be.
    pub fn stream(&mut self, number: StreamNumber) -> &mut Stream {
        self.parts(number).0
    }

    /// The stream of this number, made if need be, and what is kept beside the streams.
    pub fn parts(&mut self, number: StreamNumber) -> (&mut Stream, Others<'_>) {
        let Session { records, streams, acks, repeats, copies, hosts, errors, .. } = self;
        let stream = streams.reach(number.0 as usize, Stream::new);
        (stream, Others { acks, copies, repeats, hosts, records, errors })
    }

    /// The stream of this number, if anything of it was seen.
    pub fn known(&self, number: StreamNumber) -> Option<&Stream> {
        self.streams.get(number.0 as usize)
    }

    /// The numbers of all streams.
    pub fn streams(&self) -> impl Iterator<Item = StreamNumber> + use<> {
        (0..self.streams.len() as u32).map(StreamNumber)
    }

    /// The first frame of a stream, if it has any segment.
    pub fn first(&mut self, number: StreamNumber) -> Option<FrameNumber> {
        self.firsts.of(&self.records, number)
    }

    /// A frame begins in the first pass. What was kept of it and of those behind it is dropped: a read filter may have
    /// dropped an earlier frame with the same number.
    pub fn begin_frame(&mut self, frame: FrameNumber, time: Timestamp) {
        if self.records.drop_from(frame) {
            self.copies.drop_from(frame);
            while self.notes.last().is_some_and(|last| last.frame >= frame) {
                self.notes.pop();
            }
        }
        while self.errors.last().is_some_and(|(_, error)| error.frame >= frame) {
            self.errors.pop();
        }
        self.repeats.begin_frame(frame);
        self.until = self.until.max(time);
    }

    /// What the whole capture says about its connections, as far as it was read.
    pub fn capture(&self) -> Capture<'_> {
        Capture { until: self.until, hosts: &self.hosts }
    }

    /// A segment of a frame, read again from its bytes, in its connection; where `words` are wanted, with the evidence for them.
    pub fn recall(&self, frame: FrameNumber, index: usize, bytes: &[u8], time: Timestamp, words: bool) -> Recalled<'_> {
        let Some(record) = self.records.of_frame(frame).nth(index) else { return Recalled::Unknown };
        let Some(stream) = self.known(record.stream) else { return Recalled::Unknown };
        let (Some(standing), Some(connection)) = (record.standing.and_then(Packed::unpack), &stream.connection) else {
            return Recalled::GivenUp;
        };
        // Wireshark's analysis has done its work in the standing; words need only what the header says.
        let Some(segment) = read::segment(bytes, frame, time, record.place.from(), record.length, Analysis::empty())
        else {
            return Recalled::Unknown;
        };
        let mut evidence = if words { self.evidence(record, stream, &segment) } else { Evidence::default() };
        if words {
            let answered = connection.reset_answers(frame);
            evidence.reset_answers = answered.filter(|&frame| !self.records.has_rival(record.stream, frame));
            evidence.sack = read::sack(bytes);
        }
        evidence.is_first = record.standing.is_some_and(Packed::is_first);
        Recalled::Segment(Scene { stream: record.stream, standing, segment, connection, evidence }, stream)
    }

    /// What the segments before this one, and Wireshark's analysis, show of it.
    fn evidence(&self, record: &Record, stream: &Stream, segment: &Segment) -> Evidence {
        let (frame, place) = (segment.frame, record.place);
        let mut evidence = stream.analysis(record.stream, segment);
        evidence.duplicate = evidence.duplicate.filter(|duplicate| self.records.have_ack(duplicate.of, record));
        evidence.repeats = self.repeats.of(frame, place);
        evidence.sent_again = evidence.acknowledges.and_then(|earlier| {
            let receiver = (record.stream, place.from().peer());
            self.repeats.sent_again(receiver, earlier.frame, frame, segment.ack)
        });
        if let Some(note) = self.note_of(frame, place) {
            (evidence.marks, evidence.silence) = (note.marks, note.silence);
        }
        evidence.peer_window = record.peer_window.bytes();
        evidence
    }

    /// An ICMP error of this frame, and the connection that it is about.
    pub fn error(&self, frame: FrameNumber, index: usize) -> Option<(&IcmpError, StreamNumber, &Stream)> {
        let start = self.errors.partition_point(|(_, error)| error.frame < frame);
        let (number, error) = self.errors[start..].get(index).filter(|(_, error)| error.frame == frame)?;
        Some((error, *number, self.known(*number)?))
    }

    fn note_of(&self, frame: FrameNumber, place: Place) -> Option<&Note> {
        let start = self.notes.partition_point(|note| note.frame < frame);
        self.notes[start..].iter().take_while(|note| note.frame == frame).find(|note| note.place == place)
    }

    /// Notes what words have to know later of a segment, which its connection has taken in.
    pub fn note(
        &mut self,
        before: &Before,
        number: StreamNumber,
        place: Place,
        segment: &Segment,
        standing: Standing,
        in_flight: u32,
    ) {
        const SILENCE: u32 = 10; // seconds that are worth a word
        let index = number.0 as usize;
        let Some(connection) = self.streams.get(index).and_then(|stream| stream.connection.as_ref()) else { return };
        let evidence = Evidence { in_flight: (in_flight > 0).then_some(in_flight), ..Evidence::default() };
        let scene = Scene { stream: number, standing, segment: *segment, connection, evidence };
        let marks = self.memories.reach(index, Memory::default).take(before, &scene);
        let silence = if before.silence >= SILENCE { before.silence } else { 0 };
        if !marks.is_empty() || silence > 0 {
            self.notes.push(Note { frame: segment.frame, place, marks, silence });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            // SAFETY: it writes no more than fits into the size it is given.
            let taken = unsafe { ws::tcpshake_made_up_notes(gap, 7, start.cast(), size) };
            assert!(gap + taken <= size);
            // SAFETY: the whole of a record is there, whatever is in it.
            let believed = |streams| unsafe { ws::tcpshake_is_laid_out(start.cast(), streams) };
            assert_eq!((believed(8), believed(7)), (gap == 0, false), "{gap} bytes off");
            record.fill(0);
        }
    }
}
