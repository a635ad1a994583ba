//! What happens over time: up to three panels over one time axis, with the faults that explain them.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::flags::{Flag, Flags};
use super::frame::{
    Entry, MARGIN, ROW, SMALL, baseline, header, horizontal_axis, is_roomy, left_of_plot, legend, nothing,
    upright_grid, vertical_axis,
};
use super::number::Unit;
use super::palette::{Ink, MOST_LINES, QUIET, TEXT, VERMILLION, line};
use super::scale::{Kind, Scale};
use super::stage::{self, Stage};
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// More panels than this are counted, not drawn.
const MOST_PANELS: usize = 3;
/// Longest title of a panel in pixels.
const LONGEST_TITLE: f64 = 240.0;
/// Height of the title row of a panel.
const TITLE: f64 = 26.0;

/// One line of a panel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its points as (seconds since the start, value), in order of time; no value leaves a gap.
    pub(crate) points: Vec<(f64, Option<f64>)>,
    /// For each point the ends of its interval; empty where there are none.
    pub(crate) band: Vec<Option<(f64, f64)>>,
}

/// Lines that share a vertical axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Panel {
    /// What is drawn, such as "latency".
    pub(crate) title: String,
    /// The unit of the values.
    pub(crate) unit: Unit,
    /// The lines.
    pub(crate) lines: Vec<Line>,
    /// Whether the vertical axis counts in factors of ten.
    pub(crate) log: bool,
}

/// A time during which something is broken on purpose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FaultBand {
    /// What is broken.
    pub(crate) label: String,
    /// Its start in seconds.
    pub(crate) from: f64,
    /// Its end in seconds; none if it lasts.
    pub(crate) to: Option<f64>,
}

/// Panels over a shared time axis; `warmup` is the end of the discarded start in seconds.
pub(crate) fn time_series(
    labels: &Labels,
    panels: &[Panel],
    faults: &[FaultBand],
    warmup: Option<f64>,
    stages: &[Stage],
) -> String {
    document(labels, |canvas| {
        let below = header(canvas, labels, &stage::legend(stages));
        let shown = &panels[..panels.len().min(MOST_PANELS)];
        let left = shown.iter().map(|panel| left_of_plot(&y_scale(panel, (0.0, 1.0)))).fold(70.0, f64::max);
        let outer = Area { left, top: below, right: WIDTH - MARGIN - 10.0, bottom: HEIGHT - 50.0 };
        let x = x_scale(shown, faults, warmup, outer);
        let bands = bands(&x, faults, warmup, outer);
        let flags: Vec<Flag> = bands.iter().map(|band| band.flag()).collect();
        let flags = Flags::arrange(&flags, outer);
        let outer = Area { top: below + flags.height() + 2.0, ..outer };
        for (shade, from, to) in backgrounds(&x, stages) {
            canvas.rectangle(Area { left: from, right: to, ..outer }, shade);
        }
        for band in &bands {
            let shade = if band.fault { VERMILLION.faint(0.13) } else { QUIET.faint(0.1) };
            canvas.rectangle(Area { left: band.from, right: band.to, ..outer }, shade);
        }
        flags.draw(canvas, outer);
        stack(canvas, labels, shown, outer, &x);
        if panels.len() > MOST_PANELS {
            let more = format!("and {} more panels", panels.len() - MOST_PANELS);
            canvas.text((outer.right, HEIGHT - 18.0), Anchor::End, Font::plain(SMALL, QUIET), &more);
        }
        if shown.is_empty() {
            nothing(canvas, outer);
        }
        HEIGHT
    })
}

fn stack(canvas: &mut Canvas<'_>, labels: &Labels, panels: &[Panel], outer: Area, x: &Scale) {
    let height = (outer.bottom - outer.top) / panels.len().max(1) as f64;
    for (index, panel) in panels.iter().enumerate() {
        let top = outer.top + height * index as f64;
        let area = Area {
            top: top + title_height(panel, outer),
            bottom: top + height - if index + 1 < panels.len() { 6.0 } else { 0.0 },
            ..outer
        };
        draw_panel(canvas, panel, area, x, (index + 1 == panels.len()).then_some(labels.x.as_str()));
    }
}

fn draw_panel(canvas: &mut Canvas<'_>, panel: &Panel, area: Area, x: &Scale, axis: Option<&str>) {
    let rows = legend_rows(panel, area);
    let row = area.top - TITLE / 2.0 + 1.0 - (rows - 1) as f64 * ROW;
    let title = fit(&panel.title, 13.0, LONGEST_TITLE);
    canvas.text((area.left, row), Anchor::Start, Font::bold(13.0, TEXT), &title);
    let y = y_scale(panel, (area.bottom, area.top));
    vertical_axis(canvas, area, &y, "", row);
    match axis {
        Some(name) => horizontal_axis(canvas, area, x, name),
        None => upright_grid(canvas, area, x),
    }
    baseline(canvas, area);
    if panel.lines.len() > 1 {
        legend(canvas, &entries(panel), Area { top: row, ..beside_title(panel, area) }, rows);
    }
    for (index, data) in panel.lines.iter().take(MOST_LINES).enumerate() {
        for outline in outlines(data, area, x, &y) {
            canvas.polygon(&outline, line(index).faint(0.18));
        }
    }
    let mut empty = true;
    for (index, data) in panel.lines.iter().take(MOST_LINES).enumerate() {
        for run in runs(&data.points, x, &y) {
            empty = false;
            canvas.line(&run, Stroke::solid(line(index), 1.8));
            if let [only] = run[..] {
                canvas.marker(index, only, line(index), false);
            }
        }
    }
    if empty {
        nothing(canvas, area);
    }
}

/// The bands of a line in pixels, broken at gaps and cut at the edges of the plot: wide ones do not flatten the lines.
fn outlines(data: &Line, area: Area, x: &Scale, y: &Scale) -> Vec<Vec<Place>> {
    let height = |value: f64| y.place(value).unwrap_or(area.bottom).max(area.top).min(area.bottom);
    let place = |index: usize| {
        let (low, high) = data.band[index].filter(|(low, high)| low.is_finite() && high.is_finite())?;
        x.place(data.points[index].0).map(|x| ((x, height(low)), (x, height(high))))
    };
    let places: Vec<_> = (0..data.points.len().min(data.band.len())).map(place).collect();
    let runs = places.split(Option::is_none).filter(|run| run.len() > 1);
    let lower = |run: &[Option<(Place, Place)>]| run.iter().flatten().map(|ends| ends.0).collect::<Vec<_>>();
    let upper = |run: &[Option<(Place, Place)>]| run.iter().flatten().rev().map(|ends| ends.1).collect::<Vec<_>>();
    runs.map(|run| [lower(run), upper(run)].concat()).collect()
}

fn entries(panel: &Panel) -> Vec<Entry> {
    Entry::lines(panel.lines.iter().map(|line| &line.name), false)
}

/// The room for the legend of a panel.
fn beside_title(panel: &Panel, area: Area) -> Area {
    // The estimate of widths is for normal weight; titles are bold.
    let title = width(&fit(&panel.title, 13.0, LONGEST_TITLE), 13.0) * 1.1;
    Area { left: area.left + title + 24.0, ..area }
}

/// One row, or two where one is not enough for the legend.
fn legend_rows(panel: &Panel, area: Area) -> usize {
    if panel.lines.len() < 2 || is_roomy(&entries(panel), beside_title(panel, area), 1) { 1 } else { 2 }
}

fn title_height(panel: &Panel, area: Area) -> f64 {
    TITLE + (legend_rows(panel, area) - 1) as f64 * ROW
}

fn y_scale(panel: &Panel, pixels: (f64, f64)) -> Scale {
    let values = panel.lines.iter().take(MOST_LINES).flat_map(|line| &line.points).filter_map(|point| point.1);
    let kind = if panel.log { Kind::Log } else { Kind::FromZero };
    Scale::fit(values, kind, panel.unit, pixels, 4)
}

fn x_scale(panels: &[Panel], faults: &[FaultBand], warmup: Option<f64>, area: Area) -> Scale {
    let times = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points).map(|point| point.0);
    let marks = faults.iter().flat_map(|fault| [Some(fault.from), fault.to]).flatten().chain(warmup);
    let all = times.chain(marks).filter(|time| time.is_finite());
    let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), time| (low.min(time), high.max(time)));
    let (low, high) = (low.max(-1e300), high.min(1e300));
    Scale::exact((low, if high > low { high } else { low + 1.0 }), Unit::Seconds, (area.left, area.right))
}

/// The states in pixels.
fn backgrounds(x: &Scale, stages: &[Stage]) -> Vec<(Ink, f64, f64)> {
    let place = |stage: &Stage| Some((stage.state.shade(), x.place(stage.from)?, x.place(stage.to)?));
    stages.iter().filter_map(place).filter(|(_, from, to)| from < to).collect()
}

/// A shaded time in pixels.
struct Shade {
    from: f64,
    to: f64,
    label: String,
    fault: bool,
}

impl Shade {
    fn flag(&self) -> Flag {
        let ink = if self.fault { VERMILLION } else { QUIET };
        Flag { x: self.from, text: self.label.clone(), ink }
    }
}

fn bands(x: &Scale, faults: &[FaultBand], warmup: Option<f64>, area: Area) -> Vec<Shade> {
    let shade = |from: f64, to: Option<f64>, label: &str, fault: bool| {
        let to = to.map_or(Some(area.right), |to| x.place(to))?;
        Some(Shade { from: x.place(from)?, to, label: label.to_string(), fault })
    };
    let warm = warmup.and_then(|end| shade(f64::MIN, Some(end), "warm-up", false));
    let faults = faults.iter().filter_map(|fault| shade(fault.from, fault.to, &fault.label, true));
    // An instant is shown two pixels wide; an end before the start is an instant.
    let wide = |band: Shade| Shade { to: band.to.max(band.from + 2.0), ..band };
    warm.into_iter().chain(faults).map(wide).collect()
}

/// The points in pixels, broken at gaps; at most four per pixel column are kept, so that peaks and dips survive.
fn runs(points: &[(f64, Option<f64>)], x: &Scale, y: &Scale) -> Vec<Vec<Place>> {
    let place = |&(time, value): &(f64, Option<f64>)| {
        let value = value.filter(|value| value.is_finite())?;
        Some((x.place(time).filter(|_| time.is_finite())?, y.place(value)?))
    };
    let places: Vec<Option<Place>> = points.iter().map(place).collect();
    let runs = places.split(Option::is_none).map(|run| run.iter().copied().flatten().collect::<Vec<Place>>());
    runs.filter(|run| !run.is_empty()).map(|run| thin(&run)).collect()
}

/// Keeps the first, lowest, highest and last point of every pixel column.
fn thin(run: &[Place]) -> Vec<Place> {
    let mut kept = Vec::new();
    for column in run.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let by_height = |a: &&Place, b: &&Place| a.1.total_cmp(&b.1);
        let extremes = [column.iter().min_by(by_height), column.iter().max_by(by_height)];
        let mut chosen: Vec<Place> =
            [column.first()].into_iter().chain(extremes).chain([column.last()]).flatten().copied().collect();
        if column.len() < 4 {
            chosen = column.to_vec();
        }
        chosen.dedup();
        kept.extend(chosen);
    }
    kept
}
