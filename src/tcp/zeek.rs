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

use super::segment::{End, Flags, Segment};
use endpoint::Endpoint;
use endpoint::EndpointState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
use history::{Letters, Once, Tally};
use reassembler::Blocks;

/// Zeek's view of one connection.
#[derive(Clone, Debug, Default)]
pub struct Zeek {
    ends: [Endpoint; 2],
    /// What only some connections need: lost segments, and a history that is longer than usual.
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

// A million connections are to fit in a hundred megabytes.
const _: () = assert!(size_of::<Zeek>() <= 104);

#[derive(Clone, Debug, Default)]
struct Rare {
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
        if segment.has(Flags::FIN) {
            self.ends[from as usize].note_fin(relative, segment);
        }
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
    /// `relative` is its relative sequence number; what tells a FIN from another is where it ends.
    fn tell_flags(&mut self, segment: &Segment, relative: i64) {
        let from = segment.from;
        let control = segment.flags & (Flags::SYN | Flags::FIN | Flags::RST);
        if control == Flags::SYN {
            let letter = if segment.has(Flags::ACK) { b'H' } else { b'S' };
            self.tell_each(from, Once::Syn, letter, relative);
        } else if control == Flags::FIN {
            self.tell_each(from, Once::Fin, b'F', relative + i64::from(segment.len));
        } else if control == Flags::RST {
            self.tell_each(from, Once::Rst, b'R', relative);
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
    fn tell_each(&mut self, from: End, what: Once, letter: u8, number: i64) {
        let again = self.tell_once(from, what, letter);
        if self.ends[from as usize].replace_last(what, number) && again {
            self.tell(from, letter);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing::{any_segments, segment};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Reads segments like `B SA 5000 1001 +10 w0`, with commas between them: sender and flags, sequence number,
    /// acknowledgment number, payload, window. `HS` is a handshake. B's port is 80, or with `unlikely` in front 7100.
    fn read(text: &str) -> Vec<Segment> {
        let (text, port) = text.strip_prefix("unlikely ").map_or((text, 80), |text| (text, 7100));
        let text = text.replace("HS", "A S 1000, B SA 5000 1001, A A 1001 5001");
        text.split(", ").map(|one| read_one(one, port)).collect()
    }

    fn read_one(text: &str, port: u16) -> Segment {
        let words: Vec<&str> = text.split_whitespace().collect();
        let from = if words[0] == "A" { End::A } else { End::B };
        let flags = words[1].chars().map(|letter| match letter {
            'S' => Flags::SYN,
            'A' => Flags::ACK,
            'F' => Flags::FIN,
            'R' => Flags::RST,
            _ => Flags::empty(),
        });
        let mut numbers = words.iter().filter_map(|word| word.parse().ok().filter(|_| !word.starts_with('+')));
        let mut next_number = || numbers.next().unwrap_or(0);
        let with = |sign| words.iter().find_map(|word| word.strip_prefix(sign)?.parse().ok());
        let one = segment(from, flags.collect(), next_number(), next_number(), with('+').unwrap_or(0));
        let ports = if from == End::A { (50000, port) } else { (port, 50000) };
        let window = with('w').map_or(64240, |window| window as u16);
        Segment { source_port: ports.0, destination_port: ports.1, window, ..one }
    }

    fn seen(segments: &[Segment]) -> Zeek {
        let mut zeek = Zeek::default();
        segments.iter().for_each(|segment| zeek.see(segment));
        zeek
    }

    /// Compares each row's segments with the history and the state that belong to them.
    #[track_caller]
    fn check(rows: &[(&str, &str)]) {
        for (text, expected) in rows {
            let zeek = seen(&read(text));
            assert_eq!(format!("{} {}", zeek.history(), zeek.conn_state()), *expected, "{text}");
        }
    }

    #[test]
    fn nothing_yet() {
        assert_eq!((Zeek::default().history().as_str(), Zeek::default().conn_state()), ("", "OTH"));
    }

    #[test]
    fn each_state() {
        check(&[
            ("A S 1000", "S S0"),
            ("HS", "ShA S1"),
            ("HS, A FA 1001 5001, B FA 5001 1002, A A 1002 5002", "ShAFf SF"),
            ("A S 1000, B RA 0 1001", "Sr REJ"),
            ("HS, A FA 1001 5001, B A 5001 1002", "ShAFa S2"),
            ("HS, B FA 5001 1001, A A 1001 5002", "ShAf S3"),
            ("HS, A A 1001 5001 +10, A RA 1011 5001", "ShADR RSTO"),
            ("HS, A A 1001 5001 +10, B RA 5001 1011", "ShADr RSTR"),
            ("A S 1000, A R 1001", "SR RSTOS0"),
            ("B SA 5000 1001, B R 5001", "^hr RSTRH"),
            ("A S 1000, A F 1001", "SF SH"),
            ("B SA 5000 1001, B FA 5001 1001", "^hf SHR"),
            ("A A 1001 5001 +10, B A 5001 1011 +10", "Dd OTH"),
        ]);
    }

    /// `conn_state` of `main.zeek` as a table: originator's state by row, responder's by column.
    #[test]
    fn each_pair_of_states() {
        let states = [Inactive, SynSent, SynAckSent, Partial, Established, Closed, Reset];
        let table = [
            "OTH OTH OTH OTH OTH SHR RSTRH",
            "S0 OTH OTH OTH OTH S3 REJ",
            "OTH OTH OTH OTH OTH S3 REJ",
            "OTH OTH OTH OTH OTH SHR RSTRH",
            "OTH OTH OTH OTH S1 S3 RSTR",
            "SH S2 S2 SH S2 SF RSTR",
            "OTH RSTO RSTO OTH RSTO RSTO REJ",
        ];
        for (row, orig) in table.iter().zip(states) {
            for (expected, resp) in row.split_whitespace().zip(states) {
                let mut zeek = Zeek { originator: Some(End::B), ..Zeek::default() };
                zeek.ends[End::B as usize].enter(orig);
                zeek.ends[End::A as usize].enter(resp);
                assert_eq!(zeek.conn_state(), expected, "{orig:?} {resp:?}");
            }
        }
    }

    /// What Zeek's own tests expect, as far as their traces can be told from the expectation.
    #[test]
    fn the_baselines_of_zeek() {
        // core/tcp/tcp-dups.zeek: every segment comes twice.
        let mut segments = read("HS, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9");
        segments.extend((1..10).map(|i| segment(End::A, Flags::ACK, 1001 + 9 * i, 5010, 9)));
        segments.extend((1..10).map(|i| segment(End::B, Flags::ACK, 5001 + 9 * i, 1091, 9)));
        segments.extend(read("A FA 1091 5091, B FA 5091 1092, A A 1092 5092"));
        let twice: Vec<Segment> = segments.iter().flat_map(|&segment| [segment; 2]).collect();
        assert_eq!(seen(&twice).history(), "ShADTadtTtFf");
        check(&[
            // scripts/base/protocols/conn/conn_state-RST-behavior.zeek
            ("A R 1000", "R OTH"),
            ("A S 1000, A R 1001", "SR RSTOS0"),
            ("A S 1000, B A 7 77, A R 77", "SaR RSTOS0"),
            ("A S 1000, B A 5000 1001, A F 1001, A R 1002", "SaFR OTH"),
            // core/tcp/missing-syn.zeek
            (
                "B SA 5000 1001, A A 1001 5001, A A 1001 5001 +10, B A 5001 1011 +9, B FA 5010 1011, A A 1011 5011, \
                 A FA 1011 5011",
                "^hADdfF SF",
            ),
            // core/connection_flipped.zeek
            ("unlikely B SA 5000 1001", "H OTH"),
            ("unlikely B SA 5000 1001, A S 1000", "Hs^ S1"),
            (
                "unlikely B SA 5000 1001, A S 1000, A A 1001 5001, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9, \
                 A FA 1010 5010, B FA 5010 1011",
                "Hs^ADadFf SF",
            ),
            // core/tcp/rxmit-history.zeek
            ("A A 1001 5001 +10, B A 5001 1011 +10, A A 1011 5011", "DdA OTH"),
            ("B SA 5000 1001", "^h OTH"),
            // core/tcp/rst-after-syn.zeek
            ("A S 1000, B RA 7 1001, B SA 5000 1001, A A 1001 5001, A A 1001 5001 +175", "SrhAD REJ"),
            // core/tcp/miss-end-data.zeek
            ("HS, A A 1001 5001 +9, B A 5001 1010, B FA 7903 1010, A A 1010 7904, A FA 1010 7904", "ShADafgF SF"),
            // core/conn-size-flip.zeek, one-sided
            ("unlikely B SA 5000 1001, B A 5001 1001, B FA 5001 1001", "^haf SHR"),
            // core/tcp/fin-rst-timeout.zeek
            (
                "HS, A A 1001 5001 +9, B A 5001 1010, B A 5001 1010 +9, B A 5001 1010 +9, A FA 1010 5010, \
                 A R 1011, B FA 5010 1011, B R 5011",
                "ShADadtFRfr SF",
            ),
        ]);
    }

    #[test]
    fn whole_connections() {
        check(&[
            (
                "HS, A A 1001 5001 +100, B A 5001 1101, B A 5001 1101 +200, A A 1101 5201, A FA 1101 5201, \
                 B FA 5201 1102, A A 1102 5202",
                "ShADadFf SF",
            ),
            ("HS, A A 1001 5001 +10, B A 5001 1011, B R 5001, A R 1011", "ShADarR RSTR"),
            ("HS, B R 5001, A R 1001", "ShArR REJ"),
            ("HS, A FA 1001 5001, A R 1002", "ShAFR RSTO"),
            ("HS, A FA 1001 5001, B RA 5001 1002", "ShAFr RSTR"),
            ("HS, A FA 1001 5001, B FA 5001 1002, A R 1002", "ShAFfR SF"),
            ("HS, A FA 1001 5001, A R 1002, B FA 5001 1002, B R 5002", "ShAFRfr SF"),
            ("A S 1000, A A 1001 5001, A A 1001 5001 +10, A FA 1011 5001", "SADF SH"),
            ("A S 1000, B A 5001 1001 +20", "Sd OTH"),
            // Some servers acknowledge the SYN first.
            ("A S 1000, B A 5000 1001, B SA 5000 1001, A A 1001 5001", "SahA S1"),
            // One stream of Wireshark's; two connections of Zeek's.
            ("A S 1000, B S 5000, A SA 1000 5001, B SA 5000 1001, A A 1001 5001 +5", "SsD S1"),
        ]);
    }

    #[test]
    fn connections_without_a_beginning() {
        check(&[
            ("A F 1000", "F SH"),
            ("B FA 5000 1000", "^f SHR"),
            ("unlikely B FA 5000 1000", "F SH"),
            ("B R 5000", "^r RSTRH"),
            ("B SA 5000 1001, A R 1001", "^hR RSTO"),
            ("unlikely B SA 5000 1001, A R 1001", "Hr REJ"),
            ("unlikely B SA 5000 1001, B R 5001", "HR OTH"),
            ("B SA 5000 1001, A A 1001 5001", "^hA S1"),
            ("A A 1001 5001 +10, A S 1000", "DS S0"),
            ("B A 5001 1011 +10, A A 1011 5011", "^dA OTH"),
            ("unlikely B A 5001 1011 +10, A A 1011 5011", "Da OTH"),
            ("A .. 1000", " OTH"),
            ("A .. 1000, A . 1000 +5", "D OTH"),
        ]);
    }

    #[test]
    fn turned_round_by_the_second_segment() {
        let rest = "A A 1001 5001, A A 1001 5001 +10, B A 5001 1011 +20, A FA 1011 5021, B FA 5021 1012";
        check(&[
            (&format!("B SA 5000 1001, {rest}"), "^hADdFf SF"),
            (&format!("unlikely B SA 5000 1001, {rest}"), "^hADdFf SF"),
            ("unlikely B SA 5000 1001, A A 1001 5001", "^hA OTH"),
            ("unlikely B SA 5000 1001, B A 5001 1001 +50", "^hd OTH"),
            ("unlikely B SA 5000 1001, A A 1001 5001, B SA 5000 1001", "^hAh OTH"),
            ("unlikely B SA 5000 1001 w0, A A 1001 5001", "HWa OTH"),
            ("unlikely B SA 5000 1001, A S 1000, B SA 5000 1001", "Hs^ S1"),
        ]);
        // Both ports are a server's: a SYN-ACK tells who is who only with what follows, other segments by the ports.
        let both = |text: &str| {
            let swap = |s: &Segment| Segment { source_port: s.source_port.min(6669), ..*s };
            let swap = |s: &Segment| Segment { destination_port: s.destination_port.min(6669), ..swap(s) };
            seen(&read(text).iter().map(swap).collect::<Vec<_>>()).history()
        };
        assert_eq!(both("B SA 5000 1001"), "H");
        assert_eq!(both(&format!("B SA 5000 1001, {rest}")), "^hADdFf");
        assert_eq!((both("B A 5000 1001"), both("A A 1001 5000")), ("^a".into(), "A".into()));
    }

    #[test]
    fn flags_that_no_tcp_combines() {
        check(&[
            ("A SF 1000", "Q SH"),
            ("A SR 1000", "Q OTH"),
            ("A SFR 1000", "I OTH"),
            ("HS, A FRA 1001 5001", "ShAI RSTO"),
            ("HS, A FRA 1001 5001, A FRA 1009 5001, B SFR 5001, B SF 5001, B SR 5001", "ShAIiq REJ"),
        ]);
    }

    #[test]
    fn control_letters_again_only_with_another_number() {
        check(&[
            ("A S 1000, A S 1000", "S S0"),
            ("A S 1000, A S 1500", "S S0"),
            ("A S 1000, B SA 5000 1001, B SA 5000 1001, A A 1001 5001", "ShA S1"),
            ("HS, A FA 1001 5001, A S 1000", "ShAF S2"),
            ("HS, A FA 1001 5001, A S 1003", "ShAFS S2"),
            ("HS, A FA 1001 5001, A FA 1001 5001", "ShAF S2"),
            ("HS, A FA 1001 5001 +10, A FA 1011 5001", "ShAF S2"),
            ("HS, A FA 1001 5001, A FA 1001 5001 +10", "ShAFF S2"),
            ("HS, A R 1001, A R 1051, A R 1051", "ShARR RSTO"),
            ("HS, A R 1001, A R 1051, A R 1001", "ShARRR RSTO"),
            // A late copy of the SYN: Zeek takes it for another once the numbers have wrapped.
            ("A S 4294967000, B SA 5000 4294967001, A A 4294967001 5001 +99, A S 4294967000", "ShD S1"),
            ("A S 4294967000, B SA 5000 4294967001, A A 4294967001 5001 +999, A S 4294967000", "ShDS S1"),
        ]);
    }

    #[test]
    fn retransmissions() {
        check(&[
            ("HS, A A 1001 5001 +10, A A 1001 5001 +10, B A 5001 1011", "ShADTa S1"),
            // Out of order.
            ("HS, A A 1011 5001 +10, A A 1001 5001 +10, B A 5001 1021", "ShADTa S1"),
            // One octet more is no retransmission; an octet before is.
            ("HS, A A 1001 5001 +10, A A 1001 5001 +11", "ShAD S1"),
            ("HS, A A 1001 5001 +10, A A 1010 5001 +1", "ShADT S1"),
            ("A S 1000 +20, B SA 5000 1021, A A 1021 5001", "SThA S1"),
            ("HS, A A 1001 5001 +10, A RA 1011 5001 +30", "ShADRT RSTO"),
            ("HS, A FA 1001 5001, A A 1001 5001 +1", "ShAFDT S2"),
            ("A A 1001 5001 +10, A A 1001 5001 +10", "DT OTH"),
        ]);
    }

    #[test]
    fn zero_windows() {
        check(&[
            ("HS, B A 5001 1001 w0, B A 5001 1001", "ShAaw S1"),
            ("A S 1000 w0, B SA 5000 1001", "SWh S1"),
            ("HS, B RA 5001 1001 w0", "ShAr RSTR"),
            // After the peer's FIN no window matters, after the own it does.
            ("HS, A FA 1001 5001, B A 5001 1002 w0", "ShAFa S2"),
            ("HS, A FA 1001 5001, A A 1002 5001 w0", "ShAFW S2"),
        ]);
    }

    #[test]
    fn holes() {
        check(&[
            ("HS, A A 1001 5001 +10, A A 1021 5001 +10, B A 5001 1031", "ShADaG S1"),
            ("HS, A A 1001 5001 +10, A A 1021 5001 +10, B A 5001 1031, A A 1011 5001 +10", "ShADaGT S1"),
            ("HS, A A 1011 5001 +10, A A 1031 5001 +10, B A 5001 1041", "ShADaG S1"),
            ("HS, A A 1011 5001 +10, B FA 5001 1021", "ShADfG S3"),
            ("HS, A A 1011 5001 +10, B RA 5001 1021", "ShADr RSTR"),
            ("HS, A A 1001 5001 +10, B A 5001 1011", "ShADa S1"),
            // The octet may be a FIN that was not seen.
            ("HS, A A 1001 5001 +10, B A 5001 1012", "ShADaG S1"),
            ("HS, A A 1001 5001 +10, A FA 1011 5001, B A 5001 1012", "ShADFa S2"),
            // Nobody acknowledged it, or the beginning was not seen.
            ("HS, A A 1011 5001 +10, A FA 1021 5001, B FA 5001 1001", "ShADFf SF"),
            ("A A 1001 5001 +10, B A 5001 1011, A A 1031 5001 +10, B A 5001 1041", "Da OTH"),
            // A SYN with another number inside an open connection begins anew.
            ("HS, B A 5001 1001 +10, B SA 99 1001, A A 1001 7000", "ShAdg S1"),
        ]);
    }

    #[test]
    fn one_direction_only_is_no_reason_for_holes() {
        let far = "HS, A A 1011 5001 +10, A A 19000 5001 +10, B A 5001 19010";
        check(&[(far, "ShADa S1"), (&far.replace("19", "16"), "ShADaG S1")]);
    }

    #[test]
    fn too_much_is_given_up() {
        let mut zeek = seen(&read("HS, A A 1001 5001 +10, B A 5001 1011"));
        let block = |i: u32, len| segment(End::A, Flags::ACK, 2000 + 2 * i, 5001, len);
        (0..10_000).for_each(|i| zeek.see(&block(i, 1)));
        assert!(zeek.ends[End::A as usize].delivered() > 1 << 39, "nothing is waited for");
        zeek.see(&segment(End::B, Flags::ACK, 5001, 9000, 0));
        assert_eq!(zeek.history(), "ShADa");

        let mut zeek = seen(&read("HS, A A 1001 5001 +10, B A 5001 1011"));
        (1..200).for_each(|i| zeek.see(&segment(End::A, Flags::ACK, 1011 + i * 60_000, 5001, 60_000)));
        zeek.see(&segment(End::B, Flags::ACK, 5001, 1011 + 200 * 60_000, 0));
        assert_eq!(zeek.history(), "ShADa");
    }

    #[test]
    fn ever_less_often() {
        let expected = [(1, "T"), (9, "T"), (10, "TT"), (99, "TT"), (100, "TTT"), (1000, "TTTT")];
        for (count, letters) in expected {
            let again = |text: &str| seen(&read(&format!("HS, A A 1001 5001 +10{}", text.repeat(count)))).history();
            assert_eq!(again(", A A 1001 5001 +10"), format!("ShAD{letters}"));
            assert_eq!(again(", A A 1011 5001 w0"), format!("ShAD{}", letters.replace('T', "W")));
            let holes =
                (0..count).map(|i| format!(", A A {0} 5001 +1, B A 5001 {0}", 1012 + 2 * i)).collect::<String>();
            let expected = letters.replacen('T', "aG", 1).replace('T', "G");
            assert_eq!(seen(&read(&format!("HS, A A 1001 5001 +10{holes}"))).history(), format!("ShAD{expected}"));
        }
    }

    #[test]
    fn beyond_four_gigabytes() {
        let (len, start) = (1 << 20, 0xf000_0001_u32);
        let mut zeek = seen(&[
            segment(End::A, Flags::SYN, start - 1, 0, 0),
            segment(End::B, Flags::SYN | Flags::ACK, 5000, start, 0),
            segment(End::A, Flags::ACK, start, 5001, 0),
        ]);
        for i in 0..9000_u32 {
            let seq = start.wrapping_add(i.wrapping_mul(len));
            if i != 8000 {
                zeek.see(&segment(End::A, Flags::ACK, seq, 5001, len));
            }
            zeek.see(&segment(End::B, Flags::ACK, 5001, seq.wrapping_add(len), 0));
        }
        let end = start.wrapping_add(len.wrapping_mul(9000));
        zeek.see(&segment(End::A, Flags::ACK | Flags::FIN, end, 5001, 0));
        zeek.see(&segment(End::B, Flags::ACK | Flags::FIN, 5001, end.wrapping_add(1), 0));
        assert_eq!((zeek.history().as_str(), zeek.conn_state()), ("ShADaGFf", "SF"));
        assert_eq!(zeek.ends[End::A as usize].size(), 9000 * u64::from(len));
    }

    /// The letters of an event that happens `count` times: the 1st, 10th, 100th.
    fn scaled(count: usize) -> usize {
        (1..=count).filter(|n| [1, 10, 100, 1000].contains(n)).count()
    }

    const WORDS: [&str; 13] =
        ["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"];

    /// Data, or else an ACK; where; and how much data.
    fn steps() -> impl Strategy<Value = Vec<(bool, u32, u32)>> {
        prop::collection::vec((any::<bool>(), 0u32..60, 1u32..9), 1..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn any_segments_in_any_order_are_taken(segments in any_segments()) {
            let (mut zeek, mut before) = (Zeek::default(), String::new());
            for segment in &segments {
                zeek.see(segment);
                let history = zeek.history();
                let turned = before == "H" && history.starts_with("^h");
                prop_assert!(history.starts_with(&before) || turned, "{before} became {history}");
                prop_assert!(WORDS.contains(&zeek.conn_state()));
                before = history;
            }
            for letter in "ADIQadiq".chars() {
                prop_assert!(before.matches(letter).count() <= 1, "{letter} in {before}");
            }
            prop_assert!(before.chars().all(|letter| "SHADFRIQTWGshadfriqtwg^".contains(letter)));
            prop_assert!(before.matches('^').count() <= 1);
        }

        /// The rule for the beginning, read over the first two segments as they are.
        #[test]
        fn the_first_letter_tells_the_first_segment(segments in any_segments()) {
            let first = &segments[0];
            let syn = first.flags & (Flags::SYN | Flags::ACK) == Flags::SYN;
            let by_port = first.from == End::B && !syn;
            let history = seen(&segments[..1]).history();
            prop_assert_eq!(history.starts_with('^'), by_port);
            let told = history.chars().find(|letter| *letter != '^');
            let expected = match (first.has(Flags::SYN), first.has(Flags::FIN), first.has(Flags::RST)) {
                (_, true, true) => Some('I'),
                (true, true, _) | (true, _, true) => Some('Q'),
                (true, ..) => Some(if first.has(Flags::ACK) { 'H' } else { 'S' }),
                (_, true, _) => Some('F'),
                (.., true) => Some('R'),
                _ if first.len > 0 => Some('D'),
                _ if first.has(Flags::ACK) => Some('A'),
                _ if first.window == 0 => Some('W'),
                _ => None,
            };
            prop_assert_eq!(told, expected.map(|letter| if by_port { letter.to_ascii_lowercase() } else { letter }));
        }

        /// Retransmissions and holes, read octet by octet.
        #[test]
        fn payload_octet_by_octet(start: u32, steps in steps()) {
            let mut zeek = seen(&[
                segment(End::A, Flags::SYN, start.wrapping_sub(1), 0, 0),
                segment(End::B, Flags::SYN | Flags::ACK, 5000, start, 0),
                segment(End::A, Flags::ACK, start, 5001, 0),
            ]);
            let mut octets = BTreeSet::new();
            let (mut end, mut acked, mut retransmissions, mut holes) = (0, 0, 0, 0);
            for (is_data, at, len) in steps {
                if is_data {
                    retransmissions += usize::from(at + len <= end);
                    end = end.max(at + len);
                    octets.extend(at..at + len);
                    zeek.see(&segment(End::A, Flags::ACK, start.wrapping_add(at), 5001, len));
                } else {
                    let is_hole = |octet: &u32| !octets.contains(octet);
                    let begins = |octet: &u32| *octet == acked || !is_hole(&(octet - 1));
                    holes += (acked..at).filter(|octet| is_hole(octet) && begins(octet)).count();
                    octets.extend(acked..at);
                    acked = acked.max(at);
                    zeek.see(&segment(End::B, Flags::ACK, 5001, start.wrapping_add(at), 0));
                }
            }
            let history = zeek.history();
            prop_assert_eq!(history.matches('T').count(), scaled(retransmissions), "{}", &history);
            prop_assert_eq!(history.matches('G').count(), scaled(holes), "{}", &history);
            prop_assert_eq!(zeek.conn_state(), "S1");
        }
    }
}
