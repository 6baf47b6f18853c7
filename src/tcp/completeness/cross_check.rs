//! A second opinion on Wireshark's `tcp.completeness`: what its rule makes of the same segments, and a named reason for
//! every bit in which it differs from this plugin's [`Count`](super::Count).
//!
//! The rules are those of `dissect_tcp` in Wireshark's `epan/dissectors/packet-tcp.c`. They are followed here so that a
//! difference can be explained: where Wireshark's value is what its own rule gives, the reasons below say why the rule
//! differs from ours; what is left over is [`Reason::Unexplained`].

use super::parts::Completeness;
use crate::tcp::end::{End, PerEnd};
use crate::tcp::named::named;
use crate::tcp::segment::{Flags, Segment};

/// Wireshark's way of counting, which changed between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountingRule {
    /// 4.0: of a conversation's first segment only a SYN is counted.
    V4_0,
    /// 4.2, 4.4 and 4.6: every segment is counted, and a SYN from an end not heard before starts the value anew.
    V4_2,
}

/// How much of a TCP header Wireshark's dissector was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderPart {
    /// A segment with a whole fixed header, which the plugin counts too.
    Whole,
    /// A header quoted in an ICMP error: not a segment of this connection, but Wireshark counts it.
    Quoted,
    /// A header whose end is missing, or a segment shorter than its header says: Wireshark counts what is there.
    Cut,
}

/// One call of Wireshark's TCP dissector in the first pass, as far as its count of completeness goes.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// How much was there.
    pub header: HeaderPart,
    /// The end that sent it.
    pub from: End,
    /// The control bits.
    pub flags: Flags,
    /// Whether Wireshark knows of payload: not in fragments and quoted headers, whose length it leaves open.
    pub payload: bool,
    /// Whether Wireshark made the conversation for this frame.
    pub new_conversation: bool,
    /// Whether it did so because a SYN took over the ports of an earlier conversation.
    pub port_reused: bool,
}

impl Sighting {
    /// The sighting of a whole segment.
    pub fn of(segment: &Segment, new_conversation: bool, port_reused: bool) -> Sighting {
        Sighting {
            header: HeaderPart::Whole,
            from: segment.from,
            flags: segment.flags,
            payload: segment.len > 0,
            new_conversation,
            port_reused,
        }
    }

    fn is_syn(&self) -> bool {
        self.flags & (Flags::SYN | Flags::ACK) == Flags::SYN
    }

    /// What a SYN that begins a conversation counts for.
    fn first_syn(&self) -> Completeness {
        if self.payload { Completeness::SYN | Completeness::DATA } else { Completeness::SYN }
    }

    /// What Wireshark adds for a segment that is not a conversation's first.
    fn parts(&self) -> Completeness {
        let mut parts = Completeness::empty();
        match self.flags & (Flags::SYN | Flags::ACK) {
            both if both == Flags::SYN | Flags::ACK => parts |= Completeness::SYN_ACK,
            Flags::ACK if self.payload => parts |= Completeness::DATA,
            Flags::ACK => parts |= Completeness::ACK,
            _ => {}
        }
        parts.set(Completeness::FIN, self.flags.contains(Flags::FIN | Flags::ACK));
        parts.set(Completeness::RST, self.flags.contains(Flags::RST));
        parts
    }
}

named! {
    /// Why Wireshark's value has a bit that ours lacks, or the other way round.
    Reason {
        /// Nothing known fits: a fault in one of the two.
        Unexplained = 0 c"unexplained",
        /// Wireshark counts a SYN only as the first segment of a conversation.
        LateSyn = 1 c"SYN captured after other segments",
        /// Wireshark 4.0 counts nothing but a SYN in a conversation's first segment.
        FirstSegment = 2 c"first segment not counted",
        /// Wireshark 4.4 forgets what it had counted when the other end's SYN arrives.
        Restarted = 3 c"count restarted by a SYN",
        /// Wireshark counts a SYN-ACK that carries RST.
        SynAckWithRst = 4 c"SYN-ACK with RST counted",
        /// The RST carried ACK and no payload.
        RstAsAck = 5 c"RST counted as ACK",
        /// The FIN carried ACK and no payload.
        FinAsAck = 6 c"FIN counted as ACK",
        /// An ACK without payload counts, whatever it acknowledges.
        OtherAck = 7 c"ACK outside the handshake counted",
        /// A handshake ACK that carries data counts as data only.
        AckWithData = 8 c"handshake ACK with data not counted as ACK",
        /// Payload counts only with ACK.
        DataWithoutAck = 9 c"payload without ACK not counted",
        /// Payload of a SYN or SYN-ACK counts only in the SYN that begins a conversation.
        DataWithSyn = 10 c"payload with SYN not counted",
        /// The payload of a RST (often a text that names the cause) counts as data.
        DataWithRst = 11 c"payload of a RST counted",
        /// A FIN counts only with ACK.
        FinWithoutAck = 12 c"FIN without ACK not counted",
        /// A FIN counts even beside SYN or RST.
        FinWithOthers = 13 c"FIN beside SYN or RST counted",
        /// A header quoted in an ICMP error counts.
        Quoted = 14 c"header quoted in an ICMP error counted",
        /// A header that was cut short counts.
        Cut = 15 c"cut header counted",
        /// A fragment's payload is not counted, since its length is not known.
        Fragment = 16 c"payload of a fragment not counted",
        /// Wireshark does not look at the RST of a SYN that begins a conversation.
        SynWithRst = 17 c"SYN with RST counted",
    }
}

/// Follows Wireshark's count of one stream and collects the causes of differences.
#[derive(Clone, Copy, Debug)]
pub struct CrossCheck {
    rule: CountingRule,
    followed: Completeness,
    /// Bits of the first segment that 4.0 passed over; it adds them when it dissects that frame again.
    passed_over: Completeness,
    /// Bits that were counted and then forgotten.
    forgotten: Completeness,
    /// Bits that headers which are no segments of the connection have set.
    quoted: Completeness,
    cut: Completeness,
    /// Whether each end has been heard, or its numbers acknowledged (`TCP_S_BASE_SEQ_SET`).
    heard: PerEnd<bool>,
    /// The reasons noted so far, a bit for each number.
    noted: u32,
}

impl CrossCheck {
    /// Nothing counted yet.
    pub fn new(rule: CountingRule) -> CrossCheck {
        let none = Completeness::empty();
        CrossCheck {
            rule,
            followed: none,
            passed_over: none,
            forgotten: none,
            quoted: none,
            cut: none,
            heard: PerEnd::default(),
            noted: 0,
        }
    }

    /// Takes in one sighting. `ours` is what the plugin's own count gives this segment; empty for a header that is no
    /// segment.
    pub fn follow(&mut self, sighting: &Sighting, ours: Completeness) {
        let before = self.followed;
        let theirs = match self.rule {
            CountingRule::V4_0 => self.count_4_0(sighting),
            CountingRule::V4_2 => self.count_4_2(sighting),
        };
        self.forgotten |= before - self.followed;
        // What was passed over will be counted in a second pass, and may differ then.
        let later = if self.passes_over(sighting) { self.passed_over } else { Completeness::empty() };
        match sighting.header {
            HeaderPart::Quoted => self.quoted |= theirs | later,
            HeaderPart::Cut => self.cut |= theirs | later,
            HeaderPart::Whole => self.note_causes(sighting, ours, theirs | later),
        }
        if sighting.header != HeaderPart::Quoted {
            self.heard[sighting.from] = true;
            self.heard[sighting.from.peer()] |= sighting.flags.contains(Flags::ACK);
        }
    }

    /// Whether 4.0 leaves out what this sighting shows beside a SYN, because it is a conversation's first.
    fn passes_over(&self, sighting: &Sighting) -> bool {
        self.rule == CountingRule::V4_0 && sighting.new_conversation && !sighting.port_reused
    }

    /// Counts as 4.0 does, and returns what this sighting adds.
    fn count_4_0(&mut self, sighting: &Sighting) -> Completeness {
        let theirs = match (self.passes_over(sighting), sighting.is_syn()) {
            (true, true) => sighting.first_syn(),
            (true, false) => Completeness::empty(),
            (false, true) if sighting.port_reused => sighting.parts() | Completeness::SYN,
            (false, _) => sighting.parts(),
        };
        if self.passes_over(sighting) {
            self.passed_over = sighting.parts() - theirs;
        }
        self.followed |= theirs;
        theirs
    }

    /// Counts as 4.2 and later do, and returns what this sighting adds.
    fn count_4_2(&mut self, sighting: &Sighting) -> Completeness {
        let unheard_syn = sighting.is_syn() && !self.heard[sighting.from];
        let mut theirs = sighting.parts();
        if sighting.new_conversation || unheard_syn {
            if sighting.is_syn() {
                theirs |= sighting.first_syn();
            }
            self.followed = theirs;
        } else {
            self.followed |= theirs;
        }
        theirs
    }

    fn note(&mut self, reason: Reason) {
        self.noted |= 1 << reason.number();
    }

    fn has(&self, reason: Reason) -> bool {
        self.noted & (1 << reason.number()) != 0
    }

    /// Notes why the two counts differ on this one segment.
    fn note_causes(&mut self, sighting: &Sighting, ours: Completeness, theirs: Completeness) {
        let flags = sighting.flags;
        for part in (ours - theirs).iter() {
            self.note(match part {
                Completeness::SYN => Reason::LateSyn,
                Completeness::ACK => Reason::AckWithData,
                Completeness::FIN => Reason::FinWithoutAck,
                Completeness::DATA if flags.contains(Flags::SYN) => Reason::DataWithSyn,
                Completeness::DATA if !flags.contains(Flags::ACK) => Reason::DataWithoutAck,
                Completeness::DATA => Reason::Fragment,
                // SYN-ACK and RST are counted alike, but for a first segment, which `passed_over` handles.
                _ => continue,
            });
        }
        for part in (theirs - ours).iter() {
            self.note(match part {
                Completeness::SYN => Reason::SynWithRst,
                Completeness::SYN_ACK => Reason::SynAckWithRst,
                Completeness::ACK if flags.contains(Flags::RST) => Reason::RstAsAck,
                Completeness::ACK if flags.contains(Flags::FIN) => Reason::FinAsAck,
                Completeness::ACK => Reason::OtherAck,
                Completeness::DATA => Reason::DataWithRst,
                Completeness::FIN => Reason::FinWithOthers,
                _ => continue,
            });
        }
    }

    /// Compares our value with the one Wireshark really has, and names a reason for each bit that differs, in the order
    /// of the bits. Empty where they agree.
    pub fn compare(&self, ours: Completeness, theirs: Completeness) -> Vec<Reason> {
        (ours ^ theirs).iter().map(|part| self.reason(part, ours, theirs)).collect()
    }

    /// What the rule gives once every frame has been dissected again, in a second pass: then nothing is new, and what was
    /// passed over or forgotten is added. While the frames are gone through, any part of that.
    fn followed_again(&self) -> Completeness {
        self.followed | self.passed_over | self.forgotten
    }

    fn reason(&self, part: Completeness, ours: Completeness, theirs: Completeness) -> Reason {
        let by_rule = theirs.contains(self.followed) && self.followed_again().contains(theirs);
        if !by_rule && self.followed.contains(part) != theirs.contains(part) {
            return Reason::Unexplained;
        }
        let (whole_bits, noted) = if ours.contains(part) {
            ([(self.passed_over, Reason::FirstSegment), (self.forgotten, Reason::Restarted)], OURS_ONLY)
        } else {
            ([(self.quoted, Reason::Quoted), (self.cut, Reason::Cut)], THEIRS_ONLY)
        };
        let of_bit = whole_bits.iter().find(|(parts, _)| parts.contains(part));
        let of_segment = noted.iter().find(|(p, reason)| *p == part && self.has(*reason));
        of_bit.or(of_segment).map_or(Reason::Unexplained, |&(_, reason)| reason)
    }
}

/// Reasons for a bit that only our value has, the likelier first.
const OURS_ONLY: &[(Completeness, Reason)] = &[
    (Completeness::SYN, Reason::LateSyn),
    (Completeness::ACK, Reason::AckWithData),
    (Completeness::DATA, Reason::DataWithSyn),
    (Completeness::DATA, Reason::DataWithoutAck),
    (Completeness::DATA, Reason::Fragment),
    (Completeness::FIN, Reason::FinWithoutAck),
];

/// Reasons for a bit that only Wireshark's value has, the likelier first.
const THEIRS_ONLY: &[(Completeness, Reason)] = &[
    (Completeness::SYN, Reason::SynWithRst),
    (Completeness::SYN_ACK, Reason::SynAckWithRst),
    (Completeness::ACK, Reason::RstAsAck),
    (Completeness::ACK, Reason::FinAsAck),
    (Completeness::ACK, Reason::OtherAck),
    (Completeness::DATA, Reason::DataWithRst),
    (Completeness::FIN, Reason::FinWithOthers),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::completeness::{Count, Unmatched};
    use crate::tcp::testing::any_segments;
    use proptest::prelude::*;

    fn followed(rule: CountingRule, segments: &[Segment]) -> (Completeness, CrossCheck) {
        let (mut count, mut check) = (Count::default(), CrossCheck::new(rule));
        let mut unmatched = Unmatched::default();
        for (index, segment) in segments.iter().enumerate() {
            let parts = count.add(segment, || &mut unmatched);
            check.follow(&Sighting::of(segment, index == 0, false), parts);
        }
        (count.seen(), check)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]
        #[test]
        fn what_the_rule_gives_is_explained_and_nothing_else(segments in any_segments(), other in 0u8..64) {
            for rule in [CountingRule::V4_0, CountingRule::V4_2] {
                let (ours, check) = followed(rule, &segments);
                let again = check.followed_again();
                for theirs in [check.followed, again] {
                    let reasons = check.compare(ours, theirs);
                    prop_assert_eq!(reasons.len() as u32, (ours ^ theirs).bits().count_ones());
                    prop_assert!(!reasons.contains(&Reason::Unexplained), "{:?}: {:?}", rule, reasons);
                }
                let other = Completeness::from_bits_truncate(other);
                let by_rule = other.contains(check.followed) && again.contains(other);
                if !by_rule && other != ours && (other ^ check.followed).intersects(other ^ ours) {
                    prop_assert!(check.compare(ours, other).contains(&Reason::Unexplained));
                }
            }
        }
    }
}
