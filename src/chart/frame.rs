//! What charts share around the data: title, legend, axes and the strip of labels above vertical marks.

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
pub(super) const SMALL: f64 = 12.0;

const LEGEND_ROWS: usize = 2;
const LONGEST_NAME: f64 = 240.0;

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
    pub(super) sample: Sample,
    pub(super) name: String,
}

impl Entry {
    pub(super) fn new(sample: Sample, name: impl Into<String>) -> Entry {
        Entry { sample, name: name.into() }
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
            entries.push(Entry::new(Sample::Remark, format!("and {hidden} more")));
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
    let (mut x, mut y, mut row) = (area.left, area.top, 1);
    for (index, entry) in entries.iter().enumerate() {
        let name = fit(&entry.name, SMALL, LONGEST_NAME);
        let needed = entry.indent() + width(&name, SMALL);
        let remaining = entries.len() - index;
        // The last row keeps room to say how many are missing.
        let reserved = if row == rows && remaining > 1 { 80.0 } else { 0.0 };
        if x + needed + reserved > area.right && x > area.left {
            if row == rows {
                canvas.text((x, y), Anchor::Start, Font::plain(SMALL, QUIET), &format!("and {remaining} more"));
                return y + ROW;
            }
            (x, y, row) = (area.left, y + ROW, row + 1);
        }
        sample(canvas, entry.sample, (x, y));
        canvas.text((x + entry.indent(), y), Anchor::Start, Font::plain(SMALL, TEXT), &name);
        x += needed + 18.0;
    }
    y + ROW
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
    for tick in scale.ticks() {
        let Some(x) = scale.place(tick.value) else { continue };
        canvas.line(&[(x, area.top), (x, area.bottom)], Stroke::solid(GRID, 1.0));
        canvas.text((x, area.bottom + 13.0), Anchor::Middle, Font::plain(SMALL, QUIET), &tick.label);
    }
    axis_name(canvas, area, area.bottom + 32.0, name);
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

/// A label above the plot: its wanted middle in pixels, its text and its colour.
#[derive(Clone, Debug)]
pub(super) struct Flag {
    pub(super) x: f64,
    pub(super) text: String,
    pub(super) ink: Ink,
}

/// Where the flags go: row (0 is the lowest), left edge and text of each, without overlaps and inside `area`; how
/// many did not fit into `rows` rows comes last.
pub(super) fn arrange(flags: &[Flag], area: Area, rows: usize) -> (Vec<(usize, f64, String)>, usize) {
    let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); rows];
    let mut placed = Vec::new();
    for flag in flags {
        let text = fit(&flag.text, SMALL, LONGEST_NAME);
        let needed = width(&text, SMALL);
        let left = (flag.x - needed / 2.0).min(area.right - needed).max(area.left);
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(from, to)| left + needed + 8.0 < *from || *to + 8.0 < left);
        if let Some(row) = taken.iter().position(free) {
            taken[row].push((left, left + needed));
            placed.push((row, left, text));
        } else {
            placed.push((rows, left, String::new()));
        }
    }
    let lost = placed.iter().filter(|flag| flag.0 == rows).count();
    (placed, lost)
}

/// Draws the flags in rows above `area`, with a thin line from each row down to the plot.
pub(super) fn draw_flags(canvas: &mut Canvas<'_>, flags: &[Flag], area: Area, rows: usize) {
    let (placed, lost) = arrange(flags, area, rows);
    for (flag, (row, left, text)) in flags.iter().zip(&placed).filter(|(_, place)| place.0 < rows) {
        let y = area.top - 9.0 - *row as f64 * 15.0;
        canvas.line(&[(flag.x, y + 7.0), (flag.x, area.top)], Stroke::solid(flag.ink, 1.0));
        canvas.text((*left, y), Anchor::Start, Font::plain(SMALL, flag.ink), text);
    }
    if lost > 0 {
        let at = (area.right, area.top - 9.0 - rows as f64 * 15.0);
        canvas.text(at, Anchor::End, Font::plain(SMALL, QUIET), &format!("and {lost} more"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };

    fn flag(x: f64, text: &str) -> Flag {
        Flag { x, text: text.into(), ink: TEXT }
    }

    #[test]
    fn flags_that_would_overlap_go_up_a_row() {
        let (placed, lost) = arrange(&[flag(50.0, "first"), flag(60.0, "second"), flag(150.0, "third")], AREA, 2);
        assert_eq!(placed.iter().map(|place| place.0).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(lost, 0);
    }

    #[test]
    fn flags_stay_inside() {
        let (placed, _) = arrange(&[flag(0.0, "left"), flag(200.0, "right")], AREA, 1);
        assert_eq!(placed[0].1, 0.0);
        assert_eq!(placed[1].1 + width("right", SMALL), 200.0);
    }

    #[test]
    fn flags_without_room_are_counted() {
        let crowd: Vec<Flag> = (0..40).map(|_| flag(100.0, "fault")).collect();
        assert_eq!(arrange(&crowd, AREA, 2).1, 38);
    }
}
