//! One number varied, one or more measured: the hockey stick of latency against load, and every other sweep.

use super::Labels;
use super::canvas::{Area, HEIGHT, Stroke, WIDTH, document};
use super::flags::{Flag, Flags};
use super::frame::{Entry, MARGIN, ROW, Sample, header, left_of_plot};
use super::load_plot::Plot;
use super::number::{Unit, value as print};
use super::palette::{MOST_LINES, QUIET, TEXT, UNSURE, line};
use super::scale::{Kind, Scale};
use serde::{Deserialize, Serialize};

/// More categories than this are counted, not drawn.
const MOST_CATEGORIES: usize = 20;

/// A measured value at one setting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadPoint {
    /// The setting: offered load, or whatever is varied; the index of the category where there are categories.
    pub(crate) x: f64,
    /// The measured value; none where there is none, such as a percentile without a steady state.
    pub(crate) value: Option<f64>,
    /// Lower end of the confidence interval.
    pub(crate) low: Option<f64>,
    /// Upper end of the confidence interval.
    pub(crate) high: Option<f64>,
    /// Whether the run reached a steady state; if not the point is hollow, at the upper edge if it has no value.
    pub(crate) steady: bool,
}

/// One measure, joined in the order of its points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// Its name in the legend, such as "p99".
    pub(crate) name: String,
    /// Its points.
    pub(crate) points: Vec<LoadPoint>,
}

/// A level that should not be crossed, drawn as a horizontal line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Limit {
    /// The level, in the unit of the vertical axis.
    pub(crate) value: f64,
    /// Its name, such as "SLO p99 < 300 ms".
    pub(crate) name: String,
}

/// The data of a sweep over one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadCurve {
    /// The unit of the setting. Default: a rate.
    pub(crate) unit_x: Unit,
    /// The unit of the measures. Default: seconds.
    pub(crate) unit_y: Unit,
    /// Whether the horizontal axis counts in factors of ten. Default: false.
    pub(crate) log_x: bool,
    /// Whether the vertical axis counts in factors of ten. Default: true.
    pub(crate) log_y: bool,
    /// Names of x = 0, 1, 2... where the setting is not a number. Default: none.
    pub(crate) categories: Vec<String>,
    /// The measures.
    pub(crate) traces: Vec<Trace>,
    /// What theory says, drawn dashed as far as the axis reaches: its name in the legend, such as "M/M/4 mean", and its
    /// points (x, y).
    pub(crate) bound: Option<(String, Vec<(f64, f64)>)>,
    /// The setting from which on something is full.
    pub(crate) capacity: Option<f64>,
    /// The setting from which on waiting grows quickly.
    pub(crate) knee: Option<f64>,
    /// The level to stay under.
    pub(crate) limit: Option<Limit>,
    /// More settings with a name: drawn as vertical lines.
    #[serde(default)]
    pub(crate) marks: Vec<(String, f64)>,
}

impl Default for LoadCurve {
    fn default() -> LoadCurve {
        LoadCurve {
            unit_x: Unit::PerSecond,
            unit_y: Unit::Seconds,
            log_x: false,
            log_y: true,
            categories: Vec::new(),
            traces: Vec::new(),
            bound: None,
            capacity: None,
            knee: None,
            limit: None,
            marks: Vec::new(),
        }
    }
}

/// Latency, or any other measure, against load or any other setting.
pub(crate) fn latency_against_load(labels: &Labels, data: &LoadCurve) -> String {
    document(labels, |canvas| {
        let below = header(canvas, labels, &entries(data));
        let y_scale = y_scale(data, (0.0, 1.0));
        let mut area = Area {
            left: left_of_plot(&y_scale),
            top: below + 28.0,
            right: WIDTH - MARGIN - 8.0,
            bottom: HEIGHT - 50.0,
        };
        if !data.categories.is_empty() {
            area.bottom -= ROW;
        }
        let flags = Flags::arrange(&marks(data, area), area);
        area.top += flags.height();
        let plot = Plot { area, x: x_scale(data, area), y: self::y_scale(data, (area.bottom, area.top)) };
        plot.draw(canvas, labels, data, below + 9.0, &flags);
        HEIGHT
    })
}

fn entries(data: &LoadCurve) -> Vec<Entry> {
    let mut entries = Entry::lines(data.traces.iter().map(|trace| &trace.name), true);
    if let Some((name, _)) = &data.bound {
        entries.push(Entry::new(Sample::Line(Stroke::dashed(QUIET, 1.5)), name));
    }
    if data.traces.iter().flat_map(|trace| &trace.points).any(|point| !point.steady) {
        entries.push(Entry::new(Sample::Hollow(UNSURE), "no steady state"));
    }
    if shown(data).flat_map(|trace| &trace.points).any(|point| point.low.is_some()) {
        entries.push(Entry::new(Sample::Box(line(0).faint(0.2)), "confidence interval"));
    }
    entries
}

/// The measures that are drawn.
pub(super) fn shown(data: &LoadCurve) -> impl Iterator<Item = &Trace> {
    data.traces.iter().take(MOST_LINES)
}

/// How many categories are drawn.
pub(super) fn category_count(data: &LoadCurve) -> usize {
    data.categories.len().min(MOST_CATEGORIES)
}

fn x_scale(data: &LoadCurve, area: Area) -> Scale {
    let pixels = (area.left, area.right);
    if !data.categories.is_empty() {
        return Scale::exact((-0.5, category_count(data) as f64 - 0.5), Unit::Number, pixels);
    }
    let measured = data.traces.iter().flat_map(|trace| &trace.points).map(|point| point.x);
    let marks = data.capacity.into_iter().chain(data.knee).chain(data.marks.iter().map(|(_, at)| *at));
    let kind = if data.log_x { Kind::Log } else { Kind::Around };
    Scale::fit(measured.chain(marks), kind, data.unit_x, pixels, 8)
}

fn y_scale(data: &LoadCurve, pixels: (f64, f64)) -> Scale {
    let points = || shown(data).flat_map(|trace| &trace.points);
    let measured = points().flat_map(|point| [point.value, point.low, point.high]).flatten();
    let level = data.limit.iter().map(|limit| limit.value);
    // Theory grows without bound near capacity and must not set the scale where there is data.
    let theory = data.bound.iter().filter(|_| points().next().is_none()).flat_map(|bound| &bound.1);
    let kind = if data.log_y { Kind::Log } else { Kind::FromZero };
    Scale::fit(measured.chain(level).chain(theory.map(|point| point.1)), kind, data.unit_y, pixels, 6)
}

/// The vertical marks.
pub(super) fn marks(data: &LoadCurve, area: Area) -> Vec<Flag> {
    if !data.categories.is_empty() {
        return Vec::new();
    }
    let scale = x_scale(data, area);
    let flag = |name: &str, at: Option<f64>| {
        let at = at.filter(|at| at.is_finite())?;
        Some(Flag { x: scale.place(at)?, text: format!("{name} {}", print(at, data.unit_x)), ink: TEXT })
    };
    let named = data.marks.iter().map(|(name, at)| flag(name, Some(*at)));
    [flag("knee", data.knee), flag("capacity", data.capacity)].into_iter().chain(named).flatten().collect()
}
