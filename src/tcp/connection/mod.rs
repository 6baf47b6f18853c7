//! One connection, from its first captured segment to its last: the state machine that says what each segment is.
//!
//! Here is what holds it together: what belongs to a connection, the order of the questions, and what changes the
//! phase. The answers are in a file each: who is who ([`roles`]), [`opening`], [`closing`], [`reset`], and what
//! neither opens nor closes ([`exchange`]). Each first decides what a segment is, without changing anything (`classify_…`),
//! and then makes the change. [`outcome`] sums up.
//!
//! What was not captured was not "not sent": a number beyond what was captured shows that more was sent, and evidence that
//! comes later corrects what was held before.

#[cfg(test)]
mod cases;
mod closing;
mod endpoint;
mod exchange;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod generated;
mod numbers;
mod oddities;
mod opening;
mod outcome;
mod reset;
mod roles;
#[cfg(test)]
mod tests;

use super::completeness::{Completeness, Count, CountingRule, CrossCheck, Reason, Sighting, Unmatched};
use super::end::{End, PerEnd};
use super::number::{FrameNumber, SeqNumber, Timestamp};
use super::segment::{Flags, Segment};
use super::standing::{Phase, Side, Standing, State, Step};
use super::verdict::{Around, IcmpError, LastPacket, Seen, Signs};
use super::zeek::Zeek;
use reset::Ended;
use roles::Roles;

pub use closing::Closing;
pub use endpoint::{Endpoint, Offer};
pub use oddities::Oddity;
pub use opening::Opening;
use opening::OtherSynAck;
pub(in crate::tcp) use outcome::SYN_TIMEOUT;
pub use outcome::{CLOSE_TIMEOUT, ClosingKind, Outcome};

/// What is known of one connection.
#[derive(Clone, Debug)]
pub struct Connection {
    ends: PerEnd<Endpoint>,
    roles: Roles,
    /// Written by [`enter`](Connection::enter) and [`go_back_to`](Connection::go_back_to) only.
    phase: Phase,
    opening: Opening,
    closing: Closing,
    /// When its last segment was captured, once there was any: see [`last`](Connection::last).
    last: Timestamp,
    last_packets: PerEnd<LastPacket>,
    count: Count,
    cross_check: CrossCheck,
    zeek: Zeek,
    unusual: Option<Box<Unusual>>,
}

// Every connection of the capture has one; with the pointer that is kept beside it, it takes 248 bytes.
const _: () = assert!(size_of::<Connection>() <= 240);

/// What only some connections have, or only for as long as they open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Unusual {
    unmatched: Unmatched,
    /// By its sender: a later SYN-ACK with another number, while it is open which of them counts.
    other_syn_acks: PerEnd<Option<OtherSynAck>>,
    /// What the first FIN acknowledges, where the other end's FIN may be among it, which was not captured.
    first_fin_acks: Option<SeqNumber>,
    /// Whether the FINs may have been sent in another order than they were captured.
    fins_out_of_order: bool,
    /// Bytes of payload that the SYN brought along.
    syn_payload: u32,
    /// The first ICMP error that answered a SYN.
    unreachable: Option<FrameNumber>,
    /// The RST that ended the connection.
    ended: Option<Ended>,
    /// What is kept for the verdict.
    signs: Option<Box<Signs>>,
    /// Each odd kind of segment, and the frame of the first.
    oddities: Vec<(Oddity, FrameNumber)>,
}

impl Connection {
    /// A connection of which nothing has been seen, in a Wireshark that counts by `rule`.
    pub fn new(rule: CountingRule) -> Connection {
        Connection {
            ends: PerEnd::default(),
            roles: Roles::default(),
            phase: Phase::Opening,
            opening: Opening::default(),
            closing: Closing::default(),
            last: Timestamp(0),
            last_packets: PerEnd::default(),
            count: Count::default(),
            cross_check: CrossCheck::new(rule),
            zeek: Zeek::default(),
            unusual: None,
        }
    }

    /// Takes in the next segment and says what it is. `sighting` is the same segment as Wireshark counts it.
    pub fn see(&mut self, segment: &Segment, sighting: &Sighting) -> Standing {
        self.see_in(segment, sighting, &Around::default())
    }

    /// The same, with what stands around the segment.
    pub fn see_in(&mut self, segment: &Segment, sighting: &Sighting, around: &Around) -> Standing {
        self.observe(segment, sighting);
        let (last, before) = (self.last(), self.ends);
        self.roles.learn(segment);
        if around.to_itself {
            self.opening.connect_to_itself();
        }
        let (phase, step, reset_acceptable) = self.judge(segment);
        if self.opening.is_to_itself() {
            self.be_one(segment);
        }
        let standing = self.stand(segment, phase, step, reset_acceptable);
        self.note_oddity(segment.frame, &standing);
        self.note_signs(segment, &standing, around, last, &before);
        self.last = segment.time;
        standing
    }

    /// Keeps what the segment says for the verdict. `last` is when the one before it was captured, `before` the ends as they
    /// were then.
    fn note_signs(
        &mut self,
        segment: &Segment,
        standing: &Standing,
        around: &Around,
        last: Option<Timestamp>,
        before: &PerEnd<Endpoint>,
    ) {
        let kept = self.unusual.as_ref().is_some_and(|unusual| unusual.signs.is_some());
        if kept || !Signs::is_ordinary(segment, standing, last) {
            let seen = Seen {
                segment,
                standing,
                around,
                last,
                to_server: self.opening.syn_to_syn_ack().span(),
                since_syn: self.opening.since_syn(segment.time, last),
                acked: self.opening.ack().is_some(),
                answered: self.opening.syn_ack().is_some(),
                ended: self.ended().is_some(),
                before,
            };
            self.unusual.get_or_insert_default().signs.get_or_insert_default().note(&seen, &self.last_packets);
        }
        if let (Some(network), false) = (around.network, segment.has(Flags::RST)) {
            self.last_packets[segment.from] = LastPacket::of(network);
        }
    }

    /// An ICMP error quotes a segment of this connection.
    pub fn quoted(&mut self, error: IcmpError) {
        let before = self.unreachable_frame();
        if error.is_unreachable() {
            self.unreachable(error.frame, error.from, error.seq);
        }
        let answers_syn = self.unreachable_frame() != before;
        self.unusual().signs.get_or_insert_default().note_icmp(error, answers_syn);
    }

    /// Payload that was repeated twice, of which is to be found out whether its sender had sent as much in one segment before:
    /// the frame before which that counts.
    pub fn asks_for_sizes(&self, segment: &Segment) -> Option<FrameNumber> {
        self.signs()?.asks_for_sizes(segment)
    }

    /// The answer to that.
    pub fn note_sizes(&mut self, from: End, larger_before: Option<bool>) {
        if let Some(signs) = self.unusual.as_mut().and_then(|unusual| unusual.signs.as_mut()) {
            signs.note_sizes(from, larger_before);
        }
    }

    /// Takes in a copy of a segment that was captured before: the packet was sent once. It is shown to those that count as
    /// Wireshark and Zeek do, and changes nothing else.
    pub fn see_again(&mut self, segment: &Segment, sighting: &Sighting) -> Standing {
        self.observe(segment, sighting);
        self.stand(segment, self.phase, Step::CapturedAgain, None)
    }

    fn stand(&self, segment: &Segment, phase: Phase, step: Step, reset_acceptable: Option<bool>) -> Standing {
        Standing {
            phase,
            step,
            sender: self.side_of(segment.from),
            sender_assumed: self.roles.are_assumed(),
            client: self.state(Side::Client),
            server: self.state(Side::Server),
            reset_acceptable,
            so_far: self.count.seen(),
        }
    }

    /// Takes in a header that Wireshark counts for this stream although it is no segment of it.
    pub fn overhear(&mut self, sighting: &Sighting) {
        self.cross_check.follow(sighting, Completeness::empty());
    }

    /// Shows the segment to those that count, each for itself.
    fn observe(&mut self, segment: &Segment, sighting: &Sighting) {
        let parts = self.count.add(segment, || &mut self.unusual.get_or_insert_default().unmatched);
        if parts.contains(Completeness::ACK) {
            self.drop_unmatched();
        }
        self.cross_check.follow(sighting, parts);
        self.zeek.see(segment);
    }

    fn drop_unmatched(&mut self) {
        if let Some(unusual) = &mut self.unusual {
            unusual.unmatched = Unmatched::default();
        }
        self.unusual.take_if(|unusual| **unusual == Unusual::default());
    }

    /// The order of the questions: what no TCP sends; RST; SYN; then what an ACK, a FIN and payload mean.
    fn judge(&mut self, segment: &Segment) -> (Phase, Step, Option<bool>) {
        if segment.flags.are_impossible() {
            if self.ends.iter().all(Endpoint::is_unseen) {
                self.opening.probe(true);
            }
            return (self.phase, Step::ImpossibleFlags, None);
        }
        if segment.has(Flags::RST) {
            return self.reset(segment);
        }
        self.opening.probe(false);
        let (phase, step) = match (segment.has(Flags::SYN), segment.has(Flags::ACK)) {
            (true, true) => self.syn_ack(segment),
            (true, false) => self.syn(segment),
            (false, _) => self.acknowledge(segment),
        };
        (phase, step, None)
    }

    /// A segment with ACK and without SYN and RST: it may complete the handshake, close, carry data, or just acknowledge.
    fn acknowledge(&mut self, segment: &Segment) -> (Phase, Step) {
        let meets_challenge = self.ends[segment.from].meets_challenge(segment);
        if self.outlives_reset(segment) {
            self.revive();
        }
        if self.ended().is_some() {
            self.doubt_reset(segment);
            return (Phase::Closed, Step::AfterClose);
        }
        if self.phase == Phase::Opening {
            if let Some(step) = self.handshake_ack(segment) {
                return (Phase::Opening, step);
            }
        }
        self.open_late(segment);
        self.drop_wrong_fin(segment);
        if self.is_out_of_window(segment) {
            return (self.phase, self.classify_exchange(segment)); // dropped by its receiver
        }
        if let Some(closes) = self.close(segment) {
            return closes;
        }
        let step = match self.phase {
            Phase::Closed => Step::AfterClose,
            _ if meets_challenge && segment.is_pure_ack() => Step::ChallengeAck,
            _ => self.classify_exchange(segment),
        };
        self.take_in(segment);
        (self.phase, step)
    }

    /// Takes in the numbers of a segment: what its sender has sent, and what its receiver must have.
    fn take_in(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        sender.note_sent(segment);
        if segment.has(Flags::ACK) {
            receiver.skip_to(segment.ack);
        }
    }

    /// The connection enters a phase, with what belongs to its beginning.
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        match phase {
            Phase::Opening => {
                self.closing = Closing::default();
                self.set_ended(None);
            }
            Phase::Data => self.ends.iter_mut().for_each(Endpoint::open),
            Phase::Closing | Phase::Closed => {}
        }
    }

    /// The connection goes back to the phase that a RST had seemed to end; both ends keep what they were.
    fn go_back_to(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// What only some connections have: made if there was none before.
    fn unusual(&mut self) -> &mut Unusual {
        self.unusual.get_or_insert_default()
    }
}

/// What became known of the connection.
impl Connection {
    /// The parts seen so far.
    pub fn completeness(&self) -> Completeness {
        self.count.seen()
    }

    /// A named reason for each bit in which Wireshark's value differs from ours.
    pub fn differences(&self, wiresharks: Completeness) -> Vec<Reason> {
        self.cross_check.compare(self.count.seen(), wiresharks)
    }

    /// What is kept for the verdict, if there is anything.
    pub(in crate::tcp) fn signs(&self) -> Option<&Signs> {
        self.unusual.as_ref()?.signs.as_deref()
    }

    /// What the last packet of an end had in its network layer's header.
    pub(in crate::tcp) fn last_packet(&self, end: End) -> LastPacket {
        self.last_packets[end]
    }

    /// When its last segment was captured; `None` before there was any, of which the roles are learnt.
    pub fn last(&self) -> Option<Timestamp> {
        (!self.roles.are_unknown()).then_some(self.last)
    }

    /// Whether no segment of it has been seen yet.
    pub fn is_unseen(&self) -> bool {
        self.last().is_none()
    }

    /// The ICMP error about one of its segments: the first that answers a SYN, or the first.
    pub fn icmp(&self) -> Option<&IcmpError> {
        self.signs()?.icmp()
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

    /// For about how many seconds nothing of it had been captured at that time; 0 before there was any segment.
    pub fn silence(&self, until: Timestamp) -> u32 {
        const SECOND: i64 = 1_000_000_000;
        self.last().map_or(0, |last| u32::try_from((until - last).0.saturating_add(SECOND / 2) / SECOND).unwrap_or(0))
    }

    /// The frame of the first ICMP error that answered a SYN.
    pub fn unreachable_frame(&self) -> Option<FrameNumber> {
        self.unusual.as_ref()?.unreachable
    }

    /// Bytes of payload that the SYN brought along.
    pub fn syn_payload(&self) -> u32 {
        self.unusual.as_ref().map_or(0, |unusual| unusual.syn_payload)
    }

    /// How many numbers the SYN takes: one, and one for each byte that it brought along (RFC 9293, 3.4; RFC 7413).
    pub fn syn_takes(&self) -> u32 {
        self.syn_payload().saturating_add(1)
    }

    /// The endpoint at this end, whichever side it is on.
    pub fn by_end(&self, end: End) -> &Endpoint {
        &self.ends[end]
    }

    /// The endpoint on this side.
    pub fn by_side(&self, side: Side) -> &Endpoint {
        &self.ends[self.end_of(side)]
    }

    /// Which side an end is on. Before anything was seen, A passes for the client.
    pub fn side_of(&self, end: End) -> Side {
        self.roles.side_of(end)
    }

    /// Which end a side is.
    pub fn end_of(&self, side: Side) -> End {
        self.roles.end_of(side)
    }

    fn state(&self, side: Side) -> State {
        self.by_side(side).state(self.by_side(side.peer()))
    }

    /// An end's later SYN-ACK, if its number is another than its first's.
    fn other_syn_ack(&self, of: End) -> Option<OtherSynAck> {
        self.unusual.as_ref()?.other_syn_acks[of]
    }
}
