//! The evidence for a verdict, in English.

use super::{Count, bytes, side};
use crate::narrate::text::{Elapsed, FrameList};
use crate::tcp::{Awaited, Compared, Finding, IcmpError, Open, Verdict, Why};
use std::fmt::{self, Write};

/// Writes the verdict and where to look, in front of the evidence.
pub fn headline(out: &mut String, finding: &Finding) -> fmt::Result {
    let likely = if finding.certain || finding.suspect.is_none() { "" } else { ", probably" };
    write!(out, "Verdict: {}{likely}. ", finding.verdict.name())?;
    match finding.suspect {
        Some(suspect) => write!(out, "Where to look: {}. ", suspect.name()),
        None => Ok(()),
    }
}

/// Writes the evidence.
pub fn write(out: &mut String, finding: &Finding) -> fmt::Result {
    match &finding.why {
        Why::Rst { rst, answers, hops } => {
            match answers {
                Some(syn) => {
                    write!(out, "The SYN (frame {}) was answered with a RST (frame {}).", syn.get(), rst.get())?
                }
                None => write!(out, "The SYN was answered with a RST (frame {}).", rst.get())?,
            }
            match *hops {
                Compared::Same(hops) => {
                    write!(
                        out,
                        " Its TTL, {hops}, is that of the host's other packets: nobody listens on that port, or the host's own firewall rejects."
                    )
                }
                Compared::SameDistance { rst, host } => write!(
                    out,
                    " Probably nobody listens on that port: its TTL is {rst}, that of the host's other packets {host}, but both have come equally far."
                ),
                Compared::Other { rst, host } => write!(
                    out,
                    " Its TTL is {rst}, that of the host's other packets {host}: something on the way rejects, probably a firewall."
                ),
                Compared::Nothing => {
                    write!(
                        out,
                        " Probably nobody listens on that port; no other packet of that host was captured to compare the RST with."
                    )
                }
            }
        }
        Why::Icmp { error } => {
            icmp(out, error)?;
            match (finding.verdict, error.is_receiver) {
                (Verdict::RejectedByFirewall, true) => write!(out, " The server's own firewall rejects."),
                (Verdict::RejectedByFirewall, false) => write!(out, " A firewall on the way rejects."),
                (_, true) => write!(out, " The host itself says so."),
                (_, false) => write!(out, " A router on the way cannot deliver it."),
            }
        }
        Why::Silence { syns, over, waited } => {
            write!(out, "{}", Count(syns.count.into(), "SYN"))?;
            if syns.count > 1 {
                write!(out, " in {}", Elapsed(*over))?;
            }
            write!(out, " ({}), nothing came back", FrameList(syns))?;
            if syns.count < 2 {
                write!(out, " for {}", Elapsed(*waited))?;
            }
            write!(out, ". The server is off, or something on the way drops the SYN or its answer.")
        }
        Why::AskedOn { syn_ack, syns } => write!(
            out,
            "The SYN-ACK was captured (frame {}), but the client sent its SYN again ({}): the answer is lost between here and the client, or the client drops it.",
            syn_ack.get(),
            FrameList(syns)
        ),
        Why::AnsweredOn { syn_acks } => write!(
            out,
            "The server sent its SYN-ACK {} times ({}), and the client never acknowledged it: the client is gone or ignores it, or the SYN-ACK or the ACK is lost.",
            syn_acks.count,
            FrameList(syn_acks)
        ),
        Why::AckIgnored { ack, syn_acks } => write!(
            out,
            "The client acknowledged the SYN-ACK (frame {}), but the server sent it again ({}) and acknowledged nothing more: its accept queue is probably full, or the ACK is lost behind the point of capture.",
            ack.get(),
            FrameList(syn_acks)
        ),
        Why::Disturbance { frame } => write!(
            out,
            "Frame {} does not belong to this handshake: an old connection or a delayed duplicate got in the way.",
            frame.get()
        ),
        Why::Probe { rst, after } => write!(
            out,
            "The client reset the connection {} after its SYN (frame {}), and neither end sent data: a port scan or a health check.",
            Elapsed(*after),
            rst.get()
        ),
        Why::ImpossibleFlags { frame } => {
            write!(out, "The flags of frame {} never stand together in TCP: a scanner sends them.", frame.get())
        }
        Why::Forgotten { silence, segment, rst, by } => write!(
            out,
            "After {} of silence, frame {} was answered with a RST in the {}'s name (frame {}), as a host without the connection sends it: it was forgotten, after a restart or an idle timeout.",
            Elapsed(*silence),
            segment.get(),
            side(*by),
            rst.get()
        ),
        Why::Forged { rst, of, hops, went_on } => {
            write!(out, "The RST of frame {} carries the {}'s address", rst.get(), side(*of))?;
            if let Compared::Other { rst, host } = *hops {
                write!(out, " but a TTL of {rst}, where the {}'s other packets have {host}", side(*of))?;
            }
            match went_on {
                Some(frame) => write!(
                    out,
                    "; in frame {} the {} goes on as if it had sent none. Someone else sent it.",
                    frame.get(),
                    side(*of)
                ),
                None => write!(out, ". Probably someone else sent it: a firewall, or another device on the way."),
            }
        }
        Why::Large { by, size, times, first, last } => write!(
            out,
            "The {}'s segments of {} were sent again {} (frames {} to {}) without an answer, while smaller ones arrived: something on the way probably drops large packets.",
            side(*by),
            bytes(*size),
            Count((*times).into(), "time"),
            first.get(),
            last.get()
        ),
        Why::Unanswered { by, what, times, first, last, over } => {
            let what = match what {
                Awaited::Data => "its data",
                Awaited::Fin => "its FIN",
                Awaited::Probes => "its probes",
            };
            write!(
                out,
                "The {} repeated {what} {} in {} (frames {} to {}), and nothing came back any more: the {} is gone, or the path is broken.",
                side(*by),
                Count((*times).into(), "time"),
                Elapsed(*over),
                first.get(),
                last.get(),
                side(by.peer())
            )
        }
        Why::Reset { by, rst, answers, hops, after_fin } => {
            write!(out, "The {} ended the connection with a RST (frame {})", side(*by), rst.get())?;
            if let Some(frame) = answers {
                write!(out, " in answer to frame {}", frame.get())?;
            }
            if *after_fin {
                write!(out, ", after its own FIN")?;
            }
            match hops {
                Compared::Same(hops) => write!(out, ". Its TTL, {hops}, is that of the {}'s other packets.", side(*by)),
                _ => write!(out, "."),
            }
        }
        Why::Shut { by, frame, lasted, over } => {
            write!(out, "The {}'s window was 0 for {} from frame {} on", side(*by), Elapsed(*lasted), frame.get())?;
            write!(
                out,
                "{}: its program does not read what has arrived.",
                if *over { "" } else { ", to the end of the capture" }
            )
        }
        Why::HalfClosed { by, fin, silent } => {
            write!(out, "The {} closed", side(*by))?;
            if let Some(fin) = fin {
                write!(out, " (FIN in frame {})", fin.get())?;
            }
            write!(
                out,
                "; the {} acknowledged it, and sent neither data nor a FIN for {}.",
                side(by.peer()),
                Elapsed(*silent)
            )
        }
        Why::Slow { syns, syn_acks, took } => {
            write!(out, "It opened")?;
            if let Some(took) = took {
                write!(out, " after {}", Elapsed(*took))?;
            }
            if *syns > 1 || *syn_acks > 1 {
                write!(out, ", with {} and {}", Count((*syns).into(), "SYN"), Count((*syn_acks).into(), "SYN-ACK"))?;
            }
            write!(out, ".")
        }
        Why::InOrder { opening, closed } => match (opening, closed) {
            (true, true) => write!(out, "It opened, and both ends closed it."),
            (true, false) => write!(out, "It opened, and is still open when the capture ends."),
            (false, true) => write!(out, "Its opening was not captured; both ends closed it."),
            (false, false) => write!(out, "Its opening was not captured; what was captured is in order."),
        },
        Why::Ends { frame, after, what } => {
            write!(out, "The capture ends {} after ", Elapsed(*after))?;
            let what = match what {
                Open::Syn => "the SYN",
                Open::SynAck => "the SYN-ACK",
                Open::Repeated => "the last retransmission",
                Open::Close => "the first end closed",
            };
            write!(out, "{what}")?;
            if let Some(frame) = frame {
                write!(out, " (frame {})", frame.get())?;
            }
            write!(out, ": too soon to say how it went on.")
        }
        Why::OneDirection { captured } => {
            write!(
                out,
                "Only what the {} sent was captured; the capture does not show what the {} sent.",
                side(*captured),
                side(captured.peer())
            )
        }
        Why::Little => write!(out, "Too little of this connection was captured to say how it went."),
    }
}

/// The ICMP error, and whose it is.
fn icmp(out: &mut String, error: &IcmpError) -> fmt::Result {
    match error.sender {
        Some(sender) => write!(out, "{sender} answered the SYN")?,
        None => write!(out, "The SYN was answered")?,
    }
    write!(out, " with an ICMP error (frame {}): {}.", error.frame.get(), error.meaning())
}
