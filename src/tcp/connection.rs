//! One connection, from its first captured segment to its last: the state machine that turns segments into verdicts.
//!
//! The rules are spread over the files by what they are about: [`opening`](super::opening), [`closing`](super::closing),
//! [`reset`](super::reset). Here is what holds them together: who is who, which phase, and the order of the questions.

use super::closing::Closing;
use super::completeness::{Completeness, Count, Unmatched};
use super::crosscheck::{CrossCheck, Reason, Rule, Sighting};
use super::endpoint::{Endpoint, Progress};
use super::number::{FrameNumber, SeqNumber};
use super::opening::Opening;
use super::segment::{Analysis, End, Flags, Segment};
use super::verdict::{Phase, Side, State, Step, Verdict};
use super::zeek::Zeek;

/// What is known of one connection.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) ends: [Endpoint; 2],
    /// The end that is the client, once anything was seen.
    pub(super) client: Option<End>,
    /// Whether `client` is a guess by the ports.
    pub(super) client_assumed: bool,
    pub(super) phase: Phase,
    pub(super) opening: Opening,
    pub(super) closing: Closing,
    /// Whether all that was seen so far are segments with impossible flags.
    pub(super) probed: bool,
    count: Count,
    cross_check: CrossCheck,
    zeek: Zeek,
    rare: Option<Box<Rare>>,
}

// Every connection of the capture has one; with the pointer that is kept beside it, it takes 256 bytes.
const _: () = assert!(size_of::<Connection>() <= 248);

/// What only some connections need, or only for as long as they open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rare {
    unmatched: Unmatched,
    /// By its sender: the number of a later SYN-ACK with another one, while it is open which of them counts.
    pub other_isns: [Option<SeqNumber>; 2],
    /// Bytes of payload that the SYN brought along.
    pub syn_payload: u32,
    /// The first ICMP error that answered a SYN.
    pub unreachable: Option<FrameNumber>,
}

impl Connection {
    /// A connection of which nothing has been seen, in a Wireshark that counts by `rule`.
    pub fn new(rule: Rule) -> Connection {
        Connection {
            ends: [Endpoint::default(); 2],
            client: None,
            client_assumed: false,
            phase: Phase::Opening,
            opening: Opening::default(),
            closing: Closing::default(),
            probed: false,
            count: Count::default(),
            cross_check: CrossCheck::new(rule),
            zeek: Zeek::default(),
            rare: None,
        }
    }

    /// Takes in the next segment and says what it is. `sighting` is the same segment as Wireshark counts it.
    pub fn see(&mut self, segment: &Segment, sighting: &Sighting) -> Verdict {
        let parts = self.count.add(segment, || &mut self.rare.get_or_insert_default().unmatched);
        if parts.contains(Completeness::ACK) {
            self.drop_unmatched();
        }
        self.cross_check.follow(sighting, parts);
        self.zeek.see(segment);
        self.assign_roles(segment);
        let (phase, step, reset_acceptable) = self.judge(segment);
        Verdict {
            phase,
            step,
            sender: self.side(segment.from),
            sender_assumed: self.client_assumed,
            client: self.state(Side::Client),
            server: self.state(Side::Server),
            reset_acceptable,
            so_far: self.count.seen(),
        }
    }

    fn drop_unmatched(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.unmatched = Unmatched::default();
        }
        self.rare.take_if(|rare| **rare == Rare::default());
    }

    /// Takes in a header that Wireshark counts for this stream although it is no segment of it.
    pub fn overhear(&mut self, sighting: &Sighting) {
        self.cross_check.follow(sighting, Completeness::empty());
    }

    /// The parts seen so far.
    pub fn completeness(&self) -> Completeness {
        self.count.seen()
    }

    /// A named reason for each bit in which Wireshark's value differs from ours.
    pub fn differences(&self, wiresharks: Completeness) -> Vec<Reason> {
        self.cross_check.compare(self.count.seen(), wiresharks)
    }

    /// The connection as Zeek sees it.
    pub fn zeek(&self) -> &Zeek {
        &self.zeek
    }

    /// How the connection was opened.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// How it was closed.
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    /// The frame of the first ICMP error that answered a SYN.
    pub fn unreachable_frame(&self) -> Option<FrameNumber> {
        self.rare.as_ref()?.unreachable
    }

    /// Bytes of payload that the SYN brought along.
    pub fn syn_payload(&self) -> u32 {
        self.rare.as_ref().map_or(0, |rare| rare.syn_payload)
    }

    /// What only some connections need: made if it was not needed before.
    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The number of an end's later SYN-ACK, if that is another than its first's.
    pub(super) fn other_isn(&self, of: End) -> Option<SeqNumber> {
        self.rare.as_ref()?.other_isns[of as usize]
    }

    /// An end by itself, whichever side it is on.
    pub fn endpoint(&self, end: End) -> &Endpoint {
        &self.ends[end as usize]
    }

    /// One side's end.
    pub fn end(&self, side: Side) -> &Endpoint {
        &self.ends[self.end_of(side) as usize]
    }

    fn state(&self, side: Side) -> State {
        self.end(side).state(self.end(side.peer()))
    }

    /// Which side an end is on. Before anything was seen, A passes for the client.
    pub(super) fn side(&self, end: End) -> Side {
        if self.client.unwrap_or(End::A) == end { Side::Client } else { Side::Server }
    }

    /// Which end a side is.
    pub fn end_of(&self, side: Side) -> End {
        let client = self.client.unwrap_or(End::A);
        if side == Side::Client { client } else { client.peer() }
    }

    /// The sender's end and the receiver's.
    pub(super) fn pair(&mut self, from: End) -> (&mut Endpoint, &mut Endpoint) {
        let [a, b] = &mut self.ends;
        match from {
            End::A => (a, b),
            End::B => (b, a),
        }
    }

    /// A SYN comes from the client, a SYN-ACK goes to it; without either, the lower port is taken as the server's.
    fn assign_roles(&mut self, segment: &Segment) {
        if self.client.is_some() && !self.client_assumed {
            return;
        }
        let shown = if segment.flags.are_impossible() {
            None
        } else if segment.is_syn() {
            Some(segment.from)
        } else if segment.is_syn_ack() {
            Some(segment.from.peer())
        } else {
            None
        };
        if shown.is_some() {
            self.client = shown;
            self.client_assumed = false;
        } else if self.client.is_none() {
            let from_server = segment.source_port < segment.destination_port;
            self.client = Some(if from_server { segment.from.peer() } else { segment.from });
            self.client_assumed = true;
        }
    }

    /// The order of the questions: what no TCP sends; RST; SYN; then what an ACK, a FIN and payload mean.
    fn judge(&mut self, segment: &Segment) -> (Phase, Step, Option<bool>) {
        if segment.flags.are_impossible() {
            self.probed |= self.ends.iter().all(|end| end.progress == Progress::Unseen);
            return (self.phase, Step::ImpossibleFlags, None);
        }
        if segment.has(Flags::RST) {
            return self.reset(segment);
        }
        self.probed = false;
        if segment.has(Flags::SYN) {
            let (phase, step) = if segment.has(Flags::ACK) { self.syn_ack(segment) } else { self.syn(segment) };
            self.pair(segment.from).0.note_sent(segment);
            return (phase, step, None);
        }
        let (phase, step) = self.acknowledge(segment);
        (phase, step, None)
    }

    /// A segment with ACK and without SYN and RST: it may complete the handshake, close, carry data, or just acknowledge.
    fn acknowledge(&mut self, segment: &Segment) -> (Phase, Step) {
        let sender = self.pair(segment.from).0;
        let owes_challenge = std::mem::take(&mut sender.owes_challenge) && sender.acked == Some(segment.ack);
        if self.phase == Phase::Opening {
            if let Some(step) = self.complete_handshake(segment) {
                return (Phase::Opening, step);
            }
        }
        if let Some((phase, step)) = self.close(segment) {
            return (phase, step);
        }
        let step = match self.phase {
            _ if owes_challenge && segment.is_pure_ack() => Step::ChallengeAck,
            Phase::Closed => Step::AfterClose,
            _ => self.flow(segment),
        };
        self.pair(segment.from).0.note_sent(segment);
        (self.phase, step)
    }

    /// What a segment does that neither opens nor closes, where Wireshark has worked it out by Wireshark's answer.
    pub(super) fn flow(&mut self, segment: &Segment) -> Step {
        const FOUND: [(Analysis, Step); 5] = [
            (Analysis::KEEP_ALIVE, Step::KeepAlive),
            (Analysis::KEEP_ALIVE_ACK, Step::KeepAliveAck),
            (Analysis::ZERO_WINDOW_PROBE, Step::ZeroWindowProbe),
            (Analysis::ZERO_WINDOW_PROBE_ACK, Step::ZeroWindowProbeAck),
            (Analysis::WINDOW_UPDATE, Step::WindowUpdate),
        ];
        if let Some(&(_, step)) = FOUND.iter().find(|(found, _)| segment.analysis.contains(*found)) {
            return step;
        }
        if segment.len == 0 {
            let again = segment.analysis.contains(Analysis::DUPLICATE_ACK);
            return if again { Step::DuplicateAck } else { Step::Ack };
        }
        if segment.analysis.contains(Analysis::RETRANSMISSION) {
            return Step::DataRetransmission;
        }
        if segment.analysis.contains(Analysis::OUT_OF_ORDER) {
            return Step::OutOfOrderData;
        }
        let (sender, receiver) = self.pair(segment.from);
        let half_closed = receiver.fin.is_some() && sender.fin.is_none();
        if half_closed { Step::HalfClosedData } else { Step::Data }
    }

    /// Both ends are taken as open: the handshake is complete, or happened before the capture began.
    pub(super) fn establish(&mut self) {
        for end in &mut self.ends {
            end.progress = Progress::Open;
        }
        self.phase = Phase::Data;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing::{any_segments, segment};
    use proptest::prelude::*;

    /// Sees segments, the first as Wireshark's first of a conversation.
    fn see_all(segments: &[Segment]) -> (Connection, Vec<Verdict>) {
        let mut connection = Connection::new(Rule::V4_4);
        let verdicts = segments
            .iter()
            .enumerate()
            .map(|(index, segment)| connection.see(segment, &Sighting::of(segment, index == 0, false)))
            .collect();
        (connection, verdicts)
    }

    const SA: Flags = Flags::SYN.union(Flags::ACK);
    const FA: Flags = Flags::FIN.union(Flags::ACK);
    const RA: Flags = Flags::RST.union(Flags::ACK);

    fn a(flags: Flags, seq: u32, ack: u32, len: u32) -> Segment {
        segment(End::A, flags, seq, ack, len)
    }

    fn b(flags: Flags, seq: u32, ack: u32, len: u32) -> Segment {
        segment(End::B, flags, seq, ack, len)
    }

    fn handshake() -> Vec<Segment> {
        vec![a(Flags::SYN, 100, 0, 0), b(SA, 500, 101, 0), a(Flags::ACK, 101, 501, 0)]
    }

    fn steps(segments: &[Segment]) -> Vec<(Phase, Step)> {
        see_all(segments).1.iter().map(|verdict| (verdict.phase, verdict.step)).collect()
    }

    fn states(verdict: &Verdict) -> (State, State) {
        (verdict.client, verdict.server)
    }

    #[test]
    fn the_states_of_a_whole_life() {
        use State::*;
        let mut segments = handshake();
        segments.extend([
            a(Flags::ACK, 101, 501, 78),
            b(Flags::ACK, 501, 179, 0),
            a(FA, 179, 501, 0),
            b(Flags::ACK, 501, 180, 0),
            b(FA, 501, 180, 0),
            a(Flags::ACK, 180, 502, 0),
        ]);
        let (_, verdicts) = see_all(&segments);
        let seen: Vec<_> = verdicts.iter().map(states).collect();
        assert_eq!(
            seen,
            [
                (SynSent, Listen),
                (SynSent, SynReceived),
                (Established, Established),
                (Established, Established),
                (Established, Established),
                (FinWait1, Established),
                (FinWait2, CloseWait),
                (FinWait2, LastAck),
                (TimeWait, Closed),
            ]
        );
        assert_eq!(verdicts[8].step, Step::LastAck);
        assert_eq!(verdicts.iter().map(|v| v.so_far.bits()).collect::<Vec<_>>(), [1, 3, 7, 15, 15, 31, 31, 31, 31]);
    }

    #[test]
    fn crossing_fins_pass_through_closing() {
        use State::*;
        let mut segments = handshake();
        segments.extend([
            a(FA, 101, 501, 0),
            b(FA, 501, 101, 0),
            a(Flags::ACK, 102, 502, 0),
            b(Flags::ACK, 502, 102, 0),
        ]);
        let (_, verdicts) = see_all(&segments);
        let seen: Vec<_> = verdicts[3..].iter().map(states).collect();
        assert_eq!(seen, [(FinWait1, Established), (FinWait1, FinWait1), (Closing, FinWait2), (TimeWait, TimeWait)]);
        assert_eq!(verdicts[6].step, Step::LastAck);
    }

    #[test]
    fn a_refusal_ends_the_attempt() {
        let segments = [a(Flags::SYN, 100, 0, 0), b(RA, 0, 101, 0)];
        let (_, verdicts) = see_all(&segments);
        assert_eq!((verdicts[1].phase, verdicts[1].step), (Phase::Opening, Step::Refused));
        assert_eq!(verdicts[1].reset_acceptable, Some(true));
        assert_eq!(states(&verdicts[1]), (State::Closed, State::Closed));
    }

    #[test]
    fn a_rst_that_does_not_answer_the_syn_changes_nothing() {
        let segments = [a(Flags::SYN, 100, 0, 0), b(RA, 0, 90, 0), b(SA, 500, 101, 0)];
        let (_, verdicts) = see_all(&segments);
        assert_eq!((verdicts[1].step, verdicts[1].reset_acceptable), (Step::StrayReset, Some(false)));
        assert_eq!(verdicts[2].step, Step::SynAck);
    }

    #[test]
    fn a_syn_captured_late_is_still_the_syn() {
        let segments = [b(SA, 500, 101, 0), a(Flags::SYN, 100, 0, 0), a(Flags::ACK, 101, 501, 0)];
        assert_eq!(
            steps(&segments),
            [(Phase::Opening, Step::SynAck), (Phase::Opening, Step::Syn), (Phase::Opening, Step::HandshakeAck)]
        );
        assert_eq!(see_all(&segments).0.completeness().bits(), 7);
    }

    #[test]
    fn a_wrong_ack_does_not_complete_the_handshake() {
        let segments =
            [a(Flags::SYN, 100, 0, 0), b(SA, 500, 101, 0), a(Flags::ACK, 101, 777, 0), b(Flags::RST, 777, 0, 0)];
        let (_, verdicts) = see_all(&segments);
        assert_eq!(verdicts[2].step, Step::WrongAck);
        assert_eq!(verdicts[3].phase, Phase::Opening);
    }

    #[test]
    fn without_an_opening_the_lower_port_is_the_server() {
        let (_, verdicts) = see_all(&[b(Flags::ACK, 501, 101, 10)]);
        assert_eq!((verdicts[0].sender, verdicts[0].sender_assumed), (Side::Server, true));
        assert_eq!(verdicts[0].phase, Phase::Data);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn any_segments_in_any_order_are_taken(segments in any_segments()) {
            let (connection, verdicts) = see_all(&segments);
            let mut before = Completeness::empty();
            for (verdict, segment) in verdicts.iter().zip(&segments) {
                prop_assert!(verdict.so_far.contains(before));
                before = verdict.so_far;
                prop_assert_eq!(verdict.step == Step::ImpossibleFlags, segment.flags.are_impossible());
                prop_assert!(verdict.reset_acceptable.is_none() || segment.has(Flags::RST));
                if !verdict.sender_assumed {
                    prop_assert!(!verdicts.last().unwrap().sender_assumed, "a known role stays known");
                }
            }
            prop_assert_eq!(connection.completeness(), before);
        }

        #[test]
        fn moving_the_numbers_round_the_circle_changes_nothing(segments in any_segments(), by_a: u32, by_b: u32) {
            let moved: Vec<Segment> = segments
                .iter()
                .map(|s| {
                    let (seq, ack) = if s.from == End::A { (by_a, by_b) } else { (by_b, by_a) };
                    Segment { seq: s.seq + seq, ack: s.ack + ack, ..*s }
                })
                .collect();
            prop_assert_eq!(see_all(&segments).1, see_all(&moved).1);
        }
    }
}
