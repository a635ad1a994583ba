//! The charts of a search: the metric of the objective that binds, and goodput, against the load; up, and on the way back.

use super::{labels, unit};
use crate::chart::{Drawing, Figure, Limit, LoadCurve, LoadPoint, Trace, Unit};
use crate::quantity::plain;
use archsim_experiment::model::Slo;
use archsim_experiment::report::Estimate;
use archsim_experiment::saturate::{Answer, Back, Flow, Probe, Saturation};

/// What is drawn.
struct Drawn<'a> {
    raise: &'a str,
    /// The unit of what is raised.
    raised: &'static str,
    found: &'a Saturation,
}

/// The charts: latency, or whatever binds, against load; goodput against load where the rate of a source is raised.
pub(crate) fn saturate(raise: &str, raised: &'static str, until: &[Slo], found: &Saturation) -> Vec<Figure> {
    let raised = if raise.ends_with(".rate") { "1/s" } else { raised };
    let drawn = Drawn { raise, raised, found };
    let binding = until.iter().find(|slo| Some(&slo.text) == found.binding.as_ref()).or(until.first());
    [drawn.goodput(), binding.map(|slo| drawn.objective(slo))].into_iter().flatten().collect()
}

impl Drawn<'_> {
    fn value(&self, value: f64) -> String {
        plain(value, self.raised)
    }

    /// What the objective that binds is about.
    fn objective(&self, slo: &Slo) -> Figure {
        let (found, metric) = (self.found, &slo.metric.name);
        let of = |probe: &&Probe| probe.worst.as_deref().is_none_or(|worst| worst == slo.text);
        let up = found.probes.iter().filter(of);
        let up = up.map(|probe| point(probe.value, probe.measured.as_ref(), probe.is_steady()));
        let back = found.returned.iter().filter_map(|tried| {
            let (_, estimate) = tried.measured.as_ref().filter(|(text, _)| *text == slo.text)?;
            Some(point(tried.load, Some(estimate), estimate.value.is_some()))
        });
        let title = match found.answer {
            Answer::UpTo { value, .. } => format!("{} up to {}{}", slo.text, self.value(value), self.once_tipped()),
            Answer::Everywhere(to) => format!("{} at least up to {}", slo.text, self.value(to)),
            Answer::Nowhere(from) => format!("{} not even at {}", slo.text, self.value(from)),
            Answer::Interrupted(..) => format!("{metric} against {}, interrupted", self.raise),
        };
        let unit_y = unit(metric, slo.metric.unit);
        let data = LoadCurve {
            unit_x: unit(self.raise, self.raised),
            unit_y,
            log_y: unit_y == Unit::Seconds,
            traces: traces([(metric.clone(), up.collect()), (format!("{metric}, once tipped"), back.collect())]),
            marks: self.marks(),
            limit: Some(Limit { value: slo.limit, name: format!("SLO {}", slo.text) }),
            ..LoadCurve::default()
        };
        let look = "The search spends its requests where the line crosses the limit.";
        Figure::new("saturate", labels(&found.scenario, title, look, self.raise, metric), Drawing::Load(data))
    }

    /// Goodput and attempts against what is offered: along the diagonal everything is answered.
    fn goodput(&self) -> Option<Figure> {
        let found = self.found;
        let flows: Vec<(&Probe, &Flow)> =
            found.probes.iter().filter_map(|probe| Some((probe, probe.flow.as_ref()?))).collect();
        let line = |of: &dyn Fn(&Flow) -> Option<Estimate>| {
            let of = |(probe, flow): &(&Probe, &Flow)| Some(point(probe.value, Some(&of(flow)?), probe.is_steady()));
            flows.iter().filter_map(of).collect::<Vec<LoadPoint>>()
        };
        let up = line(&|flow| Some(flow.goodput));
        let back = found.returned.iter().map(|tried| point(tried.load, tried.goodput.as_ref(), true)).collect();
        let sent = most_sent(&flows);
        let attempts = sent.map(|call| {
            (format!("attempts {call}"), line(&|flow| Some(flow.attempts.iter().find(|(name, _)| name == call)?.1)))
        });
        let (lowest, highest) =
            (up.iter().map(|point| point.x)).fold((f64::MAX, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
        let title = match found.answer {
            Answer::UpTo { value, .. } => format!("Holds up to {}{}", self.value(value), self.once_tipped()),
            _ => {
                let last = up.iter().max_by(|a, b| a.x.total_cmp(&b.x))?;
                format!("At {} offered {} are answered ok", self.value(last.x), plain(last.value?, "1/s"))
            }
        };
        let look = match found.back {
            Some(Back::Below { .. } | Back::Never { .. }) => {
                "Along the dashed line all is answered. Where the two lines of goodput differ it depends on the past: hysteresis."
            }
            _ => "Along the dashed line all is answered; a plateau is overload that holds, a fall is collapse.",
        };
        let names = [("goodput".to_owned(), up), ("goodput, once tipped".to_owned(), back)];
        let data = LoadCurve {
            unit_x: unit(self.raise, self.raised),
            unit_y: Unit::PerSecond,
            log_y: false,
            // Goodput last, so that it is seen where every attempt is answered.
            traces: traces(attempts.into_iter().chain(names)),
            bound: (lowest < highest).then(|| ("all answered".into(), vec![(lowest, lowest), (highest, highest)])),
            marks: self.marks(),
            ..LoadCurve::default()
        };
        let labels = labels(&found.scenario, title, look, self.raise, "per second");
        (!flows.is_empty()).then(|| Figure::new("goodput", labels, Drawing::Load(data)))
    }

    /// How the way back ends, after "holds up to ...".
    fn once_tipped(&self) -> String {
        match &self.found.back {
            Some(Back::Below { low, .. }) => format!("; once tipped it recovers only up to {}", self.value(*low)),
            Some(Back::Never { at, .. }) => format!("; once tipped it does not recover even at {}", self.value(*at)),
            Some(Back::Always { at, .. }) => format!("; once tipped it recovers at {}", self.value(*at)),
            Some(Back::NotTried(_)) | None => String::new(),
        }
    }

    fn marks(&self) -> Vec<(String, f64)> {
        let holds = match self.found.answer {
            Answer::UpTo { value, .. } => Some(("holds up to".to_owned(), value)),
            _ => None,
        };
        let full = self.found.bound.as_ref().map(|bound| (format!("{} full", bound.component), bound.value));
        let recovers = match self.found.back {
            Some(Back::Below { low, .. }) => Some(("recovers up to".to_owned(), low)),
            _ => None,
        };
        let chance = self.found.band.as_ref().and_then(|band| band.first());
        let chance = chance.map(|fall| ("tips by chance from".to_owned(), fall.value));
        [recovers, holds, chance, full].into_iter().flatten().collect()
    }
}

/// The call with most messages, as long as there is one that may be sent again.
fn most_sent<'a>(flows: &[(&Probe, &'a Flow)]) -> Option<&'a str> {
    let all = flows.iter().flat_map(|(_, flow)| &flow.attempts);
    let known = all.filter_map(|(name, attempts)| Some((name.as_str(), attempts.value?)));
    known.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name)
}

fn point(x: f64, estimate: Option<&Estimate>, steady: bool) -> LoadPoint {
    let (value, low, high) = estimate.map(|e| (e.value, e.low, e.high)).unwrap_or_default();
    LoadPoint { x, value, low, high, steady }
}

/// Lines with points, each in the order of the load.
fn traces(lines: impl IntoIterator<Item = (String, Vec<LoadPoint>)>) -> Vec<Trace> {
    let trace = |(name, mut points): (String, Vec<LoadPoint>)| {
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        (!points.is_empty()).then_some(Trace { name, points })
    };
    lines.into_iter().filter_map(trace).collect()
}
