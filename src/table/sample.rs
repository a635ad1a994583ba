//! What moves each metric over the points of a sample.

use super::{Cell, Table};
use crate::console::Paint;
use archsim_experiment::report::SweepReport;
use archsim_experiment::sample::correlation::Correlation;

/// For each metric the settings, the one that moves it most first.
pub(crate) fn correlations(sweep: &SweepReport, all: &[Correlation], paint: Paint) -> String {
    let tables = sweep.measure.iter().map(|metric| {
        let of: Vec<&Correlation> = all.iter().filter(|c| c.metric == *metric).collect();
        let mut table = Table::headed(2, &[metric, "rank correlation", ""]);
        for one in &of {
            let value = shown(one);
            let value = if one.clear { Cell::plain(value) } else { Cell::dim(value) };
            table.row(vec![Cell::plain(&one.setting), value, Cell::dim(remark(one))]);
        }
        table.render(paint)
    });
    let lines: String = sweep.measure.iter().map(|metric| format!("{}.\n", finding(sweep, metric, all))).collect();
    tables.collect::<Vec<_>>().join("\n") + "\n" + &lines
}

/// A correlation with its interval.
pub(crate) fn shown(one: &Correlation) -> String {
    let Some(value) = one.value else { return "-".into() };
    match (one.ordered, one.low, one.high) {
        (false, ..) => format!("{value:.2}"),
        (_, Some(low), Some(high)) => format!("{value:+.2} ({low:+.2} .. {high:+.2})"),
        _ => format!("{value:+.2}"),
    }
}

/// What it means.
pub(crate) fn remark(one: &Correlation) -> &'static str {
    match (one.value, one.ordered) {
        (None, _) => "nothing differs",
        (_, true) if one.low.is_none() => "too few points for an interval",
        _ if !one.clear => "none detected",
        (_, false) => "explained by the categories, without a direction",
        (Some(value), _) if value > 0.0 => "more of it, more",
        _ => "more of it, less",
    }
}

/// The setting that moves a metric most, in a sentence without its full stop.
pub(crate) fn finding(sweep: &SweepReport, metric: &str, all: &[Correlation]) -> String {
    let of = || all.iter().filter(|c| c.metric == metric);
    let known = of().next().map_or(0, |one| one.n);
    let missing = match sweep.points.len() - known.min(sweep.points.len()) {
        0 => String::new(),
        n => format!("; {n} of {} points have no value and are left out", sweep.points.len()),
    };
    match of().find(|c| c.clear) {
        Some(one) => format!("{} moves {metric} most: rank correlation {}{missing}", one.setting, shown(one)),
        None if known == 0 => format!("{metric} has no value at any point"),
        None => format!("Nothing that was varied was seen to move {metric}{missing}"),
    }
}
