//! What words remember of a connection from one segment to the next: which lessons were given, and what the segments so far
//! show of the next one. Each segment is marked when it is first seen.

use super::evidence::Marks;
use super::scene::{Scene, Size};
use crate::tcp::{Analysis, Completeness, Connection, Flags, Segment, SeqNumber, Side, Step};
use bitflags::bitflags;

bitflags! {
    /// What is remembered.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Kept: u16 {
        const GUESSED = 0x001;
        const SPOKE_RELATIVE = 0x002;
        const FILLED_MSS = 0x004;
        const PASSED_MSS = 0x800;
        const PUSHED = 0x008;
        const FLEW = 0x010;
        /// An end has shown that it holds another connection to be open.
        const CHALLENGED = 0x020;
        const SHOWED_OLDER = 0x040;
        const CLIENT_RESET = 0x080;
        const SERVER_RESET = 0x100;
        /// What the client sent last went into a window of 0.
        const CLIENT_PROBED = 0x200;
        const SERVER_PROBED = 0x400;
    }
}

/// What is remembered of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory(Kept);

/// What a connection was before it took in a segment: what that is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// The highest number that the sender had acknowledged.
    acked: Option<SeqNumber>,
    /// The number behind the last that it had sent.
    next: Option<SeqNumber>,
    /// Its last window in bytes, if it had announced any.
    window: u32,
    /// The highest number that the receiver had acknowledged.
    peer_acked: Option<SeqNumber>,
    /// Whether the receiver's last window was 0.
    peer_shut: bool,
    /// The receiver's last window in bytes, where the capture shows that.
    pub peer_window: Option<u32>,
    /// Seconds since the last segment.
    pub silence: u32,
}

impl Before {
    /// Looks at the connection of a segment that it has not taken in yet.
    pub fn of(connection: &Connection, segment: &Segment) -> Before {
        let (own, peer) = (connection.by_end(segment.from), connection.by_end(segment.from.peer()));
        let known = peer.acked().is_some() && peer.knows_window_scale(own);
        Before {
            acked: own.acked(),
            next: own.next(),
            window: own.window_bytes(peer),
            peer_acked: peer.acked(),
            peer_shut: peer.acked().is_some() && peer.window_bytes(own) == 0,
            peer_window: known.then(|| peer.window_bytes(own)),
            silence: connection.silence(segment.time),
        }
    }

    /// Whether the segment goes back to numbers that its sender had sent.
    pub fn goes_back(&self, segment: &Segment) -> bool {
        self.next.is_some_and(|next| segment.seq.is_before(next))
    }
}

impl Memory {
    /// Takes in a segment, and says what is to be known of it later. Its scene needs no evidence.
    pub fn take(&mut self, before: &Before, s: &Scene) -> Marks {
        let marks = compared(before, s) | self.of_others(s);
        let marks = marks | self.lessons(before, s, marks);
        self.keep(s, marks);
        marks
    }

    /// What earlier segments of other kinds say of it.
    fn of_others(&self, s: &Scene) -> Marks {
        let [own, peers] = by_sender(s, [Kept::CLIENT_RESET, Kept::SERVER_RESET]);
        let [_, probed] = by_sender(s, [Kept::CLIENT_PROBED, Kept::SERVER_PROBED]);
        let is_older = self.0.contains(Kept::CHALLENGED) && has_foreign_numbers(s);
        marked([
            (Marks::OWN_RESET, self.0.contains(own) && !self.0.contains(peers)),
            (Marks::ANSWERS_PROBE, self.0.contains(probed) && s.step() == Step::Ack),
            (Marks::OF_OLDER, is_older),
        ])
    }

    /// Which lessons it gives.
    fn lessons(&mut self, before: &Before, s: &Scene, marks: Marks) -> Marks {
        let older = marks.contains(Marks::OF_OLDER);
        let payload = s.len() > 0 && !s.has(Flags::SYN);
        let sends = matches!(s.step(), Step::Data | Step::HalfClosedData) && !older;
        let known = s.standing.so_far.contains(Completeness::SYN_ACK | Completeness::ACK);
        let waits = before.peer_acked.is_some_and(|acked| s.segment.next_seq().since(acked) > s.len());
        let mut first = |kept: Kept, mark: Marks, arises: bool| {
            let first = arises && !self.0.contains(kept);
            self.0.set(kept, arises || self.0.contains(kept));
            if first { mark } else { Marks::empty() }
        };
        first(Kept::GUESSED, Marks::FIRST_GUESS, s.standing.sender_assumed)
            | first(Kept::SPOKE_RELATIVE, Marks::FIRST_RELATIVE, s.speaks_relative() && !older)
            | first(Kept::FILLED_MSS, Marks::FIRST_FULL, sends && matches!(s.size(), Size::Full { .. }))
            | first(Kept::PASSED_MSS, Marks::FIRST_OVER, sends && matches!(s.size(), Size::Over(_)))
            | first(Kept::PUSHED, Marks::FIRST_PUSH, payload && s.has(Flags::PSH))
            | first(Kept::FLEW, Marks::FIRST_FLIGHT, payload && known && waits)
            | first(Kept::SHOWED_OLDER, Marks::FIRST_OF_OLDER, older)
    }

    /// What it says of later ones.
    fn keep(&mut self, s: &Scene, marks: Marks) {
        let [own_reset, _] = by_sender(s, [Kept::CLIENT_RESET, Kept::SERVER_RESET]);
        let [probes, probed] = by_sender(s, [Kept::CLIENT_PROBED, Kept::SERVER_PROBED]);
        let asks = marks.contains(Marks::INTO_SHUT_WINDOW) || s.step() == Step::ZeroWindowProbe;
        self.0.set(probes, asks);
        self.0.remove(probed);
        self.0.set(own_reset, s.has(Flags::RST) || self.0.contains(own_reset));
        let challenged = s.opens() && matches!(s.step(), Step::ChallengeAck | Step::WrongAck);
        self.0.set(Kept::CHALLENGED, challenged || self.0.contains(Kept::CHALLENGED));
    }
}

/// The sender's and the receiver's, of the client's and the server's.
fn by_sender<T>(s: &Scene, [client, server]: [T; 2]) -> [T; 2] {
    if s.sender() == Side::Client { [client, server] } else { [server, client] }
}

fn marked<const N: usize>(all: [(Marks, bool); N]) -> Marks {
    all.into_iter().filter(|(_, holds)| *holds).fold(Marks::empty(), |marks, (mark, _)| marks | mark)
}

/// What the numbers and windows before it say of it.
fn compared(before: &Before, s: &Scene) -> Marks {
    let segment = &s.segment;
    let sent_before = matches!(s.step(), Step::DataRetransmission | Step::OutOfOrderData);
    let shut = before.acked.is_some() && before.window == 0;
    marked([
        (Marks::INTO_SHUT_WINDOW, s.step() == Step::KeepAlive && before.peer_shut),
        (Marks::STILL_SHUT, s.has(Flags::ACK) && segment.window == 0 && shut),
        (Marks::SAME_ACK, s.step() == Step::Ack && before.acked == Some(segment.ack)),
        (Marks::NEW_NUMBERS, sent_before && before.next.is_some() && !before.goes_back(segment)),
        (Marks::REPEATS_ACK, s.is_bare_reset() && before.peer_acked == Some(segment.seq)),
        (Marks::REUSED_PORTS, segment.is_syn() && segment.analysis.contains(Analysis::REUSED_PORTS)),
    ])
}

/// Whether its numbers lie before a SYN that was captured, as those of an older connection do.
fn has_foreign_numbers(s: &Scene) -> bool {
    let segment = &s.segment;
    if segment.flags.intersects(Flags::SYN | Flags::RST) || s.standing.so_far.contains(Completeness::SYN_ACK) {
        return false;
    }
    let challenge = s.step() == Step::ChallengeAck;
    !challenge && (s.is_before_own_syn() || s.is_before_receivers_syn())
}
