//! RST: who may say it, and whether the other end would listen (RFC 9293, 3.5.2, 3.5.3 and 3.10.7; RFC 5961).

use super::Connection;
use super::endpoint::{Endpoint, Progress};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Phase, State, Step};

/// What a RST is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reset {
    /// Its receiver would not accept it.
    Stray,
    /// It comes after the connection has ended.
    AfterClose,
    /// It answers a SYN, or a probe.
    Refusal,
    /// It ends an attempt to open.
    AbortOfOpening,
    /// It ends the connection.
    Abort,
}

impl Connection {
    fn classify_reset(&self, segment: &Segment, acceptable: Option<bool>) -> Reset {
        let (sender, receiver) = self.ends.pair(segment.from);
        let answers_syn = receiver.progress() == Progress::Calling && sender.progress() != Progress::Answered;
        match self.phase {
            _ if acceptable == Some(false) => Reset::Stray,
            Phase::Closed => Reset::AfterClose,
            Phase::Opening if answers_syn || self.probed => Reset::Refusal,
            Phase::Opening if self.opening.is_captured() => Reset::AbortOfOpening,
            // The very first segment of a stream too: whatever it ends was open before.
            _ => Reset::Abort,
        }
    }

    /// A segment with RST. Says also whether its receiver would accept it.
    pub(super) fn reset(&mut self, segment: &Segment) -> (Phase, Step, Option<bool>) {
        let (sender, receiver) = self.ends.pair(segment.from);
        let acceptable = acceptable(segment, sender, receiver);
        let reset = self.classify_reset(segment, acceptable);
        let phase = self.phase;
        match reset {
            Reset::Stray => self.challenge(segment),
            Reset::AfterClose => {}
            Reset::Refusal => {
                self.abort(segment);
                self.opening.refuse();
            }
            Reset::AbortOfOpening | Reset::Abort => self.abort(segment),
        }
        match reset {
            Reset::Stray => (phase, Step::StrayReset, acceptable),
            Reset::AfterClose => (Phase::Closed, Step::AfterClose, acceptable),
            Reset::Refusal => (Phase::Opening, Step::Refused, acceptable),
            Reset::AbortOfOpening => (Phase::Opening, Step::Abort, acceptable),
            Reset::Abort => (Phase::Closing, Step::Abort, acceptable),
        }
    }

    /// The RST ends the connection for both ends.
    fn abort(&mut self, segment: &Segment) {
        self.closing.abort(self.side_of(segment.from));
        self.ends.iter_mut().for_each(Endpoint::abort);
        self.enter(Phase::Closed);
    }

    /// RFC 5961, 3.2: a RST inside the window but not at its start is answered with a challenge ACK.
    fn challenge(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        let window = receiver.window_bytes(sender);
        let inside = receiver.acked().is_some_and(|acked| segment.seq.since(acked) < window);
        receiver.owe_challenge(inside);
    }
}

/// Whether the receiver would accept this RST; `None` where the capture does not show what it expects.
fn acceptable(segment: &Segment, sender: &Endpoint, receiver: &Endpoint) -> Option<bool> {
    match receiver.state(sender) {
        // 3.10.7.1 and 3.10.7.2: without a connection a RST means nothing.
        State::Closed if receiver.progress() == Progress::Gone => Some(false),
        State::Closed if receiver.fin().is_some() => Some(false),
        // 3.5.1, Figure 10: an end that holds an older connection to be open has said what it expects there.
        State::SynSent | State::Listen if receiver.acked() == Some(segment.seq) => Some(true),
        // 3.10.7.3: in SYN-SENT only the ACK number can show that the RST answers our SYN.
        State::SynSent => {
            let isn = receiver.isn()?;
            let next = receiver.next().unwrap_or(isn + 1);
            let acks_syn = segment.has(Flags::ACK) && segment.ack.is_within(isn + 1, next);
            // A SYN-ACK that has arrived has made it ESTABLISHED, though its ACK is not captured yet.
            let follows_syn_ack = sender.progress() == Progress::Answered && sender.next() == Some(segment.seq);
            Some(acks_syn || follows_syn_ack)
        }
        // An end that was called and has not answered may have heard nothing of it.
        State::Listen if receiver.progress() == Progress::Called => sender.next().map(|next| segment.seq == next),
        // 3.10.7.4 and RFC 5961, 3.2: exactly the next number expected. That is between what the receiver has
        // acknowledged and what the sender has sent: the capture does not show which of it has arrived.
        _ => match (receiver.acked(), sender.next()) {
            (Some(acked), Some(next)) => Some(segment.seq.is_within(acked, next.later(acked))),
            (Some(_), None) => None,
            (None, Some(next)) if segment.seq == next => Some(true),
            (None, _) => None,
        },
    }
}
