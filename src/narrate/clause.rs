//! What a narration can say: the clauses it is made of, which each language phrases.
//!
//! A clause says as fact what the header, the standing or the evidence shows. What is only likely is named as such in the
//! phrase.

use super::evidence::{Duplicate, Filled, Repeated};
use crate::tcp::{Earlier, Flags, ForeignHops, FrameNumber};

/// One or a few sentences, which any other clause may follow, with all the numbers they print.
///
/// *It* is the segment's sender, *the peer* its receiver. `seq`, `next` and `ack` are raw numbers, those that begin with
/// `rel` are relative ones; `bytes` are counts of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// Of the opening.
    Opening(OpeningClause),
    /// Of data and ACKs.
    Data(DataClause),
    /// Of the close.
    Closing(ClosingClause),
    /// Of RSTs and challenge ACKs.
    Reset(ResetClause),
    /// Of what is beside the usual course of a connection.
    Odd(OddClause),
}

impl From<OpeningClause> for Clause {
    fn from(clause: OpeningClause) -> Clause {
        Clause::Opening(clause)
    }
}

impl From<DataClause> for Clause {
    fn from(clause: DataClause) -> Clause {
        Clause::Data(clause)
    }
}

impl From<ClosingClause> for Clause {
    fn from(clause: ClosingClause) -> Clause {
        Clause::Closing(clause)
    }
}

impl From<ResetClause> for Clause {
    fn from(clause: ResetClause) -> Clause {
        Clause::Reset(clause)
    }
}

impl From<OddClause> for Clause {
    fn from(clause: OddClause) -> Clause {
        Clause::Odd(clause)
    }
}

/// What a segment does in the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningClause {
    /// It asks for a connection, from one port to another.
    Asks { from: u16, to: u16 },
    /// Its initial sequence number.
    HasIsn { seq: u32 },
    /// A SYN takes a number although it has no payload.
    SynTakesNumber { next: u32 },
    /// By Wireshark's analysis its ports were used before, by another connection.
    PortsReused,
    /// It asks and brings data along; whether the header has the Fast Open option.
    AsksWithData { seq: u32, bytes: u32, fast_open: bool },
    /// The SYN and the data take numbers.
    SynAndDataTakeNumbers { bytes: u32, next: u32 },
    /// Its SYN comes again after the opening; whether the connection is open.
    OldSyn { seq: u32, open: bool },
    /// It asks again, with the same number.
    AsksAgain { seq: u32 },
    /// Nothing that answers the SYN was captured before.
    NoAnswerBefore,
    /// A SYN-ACK was captured before.
    SynAckBefore,
    /// A RST was captured before; whether it sent that itself.
    ResetBefore { own: bool },
    /// Its SYN does not acknowledge the peer's.
    AsksToo { seq: u32 },
    /// In a simultaneous open neither end waits for the other.
    NeitherWaits,
    /// It accepts: a SYN-ACK is two messages.
    Accepts,
    /// In a simultaneous open: it answers the peer's SYN and repeats its own.
    AnswersAndRepeats,
    /// Both ends are one: its SYN has come back to it.
    ConnectsToItself,
    /// What the ACK in a SYN-ACK covers.
    SynAckAcks { ack: u32, covers: Covers },
    /// The SYN in a SYN-ACK: its own number.
    OwnIsn { seq: u32, next: u32 },
    /// The same, with data behind the SYN.
    OwnIsnWithData { seq: u32, bytes: u32, next: u32 },
    /// The SYN in the SYN-ACK of a simultaneous open: still the same number.
    OwnIsnStill { seq: u32, next: u32 },
    /// It repeats its SYN-ACK.
    SynAckAgain { seq: u32 },
    /// An ACK of its SYN-ACK was captured before.
    HandshakeAckBefore,
    /// None was.
    NoHandshakeAckBefore,
    /// It answers again, with another initial sequence number.
    AnswersOtherwise { seq: u32 },
    /// Who sends a second SYN-ACK that is no repetition.
    TwoAnswer,
    /// The ACK that completes the handshake.
    AcksSyn { ack: u32, covers: Covers },
    /// Both ends know each other's numbers.
    Connected,
    /// The ACK brings data along.
    BringsData { bytes: u32 },
    /// The same, and so many of the bytes came with the SYN before.
    BringsDataOfSyn { bytes: u32, again: u32 },
    /// An ACK takes no number.
    AckTakesNoNumber { next: u32, rel_next: u32 },
    /// It answers a SYN with a RST.
    Refuses { port: u16 },
    /// The RST ends the attempt; its ACK number, if it has one.
    RefusalEndsAttempt { ack: Option<u32> },
    /// It answers a probe with a RST.
    RefusesProbe { port: u16 },
    /// It acknowledges what fits nothing in this handshake.
    AcksWrongNumber { ack: u32 },
    /// It sends a SYN on the open connection.
    UnexpectedSyn { seq: u32 },
    /// The peer must answer that with a challenge ACK.
    PeerMustChallenge,
}

/// What a segment says of data: its own, and what it acknowledges of the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataClause {
    /// It sends data.
    Sends(Payload),
    /// It goes on sending after the peer has closed.
    StillSends(Payload),
    /// The payload fills the MSS, together with the header's options if it has any: bytes of them.
    FullSegment { mss: u16, options: Option<u32> },
    /// More than the MSS.
    OverMss { mss: u16 },
    /// The same, and what that comes from.
    FirstOverMss { mss: u16 },
    /// The segment has PSH.
    Pushes,
    /// The same, and what PSH means.
    PushMeans,
    /// Bytes in flight with this segment, and the peer's window if that is known; whether what that means is to be said.
    InFlight { bytes: u32, window: Option<(u32, Filled)>, first: bool },
    /// It sends data that was captured before.
    SendsAgain { bytes: u32, rel_first: u32, rel_last: u32 },
    /// It sends data that Wireshark takes to be a retransmission.
    GoesBack { bytes: u32, rel_first: u32, rel_last: u32 },
    /// Its data was captured behind later data.
    ComesLate { bytes: u32, rel_first: u32, rel_last: u32 },
    /// Wireshark takes it for a retransmission, or for late, but nothing of it was captured before.
    NotCapturedBefore { late: bool },
    /// It begins with bytes that its sender had sent before, and ends with new ones.
    PartlyNew,
    /// What was captured late was probably sent in order, or sent again.
    ProbablyOvertaken,
    /// Which segment it repeats.
    Repeats(Repeated),
    /// Whether an ACK for all of that had been captured.
    AckedBefore(bool),
    /// What it repeats was captured so shortly before that no timeout can have passed; whether the two have the same
    /// header, checksum included.
    TooSoon { copied: bool },
    /// An ACK for all of that had been captured, though it had not.
    AckedAlready,
    /// It has none of the peer's bytes.
    HasNothing { rel_ack: u32 },
    /// It has so many of the peer's bytes: said by an ACK alone.
    HasBytes { bytes: u32, rel_ack: u32 },
    /// The same, said along with data.
    AlsoHasBytes { bytes: u32, rel_ack: u32 },
    /// It expects this number; how many bytes that makes is not known.
    Expects { rel_ack: u32 },
    /// The same, and nothing that reaches so far had been captured.
    ExpectsUnseen { rel_ack: u32 },
    /// Which segment the ACK number acknowledges.
    AcksFrame { what: Acked, sent: Sent },
    /// It acknowledges the same number again.
    ExpectsStill { rel_ack: u32 },
    /// Which duplicate ACK that is.
    Duplicates(Duplicate),
    /// Its SACK option: what it has beyond a hole.
    SackHole { rel_ack: u32, rel_hole_last: u32, rel_first: u32, rel_last: u32 },
    /// Its SACK option: what it had twice.
    SackTwice { rel_first: u32, rel_last: u32 },
    /// It sends nothing, or a byte, by Wireshark's analysis to keep the connection alive; whether the peer's window is 0.
    KeepsAlive { bytes: u32, rel_seq: u32, shut: bool },
    /// It answers that.
    IsAlive { rel_ack: u32 },
    /// It sends a little into the peer's window of 0.
    Probes { bytes: u32, rel_seq: u32 },
    /// It answers such a probe.
    AnswersProbe { room: Room, rel_ack: u32 },
    /// It has room: a window update.
    HasRoom { room: Room, rel_ack: u32 },
    /// Its window is 0; whether it was before.
    WindowShut { still: bool },
}

/// What a segment does in the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosingClause {
    /// It sends a FIN, the first; whether the capture shows enough of the peer to say that it sent none before.
    ClosesFirst { sure: bool },
    /// It closes, too.
    ClosesToo,
    /// Its last bytes come with the FIN.
    LastBytes { bytes: u32 },
    /// The first FIN takes a number.
    FinTakesNumber(FinNumber),
    /// The second FIN takes a number.
    OwnFinTakesNumber(FinNumber),
    /// The peer may still send.
    PeerMaySend,
    /// The second FIN acknowledges the first: a close in three segments.
    FinAcksFin { rel_ack: u32 },
    /// The FINs crossed.
    FinsCrossed,
    /// It repeats its FIN.
    FinAgain { rel_fin: u32 },
    /// The repeated FIN brings payload.
    BringsBytes { bytes: u32, rel_first: u32, rel_last: u32 },
    /// The repeated FIN acknowledges the peer's.
    AlsoAcksFin { rel_ack: u32 },
    /// It acknowledges the peer's FIN.
    AcksFin { rel_ack: u32 },
    /// It does so again, after the end.
    AcksFinAgain { rel_ack: u32 },
    /// To answer what still arrives is one purpose of TIME-WAIT.
    WaitsForThat,
    /// Its own FIN, which crossed with the peer's, waits for its ACK.
    OwnFinUnacked,
    /// One direction is closed.
    OneWayClosed,
    /// Both directions are closed.
    BothWaysClosed,
    /// It waits in TIME-WAIT.
    Waits,
    /// Both ends do.
    BothWait,
    /// The one socket that is connected to itself does.
    OneSocketWaits,
}

/// What a RST does, and a challenge ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetClause {
    /// It answers that frame with a RST, as a host does that does not have the connection. Both have this number.
    AnswersWithReset { frame: FrameNumber, seq: u32, closed: bool },
    /// It sends a RST as such a host does: the number is the peer's last ACK number. Which segment it answers, its numbers do not
    /// show, since its sender has spoken since.
    KnowsNoConnection { seq: u32, closed: bool },
    /// The RST has the number that the peer expects, which was said.
    ResetFits,
    /// The RST has the number of its own FIN, which the peer expects until that arrives.
    ResetFitsBeforeFin,
    /// The RST has the number behind its own FIN, which the peer expects once that has arrived.
    ResetFitsAfterFin { seq: u32 },
    /// The RST has the number behind all that its sender had sent, which the peer expects once that has arrived.
    ResetFitsNext { seq: u32 },
    /// It aborts the connection.
    Aborts,
    /// It ends the opening with a RST.
    GivesUp,
    /// Its RST has the number that the peer expects.
    ResetIsExpected { seq: u32 },
    /// Its RST ends another connection, which only the peer has in mind.
    ResetsAnother { seq: u32 },
    /// It sends a RST; its ACK number, if it has one.
    Resets { seq: u32, ack: Option<u32> },
    /// The peer does not accept that.
    PeerIgnoresReset(Unacceptable),
    /// It answers a SYN or RST with a challenge ACK.
    Challenges { seq: u32, ack: u32 },
    /// How a challenge ACK is answered.
    ExactResetAnswers,
    /// Its RST comes when both ends have sent their FIN: only what they have not acknowledged can be lost.
    CutsOnlyUnacked,
    /// Its RST has other hops left than its packets before it.
    OtherHops(ForeignHops),
    /// Its RST comes after the end; whether that is another RST.
    ResetsAfterEnd { reset: bool },
}

/// What may be said in any phase: what is beside the usual course of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddClause {
    /// Flags that are set besides those that the rest is about; at least one.
    Marked(Flags),
    /// It sends so much, or only an ACK; whether in an older connection between the same ports. The numbers are raw ones.
    SendsBeforeFirst { seq: u32, ack: u32, bytes: u32, fin: bool, older: bool },
    /// Why the numbers are raw ones.
    WhyRaw { older: bool },
    /// Nothing of the connection was captured for about so many seconds.
    Silence { seconds: u32 },
    /// The packet was captured before: it was sent once.
    CapturedAgain,
    /// It speaks after the end; how much payload, if any; whether that end is a RST.
    AfterClose { bytes: Option<u32>, reset: bool },
    /// Flags that no TCP combines; at least one.
    ImpossibleFlags(Flags),
    /// No flag at all.
    NoFlags,
    /// Who sends such flags.
    ProbeOrDamaged,
}

/// What an ACK in the opening covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// The peer's SYN. Its number.
    Syn(u32),
    /// The peer's SYN, with this number, and nothing of the bytes that it brought along: so many.
    SynAlone(u32, u32),
    /// The SYN, and so many bytes that it brought along.
    SynAndData(u32),
    /// Not known: the SYN was not captured.
    Unknown,
}

/// What of the peer's an ACK number acknowledges last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acked {
    /// Its SYN, as was said.
    Syn,
    /// Its FIN, as was said.
    Fin,
    /// Anything.
    Any,
}

/// The segment that an ACK acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was sent once.
    Once(Earlier),
    /// Its last number was sent in both of these frames, and maybe in others between them.
    Twice(FrameNumber, FrameNumber),
    /// The same, and it arrived twice.
    Both(FrameNumber, FrameNumber),
    /// Its last number may have been sent before it.
    Maybe(FrameNumber),
}

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// In bytes.
    Bytes(u32),
    /// As it stands in the header: what it is multiplied by is not known, since a SYN was not captured.
    Unscaled(u16),
}

/// A stretch of payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    pub bytes: u32,
    pub rel_first: u32,
    pub rel_last: u32,
    pub rel_next: u32,
}

/// The number that a FIN takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinNumber {
    pub rel_fin: u32,
    pub rel_next: u32,
    /// Whether the segment has payload besides.
    pub has_payload: bool,
}

/// How far a number is from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    pub from: u32,
    pub by: u32,
    pub above: bool,
}

/// Why a RST is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unacceptable {
    /// There is no connection any more.
    NoConnection,
    /// It does not acknowledge the SYN.
    NotForTheSyn,
    /// Its number is not the one expected; how far it is from what its receiver had acknowledged, where that is known.
    WrongNumber(Option<Distance>),
}
