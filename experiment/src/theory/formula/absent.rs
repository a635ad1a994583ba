//! One server with Poisson arrivals that is sometimes away: vacations, set-up times, breakdowns. Mean values.
//!
//! Sources: Levy and Yechiali, Management Science 22 (1975) (vacations); Welch, Operations Research 12 (1964) (exceptional first
//! service, set-up times); Avi-Itzhak and Naor, Operations Research 11 (1963), and Gaver, J. Royal Statistical Society B 24 (1962)
//! (breakdowns: completion times).

use super::Law;

/// Arrivals per unit of time and the service, in order of arrival; steady state, which needs enough capacity.
#[derive(Clone, Debug)]
pub struct Absent<'a> {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Law of the service.
    pub service: &'a Law,
}

impl Absent<'_> {
    fn always_there(&self) -> f64 {
        let load = self.arrival_rate * self.service.mean();
        self.arrival_rate * self.service.second_moment() / (2.0 * (1.0 - load))
    }

    /// What a delay before the first service of each busy period adds to the mean wait, by its first two moments.
    fn first_delay(&self, mean: f64, second: f64) -> f64 {
        (2.0 * mean + self.arrival_rate * second) / (2.0 * (1.0 + self.arrival_rate * mean))
    }

    /// Mean wait if the server goes away whenever nothing waits, and again if still nothing waits.
    pub fn vacations_wait(&self, vacation: &Law) -> f64 {
        self.always_there() + vacation.second_moment() / (2.0 * vacation.mean())
    }

    /// Mean wait if the server goes away once whenever nothing waits; nothing if the transform of the vacation cannot be had.
    pub fn single_vacation_wait(&self, vacation: &Law) -> f64 {
        let nobody = vacation.transform(self.arrival_rate.into()).re;
        let rate = self.arrival_rate;
        self.always_there() + rate * vacation.second_moment() / (2.0 * (nobody + rate * vacation.mean()))
    }

    /// Mean wait if the server is off while nothing is there, and takes a time to start.
    pub fn set_up_wait(&self, start: &Law) -> f64 {
        self.always_there() + self.first_delay(start.mean(), start.second_moment())
    }

    /// Mean response time if the server is up and down in turn, idle or not, for exponential times of these means; an interrupted
    /// service goes on. Infinite if it is not up often enough.
    pub fn breakdowns_response(&self, up: f64, down: f64) -> f64 {
        // The completion time of a service: itself and the repairs in it.
        let mean = self.service.mean() * (1.0 + down / up);
        let stretch = (1.0 + down / up) * (1.0 + down / up);
        let second = self.service.second_moment() * stretch + self.service.mean() * 2.0 * down * down / up;
        let load = self.arrival_rate * mean;
        if load >= 1.0 {
            return f64::INFINITY;
        }
        // Who comes when nobody is there finds a repair going on with this probability.
        let found_down = (1.0 / up) / (self.arrival_rate + 1.0 / up + 1.0 / down);
        let first = self.first_delay(found_down * down, found_down * 2.0 * down * down);
        mean + self.arrival_rate * second / (2.0 * (1.0 - load)) + first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::chain::stationary;
    use crate::theory::formula::reference::agrees;
    use archsim_core::Dist;

    #[test]
    fn vacations_set_up_and_breakdowns() {
        let service = Law::exponential(1.0);
        let at = |arrival_rate| Absent { arrival_rate, service: &service };
        agrees("vacation-exp2/wait.mean", at(0.7).vacations_wait(&Law::exponential(2.0)), 1e-9);
        agrees("setup1-det5/response.mean", at(0.6).set_up_wait(&Law::new(&Dist::Constant(5.0))) + 1.0, 1e-9);
        agrees("breakdown-a/response.mean", at(0.6).breakdowns_response(50.0, 5.0), 1e-9);
        assert_eq!(at(0.6).breakdowns_response(1.0, 1.0), f64::INFINITY);
    }

    #[test]
    fn a_single_vacation_by_the_markov_chain() {
        // States: vacation or not, and the number inside. Vacation 2, service 1, 0.5 arrivals.
        const MOST: usize = 120;
        let (away, there) = (|n: usize| n, |n: usize| MOST + 1 + n);
        let mut moves = Vec::new();
        for n in 0..MOST {
            moves.extend([(away(n), away(n + 1), 0.5), (there(n), there(n + 1), 0.5)]);
        }
        (0..=MOST).for_each(|n| moves.push((away(n), there(n), 0.5)));
        (1..=MOST).for_each(|n| moves.push((there(n), if n == 1 { away(0) } else { there(n - 1) }, 1.0)));
        let states = stationary(2 * (MOST + 1), &moves);
        let inside: f64 = states.iter().enumerate().map(|(state, p)| p * (state % (MOST + 1)) as f64).sum();
        let service = Law::exponential(1.0);
        let found = Absent { arrival_rate: 0.5, service: &service }.single_vacation_wait(&Law::exponential(2.0));
        assert!((inside / 0.5 - 1.0 - found).abs() < 1e-6, "{} {found}", inside / 0.5 - 1.0);
    }
}
