//! For how long so many were inside each component: kept only where somebody asks for it.

use archsim_core::Time;

/// Numbers above this count as this.
const MOST: usize = 1 << 20;

/// Nanoseconds with 0, 1, 2, ... inside, for each component.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    since: Vec<Time>,
    times: Vec<Vec<u64>>,
}

impl Levels {
    pub(super) fn new(components: usize, now: Time) -> Self {
        Levels { since: vec![now; components], times: vec![vec![]; components] }
    }

    /// The number inside a component changes now; until now it was `inside`.
    #[inline(never)]
    pub(super) fn change(&mut self, component: u32, inside: u64, now: Time) {
        let (since, times) = (&mut self.since[component as usize], &mut self.times[component as usize]);
        let level = (inside as usize).min(MOST);
        if times.len() <= level {
            times.resize(level + 1, 0);
        }
        times[level] += now.since(*since).as_nanos();
        *since = now;
    }

    /// The times of a component up to now, which begin anew.
    pub(super) fn take(&mut self, component: u32, inside: u64, now: Time) -> Vec<u64> {
        self.change(component, inside, now);
        std::mem::take(&mut self.times[component as usize])
    }
}

/// Adds times at each number.
pub(super) fn merge(own: &mut Vec<u64>, other: &[u64]) {
    if own.len() < other.len() {
        own.resize(other.len(), 0);
    }
    own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
}
