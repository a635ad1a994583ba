//! Counts of outstanding attempts, with the least loaded targets kept at hand.

use archsim_core::Stream;

/// As many targets have a bit in a set.
const BITS: usize = u64::BITS as usize;

/// Attempts sent and not yet answered, timed out or cancelled, by slot.
#[derive(Clone, Debug, Default)]
pub struct Outstanding {
    counts: Vec<u32>,
    /// The smallest count and a bit for each slot that has it; not kept for more than 64 slots.
    least: u32,
    ties: u64,
}

impl Outstanding {
    /// Nothing outstanding in this many slots.
    pub fn new(slots: usize) -> Self {
        Self::of(&vec![0; slots])
    }

    /// These counts.
    pub fn of(counts: &[u32]) -> Self {
        let mut new = Outstanding { counts: counts.to_vec(), least: 0, ties: 0 };
        new.least = new.smallest();
        new.find_ties();
        new
    }

    /// The count of a slot.
    #[inline]
    pub fn get(&self, slot: u32) -> u32 {
        self.counts[slot as usize]
    }

    /// One more.
    #[inline(always)]
    pub fn add(&mut self, slot: u32) {
        let count = self.counts[slot as usize] + 1;
        self.counts[slot as usize] = count;
        if count == self.least + 1 && self.counts.len() <= BITS {
            self.ties &= !(1 << slot);
            if self.ties == 0 {
                self.least += 1;
                self.find_ties();
            }
        }
    }

    /// One less; never below zero.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) {
        let count = self.counts[slot as usize].saturating_sub(1);
        self.counts[slot as usize] = count;
        if count <= self.least && self.counts.len() <= BITS {
            let others = if count < self.least { 0 } else { self.ties };
            (self.least, self.ties) = (count, others | 1 << slot);
        }
    }

    /// A slot with the smallest count; ties are broken by one draw.
    #[inline(always)]
    pub fn pick_least(&self, draw: &mut Stream) -> usize {
        if self.counts.len() > BITS {
            return self.search_least(draw);
        }
        let mut ties = self.ties;
        if !ties.is_power_of_two() {
            for _ in 0..draw.below(u64::from(ties.count_ones())) {
                ties &= ties - 1;
            }
        }
        ties.trailing_zeros() as usize
    }

    fn search_least(&self, draw: &mut Stream) -> usize {
        let least = self.smallest();
        let ties = self.counts.iter().filter(|count| **count == least).count();
        let chosen = draw.below(ties as u64) as usize;
        self.counts.iter().enumerate().filter(|(_, count)| **count == least).nth(chosen).map_or(0, |(slot, _)| slot)
    }

    fn smallest(&self) -> u32 {
        self.counts.iter().copied().fold(u32::MAX, u32::min)
    }

    fn find_ties(&mut self) {
        let ties = self.counts.iter().take(BITS).enumerate().map(|(slot, n)| u64::from(*n == self.least) << slot);
        self.ties = ties.fold(0, |all, bit| all | bit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_core::Key;

    /// The least loaded are the same, and the draw decides alike, as when all are looked at.
    #[test]
    fn the_set_of_the_least_loaded_follows_every_change() {
        for slots in [1u32, 2, 8, 64, 65] {
            let mut outstanding = Outstanding::new(slots as usize);
            let mut steps = Key::root(3, u64::from(slots)).draw(0);
            for n in 0..5000 {
                let slot = steps.below(u64::from(slots)) as u32;
                if steps.chance(0.52) {
                    outstanding.add(slot)
                } else {
                    outstanding.remove(slot)
                }
                let draw = Key::root(4, n).draw(0);
                assert_eq!(outstanding.pick_least(&mut draw.clone()), outstanding.search_least(&mut draw.clone()));
            }
        }
    }

    #[test]
    fn counts_stay_at_zero() {
        let mut outstanding = Outstanding::of(&[0, 2]);
        outstanding.remove(0);
        outstanding.remove(1);
        assert_eq!([outstanding.get(0), outstanding.get(1)], [0, 1]);
        assert_eq!(outstanding.pick_least(&mut Key::root(1, 0).draw(0)), 0);
    }
}
