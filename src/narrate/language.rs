//! The languages, and the one place that picks among them.

use super::arrow::Arrow;
use super::clause::Clause;
use super::explain::Line;
use super::icmp::Complaint;
use super::names::Name;
use super::speech::Speech;
use super::story::{Absence, Caption, Label, Remark};
use super::{en, ko};
use crate::tcp::{Finding, Side};
use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;

/// A language that the plugin speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Korean, 한국어.
    Korean,
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Language] = &[Language::English, Language::Korean];

    /// Writes a clause about a segment of this sender's. `guess` says that the sender is named for the first time, and that
    /// who is who is a guess.
    pub(super) fn clause(self, out: &mut String, sender: Side, guess: bool, clause: &Clause) {
        written(match self {
            Language::English => en::narration::write(out, sender, guess, clause),
            Language::Korean => ko::narration::write(out, sender, guess, clause),
        });
    }

    /// Writes what a sender says.
    pub(super) fn speech(self, out: &mut String, speech: &Speech) {
        written(match self {
            Language::English => en::speech::write(out, speech),
            Language::Korean => ko::speech::write(out, speech),
        });
    }

    /// Says, behind a speech, that its numbers are relative ones, and those to come.
    pub(super) fn relative_from_here(self, out: &mut String) {
        out.push_str(match self {
            Language::English => en::speech::RELATIVE_FROM_HERE,
            Language::Korean => ko::speech::RELATIVE_FROM_HERE,
        });
    }

    /// Writes a line that explains an item of the header.
    pub(super) fn line(self, out: &mut String, line: &Line) {
        written(match self {
            Language::English => en::explain::write(out, line),
            Language::Korean => ko::explain::write(out, line),
        });
    }

    /// Writes a remark of a story.
    pub(super) fn remark(self, out: &mut String, remark: &Remark) {
        written(match self {
            Language::English => en::story::write(out, remark),
            Language::Korean => ko::story::write(out, remark),
        });
    }

    /// Writes a verdict, where to look, and the evidence.
    pub(super) fn verdict(self, out: &mut String, finding: &Finding) {
        written(match self {
            Language::English => en::verdict::headline(out, finding),
            Language::Korean => ko::verdict::headline(out, finding),
        });
        self.why(out, finding);
    }

    /// Writes the evidence for a verdict.
    pub(super) fn why(self, out: &mut String, finding: &Finding) {
        written(match self {
            Language::English => en::verdict::write(out, finding),
            Language::Korean => ko::verdict::write(out, finding),
        });
    }

    /// Writes what stands on an arrow.
    pub(super) fn arrow(self, out: &mut String, arrow: &Arrow) {
        written(match self {
            Language::English => en::speech::arrow(out, arrow),
            Language::Korean => ko::speech::arrow(out, arrow),
        });
    }

    /// Writes what an ICMP error says.
    pub(super) fn icmp(self, out: &mut String, complaint: &Complaint) {
        written(match self {
            Language::English => en::icmp::write(out, complaint),
            Language::Korean => ko::icmp::write(out, complaint),
        });
    }

    /// A name in English, and behind that in brackets in another language: `Opening`, `Opening (연결 수립)`.
    pub fn in_full(self, name: Name) -> Cow<'static, str> {
        match self {
            Language::English => name.english().into(),
            Language::Korean => format!("{} ({})", name.english(), ko::names::name(name)).into(),
        }
    }

    /// What stands where there is no story to show.
    pub fn absence(self, absence: Absence) -> &'static str {
        match self {
            Language::English => en::story::absence(absence),
            Language::Korean => ko::story::absence(absence),
        }
    }

    /// A title or a button of the window that shows stories.
    pub fn caption(self, caption: Caption) -> &'static CStr {
        match self {
            Language::English => en::story::caption(caption),
            Language::Korean => ko::story::caption(caption),
        }
    }

    /// A word at the edge of a story.
    pub(super) fn label(self, label: Label) -> &'static str {
        match self {
            Language::English => en::story::label(label),
            Language::Korean => ko::story::label(label),
        }
    }

    /// What a side is called.
    pub(super) fn side(self, side: Side) -> &'static str {
        match self {
            Language::English => en::side(side),
            Language::Korean => ko::side(side),
        }
    }
}

/// Writing into a `String` does not fail, and what is written has no error of its own.
fn written(result: fmt::Result) {
    debug_assert!(result.is_ok());
}
