//! The plugin's own count of completeness, segment by segment.

use super::parts::Completeness;
use crate::tcp::end::PerEnd;
use crate::tcp::number::SeqNumber;
use crate::tcp::segment::{Flags, Segment};

/// Counts the parts of one stream, segment by segment.
#[derive(Clone, Debug, Default)]
pub struct Count {
    seen: Completeness,
}

/// SYN-ACKs and ACKs, as long as none acknowledges the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmatched {
    /// By the end that sent the SYN-ACKs: the ACK numbers that would acknowledge one of them.
    wanted_acks: PerEnd<Arc>,
    /// By the end that would have sent the SYN-ACK: the ACK numbers that the other end has sent so far.
    sent_acks: PerEnd<Arc>,
}

impl Count {
    /// What was seen so far.
    pub fn seen(&self) -> Completeness {
        self.seen
    }

    /// Takes in one more segment and says what it adds by itself, whether or not it was seen before. The ACK is added once:
    /// after that `unmatched`, which gives the place where SYN-ACKs and ACKs are kept, is not asked any more.
    pub fn add<'a>(&mut self, segment: &Segment, unmatched: impl FnOnce() -> &'a mut Unmatched) -> Completeness {
        let mut parts = own_parts(segment);
        let wanting = !self.seen.contains(Completeness::ACK) && segment.has(Flags::ACK) && !segment.has(Flags::RST);
        if wanting && unmatched().acknowledges_syn_ack(segment) {
            parts |= Completeness::ACK;
        }
        self.seen |= parts;
        parts
    }
}

impl Unmatched {
    /// Takes in a segment with ACK and without RST. Whether it makes the pair complete: a SYN-ACK, and an ACK of it from
    /// its receiver, in either order.
    ///
    /// ACK number `a` acknowledges a SYN-ACK with number `s` when `a` lies in the half circle from `s + 1` on. So the
    /// ACK numbers that acknowledge one SYN-ACK are an arc, and so are the SYN-ACKs' `s + 1` that one ACK serves.
    fn acknowledges_syn_ack(&mut self, segment: &Segment) -> bool {
        if segment.is_syn_ack() {
            let first = segment.seq + 1;
            self.wanted_acks[segment.from].join(first);
            return self.sent_acks[segment.from].holds(first);
        }
        let to = segment.from.peer();
        self.sent_acks[to].join(segment.ack - (HALF - 1));
        self.wanted_acks[to].holds(segment.ack)
    }
}

/// The parts a segment shows whatever else was captured.
fn own_parts(segment: &Segment) -> Completeness {
    let mut parts = Completeness::empty();
    parts.set(Completeness::SYN, segment.is_syn());
    parts.set(Completeness::SYN_ACK, segment.is_syn_ack());
    let reset = segment.has(Flags::RST);
    parts.set(Completeness::DATA, segment.len > 0 && !reset);
    parts.set(Completeness::FIN, segment.has(Flags::FIN) && !segment.has(Flags::SYN) && !reset);
    parts.set(Completeness::RST, reset);
    parts
}

/// Half of all sequence numbers.
const HALF: u32 = 1 << 31;

/// A stretch of the circle of sequence numbers, made of half circles: the union of two half circles is always one
/// stretch, so this is exact and needs no list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Arc {
    first: SeqNumber,
    /// How far the last of its numbers lies ahead of the first; 0 for no numbers at all.
    ahead: u32,
}

impl Arc {
    fn holds(self, number: SeqNumber) -> bool {
        self.ahead > 0 && number.since(self.first) <= self.ahead
    }

    /// Takes in the half circle that begins at `first`.
    ///
    /// The stretch is at least half the circle, so a half circle that begins outside of it reaches it.
    fn join(&mut self, first: SeqNumber) {
        const HALF_AHEAD: u32 = HALF - 1;
        let behind = first.since(self.first);
        if self.ahead == 0 {
            *self = Arc { first, ahead: HALF_AHEAD };
        } else if behind <= self.ahead.saturating_add(1) {
            self.ahead = self.ahead.max(behind.saturating_add(HALF_AHEAD));
        } else {
            let ahead = self.first.since(first).saturating_add(self.ahead);
            *self = Arc { first, ahead: ahead.max(HALF_AHEAD) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::end::End;
    use crate::tcp::testing::{any_segments, facts, oracle, segment};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn counting_one_by_one_equals_reading_the_whole_list(segments in any_segments()) {
            let (mut count, mut unmatched) = (Count::default(), Unmatched::default());
            let facts = facts(&segments);
            for (i, segment) in segments.iter().enumerate() {
                let before = count.seen();
                count.add(segment, || &mut unmatched);
                prop_assert!(count.seen().contains(before));
                prop_assert_eq!(count.seen().bits(), oracle::completeness(&facts[..=i]));
            }
        }

        #[test]
        fn joined_half_circles_hold_what_each_of_them_holds(starts in proptest::collection::vec(any::<u32>(), 1..5), probes: [u32; 8]) {
            let half = 0x7fff_ffff;
            let mut arc = Arc::default();
            for &start in &starts {
                arc.join(SeqNumber(start));
            }
            let edges = starts.iter().flat_map(|&s| [s, s.wrapping_sub(1), s.wrapping_add(half), s.wrapping_add(half + 1)]);
            for probe in probes.into_iter().chain(edges) {
                let expected = starts.iter().any(|&s| probe.wrapping_sub(s) <= half);
                prop_assert_eq!(arc.holds(SeqNumber(probe)), expected, "{:?} {}", arc, probe);
            }
        }
    }

    #[test]
    fn an_ack_captured_before_its_syn_ack_counts() {
        let (mut count, mut unmatched) = (Count::default(), Unmatched::default());
        count.add(&segment(End::A, Flags::ACK, 101, 501, 0), || &mut unmatched);
        assert_eq!(count.seen(), Completeness::empty());
        count.add(&segment(End::B, Flags::SYN | Flags::ACK, 500, 101, 0), || &mut unmatched);
        assert_eq!(count.seen(), Completeness::SYN_ACK | Completeness::ACK);
    }
}
