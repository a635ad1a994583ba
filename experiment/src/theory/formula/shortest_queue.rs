//! Two queues M/M/1, where each arrival joins the shorter one.
//!
//! Sources: Kingman, Annals of Mathematical Statistics 32 (1961); Adan, Wessels and Zijm, Stochastic Models 6 (1990). Solved as a
//! quasi-birth-death process with the shorter queue as level and the difference as phase (Neuts, "Matrix-Geometric Solutions in
//! Stochastic Models", 1981).

use super::birth_death::Found;
use crate::theory::numeric::matrix::{Matrix, product, right_divide, times, zeros};

/// Differences that are looked at; the probability of larger ones is below 1e-12.
const DIFFERENCES: usize = 36;
/// Rounds of the rate matrix, which a load of 0.995 needs.
const ROUNDS: usize = 4_000;
/// Probability of a longer shorter queue than is looked at.
const LEFT_OUT: f64 = 1e-14;

/// What an arrival finds in the shorter of two queues, at so many arrivals per mean service for both together (below 2).
pub fn shorter_of_two(arrival_rate: f64, service: f64) -> Found {
    let (arrive, serve) = (arrival_rate * service, 1.0);
    let (mut up, mut within, mut down) = (zeros(DIFFERENCES), zeros(DIFFERENCES), zeros(DIFFERENCES));
    let mut first = zeros(DIFFERENCES);
    let last = DIFFERENCES - 1;
    for phase in 0..DIFFERENCES {
        if phase == 0 {
            (within[0][1], down[0][1]) = (arrive, 2.0 * serve);
        } else {
            (up[phase][phase - 1], within[phase][phase - 1], down[phase][(phase + 1).min(last)]) =
                (arrive, serve, serve);
        }
        first[phase] = within[phase].clone();
        let busy = if phase == 0 { 0.0 } else { serve };
        first[phase][phase] -= arrive + busy;
        within[phase][phase] -= arrive + 2.0 * serve;
    }
    let rate = rate_matrix(&up, &within, &down);
    Found::new(levels(&first, &rate, &down), service, 1)
}

/// R = up (-(within + R down))^-1 by iteration.
fn rate_matrix(up: &Matrix, within: &Matrix, down: &Matrix) -> Matrix {
    let mut rate = zeros(up.len());
    for _ in 0..ROUNDS {
        let back = product(&rate, down);
        let leaving: Matrix =
            within.iter().zip(&back).map(|(a, b)| a.iter().zip(b).map(|(a, b)| -a - b).collect()).collect();
        let next = right_divide(up, &leaving);
        let change = next.iter().flatten().zip(rate.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        rate = next;
        if change < 1e-15 {
            break;
        }
    }
    rate
}

/// Probability of each length of the shorter queue.
fn levels(first: &Matrix, rate: &Matrix, down: &Matrix) -> Vec<f64> {
    let back = product(rate, down);
    let size = first.len();
    // The empty level up to a factor: its balance equations but one, which says that both queues are empty with weight 1.
    let mut balance: Matrix =
        first.iter().zip(&back).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect()).collect();
    for (phase, row) in balance.iter_mut().enumerate() {
        row[size - 1] = if phase == 0 { 1.0 } else { 0.0 };
    }
    let mut goal = vec![0.0; size];
    goal[size - 1] = 1.0;
    let mut level = right_divide(&vec![goal], &balance).remove(0);
    let mut all: Vec<f64> = Vec::new();
    loop {
        all.push(level.iter().sum());
        let total: f64 = all.iter().sum();
        if all[all.len() - 1] < LEFT_OUT * total || all.len() > ROUNDS {
            return all.into_iter().map(|weight| weight / total).collect();
        }
        level = times(&level, rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn two_queues_at_nine_tenths() {
        let found = shorter_of_two(1.8, 1.0);
        agrees("lb-jsq-n2-r90/response.mean", found.response_mean(), 1e-8);
        agrees("lb-jsq-n2-r90/wait.prob_positive", found.wait_probability(), 1e-8);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            agrees(&format!("lb-jsq-n2-r90/response.{name}"), found.response_quantile(p), 1e-6);
        }
    }

    #[test]
    fn hardly_anybody_waits_at_a_low_load_and_time_scales() {
        assert!((shorter_of_two(0.02, 1.0).response_mean() - 1.0).abs() < 1e-3);
        let (slow, fast) = (shorter_of_two(1.0, 1.0).response_mean(), shorter_of_two(100.0, 0.01).response_mean());
        assert!((slow / fast / 100.0 - 1.0).abs() < 1e-9);
    }
}
