//! The two ends of a connection, and what is kept for each of them.

use std::ops::{Index, IndexMut};

/// One of the two ends of a connection, before it is known which is the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The end whose flow Wireshark calls the first.
    A,
    /// The other.
    B,
}

impl End {
    /// The end at the other side.
    pub fn peer(self) -> End {
        match self {
            End::A => End::B,
            End::B => End::A,
        }
    }
}

/// One `T` for each end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerEnd<T> {
    a: T,
    b: T,
}

impl<T> PerEnd<T> {
    /// Of the end that sends, and of the end that receives what `from` sends.
    pub fn pair(&self, from: End) -> (&T, &T) {
        (&self[from], &self[from.peer()])
    }

    /// The same, to change them.
    pub fn pair_mut(&mut self, from: End) -> (&mut T, &mut T) {
        match from {
            End::A => (&mut self.a, &mut self.b),
            End::B => (&mut self.b, &mut self.a),
        }
    }

    /// A's, then B's.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.a, &self.b].into_iter()
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        [&mut self.a, &mut self.b].into_iter()
    }
}

impl<T> Index<End> for PerEnd<T> {
    type Output = T;
    fn index(&self, end: End) -> &T {
        match end {
            End::A => &self.a,
            End::B => &self.b,
        }
    }
}

impl<T> IndexMut<End> for PerEnd<T> {
    fn index_mut(&mut self, end: End) -> &mut T {
        self.pair_mut(end).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_own() {
        let mut both: PerEnd<u8> = PerEnd::default();
        both[End::A] = 1;
        both[End::B] = 2;
        assert_eq!((both.pair(End::A), both.pair(End::B)), ((&1, &2), (&2, &1)));
        *both.pair_mut(End::B).1 = 7;
        assert_eq!(both.iter().copied().collect::<Vec<_>>(), [7, 2]);
        both.iter_mut().for_each(|each| *each += 1);
        assert_eq!((both[End::A], both[End::B]), (8, 3));
    }
}
