//! Doubly linked lists over slots: each slot is in at most one of them.

use crate::plan::NONE;

#[derive(Clone, Copy, Debug)]
struct Link {
    older: u32,
    younger: u32,
    list: u8,
}

#[derive(Clone, Copy, Debug)]
struct Ends {
    oldest: u32,
    youngest: u32,
    length: u64,
}

/// `N` lists, from old to young.
#[derive(Clone, Debug)]
pub(super) struct Lists<const N: usize> {
    links: Vec<Link>,
    ends: [Ends; N],
}

impl<const N: usize> Default for Lists<N> {
    fn default() -> Self {
        Lists { links: vec![], ends: [Ends { oldest: NONE, youngest: NONE, length: 0 }; N] }
    }
}

impl<const N: usize> Lists<N> {
    pub(super) fn len(&self, list: usize) -> u64 {
        self.ends[list].length
    }

    pub(super) fn oldest(&self, list: usize) -> u32 {
        self.ends[list].oldest
    }

    pub(super) fn younger(&self, slot: u32) -> u32 {
        self.links[slot as usize].younger
    }

    /// The list that a slot is in.
    pub(super) fn list(&self, slot: u32) -> usize {
        usize::from(self.links[slot as usize].list)
    }

    fn room(&mut self, slot: u32) {
        if self.links.len() <= slot as usize {
            self.links.resize(slot as usize + 1, Link { older: NONE, younger: NONE, list: 0 });
        }
    }

    pub(super) fn push_young(&mut self, list: usize, slot: u32) {
        self.room(slot);
        let youngest = self.ends[list].youngest;
        self.links[slot as usize] = Link { older: youngest, younger: NONE, list: list as u8 };
        match youngest {
            NONE => self.ends[list].oldest = slot,
            next => self.links[next as usize].younger = slot,
        }
        self.ends[list].youngest = slot;
        self.ends[list].length += 1;
    }

    pub(super) fn push_old(&mut self, list: usize, slot: u32) {
        self.room(slot);
        let oldest = self.ends[list].oldest;
        self.links[slot as usize] = Link { older: NONE, younger: oldest, list: list as u8 };
        match oldest {
            NONE => self.ends[list].youngest = slot,
            next => self.links[next as usize].older = slot,
        }
        self.ends[list].oldest = slot;
        self.ends[list].length += 1;
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let Link { older, younger, list } = self.links[slot as usize];
        let ends = &mut self.ends[usize::from(list)];
        ends.length -= 1;
        match older {
            NONE => ends.oldest = younger,
            next => self.links[next as usize].younger = younger,
        }
        match younger {
            NONE => ends.youngest = older,
            next => self.links[next as usize].older = older,
        }
    }

    pub(super) fn move_young(&mut self, list: usize, slot: u32) {
        self.remove(slot);
        self.push_young(list, slot);
    }
}
