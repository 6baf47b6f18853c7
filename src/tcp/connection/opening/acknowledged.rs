//! The ACK that completes the handshake, and what else comes with ACK while the connection opens.

use super::Connection;
use crate::tcp::connection::endpoint::Progress;
use crate::tcp::end::End;
use crate::tcp::number::SeqNumber;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Phase, Step};

/// What a segment with ACK and without SYN and RST is while the connection opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HandshakeAck {
    /// It acknowledges the SYN-ACK with this initial sequence number.
    OfSynAck(SeqNumber),
    /// It shows that there was a SYN-ACK, which was not captured, with this initial sequence number.
    OfUnseenSynAck(SeqNumber),
    /// It acknowledges a number that was never sent.
    Wrong,
    /// The server speaks before the client's ACK comes (RFC 7413, 4.2).
    EarlyServer,
    /// RFC 9293, 3.5.1, Figure 9: the end that was called holds an old connection to be open.
    Challenge,
    /// The connection is open; how it was opened was not captured in full.
    Midway,
}

/// What a segment is.
impl Connection {
    fn classify_handshake_ack(&self, segment: &Segment) -> HandshakeAck {
        let (sender, receiver) = self.ends.pair(segment.from);
        match (sender.progress(), receiver.progress()) {
            (_, Progress::Answered) => match self.acknowledged_isn(segment) {
                Some(isn) => HandshakeAck::OfSynAck(isn),
                // It acknowledges more than was captured: so more was sent.
                None if receiver.isn().is_none_or(|isn| segment.ack.is_after(isn)) => HandshakeAck::Midway,
                None => HandshakeAck::Wrong,
            },
            (Progress::Calling, Progress::Called | Progress::Unseen | Progress::Mistaken)
                if !segment.has(Flags::FIN) && sender.isn().is_some_and(|isn| segment.seq == isn + 1) =>
            {
                HandshakeAck::OfUnseenSynAck(segment.ack - 1)
            }
            (Progress::Answered, Progress::Calling)
                if receiver.offer().is_some() && !self.shows_open_server(segment) =>
            {
                HandshakeAck::EarlyServer
            }
            (Progress::Called | Progress::Mistaken, Progress::Calling) if !self.covers_syn(segment) => {
                HandshakeAck::Challenge
            }
            // Both have sent a SYN, and it does not acknowledge the other's.
            (Progress::Calling, Progress::Calling) if receiver.isn().is_some_and(|isn| !segment.ack.is_after(isn)) => {
                HandshakeAck::Wrong
            }
            _ => HandshakeAck::Midway,
        }
    }

    /// Whether a segment of the server that has no SYN shows that it has had the client's ACK: it has data for the client,
    /// though none came with the SYN (RFC 7413), or acknowledges what must have come with or after the ACK.
    fn shows_open_server(&self, segment: &Segment) -> bool {
        let client = &self.ends[segment.from.peer()];
        let speaks = segment.has(Flags::FIN) || segment.len > 0 && self.syn_payload() == 0;
        speaks || client.next().is_some_and(|next| segment.ack.is_after(next))
    }

    /// Whether a segment of the end that was called, whose SYN-ACK was not captured, acknowledges the SYN. An ACK by itself
    /// of more than that is taken for one of an older connection (RFC 9293, 3.5.1).
    fn covers_syn(&self, segment: &Segment) -> bool {
        let caller = &self.ends[segment.from.peer()];
        let Some(isn) = caller.isn() else { return true };
        let exact = segment.ack.is_within(isn + 1, caller.next().unwrap_or(isn + 1));
        exact || !segment.is_pure_ack() && segment.ack.is_after(isn)
    }

    /// Which of the receiver's initial sequence numbers the segment acknowledges: everything from its SYN to what it has
    /// sent since.
    pub(in crate::tcp::connection) fn acknowledged_isn(&self, segment: &Segment) -> Option<SeqNumber> {
        let receiver = &self.ends[segment.from.peer()];
        let serves =
            |isn: &SeqNumber| segment.ack.is_within(*isn + 1, receiver.next().unwrap_or(*isn + 1).later(*isn + 1));
        let other = self.other_syn_ack(segment.from.peer()).map(|other| other.isn);
        let exact = |isn: &SeqNumber| segment.ack == *isn + 1;
        let [first, other] = [receiver.isn(), other];
        other.filter(exact).or(first.filter(serves)).or(other.filter(serves))
    }

    /// Whether the end is not known to have done more than answer the SYN.
    pub(super) fn has_only_answered(&self, end: End) -> bool {
        let (server, client) = self.ends.pair(end);
        let sent_nothing = server.isn().is_some_and(|isn| server.next() == Some(isn + 1));
        let acked_nothing =
            client.isn().zip(server.acked()).is_some_and(|(isn, acked)| acked.since(isn) <= self.syn_takes());
        self.phase == Phase::Data && sent_nothing && acked_nothing
    }
}

/// What a segment changes.
impl Connection {
    /// An ACK while the connection is opening. `None` where it belongs to a later phase after all: it closes too, or the
    /// handshake was complete, but its last segments were not captured.
    pub(in crate::tcp::connection) fn handshake_ack(&mut self, segment: &Segment) -> Option<Step> {
        let ack = self.classify_handshake_ack(segment);
        match ack {
            HandshakeAck::OfSynAck(isn) => {
                self.settle(segment, isn);
                self.ends[segment.from].forget_acked();
                self.complete_handshake(segment)
            }
            HandshakeAck::OfUnseenSynAck(isn) => {
                self.settle(segment, isn);
                self.complete_handshake(segment)
            }
            HandshakeAck::Wrong => {
                self.ends[segment.from].believe(segment);
                Some(Step::WrongAck)
            }
            HandshakeAck::Challenge => {
                let step = if segment.is_pure_ack() { Step::ChallengeAck } else { Step::WrongAck };
                self.ends[segment.from].believe(segment);
                Some(step)
            }
            HandshakeAck::EarlyServer => {
                let step = self.classify_exchange(segment);
                self.take_in(segment);
                Some(step)
            }
            HandshakeAck::Midway => {
                self.ends[segment.from.peer()].assume_base(segment.ack - 1);
                self.opening.infer(true);
                self.enter(Phase::Data);
                None
            }
        }
    }

    /// The segment says which initial sequence number of its receiver counts.
    fn settle(&mut self, segment: &Segment, isn: SeqNumber) {
        let peer = segment.from.peer();
        if let Some(other) = self.other_syn_ack(peer).filter(|other| other.isn == isn) {
            self.opening.take_other(other);
        }
        self.ends[peer].settle_isn(isn);
    }

    /// The segment completes the handshake. `None` if it closes, too.
    fn complete_handshake(&mut self, segment: &Segment) -> Option<Step> {
        self.opening.complete(segment);
        self.enter(Phase::Data);
        if segment.has(Flags::FIN) {
            return None;
        }
        self.take_in(segment);
        Some(Step::HandshakeAck)
    }

    /// A segment of an end that repeated its SYN-ACK when the connection seemed open: does it show that it is open now?
    pub(in crate::tcp::connection) fn open_late(&mut self, segment: &Segment) {
        let end = segment.from;
        let waits = self.phase != Phase::Opening && self.ends[end].progress() == Progress::Answered;
        let caller = &self.ends[end.peer()];
        let acks_more = caller.isn().is_some_and(|isn| segment.ack.is_after(isn + self.syn_takes()));
        if waits && (segment.takes() > 0 || acks_more) {
            self.ends[end].open();
        }
    }
}
