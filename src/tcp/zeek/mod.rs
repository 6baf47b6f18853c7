//! Zeek's words for a connection: the columns `conn_state` and `history` of its `conn.log`.
//!
//! The rules are those of Zeek 7's sources in its default configuration; each is named by the file it is from, below
//! `src/packet_analysis/protocol/tcp` (`TCPSessionAdapter.cc`), `src/analyzer/protocol/tcp` (`TCP_Endpoint.h`,
//! `TCP_Endpoint.cc`, `TCP_Reassembler.cc`), `src` (`Conn.cc`, `Reassem.cc`) and `scripts/base/protocols/conn`
//! (`main.zeek`). Zeek checks no sequence number, acknowledgment number or window before it changes a state: a FIN or
//! RST counts for what it is, however absurd its number.
//!
//! What is described is one of Wireshark's streams, and that is not always one of Zeek's connections:
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
mod states;
#[cfg(test)]
mod tests;

use super::end::{End, PerEnd};
use super::segment::{Flags, Segment};
use endpoint::EndpointState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
use endpoint::{Marks, ZeekEnd};
use history::{Letters, Scaled};
use reassembler::Blocks;

/// Zeek's view of one connection.
#[derive(Clone, Debug, Default)]
pub struct Zeek {
    ends: PerEnd<ZeekEnd>,
    /// Only where there are any.
    troubles: Option<Box<Troubles>>,
    letters: Letters,
    /// What [`Once`] has been mentioned, of the originator and of the responder. It stays where it is when the ends
    /// change roles.
    seen: [u8; 2],
}

// Every connection of the capture has one.
const _: () = assert!(size_of::<Zeek>() <= 72);

/// What only some connections have: lost segments, a RST, and a history that is longer than usual.
#[derive(Clone, Debug, Default)]
struct Troubles {
    /// By the end: the relative numbers of its last SYN and RST (`hist_last_SYN`, `hist_last_RST`), each in the
    /// place of its [`Once`]; 0 as long as there is none.
    last_numbers: PerEnd<[i64; 2]>,
    /// How often each end had each trouble.
    tallies: PerEnd<[u32; Scaled::COUNT]>,
    /// Of each end: payload behind a hole.
    blocks: PerEnd<Blocks>,
    /// Bytes of payload that were acknowledged and never seen, of both ends.
    missed: u64,
    /// The letters that did not fit in [`Zeek::letters`].
    letters: Vec<u8>,
}

impl Zeek {
    /// Takes in the next segment of the stream, in the order of capture.
    ///
    /// The order of the steps is that of `TCPSessionAdapter::Process`, and much depends on it.
    pub fn see(&mut self, segment: &Segment) {
        if self.originator().is_none() {
            self.assign_roles(segment);
        }
        let from = segment.from;
        // Zeek goes on with the role that the sender had before this segment, even if the segment makes the ends change
        // theirs.
        let was_originator = self.is_originator(from);
        self.note_partial(segment, was_originator);
        self.ends[from].begin(segment);
        let relative = self.ends[from].relative_seq(segment.seq);
        self.add_flags(segment, relative);
        self.add_zero_window(segment);
        let acked = segment.has(Flags::ACK).then(|| self.acknowledge(segment));
        if self.ends[from].extend(segment) {
            self.add_scaled(from, Scaled::Retransmission);
        }
        self.change_state(segment, was_originator);
        // After the change of state: a RST that reveals a hole makes the connection one whose holes do not count.
        if let Some(acked) = acked {
            self.skip_holes(from.peer(), acked);
        }
        self.ends[from].marks.insert(Marks::HEARD);
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
        let originator = self.originator().unwrap_or(End::A);
        let (orig, resp) = (&self.ends[originator], &self.ends[originator.peer()]);
        let unopened = |end: &ZeekEnd| matches!(end.state(), Inactive | Partial);
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

    /// Bytes of payload that an end sent, as its sequence numbers say (`TCP_Endpoint::Size`; the columns `orig_bytes` and
    /// `resp_bytes`): those of gaps too, and none twice.
    pub fn bytes(&self, end: End) -> u64 {
        let (own, peer) = self.ends.pair(end);
        if own.met_half_open(peer) { 0 } else { own.size() }
    }

    /// Bytes of payload that were acknowledged and never seen, of both ends (the column `missed_bytes`).
    pub fn missed_bytes(&self) -> u64 {
        self.troubles.as_ref().map_or(0, |troubles| troubles.missed)
    }

    fn all_letters(&self) -> impl Iterator<Item = u8> {
        let more = self.troubles.iter().flat_map(|troubles| &troubles.letters);
        self.letters.as_bytes().iter().chain(more).copied()
    }

    /// The pattern that `main.zeek` asks of the history for RSTOS0: the originator's RST comes after its SYN and before
    /// anything else it could have sent.
    fn shows_syn_then_rst(&self) -> bool {
        let mut letters = self.all_letters().skip_while(|&letter| letter == b'^');
        letters.next() == Some(b'S') && letters.find(|letter| b"HAFGIQR".contains(letter)) == Some(b'R')
    }

    fn is_originator(&self, end: End) -> bool {
        self.ends[end].marks.contains(Marks::ORIGINATOR)
    }

    /// The end that Zeek takes for the originator now; `None` before the first segment.
    fn originator(&self) -> Option<End> {
        [End::A, End::B].into_iter().find(|&end| self.is_originator(end))
    }

    /// Zeek's `is_partial`: the beginning was not seen.
    fn is_partial(&self) -> bool {
        self.ends.iter().any(|end| end.marks.contains(Marks::PARTIAL))
    }

    fn forget_partial(&mut self) {
        for end in self.ends.iter_mut() {
            end.marks.remove(Marks::PARTIAL);
        }
    }

    /// The first segment's sender is the originator, unless it looks like a server (`TCPAnalyzer::WantConnection`).
    fn assign_roles(&mut self, segment: &Segment) {
        let flipped = looks_like_an_answer(segment);
        let originator = if flipped { segment.from.peer() } else { segment.from };
        self.ends[originator].marks.insert(Marks::ORIGINATOR);
        if flipped {
            self.write(b'^');
        }
    }

    /// `TCPSessionAdapter::FlipRoles`, and what both of its callers do besides.
    fn flip_roles(&mut self) {
        self.forget_partial();
        for end in self.ends.iter_mut() {
            end.marks.toggle(Marks::ORIGINATOR);
            end.marks.insert(Marks::HEARD);
        }
    }

    /// `TCPSessionAdapter::SetPartialStatus`: whether both ends' first segments have SYN.
    fn note_partial(&mut self, segment: &Segment, is_originator: bool) {
        if self.ends[segment.from].marks.contains(Marks::HEARD) {
            return;
        }
        let mut partial = !segment.has(Flags::SYN);
        if is_originator {
            // What the responder's first segment has said counts no longer.
            self.forget_partial();
            partial |= segment.has(Flags::ACK);
        }
        self.ends[segment.from].marks.set(Marks::PARTIAL, partial);
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
