//! The opening handshake (RFC 9293, 3.5), its retries and its odd ways.

use super::closing::Closing;
use super::connection::Connection;
use super::endpoint::Progress;
use super::number::{FrameNumber, SeqNumber, Watch};
use super::segment::{End, Flags, Segment};
use super::verdict::{Phase, Step};

/// What was seen of the opening.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening {
    /// The frame of the first SYN.
    pub first_syn: Option<FrameNumber>,
    /// The frame of the first SYN-ACK.
    pub syn_ack: Option<FrameNumber>,
    /// The frame of the first ACK that completes the handshake; in a simultaneous open of the segment that does.
    pub ack: Option<FrameNumber>,
    /// From the last SYN before the SYN-ACK to the SYN-ACK: the network's round trip and the server's time to accept.
    pub syn_to_syn_ack: Watch,
    /// From the SYN-ACK to the ACK.
    pub syn_ack_to_ack: Watch,
    /// From the first SYN to the ACK.
    pub duration: Watch,
    /// How often a SYN was sent; 65,535 stands for more, too.
    pub syn_count: u16,
    /// How often a SYN-ACK was sent, likewise.
    pub syn_ack_count: u16,
    /// Whether both ends sent a SYN before they saw the other's (RFC 9293, 3.5, Figure 7).
    pub simultaneous: bool,
    /// Whether the connection was open at any time, seen or inferred.
    pub completed: bool,
    /// Whether a RST answered the SYN.
    pub refused: bool,
}

impl Opening {
    /// Whether a SYN or SYN-ACK was seen.
    pub fn is_captured(&self) -> bool {
        self.syn_count > 0 || self.syn_ack_count > 0
    }

    fn note_first_syn(&mut self, segment: &Segment) {
        self.first_syn = Some(segment.frame);
        self.duration.start(segment.time);
    }

    fn note_syn_ack(&mut self, segment: &Segment) {
        self.syn_ack = Some(segment.frame);
        self.syn_to_syn_ack.stop(segment.time);
        self.syn_ack_to_ack.start(segment.time);
    }

    /// Notes the segment that completes the handshake.
    fn complete(&mut self, segment: &Segment) {
        self.completed = true;
        self.ack.get_or_insert(segment.frame);
        self.syn_ack_to_ack.stop(segment.time);
        self.duration.stop(segment.time);
    }
}

impl Connection {
    /// An ICMP "destination unreachable" quotes a segment of this connection, with this sequence number.
    pub fn unreachable(&mut self, frame: FrameNumber, from: End, seq: SeqNumber) {
        let quotes_syn = self.ends[from as usize].isn == Some(seq);
        if self.phase == Phase::Opening && quotes_syn && self.opening.syn_ack.is_none() {
            self.rare().unreachable.get_or_insert(frame);
        }
    }

    /// A SYN without ACK.
    pub(super) fn syn(&mut self, segment: &Segment) -> (Phase, Step) {
        self.opening.syn_count = self.opening.syn_count.saturating_add(1);
        if self.opening.syn_ack.is_none() {
            self.opening.syn_to_syn_ack.start(segment.time);
        }
        let open = self.opening.completed && self.phase != Phase::Closed;
        let (sender, receiver) = self.pair(segment.from);
        let again = sender.offer.is_some() && sender.isn == Some(segment.seq);
        let late = sender.offer.is_none() && sender.isn.or(sender.base) == Some(segment.seq);
        let crossing = receiver.progress == Progress::Calling;
        if late {
            // Captured behind the segments that answer it.
            sender.isn = Some(segment.seq);
            self.opening.note_first_syn(segment);
            return (Phase::Opening, syn_step(segment));
        }
        if open {
            // RFC 9293, 3.10.7.4: the receiver answers with a challenge ACK.
            receiver.owes_challenge = true;
            return (self.phase, if again { Step::SynRetransmission } else { Step::UnexpectedSyn });
        }
        if again && self.phase == Phase::Closed && self.closing.aborted_by.is_none() {
            return (Phase::Closed, Step::AfterClose);
        }
        if again && self.phase == Phase::Opening {
            return (Phase::Opening, Step::SynRetransmission);
        }
        self.call(segment, again);
        let step = match (again, crossing) {
            (true, _) => Step::SynRetransmission,
            (false, true) => Step::SimultaneousSyn,
            (false, false) => syn_step(segment),
        };
        self.opening.simultaneous |= step == Step::SimultaneousSyn;
        (Phase::Opening, step)
    }

    /// A SYN that begins an attempt: the first, or one after the attempt before it had ended.
    fn call(&mut self, segment: &Segment, again: bool) {
        self.phase = Phase::Opening;
        self.closing = Closing::default();
        self.opening.refused = false;
        if self.opening.first_syn.is_none() {
            self.opening.note_first_syn(segment);
        }
        if segment.len != self.syn_payload() {
            self.rare().syn_payload = segment.len;
        }
        let (sender, receiver) = self.pair(segment.from);
        if sender.isn.is_some() && !again {
            sender.next = None;
        }
        sender.isn = Some(segment.seq);
        sender.progress = Progress::Calling;
        if matches!(receiver.progress, Progress::Unseen | Progress::Gone) {
            receiver.progress = Progress::Called;
        }
    }

    /// A segment with SYN and ACK.
    pub(super) fn syn_ack(&mut self, segment: &Segment) -> (Phase, Step) {
        self.opening.syn_ack_count = self.opening.syn_ack_count.saturating_add(1);
        let first = self.opening.syn_ack.is_none();
        let simultaneous = self.opening.simultaneous;
        let phase = self.phase;
        let (sender, receiver) = self.pair(segment.from);
        sender.owes_challenge = false;
        let acks_nothing_sent =
            receiver.isn.is_some_and(|isn| !segment.ack.is_within(isn + 1, receiver.next.unwrap_or(isn + 1)));
        if acks_nothing_sent && phase == Phase::Opening {
            return (phase, Step::WrongAck);
        }
        if receiver.isn.is_none() {
            receiver.isn = Some(segment.ack - 1);
            receiver.base.get_or_insert(segment.ack - 1);
            if receiver.progress == Progress::Unseen {
                receiver.progress = Progress::Calling;
            }
        }
        let same = sender.isn.is_none_or(|isn| isn == segment.seq);
        if same {
            sender.isn = Some(segment.seq);
        }
        if !matches!(sender.progress, Progress::Open | Progress::Gone) {
            sender.progress = Progress::Answered;
        }
        if !same {
            self.rare().other_isns[segment.from as usize] = Some(segment.seq);
        }
        if first {
            self.opening.note_syn_ack(segment);
        }
        if simultaneous && phase == Phase::Opening {
            return self.crossing_syn_ack(segment, first);
        }
        match (first, same) {
            (true, _) => (Phase::Opening, Step::SynAck),
            (false, true) => (phase, Step::SynAckRetransmission),
            (false, false) => (phase, Step::ConflictingSynAck),
        }
    }

    /// In a simultaneous open each SYN-ACK acknowledges the other's SYN; the second completes the handshake (RFC 9293,
    /// 3.5, Figure 7).
    fn crossing_syn_ack(&mut self, segment: &Segment, first: bool) -> (Phase, Step) {
        let (_, receiver) = self.pair(segment.from);
        if receiver.progress == Progress::Answered {
            self.opening.complete(segment);
            self.establish();
            return (Phase::Opening, Step::SynAck);
        }
        (Phase::Opening, if first { Step::SynAck } else { Step::SynAckRetransmission })
    }

    /// An ACK while the connection is opening. `None` where it belongs to a later phase after all: the handshake was
    /// complete, but its last segments were not captured.
    pub(super) fn complete_handshake(&mut self, segment: &Segment) -> Option<Step> {
        let closes = segment.has(Flags::FIN);
        let other_isn = self.other_isn(segment.from.peer());
        let (sender, receiver) = self.pair(segment.from);
        match (sender.progress, receiver.progress) {
            (_, Progress::Answered) => {
                let isn = acknowledged_isn(receiver.isn, other_isn, segment.ack, receiver.next);
                let Some(isn) = isn else {
                    sender.believe(segment);
                    return Some(Step::WrongAck);
                };
                receiver.isn = Some(isn);
                sender.acked = None;
            }
            // The SYN-ACK was not captured: this ACK shows that there was one.
            (Progress::Calling, Progress::Called | Progress::Unseen) => {
                receiver.isn = Some(segment.ack - 1);
                receiver.base.get_or_insert(segment.ack - 1);
            }
            // The server may speak before the client's ACK comes (RFC 7413, 4.2).
            (Progress::Answered, Progress::Calling) if receiver.offer.is_some() && !closes => {
                sender.note_sent(segment);
                return Some(self.flow(segment));
            }
            // RFC 9293, 3.5.1, Figure 9: the end that was called holds an old connection to be open.
            (Progress::Called, Progress::Calling) if segment.is_pure_ack() => {
                sender.believe(segment);
                return Some(Step::ChallengeAck);
            }
            _ => {
                self.become_open_unseen(segment);
                return None;
            }
        }
        self.opening.complete(segment);
        self.establish();
        if closes {
            return None;
        }
        self.pair(segment.from).0.note_sent(segment);
        Some(Step::HandshakeAck)
    }

    /// The connection is seen to be open without a complete handshake in the capture.
    fn become_open_unseen(&mut self, segment: &Segment) {
        let (_, receiver) = self.pair(segment.from);
        receiver.base.get_or_insert(segment.ack - 1);
        self.opening.completed = true;
        self.establish();
    }
}

fn syn_step(segment: &Segment) -> Step {
    if segment.len > 0 { Step::SynWithData } else { Step::Syn }
}

/// Which of an end's initial sequence numbers `ack` acknowledges: everything from the SYN to what it has sent since.
fn acknowledged_isn(
    first: Option<SeqNumber>,
    other: Option<SeqNumber>,
    ack: SeqNumber,
    next: Option<SeqNumber>,
) -> Option<SeqNumber> {
    let serves = |isn: &SeqNumber| ack.is_within(*isn + 1, next.unwrap_or(*isn + 1).later(*isn + 1));
    first.filter(serves).or(other.filter(serves))
}
