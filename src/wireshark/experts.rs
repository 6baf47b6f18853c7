//! Expert items: what Wireshark lists under *Analyze > Expert Information*. One for each connection and finding, on the frame
//! that shows it best, so that they count connections; only a failure of the plugin is on every frame that it took.

use super::bindings as ws;
use crate::tcp::{Oddity, Verdict};
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

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
    Refused c"tcpshake.expert.refused" PI_WARN c"Refused";
    RejectedByFirewall c"tcpshake.expert.rejected_by_firewall" PI_WARN c"Rejected by a firewall";
    Unreachable c"tcpshake.expert.unreachable" PI_WARN c"Unreachable";
    NoAnswer c"tcpshake.expert.no_answer" PI_WARN c"No answer";
    AnswerNotReceived c"tcpshake.expert.answer_not_received" PI_WARN c"Answer not received";
    ClientSilent c"tcpshake.expert.client_silent" PI_WARN c"Client silent";
    HandshakeAckNotTaken c"tcpshake.expert.handshake_ack_not_taken" PI_WARN c"Handshake ACK not taken";
    HandshakeDisturbed c"tcpshake.expert.handshake_disturbed" PI_NOTE c"Handshake disturbed";
    Probe c"tcpshake.expert.probe" PI_NOTE c"Probe";
    Forgotten c"tcpshake.expert.forgotten" PI_WARN c"Forgotten";
    ResetByThirdParty c"tcpshake.expert.reset_by_third_party" PI_WARN c"Reset by a third party";
    LargeSegmentsLost c"tcpshake.expert.large_segments_lost" PI_WARN c"Large segments lost";
    WentSilent c"tcpshake.expert.went_silent" PI_WARN c"Went silent";
    ResetByClient c"tcpshake.expert.reset_by_client" PI_NOTE c"Reset by client";
    ResetByServer c"tcpshake.expert.reset_by_server" PI_WARN c"Reset by server";
    Stalled c"tcpshake.expert.stalled" PI_NOTE c"Stalled";
    LeftHalfClosed c"tcpshake.expert.left_half_closed" PI_NOTE c"Left half-closed";
    SlowOpening c"tcpshake.expert.slow_opening" PI_NOTE c"Slow opening";
    WrongAck c"tcpshake.expert.wrong_ack" PI_NOTE c"Wrong ACK number in the opening handshake";
    ConflictingSynAck c"tcpshake.expert.conflicting_syn_ack" PI_WARN c"Second SYN-ACK with another number";
    UnexpectedSyn c"tcpshake.expert.unexpected_syn" PI_WARN c"SYN on an open connection";
    SimultaneousOpen c"tcpshake.expert.simultaneous_open" PI_CHAT c"Simultaneous open";
    StrayReset c"tcpshake.expert.stray_rst" PI_WARN c"RST that its receiver would not accept";
    ChallengeAck c"tcpshake.expert.challenge_ack" PI_NOTE c"Challenge ACK";
    ImpossibleFlags c"tcpshake.expert.impossible_flags" PI_WARN c"Flags that no TCP sends together";
    /// Our completeness differs from Wireshark's, for a reason that is named.
    Difference c"tcpshake.expert.completeness_differs" PI_NOTE c"Completeness differs from Wireshark's";
    /// It differs, and no reason fits.
    UnexplainedDifference c"tcpshake.expert.completeness_unexplained" PI_WARN
        c"Completeness differs from Wireshark's, and no known reason fits";
}

/// The records with which they are registered; null before.
static RECORDS: AtomicPtr<ws::ei_register_info> = AtomicPtr::new(null_mut());

/// Remembers the records, one for each of [`EXPERTS`]. They have to live as long as the program.
pub fn remember(records: &'static mut [ws::ei_register_info]) {
    assert_eq!(records.len(), EXPERTS.len());
    RECORDS.store(records.as_mut_ptr(), Relaxed);
}

/// Whether a filter, a column or an export asks for one of them.
pub fn are_referenced() -> bool {
    let first = RECORDS.load(Relaxed);
    (0..EXPERTS.len()).any(|index| {
        // SAFETY: null or as many records, which live as long as the program; Wireshark writes them on this thread.
        !first.is_null()
            && unsafe { (&raw const (*first.add(index)).eiinfo.hf_info.hfinfo.ref_type).read() != ws::HF_REF_TYPE_NONE }
    })
}

impl Expert {
    /// What it says, whichever connection it is about.
    pub fn summary(self) -> &'static str {
        EXPERTS[self as usize].summary.to_str().unwrap_or_default()
    }

    /// For a connection with this verdict: on the frame that shows it best. None where nothing is wrong with it but the
    /// capture.
    pub fn of_verdict(verdict: Verdict) -> Option<Expert> {
        Some(match verdict {
            Verdict::Refused => Expert::Refused,
            Verdict::RejectedByFirewall => Expert::RejectedByFirewall,
            Verdict::Unreachable => Expert::Unreachable,
            Verdict::NoAnswer => Expert::NoAnswer,
            Verdict::AnswerNotReceived => Expert::AnswerNotReceived,
            Verdict::ClientSilent => Expert::ClientSilent,
            Verdict::HandshakeAckNotTaken => Expert::HandshakeAckNotTaken,
            Verdict::HandshakeDisturbed => Expert::HandshakeDisturbed,
            Verdict::Probe => Expert::Probe,
            Verdict::Forgotten => Expert::Forgotten,
            Verdict::ResetByThirdParty => Expert::ResetByThirdParty,
            Verdict::LargeSegmentsLost => Expert::LargeSegmentsLost,
            Verdict::WentSilent => Expert::WentSilent,
            Verdict::ResetByClient => Expert::ResetByClient,
            Verdict::ResetByServer => Expert::ResetByServer,
            Verdict::Stalled => Expert::Stalled,
            Verdict::LeftHalfClosed => Expert::LeftHalfClosed,
            Verdict::SlowOpening => Expert::SlowOpening,
            Verdict::Fine | Verdict::Undecided | Verdict::NotAllCaptured => return None,
        })
    }

    /// For what is odd about a connection: on the frame that shows it first.
    pub fn of_oddity(oddity: Oddity) -> Expert {
        match oddity {
            Oddity::WrongAck => Expert::WrongAck,
            Oddity::ConflictingSynAck => Expert::ConflictingSynAck,
            Oddity::UnexpectedSyn => Expert::UnexpectedSyn,
            Oddity::SimultaneousOpen => Expert::SimultaneousOpen,
            Oddity::StrayReset => Expert::StrayReset,
            Oddity::ChallengeAck => Expert::ChallengeAck,
            Oddity::ImpossibleFlags => Expert::ImpossibleFlags,
        }
    }
}
