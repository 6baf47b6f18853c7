//! Who sent a RST: the end whose address it carries, or someone else in its name.

use super::signs::ResetSign;
use super::{Hosts, Origin};

/// How the hops that a RST has left compare with those of its sender's other packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The same.
    Same(u8),
    /// Another count, but as far from one of the usual beginnings: a host may begin a RST with another (255 and 64).
    SameDistance {
        /// The RST's.
        rst: u8,
        /// The most that any of the others has.
        host: u8,
    },
    /// Others than any of them.
    Other {
        /// The RST's.
        rst: u8,
        /// The most that any of the others has.
        host: u8,
    },
    /// There is nothing to compare with.
    Nothing,
}

/// Hops left that do not fit the sender of a RST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignHops {
    /// The RST's.
    pub rst: u8,
    /// The most that any of that end's packets before it has.
    pub host: u8,
    /// Whether it came in IPv6, which has a hop limit where IPv4 has a time to live.
    pub v6: bool,
}

/// What hosts begin to count hops from: Linux, Windows, network devices, and old systems.
const BEGINNINGS: [u8; 4] = [32, 64, 128, 255];

/// How many hops a packet has come, if it began with one of the usual values.
fn distance(hops: u8) -> u8 {
    BEGINNINGS.iter().find(|&&beginning| hops <= beginning).map_or(0, |beginning| beginning - hops)
}

/// Whether a packet has all of its hops left: nobody has forwarded it.
pub fn has_all_hops(hops: u8) -> bool {
    BEGINNINGS[1..].contains(&hops)
}

impl Compared {
    /// Compares a RST's hops with those of its sender's other packets in the connection, or where it has none there with those
    /// of that host in others.
    pub(super) fn of(reset: &ResetSign, hosts: &Hosts) -> Compared {
        let host = reset.own_hops.or_else(|| hosts.of(reset.host?));
        let (Some(rst), Some(host)) = (reset.hops, host) else { return Compared::Nothing };
        if (host.least..=host.most).contains(&rst) {
            Compared::Same(rst)
        } else if [host.least, host.most].iter().any(|&hops| distance(hops) == distance(rst)) {
            Compared::SameDistance { rst, host: host.most }
        } else {
            Compared::Other { rst, host: host.most }
        }
    }
}

/// How many identifications may lie between two packets of one end: it sends others, too.
const ID_STEP: u16 = 16;

/// Who sent a RST, and whether that is certain.
///
/// Hops alone never make "someone else" certain: routes change. With an end that goes on as if it had sent no RST they do. That it
/// was the end itself is certain where its identification (IPv4) follows that of the end's last packet, which others would
/// have to guess.
pub fn origin(reset: &ResetSign, hosts: &Hosts) -> (Origin, bool) {
    let follows = match (reset.id, reset.last_id) {
        (Some(id), Some(last)) if id != 0 && last != 0 => (1..=ID_STEP).contains(&id.wrapping_sub(last)),
        _ => false,
    };
    match Compared::of(reset, hosts) {
        // A host whose program sends through raw sockets resets the connection itself, and the program goes on.
        compared if reset.went_on.is_some() => (Origin::SomeoneElse, matches!(compared, Compared::Other { .. })),
        Compared::Other { .. } if !follows => (Origin::SomeoneElse, false),
        Compared::Same(_) => (Origin::Itself, follows),
        _ if follows => (Origin::Itself, false),
        _ => (Origin::Unknown, false),
    }
}
