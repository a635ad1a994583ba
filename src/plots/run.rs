//! The charts of a run: how busy, how slow, where the time goes.

use super::{architecture, labels, series};
use crate::chart::{Bar, Category, Curve, Drawing, Figure, Part, PercentileLimit, Stack};
use crate::files::slug;
use crate::quantity::{plain, value};
use crate::table::run::by_utilization;
use crate::table::time::{largest_in_slowest, total};
use archsim_experiment::load_table::LoadTable;
use archsim_experiment::models::world::Category as Spent;
use archsim_experiment::report::{LatencyCurve, Report, SloVerdict, TimeBreakdown, TimePart};

/// More charts of where the time goes are not drawn.
const MOST_BREAKDOWNS: usize = 12;

/// All charts of a run.
pub(crate) fn run(report: &Report, load: &LoadTable) -> Vec<Figure> {
    let time = report.time.iter().filter(|of| total(&of.mean) > 0.0).take(MOST_BREAKDOWNS);
    let time = time.map(|of| breakdown(report, of));
    let fixed = [architecture::picture(report), series::chart(report), utilization(report, load), percentiles(report)];
    fixed.into_iter().flatten().chain(time).collect()
}

fn utilization(report: &Report, load: &LoadTable) -> Option<Figure> {
    let busy = |name: &str, word: &str| report.get(&format!("{name}.{word}")).and_then(|e| e.value);
    let bar = |(name, _, instances): &(String, String, u32)| {
        let wait = busy(name, "waiting.p99").map_or("-".into(), |seconds| plain(seconds, "s"));
        Some(Bar {
            name: name.clone(),
            mean: busy(name, "utilization")?,
            worst: busy(name, "utilization.worst").filter(|_| *instances > 1),
            note: wait,
            expected: load.rows.iter().find(|row| row.component == *name).and_then(|row| row.busy),
        })
    };
    let bars: Vec<Bar> = by_utilization(report).into_iter().filter_map(bar).collect();
    let title = busiest(bars.first()?);
    let look = "The mean of all instances, the busiest one, and what the plan predicts.";
    let labels = labels(&report.name, title, look, "busy share of the servers", "wait p99");
    Some(Figure::new("utilization", labels, Drawing::Utilisation(bars)))
}

fn busiest(bar: &Bar) -> String {
    let share = plain(bar.mean, "1");
    let uneven = bar.worst.filter(|worst| *worst > 1.2 * bar.mean && *worst > 0.1);
    let uneven = uneven.map_or(String::new(), |worst| format!(", its busiest instance even {}", plain(worst, "1")));
    match bar.mean {
        full if full >= 0.95 => format!("{} is full: {share} busy", bar.name),
        high if high >= 0.8 => format!("{} is nearly full: {share} busy{uneven}", bar.name),
        _ => format!("{} is the busiest component: {share} busy{uneven}", bar.name),
    }
}

fn percentiles(report: &Report) -> Option<Figure> {
    // A source with endpoints is their mixture; the endpoints say more.
    let split = |of: &str| report.traffic.iter().any(|(source, endpoints)| source == of && endpoints.len() > 1);
    let known = |curve: &&LatencyCurve| !curve.points.is_empty() && !split(&curve.of);
    let withheld = |curve: &&LatencyCurve| report.get(&format!("{}.p50", curve.of)).is_some_and(|e| e.value.is_none());
    let shown: Vec<&LatencyCurve> = report.latency.iter().filter(known).filter(|curve| !withheld(curve)).collect();
    let curves: Vec<Curve> = shown
        .iter()
        .map(|curve| Curve { name: curve.of.clone(), points: curve.points.clone(), reliable_to: curve.reliable_to })
        .collect();
    let title = tail(report, &shown)?;
    let limits: Vec<PercentileLimit> = report.slos.iter().filter_map(|slo| limit(slo, &shown)).collect();
    let look = "The further right, the rarer; where a line crosses the stairs of an SLO, the SLO is missed.";
    let labels = labels(&report.name, title, look, "requests faster than this", "latency");
    Some(Figure::new("percentiles", labels, Drawing::Percentiles { curves, limits }))
}

/// The slowest tail in a sentence.
fn tail(report: &Report, curves: &[&LatencyCurve]) -> Option<String> {
    let of = |curve: &LatencyCurve, word: &str| report.get(&format!("{}.{word}", curve.of)).and_then(|e| e.value);
    let slowest = curves.iter().filter_map(|curve| Some((of(curve, "p99")?, curve)));
    let Some((p99, curve)) = slowest.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return curves.first().map(|curve| format!("Latency of {} by percentile", curve.of));
    };
    let half = of(curve, "p50").map_or(String::new(), |p50| format!(", 1 in 2 over {}", plain(p50, "s")));
    Some(format!("{}: 1 in 100 takes over {}{half}", curve.of, plain(p99, "s")))
}

fn limit(slo: &SloVerdict, curves: &[&LatencyCurve]) -> Option<PercentileLimit> {
    let (of, word) = slo.metric.rsplit_once('.')?;
    let digits = word.strip_prefix('p').filter(|digits| digits.len() >= 2)?;
    let probability: f64 = format!("0.{digits}").parse().ok()?;
    let drawn = slo.comparison.starts_with('<') && curves.iter().any(|curve| curve.of == of);
    drawn.then(|| PercentileLimit { probability, seconds: slo.limit, name: slo.text.clone() })
}

fn breakdown(report: &Report, of: &TimeBreakdown) -> Figure {
    let stack = |name: &str, parts: &[TimePart]| Stack {
        name: name.into(),
        total_seconds: total(parts),
        parts: parts.iter().map(part).collect(),
    };
    let stacks = [stack("mean", &of.mean), stack("slowest 1%", &of.slowest)];
    let stacks: Vec<Stack> = stacks.into_iter().filter(|stack| stack.total_seconds > 0.0).collect();
    let finding = largest_in_slowest(of).map(|text| format!("{}: {text}", of.of));
    let title = finding.unwrap_or_else(|| format!("{}: {} on average", of.of, value("", "s", total(&of.mean))));
    let look = "The tail is made of different things than the mean.";
    let labels = labels(&report.name, title, look, "share of the latency", "");
    Figure::new(format!("time-{}", slug(&of.of)), labels, Drawing::Time(stacks))
}

fn part(part: &TimePart) -> Part {
    let category = match part.category {
        Spent::Waiting => Category::Waiting,
        Spent::Work => Category::Work,
        Spent::Network => Category::Network,
        Spent::Pool => Category::Pool,
        Spent::Backoff => Category::Backoff,
        Spent::Wasted => Category::Wasted,
    };
    Part { component: part.component.clone(), category, seconds: part.seconds }
}
