//! The charts of a sweep: what was measured against what was varied.

use super::map::maps;
use super::{cost, labels, unit};
use crate::chart::{Drawing, Figure, Labels, Limit, LoadCurve, LoadPoint, Trace, Unit};
use crate::files::slug;
use crate::quantity::{plain, value};
use crate::table::sweep::{bare, setting};
use archsim_experiment::model::Model;
use archsim_experiment::report::{Estimate, Status, SweepPoint, SweepReport, Verdict};
use archsim_experiment::sweep::{Grid, VARIANT};

/// A horizontal axis that spans more than this factor counts in factors of ten.
const WIDE: f64 = 50.0;

/// The charts of a sweep; `present` are the values of the varied settings in the file. With one axis latencies share a chart, and so do rates; every other metric has its own, and so has
/// each with more axes, with a line for each value of the other ones.
pub(crate) fn sweep(sweep: &SweepReport, grid: &Grid, present: &[Option<String>]) -> Vec<Figure> {
    let Some((path, values)) = sweep.axes.last() else { return Vec::new() };
    let axis = Axis::new(path, values);
    let lines = groups(sweep).into_iter().filter_map(|metrics| chart(sweep, grid, &axis, &metrics));
    let others = goodput(sweep, grid).into_iter().chain(cost::of_sweep(sweep, present));
    maps(sweep, present).into_iter().chain(lines).chain(others).collect()
}

/// Goodput against the offered rate, where the rate of a source is varied: along the diagonal everything is answered.
fn goodput(sweep: &SweepReport, grid: &Grid) -> Option<Figure> {
    let [(path, values)] = &sweep.axes[..] else { return None };
    let source = path.strip_suffix(".rate")?;
    let axis = Axis::new(path, values);
    let numbers = axis.numbers.as_ref()?;
    let traces = traces(sweep, &axis, &format!("{source}.goodput"));
    let last = traces.first()?.points.last()?;
    let share = last.value.map(|ok| plain(ok / last.x, "1"))?;
    let title = format!("At {} offered {share} are answered ok", plain(last.x, "1/s"));
    let look = "Along the dashed line all is answered; a plateau is overload that holds, a fall is collapse.";
    let data = LoadCurve {
        unit_x: axis.unit,
        unit_y: Unit::PerSecond,
        log_y: false,
        traces,
        bound: Some(("all answered".into(), numbers.iter().map(|x| (*x, *x)).collect())),
        capacity: capacity(grid, &axis),
        ..LoadCurve::default()
    };
    Some(Figure::new("goodput", labels(&sweep.scenario, title, look, path, "answered ok"), Drawing::Load(data)))
}

/// The varied setting.
struct Axis<'a> {
    path: &'a str,
    values: &'a [String],
    numbers: Option<Vec<f64>>,
    unit: Unit,
}

impl<'a> Axis<'a> {
    fn new(path: &'a str, values: &'a [String]) -> Self {
        let settings: Option<Vec<_>> = values.iter().map(|value| setting(value)).collect();
        let settings = settings.filter(|all| all.windows(2).all(|pair| pair[0].1 == pair[1].1));
        let unit = match settings.as_ref().and_then(|all| all.first()) {
            Some((_, "")) if path.ends_with(".rate") => Unit::PerSecond,
            Some((_, name)) => super::unit("", name),
            None => Unit::Number,
        };
        let numbers = settings.map(|all| all.into_iter().map(|(value, _)| value).collect());
        Axis { path, values, numbers, unit }
    }

    fn place(&self, value: &str) -> Option<f64> {
        let index = self.values.iter().position(|other| other == value)?;
        Some(self.numbers.as_ref().map_or(index as f64, |numbers| numbers[index]))
    }

    fn is_wide(&self) -> bool {
        let numbers = self.numbers.iter().flatten().copied();
        let (low, high) = numbers.fold((f64::INFINITY, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
        low > 0.0 && high > WIDE * low
    }
}

/// The metrics that share a chart.
fn groups(sweep: &SweepReport) -> Vec<Vec<&str>> {
    let unit_of =
        |metric: &str| sweep.points.iter().find_map(|point| Some(unit(metric, point.report.get(metric)?.unit)));
    let mut groups: Vec<(Option<Unit>, Vec<&str>)> = Vec::new();
    for metric in &sweep.measure {
        let unit = unit_of(metric);
        let sharing = sweep.axes.len() == 1 && matches!(unit, Some(Unit::Seconds | Unit::PerSecond));
        match groups.iter_mut().find(|(other, _)| *other == unit && sharing) {
            Some((_, group)) => group.push(metric),
            None => groups.push((unit, vec![metric])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The rate at which the first component is full, where the rate of the only source is varied.
fn capacity(grid: &Grid, axis: &Axis<'_>) -> Option<f64> {
    let (_, model) = grid.points.first()?;
    let [(source, rate)] = &model.load.first.as_ref()?.1[..] else { return None };
    (grid.axes.len() == 1 && axis.path == format!("{source}.rate")).then_some(*rate)
}

/// What the plan predicts where the utilisation of one component is drawn.
fn predicted(grid: &Grid, axis: &Axis<'_>, metrics: &[&str]) -> Option<(String, Vec<(f64, f64)>)> {
    let [metric] = metrics else { return None };
    let component = metric.strip_suffix(".utilization").filter(|_| grid.axes.len() == 1)?;
    let point = |(settings, model): &(Vec<String>, Model)| {
        Some((axis.place(settings.last()?)?, model.load.row(component)?.busy?))
    };
    Some(("the plan predicts".into(), grid.points.iter().filter_map(point).collect()))
}

fn chart(sweep: &SweepReport, grid: &Grid, axis: &Axis<'_>, metrics: &[&str]) -> Option<Figure> {
    let traces: Vec<Trace> = metrics.iter().flat_map(|metric| traces(sweep, axis, metric)).collect();
    let first = *metrics.first()?;
    let unit_y = unit(first, sweep.points.iter().find_map(|point| point.report.get(first))?.unit);
    let slo = sweep.points.iter().flat_map(|point| &point.report.slos).find(|slo| metrics.contains(&&*slo.metric));
    let data = LoadCurve {
        unit_x: axis.unit,
        unit_y,
        log_x: axis.is_wide(),
        log_y: unit_y == Unit::Seconds,
        categories: if axis.numbers.is_none() {
            axis.values.iter().map(|value| bare(value).to_owned()).collect()
        } else {
            Vec::new()
        },
        traces,
        bound: predicted(grid, axis, metrics),
        capacity: capacity(grid, axis),
        limit: slo.map(|slo| Limit { value: slo.limit, name: format!("SLO {}", slo.text) }),
        ..LoadCurve::default()
    };
    let y = match (metrics.len(), unit_y) {
        (1, _) => first,
        (_, Unit::Seconds) => "latency",
        _ => "per second",
    };
    let labels = words(sweep, axis, first, slo.map(|slo| slo.text.as_str()), y);
    Some(Figure::new(format!("sweep-{}", slug(first)), labels, Drawing::Load(data)))
}

fn words(sweep: &SweepReport, axis: &Axis<'_>, metric: &str, slo: Option<&str>, y: &str) -> Labels {
    let title = slo.and_then(|slo| holding(sweep, axis, slo)).or_else(|| spread(sweep, axis, metric));
    let title = title.unwrap_or_else(|| format!("{metric} against {}", axis.path));
    let look = match axis.numbers {
        Some(_) => "Where does the line begin to bend, and on which side of it do you stand?",
        None => "Do the intervals overlap? If they do, there may be no difference.",
    };
    labels(&sweep.scenario, title, look, axis.path, y)
}

/// One line for each combination of the other axes.
fn traces(sweep: &SweepReport, axis: &Axis<'_>, metric: &str) -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    for point in &sweep.points {
        let Some((value, others)) = point.settings.split_last() else { continue };
        let name = if others.is_empty() { metric.to_owned() } else { combination(sweep, others) };
        let (Some(x), Some(estimate)) = (axis.place(value), point.report.get(metric)) else { continue };
        match traces.iter_mut().find(|trace| trace.name == name) {
            Some(trace) => trace.points.push(measured(x, estimate)),
            None => traces.push(Trace { name, points: vec![measured(x, estimate)] }),
        }
    }
    traces.iter_mut().for_each(|trace| trace.points.sort_by(|a, b| a.x.total_cmp(&b.x)));
    traces
}

/// The values of all axes but the last: "redis.shards = 3", or the name of a variant.
fn combination(sweep: &SweepReport, values: &[String]) -> String {
    let word = |((path, _), value): (&(String, _), &String)| match path == VARIANT {
        true => value.clone(),
        false => format!("{path} = {}", bare(value)),
    };
    sweep.axes.iter().zip(values).map(word).collect::<Vec<_>>().join(", ")
}

fn measured(x: f64, estimate: &Estimate) -> LoadPoint {
    let steady = !matches!(estimate.status, Status::NoSteadyState | Status::Stopped);
    LoadPoint { x, value: estimate.value, low: estimate.low, high: estimate.high, steady }
}

/// At which values an SLO holds, in a sentence.
fn holding(sweep: &SweepReport, axis: &Axis<'_>, slo: &str) -> Option<String> {
    let holds = |point: &SweepPoint| {
        point.report.slos.iter().any(|verdict| verdict.text == slo && verdict.verdict == Verdict::Pass)
    };
    let (held, all): (Vec<_>, usize) = (sweep.points.iter().filter(|point| holds(point)).collect(), sweep.points.len());
    let last = |point: &&SweepPoint| point.settings.last().map_or(String::new(), |value| bare(value).to_owned());
    let ends = held.first().map(last).zip(held.last().map(last));
    let at_edge = |point: Option<&SweepPoint>| point.is_some_and(holds);
    let path = axis.path;
    Some(match (held.len(), ends) {
        (0, _) => format!("{slo} holds nowhere"),
        (n, _) if n == all => format!("{slo} holds everywhere"),
        (n, _) if sweep.axes.len() > 1 => {
            let most = most_often(sweep, &held).map_or(String::new(), |name| format!(", most with {name}"));
            format!("{slo} holds at {n} of {all} points{most}")
        }
        (n, _) if axis.numbers.is_none() => format!("{slo} holds at {n} of {all} points"),
        (_, Some((_, to))) if at_edge(sweep.points.first()) => format!("{slo} holds up to {path} = {to}"),
        (_, Some((from, _))) if at_edge(sweep.points.last()) => format!("{slo} holds from {path} = {from} on"),
        (_, ends) => ends.map(|(from, to)| format!("{slo} holds from {path} = {from} to {to}"))?,
    })
}

/// The combination of the other axes with more of these points than any other.
fn most_often(sweep: &SweepReport, points: &[&SweepPoint]) -> Option<String> {
    let mut counts: Vec<(&[String], usize)> = Vec::new();
    for point in points {
        let (_, others) = point.settings.split_last()?;
        match counts.iter_mut().find(|(known, _)| *known == others) {
            Some((_, count)) => *count += 1,
            None => counts.push((others, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    let mut best = counts.iter().filter(|(_, count)| *count == most);
    let (values, _) = best.next()?;
    best.next().is_none().then(|| combination(sweep, values))
}

/// The smallest and the largest value, in a sentence.
fn spread(sweep: &SweepReport, axis: &Axis<'_>, metric: &str) -> Option<String> {
    let known = |point: &SweepPoint| {
        let estimate = point.report.get(metric)?;
        Some((estimate.value?, estimate.unit, bare(point.settings.last()?).to_owned()))
    };
    let known: Vec<_> = sweep.points.iter().filter_map(known).collect();
    let low = known.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let high = known.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let print = |v: &(f64, &'static str, String)| value(metric, v.1, v.0);
    if print(low) == print(high) {
        return Some(format!("{metric} is {} throughout", print(low)));
    }
    Some(format!("{metric}: {} at {} = {}, {} at {}", print(low), axis.path, low.2, print(high), high.2))
}
