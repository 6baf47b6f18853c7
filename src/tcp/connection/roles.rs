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
}

impl Roles {
    /// A SYN comes from the client, a SYN-ACK goes to it; without either, the lower port is taken as the server's.
    pub fn learn(&mut self, segment: &Segment) {
        if self.client.is_some() && !self.assumed {
            return;
        }
        if let Some(client) = shown_client(segment) {
            *self = Roles { client: Some(client), assumed: false };
        } else if self.client.is_none() {
            let from_server = segment.source_port < segment.destination_port;
            let client = if from_server { segment.from.peer() } else { segment.from };
            *self = Roles { client: Some(client), assumed: true };
        }
    }

    /// Whether the roles are a guess.
    pub fn are_assumed(self) -> bool {
        self.assumed
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
