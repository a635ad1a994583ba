//! What charts share around the data: title, legend and axes.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, Place, Stroke, WIDTH};
use super::palette::{GRID, Ink, MOST_LINES, QUIET, TEXT, line};
use super::scale::Scale;
use super::text::{fit, width, wrap};

/// Space between the edge of the sheet and everything else.
pub(super) const MARGIN: f64 = 22.0;
/// Height of one row of small text.
pub(super) const ROW: f64 = 17.0;
/// Tick labels and legends.
pub(super) const SMALL: f64 = 12.5;

const LEGEND_ROWS: usize = 3;
/// Longest names of a legend in pixels; shorter ones are tried where it would not fit.
const LONGEST_NAMES: [f64; 3] = [240.0, 150.0, 90.0];

/// The sample in front of a legend entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    /// A line with the marker of the given index.
    Marked(Ink, usize),
    /// A line alone.
    Line(Stroke),
    /// A hollow point.
    Hollow(Ink),
    /// A filled box.
    Box(Ink),
    /// A hatched box.
    Hatched(Ink),
    /// A short vertical line.
    Upright(Stroke),
    /// Nothing: a remark.
    Remark,
}

/// One entry of a legend.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    sample: Sample,
    name: String,
    /// How many things it names.
    stands_for: usize,
}

impl Entry {
    pub(super) fn new(sample: Sample, name: impl Into<String>) -> Entry {
        Entry { sample, name: name.into(), stands_for: 1 }
    }

    /// Entries for the lines of a chart, as many as there are colours; the rest is counted.
    pub(super) fn lines<'a>(names: impl ExactSizeIterator<Item = &'a String>, marked: bool) -> Vec<Entry> {
        let hidden = names.len().saturating_sub(MOST_LINES);
        let sample = |index| match marked {
            true => Sample::Marked(line(index), index),
            false => Sample::Line(Stroke::solid(line(index), 2.0)),
        };
        let shown = names.take(MOST_LINES).enumerate();
        let mut entries: Vec<Entry> = shown.map(|(index, name)| Entry::new(sample(index), name)).collect();
        if hidden > 0 {
            let name = format!("and {hidden} more");
            entries.push(Entry { sample: Sample::Remark, name, stands_for: hidden });
        }
        entries
    }

    fn indent(&self) -> f64 {
        if matches!(self.sample, Sample::Remark) { 0.0 } else { 28.0 }
    }
}

/// Draws title, hint and legend; returns the height from which on the sheet is free.
pub(super) fn header(canvas: &mut Canvas<'_>, labels: &Labels, entries: &[Entry]) -> f64 {
    let room = WIDTH - 2.0 * MARGIN;
    let mut y = 26.0;
    for line in wrap(&labels.title, 18.0, room, 2) {
        canvas.text((MARGIN, y), Anchor::Start, Font::bold(18.0, TEXT), &line);
        y += 23.0;
    }
    for line in wrap(&labels.look, 13.0, room, 2) {
        canvas.text((MARGIN, y), Anchor::Start, Font::plain(13.0, QUIET), &line);
        y += ROW;
    }
    y += 7.0;
    if entries.is_empty() {
        return y;
    }
    legend(canvas, entries, Area { left: MARGIN, top: y, right: WIDTH - MARGIN, bottom: y }, LEGEND_ROWS)
}

/// Draws a legend that flows over at most `rows` rows from the upper edge of `area`; returns the height below it.
pub(super) fn legend(canvas: &mut Canvas<'_>, entries: &[Entry], area: Area, rows: usize) -> f64 {
    let attempts = LONGEST_NAMES.map(|longest| flow(entries, longest, area, rows));
    let complete = attempts.iter().position(|places| places.len() == entries.len());
    let chosen = complete.unwrap_or(attempts.len() - 1);
    let mut bottom = area.top;
    for (entry, (x, y)) in entries.iter().zip(&attempts[chosen]) {
        sample(canvas, entry.sample, (*x, *y));
        let name = fit(&entry.name, SMALL, LONGEST_NAMES[chosen]);
        canvas.text((x + entry.indent(), *y), Anchor::Start, Font::plain(SMALL, TEXT), &name);
        bottom = *y;
    }
    let missing: usize = entries[attempts[chosen].len()..].iter().map(|entry| entry.stands_for).sum();
    if missing > 0 {
        let text = format!("and {missing} more");
        canvas.text((area.right, bottom), Anchor::End, Font::plain(SMALL, QUIET), &text);
    }
    bottom + ROW
}

/// Whether a legend fits into the space with names long enough to tell them apart.
pub(super) fn is_roomy(entries: &[Entry], area: Area, rows: usize) -> bool {
    flow(entries, LONGEST_NAMES[1], area, rows).len() == entries.len()
}

/// Where the entries go that fit, with names of at most `longest` pixels.
fn flow(entries: &[Entry], longest: f64, area: Area, rows: usize) -> Vec<Place> {
    let mut places = Vec::new();
    let (mut x, mut y, mut row) = (area.left, area.top, 1);
    for (index, entry) in entries.iter().enumerate() {
        let needed = entry.indent() + width(&entry.name, SMALL).min(longest);
        // The last row keeps room to say how many are missing.
        let reserved = if row == rows && index + 1 < entries.len() { 90.0 } else { 0.0 };
        if x + needed + reserved > area.right && x > area.left {
            if row == rows {
                break;
            }
            (x, y, row) = (area.left, y + ROW, row + 1);
        }
        places.push((x, y));
        x += needed + 18.0;
    }
    places
}

fn sample(canvas: &mut Canvas<'_>, sample: Sample, (x, y): Place) {
    let bar = [(x, y), (x + 22.0, y)];
    let area = Area { left: x + 4.0, top: y - 6.0, right: x + 20.0, bottom: y + 6.0 };
    match sample {
        Sample::Marked(ink, index) => {
            canvas.line(&bar, Stroke::solid(ink, 2.0));
            canvas.marker(index, (x + 11.0, y), ink, false);
        }
        Sample::Line(stroke) => canvas.line(&bar, stroke),
        Sample::Hollow(ink) => canvas.marker(0, (x + 12.0, y), ink, true),
        Sample::Box(ink) => canvas.rectangle(area, ink),
        Sample::Hatched(ink) => {
            canvas.rectangle(area, ink.faint(0.25));
            canvas.hatch(area, ink);
        }
        Sample::Remark => {}
        Sample::Upright(stroke) => canvas.line(&[(x + 12.0, y - 7.0), (x + 12.0, y + 7.0)], stroke),
    }
}

/// The left edge of a plot whose vertical axis is `scale`: its labels decide.
pub(super) fn left_of_plot(scale: &Scale) -> f64 {
    MARGIN + 12.0 + scale.ticks().iter().map(|tick| width(&tick.label, SMALL)).fold(30.0, f64::max)
}

/// Horizontal grid lines with their labels on the left and the name of the axis at height `name_y`.
pub(super) fn vertical_axis(canvas: &mut Canvas<'_>, area: Area, scale: &Scale, name: &str, name_y: f64) {
    for tick in scale.ticks() {
        let Some(y) = scale.place(tick.value) else { continue };
        canvas.line(&[(area.left, y), (area.right, y)], Stroke::solid(GRID, 1.0));
        canvas.text((area.left - 7.0, y), Anchor::End, Font::plain(SMALL, QUIET), &tick.label);
    }
    let name = fit(name, SMALL, 300.0);
    canvas.text((MARGIN, name_y), Anchor::Start, Font::bold(SMALL, QUIET), &name);
}

/// Vertical grid lines with their labels below and the name of the axis under them.
pub(super) fn horizontal_axis(canvas: &mut Canvas<'_>, area: Area, scale: &Scale, name: &str) {
    upright_grid(canvas, area, scale);
    for tick in scale.ticks() {
        let Some(x) = scale.place(tick.value) else { continue };
        canvas.text((x, area.bottom + 13.0), Anchor::Middle, Font::plain(SMALL, QUIET), &tick.label);
    }
    axis_name(canvas, area, area.bottom + 32.0, name);
}

/// Vertical grid lines without labels.
pub(super) fn upright_grid(canvas: &mut Canvas<'_>, area: Area, scale: &Scale) {
    for x in scale.ticks().iter().filter_map(|tick| scale.place(tick.value)) {
        canvas.line(&[(x, area.top), (x, area.bottom)], Stroke::solid(GRID, 1.0));
    }
}

/// The name of the horizontal axis, centred at height `y`.
pub(super) fn axis_name(canvas: &mut Canvas<'_>, area: Area, y: f64, name: &str) {
    let name = fit(name, SMALL, area.right - area.left);
    canvas.text(((area.left + area.right) / 2.0, y), Anchor::Middle, Font::bold(SMALL, QUIET), &name);
}

/// The line at the foot of the plot.
pub(super) fn baseline(canvas: &mut Canvas<'_>, area: Area) {
    canvas.line(&[(area.left, area.bottom), (area.right, area.bottom)], Stroke::solid(QUIET, 1.0));
}

/// Says that there is nothing to see.
pub(super) fn nothing(canvas: &mut Canvas<'_>, area: Area) {
    let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
    canvas.text(middle, Anchor::Middle, Font::plain(14.0, QUIET), "no data");
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 100.0 };

    fn entries(count: usize, name: &str) -> Vec<Entry> {
        Entry::lines(vec![name.to_string(); count].iter(), true)
    }

    #[test]
    fn a_legend_breaks_into_rows() {
        let places = flow(&entries(4, "replica"), 240.0, AREA, 2);
        assert_eq!(places.iter().map(|place| place.1).collect::<Vec<_>>(), [0.0, 0.0, 0.0, ROW]);
    }

    #[test]
    fn a_legend_drops_what_does_not_fit() {
        assert_eq!(flow(&entries(4, "replica"), 240.0, AREA, 1).len(), 2);
    }

    #[test]
    fn lines_without_a_colour_are_counted() {
        let entries = entries(40, "replica");
        assert_eq!(entries.len(), MOST_LINES + 1);
        assert_eq!(entries.iter().map(|entry| entry.stands_for).sum::<usize>(), 40);
        assert_eq!(entries[MOST_LINES].name, "and 33 more");
    }
}
