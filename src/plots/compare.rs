//! The charts of a comparison: for each metric the ratio of every alternative to the one it is compared with.

use super::distribution::distributions;
use super::labels;
use crate::chart::{Drawing, Effect, Figure};
use crate::files::slug;
use crate::quantity::plain;
use crate::table::sweep::bare;
use archsim_experiment::compare::{Comparison, Difference, Found};

/// One chart for each metric that has a ratio, then the distributions of the latencies.
pub(crate) fn compare(comparison: &Comparison) -> Vec<Figure> {
    let metrics = &comparison.points.measure;
    metrics.iter().filter_map(|metric| chart(comparison, metric)).chain(distributions(comparison)).collect()
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
