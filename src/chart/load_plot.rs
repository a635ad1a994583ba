//! The drawing of a sweep, once its axes are known.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, Place, Stroke};
use super::flags::Flags;
use super::frame::{ROW, SMALL, axis_name, baseline, horizontal_axis, nothing, vertical_axis};
use super::load::{LoadCurve, LoadPoint, Trace, category_count, marks, shown};
use super::palette::{Ink, MOST_LINES, QUIET, TEXT, WHITE, line};
use super::scale::Scale;
use super::text::{fit, width};

/// More points than this are drawn without markers.
const MOST_MARKERS: usize = 60;

/// The plot of a sweep.
pub(super) struct Plot {
    pub(super) area: Area,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

impl Plot {
    /// Draws everything under the header; the name of the vertical axis goes to height `name_y`.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, labels: &Labels, data: &LoadCurve, name_y: f64, flags: &Flags) {
        let area = self.area;
        vertical_axis(canvas, area, &self.y, &labels.y, name_y);
        if data.categories.is_empty() {
            horizontal_axis(canvas, area, &self.x, &labels.x);
        } else {
            self.category_axis(canvas, labels, data);
        }
        baseline(canvas, area);
        for mark in marks(data, area) {
            canvas.line(&[(mark.x, area.top), (mark.x, area.bottom)], Stroke::solid(TEXT, 1.0));
        }
        flags.draw(canvas, area);
        self.theory(canvas, data);
        let traces: Vec<(Ink, Vec<Spot>)> =
            shown(data).enumerate().map(|(index, trace)| (line(index), self.spots(data, index, trace))).collect();
        for (ink, spots) in &traces {
            self.intervals(canvas, *ink, spots, data.categories.is_empty());
        }
        for (index, (ink, spots)) in traces.iter().enumerate() {
            self.trace(canvas, index, *ink, spots, data.categories.is_empty());
        }
        self.limit(canvas, data);
        if traces.iter().all(|(_, spots)| spots.iter().all(|spot| spot.y.is_none())) && data.bound.is_none() {
            nothing(canvas, area);
        }
    }

    fn category_axis(&self, canvas: &mut Canvas<'_>, labels: &Labels, data: &LoadCurve) {
        let count = category_count(data);
        let slot = (self.area.right - self.area.left) / count as f64;
        let tight = data.categories.iter().take(count).any(|name| width(name, SMALL) > slot - 8.0);
        for (index, name) in data.categories.iter().take(count).enumerate() {
            let Some(x) = self.x.place(index as f64) else { continue };
            let row = if tight { index % 2 } else { 0 };
            let room = if tight { 2.0 * slot - 10.0 } else { slot - 8.0 };
            let y = self.area.bottom + 13.0 + row as f64 * 15.0;
            canvas.text((x, y), Anchor::Middle, Font::plain(SMALL, QUIET), &fit(name, SMALL, room));
        }
        let hidden = data.categories.len() - count;
        let more = if hidden > 0 { format!("{} (and {hidden} more)", labels.x) } else { labels.x.clone() };
        axis_name(canvas, self.area, self.area.bottom + 32.0 + ROW, &more);
    }

    fn theory(&self, canvas: &mut Canvas<'_>, data: &LoadCurve) {
        let points = data.bound.iter().flat_map(|bound| &bound.1);
        let spots: Vec<Option<Place>> = points
            .map(|&(x, y)| {
                (self.x.covers(x) && self.y.covers(y)).then(|| Some((self.x.place(x)?, self.y.place(y)?)))?
            })
            .collect();
        for run in spots.split(Option::is_none) {
            let run: Vec<Place> = run.iter().copied().flatten().collect();
            canvas.line(&run, Stroke::dashed(QUIET, 1.5));
        }
    }

    fn spots(&self, data: &LoadCurve, index: usize, trace: &Trace) -> Vec<Spot> {
        let count = data.traces.len().min(MOST_LINES) as f64;
        let visible = |point: &&LoadPoint| data.categories.is_empty() || self.x.covers(point.x);
        // Categories side by side, so that their intervals do not hide each other.
        let shift = if data.categories.is_empty() { 0.0 } else { (index as f64 - (count - 1.0) / 2.0) * 10.0 };
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let spot = |point: &LoadPoint| {
            let endless = !point.steady && finite(point.value).is_none();
            let y =
                if endless { Some(self.area.top) } else { finite(point.value).and_then(|value| self.y.place(value)) };
            let ends = finite(point.low).zip(finite(point.high));
            let interval = ends.and_then(|(low, high)| self.y.place(low).zip(self.y.place(high)));
            let x = Some(point.x).filter(|x| x.is_finite()).and_then(|x| self.x.place(x))? + shift;
            Some(Spot { x, y, interval, steady: point.steady, endless })
        };
        trace.points.iter().filter(visible).filter_map(spot).collect()
    }

    fn intervals(&self, canvas: &mut Canvas<'_>, ink: Ink, spots: &[Spot], joined: bool) {
        for run in spots.split(|spot| spot.interval.is_none()) {
            let lower = run.iter().filter_map(|spot| Some((spot.x, spot.interval?.0)));
            let upper = run.iter().rev().filter_map(|spot| Some((spot.x, spot.interval?.1)));
            if joined && run.len() > 1 {
                canvas.polygon(&lower.chain(upper).collect::<Vec<Place>>(), ink.faint(0.18));
                continue;
            }
            for (low, high) in lower.zip(upper.collect::<Vec<Place>>().into_iter().rev()) {
                canvas.line(&[low, high], Stroke::solid(ink.faint(0.5), 3.0));
            }
        }
    }

    fn trace(&self, canvas: &mut Canvas<'_>, index: usize, ink: Ink, spots: &[Spot], joined: bool) {
        for pair in spots.windows(2).filter(|_| joined) {
            let (Some(from), Some(to)) = (pair[0].y, pair[1].y) else { continue };
            let certain = pair[0].steady && pair[1].steady;
            let stroke = if certain { Stroke::solid(ink, 2.0) } else { Stroke::dashed(ink.faint(0.6), 1.5) };
            if !(pair[0].endless && pair[1].endless) {
                canvas.line(&[(pair[0].x, from), (pair[1].x, to)], stroke);
            }
        }
        for spot in spots.iter().filter(|spot| !spot.steady || spots.len() <= MOST_MARKERS) {
            let Some(y) = spot.y else { continue };
            canvas.marker(index, (spot.x, y), ink, !spot.steady);
        }
    }

    fn limit(&self, canvas: &mut Canvas<'_>, data: &LoadCurve) {
        let Some(limit) = &data.limit else { return };
        let Some(y) = self.y.place(limit.value) else { return };
        canvas.line(&[(self.area.left, y), (self.area.right, y)], Stroke::dashed(TEXT, 1.5));
        let name = fit(&limit.name, SMALL, 300.0);
        let (left, top) = (self.area.left + 6.0, y - 18.0);
        let behind = Area { left, top, right: left + width(&name, SMALL) + 4.0, bottom: y - 3.0 };
        canvas.rectangle(behind, WHITE.faint(0.8));
        canvas.text((left + 2.0, y - 10.0), Anchor::Start, Font::bold(SMALL, TEXT), &name);
    }
}

/// A point in pixels.
struct Spot {
    x: f64,
    y: Option<f64>,
    interval: Option<(f64, f64)>,
    steady: bool,
    endless: bool,
}
