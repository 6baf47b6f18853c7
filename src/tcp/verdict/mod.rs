//! The verdict on a connection: why it failed, and where to look.
//!
//! - [`signs`] is what is kept of a connection for it beyond its states: what was sent again, who fell silent, whose RST it
//!   was. It is kept only of connections that have something of it.
//! - [`origin`] says who sent a RST, as far as the packets around it show.
//! - [`rules`] goes through the verdicts in their order; the first that holds is the one.
//!
//! What rests on silence is never certain: what was not captured was not "not sent". Nor is a finding certain that later
//! segments could outrank. Certain is what a captured segment shows, whatever else was lost.

mod hosts;
mod icmp;
mod origin;
mod rules;
mod signs;
#[cfg(test)]
mod tests;

use super::frames::Frames;
use super::named::named;
use super::number::{FrameNumber, SeqNumber, Span, Timestamp};
use super::standing::Side;

use hosts::Hops;
pub use hosts::Hosts;
pub use icmp::IcmpError;
pub use origin::{Compared, ForeignHops};
pub use signs::{Around, LastPacket, ResetSign, Seen, Signs};

named! {
    /// The main finding about a connection.
    Verdict {
        /// A RST that the host itself can have sent answers the SYN.
        Refused = 1 c"Refused",
        /// A RST that is not the host's, or an ICMP error that says so, answers the SYN.
        RejectedByFirewall = 2 c"Rejected by a firewall",
        /// Another ICMP "destination unreachable" answers the SYN.
        Unreachable = 3 c"Unreachable",
        /// Nothing came back to the SYN.
        NoAnswer = 4 c"No answer",
        /// The client repeats its SYN after the SYN-ACK.
        AnswerNotReceived = 5 c"Answer not received",
        /// The SYN-ACK is repeated, and nothing comes from the client.
        ClientSilent = 6 c"Client silent",
        /// The SYN-ACK is repeated after the ACK that it asks for.
        HandshakeAckNotTaken = 7 c"Handshake ACK not taken",
        /// A wrong number, or an old connection, got in the way.
        HandshakeDisturbed = 8 c"Handshake disturbed",
        /// The client resets at once, or sends flags that no TCP sends.
        Probe = 9 c"Probe",
        /// After a long silence one end no longer knows the connection.
        Forgotten = 10 c"Forgotten",
        /// The RST is neither end's.
        ResetByThirdParty = 11 c"Reset by a third party",
        /// The largest segments do not arrive, smaller ones do.
        LargeSegmentsLost = 12 c"Large segments lost",
        /// What is repeated is not answered any more.
        WentSilent = 13 c"Went silent",
        /// A RST of the client ends the connection.
        ResetByClient = 14 c"Reset by client",
        /// A RST of the server ends the connection.
        ResetByServer = 15 c"Reset by server",
        /// The receiver's window is 0 for a while.
        Stalled = 16 c"Stalled",
        /// One end has closed, the other does not.
        LeftHalfClosed = 17 c"Left half-closed",
        /// It opened late, or only after retries.
        SlowOpening = 18 c"Slow opening",
        /// None of the above.
        Fine = 19 c"Fine",
        /// The capture ends too soon to tell.
        Undecided = 20 c"Undecided",
        /// Too much was not captured.
        NotAllCaptured = 21 c"Not all captured",
    }
}

impl Verdict {
    /// Whether something is wrong with a connection that has it: all but where no fault was found.
    pub fn is_problem(self) -> bool {
        !matches!(self, Verdict::Fine | Verdict::Undecided | Verdict::NotAllCaptured)
    }

    /// Whether a connection with it failed: one that opened slowly works.
    pub fn is_failure(self) -> bool {
        self.is_problem() && self != Verdict::SlowOpening
    }
}

named! {
    /// Where to look.
    Suspect {
        /// At the client.
        Client = 1 c"Client",
        /// At the server.
        Server = 2 c"Server",
        /// Between the two.
        Network = 3 c"Network",
        /// At how the capture was made.
        Capture = 4 c"Capture",
        /// The capture does not show it.
        Unknown = 5 c"Unknown",
    }
}

named! {
    /// Where on the way the packets were captured.
    CapturePoint {
        /// The client is much nearer than the server.
        NearClient = 1 c"Near the client",
        /// The server is much nearer than the client.
        NearServer = 2 c"Near the server",
        /// Neither is.
        Between = 3 c"Between",
        /// The capture does not show it.
        Unknown = 4 c"Unknown",
    }
}

named! {
    /// Who sent a RST.
    Origin {
        /// The end whose address it carries.
        Itself = 1 c"The end itself",
        /// Someone else, in that end's name.
        SomeoneElse = 2 c"Someone else",
        /// The capture does not show it.
        Unknown = 3 c"Unknown",
    }
}

impl From<Side> for Suspect {
    fn from(side: Side) -> Suspect {
        match side {
            Side::Client => Suspect::Client,
            Side::Server => Suspect::Server,
        }
    }
}

/// A verdict, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// Where to look; `None` where nothing is wrong.
    pub suspect: Option<Suspect>,
    /// Whether the capture proves it; else it is the likeliest reading.
    pub certain: bool,
    /// The frame that shows it best.
    pub frame: Option<FrameNumber>,
    /// The evidence.
    pub why: Why,
}

impl Finding {
    /// Whether it blames someone without a proof.
    pub fn is_guess(&self) -> bool {
        !self.certain && self.suspect.is_some_and(|suspect| suspect != Suspect::Capture)
    }
}

/// What is repeated without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Payload.
    Data,
    /// A FIN.
    Fin,
    /// Keep-alives, or probes of a window of 0.
    Probes,
}

/// The evidence for a verdict, in numbers; the words are made elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the line of each says what its numbers are
pub enum Why {
    /// A RST answers the SYN: which one, and whether its hops are those of that host's other packets.
    Rst { rst: FrameNumber, answers: Option<FrameNumber>, hops: Compared, v6: bool },
    /// An ICMP error answers the SYN.
    Icmp { error: IcmpError },
    /// SYNs, nothing came back within this time after the last; `over` is from the first to the last.
    Silence { syns: Frames, over: Span, waited: Span },
    /// A SYN-ACK, and SYNs after it.
    AskedOn { syn_ack: FrameNumber, syns: Frames },
    /// SYN-ACKs, and nothing from the client.
    AnsweredOn { syn_acks: Frames },
    /// An ACK, and SYN-ACKs after it.
    AckIgnored { ack: FrameNumber, syn_acks: Frames },
    /// A segment got in the way.
    Disturbance(Disturbance),
    /// The client's RST, this long after its SYN.
    Probe { rst: FrameNumber, after: Span },
    /// Flags that no TCP sends.
    ImpossibleFlags { frame: FrameNumber },
    /// After this silence a segment, and the RST that answers it.
    Forgotten { silence: Span, segment: FrameNumber, rst: FrameNumber, by: Side },
    /// A RST in the name of this end; `went_on` is where that end goes on as if it had sent none.
    Forged { rst: FrameNumber, of: Side, hops: Compared, v6: bool, went_on: Option<FrameNumber> },
    /// Segments of this size are repeated without an answer.
    Large { by: Side, size: u32, times: u16, first: FrameNumber, last: FrameNumber },
    /// What one end repeats is not answered.
    Unanswered { by: Side, what: Awaited, times: u16, first: FrameNumber, last: FrameNumber, over: Span },
    /// The RST that ends the connection, and what it answers.
    Reset { by: Side, rst: FrameNumber, answers: Option<FrameNumber>, hops: Compared, v6: bool, after_fin: bool },
    /// This end's window was 0 for so long.
    Shut { by: Side, frame: FrameNumber, lasted: Span, over: bool },
    /// This end closed; the other was silent for so long.
    HalfClosed { by: Side, fin: Option<FrameNumber>, silent: Span },
    /// It took this long to open, with so many SYNs and SYN-ACKs.
    Slow { syns: u16, syn_acks: u16, took: Option<Span> },
    /// It opened; `close` says how far it came.
    InOrder { opening: bool, close: Close },
    /// The capture ends this long after what was not answered.
    Ends { frame: Option<FrameNumber>, after: Span, what: Open },
    /// Only one end's segments were captured.
    OneDirection { captured: Side },
    /// What was captured is too little to say more than that a RST in the name of this end ended it.
    LittleButReset { by: Side, rst: FrameNumber },
    /// What was captured is too little to say more.
    Little,
}

/// How far a connection came in closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// No FIN was captured.
    NotSeen,
    /// A FIN was captured, and nothing shows that both ends have closed.
    Begun,
    /// Both ends have closed.
    Done,
}

/// A segment that got in the way of the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// Its frame.
    pub frame: FrameNumber,
    /// Which of its numbers does not fit, if one shows it.
    pub misfit: Option<Misfit>,
}

/// A number that does not fit an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// An ACK number.
    Ack {
        /// That number.
        ack: SeqNumber,
        /// The one that acknowledges the SYN, or the SYN-ACK.
        expected: SeqNumber,
    },
    /// The initial sequence number of a SYN-ACK.
    Isn {
        /// That number.
        isn: SeqNumber,
        /// That of the first SYN-ACK.
        first: SeqNumber,
    },
}

/// What was left open when the capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// A SYN without an answer.
    Syn,
    /// A SYN-ACK that was not acknowledged.
    SynAck,
    /// What was sent again, and not answered yet.
    Repeated,
    /// A close that the other end had not joined.
    Close,
}

/// What the whole capture says about one of its connections.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    /// When it ends, as far as it was read.
    pub until: Timestamp,
    /// Its hosts.
    pub hosts: &'a Hosts,
}
