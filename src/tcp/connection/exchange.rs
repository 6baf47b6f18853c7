//! What neither opens nor closes: payload, ACKs, and the questions that keep a connection going.

use super::Connection;
use crate::tcp::segment::{Analysis, Segment};
use crate::tcp::standing::Step;

/// What Wireshark's analysis finds that is a step of its own: the first that holds.
const FOUND: [(Analysis, Step); 5] = [
    (Analysis::KEEP_ALIVE, Step::KeepAlive),
    (Analysis::KEEP_ALIVE_ACK, Step::KeepAliveAck),
    (Analysis::ZERO_WINDOW_PROBE, Step::ZeroWindowProbe),
    (Analysis::ZERO_WINDOW_PROBE_ACK, Step::ZeroWindowProbeAck),
    (Analysis::WINDOW_UPDATE, Step::WindowUpdate),
];

/// Seconds of silence before an ACK with an old number is a keep-alive: after less it may have been captured out of order.
const KEEP_ALIVE_SILENCE: u32 = 1;

impl Connection {
    /// What a segment is that has neither SYN nor RST, apart from what it opens or closes.
    pub(super) fn classify_exchange(&self, segment: &Segment) -> Step {
        let found = |analysis| segment.analysis.contains(analysis);
        let (sender, receiver) = self.ends.pair(segment.from);
        if self.keeps_alive(segment) {
            return Step::KeepAlive;
        }
        // A keep-alive has an old number; flags that no TCP combines mislead Wireshark's count.
        let is_new = sender.next().is_some_and(|next| !segment.seq.is_before(next));
        let holds = |step| step != Step::KeepAlive || !is_new;
        if let Some(&(_, step)) = FOUND.iter().find(|&&(analysis, step)| found(analysis) && holds(step)) {
            return step;
        }
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

    /// An ACK alone with the number before the one that its receiver expects, after a silence (RFC 9293, 3.8.4). Wireshark knows
    /// it only where what its sender sent before was captured.
    fn keeps_alive(&self, segment: &Segment) -> bool {
        let (sender, receiver) = self.ends.pair(segment.from);
        let expected = segment.seq + 1;
        segment.is_pure_ack()
            && receiver.acked() == Some(expected)
            && sender.next().is_none_or(|next| next == expected)
            && sender.fin().is_none()
            && self.silence(segment.time) >= KEEP_ALIVE_SILENCE
    }
}
