//! What became of a connection: how it came about, how it ended.

use super::{Connection, Endpoint};
use crate::tcp::end::End;
use crate::tcp::named::named;
use crate::tcp::number::{Span, Timestamp};
use crate::tcp::standing::Side;

named! {
    /// What became of a connection.
    Outcome {
        /// The opening has begun; more of the capture will show how it goes on.
        InProgress = 1 c"In progress",
        /// The SYN was not answered.
        NoAnswer = 2 c"No answer",
        /// A RST answered the SYN.
        Refused = 3 c"Refused",
        /// An ICMP error answered the SYN.
        Unreachable = 4 c"Unreachable",
        /// The SYN-ACK was never acknowledged.
        HalfOpen = 5 c"Half-open",
        /// Open, and not closed in the capture.
        Established = 6 c"Established",
        /// Both ends sent their FIN.
        ClosedNormally = 7 c"Closed normally",
        /// One end sent its FIN, the other did not.
        HalfClosed = 8 c"Half-closed",
        /// The client ended it with a RST.
        AbortedByClient = 9 c"Aborted by client",
        /// The server ended it with a RST.
        AbortedByServer = 10 c"Aborted by server",
        /// It was open when the capture began, and nothing ended it.
        OpeningNotCaptured = 11 c"Opening not captured",
    }
}

named! {
    /// How a connection was closed.
    ClosingKind {
        /// FIN, ACK, FIN, ACK.
        FourWay = 1 c"Four-way",
        /// FIN, FIN and ACK in one, ACK.
        ThreeWay = 2 c"Three-way",
        /// Both FINs crossed: neither acknowledges the other.
        Simultaneous = 3 c"Simultaneous",
        /// One FIN only.
        HalfClosed = 4 c"Half-closed",
        /// A RST ended it.
        Reset = 5 c"Reset",
        /// Neither FIN nor RST.
        NotClosed = 6 c"Not closed",
    }
}

/// How long a SYN that is not sent again is given: by then its first timeout is over in every TCP. That was 3 seconds (RFC 1122,
/// 4.2.3.1) before it became one (RFC 6298, 2.1); where a capture ends after that one, it may have ended just before the retry.
pub(in crate::tcp) const SYN_TIMEOUT: Span = Span(3_000_000_000);

/// How long the other end may take to close, too, before the connection is called half-closed.
pub const CLOSE_TIMEOUT: Span = Span(10_000_000_000);

impl Connection {
    /// What became of the connection, as far as the capture shows: what was not captured makes it less certain. `until` is
    /// when the capture ends, if it has been seen to its end, so that silence is an answer too.
    pub fn outcome(&self, until: Option<Timestamp>) -> Outcome {
        if self.both_have_closed() {
            return Outcome::ClosedNormally;
        }
        match self.ended() {
            Some(_) if self.opening.is_refused() => Outcome::Refused,
            Some(reset) if reset.aborts && !self.ends_unanswered(reset.by) && self.roles.are_reliable() => {
                match self.side_of(reset.by) {
                    Side::Client => Outcome::AbortedByClient,
                    Side::Server => Outcome::AbortedByServer,
                }
            }
            None if self.is_half_closed(until) => Outcome::HalfClosed,
            _ => self.outcome_of_opening(until),
        }
    }

    /// Whether a RST that does not show whether it refuses or aborts answers a SYN without a SYN-ACK.
    fn ends_unanswered(&self, by: End) -> bool {
        let (sender, receiver) = self.ends.pair(by);
        !self.opening.is_completed() && sender.is_unheard() && receiver.isn().is_some()
    }

    /// Whether one FIN was acknowledged, and the other end, of which all was captured, has sent none for long enough.
    fn is_half_closed(&self, until: Option<Timestamp>) -> bool {
        let Some(until) = until else { return false };
        let alone = self.is_closed_alone(Side::Client) || self.is_closed_alone(Side::Server);
        self.last().is_some_and(|last| until - last >= CLOSE_TIMEOUT) && alone
    }

    /// Whether this side's FIN was acknowledged by the other, which has sent none, as far as it is known to have sent anything.
    pub(in crate::tcp) fn is_closed_alone(&self, side: Side) -> bool {
        let (closed, peer) = self.ends.pair(self.end_of(side));
        peer.has_acked_fin_of(closed) && peer.excludes_fin()
    }

    fn outcome_of_opening(&self, until: Option<Timestamp>) -> Outcome {
        let opening = &self.opening;
        let captured = opening.is_captured();
        match (opening.is_completed(), captured) {
            (true, true) => Outcome::Established,
            (true, false) => Outcome::OpeningNotCaptured,
            (false, _) if self.unreachable_frame().is_some() && opening.syn_ack().is_none() => Outcome::Unreachable,
            (false, false) if !self.is_unseen() => Outcome::OpeningNotCaptured,
            (false, _) => until.map_or(Outcome::InProgress, |until| self.outcome_of_silence(until)),
        }
    }

    /// What an opening was that has not come to an end, once the capture has.
    fn outcome_of_silence(&self, until: Timestamp) -> Outcome {
        let opening = &self.opening;
        let waited = opening.unanswered_since().is_none_or(|since| until - since >= SYN_TIMEOUT);
        let heard = opening.is_simultaneous() || self.ends.iter().any(Endpoint::is_mistaken);
        if self.ended().is_some() || heard {
            Outcome::InProgress
        } else if opening.syn_ack().is_some() {
            if opening.is_repeated_after_syn_ack() { Outcome::HalfOpen } else { Outcome::InProgress }
        } else if opening.syn_count() > 1 || waited {
            Outcome::NoAnswer
        } else {
            Outcome::InProgress
        }
    }

    /// How the connection was closed. `None` where both ends sent their FIN, and the capture does not show in which order the
    /// FINs and their ACKs were sent.
    pub fn closing_kind(&self) -> Option<ClosingKind> {
        let closing = &self.closing;
        let [first, second] = [closing.first_fin(), closing.second_fin()];
        match (first, second, closing.first_fin_ack()) {
            (_, None, _) if self.both_have_closed() => None,
            _ if self.ended().is_some() => Some(ClosingKind::Reset),
            (None, ..) => Some(ClosingKind::NotClosed),
            (Some(_), None, _) => Some(ClosingKind::HalfClosed),
            (_, Some(second), Some(ack)) if ack < second => Some(ClosingKind::FourWay),
            (_, Some(second), Some(ack)) if ack == second => Some(ClosingKind::ThreeWay),
            // The FIN that was captured first acknowledges the other's: it was sent behind that.
            _ if self.first_fin_covers_second() => None,
            _ => Some(ClosingKind::Simultaneous),
        }
    }
}
