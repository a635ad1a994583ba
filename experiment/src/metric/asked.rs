//! Metrics that are not part of every summary: they are computed where an SLO asks for them.

use super::{Measure, Times, percentile};
use archsim_core::Histogram;
use archsim_models::spec::Span;

/// What is asked about the number inside a component, over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// The number that is not exceeded for this share of the time.
    Quantile(f64),
    /// Share of the time with exactly so many.
    Is(u32),
    /// Share of the time with more than so many.
    Above(u32),
}

/// `in_flight.p99`, `in_flight.is_3`, `in_flight.above_30`: unit and measure.
pub(super) fn level(word: &str) -> Option<(&'static str, Measure)> {
    let word = word.strip_prefix("in_flight.")?;
    let number = |prefix: &str| word.strip_prefix(prefix).and_then(|digits| digits.parse().ok());
    let quantile = || percentile(word).map(|p| ("count", Level::Quantile(p)));
    let is = || number("is_").map(|n| ("1", Level::Is(n)));
    let above = || number("above_").map(|n| ("1", Level::Above(n)));
    quantile().or_else(is).or_else(above).map(|(unit, level)| (unit, Measure::Level(level)))
}

/// `sd` and `above_500ms`, after the prefix of some times: unit and measure.
pub(super) fn times(word: &str, of: Times) -> Option<(&'static str, Measure)> {
    if word == "sd" {
        return Some((if of == Times::Slowdown { "1" } else { "s" }, Measure::Deviation(of)));
    }
    let limit = word.strip_prefix("above_")?;
    let nanos = match of {
        Times::Slowdown => limit.parse().ok().filter(|ratio: &f64| *ratio >= 0.0).map(|ratio| (ratio * 1e9) as u64),
        _ => Span::parse(limit).map(|limit| limit.0.as_nanos()),
    };
    Some(("1", Measure::Above(of, nanos?)))
}

/// `mean`, `max` and percentiles, after the prefix of some times: unit and measure.
pub(super) fn time(word: &str, of: Times) -> Option<(&'static str, Measure)> {
    let unit = if of == Times::Slowdown { "1" } else { "s" };
    let measure = match word {
        "mean" => Measure::Mean(of),
        "max" => Measure::Max(of),
        _ => Measure::Quantile(of, percentile(word)?),
    };
    Some((unit, measure))
}

/// Words of one instance besides its times: unit and measure.
pub const INSTANCE: &[(&str, &str, Measure)] = &[
    ("utilization", "1", Measure::Utilization),
    ("throughput", "1/s", Measure::Throughput),
    ("share", "1", Measure::Share),
];

/// What can be asked of one instance: unit and measure.
pub(super) fn of_instance(word: &str) -> Option<(&'static str, Measure)> {
    let named = INSTANCE.iter().find(|(known, ..)| *known == word).map(|(_, unit, measure)| (*unit, *measure));
    let of = |of: Times| {
        let word = word.strip_prefix(super::prefix(of))?;
        time(word, of).or_else(|| times(word, of))
    };
    named.or_else(|| [Times::Waiting, Times::Service, Times::Sojourn].into_iter().find_map(of))
}

/// `batch.above_19`, `behind.above_2`: unit and measure.
pub(super) fn counted(word: &str) -> Option<(&'static str, Measure)> {
    let (of, most) = word.split_once(".above_")?;
    let most = most.parse().ok()?;
    match of {
        "batch" => Some(("1", Measure::BatchAbove(most))),
        "behind" => Some(("1", Measure::BehindAbove(most))),
        _ => None,
    }
}

/// Whether a metric is computed from what is kept only on request ([`archsim_models::world::World::keep_details`]).
pub fn is_detail(metric: &super::Metric) -> bool {
    use Measure::{Above, Deviation, Max, Mean, Quantile};
    let times = match metric.measure {
        Mean(of) | Max(of) | Deviation(of) | Quantile(of, _) | Above(of, _) => Some(of),
        _ => None,
    };
    matches!(metric.subject, super::Subject::Instance(..)) || matches!(times, Some(Times::Queueing | Times::Slowdown))
}

/// Of nanoseconds at 0, 1, 2, ... what is asked.
pub(super) fn of_levels(levels: &[u64], level: Level) -> Option<f64> {
    let sum = |part: &[u64]| part.iter().map(|time| *time as f64).sum::<f64>();
    let all = sum(levels);
    let value = match level {
        Level::Quantile(p) => {
            let mut seen = 0.0;
            let reaches = |time: &u64| {
                seen += *time as f64;
                seen >= p * all
            };
            levels.iter().position(reaches).unwrap_or(levels.len()) as f64
        }
        Level::Is(n) => levels.get(n as usize).map_or(0.0, |time| *time as f64 / all),
        Level::Above(n) => levels.get(n as usize + 1..).map_or(0.0, sum) / all,
    };
    (all > 0.0).then_some(value)
}

/// Standard deviation, each value taken as the middle of its bucket.
pub(crate) fn deviation(histogram: &Histogram) -> Option<f64> {
    let squares = squared_distances(histogram, histogram.mean()?);
    Some(libm::sqrt(squares / histogram.count() as f64))
}

/// The sum of the squared distances from a value.
pub(crate) fn squared_distances(histogram: &Histogram, from: f64) -> f64 {
    let square = |(low, high, count): (u64, u64, u64)| {
        let apart = 0.5 * (low as f64 + high as f64) - from;
        count as f64 * apart * apart
    };
    histogram.iter().map(square).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_they_say() {
        assert_eq!(level("in_flight.p99"), Some(("count", Measure::Level(Level::Quantile(0.99)))));
        assert_eq!(level("in_flight.is_3"), Some(("1", Measure::Level(Level::Is(3)))));
        assert_eq!(level("in_flight.above_30"), Some(("1", Measure::Level(Level::Above(30)))));
        assert_eq!(level("in_flight.is_many"), None);
        assert_eq!(times("sd", Times::Waiting), Some(("s", Measure::Deviation(Times::Waiting))));
        assert_eq!(times("above_500ms", Times::Latency), Some(("1", Measure::Above(Times::Latency, 500_000_000))));
        assert_eq!(times("above_all", Times::Latency), None);
    }

    #[test]
    fn times_at_each_number_are_a_distribution() {
        // 50 ns with nobody, 30 with one, 20 with three.
        let levels = [50, 30, 0, 20];
        assert_eq!(of_levels(&levels, Level::Is(1)), Some(0.3));
        assert_eq!(of_levels(&levels, Level::Is(9)), Some(0.0));
        assert_eq!(of_levels(&levels, Level::Above(1)), Some(0.2));
        assert_eq!(of_levels(&levels, Level::Above(9)), Some(0.0));
        assert_eq!(of_levels(&levels, Level::Quantile(0.5)), Some(0.0));
        assert_eq!(of_levels(&levels, Level::Quantile(0.81)), Some(3.0));
        assert_eq!(of_levels(&[], Level::Is(0)), None);
    }

    #[test]
    fn the_deviation_is_that_of_the_buckets() {
        let mut histogram = Histogram::new();
        [10, 20, 30].into_iter().for_each(|value| histogram.record(value));
        assert_eq!(deviation(&histogram).map(|sd| (sd * 1e6).round()), Some((libm::sqrt(200.0 / 3.0) * 1e6).round()));
        assert_eq!(deviation(&Histogram::new()), None);
    }
}
