//! Who is the client and who the server.

use crate::tcp::end::End;
use crate::tcp::segment::Segment;
use crate::tcp::standing::Side;

/// Which end is the client, and how well that is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Roles {
    /// Nothing was seen.
    #[default]
    Unknown,
    /// A SYN or SYN-ACK shows it.
    Shown(End),
    /// Guessed by the ports, of which one is a server's and one is not.
    Likely(End),
    /// Guessed by ports that may both be either's.
    Doubtful(End),
}

impl Roles {
    /// A SYN comes from the client, a SYN-ACK goes to it; without either, the lower port is taken as the server's.
    pub fn learn(&mut self, segment: &Segment) {
        if let Roles::Shown(_) = self {
            return;
        }
        if let Some(client) = shown_client(segment) {
            *self = Roles::Shown(client);
        } else if let Roles::Unknown = self {
            let from_server = segment.source_port < segment.destination_port;
            let client = if from_server { segment.from.peer() } else { segment.from };
            *self = if are_doubtful(segment) { Roles::Doubtful(client) } else { Roles::Likely(client) };
        }
    }

    /// Whether nothing was seen.
    pub fn are_unknown(self) -> bool {
        matches!(self, Roles::Unknown)
    }

    /// Whether the roles are a guess.
    pub fn are_assumed(self) -> bool {
        matches!(self, Roles::Likely(_) | Roles::Doubtful(_))
    }

    /// Whether the roles are known, or guessed by ports of which one is a server's and one is not.
    pub fn are_reliable(self) -> bool {
        !matches!(self, Roles::Doubtful(_))
    }

    /// The client. Before anything was seen, A passes for it.
    fn client(self) -> End {
        match self {
            Roles::Unknown => End::A,
            Roles::Shown(client) | Roles::Likely(client) | Roles::Doubtful(client) => client,
        }
    }

    /// Which side an end is on.
    pub fn side_of(self, end: End) -> Side {
        if self.client() == end { Side::Client } else { Side::Server }
    }

    /// Which end a side is.
    pub fn end_of(self, side: Side) -> End {
        if side == Side::Client { self.client() } else { self.client().peer() }
    }
}

/// Ports from here on are what clients get on most systems (Linux; RFC 6335 has 49152).
const EPHEMERAL: u16 = 32768;

/// Ports up to here belong to services. Clients that are trusted for their port take one between this and 1023 (NFS, rsh).
const SERVICES: u16 = 511;

/// The server's port of FTP's data connections, from which it calls the client (RFC 959, 3.2).
const FTP_DATA: u16 = 20;

/// Whether the ports do not show which end is the server: both may be either's.
fn are_doubtful(segment: &Segment) -> bool {
    let (low, high) = match (segment.source_port, segment.destination_port) {
        (source, destination) if source < destination => (source, destination),
        (source, destination) => (destination, source),
    };
    let known_service = low <= SERVICES && high > 1023;
    low == FTP_DATA || !(known_service || low < EPHEMERAL && high >= EPHEMERAL)
}

/// The end that a segment shows to be the client.
fn shown_client(segment: &Segment) -> Option<End> {
    if segment.flags.are_impossible() {
        None
    } else if segment.is_syn() {
        Some(segment.from)
    } else if segment.is_syn_ack() {
        Some(segment.from.peer())
    } else {
        None
    }
}
