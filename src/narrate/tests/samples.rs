//! Samples of every phrase, at least one for each variant.

use super::earlier;
use crate::narrate::clause::{
    Acked, Clause, ClosingClause, Covers, DataClause, Distance, FinNumber, OddClause, OpeningClause, Payload,
    ResetClause, Room, Sent, Unacceptable,
};
use crate::narrate::evidence::Filled;
use crate::narrate::explain::{Acknowledged, Flag, Line, Opt, Part, PortOrigin, Taken};
use crate::narrate::speech::Speech;
use crate::narrate::story::Remark;
use crate::narrate::{Duplicate, Repeated};
use crate::tcp::{
    Awaited, Close, ClosingKind, Compared, Disturbance as Misfitting, Earlier, End, Flags, ForeignHops, FrameNumber,
    Frames, IcmpError, Misfit, Open, Outcome, SeqNumber, Side, Span, Why,
};

/// Samples of an enumeration; one that is missing is a compile error.
macro_rules! samples {
    ($kind:ident: $($variant:ident $({ $($fields:tt)* })? $(( $($values:tt)* ))?,)+) => {{
        #[allow(unreachable_patterns)] // some have several samples
        let _every = |one: &$kind| match one { $($kind::$variant { .. } => {})+ };
        vec![$($kind::$variant $({ $($fields)* })? $(( $($values)* ))?),+]
    }};
}

const SEQ: u32 = 2160456513;
const ACK: u32 = 4000000001;
const NEXT: u32 = 2160456514;
const PAYLOAD: Payload = Payload { bytes: 700, rel_first: 11, rel_last: 710, rel_next: 711 };
const FIN: FinNumber = FinNumber { rel_fin: 79, rel_next: 80, has_payload: false };
const FIN_WITH_DATA: FinNumber = FinNumber { has_payload: true, ..FIN };

/// Clauses of every kind.
pub fn clauses() -> Vec<Clause> {
    let all = [of_opening(), of_data(), of_closing(), of_reset(), of_odd()];
    all.into_iter().flatten().collect()
}

fn of_opening() -> Vec<Clause> {
    let samples = samples!(OpeningClause:
        Asks { from: 50000, to: 443 },
        HasIsn { seq: SEQ },
        SynTakesNumber { next: NEXT },
        AsksWithData { seq: SEQ, bytes: 12, fast_open: true },
        AsksWithData { seq: SEQ, bytes: 12, fast_open: false },
        SynAndDataTakeNumbers { bytes: 12, next: NEXT },
        OldSyn { seq: SEQ, open: true },
        OldSyn { seq: SEQ, open: false },
        AsksAgain { seq: SEQ },
        NoAnswerBefore,
        SynAckBefore,
        ResetBefore { own: false },
        ResetBefore { own: true },
        PortsReused,
        AsksToo { seq: SEQ },
        NeitherWaits,
        Accepts,
        AnswersAndRepeats,
        ConnectsToItself,
        SynAckAcks { ack: ACK, covers: Covers::Syn(ACK - 1) },
        SynAckAcks { ack: ACK, covers: Covers::SynAlone(ACK - 1, 12) },
        SynAckAcks { ack: ACK, covers: Covers::SynAndData(12) },
        SynAckAcks { ack: ACK, covers: Covers::Unknown },
        OwnIsn { seq: SEQ, next: NEXT },
        OwnIsnWithData { seq: SEQ, bytes: 12, next: NEXT },
        OwnIsnStill { seq: SEQ, next: NEXT },
        SynAckAgain { seq: SEQ },
        HandshakeAckBefore,
        NoHandshakeAckBefore,
        AnswersOtherwise { seq: SEQ },
        TwoAnswer,
        AcksSyn { ack: ACK, covers: Covers::Syn(ACK - 1) },
        AcksSyn { ack: ACK, covers: Covers::SynAndData(12) },
        AcksSyn { ack: ACK, covers: Covers::Unknown },
        Connected,
        BringsData { bytes: 12 },
        BringsDataOfSyn { bytes: 12, again: 12 },
        BringsDataOfSyn { bytes: 12, again: 7 },
        AckTakesNoNumber { next: NEXT, rel_next: 1 },
        Refuses { port: 443 },
        RefusalEndsAttempt { ack: Some(ACK) },
        RefusalEndsAttempt { ack: None },
        RefusesProbe { port: 443 },
        AcksWrongNumber { ack: ACK },
        UnexpectedSyn { seq: SEQ },
        PeerMustChallenge,
    );
    samples.into_iter().map(Clause::from).collect()
}

fn of_data() -> Vec<Clause> {
    let earlier = earlier(212_000_000);
    let repeated = Repeated { earlier, whole: true, copied: true, again: false, acked: Some(false) };
    let samples = samples!(DataClause:
        Sends(PAYLOAD),
        StillSends(PAYLOAD),
        FullSegment { mss: 1460, options: None },
        FullSegment { mss: 1460, options: Some(12) },
        OverMss { mss: 1460 },
        FirstOverMss { mss: 1460 },
        Pushes,
        PushMeans,
        InFlight { bytes: 4254, window: None, first: true },
        InFlight { bytes: 4254, window: Some((64256, Filled::Little)), first: true },
        InFlight { bytes: 4254, window: Some((5000, Filled::Nearly)), first: false },
        InFlight { bytes: 4254, window: Some((4254, Filled::Wholly)), first: false },
        SendsAgain { bytes: 700, rel_first: 11, rel_last: 710 },
        GoesBack { bytes: 1, rel_first: 11, rel_last: 11 },
        ComesLate { bytes: 1, rel_first: 11, rel_last: 11 },
        NotCapturedBefore { late: false },
        NotCapturedBefore { late: true },
        PartlyNew,
        ProbablyOvertaken,
        Repeats(repeated),
        Repeats(Repeated { whole: false, ..repeated }),
        AckedBefore(true),
        AckedBefore(false),
        TooSoon { copied: true },
        TooSoon { copied: false },
        AckedAlready,
        HasNothing { rel_ack: 1 },
        HasBytes { bytes: 78, rel_ack: 79 },
        HasBytes { bytes: 1, rel_ack: 2 },
        AlsoHasBytes { bytes: 78, rel_ack: 79 },
        Expects { rel_ack: 79 },
        ExpectsUnseen { rel_ack: 79 },
        AcksFrame { what: Acked::Any, sent: Sent::Once(earlier) },
        AcksFrame { what: Acked::Any, sent: Sent::Once(Earlier { before: Span(0), ..earlier }) },
        AcksFrame { what: Acked::Fin, sent: Sent::Once(Earlier { before: Span(-31_020_000), ..earlier }) },
        AcksFrame { what: Acked::Syn, sent: Sent::Once(earlier) },
        AcksFrame { what: Acked::Fin, sent: Sent::Twice(earlier.frame, earlier.frame) },
        AcksFrame { what: Acked::Any, sent: Sent::Twice(earlier.frame, earlier.frame) },
        AcksFrame { what: Acked::Fin, sent: Sent::Both(earlier.frame, earlier.frame) },
        AcksFrame { what: Acked::Any, sent: Sent::Both(earlier.frame, earlier.frame) },
        AcksFrame { what: Acked::Fin, sent: Sent::Maybe(earlier.frame) },
        AcksFrame { what: Acked::Any, sent: Sent::Maybe(earlier.frame) },
        ExpectsStill { rel_ack: 79 },
        Duplicates(Duplicate { number: 3, of: earlier.frame }),
        SackHole { rel_ack: 79, rel_hole_last: 100, rel_first: 101, rel_last: 200 },
        SackTwice { rel_first: 11, rel_last: 20 },
        SackTwice { rel_first: 0, rel_last: 0 },
        KeepsAlive { bytes: 0, rel_seq: 78, shut: false },
        KeepsAlive { bytes: 1, rel_seq: 78, shut: true },
        IsAlive { rel_ack: 79 },
        Probes { bytes: 1, rel_seq: 79 },
        AnswersProbe { room: Room::Bytes(0), rel_ack: 79 },
        AnswersProbe { room: Room::Unscaled(502), rel_ack: 79 },
        HasRoom { room: Room::Bytes(64240), rel_ack: 79 },
        HasRoom { room: Room::Unscaled(502), rel_ack: 79 },
        WindowShut { still: false },
        WindowShut { still: true },
    );
    samples.into_iter().map(Clause::from).collect()
}

fn of_closing() -> Vec<Clause> {
    let samples = samples!(ClosingClause:
        ClosesFirst { sure: true },
        ClosesFirst { sure: false },
        ClosesToo,
        LastBytes { bytes: 5 },
        FinTakesNumber(FIN),
        FinTakesNumber(FIN_WITH_DATA),
        OwnFinTakesNumber(FIN),
        OwnFinTakesNumber(FIN_WITH_DATA),
        PeerMaySend,
        FinAcksFin { rel_ack: 79 },
        FinsCrossed,
        FinAgain { rel_fin: 79 },
        BringsBytes { bytes: 5, rel_first: 74, rel_last: 78 },
        AlsoAcksFin { rel_ack: 80 },
        AcksFin { rel_ack: 80 },
        AcksFinAgain { rel_ack: 80 },
        WaitsForThat,
        OwnFinUnacked,
        OneWayClosed,
        BothWaysClosed,
        Waits,
        BothWait,
        OneSocketWaits,
    );
    samples.into_iter().map(Clause::from).collect()
}

fn of_reset() -> Vec<Clause> {
    let earlier = earlier(212_000_000);
    let samples = samples!(ResetClause:
        AnswersWithReset { frame: earlier.frame, seq: SEQ, closed: false },
        AnswersWithReset { frame: earlier.frame, seq: SEQ, closed: true },
        KnowsNoConnection { seq: SEQ, closed: false },
        KnowsNoConnection { seq: SEQ, closed: true },
        ResetFits,
        Aborts,
        GivesUp,
        ResetIsExpected { seq: SEQ },
        ResetsAnother { seq: SEQ },
        Resets { seq: SEQ, ack: None },
        Resets { seq: SEQ, ack: Some(ACK) },
        PeerIgnoresReset(Unacceptable::NoConnection),
        PeerIgnoresReset(Unacceptable::NotForTheSyn),
        PeerIgnoresReset(Unacceptable::WrongNumber(None)),
        PeerIgnoresReset(Unacceptable::WrongNumber(Some(Distance { from: ACK, by: 5000, above: true }))),
        PeerIgnoresReset(Unacceptable::WrongNumber(Some(Distance { from: ACK, by: 7, above: false }))),
        Challenges { seq: SEQ, ack: ACK },
        ExactResetAnswers,
        CutsOnlyUnacked,
        ResetFitsBeforeFin,
        ResetFitsAfterFin { seq: 900 },
        ResetFitsNext { seq: 900 },
        OtherHops(ForeignHops { rst: 63, host: 52, v6: false }),
        OtherHops(ForeignHops { rst: 63, host: 52, v6: true }),
        ResetsAfterEnd { reset: false },
        ResetsAfterEnd { reset: true },
    );
    samples.into_iter().map(Clause::from).collect()
}

fn of_odd() -> Vec<Clause> {
    let samples = samples!(OddClause:
        Marked(Flags::ECE.union(Flags::CWR)),
        SendsBeforeFirst { seq: SEQ, ack: ACK, bytes: 12, fin: false, older: true },
        SendsBeforeFirst { seq: SEQ, ack: ACK, bytes: 0, fin: false, older: false },
        SendsBeforeFirst { seq: SEQ, ack: ACK, bytes: 1, fin: true, older: false },
        WhyRaw { older: true },
        WhyRaw { older: false },
        Silence { seconds: 31 },
        Silence { seconds: 3 * 86400 },
        CapturedAgain,
        AfterClose { bytes: None, reset: false },
        AfterClose { bytes: Some(12), reset: false },
        AfterClose { bytes: Some(12), reset: true },
        ImpossibleFlags(Flags::SYN.union(Flags::FIN)),
        NoFlags,
        ProbeOrDamaged,
    );
    samples.into_iter().map(Clause::from).collect()
}

/// Speeches of every kind.
pub fn speeches() -> Vec<Speech> {
    samples!(Speech:
        MayI { seq: SEQ },
        MayIStill { seq: SEQ },
        MeToo { seq: SEQ },
        MayIWithData { seq: SEQ, bytes: 12 },
        Yes { syn: ACK - 1, ack: ACK, seq: SEQ },
        YesWithData { bytes: 12, ack: ACK, seq: SEQ },
        YesAgain { ack: ACK, seq: SEQ },
        YesOtherwise { ack: ACK, seq: SEQ },
        Connected { syn: ACK - 1, ack: ACK },
        ConnectedHaving { bytes: 12, ack: ACK },
        ConnectedWithData { syn: ACK - 1, ack: ACK, bytes: 12 },
        No { port: 443 },
        HaveAllBefore { ack: ACK },
        Here { rel_first: 11, rel_last: 710, rel_ack: 79 },
        Back { rel_first: 11, rel_last: 710 },
        OnceMore { rel_first: 11, rel_last: 710 },
        Late { rel_first: 11, rel_last: 710 },
        IAmNotDone { rel_first: 11, rel_last: 710 },
        Have { bytes: 78, rel_ack: 79 },
        HaveAndFull { bytes: 78 },
        Waiting { rel_ack: 79 },
        StillWaiting { rel_ack: 79 },
        AreYouThere,
        IAmThere { rel_ack: 79 },
        DoYouHaveRoom,
        NoRoom,
        YesRoom { room: Room::Bytes(64240), rel_ack: 79 },
        YesRoom { room: Room::Unscaled(502), rel_ack: 79 },
        HasRoom { room: Room::Bytes(64240), rel_ack: 79 },
        HasRoom { room: Room::Unscaled(502), rel_ack: 79 },
        Done { rel_fin: 79 },
        DoneToo { rel_fin: 79 },
        NotedAndDone { rel_fin: 79 },
        DoneAgain { rel_fin: 79 },
        Noted { rel_fin: 79 },
        Goodbye { rel_fin: 79 },
        NotedAgain { rel_fin: 79 },
        InOlder { seq: SEQ, ack: ACK },
        At { seq: SEQ, ack: ACK },
        NotMine,
        OldOneIsOver,
        Forget,
        Over,
        OverAt { seq: SEQ },
        Really { seq: SEQ, ack: ACK },
        OldSyn { seq: SEQ },
        AfterTheEnd { reset: false },
        AfterTheEnd { reset: true },
        SeenBefore,
        Flags(Flags::SYN.union(Flags::FIN)),
        NoFlags,
    )
}

/// Explaining lines of every kind.
pub fn lines() -> Vec<Line> {
    use {Acknowledged as Acked, PortOrigin as From};
    let parts =
        vec![(1, Part::Syn), (2, Part::SynAck), (4, Part::Ack), (8, Part::Data), (16, Part::Fin), (32, Part::Rst)];
    let flags = vec![Flag::Syn, Flag::Ack, Flag::Psh, Flag::Fin, Flag::Rst, Flag::Urg, Flag::Ece, Flag::Cwr];
    let clocks = Opt::Timestamps { value: SEQ, echo: 0 };
    let scale = Opt::WindowScale { shift: 7, factor: 128 };
    samples!(Line:
        Ports { from: 443, to: 50000, client: 50000, server: 443, origin: From::Assumed },
        Ports { from: 500, to: 443, client: 500, server: 443, origin: From::WellKnown },
        Ports { from: 50000, to: 443, client: 50000, server: 443, origin: From::Ephemeral },
        Stream { number: 3 },
        Completeness { sum: 63, parts: parts.clone(), has_fin: true },
        CompletenessInTheEnd { sum: 31, parts: parts.clone(), is_all: true },
        CompletenessInTheEnd { sum: 63, parts, is_all: false },
        NothingComplete,
        NoPayload,
        Payload { bytes: 1 },
        InitialNumber { seq: SEQ, rel_seq: 0, random: true },
        InitialNumber { seq: 0, rel_seq: 0, random: false },
        Number { seq: SEQ, rel_seq: 1, base: SEQ - 1 },
        RawNumber { seq: SEQ },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::Syn },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::Fin },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::FlagAndPayload },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::ResetNothing },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::AckNothing },
        NextNumber { next: NEXT, rel_next: 2, step: Taken::Payload },
        NoAcknowledgment,
        Acknowledgment { ack: ACK, rel_ack: 79, covers: Acked::Fin },
        Acknowledgment { ack: ACK, rel_ack: 79, covers: Acked::Syn },
        Acknowledgment { ack: ACK, rel_ack: 79, covers: Acked::Bytes },
        FinAcknowledges,
        Flags(flags),
        NoFlags,
        SynWindow { window: 64240 },
        Window { window: 502 },
        UnscaledWindow { raw: 502 },
        ScaledWindow { raw: 502, factor: 128, window: 64256 },
        Options(vec![Opt::Mss(1460), scale, Opt::SackPermitted, clocks, Opt::CookieRequest, Opt::Cookie { bytes: 8 }]),
        EthernetsMss { mss: 1460, ip: 20 },
    )
}

/// Remarks of every kind.
pub fn remarks() -> Vec<Remark> {
    let (all, part) = (Span(31_020_000), Span(1_500_000_000));
    samples!(Remark:
        More { segments: 11 },
        MoreStories { stories: 7 },
        Sent { segments: 1, bytes: 1, again: None },
        MoreStories { stories: 12 },
        Sent { segments: 10, bytes: 13462, again: Some(2) },
        OpeningTook { all, to_syn_ack: None, to_ack: None },
        OpeningTook { all, to_syn_ack: Some(part), to_ack: Some(Span(-20)) },
        ClosingTook { all },
        Ended { outcome: Outcome::NoAnswer, closing: Some(ClosingKind::NotClosed), first: None },
        Ended { outcome: Outcome::ClosedNormally, closing: None, first: None },
        Ended { outcome: Outcome::ClosedNormally, closing: Some(ClosingKind::FourWay), first: Some(Side::Client) },
    )
}

/// Evidence of every kind.
pub fn evidence() -> Vec<Why> {
    let frame = |number| FrameNumber::new(number).unwrap();
    let mut some = Frames::default();
    [4, 9, 12, 17, 23].into_iter().for_each(|number| some.push(frame(number)));
    let mut one = Frames::default();
    one.push(frame(4));
    let (rst, by, of, v6) = (frame(31), Side::Server, Side::Client, false);
    let span = Span(1_234_567_000);
    let other = Compared::Other { rst: 63, host: 52 };
    let error = |sender: Option<&str>, code| IcmpError {
        frame: frame(8),
        from: End::A,
        seq: SeqNumber(100),
        sender: sender.map(|address| address.parse().unwrap()),
        is_receiver: code == 10,
        v6: false,
        kind: 3,
        code,
        mtu: None,
    };
    samples!(Why:
        Rst { rst, answers: Some(frame(30)), hops: Compared::Same(60), v6 },
        Rst { rst, answers: None, hops: other, v6: true },
        Rst { rst, answers: None, hops: Compared::SameDistance { rst: 251, host: 60 }, v6 },
        Rst { rst, answers: None, hops: Compared::Nothing, v6 },
        Icmp { error: error(Some("192.0.2.9"), 1) },
        Icmp { error: error(Some("2001:db8::9"), 10) },
        Icmp { error: error(None, 3) },
        Silence { syns: some, over: span, waited: span },
        Silence { syns: one, over: span, waited: span },
        AskedOn { syn_ack: frame(5), syns: some },
        AnsweredOn { syn_acks: some },
        AckIgnored { ack: frame(6), syn_acks: some },
        Disturbance(Misfitting { frame: frame(7), misfit: None }),
        Disturbance(Misfitting { frame: frame(7), misfit: Some(Misfit::Ack { ack: SeqNumber(91), expected: SeqNumber(101) }) }),
        Disturbance(Misfitting { frame: frame(7), misfit: Some(Misfit::Isn { isn: SeqNumber(900), first: SeqNumber(300) }) }),
        Probe { rst, after: span },
        ImpossibleFlags { frame: frame(7) },
        Forgotten { silence: span, segment: frame(30), rst, by },
        Forged { rst, of, hops: other, v6, went_on: Some(frame(33)) },
        Forged { rst, of, hops: Compared::Same(60), v6, went_on: Some(frame(33)) },
        Large { by, size: 1448, times: 4, first: frame(8), last: frame(14) },
        Unanswered { by, what: Awaited::Data, times: 5, first: frame(8), last: frame(14), over: span },
        Unanswered { by, what: Awaited::Fin, times: 5, first: frame(8), last: frame(14), over: span },
        Unanswered { by, what: Awaited::Probes, times: 5, first: frame(8), last: frame(14), over: span },
        Reset { by, rst, answers: Some(frame(30)), hops: Compared::Same(60), v6, after_fin: true },
        Reset { by, rst, answers: None, hops: Compared::Nothing, v6, after_fin: false },
        Shut { by, frame: frame(8), lasted: span, over: true },
        Shut { by, frame: frame(8), lasted: span, over: false },
        HalfClosed { by, fin: Some(frame(8)), silent: span },
        Slow { syns: 3, syn_acks: 2, took: Some(span) },
        Slow { syns: 3, syn_acks: 2, took: None },
        InOrder { opening: true, close: Close::Done },
        InOrder { opening: true, close: Close::Begun },
        InOrder { opening: true, close: Close::NotSeen },
        InOrder { opening: false, close: Close::NotSeen },
        LittleButReset { by, rst },
        Ends { frame: Some(frame(8)), after: span, what: Open::SynAck },
        Ends { frame: None, after: span, what: Open::Close },
        OneDirection { captured: Side::Server },
        Little,
    )
}
