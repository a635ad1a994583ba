//! Pauses before further attempts, as the engine draws them.

use archsim_core::{Dist, Stream, Time};

/// Pause before a further attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Its full length.
    pub length: PauseLength,
    /// Part of the length that is random: uniform between what is left of it and all of it.
    pub random: f64,
}

/// The length of a pause before its jitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PauseLength {
    /// Multiplied from one retry to the next.
    Growing {
        /// Before the first retry, in nanoseconds.
        base: f64,
        /// Growth.
        factor: f64,
        /// Longest in nanoseconds.
        cap: f64,
    },
    /// Drawn: the n-th retry from the n-th law, all further ones from the last.
    Drawn {
        /// First of the laws among the distributions of the plan.
        first: u32,
        /// Number of laws, at least 1.
        count: u32,
    },
}

impl Backoff {
    /// The pause before retry number `attempt` (1 is the first).
    pub fn pause(&self, dists: &[Dist], attempt: u32, mut draw: Stream) -> Time {
        let before = attempt.saturating_sub(1);
        let full = match self.length {
            PauseLength::Growing { base, factor, cap } => (base * libm::pow(factor, f64::from(before))).min(cap),
            PauseLength::Drawn { first, count } => dists[(first + before.min(count - 1)) as usize].sample(&mut draw),
        };
        let jitter = if self.random > 0.0 { self.random * draw.uniform() } else { 0.0 };
        Time::from_nanos_f64(full * (1.0 - self.random + jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_core::Key;

    fn pauses(backoff: Backoff, dists: &[Dist]) -> Vec<u64> {
        (1..=4).map(|n| backoff.pause(dists, n, Key::root(1, 0).draw(u64::from(n))).as_nanos()).collect()
    }

    #[test]
    fn growing_pauses_stop_at_their_cap_and_listed_ones_at_the_last() {
        let growing = PauseLength::Growing { base: 10.0, factor: 2.0, cap: 30.0 };
        assert_eq!(pauses(Backoff { length: growing, random: 0.0 }, &[]), [10, 20, 30, 30]);
        let listed = Backoff { length: PauseLength::Drawn { first: 1, count: 2 }, random: 0.0 };
        assert_eq!(pauses(listed, &[9.0, 5.0, 7.0].map(Dist::Constant)), [5, 7, 7, 7]);
    }

    #[test]
    fn equal_jitter_keeps_half_of_the_pause() {
        let constant = Backoff { length: PauseLength::Drawn { first: 0, count: 1 }, random: 0.5 };
        let all = pauses(constant, &[Dist::Constant(1e6)]);
        assert!(all.iter().all(|n| (500_000..=1_000_000).contains(n)) && all[0] != all[1], "{all:?}");
    }
}
