//! What became of a connection, read slowly and directly from the whole list of its segments: no state machine, and
//! nothing of the engine's. The tests of recorded captures use it too.

use std::ops::Range;

/// What of a segment decides; `first` tells the two ends apart.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub first: bool,
    pub flags: u16,
    pub seq: u32,
    pub ack: u32,
    pub len: u32,
}

pub const FIN: u16 = 1;
pub const SYN: u16 = 2;
pub const RST: u16 = 4;
pub const ACK: u16 = 16;

impl Facts {
    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    fn is_syn(&self) -> bool {
        self.has(SYN) && !self.has(ACK) && !self.has(RST)
    }

    fn is_syn_ack(&self) -> bool {
        self.has(SYN) && self.has(ACK) && !self.has(RST)
    }

    /// With ACK, without SYN and RST.
    fn is_later(&self) -> bool {
        self.has(ACK) && !self.has(SYN) && !self.has(RST)
    }

    fn is_impossible(&self) -> bool {
        self.has(SYN) && (self.has(FIN) || self.has(RST)) || !self.has(SYN) && !self.has(RST) && !self.has(ACK)
    }

    /// The number behind the last one it takes.
    fn end(&self) -> u32 {
        self.seq.wrapping_add(self.len).wrapping_add(self.has(SYN).into()).wrapping_add(self.has(FIN).into())
    }
}

/// Whether `number` is `from` or lies on the half circle behind it.
fn reaches(number: u32, from: u32) -> bool {
    number.wrapping_sub(from) < 1 << 31
}

/// The furthest of some numbers, walking forward.
fn furthest(numbers: impl Iterator<Item = u32>) -> Option<u32> {
    numbers.reduce(|far, number| if reaches(number, far) { number } else { far })
}

/// Completeness by its definition.
pub fn completeness(segments: &[Facts]) -> u8 {
    let any = |rule: &dyn Fn(&Facts) -> bool| segments.iter().any(rule);
    let acknowledges = |s: &Facts| {
        s.is_later()
            && any(&|other| other.is_syn_ack() && other.first != s.first && reaches(s.ack, other.seq.wrapping_add(1)))
    };
    let rules: [&dyn Fn(&Facts) -> bool; 6] = [
        &Facts::is_syn,
        &Facts::is_syn_ack,
        &acknowledges,
        &|s| s.len > 0 && !s.has(RST),
        &|s| s.has(FIN) && !s.has(SYN) && !s.has(RST),
        &|s| s.has(RST),
    ];
    rules.iter().enumerate().map(|(bit, rule)| u8::from(any(rule)) << bit).sum()
}

/// The names of `tcpshake.outcome` and `tcpshake.closing.kind` at the end of the capture. `client` tells which end is
/// the client.
pub fn outcome_and_closing(segments: &[Facts], client: bool) -> (&'static str, &'static str) {
    let mut start = 0;
    loop {
        let attempt = &segments[start..];
        let Some(reset) = ending_reset(attempt) else { return without_reset(attempt) };
        // After the end of an attempt, a SYN begins another.
        if let Some(next) = attempt[reset..].iter().position(|s| s.is_syn() && !s.is_impossible()) {
            start += reset + next;
            continue;
        }
        return (outcome_of_reset(attempt, reset, client), "Reset");
    }
}

/// The index of the RST that ends the attempt, if one does: not after both FINs are acknowledged.
fn ending_reset(segments: &[Facts]) -> Option<usize> {
    (0..segments.len()).find(|&at| {
        let before = &segments[..at];
        let rst = &segments[at];
        rst.has(RST) && !rst.is_impossible() && !is_over(before) && would_be_accepted(before, rst) != Some(false)
    })
}

fn sent(segments: &[Facts], first: bool) -> impl Iterator<Item = &Facts> {
    segments.iter().filter(move |s| s.first == first && !s.is_impossible() && !s.has(RST))
}

/// The FIN of one end: the number it takes.
fn fin_of(segments: &[Facts], first: bool) -> Option<u32> {
    sent(segments, first).find(|s| s.has(FIN)).map(|s| s.end().wrapping_sub(1))
}

/// How far one end has acknowledged the other.
fn acked_by(segments: &[Facts], first: bool) -> Option<u32> {
    furthest(sent(segments, first).filter(|s| s.has(ACK)).map(|s| s.ack))
}

/// Where in the list the FIN of one end is first acknowledged by the other: at the FIN or after it.
fn fin_acked_at(segments: &[Facts], first: bool) -> Option<usize> {
    let fin_at = segments.iter().position(|s| s.first == first && s.has(FIN) && !s.is_impossible() && !s.has(RST))?;
    let fin = fin_of(segments, first)?;
    (fin_at..segments.len())
        .find(|&at| acked_by(&segments[..=at], !first).is_some_and(|acked| reaches(acked, fin.wrapping_add(1))))
}

fn is_over(segments: &[Facts]) -> bool {
    fin_acked_at(segments, true).is_some() && fin_acked_at(segments, false).is_some()
}

fn isn_of(segments: &[Facts], first: bool) -> Option<u32> {
    sent(segments, first).find(|s| s.has(SYN)).map(|s| s.seq)
}

/// Whether the connection is open after these segments: a completed handshake, or what only an open connection sends.
fn is_open(segments: &[Facts]) -> bool {
    (0..segments.len()).any(|at| {
        let (before, s) = (&segments[..at], &segments[at]);
        if s.is_impossible() {
            return false;
        }
        let syn_ack_of = |first: bool| sent(before, first).any(|s| s.is_syn_ack());
        let syn_of = |first: bool| sent(before, first).any(|s| s.is_syn());
        if s.is_syn_ack() {
            // Both have answered the other's SYN.
            return syn_of(s.first) && syn_of(!s.first) && syn_ack_of(!s.first);
        }
        if !s.is_later() {
            return false;
        }
        if syn_ack_of(!s.first) {
            let next = furthest(sent(before, !s.first).map(Facts::end)).unwrap();
            return sent(before, !s.first).any(|answer| {
                let first: u32 = answer.seq.wrapping_add(1);
                answer.is_syn_ack() && within(s.ack, first..next)
            });
        }
        // The end that was called answers a SYN with a bare ACK: it means an older connection.
        let challenge = syn_of(!s.first) && !syn_of(s.first) && !syn_ack_of(s.first) && s.len == 0 && !s.has(FIN);
        !challenge
    })
}

/// `from <= number <= to` on the circle, or `number == from` where `to` lies behind it.
fn within(number: u32, range: Range<u32>) -> bool {
    let length = if reaches(range.end, range.start) { range.end.wrapping_sub(range.start) } else { 0 };
    number.wrapping_sub(range.start) <= length
}

/// What the receiver would make of a RST; `None` where the list does not show enough.
fn would_be_accepted(before: &[Facts], rst: &Facts) -> Option<bool> {
    let receiver = !rst.first;
    let sent_next = furthest(sent(before, rst.first).map(Facts::end));
    if !is_open(before) {
        let receiver_said: Vec<&Facts> = sent(before, receiver).filter(|s| s.is_later()).collect();
        if receiver_said.last().is_some_and(|s| s.ack == rst.seq) {
            return Some(true);
        }
        let receiver_answered = sent(before, receiver).any(|s| s.is_syn_ack());
        if let Some(isn) = isn_of(before, receiver).filter(|_| !receiver_answered) {
            let next = furthest(sent(before, receiver).map(Facts::end)).unwrap();
            return Some(rst.has(ACK) && within(rst.ack, isn.wrapping_add(1)..next));
        }
        if !receiver_answered && sent(before, rst.first).any(|s| s.is_syn()) {
            return sent_next.map(|next| rst.seq == next);
        }
    }
    match (acked_by(before, receiver), sent_next) {
        (Some(acked), Some(next)) => Some(within(rst.seq, acked..next)),
        (None, Some(next)) if rst.seq == next => Some(true),
        _ => None,
    }
}

fn outcome_of_reset(segments: &[Facts], reset: usize, client: bool) -> &'static str {
    let (before, rst) = (&segments[..reset], &segments[reset]);
    let answers_syn = sent(before, !rst.first).any(|s| s.is_syn()) && !sent(before, rst.first).any(|s| s.is_syn_ack());
    let probes_only = !before.is_empty() && before.iter().all(|s| s.is_impossible());
    let calling = !sent(before, !rst.first).any(|s| s.is_syn_ack());
    match rst.first == client {
        _ if !is_open(before) && (answers_syn && calling || probes_only) => "Refused",
        true => "Aborted by client",
        false => "Aborted by server",
    }
}

fn without_reset(segments: &[Facts]) -> (&'static str, &'static str) {
    let fins = [true, false].map(|first| fin_of(segments, first));
    match fins {
        [Some(_), Some(_)] => return ("Closed normally", kind_of_two_fins(segments)),
        [None, None] => {}
        _ => return ("Half-closed", "Half-closed"),
    }
    let any = |rule: &dyn Fn(&Facts) -> bool| segments.iter().any(|s| !s.is_impossible() && rule(s));
    let begun = any(&|s| s.is_syn() || s.is_syn_ack());
    let outcome = match (is_open(segments), begun) {
        (true, true) => "Established",
        (true, false) => "Opening not captured",
        (false, _) if any(&Facts::is_syn_ack) => "Half-open",
        (false, _) => "No answer",
    };
    (outcome, "Not closed")
}

fn kind_of_two_fins(segments: &[Facts]) -> &'static str {
    let at = [true, false].map(|first| {
        segments.iter().position(|s| s.first == first && s.has(FIN) && !s.is_impossible() && !s.has(RST)).unwrap()
    });
    let (closer, second) = if at[0] < at[1] { (true, at[1]) } else { (false, at[0]) };
    match fin_acked_at(segments, closer) {
        Some(acked) if acked < second => "Four-way",
        Some(acked) if acked == second => "Three-way",
        _ => "Simultaneous",
    }
}
