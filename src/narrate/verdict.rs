//! What is said beyond its numbers of the evidence for a verdict, decided once for all languages.

use crate::tcp::{Compared, Finding, IcmpError, Verdict};

/// Whose a RST is that carries another's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forger {
    /// Someone else's, as is proven.
    SomeoneElse,
    /// Someone else's, or that of the host's own kernel, where a program sends through raw sockets.
    SomeoneOrKernel,
    /// Probably that of a firewall or another device on the way.
    Device,
}

impl Forger {
    /// `goes_on`: that end goes on as if it had sent none.
    pub fn of(finding: &Finding, hops: Compared, goes_on: bool) -> Forger {
        match (finding.certain, goes_on, hops) {
            (true, ..) => Forger::SomeoneElse,
            (_, true, Compared::Same(_) | Compared::Nothing) => Forger::SomeoneOrKernel,
            _ => Forger::Device,
        }
    }
}

/// What the sender of an ICMP error about the SYN shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpSource {
    /// The server's own address: probably its own firewall rejected the SYN.
    ServersFirewall,
    /// A firewall on the way rejected it.
    Firewall,
    /// The server's own address.
    Server,
    /// Another address.
    Another,
    /// It was not captured.
    Unknown,
}

impl IcmpSource {
    pub fn of(finding: &Finding, error: &IcmpError) -> IcmpSource {
        let prohibits = finding.verdict == Verdict::RejectedByFirewall;
        match (prohibits, error.is_receiver, error.sender) {
            (true, true, _) => IcmpSource::ServersFirewall,
            (true, false, _) => IcmpSource::Firewall,
            (false, true, _) => IcmpSource::Server,
            (false, false, Some(_)) => IcmpSource::Another,
            (false, false, None) => IcmpSource::Unknown,
        }
    }
}
