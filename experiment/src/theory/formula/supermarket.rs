//! The supermarket model: each arrival joins the shortest of d queues M/M/1 drawn at random, in the limit of many queues.
//!
//! Sources: Vvedenskaya, Dobrushin and Karpelevich, Problems of Information Transmission 32 (1996); Mitzenmacher, IEEE Trans.
//! Parallel and Distributed Systems 12 (2001).

use super::birth_death::Found;

/// Probability of longer queues than are looked at.
const LEFT_OUT: f64 = 1e-16;

/// What an arrival finds in the queue it joins, in the limit of many queues at a load below 1; `choices` is at least 1.
pub fn supermarket(load: f64, choices: u32, service: f64) -> Found {
    // Share of the queues with at least so many inside.
    let mut shares = vec![1.0_f64, load];
    while shares[shares.len() - 1] > LEFT_OUT {
        let last = shares[shares.len() - 1];
        shares.push(load * libm::pow(last, f64::from(choices)));
    }
    let all_at_least = |n: usize| libm::pow(shares[n], f64::from(choices));
    let probabilities = (0..shares.len() - 1).map(|n| all_at_least(n) - all_at_least(n + 1)).collect();
    Found::new(probabilities, service, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn two_and_five_choices() {
        for (id, load, choices) in
            [("pod-limit-d2-r70", 0.7, 2), ("pod-limit-d2-r95", 0.95, 2), ("pod-limit-d5-r95", 0.95, 5)]
        {
            let found = supermarket(load, choices, 1.0);
            agrees(&format!("{id}/response.mean"), found.response_mean(), 1e-8);
            agrees(&format!("{id}/response.p50"), found.response_quantile(0.5), 1e-7);
            agrees(&format!("{id}/response.p99"), found.response_quantile(0.99), 1e-7);
        }
        agrees("lb-random-n4/response.mean", supermarket(0.8, 1, 1.0).response_mean(), 1e-9);
    }
}
