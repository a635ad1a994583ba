//! What a page says, as data: stored with the results as `report.json`, and drawn from there again.

use crate::chart::Figure;
use crate::console::Ink;
use crate::quantity::show;
use archsim_experiment::report::Estimate;
use serde::{Deserialize, Serialize};

/// The version of this form; a page of another one is not read.
pub(crate) const FORM: u32 = 1;

/// Everything that a page says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// The version of the form, [`FORM`].
    pub(crate) form: u32,
    /// The version of the program that simulated.
    pub(crate) archsim: String,
    /// Name of the scenario.
    pub(crate) title: String,
    /// What it is about, and what was asked.
    pub(crate) about: Vec<String>,
    /// How long, how often, which seed.
    pub(crate) facts: Vec<String>,
    /// The answer in a sentence.
    pub(crate) finding: Finding,
    /// What changes how the numbers must be read.
    pub(crate) warnings: Vec<String>,
    /// The verdicts, or what else answers the question first.
    pub(crate) verdicts: Option<Grid>,
    /// The picture of the architecture.
    pub(crate) picture: Option<Figure>,
    /// Numbers that are always shown.
    pub(crate) tables: Vec<Grid>,
    /// The charts.
    pub(crate) figures: Vec<Figure>,
    /// Numbers that are shown on demand.
    pub(crate) folded: Vec<Grid>,
    /// What was verified.
    pub(crate) checks: Vec<String>,
    /// The command that gives the same numbers again.
    pub(crate) reproduce: String,
}

/// A sentence with its meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Good, bad or open.
    pub(crate) tone: Tone,
    /// The sentence.
    pub(crate) text: String,
}

/// What a text means for the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// It holds.
    Good,
    /// It cannot be told.
    Unsure,
    /// It fails.
    Bad,
    /// Less important.
    Quiet,
}

impl Tone {
    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Unsure => "unsure",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}

impl From<Ink> for Tone {
    fn from(ink: Ink) -> Tone {
        match ink {
            Ink::Good => Tone::Good,
            Ink::Unsure => Tone::Unsure,
            Ink::Bad => Tone::Bad,
            Ink::Dim => Tone::Quiet,
            _ => Tone::Plain,
        }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grid {
    /// What it shows.
    pub(crate) caption: String,
    /// How to read it.
    pub(crate) look: String,
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// Rows of as many cells; the first is the name of the row.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// An empty table.
    pub(crate) fn new(caption: &str, look: &str, columns: &[&str]) -> Grid {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Grid { caption: caption.into(), look: look.into(), columns, rows: Vec::new() }
    }

    /// The table, if it has a row.
    pub(crate) fn filled(self) -> Option<Grid> {
        (!self.rows.is_empty()).then_some(self)
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cell {
    /// What it says.
    pub(crate) text: String,
    /// What is said under it: an interval, a reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
    /// What it means.
    #[serde(default)]
    pub(crate) tone: Tone,
    /// The number behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) datum: Option<Datum>,
}

/// A number of the results.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Datum {
    /// Its name in `summary.json`.
    pub(crate) metric: String,
    /// Its value there.
    pub(crate) value: f64,
    /// Which point of a sweep or a comparison it belongs to, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) point: Option<usize>,
}

impl Cell {
    /// Text of a meaning.
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), tone, ..Cell::default() }
    }

    /// Ordinary text.
    pub(crate) fn plain(text: impl Into<String>) -> Cell {
        Cell::new(Tone::Plain, text)
    }

    /// An estimate with its interval; `point` is that of a sweep.
    pub(crate) fn estimate(metric: &str, estimate: &Estimate, point: Option<usize>) -> Cell {
        let shown = show(metric, estimate);
        // An upper bound is shown by its upper end, not by its value.
        let value = estimate.value.filter(|value| value.is_finite());
        Cell {
            tone: shown.ink().into(),
            text: shown.value,
            detail: shown.detail.unwrap_or_default(),
            datum: value.map(|value| Datum { metric: metric.into(), value, point }),
        }
    }
}
