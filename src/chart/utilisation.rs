//! How busy each component is: the bottleneck and the imbalance at a glance.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, SMALL, Sample, axis_name, baseline, header, horizontal_axis, nothing};
use super::number::{Unit, value as print};
use super::palette::{BLUE, QUIET, TEXT, VERMILLION, WHITE};
use super::scale::Scale;
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// More bars than this are counted, not drawn.
const MOST_BARS: usize = 16;
const TALLEST_ROW: f64 = 46.0;
const LONGEST_NAME: f64 = 190.0;
const LONGEST_NOTE: f64 = 130.0;
/// Room right of the full bar for its value.
const VALUE: f64 = 62.0;

/// One component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bar {
    /// Its name.
    pub(crate) name: String,
    /// Its utilisation, as a share: 1 is fully busy; more is load that cannot be served.
    pub(crate) mean: f64,
    /// The utilisation of its busiest instance, as a share.
    pub(crate) worst: Option<f64>,
    /// A remark at the right, such as the p99 of its queue length.
    pub(crate) note: String,
    /// The utilisation that theory expects: arrival rate times mean service time over capacity.
    pub(crate) expected: Option<f64>,
}

/// Bars in the order given, the busiest first by custom. The notes are headed by `labels.y`.
pub(crate) fn utilisation_bars(labels: &Labels, bars: &[Bar]) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(bars)) + 16.0;
        let shown = &bars[..bars.len().min(MOST_BARS)];
        let notes = longest(shown.iter().map(|bar| &bar.note).chain([&labels.y]), LONGEST_NOTE);
        let names = longest(shown.iter().map(|bar| &bar.name), LONGEST_NAME).max(40.0);
        let area = Area {
            left: MARGIN + names + 10.0,
            top,
            right: WIDTH - MARGIN - VALUE - notes - 14.0,
            bottom: HEIGHT - 50.0 - if bars.len() > MOST_BARS { 18.0 } else { 0.0 },
        };
        let row = ((area.bottom - top) / shown.len().max(1) as f64).min(TALLEST_ROW);
        let area = Area { bottom: top + row * shown.len().max(1) as f64, ..area };
        let scale = Scale::exact((0.0, 1.0), Unit::Share, (area.left, area.right));
        horizontal_axis(canvas, area, &scale, &labels.x);
        baseline(canvas, area);
        let heading = fit(&labels.y, SMALL, LONGEST_NOTE);
        canvas.text((area.right + VALUE, top - 12.0), Anchor::Start, Font::bold(SMALL, QUIET), &heading);
        for (index, bar) in shown.iter().enumerate() {
            let middle = top + row * (index as f64 + 0.5);
            draw(canvas, bar, Area { top: middle - row * 0.34, bottom: middle + row * 0.34, ..area }, &scale);
        }
        if bars.is_empty() {
            nothing(canvas, area);
        }
        if bars.len() > MOST_BARS {
            axis_name(canvas, area, area.bottom + 50.0, &format!("and {} more", bars.len() - MOST_BARS));
        }
        if bars.len() > MOST_BARS { HEIGHT } else { area.bottom + 50.0 }
    })
}

fn longest<'a>(texts: impl Iterator<Item = &'a String>, most: f64) -> f64 {
    texts.map(|text| width(text, SMALL)).fold(0.0, f64::max).min(most)
}

fn entries(bars: &[Bar]) -> Vec<Entry> {
    let mut entries = vec![Entry::new(Sample::Box(BLUE), "mean")];
    if bars.iter().any(|bar| bar.worst.is_some()) {
        entries.push(Entry::new(Sample::Line(Stroke::solid(TEXT, 1.5)), "up to the busiest instance"));
    }
    if bars.iter().any(|bar| bar.expected.is_some()) {
        entries.push(Entry::new(Sample::Upright(Stroke::solid(TEXT, 3.0)), "expected by theory"));
    }
    if bars.iter().any(|bar| bar.mean > 1.0) {
        entries.push(Entry::new(Sample::Hatched(VERMILLION), "more than it can serve"));
    }
    entries
}

fn draw(canvas: &mut Canvas<'_>, bar: &Bar, area: Area, scale: &Scale) {
    let middle = (area.top + area.bottom) / 2.0;
    let name = fit(&bar.name, SMALL, LONGEST_NAME);
    canvas.text((area.left - 8.0, middle), Anchor::End, Font::plain(SMALL, TEXT), &name);
    let note = fit(&bar.note, SMALL, LONGEST_NOTE);
    canvas.text((area.right + VALUE, middle), Anchor::Start, Font::plain(SMALL, QUIET), &note);
    let Some(end) = scale.place(bar.mean) else {
        canvas.text((area.left + 6.0, middle), Anchor::Start, Font::plain(SMALL, QUIET), "-");
        return;
    };
    let body = Area { right: end, ..area };
    if bar.mean > 1.0 {
        overload(canvas, body, middle);
    } else {
        canvas.rectangle(body, BLUE);
    }
    let worst = bar.worst.and_then(|worst| scale.place(worst)).filter(|worst| *worst > end);
    if let Some(worst) = worst {
        canvas.line(&[(end, middle), (worst, middle)], Stroke::solid(TEXT, 1.5));
        canvas.line(&[(worst, middle - 4.0), (worst, middle + 4.0)], Stroke::solid(TEXT, 1.5));
    }
    let expected = bar.expected.filter(|expected| scale.covers(*expected)).and_then(|expected| scale.place(expected));
    if let Some(expected) = expected {
        tick(canvas, expected, area);
    }
    // The value stands where no mark is in its way.
    let marks = worst.unwrap_or(end).max(expected.unwrap_or(end)) + 7.0;
    let (ink, x) = if bar.mean > 1.0 { (VERMILLION, area.right + 14.0) } else { (TEXT, marks) };
    canvas.text((x, middle), Anchor::Start, Font::bold(SMALL, ink), &print(bar.mean, Unit::Share));
}

fn overload(canvas: &mut Canvas<'_>, body: Area, middle: f64) {
    canvas.rectangle(body, VERMILLION.faint(0.25));
    canvas.hatch(body, VERMILLION);
    let tip = [(body.right, middle - 6.0), (body.right + 10.0, middle), (body.right, middle + 6.0)];
    canvas.polygon(&tip, VERMILLION);
}

fn tick(canvas: &mut Canvas<'_>, x: f64, area: Area) {
    let line = [(x, area.top - 2.0), (x, area.bottom + 2.0)];
    canvas.line(&line, Stroke::solid(WHITE, 5.0));
    canvas.line(&line, Stroke::solid(TEXT, 3.0));
}
