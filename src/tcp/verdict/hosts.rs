//! How many hops the packets of a host have left.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// The least and the most hops that packets of one sender had left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hops {
    /// The least.
    pub least: u8,
    /// The most.
    pub most: u8,
}

impl Hops {
    /// Those of a single packet.
    pub fn one(hops: u8) -> Hops {
        Hops { least: hops, most: hops }
    }

    /// Those of one packet more.
    pub fn and(self, hops: u8) -> Hops {
        Hops { least: self.least.min(hops), most: self.most.max(hops) }
    }
}

/// What hosts' SYN-ACKs have left of their hops: a RST that answers a SYN is compared with them, since it is all that its
/// connection has of its sender.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    seen: BTreeMap<IpAddr, Hops>,
}

impl Hosts {
    /// Nothing was seen.
    pub const fn new() -> Hosts {
        Hosts { seen: BTreeMap::new() }
    }

    /// A SYN-ACK of this host.
    pub fn note(&mut self, host: IpAddr, hops: u8) {
        let seen = self.seen.entry(host).and_modify(|seen| *seen = seen.and(hops));
        seen.or_insert(Hops::one(hops));
    }

    /// What was seen of a host.
    pub fn of(&self, host: IpAddr) -> Option<Hops> {
        self.seen.get(&host).copied()
    }
}
