//! What stands on an arrow of a flow graph: few words, decided once for all languages.

use super::scene::Scene;
use crate::tcp::Flags;

/// The flags that open and close, and the numbers: raw where the words of the segment use raw ones, else relative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// `SYN`, `SYN-ACK`, `ACK`, `FIN` or `RST`.
    pub kind: &'static str,
    /// The sequence number; `None` on an ACK alone.
    pub seq: Option<u32>,
    /// The number with which its receiver is to go on.
    pub ack: Option<u32>,
}

/// The words of a segment that opens or closes.
pub fn arrow(s: &Scene) -> Arrow {
    let kinds = [(Flags::RST, "RST"), (Flags::SYN | Flags::ACK, "SYN-ACK"), (Flags::SYN, "SYN"), (Flags::FIN, "FIN")];
    let kind = kinds.into_iter().find(|(flags, _)| s.has(*flags));
    let relative = s.speaks_relative();
    let (seq, ack) = if relative { (s.rel_seq(), s.rel_ack()) } else { (s.seq(), s.ack()) };
    Arrow {
        kind: kind.map_or("ACK", |(_, name)| name),
        seq: kind.map(|_| seq),
        ack: (s.has(Flags::ACK) && !s.has(Flags::RST)).then_some(ack),
    }
}
