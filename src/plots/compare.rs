//! The charts of a comparison: for each metric the ratio of every alternative to the one it is compared with.

use super::distribution::distributions;
use super::{labels, unit};
use crate::chart::{Drawing, Effect, FaultBand, Figure, Line, Panel, Unit};
use crate::files::slug;
use crate::quantity::{plain, seconds};
use crate::table::sweep::bare;
use archsim_experiment::compare::{Comparison, Difference, Found};
use archsim_experiment::report::SweepPoint;

/// One chart for each metric that has a ratio, then the distributions of the latencies.
pub(crate) fn compare(comparison: &Comparison) -> Vec<Figure> {
    let metrics = &comparison.points.measure;
    let over_time = metrics.iter().filter_map(|metric| course(comparison, metric));
    let effects = metrics.iter().filter_map(|metric| chart(comparison, metric));
    effects.chain(over_time).chain(distributions(comparison)).collect()
}

/// A metric over time: one line up to the instant at which the alternatives part.
fn course(comparison: &Comparison, metric: &str) -> Option<Figure> {
    let from = comparison.from?;
    let points = &comparison.points.points;
    let of = |point: &SweepPoint| -> Option<(Line, &'static str)> {
        let series = &point.report.series;
        let place = series.columns.iter().position(|(name, _, _)| name == metric)?;
        let (_, unit, values) = &series.columns[place];
        let middles = series.windows.iter().map(|(from, to)| (from + to) / 2.0);
        let name = bare(&point.settings.join(", ")).to_owned();
        let band = series.bands.get(place).cloned().unwrap_or_default();
        Some((Line { name, points: middles.zip(values.iter().copied()).collect(), band }, unit))
    };
    let (lines, units): (Vec<Line>, Vec<&'static str>) =
        points.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let unit = unit(metric, units.first()?);
    let log = matches!(unit, Unit::Seconds);
    let faults = points.first().map_or(&[][..], |point| &point.report.faults);
    let fault =
        |(label, from, to): &(String, f64, Option<f64>)| FaultBand { label: label.clone(), from: *from, to: *to };
    let parting = FaultBand { label: "the change".into(), from, to: Some(from) };
    let faults = faults.iter().map(fault).chain([parting]).collect();
    let of: Vec<&Difference> = comparison.differences.iter().filter(|d| d.metric == metric).collect();
    let title = format!("{} from {} on", apart(&of, metric, bare(&comparison.against)), seconds(from));
    let look = "One line up to the change. A request in progress then counts where it was wanted, before it.";
    let labels = labels(&comparison.points.scenario, title, look, "time", "");
    let panels = vec![Panel { title: metric.to_owned(), unit, lines, log }];
    let drawing = Drawing::Series { panels, faults, warmup: None, stages: Vec::new() };
    Some(Figure::new(format!("series-{}", slug(metric)), labels, drawing))
}

fn chart(comparison: &Comparison, metric: &str) -> Option<Figure> {
    let of: Vec<&Difference> = comparison.differences.iter().filter(|d| d.metric == metric).collect();
    let effect = |d: &&Difference| {
        let ratio = d.ratio.as_ref();
        Effect {
            name: bare(&d.alternative).to_owned(),
            ratio: ratio.and_then(|ratio| Some((ratio.value?, ratio.low?, ratio.high?))),
            clear: matches!(d.found, Found::Higher | Found::Lower),
        }
    };
    let effects: Vec<Effect> = of.iter().map(effect).collect();
    effects.iter().any(|effect| effect.ratio.is_some()).then(|| {
        let against = bare(&comparison.against);
        let look = format!("An interval that crosses the line at 1 shows no difference to {against}.");
        let axis = format!("{metric} as a multiple of that of {against}");
        let labels = labels(&comparison.points.scenario, title(&of, metric, against), &look, &axis, "");
        Figure::new(format!("effect-{}", slug(metric)), labels, Drawing::Effects(effects))
    })
}

/// The largest difference in a sentence, as a difference: there may be nothing to be a multiple of.
fn apart(of: &[&Difference], metric: &str, against: &str) -> String {
    let size = |d: &Difference| d.difference.value.map_or(0.0, f64::abs);
    let clear = of.iter().filter(|d| matches!(d.found, Found::Higher | Found::Lower));
    match clear.max_by(|a, b| size(a).total_cmp(&size(b))) {
        Some(d) => {
            let way = if d.found == Found::Higher { "higher" } else { "lower" };
            let by = plain(size(d), d.difference.unit);
            format!("{metric} of {} is {by} {way} than that of {against}", bare(&d.alternative))
        }
        None => format!("No difference in {metric} to {against} was detected"),
    }
}

/// The largest difference in a sentence.
fn title(of: &[&Difference], metric: &str, against: &str) -> String {
    let distance = |d: &&&Difference| d.ratio.as_ref().and_then(|r| r.value).map_or(0.0, |r| libm::log(r).abs());
    let clear = of.iter().filter(|d| matches!(d.found, Found::Higher | Found::Lower) && d.ratio.is_some());
    let largest = clear.max_by(|a, b| distance(a).total_cmp(&distance(b)));
    let ratio = largest.and_then(|d| Some((d, d.ratio.as_ref()?.value?)));
    match ratio {
        Some((d, ratio)) => format!("{metric} of {} is {} that of {against}", bare(&d.alternative), plain(ratio, "x")),
        None => format!("No difference in {metric} to {against} was detected"),
    }
}
