//! Rate limiters: what each remembers, and when it lets a request through.

use crate::plan::NONE;
use crate::spec::limit::{Excess, LimitShape, LimitSpec};
use archsim_core::Time;
use std::collections::VecDeque;

/// A limiter; each instance that has one keeps its own count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitPlan {
    /// A token bucket, as the generic cell rate algorithm in its virtual scheduling form (ITU-T I.371).
    Bucket {
        /// Nanoseconds from one token to the next.
        gap: f64,
        /// Most tokens.
        burst: f64,
        /// Most requests that wait for a token; 0 rejects them.
        room: u32,
    },
    /// Windows one after the other from time zero on.
    Fixed(Window),
    /// Any window that ends now.
    Sliding(Window),
    /// Two counters that approximate it.
    Counter(Window),
}

/// So many requests in a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Requests.
    pub requests: u32,
    /// Time in nanoseconds.
    pub length: u64,
}

impl LimitPlan {
    /// The limiter of a specification; `burst` belongs to the short form.
    pub fn new(spec: &LimitSpec, burst: Option<u32>) -> Self {
        let bucket = |rate: f64, burst: Option<u32>, room: u32| LimitPlan::Bucket {
            gap: (1e9 / rate).min(9e18),
            burst: burst.map_or(rate.max(1.0), f64::from),
            room,
        };
        let shape = match spec {
            LimitSpec::Rate(rate) => return bucket(rate.0, burst, 0),
            LimitSpec::Shape(shape) => shape,
        };
        let window = |a: &crate::spec::limit::WindowArgs| Window {
            requests: a.requests.value,
            length: a.window.value.0.as_nanos(),
        };
        match shape {
            LimitShape::TokenBucket(a) => {
                let waits = a.excess == Some(Excess::Wait);
                let room = if waits { a.queue.as_ref().map_or(NONE, |q| q.value) } else { 0 };
                bucket(a.rate.value.0, a.burst.as_ref().map(|b| b.value), room)
            }
            LimitShape::LeakyBucket(a) => bucket(a.rate.value.0, Some(1), a.queue.as_ref().map_or(NONE, |q| q.value)),
            LimitShape::FixedWindow(a) => LimitPlan::Fixed(window(a)),
            LimitShape::SlidingWindow(a) => LimitPlan::Sliding(window(a)),
            LimitShape::SlidingCounter(a) => LimitPlan::Counter(window(a)),
        }
    }
}

/// What a limiter does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Pass,
    /// It passes at this instant, not before.
    PassAt(Time),
    /// It is rejected.
    Reject,
}

/// What a limiter remembers.
#[derive(Clone, Debug, Default)]
pub struct Limiter {
    /// When the bucket was, or will be, empty; in nanoseconds. A time far back at the start.
    empty_at: f64,
    /// Requests that wait for their token.
    pub waiting: u32,
    /// Request-nanoseconds of waiting in this row, the sum of ends minus the sum of starts, modulo 2^64.
    pub area: u64,
    /// Number of the window that is counted.
    window: u64,
    /// Admitted in it, and in the one before.
    admitted: [u32; 2],
    /// When those in a sliding window were admitted.
    log: VecDeque<Time>,
}

/// Instants closer than this are the same instant: the hundredth part of the unit of time.
const SAME: f64 = 0.01;

impl Limiter {
    /// A limiter at the start: full of tokens, nothing counted.
    pub fn new() -> Self {
        Limiter { empty_at: f64::NEG_INFINITY, ..Limiter::default() }
    }

    /// Goes on by other settings: a bucket keeps its tokens and its debts, windows of the same length their counts; anything else begins
    /// with nothing counted.
    pub fn change_over(&mut self, from: &LimitPlan, to: &LimitPlan, now: Time) {
        let nanos = now.as_nanos() as f64;
        match (from, to) {
            (LimitPlan::Bucket { gap, burst, .. }, LimitPlan::Bucket { gap: later, .. }) if self.empty_at < nanos => {
                self.empty_at = nanos - ((nanos - self.empty_at) / gap).min(*burst) * later;
            }
            (LimitPlan::Bucket { .. }, LimitPlan::Bucket { .. }) => {}
            (LimitPlan::Fixed(a), LimitPlan::Fixed(b))
            | (LimitPlan::Sliding(a), LimitPlan::Sliding(b))
            | (LimitPlan::Counter(a), LimitPlan::Counter(b))
                if a.length == b.length => {}
            _ => *self = Limiter { waiting: self.waiting, area: self.area, ..Limiter::new() },
        }
    }

    /// A request asks to pass.
    pub fn ask(&mut self, plan: &LimitPlan, now: Time) -> Verdict {
        let pass = |admitted| if admitted { Verdict::Pass } else { Verdict::Reject };
        match plan {
            LimitPlan::Bucket { gap, burst, room } => self.ask_bucket(*gap, *burst, *room, now),
            LimitPlan::Fixed(window) => {
                self.turn(now, window.length);
                pass(self.count(self.admitted[0] < window.requests))
            }
            LimitPlan::Counter(window) => {
                self.turn(now, window.length);
                let left = 1.0 - (now.as_nanos() % window.length) as f64 / window.length as f64;
                let estimate = f64::from(self.admitted[1]) * left + f64::from(self.admitted[0]);
                pass(self.count(estimate < f64::from(window.requests)))
            }
            LimitPlan::Sliding(window) => {
                while self.log.front().is_some_and(|at| now.as_nanos() - at.as_nanos() >= window.length) {
                    self.log.pop_front();
                }
                let admitted = self.log.len() < window.requests as usize;
                if admitted {
                    self.log.push_back(now);
                }
                pass(admitted)
            }
        }
    }

    fn ask_bucket(&mut self, gap: f64, burst: f64, room: u32, now: Time) -> Verdict {
        let nanos = now.as_nanos() as f64;
        let empty_at = self.empty_at.max(nanos - burst * gap) + gap;
        if empty_at <= nanos + SAME {
            self.empty_at = empty_at;
            return Verdict::Pass;
        }
        if self.waiting >= room {
            return Verdict::Reject;
        }
        self.empty_at = empty_at;
        Verdict::PassAt(Time::from_nanos_f64(empty_at))
    }

    /// Moves on to the window of this instant.
    fn turn(&mut self, now: Time, length: u64) {
        let window = now.as_nanos() / length;
        self.admitted = match window - self.window {
            0 => self.admitted,
            1 => [0, self.admitted[0]],
            _ => [0, 0],
        };
        self.window = window;
    }

    fn count(&mut self, admitted: bool) -> bool {
        self.admitted[0] += u32::from(admitted);
        admitted
    }

    /// Somebody begins to wait.
    pub fn join(&mut self, now: Time) {
        self.waiting += 1;
        self.area = self.area.wrapping_sub(now.as_nanos());
    }

    /// Somebody has waited long enough, or leaves.
    pub fn leave(&mut self, now: Time) {
        self.waiting -= 1;
        self.area = self.area.wrapping_add(now.as_nanos());
    }

    /// Request-nanoseconds of waiting since the last call.
    pub fn collect(&mut self, now: Time) -> u64 {
        let present = now.as_nanos().wrapping_mul(u64::from(self.waiting));
        let area = self.area.wrapping_add(present);
        self.area = 0u64.wrapping_sub(present);
        area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(plan: LimitPlan, milliseconds: &[u64]) -> Vec<Verdict> {
        let mut limiter = Limiter::new();
        milliseconds.iter().map(|at| limiter.ask(&plan, Time::from_nanos(*at * 1_000_000))).collect()
    }

    fn admitted(plan: LimitPlan, milliseconds: &[u64]) -> Vec<u8> {
        verdicts(plan, milliseconds).iter().map(|v| u8::from(*v == Verdict::Pass)).collect()
    }

    const ONE_A_SECOND: LimitPlan = LimitPlan::Bucket { gap: 1e9, burst: 2.0, room: 0 };

    #[test]
    fn a_token_bucket_starts_full_and_a_token_counts_at_its_instant() {
        // Tokens: 2, 1.1, 0.2, 0.3, 1.05, 0.1, 1.05, 0.5, 0.6, 2.
        let at = [0, 100, 200, 300, 1050, 1100, 2050, 2500, 2600, 10_000];
        assert_eq!(admitted(ONE_A_SECOND, &at), [1, 1, 0, 0, 1, 0, 1, 0, 0, 1]);
        assert_eq!(admitted(ONE_A_SECOND, &[0, 0, 0, 999, 1000, 1000, 2000]), [1, 1, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn who_waits_for_a_token_gets_it_in_order() {
        let plan = LimitPlan::Bucket { gap: 1e9, burst: 2.0, room: NONE };
        let at = |ms: u64| Verdict::PassAt(Time::from_nanos(ms * 1_000_000));
        assert_eq!(
            verdicts(plan, &[0, 0, 0, 500, 4000]),
            [Verdict::Pass, Verdict::Pass, at(1000), at(2000), Verdict::Pass]
        );
    }

    #[test]
    fn a_fixed_window_forgets_at_its_end_and_a_sliding_one_does_not() {
        let window = Window { requests: 2, length: 1_000_000_000 };
        let at = [800, 900, 950, 1000, 1100, 1799, 1800, 1900];
        assert_eq!(admitted(LimitPlan::Fixed(window), &at), [1, 1, 0, 1, 1, 0, 0, 0]);
        assert_eq!(admitted(LimitPlan::Sliding(window), &at), [1, 1, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn two_counters_weigh_the_last_window_by_its_overlap() {
        // At 1500 ms half of the two of the last window count: 1 < 2; then 1 + 1 = 2 is too many; at 1750 ms 0.5 + 1 < 2.
        let window = Window { requests: 2, length: 1_000_000_000 };
        assert_eq!(
            admitted(LimitPlan::Counter(window), &[100, 200, 1000, 1500, 1500, 1750, 3000]),
            [1, 1, 0, 1, 0, 1, 1]
        );
    }
}
