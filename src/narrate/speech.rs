//! What the sender of a segment would say to its peer, in the first person. Decided here for all languages.

use super::clause::Room;
use super::evidence::Marks;
use super::scene::Scene;
use crate::tcp::{Flags, Step};

/// A line of conversation, with all the numbers it prints.
///
/// `seq` and `ack` are raw numbers, those that begin with `rel` are relative ones; `bytes` is a count of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// May I connect?
    MayI { seq: u32 },
    /// I asked before.
    MayIStill { seq: u32 },
    /// I want to connect to you as well.
    MeToo { seq: u32 },
    /// May I connect? Here is some data already.
    MayIWithData { seq: u32, bytes: u32 },
    /// Yes. I have your SYN, whose number this is.
    Yes { syn: u32, ack: u32, seq: u32 },
    /// Yes. I have your SYN and your first data.
    YesWithData { bytes: u32, ack: u32, seq: u32 },
    /// Did you get my answer?
    YesAgain { ack: u32, seq: u32 },
    /// Yes, with another number than before.
    YesOtherwise { ack: u32, seq: u32 },
    /// I have your SYN; we are connected.
    Connected { syn: u32, ack: u32 },
    /// I have your SYN and your first data; we are connected.
    ConnectedHaving { bytes: u32, ack: u32 },
    /// The same as the one before that, and here is some data.
    ConnectedWithData { syn: u32, ack: u32, bytes: u32 },
    /// No, nobody listens on this port.
    No { port: u16 },
    /// I have everything before this number.
    HaveAllBefore { ack: u32 },
    /// Here are bytes.
    Here { rel_first: u32, rel_last: u32, rel_ack: u32 },
    /// Back to these.
    Back { rel_first: u32, rel_last: u32 },
    /// Once more.
    OnceMore { rel_first: u32, rel_last: u32 },
    /// Late.
    Late { rel_first: u32, rel_last: u32 },
    /// You are done, I am not.
    IAmNotDone { rel_first: u32, rel_last: u32 },
    /// I have your first bytes.
    Have { bytes: u32, rel_ack: u32 },
    /// The same, and no room for more.
    HaveAndFull { bytes: u32 },
    /// I am waiting.
    Waiting { rel_ack: u32 },
    /// I still expect the same.
    StillWaiting { rel_ack: u32 },
    /// Are you there?
    AreYouThere,
    /// I am.
    IAmThere { rel_ack: u32 },
    /// Do you have room?
    DoYouHaveRoom,
    /// Not yet.
    NoRoom,
    /// I have: the answer to a probe.
    YesRoom { room: Room, rel_ack: u32 },
    /// I have room: a window update.
    HasRoom { room: Room, rel_ack: u32 },
    /// I have nothing more to send.
    Done { rel_fin: u32 },
    /// Nor have I.
    DoneToo { rel_fin: u32 },
    /// I noted that you are done, and so am I.
    NotedAndDone { rel_fin: u32 },
    /// I said that I am done.
    DoneAgain { rel_fin: u32 },
    /// I noted that you are done. The number of the peer's FIN.
    Noted { rel_fin: u32 },
    /// The same; goodbye.
    Goodbye { rel_fin: u32 },
    /// I noted that you are done, as I said.
    NotedAgain { rel_fin: u32 },
    /// In an older connection I am here.
    InOlder { seq: u32, ack: u32 },
    /// I am here, and expect that.
    At { seq: u32, ack: u32 },
    /// I have no such connection.
    NotMine,
    /// That old connection is over.
    OldOneIsOver,
    /// No connection, then.
    Forget,
    /// This is over.
    Over,
    /// This is over, says someone with a number that does not fit.
    OverAt { seq: u32 },
    /// I do not believe that.
    Really { seq: u32, ack: u32 },
    /// No speech: a SYN comes again after the opening.
    OldSyn { seq: u32 },
    /// No speech: a segment after the end, or after a RST that may have been it.
    AfterTheEnd { reset: bool },
    /// No speech: a packet that was captured before.
    SeenBefore,
    /// No speech: flags that mean nothing together; at least one.
    Flags(Flags),
    /// No speech: no flag at all.
    NoFlags,
}

/// What the sender of a segment says.
pub fn speech(s: &Scene) -> Speech {
    use Speech::*;
    let (seq, ack, syn) = (s.seq(), s.ack(), s.last_acked());
    let (rel_first, rel_last, rel_ack) = (s.rel_seq(), s.rel_last(), s.rel_ack());
    let (rel_fin, bytes) = (s.rel_fin(), s.len());
    let acked = s.bytes_acked().filter(|_| s.shows_receivers_syn()).unwrap_or(0);
    match s.step() {
        _ if s.is(Marks::OF_OLDER) => InOlder { seq, ack },
        _ if s.is(Marks::BEFORE_FIRST) => At { seq, ack },
        Step::Syn | Step::UnexpectedSyn => MayI { seq },
        Step::SynRetransmission if !s.opens() => OldSyn { seq },
        Step::SynRetransmission => MayIStill { seq },
        Step::SimultaneousSyn => MeToo { seq },
        Step::SynWithData => MayIWithData { seq, bytes },
        Step::SynAck if acked > 0 => YesWithData { bytes: acked, ack, seq },
        Step::SynAck => Yes { syn, ack, seq },
        Step::SynAckRetransmission => YesAgain { ack, seq },
        Step::ConflictingSynAck => YesOtherwise { ack, seq },
        Step::HandshakeAck if bytes > 0 => ConnectedWithData { syn, ack, bytes },
        Step::HandshakeAck if acked > 0 => ConnectedHaving { bytes: acked, ack },
        Step::HandshakeAck => Connected { syn, ack },
        Step::Refused => No { port: s.segment.source_port },
        Step::WrongAck => HaveAllBefore { ack },
        Step::Data => Here { rel_first, rel_last, rel_ack },
        Step::DataRetransmission | Step::OutOfOrderData if s.repeats_all() => OnceMore { rel_first, rel_last },
        Step::DataRetransmission | Step::OutOfOrderData
            if s.evidence.marks.intersects(Marks::NEW_NUMBERS | Marks::PARTLY_NEW) =>
        {
            Here { rel_first, rel_last, rel_ack }
        }
        Step::DataRetransmission => Back { rel_first, rel_last },
        Step::OutOfOrderData => Late { rel_first, rel_last },
        Step::HalfClosedData => IAmNotDone { rel_first, rel_last },
        Step::Ack if s.is(Marks::ANSWERS_PROBE) && s.window() == 0 => NoRoom,
        Step::Ack if s.is(Marks::ANSWERS_PROBE) => YesRoom { room: s.room(), rel_ack },
        Step::Ack if s.is(Marks::SAME_ACK) => StillWaiting { rel_ack },
        Step::Ack if acked > 0 && s.window() == 0 => HaveAndFull { bytes: acked },
        Step::Ack if acked > 0 => Have { bytes: acked, rel_ack },
        Step::Ack => Waiting { rel_ack },
        Step::DuplicateAck => StillWaiting { rel_ack },
        Step::KeepAlive if s.is(Marks::INTO_SHUT_WINDOW) => DoYouHaveRoom,
        Step::KeepAlive => AreYouThere,
        Step::KeepAliveAck => IAmThere { rel_ack },
        Step::ZeroWindowProbe => DoYouHaveRoom,
        Step::ZeroWindowProbeAck if s.window() == 0 => NoRoom,
        Step::ZeroWindowProbeAck => YesRoom { room: s.room(), rel_ack },
        Step::WindowUpdate => HasRoom { room: s.room(), rel_ack },
        Step::FirstFin => Done { rel_fin },
        Step::SecondFin if s.closes_in_three() => NotedAndDone { rel_fin },
        Step::SecondFin => DoneToo { rel_fin },
        Step::FinRetransmission => DoneAgain { rel_fin },
        Step::FirstFinAck => Noted { rel_fin: s.rel_last_acked() },
        Step::LastAck => Goodbye { rel_fin: s.rel_last_acked() },
        Step::Abort if s.is(Marks::RESETS_ANOTHER) => OldOneIsOver,
        Step::Abort | Step::ResetAfterClose if s.is(Marks::REPEATS_ACK) => NotMine,
        Step::Abort if s.opens() => Forget,
        Step::Abort => Over,
        Step::StrayReset => OverAt { seq },
        Step::ChallengeAck => Really { seq, ack },
        Step::AfterClose if s.acks_fin_again() => NotedAgain { rel_fin: s.rel_last_acked() },
        Step::AfterClose | Step::ResetAfterClose => AfterTheEnd { reset: s.comes_after_reset() },
        Step::CapturedAgain => SeenBefore,
        Step::ImpossibleFlags if s.segment.flags.is_empty() => NoFlags,
        Step::ImpossibleFlags => Flags(s.segment.flags),
    }
}
