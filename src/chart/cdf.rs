//! Two distributions of latency over each other: is everything slower, or only the tail?

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, SMALL, baseline, header, horizontal_axis, left_of_plot, nothing, vertical_axis};
use super::number::{Unit, value as print};
use super::palette::{MOST_LINES, TEXT, WHITE, line};
use super::percentiles::Curve;
use super::scale::{Kind, Scale};
use super::text::width;
use serde::{Deserialize, Serialize};

/// The gaps that are drawn.
const GAPS: [(f64, &str); 2] = [(0.5, "p50"), (0.99, "p99")];

/// Distributions with the gap between the first and the second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cdf {
    /// The distributions; the first is the one that the others are compared with.
    pub(crate) curves: Vec<Curve>,
}

/// The share of requests that are at least as fast, against latency.
pub(crate) fn cdf_compare(labels: &Labels, data: &Cdf) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &Entry::lines(data.curves.iter().map(|curve| &curve.name), false)) + 28.0;
        let shown = &data.curves[..data.curves.len().min(MOST_LINES)];
        let y = |pixels| Scale::exact((0.0, 1.0), Unit::Share, pixels);
        let area =
            Area { left: left_of_plot(&y((0.0, 1.0))), top, right: WIDTH - MARGIN - 22.0, bottom: HEIGHT - 50.0 };
        let seconds = || shown.iter().flat_map(|curve| &curve.points).map(|point| point.1);
        let x = Scale::fit(seconds(), Kind::Log, Unit::Seconds, (area.left, area.right), 8);
        let y = y((area.bottom, area.top));
        vertical_axis(canvas, area, &y, &labels.y, top - 19.0);
        horizontal_axis(canvas, area, &x, &labels.x);
        baseline(canvas, area);
        for (index, curve) in shown.iter().enumerate() {
            let place = |point: &(f64, f64)| Some((x.place(point.1)?, y.place(point.0)?));
            let path: Vec<Place> = curve.points.iter().filter_map(place).collect();
            canvas.line(&path, Stroke::solid(line(index), 2.5));
        }
        if let [first, second, ..] = shown {
            GAPS.iter().for_each(|gap| draw_gap(canvas, (first, second), *gap, &x, &y));
        }
        if seconds().next().is_none() {
            nothing(canvas, area);
        }
        HEIGHT
    })
}

/// The distance between two curves at a share, with both ends in words.
fn draw_gap(
    canvas: &mut Canvas<'_>,
    (first, second): (&Curve, &Curve),
    (share, name): (f64, &str),
    x: &Scale,
    y: &Scale,
) {
    let (Some(from), Some(to), Some(height)) = (at(first, share), at(second, share), y.place(share)) else { return };
    let (Some(left), Some(right)) = (x.place(from.min(to)), x.place(from.max(to))) else { return };
    canvas.line(&[(left, height), (right, height)], Stroke::solid(TEXT, 1.5));
    for end in [left, right] {
        canvas.line(&[(end, height - 5.0), (end, height + 5.0)], Stroke::solid(TEXT, 1.5));
    }
    let text = format!("{name}: {} and {}", print(from, Unit::Seconds), print(to, Unit::Seconds));
    let long = width(&text, SMALL);
    let start = if right + 10.0 + long < WIDTH - MARGIN { right + 10.0 } else { left - 10.0 - long };
    let below = height + 14.0;
    canvas.rectangle(
        Area { left: start - 2.0, top: below - 8.0, right: start + long, bottom: below + 8.0 },
        WHITE.faint(0.8),
    );
    canvas.text((start, below), Anchor::Start, Font::plain(SMALL, TEXT), &text);
}

/// The latency that a share of the requests stays under.
fn at(curve: &Curve, share: f64) -> Option<f64> {
    let after = curve.points.iter().position(|point| point.0 >= share)?;
    let (high, low) = (curve.points[after], curve.points[after.saturating_sub(1)]);
    let step = high.0 - low.0;
    Some(if step > 0.0 { low.1 + (high.1 - low.1) * (share - low.0) / step } else { high.1 })
}
