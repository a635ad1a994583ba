//! Each target in turn; with weights, in the smooth weighted order.

use super::Knowledge;
use crate::plan::TargetPlan;

/// The next in turn. With unequal weights every target gains its weight and the richest, who pays the sum, is chosen
/// (nginx, `ngx_http_upstream_round_robin.c`): weights 5, 1, 1 give a a b a c a a.
pub fn pick(targets: &[TargetPlan], known: &mut Knowledge) -> usize {
    if known.even {
        let chosen = known.cursor as usize % targets.len();
        known.cursor = (chosen as u32 + 1) % targets.len() as u32;
        return chosen;
    }
    known.credit.resize(targets.len(), 0.0);
    let (mut best, mut total) = (0, 0.0);
    for (index, target) in targets.iter().enumerate() {
        known.credit[index] += target.weight;
        total += target.weight;
        if known.credit[index] > known.credit[best] {
            best = index;
        }
    }
    known.credit[best] -= total;
    best
}

#[cfg(test)]
mod tests {
    use super::super::testing::targets;
    use super::*;

    #[test]
    fn equal_weights_take_turns() {
        let targets = targets(&[1.0, 1.0, 1.0]);
        let mut known = Knowledge::new(&targets);
        let picks: Vec<usize> = (0..5).map(|_| pick(&targets, &mut known)).collect();
        assert_eq!(picks, [0, 1, 2, 0, 1]);
    }

    #[test]
    fn weights_five_one_one_are_spread_as_nginx_does() {
        let targets = targets(&[5.0, 1.0, 1.0]);
        let mut known = Knowledge::new(&targets);
        let picks: Vec<usize> = (0..7).map(|_| pick(&targets, &mut known)).collect();
        assert_eq!(picks, [0, 0, 1, 0, 2, 0, 0]);
    }
}
