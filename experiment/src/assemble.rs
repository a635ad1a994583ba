//! From what the replications measured to a report: estimates with intervals, verdicts, where the time went.

use crate::heavy_tail;
use crate::interval;
use crate::metric::{Measure, Metric, Observed};
use crate::model::{Model, Slo};
use crate::over_time::series;
use crate::precision::goals;
use crate::recovery;
use crate::report::*;
use crate::run::{Replication, merged};
use crate::stability::{Stability, overloaded, stability};
use archsim_core::Time;
use archsim_core::stats::histogram::RELATIVE_ERROR;
use archsim_core::stats::mean_interval;
use archsim_models::world::{CATEGORIES, Category, Row, TimeTable};

/// What has not happened in n trials has a probability below this divided by n, with 95 % confidence (the rule of three: Hanley and
/// Lippman-Hand, JAMA 249, 1983).
const NEVER_SEEN: f64 = 3.0;
/// The percentile plot is reliable where so many requests were slower.
const RELIABLE: f64 = 10.0;

/// The report of a model's finished replications.
pub fn report(model: &Model, replications: &[Replication]) -> Report {
    let main = merged(replications, 0, &model.plan);
    let stability = stability(model, replications);
    let summary: Vec<(String, Estimate)> = model
        .catalogue
        .metrics
        .iter()
        .map(|metric| (metric.name.clone(), estimate(model, replications, 0, main.as_ref(), &stability, metric)))
        .collect();
    let overloaded =
        overloaded(model, &|metric| estimate_of(model, replications, 0, main.as_ref(), &stability, metric));
    let (recovered, not_recovered) = recovery::sentences(model, replications);
    let components = model.plan.components.iter().map(|c| (c.name.clone(), c.kind.to_string(), c.instances)).collect();
    Report {
        name: model.name.clone(),
        about: model.about.clone(),
        duration: duration(model, replications).as_secs_f64(),
        warmup: replications.iter().map(|r| r.warmup).max().unwrap_or_default().as_secs_f64(),
        confidence: model.run.confidence,
        seed: model.run.seed,
        replications: replications.len() as u32,
        terminating: model.terminating,
        slos: verdicts(model, replications, &stability),
        summary,
        traffic: traffic(model),
        components,
        edges: model.plan.edges.iter().map(|e| e.name.clone()).collect(),
        time: breakdowns(model, replications),
        latency: main.as_ref().map(|row| curves(model, row)).unwrap_or_default(),
        series: series(model, replications),
        faults: model
            .faults
            .iter()
            .map(|f| (f.label.clone(), f.start.as_secs_f64(), f.end.map(|e| e.as_secs_f64())))
            .collect(),
        checks: checks(model, replications, main.as_ref(), &stability).into_iter().chain(recovered).collect(),
        verdicts: interruption(model, replications)
            .into_iter()
            .chain(stability.verdicts.clone())
            .chain(overloaded)
            .chain(heavy_tails(model, main.as_ref()))
            .chain(not_recovered)
            .collect(),
        work: Work {
            events: replications.iter().map(|r| r.measured.events).sum(),
            requests: replications.iter().map(|r| r.measured.requests).sum(),
        },
    }
}

/// The laws that leave means without an interval, and how much of the latency of each source hangs on few requests.
fn heavy_tails(model: &Model, main: Option<&Row>) -> Vec<String> {
    let mut sentences: Vec<String> = model
        .heavy
        .causes
        .iter()
        .map(|cause| format!("heavy tail: {}; look at percentiles, or give it a `max`", cause.sentence(&model.plan)))
        .collect();
    if let Some(sentence) = out_of_reach(model) {
        sentences.push(sentence);
    }
    let Some(row) = main.filter(|_| !sentences.is_empty()) else { return sentences };
    let observed = Observed { row, plan: &model.plan, replications: 1.0 };
    for source in &model.plan.sources {
        let times = observed.classes(source.first_class as usize, source.classes as usize).latency;
        if let Some(share) = heavy_tail::share_of_largest(&times) {
            let (name, share) = (&source.name, share * 100.0);
            sentences.push(format!(
                "heavy tail: {share:.0}% of the mean latency of `{name}` is that of 0.1% of its requests"
            ));
        }
    }
    sentences
}

/// What `precision` asks for and no run can give: the run is not extended for it.
fn out_of_reach(model: &Model) -> Option<String> {
    model.run.precision.filter(|_| !model.terminating)?;
    let heavy = goals(model).into_iter().filter(|metric| model.heavy.without_interval(metric));
    let names: Vec<String> = heavy.map(|metric| format!("`{}`", metric.name)).collect();
    let them = names.join(", ");
    (!names.is_empty())
        .then(|| format!("heavy tail: the run was not extended for {them}: no length of run makes an interval"))
}

/// The simulated time of each replication: as asked, or as long as the precision needed.
fn duration(model: &Model, replications: &[Replication]) -> Time {
    match model.run.precision.filter(|_| !model.terminating) {
        None if replications.iter().any(|r| !r.interrupted) => model.run.duration,
        _ => replications.iter().map(|r| r.measured.end).max().unwrap_or_default(),
    }
}

/// How far an interrupted run came.
fn interruption(model: &Model, replications: &[Replication]) -> Option<String> {
    let (all, ended) = (model.run.replications, replications.iter().filter(|r| !r.interrupted).count());
    if ended == all as usize {
        return None;
    }
    let reached = replications.iter().filter(|r| r.interrupted).map(|r| r.measured.end).max();
    let shown =
        reached.map_or(String::new(), |reached| format!("; what the others simulated is included, {reached} at most"));
    Some(format!("interrupted: {ended} of {all} replications came to their end{shown}"))
}

/// For each replication the value of every metric, in the order of the catalogue.
pub fn values(model: &Model, replications: &[Replication]) -> Vec<Vec<Option<f64>>> {
    let metrics = &model.catalogue.metrics;
    let mut all: Vec<Vec<Option<f64>>> = replications.iter().map(|one| values_of_one(model, one)).collect();
    for (index, metric) in metrics.iter().enumerate().filter(|(_, metric)| metric.measure == Measure::Recovery) {
        let courses = recovery::courses(model, replications, metric);
        all.iter_mut().zip(recovery::each(&courses)).for_each(|(values, seconds)| values[index] = seconds);
    }
    all
}

fn values_of_one(model: &Model, replication: &Replication) -> Vec<Option<f64>> {
    let one = std::slice::from_ref(replication);
    let Some(row) = merged(one, 0, &model.plan) else { return vec![None; model.catalogue.metrics.len()] };
    let observed = Observed { row: &row, plan: &model.plan, replications: 1.0 };
    model.catalogue.metrics.iter().map(|metric| observed.value(metric).0).collect()
}

/// Whether a metric is best computed from all observations together; the others are means over replications.
fn pooled(measure: Measure) -> bool {
    use Measure::{Level, Max, Quantile};
    interval::per_observation(measure) || matches!(measure, Quantile(..) | Level(_) | Max(_))
}

/// Whether a metric is fixed by the scenario.
fn fixed(measure: Measure) -> bool {
    matches!(measure, Measure::Cost | Measure::Replicas)
}

fn none(metric: &Metric, status: Status, n: u64) -> Estimate {
    Estimate { value: None, low: None, high: None, unit: metric.unit, status, n }
}

/// The estimate of a metric over a window, and whether it is as precise as the run section asks.
fn estimate(
    model: &Model,
    replications: &[Replication],
    window: usize,
    all: Option<&Row>,
    stability: &Stability,
    metric: &Metric,
) -> Estimate {
    let estimate = estimate_of(model, replications, window, all, stability, metric);
    let missed = model
        .run
        .precision
        .filter(|_| !model.terminating)
        .is_some_and(|precision| goals(model).contains(metric) && !precision.met(metric, &estimate));
    let status = if missed && estimate.status == Status::Ok { Status::NotConverged } else { estimate.status };
    Estimate { status, ..estimate }
}

/// The estimate of a metric over a window.
pub(crate) fn estimate_of(
    model: &Model,
    replications: &[Replication],
    window: usize,
    all: Option<&Row>,
    stability: &Stability,
    metric: &Metric,
) -> Estimate {
    if metric.measure == Measure::Recovery {
        return recovery::estimate(model, replications, metric);
    }
    if let Some(status) = stability.withheld(metric) {
        return none(metric, status, 0);
    }
    let Some(all) = all else { return none(metric, Status::NoData, 0) };
    let (value, n) = Observed { row: all, plan: &model.plan, replications: replications.len() as f64 }.value(metric);
    let each = each_value(model, replications, window, metric);
    let mean = mean_interval(&each, model.run.confidence);
    if let Some(censored) = censored(replications, window, model, metric, n) {
        return censored;
    }
    let Some(value) = (if pooled(metric.measure) { value } else { mean.map(|i| i.value).or(each.first().copied()) })
    else {
        return none(metric, Status::NoData, n);
    };
    let estimate = |ends: Option<(f64, f64)>, status| {
        let (low, high) = ends.unzip();
        Estimate { value: Some(value), low, high, unit: metric.unit, status, n }
    };
    if matches!(metric.measure, Measure::Quantile(_, p) if !interval::enough(n, p)) {
        return none(metric, Status::TooFew, n);
    }
    if fixed(metric.measure) {
        return estimate(Some((value, value)), Status::Ok);
    }
    let share = metric.is_share();
    if share && value == 0.0 && interval::per_observation(metric.measure) && n > 0 {
        return estimate(Some((0.0, (NEVER_SEEN / n as f64).min(1.0))), Status::UpperBound);
    }
    if model.heavy.without_interval(metric) {
        return estimate(None, Status::HeavyTail);
    }
    let ends = match model.terminating || matches!(metric.measure, Measure::Max(_) | Measure::Entries) {
        true => mean.filter(|_| each.len() == replications.len()).map(|mean| {
            // A percentile is known to its bucket of the histogram only, however well the replications agree.
            let bucket = if matches!(metric.measure, Measure::Quantile(..)) { value * RELATIVE_ERROR } else { 0.0 };
            let half = mean.half_width() + bucket;
            (value - half, value + half)
        }),
        false => interval::of_batches(model, replications, all, metric),
    };
    let most = if share { 1.0_f64.max(value) } else { f64::INFINITY };
    let least = if metric.measure == Measure::Growth { f64::NEG_INFINITY } else { 0.0 };
    match ends {
        Some((low, high)) => estimate(Some((low.clamp(least, value), high.clamp(value, most))), Status::Ok),
        None => {
            estimate(None, if model.terminating || each.len() < 2 { Status::OneReplication } else { Status::TooFew })
        }
    }
}

/// A latency that cannot be told in some replication, for too many of its requests were in flight at the end: the mean of what it is at
/// least in each.
fn censored(replications: &[Replication], window: usize, model: &Model, metric: &Metric, n: u64) -> Option<Estimate> {
    let rows = replications.iter().filter_map(|one| merged(std::slice::from_ref(one), window, &model.plan));
    let least = |row: Row| {
        let observed = Observed { row: &row, plan: &model.plan, replications: 1.0 };
        let least = observed.least(metric);
        (least.is_some(), least.or(observed.value(metric).0))
    };
    let least: Vec<(bool, Option<f64>)> = rows.map(least).collect();
    least.iter().any(|(censored, _)| *censored).then(|| {
        let known: Vec<f64> = least.iter().filter_map(|(_, value)| *value).collect();
        let low = Some(known.iter().sum::<f64>() / known.len() as f64);
        Estimate { low, ..none(metric, Status::Censored, n) }
    })
}

/// The value of a metric in each replication that has one.
pub(crate) fn each_value(model: &Model, replications: &[Replication], window: usize, metric: &Metric) -> Vec<f64> {
    if metric.measure == Measure::Recovery {
        return recovery::each(&recovery::courses(model, replications, metric)).flatten().collect();
    }
    replications
        .iter()
        .filter_map(|replication| merged(std::slice::from_ref(replication), window, &model.plan))
        .filter_map(|row| Observed { row: &row, plan: &model.plan, replications: 1.0 }.value(metric).0)
        .collect()
}

pub(crate) fn verdicts(model: &Model, replications: &[Replication], stability: &Stability) -> Vec<SloVerdict> {
    let mut window = 0;
    let mut verdicts = vec![];
    for slo in &model.slos {
        let index = if slo.during.is_some() {
            window += 1;
            window
        } else {
            0
        };
        let all = merged(replications, index, &model.plan);
        let measured = estimate(model, replications, index, all.as_ref(), stability, &slo.metric);
        verdicts.push(judge(slo, measured));
    }
    verdicts
}

/// Judges an SLO: the interval decides where there is one, the value where there is not; no value fails, unless more requests would give one.
fn judge(slo: &Slo, measured: Estimate) -> SloVerdict {
    let holds = |value: f64| slo.comparison.holds(value, slo.limit);
    let verdict = match (measured.value, measured.low, measured.high) {
        _ if measured.status == Status::HeavyTail => Verdict::Undecided,
        (None, ..) if measured.status == Status::TooFew => Verdict::Undecided,
        (None, Some(least), _) if measured.status == Status::Censored => {
            match (holds(least), slo.comparison.symbol().starts_with('<')) {
                (false, true) => Verdict::Fail,
                (true, false) => Verdict::Pass,
                _ => Verdict::Undecided,
            }
        }
        (None, ..) => Verdict::Fail,
        (_, Some(low), Some(high)) if holds(low) && holds(high) => Verdict::Pass,
        (_, Some(low), Some(high)) if !holds(low) && !holds(high) => Verdict::Fail,
        (_, Some(_), Some(_)) => Verdict::Undecided,
        (Some(value), ..) => {
            if holds(value) {
                Verdict::Pass
            } else {
                Verdict::Fail
            }
        }
    };
    let below = slo.comparison.symbol().starts_with('<');
    let ratio = |value: f64| if below { slo.limit / value } else { value / slo.limit };
    SloVerdict {
        text: slo.text.clone(),
        name: slo.name.clone(),
        metric: slo.metric.name.clone(),
        comparison: slo.comparison.symbol(),
        limit: slo.limit,
        limit_text: slo.limit_text.clone(),
        during: slo.during.map(|(from, to)| (from.as_secs_f64(), to.as_secs_f64())),
        measured,
        verdict,
        margin: measured.value.map(ratio).filter(|r| r.is_finite()),
    }
}

fn traffic(model: &Model) -> Vec<(String, Vec<String>)> {
    let endpoints = |source: &archsim_models::plan::SourcePlan| {
        let classes = source.first_class as usize..(source.first_class + source.classes) as usize;
        model.plan.classes[classes].iter().map(|c| c.name.clone()).filter(|name| !name.is_empty()).collect()
    };
    model.plan.sources.iter().map(|source| (source.name.clone(), endpoints(source))).collect()
}

/// The sources and, where they have several, their endpoints: name, first class, number of classes.
fn groups(model: &Model) -> Vec<(String, usize, usize)> {
    let mut groups = vec![];
    for source in &model.plan.sources {
        let (first, count) = (source.first_class as usize, source.classes as usize);
        groups.push((source.name.clone(), first, count));
        for class in first..first + count {
            let name = &model.plan.classes[class].name;
            if !name.is_empty() {
                groups.push((format!("{}.{name}", source.name), class, 1));
            }
        }
    }
    groups
}

fn breakdowns(model: &Model, replications: &[Replication]) -> Vec<TimeBreakdown> {
    let parts = |seconds: Vec<f64>| {
        let part = |(cell, seconds): (usize, f64)| TimePart {
            component: model.plan.components[cell / CATEGORIES as usize].name.clone(),
            category: Category::ALL[cell % CATEGORIES as usize],
            seconds,
        };
        let mut parts: Vec<TimePart> = seconds.into_iter().enumerate().filter(|(_, s)| *s > 0.0).map(part).collect();
        parts.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        parts
    };
    let breakdown = |(of, first, count): (String, usize, usize)| {
        let mut table = TimeTable::default();
        replications.iter().flat_map(|r| &r.measured.time[first..first + count]).for_each(|t| table.merge(t));
        TimeBreakdown { of, mean: parts(table.slowest(1.0)), slowest: parts(table.slowest(0.01)) }
    };
    groups(model).into_iter().map(breakdown).collect()
}

/// Probabilities of the percentile plot: ten to each nine.
fn grid() -> Vec<f64> {
    let mut grid: Vec<f64> = (1..=9).map(|n| f64::from(n) / 10.0).collect();
    let mut tail = 0.1;
    for _ in 0..5 {
        grid.extend((1..10).map(|n| 1.0 - tail * (1.0 - f64::from(n) / 10.0)));
        tail /= 10.0;
    }
    grid
}

fn curves(model: &Model, row: &Row) -> Vec<LatencyCurve> {
    let observed = Observed { row, plan: &model.plan, replications: 1.0 };
    let curve = |(of, first, count): (String, usize, usize)| {
        let latency = observed.classes(first, count).latency;
        let n = latency.count();
        let told = |p: &f64| n as f64 * (1.0 - p) >= 1.0;
        let points =
            grid().into_iter().filter(told).filter_map(|p| latency.quantile(p).map(|v| (p, v * 1e-9))).collect();
        LatencyCurve { of, points, reliable_to: (1.0 - RELIABLE / n.max(1) as f64).max(0.0), n }
    };
    groups(model).into_iter().map(curve).collect()
}

fn checks(model: &Model, replications: &[Replication], main: Option<&Row>, stability: &Stability) -> Vec<String> {
    let in_flight: u64 = replications.iter().map(|r| r.measured.in_flight).sum();
    let ended: u64 = replications.iter().map(|r| r.measured.requests).sum();
    let mut checks = vec![format!(
        "every request accounted for: {} ended, {} in flight at the end; the parts of every latency, Little's law and the utilisation law are exact",
        grouped(ended),
        grouped(in_flight)
    )];
    let warmup = replications.iter().map(|r| r.warmup).max().unwrap_or_default();
    if model.run.automatic_warmup && !model.terminating && warmup > Time::ZERO {
        checks.push(format!("warm-up: the first {warmup} are left out, found by MSER on batch means"));
    }
    if !replications.iter().all(|r| r.settled) {
        checks.push("the start may reach beyond half of the run: a longer one would tell".into());
    }
    if let Some((name, gap)) = main.and_then(|row| worst_little(model, row, stability)) {
        checks.push(format!(
            "in the measured part the number inside is rate times time to {:.2}% (`{name}` at worst)",
            gap * 100.0
        ));
    }
    checks
}

/// A number with separators between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The component that is furthest from L = lambda W. The law is exact over whole busy periods; at the edges of the window requests
/// are inside that came before or leave after, which explains a small gap.
fn worst_little(model: &Model, row: &Row, stability: &Stability) -> Option<(String, f64)> {
    let gap = |(index, component): (usize, &archsim_models::world::ComponentRow)| {
        let answered = component.outcomes[0];
        let inside = component.inside as f64;
        if stability.is_unstable(index)
            || answered < 1000
            || answered != component.outcomes.iter().sum::<u64>()
            || component.sojourn.count() != answered
            || inside <= 0.0
        {
            return None;
        }
        let sojourns = component.sojourn.sum() as f64;
        Some((model.plan.components[index].name.clone(), (inside - sojourns).abs() / inside))
    };
    row.components.iter().enumerate().filter_map(gap).max_by(|a, b| a.1.total_cmp(&b.1))
}
