//! Victims by draw: any, or the least recently used of a sample.

use archsim_core::Key;

/// The least recently used of `samples` different values drawn at random, as Redis approximates LRU (redis.io, "Key eviction");
/// of one sample that is any value.
#[derive(Clone, Debug)]
pub(in crate::world) struct Drawn {
    held: Vec<u32>,
    place: Vec<u32>,
    last_use: Vec<u64>,
    uses: u64,
    samples: u32,
    draws: Key,
    evictions: u64,
}

impl Drawn {
    pub(super) fn new(samples: u32, draws: Key) -> Self {
        Drawn { held: vec![], place: vec![], last_use: vec![], uses: 0, samples, draws, evictions: 0 }
    }

    pub(super) fn used(&mut self, slot: u32, _key: u64) {
        self.uses += 1;
        self.last_use[slot as usize] = self.uses;
    }

    /// The i-th sample is one of those not drawn yet: it is swapped to the i-th place from the end, out of reach of the next.
    pub(super) fn victim(&mut self) -> u32 {
        self.evictions += 1;
        let mut draw = self.draws.draw(self.evictions);
        let count = self.held.len();
        let samples = (self.samples as usize).min(count);
        if samples == 1 {
            return self.held[draw.below(count as u64) as usize];
        }
        for sample in 0..samples {
            let last = count - 1 - sample;
            let chosen = draw.below(last as u64 + 1) as usize;
            self.held.swap(chosen, last);
            for at in [chosen, last] {
                self.place[self.held[at] as usize] = at as u32;
            }
        }
        let sample = &self.held[count - samples..];
        sample.iter().copied().min_by_key(|slot| self.last_use[*slot as usize]).unwrap_or(0)
    }

    pub(super) fn insert(&mut self, slot: u32, key: u64) {
        if self.place.len() <= slot as usize {
            self.place.resize(slot as usize + 1, 0);
            self.last_use.resize(slot as usize + 1, 0);
        }
        self.place[slot as usize] = self.held.len() as u32;
        self.held.push(slot);
        self.used(slot, key);
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let place = self.place[slot as usize];
        self.held.swap_remove(place as usize);
        if let Some(moved) = self.held.get(place as usize) {
            self.place[*moved as usize] = place;
        }
    }
}
