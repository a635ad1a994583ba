//! What a metric costs.

use super::{labels, unit};
use crate::chart::{CostPoint, CostPoints, Drawing, Figure, Limit};
use crate::quantity::{plain, value};
use crate::table::sweep::{bare, overall};
use archsim_experiment::report::{SweepPoint, SweepReport, Verdict};

/// The metric of what everything costs.
const COST: &str = "cost";

/// Settings by what they cost and what a metric is: for a sweep, and for a search of the cheapest.
pub(crate) fn cost(
    scenario: &str,
    metric: &str,
    metric_unit: &'static str,
    limit: Option<Limit>,
    less_is_better: bool,
    points: Vec<CostPoint>,
) -> Figure {
    let data = CostPoints { unit: unit(metric, metric_unit), less_is_better, points, limit };
    let cheapest =
        data.points.iter().filter(|point| point.meets == Some(true)).min_by(|a, b| a.cost.total_cmp(&b.cost));
    let title = match (cheapest, data.front().first()) {
        (Some(point), _) => {
            format!("The cheapest that meets the SLOs: {}, {} an hour", point.label, plain(point.cost, ""))
        }
        (None, Some(point)) => {
            let shown = point.value.map_or("-".into(), |known| value(metric, metric_unit, known));
            format!("The cheapest, {} an hour: {}, {metric} {shown}", plain(point.cost, ""), point.label)
        }
        (None, None) => format!("{metric} by cost"),
    };
    let look = "Along the line money buys something; every other point is beaten by one on it.";
    Figure::new("cost", labels(scenario, title, look, "cost per hour", metric), Drawing::Cost(data))
}

/// The first metric of a sweep against its cost; none where all points cost the same.
pub(super) fn of_sweep(sweep: &SweepReport, present: &[Option<String>]) -> Option<Figure> {
    let metric = sweep.measure.iter().find(|metric| *metric != COST && !metric.ends_with(".cost"))?;
    let costs = |point: &SweepPoint| point.report.get(COST).and_then(|estimate| estimate.value);
    let first = sweep.points.iter().find_map(costs)?;
    if sweep.points.iter().filter_map(costs).all(|cost| cost == first) {
        return None;
    }
    let slo = sweep.points.iter().flat_map(|point| &point.report.slos).find(|slo| slo.metric == *metric);
    let known = sweep.points.iter().find_map(|point| point.report.get(metric))?;
    let point = |point: &SweepPoint| {
        let estimate = point.report.get(metric)?;
        Some(CostPoint {
            cost: costs(point)?,
            value: estimate.value,
            interval: estimate.low.zip(estimate.high),
            label: label(sweep, point),
            meets: meets(point),
            present: is_present(point, present),
        })
    };
    let points: Vec<CostPoint> = sweep.points.iter().filter_map(point).collect();
    let less = slo.map_or(is_better_when_less(metric), |slo| slo.comparison.starts_with('<'));
    let limit = slo.map(|slo| Limit { value: slo.limit, name: format!("SLO {}", slo.text) });
    Some(cost(&sweep.scenario, metric, known.unit, limit, less, points))
}

fn label(sweep: &SweepReport, point: &SweepPoint) -> String {
    let setting = |((path, _), value): (&(String, Vec<String>), &String)| format!("{path} = {}", bare(value));
    sweep.axes.iter().zip(&point.settings).map(setting).collect::<Vec<_>>().join(", ")
}

/// Whether all SLOs hold; none where nothing is asked or it is open.
pub(super) fn meets(point: &SweepPoint) -> Option<bool> {
    match overall(&point.report) {
        _ if point.report.slos.is_empty() => None,
        Verdict::Pass => Some(true),
        Verdict::Fail => Some(false),
        Verdict::Undecided => None,
    }
}

fn is_present(point: &SweepPoint, present: &[Option<String>]) -> bool {
    let same =
        |(value, of_file): (&String, &Option<String>)| of_file.as_deref().is_some_and(|text| bare(text) == bare(value));
    !present.is_empty() && point.settings.iter().zip(present).all(same)
}

/// Of what users are given more is better, of everything else less.
fn is_better_when_less(metric: &str) -> bool {
    const MORE: [&str; 5] = ["goodput", "throughput", "hit_ratio", "available", "rate"];
    !MORE.iter().any(|word| metric.ends_with(&format!(".{word}")))
}
