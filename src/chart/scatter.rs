//! Points scattered over a range: a metric against a setting, where the others vary, too.

use super::Labels;
use super::canvas::{Area, Canvas, HEIGHT, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, Sample, baseline, header, horizontal_axis, left_of_plot, nothing, vertical_axis};
use super::number::Unit;
use super::palette::{BLUE, TEXT, UNSURE, VERMILLION};
use super::scale::{Kind, Scale};
use serde::{Deserialize, Serialize};

/// One point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScatterPoint {
    /// The setting.
    pub(crate) x: f64,
    /// The metric.
    pub(crate) y: f64,
    /// Whether all objectives hold; none where that is undecided or nothing is asked.
    pub(crate) meets: Option<bool>,
}

/// A metric against a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scatter {
    /// The unit of the setting.
    pub(crate) unit_x: Unit,
    /// The unit of the metric.
    pub(crate) unit_y: Unit,
    /// Whether the horizontal axis counts in factors of ten.
    pub(crate) log_x: bool,
    /// The points.
    pub(crate) points: Vec<ScatterPoint>,
    /// The objective on the metric.
    pub(crate) limit: Option<f64>,
}

/// The points as a cloud.
pub(crate) fn scatter_plot(labels: &Labels, data: &Scatter) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(data)) + 28.0;
        let kind = if data.unit_y == Unit::Seconds { Kind::Log } else { Kind::Around };
        let values = || data.points.iter().map(|point| point.y).chain(data.limit);
        let y = |pixels| Scale::fit(values(), kind, data.unit_y, pixels, 6);
        let area =
            Area { left: left_of_plot(&y((0.0, 1.0))), top, right: WIDTH - MARGIN - 22.0, bottom: HEIGHT - 50.0 };
        let (y, kind) = (y((area.bottom, area.top)), if data.log_x { Kind::Log } else { Kind::Around });
        let x = Scale::fit(data.points.iter().map(|point| point.x), kind, data.unit_x, (area.left, area.right), 8);
        vertical_axis(canvas, area, &y, &labels.y, top - 19.0);
        horizontal_axis(canvas, area, &x, &labels.x);
        baseline(canvas, area);
        if let Some(y) = data.limit.and_then(|limit| y.place(limit)) {
            canvas.line(&[(area.left, y), (area.right, y)], Stroke::dashed(TEXT, 1.5));
        }
        data.points.iter().for_each(|point| draw(canvas, point, &x, &y));
        if data.points.is_empty() {
            nothing(canvas, area);
        }
        HEIGHT
    })
}

fn entries(data: &Scatter) -> Vec<Entry> {
    let any = |meets| data.points.iter().any(|point| point.meets == meets);
    let classes = [
        (Some(true), Sample::Marked(BLUE, 0), "meets the SLOs"),
        (Some(false), Sample::Marked(VERMILLION, 3), "misses one"),
        (None, Sample::Hollow(UNSURE), "undecided or not asked"),
    ];
    classes.into_iter().filter(|class| any(class.0)).map(|class| Entry::new(class.1, class.2)).collect()
}

fn draw(canvas: &mut Canvas<'_>, point: &ScatterPoint, x: &Scale, y: &Scale) {
    let Some(place) = x.place(point.x).zip(y.place(point.y)) else { return };
    let (shape, ink) = match point.meets {
        Some(true) => (0, BLUE.faint(0.7)),
        Some(false) => (3, VERMILLION.faint(0.7)),
        None => (0, UNSURE.faint(0.7)),
    };
    canvas.marker(shape, place, ink, point.meets.is_none());
}
