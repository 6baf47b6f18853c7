//! A segment as Wireshark's own fields show it, and what the plugin says of it.

use super::Values;

/// The fields that a segment is read from.
pub const FIELDS: [&str; 27] = [
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "tcp.window_size_value",
    "tcp.window_size",
    "tcp.options.mss_val",
    "tcp.option_kind",
    "tcp.ack",
    "tcp.options.sack_le",
    "tcp.options.sack_re",
    "tcp.analysis.bytes_in_flight",
    "tcp.analysis.duplicate_ack_num",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcpshake.sender",
    "tcpshake.sender.assumed",
    "tcpshake.repeats",
    "tcpshake.after",
    "tcpshake.narration",
    "tcpshake.dialogue",
];

pub const FIN: u16 = 1;
pub const SYN: u16 = 2;
pub const RST: u16 = 4;
pub const PSH: u16 = 8;
pub const ACK: u16 = 16;

/// A segment by Wireshark's fields, and what is said of it.
pub struct Segment {
    pub frame: u32,
    pub stream: u32,
    /// Nanoseconds.
    pub time: i64,
    /// Which of the two ends sent it.
    pub from: bool,
    pub flags: u16,
    pub seq: u32,
    pub ack: u32,
    pub rel_ack: u32,
    pub len: u32,
    pub window: u32,
    pub scaled: u32,
    pub mss: Option<u32>,
    pub kinds: Vec<String>,
    /// Relative numbers.
    pub sack: Vec<(u32, u32)>,
    pub in_flight: Option<u32>,
    pub duplicate: Option<u32>,
    pub is_client: bool,
    pub assumed: bool,
    pub repeats: Option<u32>,
    pub after: Option<f64>,
    pub said: String,
    pub spoken: String,
}

impl Segment {
    /// `None` of a frame that has not just one TCP header in one IP packet.
    pub fn read(frame: u32, row: &Values) -> Option<Segment> {
        let all = |name: &str| &row[FIELDS.iter().position(|field| *field == name).unwrap()];
        let one = |name: &str| match &all(name)[..] {
            [value] => Some(value.as_str()),
            _ => None,
        };
        let number = |name: &str| one(name)?.parse::<u32>().ok();
        let numbers = |name: &str| all(name).iter().filter_map(|value| value.parse().ok()).collect::<Vec<u32>>();
        let (v4, v6) = (one("ip.src").zip(one("ip.dst")), one("ipv6.src").zip(one("ipv6.dst")));
        let (from, to) = if v4.is_some() == v6.is_some() { None } else { v4.or(v6) }?;
        let ends = (from, number("tcp.srcport")?) < (to, number("tcp.dstport")?);
        let (seconds, fraction) = one("frame.time_epoch")?.split_once('.')?;
        Some(Segment {
            frame,
            stream: number("tcp.stream")?,
            time: seconds.parse::<i64>().ok()? * 1_000_000_000 + fraction.parse::<i64>().ok()?,
            from: ends,
            flags: u16::from_str_radix(one("tcp.flags")?.trim_start_matches("0x"), 16).ok()?,
            seq: number("tcp.seq_raw")?,
            ack: number("tcp.ack_raw")?,
            rel_ack: number("tcp.ack")?,
            len: number("tcp.len")?,
            window: number("tcp.window_size_value")?,
            scaled: number("tcp.window_size")?,
            mss: number("tcp.options.mss_val"),
            kinds: all("tcp.option_kind").clone(),
            sack: numbers("tcp.options.sack_le").into_iter().zip(numbers("tcp.options.sack_re")).collect(),
            in_flight: number("tcp.analysis.bytes_in_flight"),
            duplicate: number("tcp.analysis.duplicate_ack_num"),
            is_client: one("tcpshake.sender")? == "1",
            assumed: one("tcpshake.sender.assumed")? == "1",
            repeats: number("tcpshake.repeats"),
            after: one("tcpshake.after").and_then(|value| value.parse().ok()),
            said: one("tcpshake.narration")?.to_owned(),
            spoken: one("tcpshake.dialogue")?.to_owned(),
        })
    }

    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }

    pub fn is_syn(&self) -> bool {
        self.flags & (SYN | ACK | RST) == SYN
    }

    pub fn is_syn_ack(&self) -> bool {
        self.flags & (SYN | ACK | RST) == SYN | ACK
    }

    pub fn takes(&self) -> u32 {
        self.len.wrapping_add(u32::from(self.has(SYN))).wrapping_add(u32::from(self.has(FIN)))
    }

    pub fn end(&self) -> u32 {
        self.seq.wrapping_add(self.takes())
    }

    /// Whether it sends this number.
    pub fn sends(&self, number: u32) -> bool {
        number.wrapping_sub(self.seq) < self.takes()
    }

    /// Whether it is a packet that was captured before, which the plugin says.
    pub fn is_copy(&self) -> bool {
        self.said.contains("was captured before. It was sent once")
    }

    /// The number of its FIN. One without ACK is dropped (RFC 9293, 3.10.7.4).
    pub fn fin(&self) -> Option<u32> {
        (self.has(FIN | ACK) && !self.has(RST)).then(|| self.end().wrapping_sub(1))
    }
}
