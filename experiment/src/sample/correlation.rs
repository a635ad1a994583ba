//! What moves a metric over scattered points: rank correlations, which ask for no straight line, only for a direction.

use crate::report::SweepReport;
use archsim_core::stats::normal_quantile;
use serde::Serialize;

/// How much a setting moves a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// The metric.
    pub metric: String,
    /// The setting.
    pub setting: String,
    /// Points where the metric has a value.
    pub n: usize,
    /// Of a setting with an order Spearman's rank correlation, -1 to 1. Of categories the share of the variance of the ranks that they
    /// explain, as its root, 0 to 1.
    pub value: Option<f64>,
    /// Lower end of its interval; none for categories.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Whether the setting has an order.
    pub ordered: bool,
    /// Whether it is more than chance: the interval leaves out zero, or the test of Kruskal and Wallis tells the categories apart.
    pub clear: bool,
}

/// The correlation of each measured metric with each setting, for each metric the strongest first; `number` reads a setting that has an
/// order.
pub fn correlations(sweep: &SweepReport, number: &dyn Fn(&str) -> Option<f64>, confidence: f64) -> Vec<Correlation> {
    let of_metric = |metric: &String| {
        let mut all: Vec<Correlation> =
            (0..sweep.axes.len()).map(|axis| correlation(sweep, metric, axis, number, confidence)).collect();
        let strength = |c: &Correlation| c.value.map_or(-1.0, f64::abs);
        all.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
        all
    };
    sweep.measure.iter().flat_map(of_metric).collect()
}

fn correlation(
    sweep: &SweepReport,
    metric: &str,
    axis: usize,
    number: &dyn Fn(&str) -> Option<f64>,
    confidence: f64,
) -> Correlation {
    let known = sweep.points.iter().filter_map(|p| Some((p.settings[axis].as_str(), p.report.get(metric)?.value?)));
    let (settings, values): (Vec<&str>, Vec<f64>) = known.unzip();
    let all: Option<Vec<f64>> = sweep.points.iter().map(|point| number(&point.settings[axis])).collect();
    let numbers: Option<Vec<f64>> = all.and_then(|_| settings.iter().map(|text| number(text)).collect());
    let (value, ends, clear) = match &numbers {
        Some(numbers) => {
            let value = spearman(numbers, &values);
            let ends = value.and_then(|value| interval(value, values.len(), confidence));
            (value, ends, ends.is_some_and(|(low, high)| low > 0.0 || high < 0.0))
        }
        None => {
            explained(&settings, &values, confidence).map_or((None, None, false), |(v, clear)| (Some(v), None, clear))
        }
    };
    let (low, high) = ends.unzip();
    let (metric, setting) = (metric.to_owned(), sweep.axes[axis].0.clone());
    Correlation { metric, setting, n: values.len(), value, low, high, ordered: numbers.is_some(), clear }
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for group in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = first as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|index| ranks[*index] = rank);
        first += group.len();
    }
    ranks
}

/// Spearman's rank correlation (American Journal of Psychology 15, 1904): that of Pearson between the ranks. None where one side is all
/// alike.
fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = (ranks(x), ranks(y));
    let middle = (x.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = product(&x, &x) * product(&y, &y);
    (spread > 0.0).then(|| (product(&x, &y) / spread.sqrt()).clamp(-1.0, 1.0))
}

/// Fisher's transform of a rank correlation is about normal with variance 1.06 / (n - 3) (Fieller, Hartley and Pearson, Biometrika 44,
/// 1957, for 10 points or more).
fn interval(value: f64, n: usize, confidence: f64) -> Option<(f64, f64)> {
    if n < 10 {
        return None;
    }
    let half = normal_quantile(0.5 + 0.5 * confidence) * (1.06 / (n as f64 - 3.0)).sqrt();
    let end = |by: f64| libm::tanh(libm::atanh(value) + by);
    Some((end(-half), end(half)))
}

/// How much of the ranks the categories explain: the root of (H - k + 1) / (n - k), H of Kruskal and Wallis (JASA 47, 1952) corrected for
/// ties, k categories, n points; zero where it is no more than chance gives on average. And whether H is beyond the quantile of chi-square
/// with k - 1 degrees of freedom.
fn explained(categories: &[&str], values: &[f64], confidence: f64) -> Option<(f64, bool)> {
    let (ranks, n) = (ranks(values), values.len() as f64);
    let middle = (n + 1.0) / 2.0;
    let mut names: Vec<&str> = categories.to_vec();
    names.sort_unstable();
    names.dedup();
    let k = names.len() as f64;
    let total: f64 = ranks.iter().map(|rank| (rank - middle) * (rank - middle)).sum();
    if total <= 0.0 || k < 2.0 || n <= k {
        return None;
    }
    let between = |name: &&str| {
        let own: Vec<f64> = categories.iter().zip(&ranks).filter(|(c, _)| *c == name).map(|(_, rank)| *rank).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        own.len() as f64 * (mean - middle) * (mean - middle)
    };
    let h = (n - 1.0) * names.iter().map(between).sum::<f64>() / total;
    Some((((h - k + 1.0) / (n - k)).clamp(0.0, 1.0).sqrt(), h > chi_square_quantile(confidence, k - 1.0)))
}

/// The quantile of chi-square: exact for one degree of freedom, else by the approximation of Wilson and Hilferty (PNAS 17, 1931).
fn chi_square_quantile(p: f64, degrees: f64) -> f64 {
    if degrees <= 1.0 {
        let z = normal_quantile(0.5 + 0.5 * p);
        return z * z;
    }
    let part = 2.0 / (9.0 * degrees);
    let root = 1.0 - part + normal_quantile(p) * part.sqrt();
    degrees * root * root * root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_shared_by_equal_values() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
    }

    #[test]
    fn only_the_order_counts() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(spearman(&x, &[1.0, 10.0, 100.0, 1e3, 1e9]), Some(1.0));
        assert_eq!(spearman(&x, &[5.0, 4.0, 3.0, 2.0, -1.0]), Some(-1.0));
        // Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): the ranks 2, 1, 4, 3, 5 have sum d^2 = 4, so 1 - 24 / 120.
        assert_eq!(spearman(&x, &[20.0, 10.0, 40.0, 30.0, 50.0]), Some(0.8));
        assert_eq!(spearman(&x, &[1.0; 5]), None);
    }

    #[test]
    fn the_interval_is_fishers() {
        // atanh 0.8 = 1.098612; half 1.959964 sqrt(1.06 / 100) = 0.201791; tanh 0.896821 and tanh 1.300403.
        let (low, high) = interval(0.8, 103, 0.95).expect("enough points");
        assert!((low - 0.714747).abs() < 1e-5 && (high - 0.861827).abs() < 1e-5, "{low} {high}");
        assert_eq!(interval(0.8, 9, 0.95), None);
        assert_eq!(interval(1.0, 20, 0.95), Some((1.0, 1.0)));
    }

    #[test]
    fn quantiles_of_chi_square() {
        // Tables: 3.8415, 5.9915, 16.9190 and 21.6660.
        let close = |p, degrees, expected: f64| (chi_square_quantile(p, degrees) / expected - 1.0).abs() < 0.01;
        assert!(close(0.95, 1.0, 3.8415) && close(0.95, 2.0, 5.9915) && close(0.95, 9.0, 16.9190));
        assert!(close(0.99, 9.0, 21.6660));
    }

    #[test]
    fn categories_explain_ranks_beyond_chance() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        // Two groups apart: means of ranks 2 and 5, H = 5 x 2 x 3 x 1.5^2 / 17.5 = 27/7; (27/7 - 1) / 4 = 5/7.
        let (apart, clear) = explained(&["a", "a", "a", "b", "b", "b"], &values, 0.95).expect("two groups");
        assert!((apart * apart - 5.0 / 7.0).abs() < 1e-12, "{apart}");
        // 3.857 is beyond 3.841, the quantile of chi-square at 95 %, and not beyond 6.635, that at 99 %.
        assert!(clear);
        let more_sure = explained(&["a", "a", "a", "b", "b", "b"], &values, 0.99).expect("two groups");
        assert!(!more_sure.1);
        assert_eq!(explained(&["a", "b", "b", "a", "b", "a"], &values, 0.95), Some((0.0, false)));
        assert_eq!(explained(&["a"; 6], &values, 0.95), None);
    }
}
