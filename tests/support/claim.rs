//! A narration and its segment, to hold what the one claims against the other and those before it.

use super::segment::Segment;
use std::cell::RefCell;

/// A segment with all those of its connection before it.
pub struct Case<'a> {
    pub now: &'a Segment,
    pub before: &'a [&'a Segment],
    wrong: RefCell<Vec<String>>,
}

impl<'a> Case<'a> {
    /// With nothing found wrong yet.
    pub fn new(now: &'a Segment, before: &'a [&'a Segment]) -> Case<'a> {
        Case { now, before, wrong: RefCell::default() }
    }

    /// What was found wrong.
    pub fn wrong(self) -> Vec<String> {
        self.wrong.into_inner()
    }

    /// Something is wrong.
    pub fn complain(&self, what: String) {
        self.wrong.borrow_mut().push(what);
    }

    /// Those before it that its sender sent.
    pub fn own(&self) -> impl DoubleEndedIterator<Item = &'a Segment> + use<'a> {
        let from = self.now.from;
        self.before.iter().copied().filter(move |segment| segment.from == from)
    }

    /// Those before it that its receiver sent.
    pub fn others(&self) -> impl DoubleEndedIterator<Item = &'a Segment> + use<'a> {
        let from = self.now.from;
        self.before.iter().copied().filter(move |segment| segment.from != from)
    }

    /// Each place where the narration has this pattern is to be as the rule says.
    pub fn claim(&self, pattern: &str, holds: impl Fn(&[f64]) -> bool) {
        for numbers in found(&self.now.said, pattern) {
            if !holds(&numbers) {
                let Segment { frame, stream, said, .. } = self.now;
                self.complain(format!("stream {stream}, frame {frame}: {pattern:?} is wrong in: {said}"));
            }
        }
    }

    /// The dialogue is to have this pattern only where that is right.
    pub fn spoken(&self, pattern: &str, right: bool) {
        if self.now.spoken.contains(pattern) && !right {
            let Segment { frame, stream, spoken, .. } = self.now;
            self.complain(format!("stream {stream}, frame {frame}: {pattern:?} is wrong in: {spoken}"));
        }
    }
}

/// Whether `one` lies behind `other` on the half circle.
pub fn is_after(one: u32, other: u32) -> bool {
    (other.wrapping_sub(one) as i32) < 0
}

/// The numbers in each place where the text has this pattern, in which `{}` stands for a number.
fn found(text: &str, pattern: &str) -> Vec<Vec<f64>> {
    let (head, rest) = pattern.split_once("{}").unwrap_or((pattern, ""));
    let rest: Vec<&str> = if pattern.contains("{}") { rest.split("{}").collect() } else { Vec::new() };
    text.match_indices(head).filter_map(|(at, _)| numbers(&text[at + head.len()..], &rest)).collect()
}

fn numbers(mut text: &str, between: &[&str]) -> Option<Vec<f64>> {
    let mut all = Vec::new();
    for literal in between {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
        let fraction = text[digits..].strip_prefix('.').map_or(0, |rest| {
            rest.find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| if end == 0 { 0 } else { end + 1 })
        });
        let (number, rest) = text.split_at(digits + fraction);
        all.push(number.parse().ok()?);
        text = rest.strip_prefix(literal)?;
    }
    Some(all)
}

/// A relative number, or a count, on the circle.
pub fn wraps(number: f64) -> f64 {
    number.rem_euclid(4_294_967_296.0)
}

/// Whether it came so many milliseconds after the other, as far as three places show.
pub fn lasts(now: &Segment, earlier: &Segment, milliseconds: f64) -> bool {
    ((now.time - earlier.time) as f64 / 1e6 - milliseconds).abs() < 0.001
}
