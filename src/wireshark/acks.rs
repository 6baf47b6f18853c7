//! What each end acknowledged in its last segment: a RST of a host without the connection has that number (RFC 9293, 3.10.7.1).
//!
//! It is kept of the last ends only, in a table of fixed size: a RST comes soon after what it answers.

use crate::tcp::{End, Flags, Segment, SeqNumber, StreamNumber};

/// The last segment of an end.
#[derive(Clone, Copy)]
struct Last {
    stream: StreamNumber,
    from: End,
    /// Its ACK number, if it has one.
    ack: Option<SeqNumber>,
}

/// The place of an end in the table is given by its stream; one that comes to the same place later takes it.
const PLACES: usize = 1 << 14;

/// The last ACK numbers.
pub struct Acks {
    /// Empty until something is sent.
    places: Vec<Option<Last>>,
}

impl Acks {
    pub const fn new() -> Acks {
        Acks { places: Vec::new() }
    }

    /// Takes in a segment.
    pub fn note(&mut self, stream: StreamNumber, segment: &Segment) {
        if self.places.is_empty() {
            self.places = vec![None; PLACES];
        }
        let ack = segment.has(Flags::ACK).then_some(segment.ack);
        self.places[place(stream, segment.from)] = Some(Last { stream, from: segment.from, ack });
    }

    /// The ACK number of an end's last segment, if that is remembered and had one.
    pub fn of(&self, stream: StreamNumber, from: End) -> Option<SeqNumber> {
        let last = self.places.get(place(stream, from))?.as_ref()?;
        last.ack.filter(|_| (last.stream, last.from) == (stream, from))
    }
}

fn place(stream: StreamNumber, from: End) -> usize {
    (stream.0 as usize * 2 + from as usize) % PLACES
}
