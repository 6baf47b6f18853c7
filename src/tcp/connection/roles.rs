//! Who is the client and who the server.

use crate::tcp::end::End;
use crate::tcp::segment::Segment;
use crate::tcp::standing::Side;

/// Which end is the client, and how well that is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Roles {
    /// The end that is the client, once anything was seen.
    client: Option<End>,
    /// Whether `client` is a guess by the ports.
    assumed: bool,
    /// Whether that guess is a poor one.
    doubtful: bool,
}

impl Roles {
    /// A SYN comes from the client, a SYN-ACK goes to it; without either, the lower port is taken as the server's.
    pub fn learn(&mut self, segment: &Segment) {
        if self.client.is_some() && !self.assumed {
            return;
        }
        if let Some(client) = shown_client(segment) {
            *self = Roles { client: Some(client), assumed: false, doubtful: false };
        } else if self.client.is_none() {
            let from_server = segment.source_port < segment.destination_port;
            let client = if from_server { segment.from.peer() } else { segment.from };
            *self = Roles { client: Some(client), assumed: true, doubtful: are_doubtful(segment) };
        }
    }

    /// Whether the roles are a guess.
    pub fn are_assumed(self) -> bool {
        self.assumed
    }

    /// Whether the roles are known, or guessed by ports of which one is a server's and one is not.
    pub fn are_reliable(self) -> bool {
        !self.doubtful
    }

    /// Which side an end is on. Before anything was seen, A passes for the client.
    pub fn side_of(self, end: End) -> Side {
        if self.client.unwrap_or(End::A) == end { Side::Client } else { Side::Server }
    }

    /// Which end a side is.
    pub fn end_of(self, side: Side) -> End {
        let client = self.client.unwrap_or(End::A);
        if side == Side::Client { client } else { client.peer() }
    }
}

/// Ports from here on are what clients get on most systems (Linux; RFC 6335 has 49152).
const EPHEMERAL: u16 = 32768;

/// Ports up to here belong to services. Clients that are trusted for their port take one between this and 1023 (NFS, rsh).
const SERVICES: u16 = 511;

/// The server's port of FTP's data connections, from which it calls the client (RFC 959, 3.2).
const FTP_DATA: u16 = 20;

/// Whether the ports do not tell a client from a server: both may be either's.
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
