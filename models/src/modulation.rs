//! A rate that jumps between states at random: a continuous-time Markov chain with a rate in each state.

use crate::load::Piece;
use crate::spec::load::MmppArgs;
use archsim_core::{Key, Time};

/// The states of a random rate.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Rate per nanosecond and mean stay in nanoseconds of each state.
    states: Vec<(f64, f64)>,
    /// For each state the cumulative probabilities of the next one.
    jumps: Vec<Vec<f64>>,
    /// Cumulative share of time in each state.
    shares: Vec<f64>,
    mean: f64,
}

/// Weights of where each state is left to: those given, or each other state alike; a state that has none to go to stays.
fn weights(args: &MmppArgs) -> Vec<Vec<f64>> {
    let count = args.states.value.len();
    let alike = |from: usize| (0..count).map(|to| f64::from(u8::from(to != from))).collect();
    let mut rows = args.jumps.as_ref().map_or_else(|| (0..count).map(alike).collect(), |jumps| jumps.value.clone());
    for (index, row) in rows.iter_mut().enumerate() {
        if row.iter().sum::<f64>() <= 0.0 {
            row[index] = 1.0;
        }
        let total: f64 = row.iter().sum();
        row.iter_mut().for_each(|weight| *weight /= total);
    }
    rows
}

fn cumulative(shares: &[f64]) -> Vec<f64> {
    let total: f64 = shares.iter().sum();
    let mut sum = 0.0;
    shares
        .iter()
        .map(|share| {
            sum += share / total;
            sum
        })
        .collect()
}

/// How often each state is visited, up to a factor: the elimination of Grassmann, Taksar and Heyman (Operations Research 33, 1985),
/// which subtracts nothing and so loses no digits.
fn visits(mut p: Vec<Vec<f64>>) -> Vec<f64> {
    let count = p.len();
    for last in (1..count).rev() {
        let out: f64 = p[last][..last].iter().sum();
        for from in 0..last {
            p[from][last] = if out > 0.0 { p[from][last] / out } else { 0.0 };
            for to in 0..last {
                p[from][to] += p[from][last] * p[last][to];
            }
        }
    }
    let mut visits = vec![1.0];
    while visits.len() < count {
        let state = visits.len();
        visits.push((0..state).map(|from| visits[from] * p[from][state]).sum());
    }
    visits
}

impl Chain {
    pub(crate) fn new(args: &MmppArgs) -> Self {
        let states: Vec<(f64, f64)> =
            args.states.value.iter().map(|(rate, stay)| (rate.0 * 1e-9, stay.0.as_nanos() as f64)).collect();
        let weights = weights(args);
        let time: Vec<f64> =
            visits(weights.clone()).iter().zip(&states).map(|(visits, state)| visits * state.1).collect();
        let total: f64 = time.iter().sum();
        let mean = time.iter().zip(&states).map(|(time, state)| time / total * state.0).sum();
        Chain { jumps: weights.iter().map(|row| cumulative(row)).collect(), shares: cumulative(&time), mean, states }
    }

    /// Number of states.
    pub(crate) fn states(&self) -> usize {
        self.states.len()
    }

    /// Mean rate per nanosecond.
    pub(crate) fn mean_rate(&self) -> f64 {
        self.mean
    }
}

fn choose(cumulative: &[f64], draw: f64) -> u32 {
    let chosen = cumulative.partition_point(|sum| *sum <= draw);
    // Rounding may leave the last sum below one: then the last state that can be chosen at all is.
    let last = cumulative.partition_point(|sum| *sum < cumulative.last().copied().unwrap_or(0.0));
    chosen.min(last) as u32
}

/// The state that a random rate is in.
#[derive(Clone, Debug)]
pub(crate) struct Modulated {
    draws: Key,
    stays: u64,
    state: u32,
    until: Time,
}

impl Modulated {
    pub(crate) fn new(draws: Key) -> Self {
        Modulated { draws, stays: 0, state: 0, until: Time::ZERO }
    }

    /// The rate at an instant, and up to when it lasts. Instants are asked for in order.
    pub(crate) fn piece(&mut self, chain: &Chain, at: Time) -> Piece {
        while self.until <= at {
            let mut draw = self.draws.draw(self.stays);
            let table = if self.stays == 0 { &chain.shares } else { &chain.jumps[self.state as usize] };
            self.state = choose(table, draw.uniform());
            let stay = -libm::log(draw.uniform_open()) * chain.states[self.state as usize].1;
            self.until += Time::from_nanos_f64(stay.max(1.0));
            self.stays += 1;
        }
        Piece { end: self.until, rate: chain.states[self.state as usize].0, slope: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{At, Rate, Span};

    fn chain(states: &[(f64, f64)], jumps: Option<Vec<Vec<f64>>>) -> Chain {
        let state = |(rate, stay): &(f64, f64)| (Rate(*rate), Span(Time::from_secs_f64(*stay)));
        Chain::new(&MmppArgs { states: At::nowhere(states.iter().map(state).collect()), jumps: jumps.map(At::nowhere) })
    }

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} instead of {expected}");
    }

    #[test]
    fn mean_rates_by_hand() {
        close(chain(&[(1.6, 50.0), (0.2, 50.0)], None).mean_rate() * 1e9, 0.9);
        close(chain(&[(10.0, 1.0), (1.0, 9.0)], None).mean_rate() * 1e9, 1.9);
        // Round 0 -> 1 -> 2 -> 0: each is visited as often, so the shares are those of the stays.
        let round = vec![vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0], vec![1.0, 0.0, 0.0]];
        close(chain(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)], Some(round)).mean_rate() * 1e9, 14.0 / 6.0);
        // State 0 is every other one: visits 2, 1, 1.
        let star = vec![vec![0.0, 1.0, 1.0], vec![1.0, 0.0, 0.0], vec![1.0, 0.0, 0.0]];
        close(chain(&[(4.0, 1.0), (0.0, 1.0), (8.0, 1.0)], Some(star)).mean_rate() * 1e9, 4.0);
    }

    #[test]
    fn the_share_of_time_in_a_state_is_that_of_its_stays() {
        let chain = chain(&[(1.0, 1.0), (2.0, 3.0)], None);
        let (mut state, mut now, mut second) = (Modulated::new(Key::root(5, 0)), Time::ZERO, 0);
        let end = Time::from_secs_f64(40_000.0);
        while now < end {
            let piece = state.piece(&chain, now);
            assert!(piece.end > now);
            if piece.rate > 1.5e-9 {
                second += (piece.end - now).as_nanos();
            }
            now = piece.end;
        }
        // Variance of the time in the state per cycle of mean 4: (1 * 9 * 2) / 4^2 ... below 2 in 10,000 cycles: 0.0035 of the time.
        let share = second as f64 / now.as_nanos() as f64;
        assert!((share - 0.75).abs() < 0.02, "{share}");
    }
}
