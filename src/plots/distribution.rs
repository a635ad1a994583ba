//! The latencies of alternatives over each other: by percentile, and as cumulative distributions.

use super::labels;
use crate::chart::{Cdf, Curve, Drawing, Figure};
use crate::files::slug;
use crate::quantity::plain;
use crate::table::sweep::bare;
use archsim_experiment::compare::Comparison;
use archsim_experiment::report::{Report, SweepPoint};

/// More sources than this are not drawn.
const MOST_SOURCES: usize = 3;

/// Two charts for each source whose latencies are known in every alternative that is drawn.
pub(super) fn distributions(comparison: &Comparison) -> Vec<Figure> {
    let Some(first) = comparison.points.points.first() else { return Vec::new() };
    let sources = first.report.traffic.iter().take(MOST_SOURCES).map(|(source, _)| source.as_str());
    sources.flat_map(|source| both(comparison, source)).collect()
}

fn both(comparison: &Comparison, source: &str) -> Vec<Figure> {
    let name = |point: &SweepPoint| point.settings.join(", ");
    let all = comparison.points.points.iter();
    let (against, others): (Vec<&SweepPoint>, Vec<&SweepPoint>) =
        all.partition(|point| name(point) == comparison.against);
    let drawn: Vec<(&SweepPoint, Curve)> =
        against.into_iter().chain(others).filter_map(|point| Some((point, curve(point, source)?))).collect();
    let [(first, _), rest @ ..] = &drawn[..] else { return Vec::new() };
    let Some((second, _)) = rest.first() else { return Vec::new() };
    let curves: Vec<Curve> = drawn.iter().map(|(_, curve)| curve.clone()).collect();
    let scenario = &comparison.points.scenario;
    let title = finding(source, first, rest.iter().map(|(point, _)| *point));
    let look = "The further right, the rarer: lines that part only there differ in the tail.";
    let percentiles = labels(scenario, title, look, "requests faster than this", "latency");
    let look = "A line further right is slower; the bars show how far apart the first two are at p50 and p99.";
    let cdf = labels(
        scenario,
        gap(source, first, second),
        look,
        "latency",
        "share of the requests that are at least as fast",
    );
    let named = |word: &str| format!("{word}-{}", slug(source));
    vec![
        Figure::new(named("percentiles"), percentiles, Drawing::Percentiles { curves: curves.clone(), limits: vec![] }),
        Figure::new(named("cdf"), cdf, Drawing::Cdf(Cdf { curves })),
    ]
}

/// The distribution of a source; none without a steady state.
fn curve(point: &SweepPoint, source: &str) -> Option<Curve> {
    let curve = point.report.latency.iter().find(|curve| curve.of == source && !curve.points.is_empty())?;
    percentile(&point.report, source, "p50")?;
    let name = bare(&point.settings.join(", ")).to_owned();
    Some(Curve { name, points: curve.points.clone(), reliable_to: curve.reliable_to })
}

fn percentile(report: &Report, source: &str, word: &str) -> Option<f64> {
    report.get(&format!("{source}.{word}"))?.value
}

/// The p99 of the first, and the others with the lowest and highest.
fn finding<'p>(source: &str, first: &SweepPoint, others: impl Iterator<Item = &'p SweepPoint>) -> String {
    let p99 = |point: &SweepPoint| percentile(&point.report, source, "p99");
    let told =
        |point: &SweepPoint, value: f64| format!("{} with {}", plain(value, "s"), bare(&point.settings.join(", ")));
    let farthest = |value: f64, base: f64| (libm::log(value / base)).abs();
    let Some(base) = p99(first) else { return format!("Latency of {source} by percentile") };
    let known = others.filter_map(|point| Some((p99(point)?, point)));
    let other = known.max_by(|a, b| farthest(a.0, base).total_cmp(&farthest(b.0, base)));
    match other {
        Some((value, point)) => format!("p99 of {source}: {}, {}", told(first, base), told(point, value)),
        None => format!("Latency of {source} by percentile"),
    }
}

/// Whether the middle or the tail moves more.
fn gap(source: &str, first: &SweepPoint, second: &SweepPoint) -> String {
    let ratio = |word: &str| Some(percentile(&second.report, source, word)? / percentile(&first.report, source, word)?);
    let known = ratio("p50").zip(ratio("p99")).filter(|(half, tail)| half.is_finite() && tail.is_finite());
    let Some((half, tail)) = known else { return format!("Latency of {source} as a distribution") };
    let name = bare(&second.settings.join(", ")).to_owned();
    let factor = |ratio: f64| plain(ratio, "x");
    format!(
        "{name} against {}: p50 of {source} x {}, p99 x {}",
        bare(&first.settings.join(", ")),
        factor(half),
        factor(tail)
    )
}
