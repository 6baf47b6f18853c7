//! A list that grows in pieces, so that it is never copied and never has room for twice what it holds.

use std::ops::{Index, IndexMut};

/// How many items a piece has.
const PIECE: usize = 1024;

/// The list. None of its pieces is empty, and all but the last are full.
pub struct Chunks<T>(Vec<Vec<T>>);

impl<T> Chunks<T> {
    /// A list of nothing.
    pub const fn new() -> Chunks<T> {
        Chunks(Vec::new())
    }

    /// How many items it has.
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PIECE + last.len())
    }

    /// The item at this place.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index / PIECE)?.get(index % PIECE)
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.0.last()?.last()
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < PIECE => last.push(item),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(item);
                self.0.push(piece);
            }
        }
    }

    /// The item at this place, made with those in front of it if need be.
    pub fn reach(&mut self, index: usize, make: impl Fn() -> T) -> &mut T {
        if self.get(index).is_none() {
            while self.len() <= index {
                self.push(make());
            }
        }
        &mut self[index]
    }

    /// Takes the last item away.
    pub fn pop(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.pop();
            if last.is_empty() {
                self.0.pop();
            }
        }
    }

    /// How many items at the beginning are `before` something; those behind them are not.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let begun = self.0.partition_point(|piece| before(&piece[0]));
        match begun.checked_sub(1) {
            Some(last) => last * PIECE + self.0[last].partition_point(before),
            None => 0,
        }
    }
}

impl<T> Index<usize> for Chunks<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        &self.0[index / PIECE][index % PIECE]
    }
}

impl<T> IndexMut<usize> for Chunks<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.0[index / PIECE][index % PIECE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_list() {
        let (mut chunks, mut list) = (Chunks::new(), Vec::new());
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            while chunks.len() < size {
                chunks.push(2 * list.len());
                list.push(2 * list.len());
            }
            assert_eq!((chunks.len(), chunks.last()), (size, list.last()));
            assert_eq!((chunks.get(size), chunks.get(size / 2)), (None, list.get(size / 2)));
            for border in [0, 1, 2, size, 2 * PIECE, 2 * size + 1] {
                assert_eq!(chunks.partition_point(|&n| n < border), list.partition_point(|&n| n < border));
            }
        }
        while list.pop().is_some() {
            chunks.pop();
            assert_eq!((chunks.len(), chunks.last()), (list.len(), list.last()));
        }
    }
}
