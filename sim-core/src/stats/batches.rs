//! Batch means: intervals from a few long runs, and how much of their start is not yet the steady state.

use super::interval::{Interval, student_t_quantile};

/// What one batch adds to a ratio of two sums: a mean of times is their sum over their number, a time average an area over a
/// length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// What is added up above the line.
    pub part: f64,
    /// What is added up below it.
    pub whole: f64,
}

/// Batches are joined until there are no more than this: few and long ones are nearly independent of each other.
pub const MOST_BATCHES: usize = 64;
/// Fewer batches give no interval.
pub const LEAST_BATCHES: usize = 8;
/// Largest lag-one correlation that is believed; above it the runs are too short for any correction.
const MOST_CORRELATION: f64 = 0.8;

/// Joins the batches of each run `group` at a time; a rest at the end joins the last.
fn grouped(run: &[Share], group: usize) -> Vec<Share> {
    let groups = (run.len() / group).max(1);
    let end = |g: usize| if g + 1 == groups { run.len() } else { (g + 1) * group };
    let sum = |g: usize| {
        run[g * group..end(g)]
            .iter()
            .fold(Share::default(), |sum, b| Share { part: sum.part + b.part, whole: sum.whole + b.whole })
    };
    (0..groups).map(sum).collect()
}

/// A ratio of two sums, and what makes it uncertain.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// The ratio.
    pub value: f64,
    /// For each run what each of its batches adds: the error of the ratio is about the mean of all of them. Their own mean is zero.
    pub errors: Vec<Vec<f64>>,
}

/// The linearised ratio of two sums over independent runs that were cut into batches: `part - ratio * whole` of every batch, relative
/// to the mean of `whole` (Cochran, Sampling Techniques, 3rd ed., 6.3). At most `most` batches are used, longer ones instead of more;
/// none where the batches are too few.
pub fn linear(runs: &[Vec<Share>], most: usize) -> Option<Linear> {
    let all: usize = runs.iter().map(Vec::len).sum();
    let group = all.div_ceil(most.max(1)).max(1);
    let runs: Vec<Vec<Share>> = runs.iter().filter(|run| !run.is_empty()).map(|run| grouped(run, group)).collect();
    let sum = |f: fn(&Share) -> f64| runs.iter().flatten().map(f).sum::<f64>();
    let (part, whole) = (sum(|b| b.part), sum(|b| b.whole));
    let n = runs.iter().map(Vec::len).sum::<usize>();
    if n < LEAST_BATCHES.min(most) || n < 2 || whole.is_nan() || whole <= 0.0 {
        return None;
    }
    let (value, scale) = (part / whole, n as f64 / whole);
    let error = |b: &Share| (b.part - value * b.whole) * scale;
    Some(Linear { value, errors: runs.iter().map(|run| run.iter().map(error).collect()).collect() })
}

/// The variance of the mean of the errors of the batches of independent runs. What neighbouring batches have in common widens it by
/// `(1 + r) / (1 - r)`, r the correlation of neighbours (a first-order autoregression, as in Skart: Tafazzoli and Wilson, IIE
/// Transactions 43, 2011).
pub fn variance_of_mean(errors: &[Vec<f64>]) -> f64 {
    let n: usize = errors.iter().map(Vec::len).sum();
    let squares: f64 = errors.iter().flatten().map(|e| e * e).sum();
    squares * widening(errors, squares) / (n as f64 * (n as f64 - 1.0))
}

/// Half the width of the interval around a mean of batches with these errors, by Student's quantile; none if it is not a number.
pub fn half_width(errors: &[Vec<f64>], confidence: f64) -> Option<f64> {
    let n: usize = errors.iter().map(Vec::len).sum();
    let freedom = n.checked_sub(1).filter(|freedom| *freedom > 0)?;
    let half = student_t_quantile(0.5 + 0.5 * confidence, freedom as f64) * variance_of_mean(errors).sqrt();
    half.is_finite().then_some(half)
}

/// How far below and above the mean of batches with these errors the truth may be: further to the side to which they are skewed, because
/// means of queueing times are skewed however long their batches. Student's quantile t is replaced by
/// `((1 + 6 a (t - a))^(1/3) - 1) / (2 a)` with a = skewness / (6 sqrt(n)) (Willink, Communications in Statistics: Theory and Methods
/// 34, 2005; Skart uses the same).
pub fn reach(errors: &[Vec<f64>], confidence: f64) -> Option<(f64, f64)> {
    let half = half_width(errors, confidence)?;
    let freedom = errors.iter().map(Vec::len).sum::<usize>() as f64 - 1.0;
    let (t, lean) = (student_t_quantile(0.5 + 0.5 * confidence, freedom), lean(errors));
    Some(((unskewed(t, lean) / t * half).max(0.0), (-unskewed(-t, lean) / t * half).max(0.0)))
}

/// The interval of a ratio of two sums over independent runs that were cut into batches: [`linear`] with the [`reach`] of its errors.
pub fn ratio_interval(runs: &[Vec<Share>], most: usize, confidence: f64) -> Option<Interval> {
    let Linear { value, errors } = linear(runs, most)?;
    let (below, above) = reach(&errors, confidence)?;
    Some(Interval { value, low: value - below, high: value + above })
}

/// The skewness of the mean of the errors, divided by six.
fn lean(errors: &[Vec<f64>]) -> f64 {
    let n = errors.iter().map(Vec::len).sum::<usize>() as f64;
    let sum = |power: fn(f64) -> f64| errors.iter().flatten().map(|e| power(*e)).sum::<f64>();
    let deviation = (sum(|e| e * e) / (n - 1.0)).sqrt();
    let skewness = sum(|e| e * e * e) * n / ((n - 1.0) * (n - 2.0)) / (deviation * deviation * deviation);
    if skewness.is_finite() { skewness / (6.0 * n.sqrt()) } else { 0.0 }
}

/// Student's quantile of a mean that leans to one side.
fn unskewed(t: f64, lean: f64) -> f64 {
    if lean.abs() < 1e-6 { t } else { (libm::cbrt(1.0 + 6.0 * lean * (t - lean)) - 1.0) / (2.0 * lean) }
}

/// By how much the correlation of neighbouring batches widens the variance of their mean.
fn widening(errors: &[Vec<f64>], squares: f64) -> f64 {
    let pairs: usize = errors.iter().map(|run| run.len() - 1).sum();
    if pairs == 0 || squares <= 0.0 {
        return 1.0;
    }
    let n: usize = errors.iter().map(Vec::len).sum();
    let products: f64 = errors.iter().flat_map(|run| run.windows(2)).map(|pair| pair[0] * pair[1]).sum();
    // The estimate of a correlation from n values is too small by about (1 + 4 r) / n (Kendall 1954).
    let found = products / pairs as f64 / (squares / n as f64);
    let r = (found + (1.0 + 4.0 * found.max(0.0)) / n as f64).clamp(0.0, MOST_CORRELATION);
    (1.0 + r) / (1.0 - r)
}

/// How many of the first values do not belong to the steady state. One in any case: it is not known how the system would have begun in its
/// steady state. More where that makes the marginal standard error of the rest smallest, never more than half of them (MSER: White,
/// Cobb and Spratt, Proc. Winter Simulation Conference 2000; on batch means instead of single observations), if what is left out differs
/// from the rest by [`EVIDENT`] standard errors. Without that condition MSER leaves out bursts that chance put at the start, and what
/// remains is too low and looks more certain than it is (measured: M/M/1 at load 0.8, 0.931 instead of 0.950 of intervals hold the mean).
pub fn warm_up(values: &[f64]) -> usize {
    let (cut, least) = (least_error(values), usize::from(values.len() > 1));
    if differs(&values[..cut], &values[cut..]) { cut.max(least) } else { least }
}

/// Standard errors between the mean of the start and that of the rest from which on they are not taken for the same.
const EVIDENT: f64 = 4.0;

fn differs(start: &[f64], rest: &[f64]) -> bool {
    let (a, b) = (start.len() as f64, rest.len() as f64);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (early, late) = (mean(start), mean(rest));
    let variance = rest.iter().map(|v| (v - late) * (v - late)).sum::<f64>() / (b - 1.0).max(1.0);
    (early - late).abs() > EVIDENT * (variance * (1.0 / a + 1.0 / b)).sqrt()
}

/// The number of first values whose removal makes the marginal standard error of the rest smallest.
fn least_error(values: &[f64]) -> usize {
    let n = values.len();
    let (mut sum, mut squares, mut best) = (0.0, 0.0, (f64::INFINITY, 0));
    // From the end, so that each value is looked at once; the centre keeps the differences exact.
    let centre = values.iter().sum::<f64>() / n.max(1) as f64;
    for (index, value) in values.iter().enumerate().rev() {
        let value = value - centre;
        (sum, squares) = (sum + value, squares + value * value);
        let left = (n - index) as f64;
        let error = ((squares - sum * sum / left) / (left * left)).max(0.0);
        if 2 * index <= n && error <= best.0 {
            best = (error, index);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(values: &[f64]) -> Vec<Share> {
        values.iter().map(|v| Share { part: *v, whole: 1.0 }).collect()
    }

    #[test]
    fn alternating_batches_give_the_plain_interval() {
        // Mean 2, variance 8/7, no positive correlation: half-width t(0.975; 7) sqrt(8/7/8) = 2.364624 * 0.377964.
        let run = plain(&[1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 1.0, 3.0]);
        let interval = ratio_interval(&[run], 64, 0.95).unwrap();
        assert_eq!(interval.value, 2.0);
        assert!((interval.half_width() - 0.893_744).abs() < 1e-5, "{}", interval.half_width());
    }

    #[test]
    fn what_neighbours_share_widens_the_interval() {
        let run = |values: [f64; 8]| ratio_interval(&[plain(&values)], 64, 0.95).unwrap().half_width();
        let mixed = run([1.0, 3.0, 3.0, 1.0, 1.0, 3.0, 1.0, 3.0]);
        let blocks = run([1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0]);
        assert!(blocks > 2.0 * mixed, "{blocks} {mixed}");
    }

    #[test]
    fn a_constant_ratio_is_certain_whatever_its_parts() {
        let run: Vec<Share> = (1..=20).map(|n| Share { part: 3.0 * f64::from(n), whole: f64::from(n) }).collect();
        let interval = ratio_interval(&[run.clone(), run], 64, 0.95).unwrap();
        assert_eq!((interval.value, interval.half_width()), (3.0, 0.0));
    }

    #[test]
    fn many_batches_are_joined_and_few_say_nothing() {
        assert_eq!(
            grouped(&plain(&[1.0, 2.0, 3.0, 4.0, 5.0]), 2).iter().map(|b| b.part).collect::<Vec<_>>(),
            [3.0, 12.0]
        );
        assert_eq!(ratio_interval(&[plain(&[1.0; 7])], 64, 0.95), None);
        assert_eq!(ratio_interval(&[], 64, 0.95), None);
        assert_eq!(ratio_interval(&[vec![Share::default(); 20]], 64, 0.95), None);
    }

    #[test]
    fn the_warm_up_is_what_differs_at_the_start() {
        let start = |n: usize| move |i: usize| if i < n { 9.0 } else { (i % 2) as f64 };
        assert_eq!(warm_up(&(0..40).map(start(7)).collect::<Vec<_>>()), 7);
        assert_eq!(warm_up(&(0..40).map(start(0)).collect::<Vec<_>>()), 1);
        assert_eq!((warm_up(&[]), warm_up(&[2.0]), warm_up(&[2.0; 30])), (0, 0, 1));
        assert_eq!(warm_up(&(0..40).map(start(30)).collect::<Vec<_>>()), 1, "more than half is no warm-up");
    }

    #[test]
    fn a_burst_that_chance_put_at_the_start_stays() {
        // The start is 0.75 above the rest, whose deviation is 0.5: 3.9 standard errors for eight of forty.
        let values =
            |early: f64| (0..40).map(move |i| (i % 2) as f64 + if i < 8 { early } else { 0.0 }).collect::<Vec<_>>();
        assert_eq!((least_error(&values(0.75)), warm_up(&values(0.75))), (8, 1));
        assert_eq!(warm_up(&values(1.0)), 8);
    }

    #[test]
    fn an_interval_is_wider_where_the_batches_are_skewed() {
        // One batch of ten is 11, the others 1: mean 2, deviation sqrt(10), skewness 10 / (9 * 8) * 720 / 10^1.5 = sqrt(10), so
        // a = sqrt(10) / (6 sqrt(10)) = 1/6, and the quantile 2.262157 becomes (3.095490^(1/3) - 1) 3 = 1.372199 below and
        // ((-1.428824)^(1/3) - 1) 3 = -6.378974 above; the standard error of the mean is 1.
        let mut values = [1.0; 10];
        values[4] = 11.0;
        let interval = ratio_interval(&[plain(&values)], 64, 0.95).unwrap();
        assert!((interval.low - (2.0 - 1.372_199)).abs() < 1e-4, "{interval:?}");
        assert!((interval.high - (2.0 + 6.378_974)).abs() < 1e-4, "{interval:?}");
    }
}
