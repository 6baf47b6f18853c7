//! Explanations of the header in English.

use super::bytes as count;
use crate::narrate::explain::{Acknowledged, Flag, Line, Opt, Part, PortOrigin, Taken};
use crate::narrate::text::join;
use std::fmt::{self, Write};

/// Writes a line.
pub fn write(out: &mut String, line: &Line) -> fmt::Result {
    match *line {
        Line::Ports { from, to, client, server, origin } => {
            write!(out, "Ports: {from} → {to}. ")?;
            match origin {
                PortOrigin::Assumed => write!(
                    out,
                    "{client} is taken as the client's, {server} as the service's, since no SYN was captured"
                ),
                PortOrigin::WellKnown => {
                    write!(out, "The client uses {client}, a well-known port itself, {server} is the service's")
                }
                PortOrigin::Ephemeral => write!(
                    out,
                    "The client picked {client} for this connection (an ephemeral port), {server} is the service's"
                ),
            }?;
            write!(out, "; both together with the two addresses name the connection.")
        }
        Line::Stream { number } => write!(
            out,
            "Stream index: {number}. Wireshark numbers the connections of a capture from 0; it is not in the header."
        ),
        Line::NothingComplete => write!(out, "Completeness so far: 0 = nothing that counts."),
        Line::Completeness { sum, ref parts, has_fin } => {
            write!(out, "Completeness so far: {sum} = ")?;
            join(out, parts, " + ", |out, &(bit, part)| write!(out, "{bit} {}", self::part(part)))?;
            write!(out, ".")?;
            if has_fin {
                write!(
                    out,
                    " A bit says that a kind of segment was captured, not how often or from whom: so there is one for both FINs. tcpshake.closing tells them apart."
                )?;
            }
            Ok(())
        }
        Line::CompletenessInTheEnd { sum, ref parts, is_all } => {
            write!(out, "Completeness in the end: {sum} = ")?;
            join(out, parts, " + ", |out, &(bit, part)| write!(out, "{bit} {}", self::part(part)))?;
            write!(out, "{}.", if is_all { ": opened, used, and closed by FIN" } else { "" })
        }
        Line::NoPayload => write!(out, "Segment length: 0. It carries no payload, only the header."),
        Line::Payload { bytes } => write!(out, "Segment length: {} of payload.", count(bytes)),
        Line::InitialNumber { seq, rel_seq, random } => {
            write!(out, "Sequence number: {seq}, relative {rel_seq}. This is the initial sequence number (ISN). ")?;
            if random {
                write!(out, "A TCP picks it at random, so that old duplicates do not fit and nobody can guess it. ")?;
            }
            write!(out, "Relative numbers are raw numbers minus the ISN.")
        }
        Line::Number { seq, rel_seq, base } => {
            write!(out, "Sequence number: {seq}, relative {rel_seq} = {seq} − {base}.")
        }
        Line::RawNumber { seq } => write!(out, "Sequence number: {seq}."),
        Line::NextNumber { next, rel_next, step } => {
            let why = match step {
                Taken::Syn => "one more: a SYN takes a number although it carries nothing",
                Taken::Fin => "one more: a FIN takes a number although it carries nothing",
                Taken::FlagAndPayload => "the payload's length more, and one for the SYN or FIN",
                Taken::ResetNothing => "the same: a RST takes no number",
                Taken::AckNothing => "the same: an ACK by itself takes no number",
                Taken::Payload => "the payload's length more",
            };
            write!(out, "Next sequence number: {next}, relative {rel_next}: {why}.")
        }
        Line::NoAcknowledgment => write!(out, "Acknowledgment number: none, the ACK flag is not set."),
        Line::Acknowledgment { ack, rel_ack, covers } => {
            let what = match covers {
                Acknowledged::Fin => "everything up to the FIN, which counts as one",
                Acknowledged::Syn => "the SYN, which counts as one",
                Acknowledged::Bytes => "every byte before it",
            };
            write!(
                out,
                "Acknowledgment number: {ack}, relative {rel_ack}. It is the next number expected; it acknowledges {what}."
            )
        }
        Line::FinAcknowledges => write!(
            out,
            "Why a FIN acknowledges: after the first SYN every segment has the ACK flag; it takes no room, and without it the receiver drops the segment."
        ),
        Line::NoFlags => write!(out, "Flags: none."),
        Line::Flags(ref flags) => {
            write!(out, "Flags: ")?;
            join(out, flags, "; ", |out, &flag| out.write_str(self::flag(flag)))?;
            write!(out, ".")
        }
        Line::SynWindow { window } => {
            write!(out, "Window: {}. So much may be sent before an ACK; in a SYN it is never scaled.", count(window))
        }
        Line::Window { window } => {
            write!(out, "Window: {}. So much may be sent beyond the acknowledgment number.", count(window))
        }
        Line::UnscaledWindow { raw } => {
            write!(out, "Window: {raw}, of which the scale is unknown: a SYN was not captured.")
        }
        Line::ScaledWindow { raw, factor, window } => write!(
            out,
            "Window: {raw} × {factor} = {}. So much may be sent beyond the acknowledgment number.",
            count(window)
        ),
        Line::Options(ref options) => {
            write!(out, "Options: ")?;
            join(out, options, "; ", |out, &one| option(out, one))?;
            write!(out, ".")
        }
        Line::EthernetsMss { mss, ip } => {
            write!(out, "MSS and MTU: {mss} = 1500 (Ethernet's MTU) − {ip} (IP header) − 20 (TCP header).")
        }
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Syn => "SYN",
        Part::SynAck => "SYN-ACK",
        Part::Ack => "ACK",
        Part::Data => "data",
        Part::Fin => "FIN",
        Part::Rst => "RST",
    }
}

fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Syn => "SYN: synchronise numbers",
        Flag::Ack => "ACK: the acknowledgment number counts",
        Flag::Psh => "PSH: hand the data to the application, do not wait for more",
        Flag::Fin => "FIN: no more data from me",
        Flag::Rst => "RST: the connection is void",
        Flag::Urg => "URG: the urgent pointer counts",
        Flag::Ece => "ECE: congestion was marked on the way; with SYN: ECN offered or accepted",
        Flag::Cwr => "CWR: I slowed down; with SYN: ECN offered",
    }
}

fn option(out: &mut String, option: Opt) -> fmt::Result {
    match option {
        Opt::Mss(mss) => write!(out, "MSS {mss}: send me no more payload than that in a segment"),
        Opt::WindowScale { shift, factor } => {
            write!(out, "window scale {shift}: my later windows count {factor} times")
        }
        Opt::SackPermitted => write!(out, "SACK permitted: tell me which later parts have arrived"),
        Opt::Timestamps { value, echo } => {
            write!(out, "timestamps {value}, echo {echo}: to measure the round trip and reject old segments")
        }
        Opt::CookieRequest => write!(out, "Fast Open: asks for a cookie"),
        Opt::Cookie { bytes } => write!(out, "Fast Open: a cookie of {}", count(bytes)),
    }
}
