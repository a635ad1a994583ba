//! Counts of outstanding attempts, with the least loaded targets kept at hand.

use archsim_core::Stream;

/// As many targets have a bit in a set.
const BITS: usize = u64::BITS as usize;

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// For each place in a byte of a set, how many are in the set up to there: a byte for each, without branches, because which target
/// it will be cannot be foretold.
#[inline(always)]
fn up_to(set: u8) -> u64 {
    // A copy of the set in each byte, of which one bit is left, which then moves to the lowest place of its byte.
    let bits = (u64::from(set) * ONES) & 0x8040_2010_0804_0201;
    let ones = ((bits + 0x7F7F_7F7F_7F7F_7F7F) >> 7) & ONES;
    ones.wrapping_mul(ONES)
}

/// Attempts sent and not yet answered, timed out or cancelled, by slot.
#[derive(Clone, Debug, Default)]
pub struct Outstanding {
    counts: Vec<u32>,
    /// The smallest count and a bit for each slot that has it; not kept for more than 64 slots.
    least: u32,
    ties: u64,
    tied: u32,
}

impl Outstanding {
    /// Nothing outstanding in this many slots.
    pub fn new(slots: usize) -> Self {
        Self::of(&vec![0; slots])
    }

    /// These counts.
    pub fn of(counts: &[u32]) -> Self {
        let mut new = Outstanding { counts: counts.to_vec(), least: 0, ties: 0, tied: 0 };
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
            self.tied -= 1;
            if self.ties == 0 {
                self.least += 1;
                self.find_ties();
            }
        }
    }

    /// One less; never below zero.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) {
        let Some(count) = self.counts[slot as usize].checked_sub(1) else { return };
        self.counts[slot as usize] = count;
        if count <= self.least && self.counts.len() <= BITS {
            let (others, tied) = if count < self.least { (0, 0) } else { (self.ties, self.tied) };
            (self.least, self.ties) = (count, others | 1 << slot);
            self.tied = tied + 1;
        }
    }

    /// A slot with the smallest count; ties are broken by one draw.
    #[inline(always)]
    pub fn pick_least(&self, draw: &mut Stream) -> usize {
        if !(1..=BITS).contains(&self.counts.len()) {
            return self.search_least(draw);
        }
        let (mut byte, mut at_most) = (0, up_to(self.ties as u8));
        let mut chosen = draw.below(u64::from(self.tied));
        while chosen >= at_most >> 56 {
            chosen -= at_most >> 56;
            byte += 1;
            at_most = up_to((self.ties >> (8 * byte)) as u8);
        }
        // The place is the number of those up to which no more than `chosen` ties have been seen.
        let passed = ((chosen | 0x80).wrapping_mul(ONES) - at_most) & (0x80 * ONES);
        8 * byte + ((passed >> 7).wrapping_mul(ONES) >> 56) as usize
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
        self.tied = self.ties.count_ones();
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
