//! One list: least recently used, first in first out, LIP, and the two with a mark on each value, CLOCK and SIEVE.

use super::lists::Lists;
use crate::plan::NONE;

/// The old end goes. `Lru` and `Lip` move what is used to the young end; `Lip` (Qureshi et al., ISCA 2007) lets new values in at
/// the old end.
#[derive(Clone, Debug)]
pub(in crate::world) struct Queue {
    list: Lists<1>,
    refreshes: bool,
    comes_old: bool,
}

impl Queue {
    pub(super) fn new(refreshes: bool, comes_old: bool) -> Self {
        Queue { list: Lists::default(), refreshes, comes_old }
    }

    pub(super) fn used(&mut self, slot: u32, _key: u64) {
        if self.refreshes {
            self.list.move_young(0, slot);
        }
    }

    pub(super) fn victim(&mut self) -> u32 {
        self.list.oldest(0)
    }

    pub(super) fn insert(&mut self, slot: u32, _key: u64) {
        if self.comes_old { self.list.push_old(0, slot) } else { self.list.push_young(0, slot) }
    }

    pub(super) fn remove(&mut self, slot: u32) {
        self.list.remove(slot);
    }
}

/// Values in the order they came, each with a mark that a use sets. A hand goes from old to young, clears marks, and takes the
/// first value without. In CLOCK (Corbato 1968) a value that is spared begins anew at the young end; in SIEVE (Zhang et al.,
/// NSDI 2024) it stays in its place, and the hand goes on from there next time.
#[derive(Clone, Debug)]
pub(in crate::world) struct Ring {
    list: Lists<1>,
    marks: Vec<bool>,
    hand: u32,
    sieve: bool,
}

impl Ring {
    pub(super) fn new(sieve: bool) -> Self {
        Ring { list: Lists::default(), marks: vec![], hand: NONE, sieve }
    }

    pub(super) fn used(&mut self, slot: u32, _key: u64) {
        self.marks[slot as usize] = true;
    }

    pub(super) fn victim(&mut self) -> u32 {
        let mut at = if self.hand == NONE { self.list.oldest(0) } else { self.hand };
        while std::mem::replace(&mut self.marks[at as usize], false) {
            let next = self.list.younger(at);
            if !self.sieve {
                self.list.move_young(0, at);
            }
            at = if next == NONE { self.list.oldest(0) } else { next };
        }
        if self.sieve {
            self.hand = at;
        }
        at
    }

    pub(super) fn insert(&mut self, slot: u32, _key: u64) {
        if self.marks.len() <= slot as usize {
            self.marks.resize(slot as usize + 1, false);
        }
        self.marks[slot as usize] = false;
        self.list.push_young(0, slot);
    }

    pub(super) fn remove(&mut self, slot: u32) {
        if self.hand == slot {
            self.hand = self.list.younger(slot);
        }
        self.list.remove(slot);
    }
}
