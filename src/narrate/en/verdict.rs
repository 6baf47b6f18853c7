//! The evidence for a verdict, in English.

use super::{Counted, Elapsed, bytes, hops_of, side};
use crate::narrate::icmp::meaning;
use crate::narrate::text::FrameList;
use crate::narrate::verdict::{Forger, IcmpSource};
use crate::tcp::{Awaited, Close, Compared, Disturbance, Finding, IcmpError, Misfit, Open, Why};
use std::fmt::{self, Write};

/// Writes the verdict and where to look, in front of the evidence.
pub fn headline(out: &mut String, finding: &Finding) -> fmt::Result {
    let likely = if finding.is_guess() { ", probably" } else { "" };
    write!(out, "Verdict: {}{likely}. ", finding.verdict.name())?;
    match finding.suspect {
        Some(suspect) => write!(out, "Where to look: {}. ", suspect.name()),
        None => Ok(()),
    }
}

/// Writes the evidence.
pub fn write(out: &mut String, finding: &Finding) -> fmt::Result {
    match &finding.why {
        Why::Rst { rst, answers, hops, v6 } => {
            match answers {
                Some(syn) => {
                    write!(out, "The SYN (frame {}) was answered with a RST (frame {}).", syn.get(), rst.get())?
                }
                None => write!(out, "The SYN was answered with a RST (frame {}).", rst.get())?,
            }
            refusal(out, *hops, hops_of(*v6))
        }
        Why::Icmp { error } => icmp(out, finding, error),
        Why::Silence { syns, over, waited } => {
            match syns.count {
                1 => write!(
                    out,
                    "The client sent a SYN ({}), and no answer was captured for {}.",
                    FrameList(syns),
                    Elapsed(*waited)
                )?,
                count => write!(
                    out,
                    "The client sent {count} SYNs in {} ({}), and no answer was captured.",
                    Elapsed(*over),
                    FrameList(syns)
                )?,
            }
            write!(out, " The server is off, or a firewall or the network drops the SYN or its answer.")
        }
        Why::AskedOn { syn_ack, syns } => write!(
            out,
            "The SYN-ACK was captured (frame {}), but the client sent its SYN again ({}): the answer was lost between the point \
             of capture and the client, or the client dropped it.",
            syn_ack.get(),
            FrameList(syns)
        ),
        Why::AnsweredOn { syn_acks } => write!(
            out,
            "The server sent its SYN-ACK {} times ({}), and no ACK from the client was captured: the client is gone or ignores \
             it, or the SYN-ACK or the ACK was lost.",
            syn_acks.count,
            FrameList(syn_acks)
        ),
        Why::AckIgnored { ack, syn_acks } => write!(
            out,
            "The client acknowledged the SYN-ACK (frame {}), but the server sent it again ({}) and acknowledged nothing more: \
             its accept queue is probably full, or the ACK was lost between the point of capture and the server.",
            ack.get(),
            FrameList(syn_acks)
        ),
        Why::Disturbance(Disturbance { frame, misfit }) => {
            let frame = frame.get();
            match misfit {
                Some(Misfit::Ack { ack, expected }) => write!(
                    out,
                    "Frame {frame} acknowledges {}; an ACK of the other end's SYN would be {}.",
                    { ack.0 },
                    { expected.0 }
                )?,
                Some(Misfit::Isn { isn, first }) => write!(
                    out,
                    "The SYN-ACK of frame {frame} begins at {}, but an earlier one begins at {}.",
                    { isn.0 },
                    { first.0 }
                )?,
                None => write!(out, "Frame {frame} does not fit this handshake.")?,
            }
            write!(
                out,
                " It may belong to an old connection, be a delayed duplicate or forged, or have been changed on the way."
            )
        }
        Why::Probe { rst, after } => write!(
            out,
            "The client reset the connection (frame {}) {} after its SYN, and neither end sent data: probably a port scan, a \
             health check, or a client that gave up.",
            rst.get(),
            Elapsed(*after)
        ),
        Why::ImpossibleFlags { frame } => write!(
            out,
            "TCP never sends a segment with the flags of frame {}: probably a scanner sent it.",
            frame.get()
        ),
        Why::Forgotten { silence, segment, rst, by } => write!(
            out,
            "After {} of silence, frame {} was answered with a RST from the {}'s address (frame {}), as from a host that does \
             not know the connection: it was probably forgotten, after a restart or an idle timeout.",
            Elapsed(*silence),
            segment.get(),
            side(*by),
            rst.get()
        ),
        Why::Forged { rst, of, hops, v6, went_on } => {
            write!(out, "The RST of frame {} carries the {}'s address", rst.get(), side(*of))?;
            if let Compared::Other { rst, host } = *hops {
                let name = hops_of(*v6);
                write!(out, " but a {name} of {rst}, where the {}'s other packets have {host}", side(*of))?;
            }
            if let Some(frame) = went_on {
                write!(out, ", but in frame {} the {} goes on as if it had sent none", frame.get(), side(*of))?;
            }
            out.write_str(match Forger::of(finding, *hops, went_on.is_some()) {
                Forger::SomeoneElse => ". Someone else sent it.",
                Forger::SomeoneOrKernel => {
                    ". Probably someone else sent it, or the host's own kernel where a program uses raw sockets."
                }
                Forger::Device => ". Probably someone else sent it: a firewall, or another device on the way.",
            })
        }
        Why::Large { by, size, times, first, last } => write!(
            out,
            "The {} sent a segment of {} again {} (frames {} to {}); the {} still answers, but does not acknowledge it: \
             something on the way probably drops large packets.",
            side(*by),
            bytes(*size),
            Counted((*times).into(), "time"),
            first.get(),
            last.get(),
            side(by.peer())
        ),
        Why::Unanswered { by, what, times, first, last, over } => {
            write!(out, "The {} ", side(*by))?;
            let repeated = Counted((*times).into(), "time");
            match what {
                Awaited::Data => write!(out, "repeated its data {repeated}")?,
                Awaited::Fin => write!(out, "repeated its FIN {repeated}")?,
                Awaited::Probes => write!(out, "sent {}", Counted((*times).into(), "probe"))?,
            }
            write!(
                out,
                " in {} (frames {} to {}), and no further answer was captured: probably the {} is gone, or the path is broken.",
                Elapsed(*over),
                first.get(),
                last.get(),
                side(by.peer())
            )
        }
        Why::Reset { by, rst, answers, hops, v6, after_fin } => {
            let sender = side(*by);
            if *after_fin {
                write!(out, "After the {sender}'s FIN, a")?;
            } else {
                write!(out, "A")?;
            }
            write!(out, " RST from the {sender}'s address (frame {})", rst.get())?;
            if let Some(frame) = answers {
                write!(out, ", with numbers that fit an answer to frame {},", frame.get())?;
            }
            write!(out, " ended the connection.")?;
            if let Compared::Same(hops) = hops {
                write!(out, " Its {}, {hops}, is that of the {sender}'s other packets", hops_of(*v6))?;
                write!(out, "{}.", if finding.certain { ", and its identification follows theirs" } else { "" })?;
            }
            Ok(())
        }
        Why::Shut { by, frame, lasted, over } => {
            write!(out, "The {}'s window was 0 for {} from frame {} on", side(*by), Elapsed(*lasted), frame.get())?;
            write!(
                out,
                "{}",
                match over {
                    true => ": its program was not reading fast enough.",
                    false => ", to the end of the capture: its program does not read fast enough, or not at all.",
                }
            )
        }
        Why::HalfClosed { by, fin, silent } => {
            write!(out, "The {} closed its side", side(*by))?;
            if let Some(fin) = fin {
                write!(out, " (FIN in frame {})", fin.get())?;
            }
            let peer = side(by.peer());
            write!(
                out,
                "; the {peer} acknowledged that, but neither data nor a FIN of its own was captured for {}.",
                Elapsed(*silent)
            )
        }
        Why::Slow { syns, syn_acks, took } => {
            write!(out, "It opened")?;
            if let Some(took) = took {
                write!(out, " {} after the first SYN", Elapsed(*took))?;
            }
            if *syns > 1 || *syn_acks > 1 {
                write!(
                    out,
                    ", with {} and {}",
                    Counted((*syns).into(), "SYN"),
                    Counted((*syn_acks).into(), "SYN-ACK")
                )?;
            }
            write!(out, ".")
        }
        Why::InOrder { opening, close } => write!(
            out,
            "{}",
            match (opening, close) {
                (true, Close::Done) => "It opened, and both ends closed it.",
                (true, Close::Begun) => "It opened, and began to close; nothing wrong was found in what was captured.",
                (true, Close::NotSeen) => "It opened, and is still open when the capture ends.",
                (false, Close::Done) => "Its opening was not captured; both ends closed it.",
                (false, _) => "Its opening was not captured; nothing wrong was found in what was captured.",
            }
        ),
        Why::Ends { frame, after, what } => {
            let what = match what {
                Open::Syn => "the SYN",
                Open::SynAck => "the SYN-ACK",
                Open::Repeated => "the last retransmission",
                Open::Close => "the first FIN",
            };
            write!(out, "The capture ends {} after {what}", Elapsed(*after))?;
            if let Some(frame) = frame {
                write!(out, " (frame {})", frame.get())?;
            }
            write!(out, ": too early to tell how it went on.")
        }
        Why::OneDirection { captured } => write!(out, "Only the {}'s segments were captured.", side(*captured)),
        Why::LittleButReset { by, rst } => write!(
            out,
            "A RST from the {}'s address (frame {}) ended the connection; too little else was captured to say how it went.",
            side(*by),
            rst.get()
        ),
        Why::Little => write!(out, "Too little of this connection was captured to say how it went."),
    }
}

/// What the hops of a RST that answers the SYN show.
fn refusal(out: &mut String, hops: Compared, name: &str) -> fmt::Result {
    match hops {
        Compared::Same(hops) => write!(
            out,
            " Its {name}, {hops}, is that of the host's other packets: nothing listens on that port, or the host's own firewall \
             rejected the SYN."
        ),
        Compared::SameDistance { rst, host } => write!(
            out,
            " Probably nothing listens on that port: its {name} is {rst} and the host's other packets have {host}, but both have \
             crossed the same number of hops."
        ),
        Compared::Other { rst, host } => write!(
            out,
            " Its {name} is {rst}, but the host's other packets have {host}: something on the way probably rejected the SYN, most \
             likely a firewall."
        ),
        Compared::Nothing => write!(
            out,
            " Probably nothing listens on that port. A firewall may also have sent the RST: no other packet of that host was \
             captured to compare its {name} with."
        ),
    }
}

/// The ICMP error, and whose it is.
fn icmp(out: &mut String, finding: &Finding, error: &IcmpError) -> fmt::Result {
    match error.sender {
        Some(sender) => write!(out, "{sender} answered the SYN")?,
        None => write!(out, "The SYN was answered")?,
    }
    write!(out, " with an ICMP error (frame {}): {}.", error.frame.get(), meaning(error))?;
    out.write_str(match IcmpSource::of(finding, error) {
        IcmpSource::ServersFirewall => " It comes from the server's own address: probably its own firewall.",
        IcmpSource::Firewall => " A firewall on the way rejected it.",
        IcmpSource::Server => " It comes from the server's own address.",
        IcmpSource::Another => " It comes from another address than the server's.",
        IcmpSource::Unknown => "",
    })?;
    if error.is_port_unreachable() {
        write!(out, " A closed TCP port answers with a RST, so this is probably a firewall's.")?;
    }
    Ok(())
}
