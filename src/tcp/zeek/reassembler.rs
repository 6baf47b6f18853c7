//! Which of an end's payload was seen (`TCP_Reassembler`, `Reassem.cc`): all up to some octet, and blocks behind holes.
//!
//! Zeek keeps blocks until they are acknowledged; here only those behind a hole are kept, as what is in front of them
//! can make no difference.

use super::Zeek;
use super::endpoint::{EndpointState::Inactive, Extended, ZeekEnd};
use super::history::Scaled;
use crate::tcp::end::End;
use crate::tcp::segment::{Flags, Segment};
use std::ops::Range;

/// Zeek's `tcp_max_above_hole_without_any_acks`, in octets: with more behind a hole and nothing ever acknowledged, Zeek
/// supposes that it sees one direction only.
const MAX_ABOVE_HOLE: u64 = 16_384;

/// Zeek's `tcp_max_initial_window`, in octets.
const MAX_INITIAL_WINDOW: u64 = 16_384;

/// Zeek's `tcp_excessive_data_without_further_acks`, in octets.
const MAX_UNACKED: u64 = 10 << 20;

/// The most blocks kept of one end, so that no capture can make them many; Zeek has no such limit. So many segments of
/// usual size are more than [`MAX_UNACKED`].
const MAX_BLOCKS: usize = 8192;

/// Blocks of payload in order, with a hole in front of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks(Vec<Range<u64>>);

impl Blocks {
    /// Adds a block, and joins it with those it touches.
    pub fn insert(&mut self, block: Range<u64>) {
        let first = self.0.partition_point(|other| other.end < block.start);
        let past = self.0.partition_point(|other| other.start <= block.end);
        let touched = &self.0[first..past];
        let start = touched.first().map_or(block.start, |other| other.start.min(block.start));
        let end = touched.last().map_or(block.end, |other| other.end.max(block.end));
        self.0.splice(first..past, std::iter::once(start..end));
    }

    /// Takes out the blocks that begin at `octet` or before, and says how many they are and where the last one ends.
    fn take_up_to(&mut self, octet: u64) -> (usize, Option<u64>) {
        let count = self.0.partition_point(|block| block.start <= octet);
        let end = self.0.drain(..count).next_back().map(|block| block.end);
        (count, end)
    }

    fn octets(&self) -> u64 {
        self.0.iter().map(|block| block.end - block.start).sum()
    }
}

/// Payload that was acknowledged and never seen.
pub(super) struct Skipped {
    holes: usize,
    octets: u64,
}

impl ZeekEnd {
    /// Up to where the payload was seen, or is not waited for any more.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// The part of a segment's payload that is neither acknowledged nor delivered; it may be empty. `None` if Zeek does
    /// not even look at it.
    pub fn news(&self, payload: Range<u64>) -> Option<Range<u64>> {
        let acked = self.relative_acked();
        if payload.end <= acked || self.delivered == Extended::MAX {
            return None;
        }
        let start = payload.start.max(acked).max(self.delivered());
        Some(start..payload.end.max(start))
    }

    /// The payload was seen up to `octet`.
    pub fn deliver_to(&mut self, octet: u64) {
        self.delivered = Extended::new(octet);
    }

    /// After new payload: takes the blocks that no hole is in front of any more, and gives up if there is too much.
    pub fn settle(&mut self, blocks: Option<&mut Blocks>) {
        let mut none = Blocks::default();
        let blocks = blocks.unwrap_or(&mut none);
        if let (_, Some(end)) = blocks.take_up_to(self.delivered()) {
            self.deliver_to(end.max(self.delivered()));
        }
        if self.holds_too_much(blocks) {
            self.delivered = Extended::MAX;
            *blocks = Blocks::default();
        }
    }

    fn holds_too_much(&self, blocks: &Blocks) -> bool {
        let nothing_acked = self.relative_acked() <= 1;
        let above_hole = blocks.0.last().map_or(0, |block| block.end - self.delivered());
        // After the first few segments Zeek does not hold what it has delivered while nothing at all is acknowledged.
        let lets_go = nothing_acked && self.size() > MAX_INITIAL_WINDOW;
        let held = if lets_go { 0 } else { self.delivered().saturating_sub(self.relative_acked()) };
        nothing_acked && above_hole > MAX_ABOVE_HOLE
            || u64::from(self.in_flight()) > MAX_UNACKED && held + blocks.octets() > MAX_UNACKED
            || blocks.0.len() > MAX_BLOCKS
    }

    /// Skips the holes up to `acked`, which lies behind what is delivered.
    pub fn skip_to(&mut self, acked: u64, blocks: Option<&mut Blocks>) -> Skipped {
        let start = self.delivered();
        let mut none = Blocks::default();
        let blocks = blocks.unwrap_or(&mut none);
        let held = blocks.octets();
        let (count, end) = blocks.take_up_to(acked);
        let seen = end.unwrap_or(start);
        let stop = seen.max(acked);
        self.deliver_to(stop);
        let octets = (stop - start).saturating_sub(held - blocks.octets());
        Skipped { holes: count + usize::from(seen < acked), octets }
    }
}

/// The payload.
impl Zeek {
    /// What the segment acknowledges, as a relative sequence number of the peer's.
    pub(super) fn acknowledge(&mut self, segment: &Segment) -> u64 {
        let (_, receiver) = self.ends.pair_mut(segment.from);
        if receiver.state() == Inactive {
            receiver.assume(segment.ack);
            return 1;
        }
        receiver.note_ack(segment.ack, segment.has(Flags::RST))
    }

    /// An ACK that goes beyond the payload seen: what is missing will not come any more
    /// (`TCP_Reassembler::AckReceived`, `Undelivered`).
    pub(super) fn skip_holes(&mut self, of: End, acked: u64) {
        let partial = self.is_partial();
        let endpoint = &mut self.ends[of];
        let acked = endpoint.payload_acked(acked);
        // A partial connection may begin with a keep-alive, one octet before what comes next.
        if acked <= endpoint.delivered() || acked <= 2 && partial {
            return;
        }
        let blocks = self.troubles.as_mut().map(|troubles| &mut troubles.blocks[of]);
        let skipped = endpoint.skip_to(acked, blocks);
        if self.ends.iter().all(ZeekEnd::is_clean) {
            for _ in 0..skipped.holes {
                self.add_scaled(of, Scaled::Gap);
            }
            let missed = &mut self.troubles.get_or_insert_default().missed;
            *missed = missed.saturating_add(skipped.octets);
        }
    }

    /// Payload of a segment that begins at the relative number `relative` (`TCP_Reassembler::DataSent`).
    pub(super) fn deliver(&mut self, segment: &Segment, relative: i64) {
        // Before the beginning of the stream, as far as it is known.
        let Ok(first) = u64::try_from(relative) else { return };
        let endpoint = &mut self.ends[segment.from];
        let first = first + u64::from(segment.has(Flags::SYN));
        let Some(news) = endpoint.news(first..first + u64::from(segment.len)) else { return };
        if news.start > endpoint.delivered() {
            self.troubles.get_or_insert_default().blocks[segment.from].insert(news);
        } else {
            endpoint.deliver_to(news.end);
        }
        let blocks = self.troubles.as_mut().map(|troubles| &mut troubles.blocks[segment.from]);
        endpoint.settle(blocks);
    }
}
