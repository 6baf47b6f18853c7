//! What words remember of a connection from one segment to the next: which lessons were given, and what the segments so far
//! show of the next one. Each segment is marked when it is first seen.

use super::evidence::{Filled, Marks};
use super::scene::{Scene, Size};
use crate::tcp::{Analysis, Completeness, Connection, Flags, Phase, Segment, SeqNumber, Side, Step};
use bitflags::bitflags;

bitflags! {
    /// What is remembered.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Remembered: u16 {
        const GUESSED = 0x001;
        const SPOKE_RELATIVE = 0x002;
        const FILLED_MSS = 0x004;
        const PASSED_MSS = 0x800;
        const PUSHED = 0x008;
        const FLEW = 0x010;
        /// An end has shown that it holds another connection to be open.
        const CHALLENGED = 0x020;
        const SPOKE_RAW = 0x040;
        const CLIENT_RESET = 0x080;
        const SERVER_RESET = 0x100;
        /// What the client sent last went into a window of 0.
        const CLIENT_PROBED = 0x200;
        const SERVER_PROBED = 0x400;
        /// What the client has in flight was said to fill its receiver's window nearly, or wholly.
        const CLIENT_FILLED_NEARLY = 0x1000;
        const SERVER_FILLED_NEARLY = 0x2000;
        const CLIENT_FILLED_WHOLLY = 0x4000;
        const SERVER_FILLED_WHOLLY = 0x8000;
    }
}

/// What is remembered of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    kept: Remembered,
}

// Every connection of the capture has one.
const _: () = assert!(size_of::<Memory>() <= 2);

/// What a connection was before it took in a segment: what that is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// The highest number that the sender had acknowledged.
    acked: Option<SeqNumber>,
    /// The number behind the last that it had sent.
    next: Option<SeqNumber>,
    /// The number of its FIN, if it had sent one.
    fin: Option<SeqNumber>,
    /// Its last window in bytes, if it had announced any.
    window: u32,
    /// What the sender's relative numbers count from.
    base: Option<SeqNumber>,
    peer_base: Option<SeqNumber>,
    /// The highest number that the receiver had acknowledged.
    peer_acked: Option<SeqNumber>,
    /// Whether the receiver's last window was 0.
    peer_shut: bool,
    /// The receiver's last window in bytes, where the capture shows that.
    pub peer_window: Option<u32>,
    /// On a RST: the ACK number of the receiver's last segment, where that is remembered.
    pub peers_ack: Option<SeqNumber>,
    /// Seconds since the last segment.
    pub silence: u32,
}

impl Before {
    /// Looks at the connection of a segment that it has not taken in yet.
    pub fn of(connection: &Connection, segment: &Segment) -> Before {
        let (own, peer) = (connection.by_end(segment.from), connection.by_end(segment.from.peer()));
        let peer_acked = peer.acked();
        let peer_window = peer.window_bytes(own);
        let known = peer_acked.is_some() && peer.knows_window_scale(own);
        Before {
            acked: own.acked(),
            next: own.next(),
            fin: own.fin(),
            window: own.window_bytes(peer),
            base: own.base(),
            peer_base: peer.base(),
            peer_acked,
            peer_shut: peer_acked.is_some() && peer_window == 0,
            peer_window: known.then_some(peer_window),
            peers_ack: None,
            silence: connection.silence(segment.time),
        }
    }

    /// Whether a number of the segment lies before the first that is known of its end. Behind 2 GiB nobody can tell.
    fn is_behind(&self, s: &Scene) -> bool {
        let behind = |number: SeqNumber, base: Option<SeqNumber>, next: Option<SeqNumber>| {
            let near = base.zip(next).is_none_or(|(base, next)| !next.is_before(base));
            near && base.is_some_and(|base| number.is_before(base))
        };
        let acks = s.has(Flags::ACK) && behind(s.segment.ack, self.peer_base, self.acked.or(self.peer_base));
        behind(s.segment.seq, self.base, self.next) || acks
    }

    /// Bytes that were sent up to this segment, and not acknowledged.
    fn flight(&self, segment: &Segment) -> Option<u32> {
        let end = segment.payload_seq() + segment.len;
        let before = self.next.map(|next| if self.fin.is_some_and(|fin| fin + 1 == next) { next - 1 } else { next });
        Some(before.map_or(end, |before| before.later(end)).since(self.peer_acked?))
    }

    /// Whether the segment goes back to numbers that its sender had sent.
    pub fn goes_back(&self, segment: &Segment) -> bool {
        self.next.is_some_and(|next| segment.seq.is_before(next))
    }
}

impl Memory {
    /// Takes in a segment, and says what is to be known of it later. Its scene needs no evidence but of bytes in flight.
    pub fn take(&mut self, before: &Before, s: &Scene) -> Marks {
        let marks = compared(before, s) | self.of_others(before, s);
        let marks = marks | self.lessons(before, s, marks);
        self.keep(s, marks);
        marks
    }

    /// What earlier segments of other kinds say of it.
    fn of_others(&self, before: &Before, s: &Scene) -> Marks {
        let [own, peers] = by_sender(s, [Remembered::CLIENT_RESET, Remembered::SERVER_RESET]);
        let [_, probed] = by_sender(s, [Remembered::CLIENT_PROBED, Remembered::SERVER_PROBED]);
        let repeats_ack = before.peers_ack == Some(s.segment.seq) && s.is_bare_reset();
        let is_older = self.kept.contains(Remembered::CHALLENGED) && has_foreign_numbers(s);
        let is_before_first = is_older || s.has_numbers_of_its_own() && before.is_behind(s);
        // A RST that aborts the opening itself ends the connection.
        let resets_another = s.step() == Step::Abort && s.opens() && s.connection.ended_by().is_none();
        marked([
            (Marks::RESETS_ANOTHER, resets_another),
            (Marks::REPEATS_ACK, repeats_ack),
            (Marks::OWN_RESET, self.kept.contains(own) && !self.kept.contains(peers)),
            (Marks::ANSWERS_PROBE, self.kept.contains(probed) && s.step() == Step::Ack),
            (Marks::OF_OLDER, is_older),
            (Marks::BEFORE_FIRST, is_before_first),
        ])
    }

    /// Which lessons it gives.
    fn lessons(&mut self, before: &Before, s: &Scene, marks: Marks) -> Marks {
        let raw = marks.contains(Marks::BEFORE_FIRST);
        let payload = s.len() > 0 && !s.has(Flags::SYN);
        self.first(Remembered::GUESSED, Marks::FIRST_GUESS, || s.standing.sender_assumed)
            | self.first(Remembered::SPOKE_RELATIVE, Marks::FIRST_RELATIVE, || s.speaks_relative() && !raw)
            | self.first(Remembered::SPOKE_RAW, Marks::FIRST_BEFORE_FIRST, || raw)
            | if payload { self.lessons_of_payload(before, s, raw) } else { Marks::empty() }
    }

    fn lessons_of_payload(&mut self, before: &Before, s: &Scene, raw: bool) -> Marks {
        let lives = s.standing.phase != Phase::Closed;
        let is_taken = lives && s.step() != Step::WrongAck;
        let sends = matches!(s.step(), Step::Data | Step::HalfClosedData) && !raw;
        self.first(Remembered::FILLED_MSS, Marks::FIRST_FULL, || sends && matches!(s.size(), Size::Full { .. }))
            | self.first(Remembered::PASSED_MSS, Marks::FIRST_OVER, || sends && matches!(s.size(), Size::Over(_)))
            | self.first(Remembered::PUSHED, Marks::FIRST_PUSH, || is_taken && s.has(Flags::PSH))
            | if lives { self.lessons_of_flight(before, s) } else { Marks::empty() }
    }

    /// What is new about the bytes in flight. They are known only where both ends were heard and acknowledged each other, and
    /// where Wireshark counts what was sent less what was acknowledged: of what was reported by SACK, or was not captured, it
    /// knows too much or too little.
    fn lessons_of_flight(&mut self, before: &Before, s: &Scene) -> Marks {
        let known = s.standing.so_far.contains(Completeness::SYN_ACK | Completeness::ACK);
        let sure = |bytes: &u32| known && s.evidence.in_flight == Some(*bytes);
        let Some(bytes) = before.flight(&s.segment).filter(sure) else { return Marks::empty() };
        let filled = before.peer_window.map_or(Filled::Partly, |window| Filled::of(bytes, window));
        let [nearly, _] = by_sender(s, [Remembered::CLIENT_FILLED_NEARLY, Remembered::SERVER_FILLED_NEARLY]);
        let [wholly, _] = by_sender(s, [Remembered::CLIENT_FILLED_WHOLLY, Remembered::SERVER_FILLED_WHOLLY]);
        if filled == Filled::Little {
            // Only from here on it is news: a sender that its receiver's window stops goes up and down below that.
            self.kept.remove(nearly | wholly);
        }
        let waits = bytes > s.len();
        let fills = if filled == Filled::Wholly { nearly | wholly } else { nearly };
        let is_new = waits && filled >= Filled::Nearly && !self.kept.contains(fills);
        self.kept.set(fills, is_new || self.kept.contains(fills));
        let news = if is_new { Marks::FILLS_WINDOW } else { Marks::empty() };
        news | self.first(Remembered::FLEW, Marks::FIRST_FLIGHT, || waits)
    }

    /// Gives a lesson where it arises, if it was not given before.
    fn first(&mut self, kept: Remembered, mark: Marks, arises: impl Fn() -> bool) -> Marks {
        if self.kept.contains(kept) || !arises() {
            return Marks::empty();
        }
        self.kept.insert(kept);
        mark
    }

    /// What it says of later ones.
    fn keep(&mut self, s: &Scene, marks: Marks) {
        let [own_reset, _] = by_sender(s, [Remembered::CLIENT_RESET, Remembered::SERVER_RESET]);
        let [probes, probed] = by_sender(s, [Remembered::CLIENT_PROBED, Remembered::SERVER_PROBED]);
        let asks = marks.contains(Marks::INTO_SHUT_WINDOW) || s.step() == Step::ZeroWindowProbe;
        self.kept.set(probes, asks);
        self.kept.remove(probed);
        if s.has(Flags::RST) {
            self.kept.insert(own_reset);
        }
        let challenged = s.opens() && matches!(s.step(), Step::ChallengeAck | Step::WrongAck);
        if challenged {
            self.kept.insert(Remembered::CHALLENGED);
        }
    }
}

/// The sender's and the receiver's, of the client's and the server's.
fn by_sender<T>(s: &Scene, [client, server]: [T; 2]) -> [T; 2] {
    if s.sender() == Side::Client { [client, server] } else { [server, client] }
}

fn marked<const N: usize>(all: [(Marks, bool); N]) -> Marks {
    let mut marks = Marks::empty();
    all.into_iter().for_each(|(mark, holds)| marks.set(mark, holds));
    marks
}

/// What the numbers and windows before it say of it.
fn compared(before: &Before, s: &Scene) -> Marks {
    let segment = &s.segment;
    let sent_before = matches!(s.step(), Step::DataRetransmission | Step::OutOfOrderData);
    let goes_back = before.goes_back(segment);
    let goes_on = before.next.is_some_and(|next| segment.next_seq().is_after(next));
    let acked_before = before.peer_acked.is_some_and(|acked| !acked.is_before(segment.next_seq()));
    let shut = before.acked.is_some() && before.window == 0;
    marked([
        (Marks::INTO_SHUT_WINDOW, s.step() == Step::KeepAlive && before.peer_shut),
        (Marks::STILL_SHUT, s.has(Flags::ACK) && segment.window == 0 && shut),
        (Marks::SAME_ACK, s.step() == Step::Ack && before.acked == Some(segment.ack)),
        (Marks::NEW_NUMBERS, sent_before && before.next.is_some() && !goes_back),
        (Marks::PARTLY_NEW, sent_before && goes_back && goes_on),
        (Marks::ACKED_BEFORE, sent_before && acked_before),
        (Marks::REUSED_PORTS, segment.is_syn() && segment.analysis.contains(Analysis::REUSED_PORTS)),
    ])
}

/// Whether its numbers lie before a SYN that was captured, as those of an older connection do.
fn has_foreign_numbers(s: &Scene) -> bool {
    let answered = s.standing.so_far.contains(Completeness::SYN_ACK);
    s.has_numbers_of_its_own() && !answered && (s.is_before_own_syn() || s.is_before_receivers_syn())
}
