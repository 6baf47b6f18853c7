//! Clauses in their order, put together.

use crate::narrate::clause::Clause;

/// Clauses in their order.
#[derive(Debug, Default)]
pub struct Clauses(Vec<Clause>);

impl Clauses {
    /// With this one behind them.
    pub fn then(mut self, clause: impl Into<Clause>) -> Clauses {
        self.0.push(clause.into());
        self
    }

    /// With these behind them, if there are any.
    pub fn and<C: Into<Clause>>(mut self, clauses: impl IntoIterator<Item = C>) -> Clauses {
        self.0.extend(clauses.into_iter().map(Into::into));
        self
    }
}

impl IntoIterator for Clauses {
    type Item = Clause;
    type IntoIter = std::vec::IntoIter<Clause>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The first clause.
pub fn say(clause: impl Into<Clause>) -> Clauses {
    Clauses::default().then(clause)
}
