//! Tables that are indexed on every event.

use std::ops::{Deref, DerefMut, Index, IndexMut};

/// A vector indexed by the numbers that the compiler and the slabs hand out. Every index in a frame, an instruction or a queue was
/// made by pushing to that very table, and tables never shrink; so the bound is checked in debug builds and tests only. Checking it
/// always takes a fifth of the instructions of a whole event.
#[derive(Clone, Debug)]
pub(super) struct Table<T>(pub Vec<T>);

impl<T> Deref for Table<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Table<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> Index<u32> for Table<T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, index: u32) -> &T {
        self.0.hot(index)
    }
}

impl<T> IndexMut<u32> for Table<T> {
    #[inline(always)]
    #[allow(unsafe_code)]
    fn index_mut(&mut self, index: u32) -> &mut T {
        debug_assert!((index as usize) < self.0.len(), "index {index} of {}", self.0.len());
        // SAFETY: indices come from this table, which never shrinks; see the type.
        unsafe { self.0.get_unchecked_mut(index as usize) }
    }
}

/// The same for the tables of a plan, which other crates see as plain vectors.
pub(super) trait Hot<T> {
    /// The entry of an index that the compiler has made.
    fn hot(&self, index: u32) -> &T;
}

impl<T> Hot<T> for Vec<T> {
    #[inline(always)]
    #[allow(unsafe_code)]
    fn hot(&self, index: u32) -> &T {
        debug_assert!((index as usize) < self.len(), "index {index} of {}", self.len());
        // SAFETY: the compiler makes indices by pushing to the table, and a plan does not change.
        unsafe { self.get_unchecked(index as usize) }
    }
}
