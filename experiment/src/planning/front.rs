//! What money buys: settings that nothing cheaper beats.

use super::{Fate, Planned};

impl Planned {
    /// Settings that ran, of which no other is both cheaper, or as cheap, and better in a metric by its estimates: the Pareto front,
    /// cheapest first. Only where the settings have costs.
    pub fn front(&self, metric: &str, small_is_good: bool) -> Vec<usize> {
        let value = |index: usize| {
            let estimate = self.trial(index)?.get(metric)?.value?;
            Some((self.candidates.all[index].cost?, if small_is_good { estimate } else { -estimate }))
        };
        let ran = |index: &usize| !matches!(self.fates[*index], Fate::Open | Fate::Within(_));
        let mut known: Vec<(usize, f64, f64)> = (0..self.fates.len())
            .filter(ran)
            .filter_map(|index| value(index).map(|(cost, value)| (index, cost, value)))
            .collect();
        known.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)).then(a.0.cmp(&b.0)));
        let mut best = f64::INFINITY;
        known.retain(|(_, _, value)| {
            let better = *value < best;
            best = best.min(*value);
            better
        });
        known.into_iter().map(|(index, ..)| index).collect()
    }
}
