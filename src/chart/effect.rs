//! Ratios with their intervals, one below the other, and the line at which nothing changes.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, SMALL, Sample, axis_name, baseline, header, horizontal_axis, nothing};
use super::number::Unit;
use super::palette::{BLUE, QUIET, TEXT, UNSURE};
use super::scale::{Kind, Scale};
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// More rows than this are counted, not drawn.
const MOST_ROWS: usize = 16;
const TALLEST_ROW: f64 = 46.0;
const LONGEST_NAME: f64 = 230.0;

/// One alternative.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Effect {
    /// Its name.
    pub(crate) name: String,
    /// Its ratio with the ends of the interval; none where there is nothing to compare.
    pub(crate) ratio: Option<(f64, f64, f64)>,
    /// Whether the interval leaves out 1.
    pub(crate) clear: bool,
}

/// Effects in the order given.
pub(crate) fn effect_plot(labels: &Labels, effects: &[Effect]) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(effects)) + 8.0;
        let shown = &effects[..effects.len().min(MOST_ROWS)];
        let names = shown.iter().map(|e| width(&e.name, SMALL)).fold(40.0, f64::max).min(LONGEST_NAME);
        let below = if effects.len() > MOST_ROWS { 68.0 } else { 50.0 };
        let row = ((HEIGHT - below - top) / shown.len().max(1) as f64).min(TALLEST_ROW);
        let (left, right) = (MARGIN + names + 16.0, WIDTH - MARGIN - 20.0);
        let area = Area { left, top, right, bottom: top + row * shown.len().max(1) as f64 };
        let ends = shown.iter().filter_map(|e| e.ratio).flat_map(|(value, low, high)| [value, low, high]);
        let scale = Scale::fit(ends.chain([1.0]), Kind::Around, Unit::Number, (left, right), 6);
        horizontal_axis(canvas, area, &scale, &labels.x);
        baseline(canvas, area);
        if let Some(x) = scale.place(1.0) {
            canvas.line(&[(x, area.top), (x, area.bottom)], Stroke::dashed(TEXT, 1.5));
        }
        for (index, effect) in shown.iter().enumerate() {
            draw(canvas, effect, area.left, top + row * (index as f64 + 0.5), &scale);
        }
        if effects.is_empty() {
            nothing(canvas, area);
        }
        if effects.len() > MOST_ROWS {
            axis_name(canvas, area, area.bottom + 50.0, &format!("and {} more", effects.len() - MOST_ROWS));
        }
        area.bottom + below
    })
}

fn entries(effects: &[Effect]) -> Vec<Entry> {
    let mut entries = vec![Entry::new(Sample::Line(Stroke::solid(BLUE, 2.0)), "interval of the ratio")];
    if effects.iter().any(|effect| effect.ratio.is_some() && !effect.clear) {
        entries.push(Entry::new(Sample::Line(Stroke::solid(UNSURE, 2.0)), "no difference detected"));
    }
    entries.push(Entry::new(Sample::Upright(Stroke::dashed(TEXT, 1.5)), "no change"));
    entries
}

fn draw(canvas: &mut Canvas<'_>, effect: &Effect, left: f64, middle: f64, scale: &Scale) {
    let name = fit(&effect.name, SMALL, LONGEST_NAME);
    canvas.text((left - 10.0, middle), Anchor::End, Font::plain(SMALL, TEXT), &name);
    let places =
        effect.ratio.and_then(|(value, low, high)| Some((scale.place(value)?, scale.place(low)?, scale.place(high)?)));
    let Some((value, low, high)) = places else {
        canvas.text((left + 6.0, middle), Anchor::Start, Font::plain(SMALL, QUIET), "-");
        return;
    };
    let ink = if effect.clear { BLUE } else { UNSURE };
    canvas.line(&[(low, middle), (high, middle)], Stroke::solid(ink, 2.0));
    for end in [low, high] {
        canvas.line(&[(end, middle - 5.0), (end, middle + 5.0)], Stroke::solid(ink, 2.0));
    }
    canvas.marker(0, (value, middle), ink, !effect.clear);
}
