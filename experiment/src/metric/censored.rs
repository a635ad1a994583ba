//! Latencies of which some are known in part only: the request was in flight at the end of the run (right censored).
//!
//! Leaving those out makes latencies too short, for the long ones are in flight most often. The product-limit estimate counts each of
//! them among those who could still end, up to the time that it had taken (Kaplan and Meier, Journal of the American Statistical
//! Association 53, 1958). It takes those cut off to be like the others that had taken as long.

use super::Measure;
use archsim_core::Histogram;

/// So much of the probability at most may be beyond everything that was seen for a mean to be given; it counts as ended at the longest
/// time that was seen (Efron, Proc. 5th Berkeley Symposium, 1967).
const BEYOND: f64 = 0.001;

/// The product-limit estimate.
pub(super) struct Survival<'a> {
    asked: &'a Histogram,
    /// The middle of each bucket, where it begins, and the probability in it.
    parts: Vec<(f64, u64, f64)>,
    /// The probability of times beyond all that were seen.
    beyond: f64,
    /// The longest time that was seen, ended or not, in nanoseconds.
    longest: f64,
}

/// What a metric of such times is at least, in seconds or as a share: nothing was shorter than it has taken so far.
pub(super) fn least(ended: &Histogram, unfinished: &Histogram, measure: Measure) -> f64 {
    let mut so_far = ended.clone();
    so_far.merge(unfinished);
    let least = match measure {
        Measure::Mean(_) => so_far.mean(),
        Measure::Quantile(_, p) => so_far.quantile(p),
        Measure::Above(_, limit) => return so_far.exceeding(limit) as f64 / so_far.count().max(1) as f64,
        _ => None,
    };
    least.unwrap_or(0.0) * 1e-9
}

impl<'a> Survival<'a> {
    /// Of times in nanoseconds: those asked about, all that ended, and those so far of requests that had not. Where only some of the ends
    /// are asked about (those that were ok) it is their share at each time that counts (cumulative incidence: Aalen and Johansen,
    /// Scandinavian Journal of Statistics 5, 1978).
    pub(super) fn new(asked: &'a Histogram, ended: &Histogram, unfinished: &Histogram) -> Self {
        let (mut at_risk, mut alive) = (ended.count() + unfinished.count(), 1.0);
        let (mut cut_off, mut asked_here) = (unfinished.iter().peekable(), asked.iter().peekable());
        let mut parts = vec![];
        for (low, high, count) in ended.iter() {
            while let Some((_, _, left)) = cut_off.next_if(|(other, ..)| *other < low) {
                at_risk -= left;
            }
            let each = alive / at_risk as f64;
            if let Some((.., of_these)) = asked_here.next_if(|(other, ..)| *other == low) {
                parts.push((0.5 * (low as f64 + high as f64), low, each * of_these as f64));
            }
            alive -= each * count as f64;
            at_risk -= count;
        }
        // What is left after the last of all is a rounding error.
        let beyond = if at_risk == 0 { 0.0 } else { alive.max(0.0) };
        let all = beyond + parts.iter().map(|(.., part)| part).sum::<f64>();
        parts.iter_mut().for_each(|(.., part)| *part /= all);
        let longest = ended.max().max(unfinished.max()).unwrap_or(0) as f64;
        Survival { asked, parts, beyond: beyond / all, longest }
    }

    /// A mean, standard deviation, quantile, share above a limit, or the largest, in seconds or as a share; none where it depends on what
    /// was not seen.
    pub(super) fn value(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Mean(_) => (self.beyond <= BEYOND).then(|| self.mean() * 1e-9),
            Measure::Deviation(_) => (self.beyond <= BEYOND).then(|| libm::sqrt(self.squares()) * 1e-9),
            Measure::Quantile(_, p) => self.quantile(p).map(|nanos| nanos * 1e-9),
            Measure::Above(_, limit) => {
                let above = self.parts.iter().filter(|(_, low, _)| *low > limit).map(|(.., part)| part).sum::<f64>();
                (self.beyond == 0.0 || limit as f64 <= self.longest).then_some(above + self.beyond)
            }
            _ => self.asked.max().map(|largest| largest as f64 * 1e-9),
        }
    }

    fn mean(&self) -> f64 {
        let middles = self.asked.iter().map(|(low, high, count)| 0.5 * (low as f64 + high as f64) * count as f64);
        // The sum of what ended is known exactly, not to a bucket only.
        let exact = self.asked.sum() as f64 / middles.sum::<f64>().max(f64::MIN_POSITIVE);
        let sum: f64 = self.parts.iter().map(|(middle, _, part)| middle * part).sum();
        if self.asked.sum() == 0 { self.beyond * self.longest } else { sum * exact + self.beyond * self.longest }
    }

    fn squares(&self) -> f64 {
        let mean = self.mean();
        let square = |value: f64, part: f64| part * (value - mean) * (value - mean);
        self.parts.iter().map(|(middle, _, part)| square(*middle, *part)).sum::<f64>()
            + square(self.longest, self.beyond)
    }

    /// The middle of the bucket in which the share of those that ended reaches `p`, as without unfinished ones.
    fn quantile(&self, p: f64) -> Option<f64> {
        let mut seen = 0.0;
        let reaches = |(.., part): &&(f64, u64, f64)| {
            seen += part;
            seen >= p * (1.0 - 1e-12)
        };
        let (middle, ..) = self.parts.iter().find(reaches)?;
        Some(middle.clamp(self.asked.min()? as f64, self.asked.max()? as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Times, asked};
    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        values.iter().for_each(|v| histogram.record(*v));
        histogram
    }

    const MEAN: Measure = Measure::Mean(Times::Latency);
    const P50: Measure = Measure::Quantile(Times::Latency, 0.5);
    const P90: Measure = Measure::Quantile(Times::Latency, 0.9);

    #[test]
    fn by_hand() {
        // At 10 one of five ends: 4/5 left. One is cut off at 20. At 30 one of three ends: 4/5 * 2/3 = 8/15 left; at 40 one of two: 4/15;
        // at 50 the last one.
        let (ended, unfinished) = (of(&[10, 30, 40, 50]), of(&[20]));
        let survival = Survival::new(&ended, &ended, &unfinished);
        let parts: Vec<f64> = survival.parts.iter().map(|(.., part)| (part * 15.0).round()).collect();
        assert_eq!((parts, survival.beyond), (vec![3.0, 4.0, 4.0, 4.0], 0.0));
        // (3 * 10 + 4 * 30 + 4 * 40 + 4 * 50) / 15 = 34, where the mean of those that ended is 32.5.
        assert!((survival.value(MEAN).expect("a mean") * 1e9 - 34.0).abs() < 1e-9);
        assert!((survival.value(P50).expect("a median") * 1e9 - 40.0).abs() < 1e-9);
        assert!((survival.value(Measure::Above(Times::Latency, 30)).expect("a share") - 8.0 / 15.0).abs() < 1e-12);
    }

    #[test]
    fn what_depends_on_the_unseen_has_a_lower_bound_only() {
        // Half of them are still in flight after 60.
        let (ended, unfinished) = (of(&[10, 20]), of(&[60, 60]));
        let survival = Survival::new(&ended, &ended, &unfinished);
        assert_eq!((survival.value(MEAN), survival.value(P90)), (None, None));
        assert!((least(&ended, &unfinished, MEAN) * 1e9 - (10.0 + 20.0 + 60.0 + 60.0) / 4.0).abs() < 1e-9);
        assert!((least(&ended, &unfinished, P90) * 1e9 - 60.0).abs() < 1e-9);
        assert!((survival.value(P50).expect("a median") * 1e9 - 20.0).abs() < 1e-9);
        assert_eq!(survival.value(Measure::Above(Times::Latency, 50)), Some(0.5));
        assert_eq!(survival.value(Measure::Above(Times::Latency, 70)), None);
    }

    #[test]
    fn of_those_that_are_asked_about_the_share_at_each_time_counts() {
        // At 10 one of four ends, at 30 one of two, at 40 the last: 1/4, 3/8 and 3/8. The second is not asked about: 2/5 and 3/5.
        let (ended, ok) = (of(&[10, 30, 40]), of(&[10, 40]));
        let survival = Survival::new(&ok, &ended, &of(&[20]));
        let parts: Vec<f64> = survival.parts.iter().map(|(.., part)| (part * 1e9).round()).collect();
        assert_eq!(parts, [4e8, 6e8]);
        assert!((survival.value(MEAN).expect("a mean") * 1e9 - 28.0).abs() < 1e-9);
    }

    #[test]
    fn without_unfinished_ones_nothing_changes() {
        let values: Vec<u64> = (1..2000).map(|n| n * n).collect();
        let ended = of(&values);
        let survival = Survival::new(&ended, &ended, &Histogram::new());
        assert!((survival.mean() / ended.mean().expect("a mean") - 1.0).abs() < 1e-12);
        assert!((libm::sqrt(survival.squares()) / asked::deviation(&ended).expect("one") - 1.0).abs() < 1e-9);
        for p in [0.01, 0.5, 0.99, 0.999, 1.0] {
            assert_eq!(survival.quantile(p), ended.quantile(p), "{p}");
        }
    }
}
