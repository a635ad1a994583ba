//! Markov chains by brute force, to test formulas at any parameters.

/// The stationary probabilities of a chain with these transitions (from, to, rate), by sweeps of Gauss and Seidel.
pub(crate) fn stationary(states: usize, moves: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut into = vec![Vec::new(); states];
    let mut out = vec![0.0; states];
    for &(from, to, rate) in moves.iter().filter(|(from, to, _)| from != to) {
        into[to].push((from, rate));
        out[from] += rate;
    }
    let mut probabilities = vec![1.0 / states as f64; states];
    for _ in 0..20_000 {
        let mut change = 0.0_f64;
        for state in (0..states).filter(|state| out[*state] > 0.0) {
            let flow: f64 = into[state].iter().map(|(from, rate)| probabilities[*from] * rate).sum();
            change = change.max((flow / out[state] - probabilities[state]).abs());
            probabilities[state] = flow / out[state];
        }
        let total: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|p| *p /= total);
        if change < 1e-15 {
            break;
        }
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::Law;
    use crate::theory::formula::batch::Batches;
    use crate::theory::formula::birth_death::Mmck;
    use crate::theory::formula::priority::{preemptive_response_mean_servers, wait_mean_servers};
    use crate::theory::formula::shortest_queue::shorter_of_two;

    fn mean(states: &[f64], number: impl Fn(usize) -> usize) -> f64 {
        states.iter().enumerate().map(|(state, p)| p * number(state) as f64).sum()
    }

    #[test]
    fn the_shorter_of_two_queues() {
        const SIZE: usize = 45;
        for rate in [0.4, 1.3] {
            let at = |a: usize, b: usize| a * SIZE + b;
            let mut moves = Vec::new();
            for a in 0..SIZE {
                for b in 0..SIZE {
                    let (to_a, to_b) = (f64::from(u8::from(a <= b)), f64::from(u8::from(b <= a)));
                    let share = rate / (to_a + to_b);
                    moves.push((at(a, b), at((a + 1).min(SIZE - 1), b), share * to_a));
                    moves.push((at(a, b), at(a, (b + 1).min(SIZE - 1)), share * to_b));
                    moves.push((at(a, b), at(a.saturating_sub(1), b), 1.0));
                    moves.push((at(a, b), at(a, b.saturating_sub(1)), 1.0));
                }
            }
            let states = stationary(SIZE * SIZE, &moves);
            let response = mean(&states, |state| state / SIZE + state % SIZE) / rate;
            let found = shorter_of_two(rate, 1.0).response_mean();
            assert!((response / found - 1.0).abs() < 1e-5, "{rate}: {response} {found}");
        }
    }

    #[test]
    fn priorities_on_two_servers() {
        const SIZE: usize = 40;
        let (urgent, other, c) = (0.5, 0.7, 2);
        let at = |a: usize, b: usize| a * SIZE + b;
        // Interrupting: numbers inside of each class.
        let mut moves = Vec::new();
        for a in 0..SIZE {
            for b in 0..SIZE {
                moves.push((at(a, b), at((a + 1).min(SIZE - 1), b), urgent));
                moves.push((at(a, b), at(a, (b + 1).min(SIZE - 1)), other));
                moves.push((at(a, b), at(a.saturating_sub(1), b), a.min(c) as f64));
                moves.push((at(a, b), at(a, b.saturating_sub(1)), b.min(c - a.min(c)) as f64));
            }
        }
        let states = stationary(SIZE * SIZE, &moves);
        let response = [mean(&states, |s| s / SIZE) / urgent, mean(&states, |s| s % SIZE) / other];
        for (class, found) in response.into_iter().enumerate() {
            let exact = preemptive_response_mean_servers(&[urgent, other], class, 1.0, 2);
            assert!((found / exact - 1.0).abs() < 1e-5, "{class}: {found} {exact}");
        }
        // Not interrupting: numbers waiting of each class while both are busy, and two states with an idle server.
        let (empty, one) = (SIZE * SIZE, SIZE * SIZE + 1);
        let mut moves = vec![
            (empty, one, urgent + other),
            (one, empty, 1.0),
            (one, at(0, 0), urgent + other),
            (at(0, 0), one, 2.0),
        ];
        for a in 0..SIZE {
            for b in 0..SIZE {
                moves.push((at(a, b), at((a + 1).min(SIZE - 1), b), urgent));
                moves.push((at(a, b), at(a, (b + 1).min(SIZE - 1)), other));
                let next = if a > 0 { at(a - 1, b) } else { at(a, b.saturating_sub(1)) };
                moves.push((at(a, b), next, 2.0));
            }
        }
        let states = stationary(SIZE * SIZE + 2, &moves);
        let waits = [mean(&states[..empty], |s| s / SIZE) / urgent, mean(&states[..empty], |s| s % SIZE) / other];
        for (class, found) in waits.into_iter().enumerate() {
            let exact = wait_mean_servers(&[urgent, other], class, 1.0, 2);
            assert!((found / exact - 1.0).abs() < 1e-5, "{class}: {found} {exact}");
        }
    }

    #[test]
    fn batches_of_several_sizes() {
        const SIZE: usize = 400;
        let sizes = [(1, 0.5), (3, 0.3), (5, 0.2)];
        let mut moves = Vec::new();
        for n in 0..SIZE {
            sizes.iter().for_each(|(size, p)| moves.push((n, (n + size).min(SIZE - 1), 0.3 * p)));
            moves.push((n, n.saturating_sub(1), 1.0));
        }
        let inside = mean(&stationary(SIZE, &moves), |n| n);
        let queue = Batches::new(0.3, sizes.map(|(size, p)| (size as u32, p)).to_vec(), Law::exponential(1.0));
        let response = inside / (0.3 * 2.4);
        assert!((response / (queue.wait_mean() + 1.0) - 1.0).abs() < 1e-6, "{response} {}", queue.wait_mean());
    }

    #[test]
    fn bounded_room_under_overload() {
        let moves: Vec<_> = (0..9).flat_map(|n: usize| [(n, n + 1, 5.0), (n + 1, n, (n + 1).min(3) as f64)]).collect();
        let states = stationary(10, &moves);
        let queue = Mmck::new(5.0, 1.0, 3, 9);
        assert!((states[9] - queue.blocked()).abs() < 1e-12);
        let waiting: f64 = mean(&states, |n| n.saturating_sub(3)) / queue.throughput();
        assert!((queue.found().wait_mean() / waiting - 1.0).abs() < 1e-9);
    }
}
