//! The chart of a search: the metric of the objective that binds against the load.

use super::{labels, unit};
use crate::chart::{Drawing, Figure, Limit, LoadCurve, LoadPoint, Trace, Unit};
use crate::quantity::plain;
use archsim_experiment::model::Slo;
use archsim_experiment::saturate::{Answer, Probe, Saturation};

/// The chart; none without an objective that was measured.
pub(crate) fn saturate(raise: &str, raised: &'static str, until: &[Slo], found: &Saturation) -> Option<Figure> {
    let slo = until.iter().find(|slo| Some(&slo.text) == found.binding.as_ref()).or(until.first())?;
    let unit_y = unit(&slo.metric.name, slo.metric.unit);
    let of = |probe: &&Probe| probe.worst.as_deref().is_none_or(|worst| worst == slo.text);
    let point = |probe: &Probe| {
        let ends = probe.measured.map(|e| (e.value, e.low, e.high));
        let (value, low, high) = ends.unwrap_or_default();
        LoadPoint { x: probe.value, value, low, high, steady: probe.is_steady() }
    };
    let mut points: Vec<LoadPoint> = found.probes.iter().filter(of).map(point).collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    let title = match found.answer {
        Answer::UpTo { value, .. } => format!("{} up to {}", slo.text, plain(value, raised)),
        Answer::Everywhere(to) => format!("{} at least up to {}", slo.text, plain(to, raised)),
        Answer::Nowhere(from) => format!("{} not even at {}", slo.text, plain(from, raised)),
        Answer::Interrupted(..) => format!("{} against {raise}, interrupted", slo.metric.name),
    };
    let data = LoadCurve {
        unit_x: unit(raise, raised),
        unit_y,
        log_y: unit_y == Unit::Seconds,
        traces: vec![Trace { name: slo.metric.name.clone(), points }],
        capacity: found.bound.as_ref().map(|bound| bound.value),
        limit: Some(Limit { value: slo.limit, name: format!("SLO {}", slo.text) }),
        ..LoadCurve::default()
    };
    let look = "The search spends its requests where the line crosses the limit.";
    Some(Figure::new("saturate", labels(&found.scenario, title, look, raise, &slo.metric.name), Drawing::Load(data)))
}
