//! From facts to words. One file per language, and all of a language's sentences in it.
//!
//! Sentences speak only of what the segment's verdict and header say, and of what never changes once it is known (the
//! initial sequence numbers, the roles), so that they are the same in every pass.

#![forbid(unsafe_code)]

#[cfg(test)]
mod bounds;
mod en;
mod ko;
pub mod story;

use crate::tcp::{Connection, Endpoint, Phase, Segment, SeqNumber, Side, Standing, State, Step, StreamNumber};

/// A language that the plugin speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Korean, 한국어.
    Korean,
}

/// One or a few sentences: what happens here and why.
pub fn narration(language: Language, scene: &Scene) -> String {
    match language {
        Language::English => en::narration(scene),
        Language::Korean => ko::narration(scene),
    }
}

/// The same as a line of conversation, with an arrow that points the way the segment went:
/// `client ---> server : "…"`.
pub fn dialogue(language: Language, scene: &Scene) -> String {
    let speech = speech(language, scene);
    let words = story::words(language);
    let (client, server) = (words.client, words.server);
    let arrow = if scene.verdict.sender == Side::Client { "--->" } else { "<---" };
    format!("{client} {arrow} {server} : \"{speech}\"")
}

/// What the sender says, without who says it to whom.
pub fn speech(language: Language, scene: &Scene) -> String {
    match language {
        Language::English => en::speech(scene),
        Language::Korean => ko::speech(scene),
    }
}

/// On segments of the two handshakes: a line for each header item that a learner asks about. Empty elsewhere.
pub fn explain(language: Language, scene: &Scene) -> Vec<String> {
    match (scene.is_of_a_handshake(), language) {
        (false, _) => Vec::new(),
        (true, Language::English) => en::explain(scene),
        (true, Language::Korean) => ko::explain(scene),
    }
}

/// One segment in its connection: all that a sentence about it may speak of.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The index Wireshark gives the connection.
    pub stream: StreamNumber,
    /// What the segment is.
    pub verdict: &'a Standing,
    /// What its header says.
    pub segment: &'a Segment,
    /// The connection it belongs to.
    pub connection: &'a Connection,
}

/// How a segment's payload compares with the largest segment its receiver takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// Smaller, or the MSS is not known.
    Part,
    /// Just as large: the sender cut its data here. The MSS, in bytes.
    Full(u16),
    /// Larger: the capture saw it before the network card cut it.
    Over(u16),
}

impl Scene<'_> {
    fn sender(&self) -> &Endpoint {
        self.connection.by_end(self.segment.from)
    }

    fn receiver(&self) -> &Endpoint {
        self.connection.by_end(self.segment.from.peer())
    }

    /// The raw sequence number.
    fn seq(&self) -> u32 {
        self.segment.seq.0
    }

    /// The raw number its sender's next segment starts with.
    fn next(&self) -> u32 {
        self.segment.next_seq().0
    }

    /// The raw acknowledgment number.
    fn ack(&self) -> u32 {
        self.segment.ack.0
    }

    /// The sequence number counted from the sender's initial one.
    fn rel_seq(&self) -> u32 {
        relative(self.sender(), self.segment.seq)
    }

    /// The next sequence number, counted likewise.
    fn rel_next(&self) -> u32 {
        relative(self.sender(), self.segment.next_seq())
    }

    /// The last byte of payload, counted likewise.
    fn rel_last(&self) -> u32 {
        relative(self.sender(), self.segment.payload_seq() + self.segment.len - 1)
    }

    /// The acknowledgment number, counted from the receiver's initial sequence number.
    fn rel_ack(&self) -> u32 {
        relative(self.receiver(), self.segment.ack)
    }

    /// How many bytes of the receiver's payload the segment acknowledges in all. `None` where the opening was not
    /// captured, so that nobody knows.
    fn bytes_acked(&self) -> Option<u32> {
        let peer = self.receiver();
        let after_syn = peer.isn()? + 1;
        let of_fin = u32::from(peer.fin().is_some_and(|fin| self.segment.ack == fin + 1));
        let count = self.segment.ack.since(after_syn).wrapping_sub(of_fin);
        (count < 1 << 31).then_some(count)
    }

    /// Whether the acknowledgment number is one more than the receiver's initial sequence number: it acknowledges a SYN
    /// and nothing else.
    fn acks_just_the_syn(&self) -> bool {
        self.receiver().isn().is_some_and(|isn| self.segment.ack == isn + 1)
    }

    /// Whether it acknowledges the receiver's FIN.
    fn acks_fin(&self) -> bool {
        self.receiver().fin().is_some_and(|fin| self.segment.ack == fin + 1)
    }

    /// Whether this frame is the first that acknowledges the first FIN.
    fn is_first_fin_ack(&self) -> bool {
        self.connection.closing().first_fin_ack() == Some(self.segment.frame)
    }

    /// The state of the sender after the segment, and of the receiver.
    fn states(&self) -> (State, State) {
        match self.verdict.sender {
            Side::Client => (self.verdict.client, self.verdict.server),
            Side::Server => (self.verdict.server, self.verdict.client),
        }
    }

    /// Whether it is a RST that ends another connection than the one being opened: its number is none that its sender
    /// uses here (its SYN's, or the first behind the SYN and its payload), but one that its receiver said it expects.
    fn resets_another_connection(&self) -> bool {
        let opening = self.connection.syn_payload().saturating_add(1);
        self.verdict.reset_acceptable == Some(true)
            && self.sender().isn().is_some_and(|isn| self.segment.seq.since(isn) > opening)
    }

    /// Its payload beside the receiver's MSS; the options of the header count as a part of it (RFC 6691).
    fn size(&self) -> Size {
        let Some(mss) = self.receiver().offer().and_then(|offer| offer.mss) else { return Size::Part };
        let mss = mss.get();
        let options = u32::from(self.segment.header_len).saturating_sub(20);
        let filled = self.segment.len.saturating_add(options);
        match filled.cmp(&u32::from(mss)) {
            std::cmp::Ordering::Less => Size::Part,
            std::cmp::Ordering::Equal => Size::Full(mss),
            std::cmp::Ordering::Greater => Size::Over(mss),
        }
    }

    /// The window in bytes, scaled as both ends agreed. A SYN's own window never is (RFC 7323, 2.2).
    fn window(&self) -> u32 {
        match self.sender().window_shift(self.receiver()) {
            Some(shift) if !self.segment.has(crate::tcp::Flags::SYN) => u32::from(self.segment.window) << shift,
            _ => self.segment.window.into(),
        }
    }

    /// A segment that opens or closes the connection.
    fn is_of_a_handshake(&self) -> bool {
        self.verdict.phase == Phase::Opening
            || matches!(
                self.verdict.step,
                Step::FirstFin
                    | Step::SecondFin
                    | Step::FinRetransmission
                    | Step::FirstFinAck
                    | Step::LastAck
                    | Step::Abort
            )
    }
}

/// `number` counted from the end's base; the raw number where it has none.
fn relative(end: &Endpoint, number: SeqNumber) -> u32 {
    end.base().map_or(number.0, |base| number.since(base))
}
