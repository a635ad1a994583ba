//! Latency by percentile, in the manner of HdrHistogram's plots (G. Tene): every further nine takes the same width.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::flags::{Flag, Flags};
use super::frame::{Entry, MARGIN, SMALL, Sample, axis_name, baseline, header, left_of_plot, nothing, vertical_axis};
use super::number::Unit;
use super::palette::{GRID, Ink, MOST_LINES, QUIET, TEXT, UNSURE, line};
use super::scale::{Kind, Scale};
use serde::{Deserialize, Serialize};

/// Named probabilities on the horizontal axis.
const TICKS: [(f64, &str); 9] = [
    (0.0, "0%"),
    (0.5, "50%"),
    (0.9, "90%"),
    (0.99, "99%"),
    (0.999, "99.9%"),
    (0.9999, "99.99%"),
    (0.99999, "99.999%"),
    (0.999_999, "99.9999%"),
    (0.999_999_9, "99.99999%"),
];

/// The distribution of one variant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Curve {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its quantiles as (probability from 0 to below 1, seconds), by ascending probability.
    pub(crate) points: Vec<(f64, f64)>,
    /// The probability beyond which fewer than ten samples remain; drawn grey from there on.
    pub(crate) reliable_to: f64,
}

/// A service level objective on one percentile. If its name begins with the name of a curve it is that curve's alone
/// and has its colour; otherwise it is meant for all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PercentileLimit {
    /// The share of requests that must be faster, from 0 to below 1.
    pub(crate) probability: f64,
    /// Than this, in seconds.
    pub(crate) seconds: f64,
    /// What it is called, such as "p99 < 300 ms".
    pub(crate) name: String,
}

/// One line per variant; a curve that enters the shade above its stairs misses its objective.
pub(crate) fn percentile_plot(labels: &Labels, curves: &[Curve], limits: &[PercentileLimit]) -> String {
    document(labels, |canvas| {
        let below = header(canvas, labels, &entries(curves, limits));
        let shown = &curves[..curves.len().min(MOST_LINES)];
        let x = nines_scale(shown, limits);
        let seconds = || shown.iter().flat_map(|curve| &curve.points).filter(|point| nines(point.0).is_some());
        let levels = || seconds().map(|point| point.1).chain(limits.iter().map(|limit| limit.seconds));
        let y = |pixels| Scale::fit(levels(), Kind::Log, Unit::Seconds, pixels, 6);
        let left = left_of_plot(&y((0.0, 1.0)));
        let mut area = Area { left, top: below + 28.0, right: WIDTH - MARGIN - 22.0, bottom: HEIGHT - 50.0 };
        let x = Scale::exact(x, Unit::Number, (left, area.right));
        let flags = Flags::arrange(&Plot { area, x, y: y((0.0, 1.0)) }.marks(shown, limits), area);
        area.top += flags.height();
        let plot = Plot { area, x, y: y((area.bottom, area.top)) };
        vertical_axis(canvas, area, &plot.y, &labels.y, below + 9.0);
        plot.nines_axis(canvas, &labels.x);
        for group in [None].into_iter().chain((0..shown.len()).map(Some)) {
            let limits: Vec<&PercentileLimit> = limits.iter().filter(|limit| owner(shown, limit) == group).collect();
            plot.draw_stairs(canvas, group.map_or(TEXT, line), &limits);
        }
        flags.draw(canvas, area);
        for (index, curve) in shown.iter().enumerate() {
            plot.curve(canvas, index, curve);
        }
        if seconds().next().is_none() {
            nothing(canvas, area);
        }
        HEIGHT
    })
}

/// How many nines `probability` has: 0.9 has one, 0.99 two; none outside [0, 1).
fn nines(probability: f64) -> Option<f64> {
    (0.0..1.0).contains(&probability).then(|| -libm::log10(1.0 - probability))
}

fn nines_scale(curves: &[Curve], limits: &[PercentileLimit]) -> (f64, f64) {
    let probabilities = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0);
    let all = probabilities.chain(limits.iter().map(|limit| limit.probability)).filter_map(nines);
    let last = all.fold(2.0, f64::max).min(7.0);
    (0.0, last * 1.02)
}

fn entries(curves: &[Curve], limits: &[PercentileLimit]) -> Vec<Entry> {
    let mut entries = Entry::lines(curves.iter().map(|curve| &curve.name), false);
    let unsure = |curve: &Curve| curve.points.iter().any(|point| point.0 > curve.reliable_to);
    if curves.iter().any(unsure) {
        entries.push(Entry::new(Sample::Line(Stroke::dashed(UNSURE, 2.0)), "fewer than 10 samples"));
    }
    if !limits.is_empty() {
        entries.push(Entry::new(Sample::Box(QUIET.faint(0.2)), "misses its objective"));
    }
    entries
}

struct Plot {
    area: Area,
    x: Scale,
    y: Scale,
}

impl Plot {
    fn nines_axis(&self, canvas: &mut Canvas<'_>, name: &str) {
        let area = self.area;
        for (probability, label) in TICKS {
            let Some(place) = nines(probability).filter(|place| self.x.covers(*place)) else { continue };
            let Some(x) = self.x.place(place) else { continue };
            canvas.line(&[(x, area.top), (x, area.bottom)], Stroke::solid(GRID, 1.0));
            canvas.text((x, area.bottom + 13.0), Anchor::Middle, Font::plain(SMALL, QUIET), label);
        }
        axis_name(canvas, area, area.bottom + 32.0, name);
        baseline(canvas, area);
    }

    fn place(&self, probability: f64, seconds: f64) -> Option<Place> {
        Some((self.x.place(nines(probability)?)?, self.y.place(seconds)?))
    }

    fn curve(&self, canvas: &mut Canvas<'_>, index: usize, curve: &Curve) {
        let places: Vec<(f64, Option<Place>)> = curve
            .points
            .iter()
            .map(|&(probability, seconds)| (probability, self.place(probability, seconds)))
            .collect();
        for run in places.split(|(_, place)| place.is_none()) {
            let sure = run.iter().take_while(|(probability, _)| *probability <= curve.reliable_to).count();
            let path: Vec<Place> = run.iter().filter_map(|(_, place)| *place).collect();
            canvas.line(&path[sure.saturating_sub(1)..], Stroke::dashed(UNSURE, 2.0));
            canvas.line(&path[..sure], Stroke::solid(line(index), 2.5));
            if let [only] = path[..] {
                canvas.marker(index, only, if sure == 1 { line(index) } else { UNSURE }, sure == 0);
            }
        }
    }

    /// The limits of one colour as corners, by ascending probability: each holds from the one before it on.
    fn stairs(&self, limits: &[&PercentileLimit]) -> Vec<Area> {
        let mut corners: Vec<Place> =
            limits.iter().filter_map(|limit| self.place(limit.probability, limit.seconds)).collect();
        corners.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let lefts = [self.area.left].into_iter().chain(corners.iter().map(|corner| corner.0));
        let top = self.area.top;
        lefts.zip(&corners).map(|(left, &(right, bottom))| Area { left, top, right, bottom }).collect()
    }

    fn draw_stairs(&self, canvas: &mut Canvas<'_>, ink: Ink, limits: &[&PercentileLimit]) {
        let steps = self.stairs(limits);
        for step in &steps {
            canvas.rectangle(*step, ink.faint(0.1));
        }
        let mut outline: Vec<Place> =
            steps.iter().flat_map(|step| [(step.left, step.bottom), (step.right, step.bottom)]).collect();
        outline.extend(steps.last().map(|step| (step.right, step.top)));
        canvas.line(&outline, Stroke::solid(ink, 1.2));
    }

    fn marks(&self, curves: &[Curve], limits: &[PercentileLimit]) -> Vec<Flag> {
        let flag = |limit: &PercentileLimit| {
            let (x, _) = self.place(limit.probability, limit.seconds)?;
            Some(Flag { x, text: limit.name.clone(), ink: owner(curves, limit).map_or(TEXT, line) })
        };
        limits.iter().filter_map(flag).collect()
    }
}

/// The curve that a limit is meant for: the one with the longest name that the limit's begins with.
fn owner(curves: &[Curve], limit: &PercentileLimit) -> Option<usize> {
    let named = |curve: &Curve| !curve.name.is_empty() && limit.name.starts_with(&curve.name);
    let owners = curves.iter().enumerate().filter(|(_, curve)| named(curve));
    owners.max_by_key(|(_, curve)| curve.name.len()).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(probability: f64, seconds: f64, name: &str) -> PercentileLimit {
        PercentileLimit { probability, seconds, name: name.into() }
    }

    #[test]
    fn every_nine_takes_the_same_width() {
        assert_eq!(nines(0.0), Some(0.0));
        let places = [0.9, 0.99, 0.999].map(|probability| nines(probability).unwrap_or_default());
        assert!(places.iter().zip([1.0, 2.0, 3.0]).all(|(place, whole)| (place - whole).abs() < 1e-12));
        assert_eq!((nines(1.0), nines(-0.1), nines(f64::NAN)), (None, None, None));
    }

    #[test]
    fn a_limit_belongs_to_the_curve_it_names() {
        let curve = |name: &str| Curve { name: name.into(), ..Curve::default() };
        let curves = [curve("shop"), curve("shop.checkout"), curve("")];
        assert_eq!(owner(&curves, &limit(0.99, 1.0, "shop.checkout.p99 < 1s")), Some(1));
        assert_eq!(owner(&curves, &limit(0.99, 1.0, "shop.browse.p99 < 1s")), Some(0));
        assert_eq!(owner(&curves, &limit(0.99, 1.0, "p99 < 1s")), None);
    }

    #[test]
    fn stairs_go_from_limit_to_limit() {
        let area = Area { left: 0.0, top: 0.0, right: 100.0, bottom: 100.0 };
        let x = Scale::exact((0.0, 4.0), Unit::Number, (0.0, 100.0));
        let y = Scale::exact((0.0, 10.0), Unit::Seconds, (100.0, 0.0));
        let (tail, middle) = (limit(0.99, 5.0, "p99 < 5s"), limit(0.9, 1.0, "p90 < 1s"));
        let steps = Plot { area, x, y }.stairs(&[&tail, &middle]);
        let rounded: Vec<[f64; 3]> =
            steps.iter().map(|step| [step.left, step.right, step.bottom].map(f64::round)).collect();
        assert_eq!(rounded, [[0.0, 25.0, 90.0], [25.0, 50.0, 50.0]]);
    }
}
