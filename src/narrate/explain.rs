//! What is explained of a header: a line for each item that a learner asks about. Decided here for all languages.

use super::clause::Room;
use super::scene::Scene;
use crate::tcp::{Completeness, Flags, Options, Side};
use std::ops::Range;

/// One line, with all the numbers it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The ports, as they stand in the header and by who has them.
    Ports { from: u16, to: u16, client: u16, server: u16, origin: PortOrigin },
    /// The number of the connection (`tcp.stream`).
    Stream { number: u32 },
    /// The completeness has no bit yet.
    NothingComplete,
    /// What the completeness adds up from; whether a FIN is among it.
    Completeness { sum: u8, parts: Vec<(u8, Part)>, has_fin: bool },
    /// What it adds up from in the end, where that is more; whether all of opening, data and a close by FIN is among it.
    CompletenessInTheEnd { sum: u8, parts: Vec<(u8, Part)>, is_all: bool },
    /// The segment has no payload.
    NoPayload,
    /// Bytes of payload.
    Payload { bytes: u32 },
    /// An initial sequence number; whether it looks like a random one.
    InitialNumber { seq: u32, rel_seq: u32, random: bool },
    /// A sequence number, and what its relative one counts from.
    Number { seq: u32, rel_seq: u32, base: u32 },
    /// A sequence number that has no relative one.
    RawNumber { seq: u32 },
    /// The next sequence number, and how much more it is.
    NextNumber { next: u32, rel_next: u32, step: Taken },
    /// The ACK flag is not set.
    NoAcknowledgment,
    /// The acknowledgment number, and what it acknowledges.
    Acknowledgment { ack: u32, rel_ack: u32, covers: Acknowledged },
    /// Why a FIN has an acknowledgment number.
    FinAcknowledges,
    /// No flag that is explained.
    NoFlags,
    /// The flags that are set; at least one.
    Flags(Vec<Flag>),
    /// The window of a SYN, in bytes.
    SynWindow { window: u32 },
    /// A window that is not scaled, in bytes.
    Window { window: u32 },
    /// A window as it stands in the header: a SYN, which would say whether it is scaled, was not captured.
    UnscaledWindow { raw: u16 },
    /// A window as it stands in the header, and scaled.
    ScaledWindow { raw: u32, factor: u32, window: u32 },
    /// The options; at least one.
    Options(Vec<Opt>),
    /// The MSS is Ethernet's MTU less the headers: that of IP takes so many bytes.
    EthernetsMss { mss: u16, ip: u32 },
}

/// Where the client's port comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortOrigin {
    /// Which port is whose is a guess.
    Assumed,
    /// A well-known port: below 1024 (RFC 6335, 6).
    WellKnown,
    /// Picked for this connection.
    Ephemeral,
}

/// A part of the completeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Syn,
    SynAck,
    Ack,
    Data,
    Fin,
    Rst,
}

/// How many sequence numbers a segment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// One, for its SYN.
    Syn,
    /// One, for its FIN.
    Fin,
    /// One for its SYN or FIN, and one for each byte.
    FlagAndPayload,
    /// None: a RST.
    ResetNothing,
    /// None: an ACK.
    AckNothing,
    /// One for each byte.
    Payload,
}

/// What an acknowledgment number covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// Everything up to the FIN.
    Fin,
    /// The SYN and nothing else.
    Syn,
    /// Every byte before it.
    Bytes,
}

/// A flag that is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    Syn,
    Ack,
    Psh,
    Fin,
    Rst,
    Urg,
    Ece,
    Cwr,
}

/// An option that is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opt {
    /// In bytes.
    Mss(u16),
    /// The shift, and what it multiplies by.
    WindowScale { shift: u8, factor: u32 },
    /// SACK is permitted.
    SackPermitted,
    /// The sender's clock, and the one it echoes.
    Timestamps { value: u32, echo: u32 },
    /// Fast Open: asks for a cookie.
    CookieRequest,
    /// Fast Open: a cookie of so many bytes.
    Cookie { bytes: u8 },
}

impl Line {
    /// The bytes of a TCP header of this length that the line is about (RFC 9293, 3.1); none where it is about something else.
    pub fn bytes(&self, header: u8) -> Range<u8> {
        match self {
            Line::Ports { .. } => 0..4,
            Line::InitialNumber { .. } | Line::Number { .. } | Line::RawNumber { .. } | Line::NextNumber { .. } => 4..8,
            Line::NoAcknowledgment | Line::Acknowledgment { .. } | Line::FinAcknowledges => 8..12,
            Line::NoFlags | Line::Flags(_) => 12..14,
            Line::SynWindow { .. } | Line::Window { .. } | Line::UnscaledWindow { .. } | Line::ScaledWindow { .. } => {
                14..16
            }
            Line::Options(_) | Line::EthernetsMss { .. } => 20..header.max(20),
            Line::Stream { .. }
            | Line::NothingComplete
            | Line::Completeness { .. }
            | Line::CompletenessInTheEnd { .. }
            | Line::NoPayload
            | Line::Payload { .. } => 0..0,
        }
    }
}

/// The lines of a segment, in order. Empty where it belongs to neither of the two handshakes.
pub fn explain(s: &Scene) -> Vec<Line> {
    if !s.is_of_a_handshake() {
        return Vec::new();
    }
    let mut lines = vec![ports(s), Line::Stream { number: s.stream.0 }, completeness(s.standing.so_far)];
    lines.extend(completeness_in_the_end(s));
    lines.extend([
        length(s),
        sequence(s),
        Line::NextNumber { next: s.next(), rel_next: s.rel_next(), step: taken(s) },
        acknowledgment(s),
    ]);
    lines.extend((s.has(Flags::FIN) && s.has(Flags::ACK)).then_some(Line::FinAcknowledges));
    lines.push(flags(s));
    lines.extend(window(s));
    lines.extend(options(&s.segment.options));
    lines.extend(ethernets_mss(s));
    lines
}

fn ports(s: &Scene) -> Line {
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    let (client, server) = if s.sender() == Side::Client { (from, to) } else { (to, from) };
    let origin = if s.standing.sender_assumed {
        PortOrigin::Assumed
    } else if client < 1024 {
        PortOrigin::WellKnown
    } else {
        PortOrigin::Ephemeral
    };
    Line::Ports { from, to, client, server, origin }
}

fn completeness(so_far: Completeness) -> Line {
    if so_far.is_empty() {
        return Line::NothingComplete;
    }
    Line::Completeness { sum: so_far.bits(), parts: parts(so_far), has_fin: so_far.contains(Completeness::FIN) }
}

/// Once the capture has been seen to its end.
fn completeness_in_the_end(s: &Scene) -> Option<Line> {
    let all = s.connection.completeness();
    let is_all = all == Completeness::all() - Completeness::RST;
    let line = || Line::CompletenessInTheEnd { sum: all.bits(), parts: parts(all), is_all };
    (s.evidence.all_seen && all != s.standing.so_far).then(line)
}

fn parts(completeness: Completeness) -> Vec<(u8, Part)> {
    const PARTS: [(Completeness, Part); 6] = [
        (Completeness::SYN, Part::Syn),
        (Completeness::SYN_ACK, Part::SynAck),
        (Completeness::ACK, Part::Ack),
        (Completeness::DATA, Part::Data),
        (Completeness::FIN, Part::Fin),
        (Completeness::RST, Part::Rst),
    ];
    PARTS.iter().filter(|(bit, _)| completeness.contains(*bit)).map(|(bit, part)| (bit.bits(), *part)).collect()
}

fn length(s: &Scene) -> Line {
    match s.len() {
        0 => Line::NoPayload,
        bytes => Line::Payload { bytes },
    }
}

fn sequence(s: &Scene) -> Line {
    let (seq, rel_seq) = (s.seq(), s.rel_seq());
    match s.base() {
        // One in 65,536 random numbers is smaller.
        _ if s.has(Flags::SYN) => Line::InitialNumber { seq, rel_seq, random: seq >= 1 << 16 },
        Some(base) => Line::Number { seq, rel_seq, base },
        None => Line::RawNumber { seq },
    }
}

fn taken(s: &Scene) -> Taken {
    match (s.has(Flags::SYN), s.has(Flags::FIN), s.len()) {
        (true, _, 0) => Taken::Syn,
        (_, true, 0) => Taken::Fin,
        (true, _, _) | (_, true, _) => Taken::FlagAndPayload,
        (_, _, 0) if s.has(Flags::RST) => Taken::ResetNothing,
        (_, _, 0) => Taken::AckNothing,
        _ => Taken::Payload,
    }
}

fn acknowledgment(s: &Scene) -> Line {
    if !s.has(Flags::ACK) {
        return Line::NoAcknowledgment;
    }
    let covers = if s.acks_fin() {
        Acknowledged::Fin
    } else if s.acks_just_the_syn() {
        Acknowledged::Syn
    } else {
        Acknowledged::Bytes
    };
    Line::Acknowledgment { ack: s.ack(), rel_ack: s.rel_ack(), covers }
}

fn flags(s: &Scene) -> Line {
    const FLAGS: [(Flags, Flag); 8] = [
        (Flags::SYN, Flag::Syn),
        (Flags::ACK, Flag::Ack),
        (Flags::PSH, Flag::Psh),
        (Flags::FIN, Flag::Fin),
        (Flags::RST, Flag::Rst),
        (Flags::URG, Flag::Urg),
        (Flags::ECE, Flag::Ece),
        (Flags::CWR, Flag::Cwr),
    ];
    let set: Vec<Flag> = FLAGS.iter().filter(|(bit, _)| s.has(*bit)).map(|(_, flag)| *flag).collect();
    if set.is_empty() { Line::NoFlags } else { Line::Flags(set) }
}

/// `None` on a RST: its sender takes nothing any more.
fn window(s: &Scene) -> Option<Line> {
    let (raw, window) = (u32::from(s.segment.window), s.window());
    if s.has(Flags::RST) {
        None
    } else if s.has(Flags::SYN) {
        Some(Line::SynWindow { window })
    } else if let Room::Unscaled(raw) = s.room() {
        Some(Line::UnscaledWindow { raw })
    } else if raw == window {
        Some(Line::Window { window })
    } else {
        Some(Line::ScaledWindow { raw, factor: window / raw.max(1), window })
    }
}

fn options(options: &Options) -> Option<Line> {
    let list = [
        options.mss.map(Opt::Mss),
        options.window_scale.map(|shift| Opt::WindowScale { shift, factor: 1 << shift }),
        options.sack_permitted.then_some(Opt::SackPermitted),
        options.timestamps.map(|(value, echo)| Opt::Timestamps { value, echo }),
        options.fast_open.map(|bytes| if bytes == 0 { Opt::CookieRequest } else { Opt::Cookie { bytes } }),
    ];
    let list: Vec<Opt> = list.into_iter().flatten().collect();
    (!list.is_empty()).then_some(Line::Options(list))
}

/// The MSS is the MTU less the headers of IP and TCP without options (RFC 6691); said where that is plain.
fn ethernets_mss(s: &Scene) -> Option<Line> {
    const ETHERNET: u32 = 1500;
    const TCP_HEADER: u32 = 20;
    let (mss, ip) = (s.segment.options.mss?, u32::from(s.evidence.ip_header?));
    (u32::from(mss) + ip + TCP_HEADER == ETHERNET).then_some(Line::EthernetsMss { mss, ip })
}
