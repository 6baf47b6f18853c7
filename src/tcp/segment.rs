//! One TCP segment as a plain value: what its header says, who sent it, and what Wireshark's own analysis found.

use super::end::End;
use super::number::{FrameNumber, SeqNumber, Timestamp};
use super::options::Options;
use bitflags::bitflags;

bitflags! {
    /// The control bits of a TCP header (RFC 9293, 3.1; AE: RFC 9768).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u16 {
        /// No more data from the sender.
        const FIN = 0x001;
        /// Synchronise sequence numbers.
        const SYN = 0x002;
        /// Reset the connection.
        const RST = 0x004;
        /// Push: hand the data over at once.
        const PSH = 0x008;
        /// The acknowledgment number is significant.
        const ACK = 0x010;
        /// The urgent pointer is significant.
        const URG = 0x020;
        /// ECN echo.
        const ECE = 0x040;
        /// Congestion window reduced.
        const CWR = 0x080;
        /// Accurate ECN.
        const AE = 0x100;
    }
}

impl Flags {
    /// A combination no TCP sends: SYN with FIN or RST, or none of SYN, RST and ACK (null, FIN and Xmas probes).
    ///
    /// Every segment after the first SYN carries ACK, and a receiver drops what does not (RFC 9293, 3.10.7.4).
    pub fn are_impossible(self) -> bool {
        self.contains(Flags::SYN) && self.intersects(Flags::FIN | Flags::RST)
            || !self.intersects(Flags::SYN | Flags::RST | Flags::ACK)
    }
}

bitflags! {
    /// What Wireshark's sequence analysis found about a segment (`tcp.analysis.*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Analysis: u16 {
        /// `tcp.analysis.retransmission`, fast and spurious ones included.
        const RETRANSMISSION = 0x01;
        /// `tcp.analysis.out_of_order`
        const OUT_OF_ORDER = 0x02;
        /// `tcp.analysis.keep_alive`
        const KEEP_ALIVE = 0x04;
        /// `tcp.analysis.keep_alive_ack`
        const KEEP_ALIVE_ACK = 0x08;
        /// `tcp.analysis.duplicate_ack`
        const DUPLICATE_ACK = 0x10;
        /// `tcp.analysis.zero_window_probe`
        const ZERO_WINDOW_PROBE = 0x20;
        /// `tcp.analysis.zero_window_probe_ack`
        const ZERO_WINDOW_PROBE_ACK = 0x40;
        /// `tcp.analysis.window_update`
        const WINDOW_UPDATE = 0x80;
        /// `tcp.analysis.reused_ports`
        const REUSED_PORTS = 0x100;
    }
}

/// A TCP segment that has a whole fixed header.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// The frame it came in.
    pub frame: FrameNumber,
    /// When that frame was captured.
    pub time: Timestamp,
    /// The end that sent it.
    pub from: End,
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// The raw sequence number.
    pub seq: SeqNumber,
    /// The raw acknowledgment number; means something only with [`Flags::ACK`].
    pub ack: SeqNumber,
    /// The control bits.
    pub flags: Flags,
    /// The window as it stands in the header, not scaled.
    pub window: u16,
    /// Bytes of the header, options included: 20 to 60.
    pub header_len: u8,
    /// Bytes of payload, whether or not all of them were captured.
    pub len: u32,
    /// The options, read where they matter: on segments with SYN.
    pub options: Options,
    /// What Wireshark found about it.
    pub analysis: Analysis,
}

impl Segment {
    /// Whether all of `flags` are set.
    pub fn has(&self, flags: Flags) -> bool {
        self.flags.contains(flags)
    }

    /// The sequence numbers it takes: one for each byte, one for SYN and one for FIN (RFC 9293, 3.4).
    pub fn takes(&self) -> u32 {
        self.len.wrapping_add(u32::from(self.has(Flags::SYN))).wrapping_add(u32::from(self.has(Flags::FIN)))
    }

    /// The sequence number its sender's next segment starts with.
    pub fn next_seq(&self) -> SeqNumber {
        self.seq + self.takes()
    }

    /// The sequence number of its first byte of payload: behind the SYN, if it has one.
    pub fn payload_seq(&self) -> SeqNumber {
        self.seq + u32::from(self.has(Flags::SYN))
    }

    /// A SYN that opens: with SYN, without ACK and RST.
    pub fn is_syn(&self) -> bool {
        self.has(Flags::SYN) && !self.flags.intersects(Flags::ACK | Flags::RST)
    }

    /// A SYN-ACK: with both, without RST.
    pub fn is_syn_ack(&self) -> bool {
        self.has(Flags::SYN | Flags::ACK) && !self.has(Flags::RST)
    }

    /// Nothing but an acknowledgment: no payload, no SYN, FIN or RST.
    pub fn is_pure_ack(&self) -> bool {
        self.has(Flags::ACK) && self.len == 0 && !self.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST)
    }
}
