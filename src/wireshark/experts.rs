//! Expert items: what Wireshark lists under *Analyze > Expert Information* for a segment.

use super::bindings as ws;
use crate::tcp::{Outcome, Phase, Standing, Step};
use std::ffi::CStr;

/// An expert item as it is registered.
pub struct ExpertSpec {
    pub filter: &'static CStr,
    pub severity: u32,
    pub summary: &'static CStr,
}

macro_rules! experts {
    ($($(#[$doc:meta])* $expert:ident $filter:literal $severity:ident $summary:literal;)+) => {
        /// The expert items of the plugin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Expert { $($(#[$doc])* $expert,)+ }

        /// All of them, in the order of [`Expert`].
        pub static EXPERTS: &[ExpertSpec] = &[$(ExpertSpec { filter: $filter, severity: ws::$severity, summary: $summary },)+];
    };
}

experts! {
    /// The shim adds it, for a failure of ours.
    InternalError c"tcpshake.expert.internal_error" PI_ERROR
        c"The tcpshake plugin failed here (a bug in the plugin); elsewhere its output is not affected";
    Refused c"tcpshake.expert.refused" PI_WARN c"Opening failed: connection refused";
    NoAnswer c"tcpshake.expert.no_answer" PI_WARN c"Opening failed: the SYN was not answered";
    Unreachable c"tcpshake.expert.unreachable" PI_WARN c"Opening failed: an ICMP error answered the SYN";
    HalfOpen c"tcpshake.expert.half_open" PI_WARN c"Half-open: the SYN-ACK was never acknowledged";
    SynRetried c"tcpshake.expert.syn_retried" PI_NOTE c"SYN sent again";
    SynAckRetried c"tcpshake.expert.syn_ack_retried" PI_NOTE c"SYN-ACK sent again";
    WrongAck c"tcpshake.expert.wrong_ack" PI_WARN c"Wrong ACK number in the opening handshake";
    ConflictingSynAck c"tcpshake.expert.conflicting_syn_ack" PI_WARN c"Second SYN-ACK with another number";
    UnexpectedSyn c"tcpshake.expert.unexpected_syn" PI_WARN c"SYN on an open connection";
    Simultaneous c"tcpshake.expert.simultaneous_open" PI_CHAT c"Simultaneous open";
    Abort c"tcpshake.expert.abort" PI_WARN c"Connection aborted";
    StrayReset c"tcpshake.expert.stray_rst" PI_WARN c"RST that its receiver would not accept";
    ChallengeAck c"tcpshake.expert.challenge_ack" PI_NOTE c"Challenge ACK";
    ImpossibleFlags c"tcpshake.expert.impossible_flags" PI_WARN c"Flags that no TCP sends together";
    /// Our completeness differs from Wireshark's, for a reason that is named.
    Difference c"tcpshake.expert.completeness_differs" PI_NOTE c"Completeness differs from Wireshark's";
    /// It differs, and no reason fits.
    UnexplainedDifference c"tcpshake.expert.completeness_unexplained" PI_WARN
        c"Completeness differs from Wireshark's, and no known reason fits";
}

impl Expert {
    /// What it says, whichever connection it is about.
    pub fn summary(self) -> &'static str {
        EXPERTS[self as usize].summary.to_str().unwrap_or_default()
    }

    /// What is worth an expert item about a segment, if anything. `outcome` is the connection's.
    pub fn of(standing: &Standing, outcome: Outcome) -> Option<Expert> {
        let opening = standing.phase == Phase::Opening;
        Some(match (standing.step, outcome) {
            (Step::Refused, _) => Expert::Refused,
            (Step::Syn | Step::SynWithData | Step::SynRetransmission, Outcome::NoAnswer) => Expert::NoAnswer,
            (Step::Syn | Step::SynWithData | Step::SynRetransmission, Outcome::Unreachable) => Expert::Unreachable,
            (Step::SynAck | Step::SynAckRetransmission, Outcome::HalfOpen) => Expert::HalfOpen,
            (Step::SynRetransmission, _) if opening => Expert::SynRetried,
            (Step::SynRetransmission | Step::UnexpectedSyn, _) => Expert::UnexpectedSyn,
            (Step::SynAckRetransmission, _) => Expert::SynAckRetried,
            (Step::WrongAck, _) => Expert::WrongAck,
            (Step::ConflictingSynAck, _) => Expert::ConflictingSynAck,
            (Step::SimultaneousSyn, _) => Expert::Simultaneous,
            (Step::Abort, _) => Expert::Abort,
            (Step::StrayReset, _) => Expert::StrayReset,
            (Step::ChallengeAck, _) => Expert::ChallengeAck,
            (Step::ImpossibleFlags, _) => Expert::ImpossibleFlags,
            _ => return None,
        })
    }
}
