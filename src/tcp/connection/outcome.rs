//! What became of a connection: how it came about, how it ended.

use super::Connection;
use crate::tcp::named::named;
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

impl Connection {
    /// What became of the connection. `whole` says that the capture has been seen to its end, so that silence is an
    /// answer too.
    pub fn outcome(&self, whole: bool) -> Outcome {
        if let Some(side) = self.closing.aborted_by() {
            return match side {
                _ if self.opening.is_refused() => Outcome::Refused,
                Side::Client => Outcome::AbortedByClient,
                Side::Server => Outcome::AbortedByServer,
            };
        }
        match (self.closing.first_fin(), self.closing.second_fin()) {
            (Some(_), Some(_)) => Outcome::ClosedNormally,
            (Some(_), None) => Outcome::HalfClosed,
            (None, _) => self.outcome_of_opening(whole),
        }
    }

    fn outcome_of_opening(&self, whole: bool) -> Outcome {
        let opening = &self.opening;
        match (opening.is_completed(), opening.is_captured()) {
            (true, true) => Outcome::Established,
            (true, false) => Outcome::OpeningNotCaptured,
            (false, _) if self.unreachable_frame().is_some() && opening.syn_ack().is_none() => Outcome::Unreachable,
            (false, _) if !whole => Outcome::InProgress,
            (false, _) if opening.syn_ack().is_some() => Outcome::HalfOpen,
            (false, _) => Outcome::NoAnswer,
        }
    }

    /// How the connection was closed.
    pub fn closing_kind(&self) -> ClosingKind {
        let closing = &self.closing;
        if closing.aborted_by().is_some() {
            return ClosingKind::Reset;
        }
        match (closing.first_fin(), closing.second_fin(), closing.first_fin_ack()) {
            (None, ..) => ClosingKind::NotClosed,
            (Some(_), None, _) => ClosingKind::HalfClosed,
            (_, Some(second), Some(ack)) if ack < second => ClosingKind::FourWay,
            (_, Some(second), Some(ack)) if ack == second => ClosingKind::ThreeWay,
            _ => ClosingKind::Simultaneous,
        }
    }
}
