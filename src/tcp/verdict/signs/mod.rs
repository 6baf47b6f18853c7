//! What is kept of a connection for its verdict, beyond its states.
//!
//! - [`seen`] is a segment as it is looked at for that.
//! - [`attempts`] are those to open, [`retransmissions`] what is sent again later.
//! - [`resets`] are the RSTs, with what says whose they are.
//! - [`windows`] are those of 0.

mod attempts;
mod resets;
mod retransmissions;
mod seen;
mod windows;

use super::IcmpError;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::number::{FrameNumber, Timestamp};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::standing::{Standing, Step};
use attempts::Attempts;
use resets::Resets;
pub use resets::{LastPacket, ResetSign};
use retransmissions::Retransmissions;
pub use retransmissions::Wait;
pub(super) use seen::FORGOTTEN;
pub use seen::{Around, Seen};
use windows::Windows;

/// What is kept of a connection that has something of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub(super) attempts: Attempts,
    pub(super) resets: Resets,
    pub(super) retransmissions: Retransmissions,
    pub(super) windows: Windows,
    impossible: Option<(FrameNumber, End)>,
    only_keep_alives_since: Option<Timestamp>,
    icmp: Option<IcmpError>,
}

impl Signs {
    /// Whether a segment says nothing that is kept, in a connection of which nothing is kept: nearly every one. `last` is when
    /// the segment before it was captured.
    pub(in crate::tcp) fn is_ordinary(segment: &Segment, standing: &Standing, last: Option<Timestamp>) -> bool {
        use Step::{
            Ack, Data, FirstFin, FirstFinAck, HandshakeAck, LastAck, SecondFin, Syn, SynAck, SynWithData, WindowUpdate,
        };
        let ordinary = matches!(
            standing.step,
            Syn | SynAck
                | HandshakeAck
                | Data
                | Ack
                | FirstFin
                | SecondFin
                | FirstFinAck
                | LastAck
                | WindowUpdate
                | SynWithData
        );
        ordinary && segment.window != 0 && last.is_none_or(|last| segment.time - last < FORGOTTEN)
    }

    /// Takes in a segment.
    pub(in crate::tcp) fn note(&mut self, seen: &Seen, last_packets: &PerEnd<LastPacket>) {
        let &Seen { segment, standing, .. } = seen;
        self.note_keep_alive(seen);
        if segment.has(Flags::RST) {
            self.attempts.note_reset(seen);
            self.retransmissions.end_wait_for(segment.from);
            self.resets.note(seen, last_packets);
            return;
        }
        self.attempts.note(seen);
        self.retransmissions.note(seen);
        self.resets.note_other(seen, last_packets);
        self.windows.note(segment);
        if standing.step == Step::ImpossibleFlags {
            self.impossible.get_or_insert((segment.frame, segment.from));
        }
    }

    fn note_keep_alive(&mut self, seen: &Seen) {
        match seen.standing.step {
            Step::KeepAlive | Step::KeepAliveAck => {
                self.only_keep_alives_since = self.only_keep_alives_since.or(seen.last);
            }
            _ if seen.segment.has(Flags::RST) => {}
            _ => self.only_keep_alives_since = None,
        }
    }

    /// Notes an ICMP error about a segment of the connection.
    pub(in crate::tcp) fn note_icmp(&mut self, error: IcmpError, answers_syn: bool) {
        if self.icmp.is_none() || answers_syn && !self.icmp.is_some_and(|icmp| icmp.is_unreachable()) {
            self.icmp = Some(error);
        }
    }

    /// The answer to what [`Retransmissions::asks_for_sizes`] asks for.
    pub(in crate::tcp) fn note_sizes(&mut self, from: End, larger_before: Option<bool>) {
        self.retransmissions.note_sizes(from, larger_before);
    }

    /// Payload that has been repeated twice and whose size is to be compared with what was sent before: its first frame.
    pub(in crate::tcp) fn asks_for_sizes(&self, segment: &Segment) -> Option<FrameNumber> {
        self.retransmissions.asks_for_sizes(segment)
    }

    /// The ICMP error about a segment of the connection: the first that answers a SYN, or the first.
    pub fn icmp(&self) -> Option<&IcmpError> {
        self.icmp.as_ref()
    }

    /// The RST of this frame, if it is one of the first of the connection.
    pub fn reset(&self, frame: FrameNumber) -> Option<&ResetSign> {
        self.resets.iter().find(|reset| reset.frame == frame)
    }

    /// The first segment with flags that no TCP sends, and its sender.
    pub(super) fn impossible(&self) -> Option<(FrameNumber, End)> {
        self.impossible
    }

    /// Since when there were only keep-alives.
    pub(super) fn only_keep_alives_since(&self) -> Option<Timestamp> {
        self.only_keep_alives_since
    }
}
