//! What neither opens nor closes: payload, ACKs, and the questions that keep a connection going.

use super::Connection;
use crate::tcp::segment::{Analysis, Segment};
use crate::tcp::standing::Step;

/// What Wireshark has worked out is not worked out again.
const FOUND: [(Analysis, Step); 5] = [
    (Analysis::KEEP_ALIVE, Step::KeepAlive),
    (Analysis::KEEP_ALIVE_ACK, Step::KeepAliveAck),
    (Analysis::ZERO_WINDOW_PROBE, Step::ZeroWindowProbe),
    (Analysis::ZERO_WINDOW_PROBE_ACK, Step::ZeroWindowProbeAck),
    (Analysis::WINDOW_UPDATE, Step::WindowUpdate),
];

impl Connection {
    /// What a segment is that has neither SYN nor RST, apart from what it opens or closes.
    pub(super) fn classify_flow(&self, segment: &Segment) -> Step {
        let found = |analysis| segment.analysis.contains(analysis);
        if let Some(&(_, step)) = FOUND.iter().find(|(analysis, _)| found(*analysis)) {
            return step;
        }
        let (sender, receiver) = self.ends.pair(segment.from);
        match segment.len {
            0 if found(Analysis::DUPLICATE_ACK) => Step::DuplicateAck,
            0 => Step::Ack,
            _ if found(Analysis::RETRANSMISSION) => Step::DataRetransmission,
            _ if found(Analysis::OUT_OF_ORDER) => Step::OutOfOrderData,
            // Data that does not acknowledge the FIN has crossed it.
            _ if receiver.fin().is_some_and(|fin| !segment.ack.is_before(fin + 1)) && sender.fin().is_none() => {
                Step::HalfClosedData
            }
            _ => Step::Data,
        }
    }
}
