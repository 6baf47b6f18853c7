//! What a narration can say: the clauses it is made of, which each language phrases.

use crate::tcp::Flags;

/// One or a few sentences, which any other clause may follow, with all the numbers they print.
///
/// *It* is the segment's sender, *the peer* its receiver. `seq`, `next` and `ack` are raw numbers, those that begin with
/// `rel` are relative ones; `bytes` and `window` are counts of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// It asks for a connection, from one port to another.
    Asks { from: u16, to: u16 },
    /// It picks its initial sequence number at random.
    PicksIsn { seq: u32 },
    /// A SYN takes a number although it has no payload.
    SynTakesNumber { next: u32 },
    /// It asks and brings data along (Fast Open).
    AsksWithData { seq: u32, bytes: u32 },
    /// The SYN and the data take numbers.
    SynAndDataTakeNumbers { bytes: u32, next: u32 },
    /// A copy of its SYN arrives on the open connection.
    OldSyn { seq: u32 },
    /// It asks again, with the same number.
    AsksAgain { seq: u32 },
    /// What may have become of the SYN or its answer.
    SynOrAnswerLost,
    /// Its SYN crosses with the peer's.
    AsksToo { seq: u32 },
    /// In a simultaneous open neither end waits for the other.
    NeitherWaits,
    /// It accepts: a SYN-ACK is two messages.
    Accepts,
    /// In a simultaneous open: it answers the peer's SYN and repeats its own.
    AnswersAndRepeats,
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
    /// An ACK takes no number.
    AckTakesNoNumber { next: u32, rel_next: u32 },
    /// It refuses a SYN: nobody listens on this port, or a firewall refuses.
    Refuses { port: u16 },
    /// The RST ends the attempt.
    RefusalEndsAttempt { ack: u32 },
    /// It answers a probe with a RST.
    RefusesProbe { port: u16 },
    /// It acknowledges what was not sent in this handshake.
    AcksWrongNumber { ack: u32 },
    /// It sends a SYN on the open connection.
    UnexpectedSyn { seq: u32 },
    /// The peer must answer that with a challenge ACK.
    PeerMustChallenge,
    /// It sends data.
    Sends(Payload),
    /// It goes on sending after the peer has closed.
    StillSends(Payload),
    /// The payload fills the MSS, together with the header's options if it has any: bytes of them.
    FullSegment { mss: u16, options: Option<u32> },
    /// More than the MSS.
    OverMss { mss: u16 },
    /// The connection is half-closed.
    HalfClosed,
    /// It repeats data.
    SendsAgain { bytes: u32, rel_first: u32, rel_last: u32 },
    /// Its data was overtaken on the way.
    Overtaken { bytes: u32, rel_first: u32, rel_last: u32 },
    /// It has none of the peer's bytes.
    HasNothing { rel_ack: u32 },
    /// It has so many of the peer's bytes: said by an ACK alone.
    HasBytes { bytes: u32, rel_ack: u32 },
    /// The same, said along with data.
    AlsoHasBytes { bytes: u32, rel_ack: u32 },
    /// It expects this number; how many bytes that makes is not known.
    Expects { rel_ack: u32 },
    /// It acknowledges the same number again.
    ExpectsStill { rel_ack: u32 },
    /// What a duplicate ACK means as a rule.
    LaterBytesArrived,
    /// It asks whether the peer is still there.
    AsksIfAlive,
    /// How a keep-alive gets its answer.
    KeepAliveNumber { rel_seq: u32 },
    /// It is still there.
    IsAlive { rel_ack: u32 },
    /// The peer's window is shut.
    PeerHasNoRoom,
    /// It sends a little to learn whether the window is open.
    Probes { bytes: u32, rel_seq: u32 },
    /// It answers such a probe.
    AnswersProbe { window: u32, rel_ack: u32 },
    /// It has room.
    HasRoom { window: u32, rel_ack: u32 },
    /// A window update acknowledges nothing new.
    NothingNewAcked,
    /// It is the first to close.
    ClosesFirst,
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
    /// It acknowledges the peer's FIN.
    AcksFin { rel_ack: u32 },
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
    /// It aborts the connection.
    Aborts,
    /// It gives up the opening with a RST.
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
    /// Its RST comes when both ends have sent their FIN: nothing is left to abort.
    AbortsNothing { seq: u32 },
    /// The packet was captured before: it was sent once.
    CapturedAgain,
    /// It speaks after the end; how much payload, if any.
    AfterClose { bytes: Option<u32> },
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
    /// The SYN, and so many bytes that it brought along.
    SynAndData(u32),
    /// Not known: the SYN was not captured.
    Unknown,
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

/// Why a RST is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unacceptable {
    /// There is no connection any more.
    NoConnection,
    /// It does not acknowledge the SYN.
    NotForTheSyn,
    /// Its number is not the one expected.
    WrongNumber,
}
