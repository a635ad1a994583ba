//! The charts of a sample: each metric against the setting that moves it most.

use super::cost::meets;
use super::{labels, unit};
use crate::chart::{Drawing, Figure, Scatter, ScatterPoint, Unit};
use crate::files::slug;
use crate::table::sample::finding;
use crate::table::sweep::setting;
use archsim_experiment::report::{SweepPoint, SweepReport};
use archsim_experiment::sample::correlation::Correlation;

/// A horizontal axis that spans more than this factor counts in factors of ten.
const WIDE: f64 = 50.0;

/// One chart for each metric that a setting with an order moves.
pub(crate) fn sample(sweep: &SweepReport, all: &[Correlation]) -> Vec<Figure> {
    sweep.measure.iter().filter_map(|metric| chart(sweep, metric, all)).collect()
}

fn chart(sweep: &SweepReport, metric: &str, all: &[Correlation]) -> Option<Figure> {
    let strongest = all.iter().find(|c| c.metric == metric && c.ordered && c.value.is_some())?;
    let axis = sweep.axes.iter().position(|(path, _)| *path == strongest.setting)?;
    let point = |point: &SweepPoint| {
        let (x, y) = (setting(&point.settings[axis])?.0, point.report.get(metric)?.value?);
        Some(ScatterPoint { x, y, meets: meets(point) })
    };
    let points: Vec<ScatterPoint> = sweep.points.iter().filter_map(point).collect();
    let first = sweep.points.iter().find_map(|point| point.report.get(metric))?;
    let unit_x = match setting(&sweep.points.first()?.settings[axis])?.1 {
        "" if strongest.setting.ends_with(".rate") => Unit::PerSecond,
        name => unit("", name),
    };
    let (low, high) = points.iter().fold((f64::INFINITY, 0.0f64), |(low, high), p| (low.min(p.x), high.max(p.x)));
    let slo = sweep.points.iter().flat_map(|point| &point.report.slos).find(|slo| slo.metric == *metric);
    let data = Scatter {
        unit_x,
        unit_y: unit(metric, first.unit),
        log_x: low > 0.0 && high > WIDE * low,
        points,
        limit: slo.map(|slo| slo.limit),
    };
    let look = "Each point has other values of the other settings, too: the narrower the cloud, the less they matter.";
    let labels = labels(&sweep.scenario, finding(sweep, metric, all), look, &strongest.setting, metric);
    Some(Figure::new(format!("scatter-{}", slug(metric)), labels, Drawing::Scatter(data)))
}
