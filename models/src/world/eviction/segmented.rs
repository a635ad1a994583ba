//! Segmented LRU: new values are on probation until they are used again.

use super::lists::Lists;

const PROBATION: usize = 0;
const PROTECTED: usize = 1;

/// Two LRU lists with sizes of their own (Karedla, Love and Wherry, IEEE Computer 27, 1994). A new value takes a place on probation,
/// from the oldest there; one that is used again is protected, and the oldest of the protected makes room by going back.
#[derive(Clone, Debug)]
pub(in crate::world) struct Segmented {
    lists: Lists<2>,
    probation: u64,
    protected: u64,
}

impl Segmented {
    pub(super) fn new(protected: u64, capacity: u64) -> Self {
        Segmented { lists: Lists::default(), probation: capacity - protected, protected }
    }

    pub(super) fn is_full(&self) -> bool {
        self.lists.len(PROBATION) >= self.probation
    }

    pub(super) fn used(&mut self, slot: u32, _key: u64) {
        self.lists.move_young(PROTECTED, slot);
        if self.lists.len(PROTECTED) > self.protected {
            self.lists.move_young(PROBATION, self.lists.oldest(PROTECTED));
        }
    }

    pub(super) fn victim(&mut self) -> u32 {
        self.lists.oldest(PROBATION)
    }

    pub(super) fn insert(&mut self, slot: u32, _key: u64) {
        self.lists.push_young(PROBATION, slot);
    }

    pub(super) fn remove(&mut self, slot: u32) {
        self.lists.remove(slot);
    }
}
