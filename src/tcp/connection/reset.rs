//! RST: who may say it, and whether the other end would listen (RFC 9293, 3.5.2, 3.5.3 and 3.10.7; RFC 5961).

use super::Connection;
use super::endpoint::{Endpoint, Progress, Tail};
use crate::tcp::end::End;
use crate::tcp::number::{FrameNumber, SeqNumber};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Phase, State, Step};

/// A RST that ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub by: End,
    /// The phase it ends.
    pub phase: Phase,
    /// Whether it is known that not both ends had sent their FIN: then it aborts.
    pub aborts: bool,
    /// Whether it is known that the other end had sent none.
    pub is_first: bool,
}

/// What a RST is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reset {
    /// Its receiver would not accept it, as far as the capture shows.
    Stray,
    /// It comes after both ends have sent their FIN.
    AfterFins,
    /// It comes after a RST has ended the connection.
    AfterAbort,
    /// It answers a segment of another connection, which only its receiver has in mind (RFC 9293, 3.5.1).
    OfAnother,
    /// It answers a SYN, or a probe.
    Refusal,
    /// It ends an attempt to open.
    AbortOfOpening,
    /// It ends the connection.
    Abort,
}

/// What a RST is.
impl Connection {
    fn classify_reset(&self, segment: &Segment, acceptable: Option<bool>) -> Reset {
        let (sender, receiver) = self.ends.pair(segment.from);
        let answers_syn = receiver.progress() == Progress::Calling && sender.progress() != Progress::Answered;
        // RFC 9293, 3.10.7.1: what answers a segment without ACK, a SYN that was not captured.
        let alone = !self.opening.is_captured() && segment.has(Flags::ACK) && segment.seq == SeqNumber(0);
        match self.phase {
            _ if self.both_have_closed() => Reset::AfterFins,
            _ if self.ended().is_some() => Reset::AfterAbort,
            _ if acceptable == Some(false) => Reset::Stray,
            Phase::Closed => Reset::AfterAbort,
            _ if self.answers_wrong_number(segment) => Reset::OfAnother,
            Phase::Opening if answers_syn || self.opening.is_probed() => Reset::Refusal,
            Phase::Opening if alone && sender.is_unseen() && receiver.is_unseen() => Reset::Refusal,
            Phase::Opening if self.opening.is_captured() && !self.shows_open(segment) => Reset::AbortOfOpening,
            _ if acceptable.is_none() && self.is_whole() && !self.follows_all(segment) => Reset::Stray,
            // The very first segment of a stream too: whatever it ends was open before.
            _ => Reset::Abort,
        }
    }

    /// Whether a RST answers a segment whose ACK number its sender never used here (RFC 9293, 3.5.2, group 2): it repeats
    /// that number, has no ACK, and ends nothing for its sender.
    fn answers_wrong_number(&self, segment: &Segment) -> bool {
        let (sender, receiver) = self.ends.pair(segment.from);
        let repeats = receiver.acked() == Some(segment.seq) && !segment.has(Flags::ACK);
        let Some(isn) = sender.isn() else { return false };
        match sender.progress() {
            Progress::Calling => repeats && segment.seq.since(isn) > self.syn_takes(),
            Progress::Answered if self.phase == Phase::Opening => {
                repeats && sender.next().is_none_or(|next| !segment.seq.is_within(isn, next))
            }
            // Nothing but that number has shown that the handshake was completed.
            _ => repeats && self.is_open_by_ack_only(segment.from),
        }
    }

    /// Whether all that shows the connection to be open is an ACK of what the server, which is at `end`, is not known to
    /// have sent.
    pub(super) fn is_open_by_ack_only(&self, end: End) -> bool {
        let (server, client) = self.ends.pair(end);
        let only_beyond = self.opening.ack().is_none()
            && self.opening.syn_ack().is_some()
            && server.tail() != Tail::Captured
            && server.isn().zip(server.next()).is_some_and(|(isn, next)| next.since(isn) > 1);
        self.phase == Phase::Data
            && (only_beyond || server.is_silent())
            && client.isn().is_some_and(|isn| server.acked().is_none_or(|acked| acked.since(isn) <= self.syn_takes()))
    }

    /// Whether the numbers of a RST show that more was sent than the handshake.
    fn shows_open(&self, segment: &Segment) -> bool {
        let (sender, receiver) = self.ends.pair(segment.from);
        let sent_more = sender.next().is_some_and(|next| segment.seq.is_after(next));
        let had_more = segment.has(Flags::ACK) && receiver.next().is_some_and(|next| segment.ack.is_after(next));
        let answers_syn_ack = segment.has(Flags::ACK) && receiver.progress() == Progress::Answered;
        let opened = sender.progress() != Progress::Unseen && receiver.progress() != Progress::Unseen;
        opened && (sent_more || had_more || answers_syn_ack)
    }

    /// Whether all that both ends have sent was captured, as far as the capture shows.
    pub(super) fn is_whole(&self) -> bool {
        self.opening.ack().is_some() && self.ends.iter().all(|end| !end.has_holes())
    }

    /// Whether it has a number up to the next that its sender would use.
    fn follows_all(&self, segment: &Segment) -> bool {
        self.ends[segment.from].next().is_none_or(|next| !segment.seq.is_after(next))
    }

    /// Whether the receiver would accept this RST; `None` where the capture does not show what it expects.
    fn is_acceptable(&self, segment: &Segment) -> Option<bool> {
        let (sender, receiver) = self.ends.pair(segment.from);
        let repeats = receiver.acked() == Some(segment.seq);
        match receiver.state(sender) {
            // 3.10.7.1 and 3.10.7.2: without a connection a RST means nothing.
            State::Closed if receiver.is_gone() => Some(repeats && receiver.spoke_since_reset()),
            State::Closed if receiver.fin().is_some() => Some(false),
            // 3.5.1, Figures 10 and 11: it has said that it expects this number.
            _ if repeats => Some(true),
            State::SynSent => acceptable_to_caller(segment, sender, receiver),
            // An end that was called and has not answered may have heard nothing of it.
            State::Listen if receiver.progress() == Progress::Called => sender.next().map(|next| segment.seq == next),
            _ => self.acceptable_by_number(segment),
        }
    }

    /// 3.10.7.4 and RFC 5961, 3.2: exactly the next number expected. That is between what the receiver has acknowledged and
    /// what the sender has sent: the capture does not show which of it has arrived.
    fn acceptable_by_number(&self, segment: &Segment) -> Option<bool> {
        let (sender, receiver) = self.ends.pair(segment.from);
        if receiver.acked().is_some_and(|acked| segment.seq.is_before(acked)) {
            return Some(false);
        }
        if sender.next() == Some(segment.seq) && sender.tail() == Tail::Captured {
            return Some(true);
        }
        let window = receiver.window_bytes(sender);
        let outside = receiver.acked().is_some_and(|acked| segment.seq.since(acked) > window);
        (outside && self.is_whole() && receiver.knows_window_scale(sender)).then_some(false)
    }
}

/// 3.10.7.3: in SYN-SENT only the ACK number can show that the RST answers our SYN.
fn acceptable_to_caller(segment: &Segment, sender: &Endpoint, receiver: &Endpoint) -> Option<bool> {
    let isn = receiver.isn()?;
    let next = receiver.next().unwrap_or(isn + 1);
    let answered = sender.progress() == Progress::Answered;
    // A SYN-ACK that has arrived has made it ESTABLISHED, though its ACK is not captured yet.
    if answered && sender.next() == Some(segment.seq) {
        return Some(true);
    }
    let beyond = answered && sender.next().is_some_and(|next| segment.seq.is_after(next));
    match segment.has(Flags::ACK) {
        true if segment.ack.is_within(isn + 1, next) => Some(true),
        true if segment.ack.is_after(next) && segment.seq != SeqNumber(0) => None,
        _ if beyond => None,
        _ => Some(false),
    }
}

/// What a RST changes.
impl Connection {
    /// A segment with RST. Says also whether its receiver would accept it.
    pub(super) fn reset(&mut self, segment: &Segment) -> (Phase, Step, Option<bool>) {
        let acceptable = self.is_acceptable(segment);
        let reset = self.classify_reset(segment, acceptable);
        let phase = self.phase;
        match reset {
            Reset::Stray => self.ignore(segment),
            Reset::AfterAbort => self.ends[segment.from].give_up(),
            Reset::AfterFins => self.end_after_fins(segment, acceptable),
            Reset::OfAnother => self.end_another(segment),
            Reset::Refusal => {
                // 3.10.7.1: a closed port answers with the number 0. Another number may be of a connection that was open.
                let certain = segment.seq == SeqNumber(0) || self.opening.is_probed();
                self.abort(segment);
                self.opening.refuse(certain);
                let ended = self.ended();
                self.set_ended(ended.map(|ended| Ended { is_first: certain || ended.is_first, ..ended }));
            }
            Reset::AbortOfOpening => self.abort(segment),
            Reset::Abort => {
                let was_captured = self.opening.is_captured();
                self.opening.infer(self.opening.is_completed() || was_captured);
                self.abort(segment);
            }
        }
        match reset {
            Reset::Stray => (phase, Step::StrayReset, acceptable),
            Reset::AfterAbort => (Phase::Closed, Step::AfterClose, acceptable),
            Reset::AfterFins => (Phase::Closed, Step::ResetAfterClose, acceptable),
            Reset::Refusal => (Phase::Opening, Step::Refused, acceptable),
            Reset::OfAnother | Reset::AbortOfOpening => (Phase::Opening, Step::Abort, acceptable),
            Reset::Abort => (Phase::Closing, Step::Abort, acceptable),
        }
    }

    /// The RST ends the connection for its sender, and for its receiver as far as that accepts it.
    fn abort(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        sender.skip_to(segment.seq);
        let has_more = segment.has(Flags::ACK) && receiver.next().is_none_or(|next| segment.ack.is_after(next));
        if segment.has(Flags::ACK) {
            receiver.skip_to(segment.ack);
        }
        // A RST without ACK answers a segment (3.5.2): one that was captured, or the peer's FIN may have been it.
        let repeats = receiver.acked() == Some(segment.seq);
        let has_new = receiver.next().is_some_and(|next| sender.acked().is_none_or(|acked| next.is_after(acked)));
        let is_first = receiver.excludes_fin();
        let is_next = sender.next() == Some(segment.seq) && !has_more;
        // A number before that may be one that the receiver has gone past. Only of a FIN it is known that it has not.
        let is_old = sender.next().is_some_and(|next| segment.seq.is_before(next)) && sender.fin() != Some(segment.seq);
        let aborts = !is_old
            && (sender.excludes_fin() && is_next || is_first && (segment.has(Flags::ACK) || repeats && has_new));
        sender.give_up();
        // RFC 9293, 3.10.7.4: an end that was called goes on listening.
        if matches!(receiver.progress(), Progress::Answered | Progress::Called) {
            receiver.listen_on();
        } else {
            receiver.give_up();
        }
        self.set_ended(Some(Ended { by: segment.from, phase: self.phase, aborts, is_first }));
        self.enter(Phase::Closed);
    }

    /// Both ends have sent their FIN: there is nothing left to abort.
    fn end_after_fins(&mut self, segment: &Segment, acceptable: Option<bool>) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        sender.give_up();
        if acceptable == Some(true) {
            receiver.give_up();
        }
        self.enter(Phase::Closed);
    }

    /// The RST ends what only its receiver holds to be a connection; the opening goes on.
    fn end_another(&mut self, segment: &Segment) {
        if self.phase != Phase::Opening {
            return self.open_again(segment.from);
        }
        let receiver = &mut self.ends[segment.from.peer()];
        match receiver.progress() {
            Progress::Mistaken | Progress::Answered => receiver.listen_on(),
            Progress::Called => receiver.give_up(),
            _ => {}
        }
    }

    /// What alone showed the connection to be open was an ACK of something else: the server, which is at `end`, still waits
    /// for the one of its SYN-ACK.
    pub(super) fn open_again(&mut self, end: End) {
        let (server, client) = self.ends.pair_mut(end);
        if server.is_silent() {
            server.forget()
        } else {
            server.wait_on()
        }
        client.call_on();
        self.opening.infer(false);
        self.enter(Phase::Opening);
    }

    /// The receiver does not accept it. RFC 5961, 3.2: one inside the window but not at its start it answers with a
    /// challenge ACK.
    fn ignore(&mut self, segment: &Segment) {
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        let window = receiver.window_bytes(sender);
        let inside = receiver.acked().is_some_and(|acked| segment.seq.since(acked) < window);
        receiver.owe_challenge(inside);
        // A number that was used before: whoever sends it has lost count, and so the connection.
        let used = receiver
            .acked()
            .zip(sender.base())
            .is_some_and(|(acked, base)| segment.seq.is_before(acked) && !segment.seq.is_before(base));
        if used && sender.progress() == Progress::Open {
            sender.give_up();
        }
    }
}

/// What became known of its RSTs.
impl Connection {
    /// Whose RST has ended it.
    pub fn ended_by(&self) -> Option<End> {
        Some(self.ended()?.by)
    }

    /// The segment that the RST of this frame answers, by its numbers (RFC 9293, 3.10.7.1); known of the first few RSTs.
    pub fn reset_answers(&self, frame: FrameNumber) -> Option<FrameNumber> {
        self.signs()?.reset(frame)?.answers
    }

    /// The highest number that the receiver of this frame's RST had acknowledged before it, likewise.
    pub fn acked_before_reset(&self, frame: FrameNumber) -> Option<SeqNumber> {
        self.signs()?.reset(frame)?.receiver_acked
    }
}

/// The RST that ended the connection.
impl Connection {
    /// That RST.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.unusual.as_ref()?.ended
    }

    /// A RST ends the connection; `None`: what did has not ended it after all.
    pub(super) fn set_ended(&mut self, ended: Option<Ended>) {
        if ended.is_some() || self.unusual.is_some() {
            self.unusual().ended = ended;
        }
    }
}

/// What shows that a RST did not end the connection.
impl Connection {
    /// Whether a segment shows that the RST before it did not count: its receiver goes on and acknowledges what was sent since,
    /// its sender acknowledges what the receiver has sent since, or the handshake is completed with a SYN-ACK from after it.
    pub(super) fn outlives_reset(&self, segment: &Segment) -> bool {
        let Some(reset) = self.ended() else { return false };
        let receiver = &self.ends[segment.from.peer()];
        let has_more = receiver.next().is_some_and(|next| segment.ack.is_after(next));
        let completes = reset.phase == Phase::Opening
            && receiver.progress() == Progress::Answered
            && self.acknowledged_isn(segment).is_some();
        let goes_on = has_more && (reset.by != segment.from || receiver.spoke_since_reset());
        segment.has(Flags::ACK) && (completes || goes_on)
    }

    /// A segment from after the RST that does not show that it did not count. Its sender may seem to go on all the same: with
    /// new payload, or at all where the RST refused a SYN.
    pub(super) fn doubt_reset(&mut self, segment: &Segment) {
        let Some(reset) = self.ended() else { return };
        let (sender, receiver) = self.ends.pair(segment.from);
        let sends_more = segment.takes() > 0 && sender.next().is_some_and(|next| segment.next_seq().is_after(next));
        let next = receiver.next().or(receiver.isn().map(|isn| isn + 1));
        let plausible = next.is_none_or(|next| !segment.ack.is_after(next));
        if reset.by == segment.from && (self.opening.is_refused() || sends_more && plausible) {
            self.opening.refuse(false);
            self.set_ended(Some(Ended { aborts: false, ..reset }));
        }
        self.ends[segment.from].speak_since_reset();
    }

    /// The connection goes on where the RST seemed to have ended it.
    pub(super) fn revive(&mut self) {
        if let Some(reset) = self.ended() {
            if self.ends[reset.by.peer()].spoke_since_reset() {
                self.unusual().fins_out_of_order = true; // what was said since was not taken in
            }
            self.set_ended(None);
            self.opening.refuse(false);
            self.ends.iter_mut().for_each(Endpoint::revive);
            let answered = &mut self.ends[reset.by.peer()];
            if reset.phase == Phase::Opening && answered.progress() == Progress::Called && answered.isn().is_some() {
                answered.wait_on();
            }
            self.go_back_to(reset.phase);
        }
    }
}
