//! One end of a connection as Zeek keeps it (`TCP_Endpoint`): its state, and how far its numbers have come.

use crate::tcp::number::SeqNumber;
use crate::tcp::segment::{Flags, Segment};
use bitflags::bitflags;

/// Zeek's `EndpointState` (`TCP_Endpoint.h`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum EndpointState {
    /// `TCP_ENDPOINT_INACTIVE`: nothing was seen of it.
    #[default]
    Inactive,
    /// `TCP_ENDPOINT_SYN_SENT`: it has sent a SYN, which was not answered.
    SynSent,
    /// `TCP_ENDPOINT_SYN_ACK_SENT`: the connection's first segment was its SYN-ACK.
    SynAckSent,
    /// `TCP_ENDPOINT_PARTIAL`: it has sent something, but no SYN was seen.
    Partial,
    /// `TCP_ENDPOINT_ESTABLISHED`: its SYN was answered, or is an answer.
    Established,
    /// `TCP_ENDPOINT_CLOSED`: it has sent a FIN.
    Closed,
    /// `TCP_ENDPOINT_RESET`: it has sent a RST.
    Reset,
}

bitflags! {
    /// What else is known of an end.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Marks: u8 {
        /// Zeek takes it for the originator now.
        const ORIGINATOR = 0x01;
        /// Its first segment is over (`first_packet_seen`).
        const HEARD = 0x02;
        /// Its part in Zeek's `is_partial`: its first segment is not what begins a connection on its side.
        const PARTIAL = 0x04;
        const SENT_FIN = 0x08;
    }
}

/// A number of 40 bits in five bytes: as a sequence number it counts how often the 32 bits have wrapped. That is enough
/// for a terabyte from one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, packed)]
pub(super) struct Extended {
    number: SeqNumber,
    wraps: u8,
}

impl Extended {
    pub const MAX: Extended = Extended { number: SeqNumber(u32::MAX), wraps: u8::MAX };

    /// The number itself, or the greatest if it is too great.
    pub const fn new(number: u64) -> Extended {
        if number >> 40 == 0 {
            Extended { number: SeqNumber(number as u32), wraps: (number >> 32) as u8 }
        } else {
            Extended::MAX
        }
    }

    pub fn get(self) -> u64 {
        (u64::from(self.wraps) << 32) | u64::from(self.number.0)
    }

    /// Moves on to a later number.
    fn advance(&mut self, number: SeqNumber) {
        let wrapped = number.0 < self.number.0;
        self.wraps = self.wraps.saturating_add(u8::from(wrapped));
        self.number = number;
    }
}

/// Zeek's `seq_delta`: how far `number` lies ahead of `other`.
fn delta(number: SeqNumber, other: SeqNumber) -> i32 {
    number.since(other) as i32
}

/// Zeek's `TOO_LARGE_SEQ_DELTA`: a jump that is taken for a broken number.
const TOO_FAR: u32 = 1 << 20;

/// The sequence numbers that Zeek lets a segment take: no payload in a RST (`get_segment_len`).
fn takes(segment: &Segment) -> u32 {
    segment.takes().wrapping_sub(if segment.has(Flags::RST) { segment.len } else { 0 })
}

/// One end of a connection.
///
/// Relative numbers count from `start`: 0 is the SYN, 1 the first octet of payload, in partial connections too.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZeekEnd {
    /// Zeek's `start_seq`.
    start: SeqNumber,
    /// Zeek's `last_seq` and `seq_wraps`: one past the highest octet it has sent.
    sent: Extended,
    /// Zeek's `ack_seq` and `ack_wraps`: what the peer has acknowledged.
    acked: Extended,
    /// Zeek's `last_reassem_seq`: up to where its payload has come, relative; the greatest number once Zeek has given
    /// up (`skip_deliveries`).
    pub(super) delivered: Extended,
    /// Zeek's `FIN_seq`: one past its last FIN, relative. It stands for Zeek's `hist_last_FIN`, too, which differs after a
    /// FIN with SYN or RST only.
    fin: Extended,
    pub marks: Marks,
    state: EndpointState,
    prev_state: EndpointState,
}

impl Default for ZeekEnd {
    fn default() -> ZeekEnd {
        ZeekEnd {
            start: SeqNumber(0),
            sent: Extended::new(0),
            acked: Extended::new(0),
            delivered: Extended::new(1),
            fin: Extended::new(0),
            marks: Marks::empty(),
            state: EndpointState::Inactive,
            prev_state: EndpointState::Inactive,
        }
    }
}

/// States.
impl ZeekEnd {
    pub fn state(&self) -> EndpointState {
        self.state
    }

    /// `TCP_Endpoint::SetState`.
    pub fn enter(&mut self, state: EndpointState) {
        if state != self.state {
            self.prev_state = self.state;
            self.state = state;
        }
    }

    /// Its segment has FIN or RST or both, as far as they count.
    pub fn end_with(&mut self, fin: bool, rst: bool) {
        if fin {
            self.enter(EndpointState::Closed);
        }
        if rst {
            self.enter(EndpointState::Reset);
        }
    }

    /// The peer closes: a RST that this end sent after its own FIN was a way to close, too.
    pub fn forgive_reset(&mut self) {
        if self.state == EndpointState::Reset && self.prev_state == EndpointState::Closed {
            self.enter(EndpointState::Closed);
        }
    }

    /// Whether its part in the connection was seen from the beginning, without a RST (`is_clean` in
    /// `TCP_Reassembler.cc`).
    pub fn is_clean(&self) -> bool {
        match self.state {
            EndpointState::Established => true,
            EndpointState::Closed => self.prev_state == EndpointState::Established,
            _ => false,
        }
    }
}

/// Numbers.
impl ZeekEnd {
    /// Sets the numbers where a segment is the first, or its SYN may be the one that counts (`init_endpoint`).
    pub fn begin(&mut self, segment: &Segment) {
        let syn = segment.has(Flags::SYN);
        let begins = match self.state {
            EndpointState::Inactive => true,
            EndpointState::SynSent | EndpointState::SynAckSent => syn && segment.seq != self.start,
            EndpointState::Established | EndpointState::Partial => syn,
            // That RST may have been forged.
            EndpointState::Reset => syn && self.prev_state == EndpointState::Inactive,
            EndpointState::Closed => false,
        };
        if begins && syn {
            self.restart(segment.seq, segment.seq + takes(segment));
        } else if begins {
            // As if there had been a SYN; and what this segment takes is not sent yet, so that it is no repetition.
            self.restart(segment.seq - 1, segment.seq);
        }
    }

    /// The peer acknowledges, and nothing was seen of this end (`init_peer`).
    pub fn assume(&mut self, ack: SeqNumber) {
        self.restart(ack - 1, ack - 1);
    }

    /// How often the numbers have wrapped is never forgotten.
    fn restart(&mut self, start: SeqNumber, sent: SeqNumber) {
        self.start = start;
        self.acked.number = start;
        self.sent.number = sent;
    }

    /// The relative number of a segment from this end. Negative if it lies before the start.
    pub fn relative_seq(&self, seq: SeqNumber) -> i64 {
        self.relative(seq, self.sent)
    }

    /// The relative number of `number`, which lies less than half the circle from `near` (`get_relative_seq`).
    fn relative(&self, number: SeqNumber, near: Extended) -> i64 {
        let ahead = delta(number, near.number);
        let is_greater = number.0 > near.number.0;
        let wraps = match near.wraps {
            wraps if ahead > 0 && !is_greater => i64::from(wraps) + 1,
            wraps if ahead < 0 && is_greater => i64::from(wraps.saturating_sub(1)),
            wraps => i64::from(wraps),
        };
        if wraps == 0 {
            i64::from(delta(number, self.start))
        } else {
            (wraps << 32) + i64::from(number.0) - i64::from(self.start.0)
        }
    }

    fn has_sent_fin(&self) -> bool {
        self.marks.contains(Marks::SENT_FIN)
    }

    /// Notes where a FIN ends, and says whether the last one ended elsewhere.
    pub fn note_fin(&mut self, relative: i64, segment: &Segment) -> bool {
        let end = relative + i64::from(takes(segment));
        let end = u64::try_from(end).map_or(Extended::MAX, Extended::new);
        self.marks.insert(Marks::SENT_FIN);
        std::mem::replace(&mut self.fin, end) != end
    }

    /// Notes what the peer acknowledges, and says its relative number (`update_ack_seq`). One before the start counts
    /// for nothing; one in a RST is not to be trusted.
    pub fn note_ack(&mut self, ack: SeqNumber, in_rst: bool) -> u64 {
        let Ok(relative) = u64::try_from(self.relative(ack, self.acked)) else { return 0 };
        let ahead = delta(ack, self.acked.number);
        let is_broken = ack.0 == 0 && ahead > TOO_FAR as i32;
        if !in_rst && ahead > 0 && !is_broken {
            self.acked.advance(ack);
        }
        relative
    }

    /// Notes how far a segment goes, and says whether it has payload that goes no further than what was sent before: a
    /// retransmission, to Zeek (`update_last_seq`).
    pub fn extend(&mut self, segment: &Segment) -> bool {
        let end = segment.seq + takes(segment);
        let ahead = delta(end, self.sent.number);
        if segment.flags.intersects(Flags::SYN | Flags::RST) && ahead.unsigned_abs() > TOO_FAR {
            return false;
        }
        // More than two gigabytes may have been missed between SYN and FIN, so that the FIN seems to lie behind.
        let only_syn = { self.sent.number } == self.start + 1;
        if segment.has(Flags::FIN) && only_syn || self.state != EndpointState::Reset && ahead > 0 {
            self.sent.advance(end);
            return false;
        }
        self.state != EndpointState::Reset && segment.len > 0
    }

    /// Whether it called a peer that took itself to be connected already, and gave up: its numbers say nothing then
    /// (`TCP_Endpoint::Size`).
    pub fn met_half_open(&self, peer: &ZeekEnd) -> bool {
        self.prev_state == EndpointState::SynSent
            && self.state == EndpointState::Reset
            && peer.state == EndpointState::Inactive
            && self.relative_acked() > 1
    }

    /// The octets it has sent, as its numbers say (`TCP_Endpoint::Size`): not those of SYN and FIN. Zeek's one
    /// exception is [`met_half_open`](Self::met_half_open), on which no state depends.
    pub fn size(&self) -> u64 {
        let highest = self.sent.get().max(self.acked.get());
        let octets = highest.wrapping_sub(u64::from(self.start.0)).saturating_sub(1);
        octets.saturating_sub(u64::from(self.has_sent_fin()))
    }

    /// The relative number that the peer has acknowledged.
    pub fn relative_acked(&self) -> u64 {
        self.acked.get().saturating_sub(u64::from(self.start.0))
    }

    /// How much was sent and not acknowledged.
    pub fn in_flight(&self) -> u32 {
        u32::try_from(delta(self.sent.number, self.acked.number)).unwrap_or(0)
    }

    /// The payload that an ACK means: it may also acknowledge the FIN.
    pub fn payload_acked(&self, acked: u64) -> u64 {
        let fin = self.fin.get();
        let acked = if self.has_sent_fin() && acked >= fin { fin.wrapping_sub(1) } else { acked };
        acked.min(Extended::MAX.get())
    }
}
