//! What one segment is, and where its connection stands after it.

use super::completeness::Completeness;
use super::named::named;

named! {
    /// The part of its connection's life that a segment belongs to.
    Phase {
        /// From the first SYN to the ACK that completes the handshake, or to what ends the attempt.
        Opening = 1 c"Opening",
        /// After the handshake and before the first FIN; also where the opening was not captured.
        Data = 2 c"Data",
        /// From the first FIN to the ACK of the second, or the RST that aborts.
        Closing = 3 c"Closing",
        /// Whatever comes after.
        Closed = 4 c"Closed",
    }
}

named! {
    /// Which end of the connection.
    Side {
        /// The end that opened the connection.
        Client = 1 c"Client",
        /// The end that was called.
        Server = 2 c"Server",
    }
}

impl Side {
    /// The other side.
    pub fn peer(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

named! {
    /// The state of one end (RFC 9293, 3.3.2).
    State {
        /// No connection.
        Closed = 0 c"CLOSED",
        /// Waiting for a SYN.
        Listen = 1 c"LISTEN",
        /// Has sent a SYN and waits for the answer.
        SynSent = 2 c"SYN-SENT",
        /// Has answered a SYN with its own and waits for the ACK.
        SynReceived = 3 c"SYN-RECEIVED",
        /// Open: data flows.
        Established = 4 c"ESTABLISHED",
        /// Has sent its FIN; it is not acknowledged.
        FinWait1 = 5 c"FIN-WAIT-1",
        /// Its FIN is acknowledged; waits for the peer's.
        FinWait2 = 6 c"FIN-WAIT-2",
        /// Has acknowledged the peer's FIN and may go on sending.
        CloseWait = 7 c"CLOSE-WAIT",
        /// Both FINs crossed; waits for the ACK of its own.
        Closing = 8 c"CLOSING",
        /// Sent its FIN after the peer's; waits for the last ACK.
        LastAck = 9 c"LAST-ACK",
        /// Closed, and waits until old segments have died out.
        TimeWait = 10 c"TIME-WAIT",
    }
}

named! {
    /// What a segment does in its phase.
    Step {
        /// Asks for a connection.
        Syn = 1 c"SYN",
        /// Asks again: the first SYN was not answered in time.
        SynRetransmission = 2 c"SYN retransmission",
        /// Asks while the peer's own SYN is on its way.
        SimultaneousSyn = 3 c"Simultaneous SYN",
        /// Asks and brings data along (Fast Open, RFC 7413).
        SynWithData = 4 c"SYN with data",
        /// Accepts, and asks in turn.
        SynAck = 5 c"SYN-ACK",
        /// The same again: no ACK came in time.
        SynAckRetransmission = 6 c"SYN-ACK retransmission",
        /// Completes the handshake.
        HandshakeAck = 7 c"Handshake ACK",
        /// A RST that answers a SYN: nobody listens there, or nobody may.
        Refused = 8 c"Connection refused",
        /// Carries payload.
        Data = 9 c"Data",
        /// Carries payload again.
        DataRetransmission = 10 c"Data retransmission",
        /// Acknowledges.
        Ack = 11 c"ACK",
        /// Acknowledges the same number again: something is missing.
        DuplicateAck = 12 c"Duplicate ACK",
        /// Asks whether the peer is still there.
        KeepAlive = 13 c"Keep-alive",
        /// Answers that it is.
        KeepAliveAck = 14 c"Keep-alive ACK",
        /// Asks whether the peer's window is still shut.
        ZeroWindowProbe = 15 c"Zero-window probe",
        /// Says how much room there is now.
        WindowUpdate = 16 c"Window update",
        /// The first end has nothing more to send.
        FirstFin = 17 c"First FIN",
        /// The other end has nothing more to send either.
        SecondFin = 18 c"Second FIN",
        /// Says so again.
        FinRetransmission = 19 c"FIN retransmission",
        /// Has noted that the first end is done.
        FirstFinAck = 20 c"ACK of the first FIN",
        /// The ACK that ends the connection.
        LastAck = 21 c"Last ACK",
        /// Data after the peer's FIN: the connection is half-closed.
        HalfClosedData = 22 c"Data after the peer's FIN",
        /// A RST that ends the connection.
        Abort = 23 c"Abort (RST)",
        /// A RST that its receiver would not accept.
        StrayReset = 24 c"Stray RST",
        /// Answers an unexpected SYN or RST: says where the connection stands (RFC 9293, 3.10.7.4; RFC 5961).
        ChallengeAck = 25 c"Challenge ACK",
        /// Comes after both ends have closed, or after the abort.
        AfterClose = 26 c"After the close",
        /// Flags that no TCP sends together.
        ImpossibleFlags = 27 c"Impossible flags",
        /// An ACK in the handshake for a number that was never sent.
        WrongAck = 28 c"Wrong handshake ACK",
        /// A second SYN-ACK with another initial sequence number.
        ConflictingSynAck = 29 c"SYN-ACK with another number",
        /// A SYN where the connection is already open.
        UnexpectedSyn = 30 c"SYN on an open connection",
        /// Carries payload that was overtaken by later payload.
        OutOfOrderData = 31 c"Out-of-order data",
        /// Answers a zero-window probe.
        ZeroWindowProbeAck = 32 c"Zero-window probe ACK",
        /// A RST after both ends have sent their FIN: it aborts nothing.
        ResetAfterClose = 33 c"RST after the close",
        /// The same packet a second time: it was sent once.
        CapturedAgain = 34 c"Captured again",
    }
}

/// What one segment is and where its connection stands after it, decided when its frame is first seen and the same ever
/// after. Eight bytes, kept for every segment of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its part of the connection's life.
    pub phase: Phase,
    /// What it does there.
    pub step: Step,
    /// Who sent it.
    pub sender: Side,
    /// Whether `sender` is a guess, because no SYN or SYN-ACK was captured.
    pub sender_assumed: bool,
    /// The client's state after it.
    pub client: State,
    /// The server's state after it.
    pub server: State,
    /// On a RST: whether its receiver would accept it; `None` where the capture does not show enough to say, and on
    /// other segments.
    pub reset_acceptable: Option<bool>,
    /// The connection's completeness up to and including it.
    pub so_far: Completeness,
}

const _: () = assert!(size_of::<Standing>() <= 8);
