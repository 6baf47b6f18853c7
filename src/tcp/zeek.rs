//! Zeek's words for a connection: the columns `conn_state` and `history` of its `conn.log`.
//!
//! The rules are those of Zeek 7's sources in its default configuration; each is named by the file it is from, below
//! `src/packet_analysis/protocol/tcp` (`TCPSessionAdapter.cc`), `src/analyzer/protocol/tcp` (`TCP_Endpoint.h`,
//! `TCP_Endpoint.cc`, `TCP_Reassembler.cc`), `src` (`Conn.cc`, `Reassem.cc`) and `scripts/base/protocols/conn`
//! (`main.zeek`). Zeek checks no sequence number, acknowledgment number or window before it changes a state: a FIN or
//! RST counts for what it is, however absurd its number.
//!
//! What is told is one of Wireshark's streams, and that is not always one of Zeek's connections:
//! - Zeek cuts by time: an attempt without an answer after 5 seconds, a closed connection 5 seconds after the close, a
//!   silent one after 5 minutes at most. What follows is a connection of its own to Zeek, mostly one without a
//!   beginning. Here the stream goes on, and so do its letters.
//! - Zeek begins anew with every SYN after the first FIN or RST that it has taken for a close, and with a SYN from the
//!   end that was called: it has two connections where both ends open at once. Wireshark begins a new stream with a SYN
//!   of another number only, so here such a SYN is one more segment, and both ends' SYNs make one `S1`.
//! - Zeek drops segments with a wrong checksum (letter `c`) and takes payload that the snap length cut off for missing
//!   (letter `g`). Here every segment counts, and with its whole payload.
//! - Zeek gives up looking for holes where an end has too much unacknowledged payload, counted to the octet. Here what
//!   is in flight is reckoned from the numbers, and what lies behind more than 8192 holes at a time is given up too.
//! - Zeek 6.1 and later do not turn a connection round by its ports if it goes to the broadcast address.

mod endpoint;
mod history;
mod reassembler;
#[cfg(test)]
mod tests;

use super::segment::{End, Flags, Segment};
use endpoint::Endpoint;
use endpoint::EndpointState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
use history::{Letters, Once, Tally};
use reassembler::Blocks;

/// Zeek's view of one connection.
#[derive(Clone, Debug, Default)]
pub struct Zeek {
    ends: [Endpoint; 2],
    /// What only some connections need: lost segments, a RST, and a history that is longer than usual.
    rare: Option<Box<Rare>>,
    letters: Letters,
    /// What [`Once`] has been mentioned, of the originator and of the responder. It stays where it is when the ends
    /// change roles.
    seen: [u8; 2],
    /// The end that Zeek takes for the originator now; `None` before the first segment.
    originator: Option<End>,
    /// Zeek's `is_partial`: the beginning was not seen.
    is_partial: bool,
}

// Every connection of the capture has one.
const _: () = assert!(size_of::<Zeek>() <= 80);

#[derive(Clone, Debug, Default)]
struct Rare {
    /// By the end: the relative numbers of its last SYN and RST (`hist_last_SYN`, `hist_last_RST`), each in the
    /// place of its [`Once`]; 0 as long as there is none.
    last_numbers: [[i64; 2]; 2],
    /// How often each end had each trouble.
    tallies: [[u32; Tally::COUNT]; 2],
    /// Of each end: payload behind a hole.
    blocks: [Blocks; 2],
    /// The letters that did not fit in [`Zeek::letters`].
    letters: Vec<u8>,
}

impl Zeek {
    /// Takes in the next segment of the stream, in the order of capture.
    ///
    /// The order of the steps is that of `TCPSessionAdapter::Process`, and much depends on it.
    pub fn see(&mut self, segment: &Segment) {
        if self.originator.is_none() {
            self.assign_roles(segment);
        }
        let from = segment.from;
        // Zeek goes on with the role that the sender had before this segment, even if the segment makes the ends change
        // theirs.
        let was_originator = self.is_originator(from);
        self.note_partial(segment, was_originator);
        self.ends[from as usize].begin(segment);
        let relative = self.ends[from as usize].relative_seq(segment.seq);
        self.tell_flags(segment, relative);
        self.tell_zero_window(segment);
        let acked = segment.has(Flags::ACK).then(|| self.acknowledge(segment));
        if self.ends[from as usize].extend(segment) {
            self.tell_scaled(from, Tally::Retransmission);
        }
        self.change_state(segment, was_originator);
        // After the change of state: a RST that reveals a hole makes the connection one whose holes do not count.
        if let Some(acked) = acked {
            self.skip_holes(from.peer(), acked);
        }
        self.ends[from as usize].heard = true;
        if segment.len > 0 && !segment.has(Flags::RST) {
            self.deliver(segment, relative);
        }
    }

    /// Zeek's word for what became of the connection so far (`conn_state` in `main.zeek`):
    /// - `S0`: the originator's SYN, and nothing from the responder;
    /// - `S1`: established and not closed;
    /// - `SF`: closed by both ends;
    /// - `REJ`: refused with a RST, or reset by both ends without any payload;
    /// - `S2`, `S3`: closed by the originator only, by the responder only;
    /// - `RSTO`, `RSTR`: reset by the originator, by the responder;
    /// - `RSTOS0`: the originator's SYN and then its RST, and no SYN-ACK;
    /// - `RSTRH`: reset by the responder, and no SYN from the originator;
    /// - `SH`: the originator's SYN and then its FIN, and no SYN-ACK;
    /// - `SHR`: the responder's FIN, and no SYN from the originator;
    /// - `OTH`: none of these, mostly because the beginning was not seen.
    pub fn conn_state(&self) -> &'static str {
        let originator = self.originator.unwrap_or(End::A);
        let (orig, resp) = (&self.ends[originator as usize], &self.ends[originator.peer() as usize]);
        let unopened = |end: &Endpoint| matches!(end.state(), Inactive | Partial);
        match (orig.state(), resp.state()) {
            (SynSent | SynAckSent, Reset) => "REJ",
            (Reset, Reset) if orig.size() == 0 && resp.size() == 0 => "REJ",
            (_, Reset) if unopened(orig) => "RSTRH",
            (_, Reset) => "RSTR",
            (Reset, _) if !unopened(resp) => "RSTO",
            (Reset, _) if self.shows_syn_then_rst() => "RSTOS0",
            (Reset, _) => "OTH",
            (Closed, Closed) => "SF",
            (Closed, _) if unopened(resp) => "SH",
            (Closed, _) => "S2",
            (_, Closed) if unopened(orig) => "SHR",
            (_, Closed) => "S3",
            (SynSent, Inactive) => "S0",
            (Established, Established) => "S1",
            _ => "OTH",
        }
    }

    /// Zeek's history letters so far: upper case from the originator. ASCII only.
    ///
    /// Letters are only ever added, but for one case: where the connection began with a SYN-ACK, `H`, the next segment
    /// may make Zeek turn it round, and the `H` becomes `^h`.
    pub fn history(&self) -> String {
        self.all_letters().map(char::from).collect()
    }

    fn all_letters(&self) -> impl Iterator<Item = u8> {
        let more = self.rare.iter().flat_map(|rare| &rare.letters);
        self.letters.as_bytes().iter().chain(more).copied()
    }

    /// The pattern that `main.zeek` asks of the history for RSTOS0: the originator's RST comes after its SYN and before
    /// anything else it could have sent.
    fn shows_syn_then_rst(&self) -> bool {
        let mut letters = self.all_letters().skip_while(|&letter| letter == b'^');
        letters.next() == Some(b'S') && letters.find(|letter| b"HAFGIQR".contains(letter)) == Some(b'R')
    }

    fn is_originator(&self, end: End) -> bool {
        self.originator == Some(end)
    }

    /// The sender's end and the receiver's.
    fn pair(&mut self, from: End) -> (&mut Endpoint, &mut Endpoint) {
        let [a, b] = &mut self.ends;
        match from {
            End::A => (a, b),
            End::B => (b, a),
        }
    }

    /// The first segment's sender is the originator, unless it looks like a server (`TCPAnalyzer::WantConnection`).
    fn assign_roles(&mut self, segment: &Segment) {
        let flipped = looks_like_an_answer(segment);
        self.originator = Some(if flipped { segment.from.peer() } else { segment.from });
        if flipped {
            self.write(b'^');
        }
    }

    /// `TCPSessionAdapter::FlipRoles`, and what both of its callers do besides.
    fn flip_roles(&mut self) {
        self.originator = self.originator.map(End::peer);
        self.is_partial = false;
        for end in &mut self.ends {
            end.heard = true;
        }
    }

    /// `TCPSessionAdapter::SetPartialStatus`: whether both ends' first segments have SYN.
    fn note_partial(&mut self, segment: &Segment, is_originator: bool) {
        if self.ends[segment.from as usize].heard {
            return;
        }
        let syn = segment.has(Flags::SYN);
        if is_originator {
            self.is_partial = !syn || segment.has(Flags::ACK);
        } else {
            self.is_partial |= !syn;
        }
    }
}

/// The letters.
impl Zeek {
    /// The letter for a segment's kind (`update_history`). Flags that no TCP combines have letters of their own.
    ///
    /// `relative` is its relative sequence number. What tells a FIN from another is where it ends.
    fn tell_flags(&mut self, segment: &Segment, relative: i64) {
        let from = segment.from;
        let control = segment.flags & (Flags::SYN | Flags::FIN | Flags::RST);
        let moved = segment.has(Flags::FIN) && self.ends[from as usize].note_fin(relative, segment);
        if control == Flags::SYN {
            let letter = if segment.has(Flags::ACK) { b'H' } else { b'S' };
            let moved = self.replace_last(from, Once::Syn, relative);
            self.tell_each(from, Once::Syn, letter, moved);
        } else if control == Flags::FIN {
            self.tell_each(from, Once::Fin, b'F', moved);
        } else if control == Flags::RST {
            let moved = self.replace_last(from, Once::Rst, relative);
            self.tell_each(from, Once::Rst, b'R', moved);
        } else if control.contains(Flags::FIN | Flags::RST) {
            self.tell_once(from, Once::FinRst, b'I');
        } else if !control.is_empty() {
            self.tell_once(from, Once::Multi, b'Q');
        } else if segment.len > 0 {
            self.tell_flow_once(from, Once::Data, b'D');
        } else if segment.has(Flags::ACK) {
            self.tell_flow_once(from, Once::Ack, b'A');
        }
    }

    /// Data or an ACK: if all there was is a SYN-ACK from the originator, the ends change roles first
    /// (`TCP_Endpoint::CheckHistory`).
    fn tell_flow_once(&mut self, from: End, what: Once, letter: u8) {
        if self.letters.as_bytes() == b"H" {
            self.flip_roles();
            self.letters = Letters::default();
            self.write(b'^');
            self.write(b'h');
        }
        self.tell_once(from, what, letter);
    }

    /// Says whether it has been mentioned before (`Connection::CheckHistory`).
    fn tell_once(&mut self, from: End, what: Once, letter: u8) -> bool {
        let seen = &mut self.seen[usize::from(!self.is_originator(from))];
        let again = *seen & what.bit() != 0;
        *seen |= what.bit();
        if !again {
            self.tell(from, letter);
        }
        again
    }

    /// SYN, FIN and RST are told again if their number is not that of the last one.
    fn tell_each(&mut self, from: End, what: Once, letter: u8, moved: bool) {
        if self.tell_once(from, what, letter) && moved {
            self.tell(from, letter);
        }
    }

    /// Notes the relative number of a SYN or RST, and says whether the last one had another.
    fn replace_last(&mut self, from: End, what: Once, number: i64) -> bool {
        if number == 0 && self.rare.is_none() {
            return false;
        }
        let last = &mut self.rare.get_or_insert_default().last_numbers[from as usize][what as usize];
        std::mem::replace(last, number) != number
    }

    /// A window of zero, except of an end that is gone or to one that sends no more (`update_window`).
    fn tell_zero_window(&mut self, segment: &Segment) {
        if segment.window > 0 || segment.has(Flags::RST) {
            return;
        }
        let (sender, receiver) = self.pair(segment.from);
        if receiver.state() != Closed && sender.state() != Reset {
            self.tell_scaled(segment.from, Tally::ZeroWindow);
        }
    }

    /// Told at the 1st, 10th, 100th time and so on (`Connection::ScaledHistoryEntry`).
    fn tell_scaled(&mut self, from: End, what: Tally) {
        let tallies = &mut self.rare.get_or_insert_default().tallies;
        let tally = &mut tallies[from as usize][what as usize];
        *tally = tally.saturating_add(1);
        if 10_u32.pow(tally.ilog10()) == *tally {
            self.tell(from, what.letter());
        }
    }

    /// Adds a letter in the case of its sender's role.
    fn tell(&mut self, from: End, letter: u8) {
        self.write(if self.is_originator(from) { letter } else { letter.to_ascii_lowercase() });
    }

    fn write(&mut self, letter: u8) {
        if !self.letters.push(letter) {
            self.rare.get_or_insert_default().letters.push(letter);
        }
    }
}

/// The states.
impl Zeek {
    /// `TCPSessionAdapter::UpdateStateMachine`.
    fn change_state(&mut self, segment: &Segment, was_originator: bool) {
        let (fin, rst) = (segment.has(Flags::FIN), segment.has(Flags::RST));
        let bare_syn = segment.has(Flags::SYN) && !segment.has(Flags::ACK);
        let (sender, receiver) = self.pair(segment.from);
        match sender.state() {
            Inactive => self.leave_inactive(segment, was_originator),
            SynSent | SynAckSent => sender.end_with(fin, rst),
            Established | Partial => {
                let from_the_middle = sender.state() == Partial;
                if bare_syn && from_the_middle && receiver.state() == Inactive {
                    sender.enter(SynSent);
                }
                sender.end_with(fin && !rst, rst);
                if fin && !rst {
                    receiver.forgive_reset();
                }
            }
            // After both FINs a RST changes nothing.
            Closed => sender.end_with(false, rst && receiver.state() != Closed),
            Reset => {}
        }
    }

    /// `TCPSessionAdapter::UpdateInactiveState`.
    fn leave_inactive(&mut self, segment: &Segment, was_originator: bool) {
        let syn = segment.has(Flags::SYN);
        if syn && was_originator {
            let answers = segment.has(Flags::ACK);
            self.pair(segment.from).0.enter(if answers { SynAckSent } else { SynSent });
        } else if syn {
            self.answer(segment);
        }
        let (sender, _) = self.pair(segment.from);
        sender.end_with(segment.has(Flags::FIN), segment.has(Flags::RST));
        if !segment.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST) {
            self.join_midway(segment, was_originator);
        }
    }

    /// The responder's first SYN, mostly a SYN-ACK, opens the connection; nothing is asked of its ACK number.
    fn answer(&mut self, segment: &Segment) {
        let (_, receiver) = self.pair(segment.from);
        // Captured in the wrong order: the SYN-ACK, which made its sender the originator, and then the SYN. Zeek also
        // compares the SYN's number, but has just set what it compares with to that number.
        if receiver.state() == SynAckSent && !segment.has(Flags::ACK) {
            receiver.enter(Established);
            self.flip_roles();
            self.write(b'^');
        }
        let (sender, receiver) = self.pair(segment.from);
        if receiver.state() == SynSent {
            receiver.enter(Established);
        }
        sender.enter(Established);
    }

    /// An end's first segment is data or an ACK.
    fn join_midway(&mut self, segment: &Segment, was_originator: bool) {
        let originator = self.originator.unwrap_or(segment.from);
        let awaits_answer = self.ends[originator as usize].state() == SynSent;
        let (sender, receiver) = self.pair(segment.from);
        if !was_originator && segment.len == 0 && awaits_answer {
            // Some servers acknowledge a SYN before they answer it with their own.
        } else if segment.has(Flags::ACK) && receiver.state() == Established {
            // Just the SYN was missed.
            sender.enter(Established);
            self.is_partial = false;
        } else {
            sender.enter(Partial);
        }
    }
}

/// The payload.
impl Zeek {
    /// What the segment acknowledges, as a relative sequence number of the peer's.
    fn acknowledge(&mut self, segment: &Segment) -> u64 {
        let (_, receiver) = self.pair(segment.from);
        if receiver.state() == Inactive {
            receiver.assume(segment.ack);
            return 1;
        }
        receiver.note_ack(segment.ack, segment.has(Flags::RST))
    }

    /// An ACK that goes beyond the payload seen: what is missing will not come any more
    /// (`TCP_Reassembler::AckReceived`, `Undelivered`).
    fn skip_holes(&mut self, of: End, acked: u64) {
        let endpoint = &mut self.ends[of as usize];
        let acked = endpoint.payload_acked(acked);
        // A partial connection may begin with a keep-alive, one octet before what comes next.
        if acked <= endpoint.delivered() || acked <= 2 && self.is_partial {
            return;
        }
        let blocks = self.rare.as_mut().map(|rare| &mut rare.blocks[of as usize]);
        let holes = endpoint.skip_to(acked, blocks);
        if self.ends.iter().all(Endpoint::is_clean) {
            for _ in 0..holes {
                self.tell_scaled(of, Tally::Gap);
            }
        }
    }

    /// Payload of a segment that begins at the relative number `relative` (`TCP_Reassembler::DataSent`).
    fn deliver(&mut self, segment: &Segment, relative: i64) {
        // Before the beginning of the stream, as far as it is known.
        let Ok(first) = u64::try_from(relative) else { return };
        let endpoint = &mut self.ends[segment.from as usize];
        let first = first + u64::from(segment.has(Flags::SYN));
        let Some(news) = endpoint.news(first..first + u64::from(segment.len)) else { return };
        if news.start > endpoint.delivered() {
            self.rare.get_or_insert_default().blocks[segment.from as usize].insert(news);
        } else {
            endpoint.deliver_to(news.end);
        }
        let blocks = self.rare.as_mut().map(|rare| &mut rare.blocks[segment.from as usize]);
        endpoint.settle(blocks);
    }
}

/// Server ports in the set `likely_server_ports` that Zeek 7.2's default scripts make, of TCP.
const LIKELY_SERVER_PORTS: [u16; 44] = [
    21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 389, 443, 445, 502, 563, 585, 587, 614, 631, 636, 989, 990, 992,
    993, 995, 1080, 1883, 2811, 3128, 3268, 3389, 5222, 5223, 5269, 5432, 6666, 6667, 6668, 6669, 8000, 8080, 8888,
    20000,
];

/// Whether a stream that begins with this segment was opened by the other end (`TCPAnalyzer::WantConnection`).
fn looks_like_an_answer(segment: &Segment) -> bool {
    let is_server = |port| LIKELY_SERVER_PORTS.contains(&port);
    let (syn, ack) = (segment.has(Flags::SYN), segment.has(Flags::ACK));
    let (source, destination) = (segment.source_port, segment.destination_port);
    if syn && !ack || !is_server(source) {
        return false;
    }
    !is_server(destination) || !syn && source < destination
}
