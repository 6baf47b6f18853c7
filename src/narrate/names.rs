//! The names that stand in the tree: those that filters use are English in every language; another language has its own beside
//! them.

use crate::tcp::{CapturePoint, ClosingKind, Origin, Outcome, Phase, Side, Step, Suspect, Verdict};

/// Something with a name of its own in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The part of a connection's life.
    Phase(Phase),
    /// What a segment does.
    Step(Step),
    /// An end.
    Side(Side),
    /// The main finding.
    Verdict(Verdict),
    /// Where to look.
    Suspect(Suspect),
    /// What became of the connection.
    Outcome(Outcome),
    /// How it was closed.
    ClosingKind(ClosingKind),
    /// Where the packets were captured.
    CapturePoint(CapturePoint),
    /// Who sent a RST.
    Origin(Origin),
    /// A line or a group of the tree.
    Heading(Heading),
}

/// A line or a group of the tree that has a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// What happens here and why.
    Narration,
    /// The same as a conversation.
    Dialogue,
    /// The evidence for the verdict.
    Why,
    /// Items of the header, each explained.
    Header,
    /// Where both ends stand.
    States,
    /// The connection as a whole.
    Connection,
}

impl Name {
    /// In English: the name that filters use, if it is a value of a field.
    pub fn english(self) -> &'static str {
        match self {
            Name::Phase(phase) => phase.name(),
            Name::Step(step) => step.name(),
            Name::Side(side) => side.name(),
            Name::Verdict(verdict) => verdict.name(),
            Name::Suspect(suspect) => suspect.name(),
            Name::Outcome(outcome) => outcome.name(),
            Name::ClosingKind(kind) => kind.name(),
            Name::CapturePoint(point) => point.name(),
            Name::Origin(origin) => origin.name(),
            Name::Heading(heading) => match heading {
                Heading::Narration => "Narration",
                Heading::Dialogue => "Dialogue",
                Heading::Why => "Why",
                Heading::Header => "Header explained",
                Heading::States => "States",
                Heading::Connection => "Connection",
            },
        }
    }
}
