//! Latency by percentile, in the manner of HdrHistogram's plots (G. Tene): every further nine takes the same width.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::frame::{
    Entry, MARGIN, SMALL, Sample, axis_name, baseline, header, left_of_plot, nothing, vertical_axis,
};
use super::number::Unit;
use super::palette::{GRID, MOST_LINES, QUIET, TEXT, UNSURE, VERMILLION, WHITE, line};
use super::scale::{Kind, Scale};
use super::text::{fit, width};

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
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Curve {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its quantiles as (probability from 0 to below 1, seconds), by ascending probability.
    pub(crate) points: Vec<(f64, f64)>,
    /// The probability beyond which fewer than ten samples remain; drawn grey from there on.
    pub(crate) reliable_to: f64,
}

/// A service level objective on one percentile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PercentileLimit {
    /// The share of requests that must be faster, from 0 to below 1.
    pub(crate) probability: f64,
    /// Than this, in seconds.
    pub(crate) seconds: f64,
    /// What it is called, such as "p99 < 300 ms".
    pub(crate) name: String,
}

/// One line per variant; a curve that touches the shaded stairs misses its objective.
pub(crate) fn percentile_plot(labels: &Labels, curves: &[Curve], limits: &[PercentileLimit]) -> String {
    document(labels, |canvas| {
        let below = header(canvas, labels, &entries(curves, limits));
        let shown = &curves[..curves.len().min(MOST_LINES)];
        let x = nines_scale(shown, limits);
        let seconds = || shown.iter().flat_map(|curve| &curve.points).filter(|point| nines(point.0).is_some());
        let levels = || seconds().map(|point| point.1).chain(limits.iter().map(|limit| limit.seconds));
        let y = |pixels| Scale::fit(levels(), Kind::Log, Unit::Seconds, pixels, 6);
        let left = left_of_plot(&y((0.0, 1.0)));
        let area = Area { left, top: below + 22.0, right: WIDTH - MARGIN - 22.0, bottom: HEIGHT - 50.0 };
        let plot = Plot { area, x: Scale::exact(x, Unit::Number, (left, area.right)), y: y((area.bottom, area.top)) };
        plot.stairs(canvas, limits);
        vertical_axis(canvas, area, &plot.y, &labels.y, below + 9.0);
        plot.nines_axis(canvas, &labels.x);
        for (index, curve) in shown.iter().enumerate() {
            plot.curve(canvas, index, curve);
        }
        plot.limit_names(canvas, limits);
        if seconds().next().is_none() {
            nothing(canvas, area);
        }
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
        entries.push(Entry::new(Sample::Line(Stroke::dashed(UNSURE, 2.0)), "fewer than 10 samples beyond"));
    }
    if !limits.is_empty() {
        entries.push(Entry::new(Sample::Box(VERMILLION.faint(0.2)), "misses the objective"));
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
        let places: Vec<(f64, Option<Place>)> =
            curve.points.iter().map(|&(probability, seconds)| (probability, self.place(probability, seconds))).collect();
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

    /// The limits in order of probability, each with its left end: a limit holds from the one before it on.
    fn steps(&self, limits: &[PercentileLimit]) -> Vec<(f64, Place, String)> {
        let placed = |limit: &PercentileLimit| Some((self.place(limit.probability, limit.seconds)?, limit.name.clone()));
        let mut steps: Vec<(Place, String)> = limits.iter().filter_map(placed).collect();
        steps.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
        let starts: Vec<f64> = [self.area.left].into_iter().chain(steps.iter().map(|step| step.0.0)).collect();
        starts.into_iter().zip(steps).map(|(start, (end, name))| (start, end, name)).collect()
    }

    fn stairs(&self, canvas: &mut Canvas<'_>, limits: &[PercentileLimit]) {
        let mut outline = Vec::new();
        for (start, (end, y), _) in self.steps(limits) {
            canvas.rectangle(Area { left: start, top: self.area.top, right: end, bottom: y }, VERMILLION.faint(0.1));
            outline.extend([(start, y), (end, y)]);
        }
        if let Some(&(end, _)) = outline.last() {
            outline.push((end, self.area.top));
        }
        canvas.line(&outline, Stroke::solid(VERMILLION, 1.5));
    }

    fn limit_names(&self, canvas: &mut Canvas<'_>, limits: &[PercentileLimit]) {
        for (_, (end, y), name) in self.steps(limits) {
            let name = fit(&name, SMALL, 220.0);
            let needed = width(&name, SMALL) + 6.0;
            let left = (end - needed).max(self.area.left + 2.0);
            // Above the stairs, or below them where the plot ends.
            let middle = if y - 18.0 < self.area.top { y + 10.0 } else { y - 9.0 };
            canvas.rectangle(
                Area { left, top: middle - 7.5, right: left + needed, bottom: middle + 7.5 },
                WHITE.faint(0.8),
            );
            canvas.text((left + 3.0, middle), Anchor::Start, Font::bold(SMALL, TEXT), &name);
        }
    }
}
