//! What the next millisecond or the next nine costs: settings by cost and metric, with those that no other beats.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::frame::{
    Entry, MARGIN, SMALL, Sample, baseline, header, horizontal_axis, left_of_plot, nothing, vertical_axis,
};
use super::load::Limit;
use super::number::Unit;
use super::palette::{BLUE, ORANGE, TEXT, UNSURE, VERMILLION};
use super::scale::{Kind, Scale};
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// So many points of the front carry a name.
const MOST_NAMES: usize = 12;
const LONGEST_NAME: f64 = 290.0;

/// A setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CostPoint {
    /// What it costs.
    pub(crate) cost: f64,
    /// The metric; none where there is no value, such as without a steady state.
    pub(crate) value: Option<f64>,
    /// Its interval.
    pub(crate) interval: Option<(f64, f64)>,
    /// The setting in words.
    pub(crate) label: String,
    /// Whether all objectives hold; none where that is undecided or nothing is asked.
    pub(crate) meets: Option<bool>,
    /// Whether it is that of the file.
    pub(crate) present: bool,
}

/// Settings by cost and metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CostPoints {
    /// The unit of the metric.
    pub(crate) unit: Unit,
    /// Whether less of the metric is better.
    pub(crate) less_is_better: bool,
    /// The settings.
    pub(crate) points: Vec<CostPoint>,
    /// The objective on the metric.
    pub(crate) limit: Option<Limit>,
}

impl CostPoints {
    /// The points that no other beats in both cost and metric, by rising cost (the Pareto front).
    pub(crate) fn front(&self) -> Vec<&CostPoint> {
        let known = self.points.iter().filter_map(|point| Some((point.value?, point)));
        let mut known: Vec<(f64, &CostPoint)> =
            known.filter(|(value, point)| value.is_finite() && point.cost.is_finite()).collect();
        let better = |a: f64, b: f64| if self.less_is_better { a.total_cmp(&b) } else { b.total_cmp(&a) };
        known.sort_by(|a, b| a.1.cost.total_cmp(&b.1.cost).then(better(a.0, b.0)));
        let mut best: Option<f64> = None;
        known.retain(|(value, _)| {
            let ahead = best.is_none_or(|best| better(*value, best).is_lt());
            if ahead {
                best = Some(*value);
            }
            ahead
        });
        known.into_iter().map(|(_, point)| point).collect()
    }
}

/// Settings as points, the front joined.
pub(crate) fn cost_against_slo(labels: &Labels, data: &CostPoints) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(data)) + 28.0;
        let kind = if data.unit == Unit::Seconds { Kind::Log } else { Kind::Around };
        let ends = data
            .points
            .iter()
            .flat_map(|point| [point.value, point.interval.map(|i| i.0), point.interval.map(|i| i.1)]);
        let values: Vec<f64> = ends.flatten().chain(data.limit.as_ref().map(|limit| limit.value)).collect();
        let y = |pixels| Scale::fit(values.iter().copied(), kind, data.unit, pixels, 6);
        let area =
            Area { left: left_of_plot(&y((0.0, 1.0))), top, right: WIDTH - MARGIN - 22.0, bottom: HEIGHT - 50.0 };
        let costs = data.points.iter().map(|point| point.cost);
        let plot = Plot {
            area,
            x: Scale::fit(costs, Kind::Around, Unit::Number, (area.left, area.right), 8),
            y: y((area.bottom, area.top)),
        };
        vertical_axis(canvas, area, &plot.y, &labels.y, top - 19.0);
        horizontal_axis(canvas, area, &plot.x, &labels.x);
        baseline(canvas, area);
        plot.draw(canvas, data);
        if data.points.is_empty() {
            nothing(canvas, area);
        }
        HEIGHT
    })
}

fn entries(data: &CostPoints) -> Vec<Entry> {
    let mut entries = vec![Entry::new(Sample::Line(Stroke::solid(BLUE, 2.0)), "nothing is cheaper and better")];
    let any = |meets| data.points.iter().any(|point| point.meets == meets);
    let classes = [
        (Some(true), Sample::Marked(BLUE, 0), "meets the SLOs"),
        (Some(false), Sample::Marked(VERMILLION, 3), "misses one"),
        (None, Sample::Hollow(UNSURE), "undecided or not asked"),
    ];
    entries.extend(classes.into_iter().filter(|class| any(class.0)).map(|class| Entry::new(class.1, class.2)));
    if data.points.iter().any(|point| point.present) {
        entries.push(Entry::new(Sample::Marked(ORANGE, 2), "the file's own values"));
    }
    entries
}

struct Plot {
    area: Area,
    x: Scale,
    y: Scale,
}

impl Plot {
    fn place(&self, point: &CostPoint) -> Option<Place> {
        Some((self.x.place(point.cost)?, self.y.place(point.value?)?))
    }

    fn draw(&self, canvas: &mut Canvas<'_>, data: &CostPoints) {
        if let Some((limit, y)) = data.limit.as_ref().and_then(|limit| Some((limit, self.y.place(limit.value)?))) {
            canvas.line(&[(self.area.left, y), (self.area.right, y)], Stroke::dashed(TEXT, 1.5));
            canvas.text(
                (self.area.right, y - 10.0),
                Anchor::End,
                Font::bold(SMALL, TEXT),
                &fit(&limit.name, SMALL, 300.0),
            );
        }
        let front = data.front();
        let path: Vec<Place> = front.iter().filter_map(|point| self.place(point)).collect();
        canvas.line(&path, Stroke::solid(BLUE, 2.0));
        for point in &data.points {
            self.point(canvas, point, front.contains(&point));
        }
        self.names(canvas, &front);
    }

    /// A point; one that is beaten is faint.
    fn point(&self, canvas: &mut Canvas<'_>, point: &CostPoint, ahead: bool) {
        let Some(place) = self.place(point) else { return };
        let opacity = if ahead || point.present { 1.0 } else { 0.4 };
        let (shape, ink) = match point.meets {
            _ if point.present => (2, ORANGE),
            Some(true) => (0, BLUE.faint(opacity)),
            Some(false) => (3, VERMILLION.faint(opacity)),
            None => (0, UNSURE.faint(opacity)),
        };
        if let Some((low, high)) = point.interval.and_then(|(low, high)| self.y.place(low).zip(self.y.place(high))) {
            canvas.line(&[(place.0, low), (place.0, high)], Stroke::solid(ink, 1.5));
        }
        canvas.marker(shape, place, ink, point.meets.is_none() && !point.present);
    }

    /// The settings of the front, where there is room beside them.
    fn names(&self, canvas: &mut Canvas<'_>, front: &[&CostPoint]) {
        let mut taken: Vec<Area> = Vec::new();
        for point in front.iter().take(MOST_NAMES) {
            let Some((x, y)) = self.place(point) else { continue };
            let name = fit(&point.label, SMALL, LONGEST_NAME);
            let long = width(&name, SMALL);
            let left = if x + 10.0 + long < self.area.right { x + 10.0 } else { x - 10.0 - long };
            let area = Area { left, top: y - 20.0, right: left + long, bottom: y - 5.0 };
            if taken.iter().all(|other| !area.overlaps(other)) {
                canvas.text((left, y - 12.0), Anchor::Start, Font::plain(SMALL, TEXT), &name);
                taken.push(area);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_what_no_other_beats() {
        let point = |cost, value| CostPoint { cost, value, ..CostPoint::default() };
        let points = vec![
            point(3.0, Some(1.0)),
            point(1.0, Some(5.0)),
            point(2.0, Some(5.0)),
            point(2.0, Some(2.0)),
            point(1.0, None),
        ];
        let data =
            |less_is_better| CostPoints { unit: Unit::Number, less_is_better, points: points.clone(), limit: None };
        let costs = |data: &CostPoints| data.front().iter().map(|point| (point.cost, point.value)).collect::<Vec<_>>();
        assert_eq!(costs(&data(true)), [(1.0, Some(5.0)), (2.0, Some(2.0)), (3.0, Some(1.0))]);
        assert_eq!(costs(&data(false)), [(1.0, Some(5.0))]);
    }
}
