//! Metrics over time: the mean over the replications in each window, and its interval where the study is about what changes.

use crate::model::Model;
use crate::report::Series;
use crate::run::{Replication, series_metrics};
use archsim_core::stats::mean_interval;

/// The time series of a model's replications.
pub(crate) fn series(model: &Model, replications: &[Replication]) -> Series {
    let Some(longest) = replications.iter().max_by_key(|r| r.windows.len()) else { return Series::default() };
    let (windows, metrics) = (0..longest.windows.len(), series_metrics(model));
    // Where nothing changes, the windows of one replication say the same: there the summary has the intervals.
    let banded = if model.terminating && replications.len() > 1 { metrics.len() } else { 0 };
    let column = |index: usize| windows.clone().map(|window| mean(&values(replications, window, index))).collect();
    let band = |index: usize| -> Vec<_> {
        let ends = |window: usize| ends(&values(replications, window, index), replications.len(), model.run.confidence);
        windows.clone().map(ends).collect()
    };
    Series {
        windows: longest.windows.iter().map(|(a, b)| (a.as_secs_f64(), b.as_secs_f64())).collect(),
        columns: metrics.iter().enumerate().map(|(i, metric)| (metric.name.clone(), metric.unit, column(i))).collect(),
        bands: (0..banded).map(band).collect(),
    }
}

/// The values of a metric in a window, of the replications that have one.
fn values(replications: &[Replication], window: usize, metric: usize) -> Vec<f64> {
    replications.iter().filter_map(|r| r.series.get(window).and_then(|row| row[metric])).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Student's interval over replications; none if one of them has no value: those that have one may not be like the others. Nothing that
/// is measured is below zero.
fn ends(values: &[f64], replications: usize, confidence: f64) -> Option<(f64, f64)> {
    let interval = mean_interval(values, confidence).filter(|_| values.len() == replications)?;
    Some((interval.low.max(0.0), interval.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_is_students_interval_and_needs_every_replication() {
        // Mean 2, variance 1, n = 3: half-width t(0.975; 2) / sqrt(3) = 4.302653 / 1.732051 = 2.484138.
        let (low, high) = ends(&[1.0, 2.0, 3.0], 3, 0.95).expect("three of three");
        assert_eq!((low, (high * 1e6).round()), (0.0, 4_484_138.0));
        assert_eq!((ends(&[1.0, 2.0], 3, 0.95), ends(&[1.0], 1, 0.95)), (None, None));
        assert_eq!((mean(&[1.0, 2.0]), mean(&[])), (Some(1.5), None));
    }
}
