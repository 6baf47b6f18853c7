//! RST: who may say it, and whether the other end would listen (RFC 9293, 3.5.2, 3.5.3 and 3.10.7; RFC 5961).

use super::connection::Connection;
use super::endpoint::{Endpoint, Progress};
use super::segment::{Flags, Segment};
use super::verdict::{Phase, State, Step};

impl Connection {
    /// A segment with RST.
    pub(super) fn reset(&mut self, segment: &Segment) -> (Phase, Step, Option<bool>) {
        let phase = self.phase;
        let probed = self.probed;
        let (sender, receiver) = self.pair(segment.from);
        let acceptable = acceptable(segment, sender, receiver);
        let answers_syn = receiver.progress == Progress::Calling && sender.progress != Progress::Answered;
        if acceptable == Some(false) {
            receiver.owes_challenge = calls_for_challenge(segment, receiver, sender);
            return (phase, Step::StrayReset, acceptable);
        }
        if phase == Phase::Closed {
            return (phase, Step::AfterClose, acceptable);
        }
        let side = self.side(segment.from);
        self.closing.aborted_by = Some(side);
        self.closing.initiator.get_or_insert(side);
        for end in &mut self.ends {
            end.progress = Progress::Gone;
        }
        self.phase = Phase::Closed;
        self.opening.refused = phase == Phase::Opening && (answers_syn || probed);
        match phase {
            Phase::Opening if self.opening.refused => (phase, Step::Refused, acceptable),
            // The very first segment of a stream: whatever it ends was open before.
            Phase::Opening if self.opening.is_captured() => (phase, Step::Abort, acceptable),
            _ => (Phase::Closing, Step::Abort, acceptable),
        }
    }
}

/// Whether the receiver would accept this RST; `None` where the capture does not show what it expects.
fn acceptable(segment: &Segment, sender: &Endpoint, receiver: &Endpoint) -> Option<bool> {
    match receiver.state(sender) {
        // 3.10.7.1 and 3.10.7.2: without a connection a RST means nothing.
        State::Closed if receiver.progress == Progress::Gone => Some(false),
        State::Closed if receiver.fin.is_some() => Some(false),
        // 3.5.1, Figure 10: an end that holds an older connection to be open has said what it expects there.
        State::SynSent | State::Listen if receiver.acked == Some(segment.seq) => Some(true),
        // 3.10.7.3: in SYN-SENT only the ACK number can show that the RST answers our SYN.
        State::SynSent => {
            let isn = receiver.isn?;
            let next = receiver.next.unwrap_or(isn + 1);
            let acks_syn = segment.has(Flags::ACK) && segment.ack.is_within(isn + 1, next);
            // A SYN-ACK that has arrived has made it ESTABLISHED, though its ACK is not captured yet.
            let follows_syn_ack = sender.progress == Progress::Answered && sender.next == Some(segment.seq);
            Some(acks_syn || follows_syn_ack)
        }
        // An end that was called and has not answered may have heard nothing of it.
        State::Listen if receiver.progress == Progress::Called => {
            let next = sender.next?;
            Some(segment.seq == next)
        }
        // 3.10.7.4 and RFC 5961, 3.2: exactly the next number expected. That is between what the receiver has
        // acknowledged and what the sender has sent: the capture does not show which of it has arrived.
        _ => match (receiver.acked, sender.next) {
            (Some(acked), Some(next)) => Some(segment.seq.is_within(acked, next.later(acked))),
            (Some(_), None) => None,
            (None, Some(next)) if segment.seq == next => Some(true),
            (None, _) => None,
        },
    }
}

/// RFC 5961, 3.2: a RST inside the window but not at its start is answered with a challenge ACK.
fn calls_for_challenge(segment: &Segment, receiver: &Endpoint, sender: &Endpoint) -> bool {
    let window = receiver.window_bytes(sender);
    receiver.acked.is_some_and(|acked| segment.seq.since(acked) < window)
}
