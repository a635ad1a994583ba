//! What a sweep is: everything that its points depend on, in a file of its own, so that any machine can go on with it.

use super::digest;
use crate::files::json::pretty;
use archsim_experiment::check::check_alone;
use archsim_experiment::language::{Diagnostic, Source};
use archsim_experiment::model::Model;
use archsim_experiment::sweep::{Grid, grid, scattered};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Paths with the text of their values.
type Settings = Vec<(String, String)>;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A mark of the sources that results depend on; see `build.rs`.
const SOURCES: &str = env!("ARCHSIM_SOURCES");

/// A sweep, as `sweep.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// Version of the program.
    archsim: String,
    /// A mark of the sources of the program, which tells builds of one version apart.
    sources: String,
    /// Name of the experiment, or "ad hoc".
    pub(crate) name: String,
    /// The varied paths with the text of their values, without the axis of variants.
    pub(crate) axes: Vec<(String, Vec<String>)>,
    /// The variants that are an axis.
    pub(crate) variants: Vec<(String, Settings)>,
    /// The points of a sample, each with its value on every axis, that of the variants first; a grid has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Vec<Vec<String>>>,
    /// Metrics to show.
    pub(crate) measure: Vec<String>,
    /// Changes made by the command line, in words.
    pub(crate) changed: Vec<String>,
    /// The files that the scenario names.
    pub(crate) files: BTreeMap<String, String>,
    /// The scenario with all changes.
    pub(crate) scenario: String,
}

impl Definition {
    /// The definition of a sweep that this program runs.
    pub(crate) fn new(name: String, axes: Vec<(String, Vec<String>)>, variants: Vec<(String, Settings)>) -> Self {
        let (archsim, sources) = (VERSION.to_owned(), SOURCES.to_owned());
        let (measure, changed, files, scenario) = (Vec::new(), Vec::new(), BTreeMap::new(), String::new());
        Definition { archsim, sources, name, axes, variants, sample: None, measure, changed, files, scenario }
    }

    /// As it is written to `sweep.json`.
    pub(crate) fn text(&self) -> String {
        pretty(self)
    }

    /// What every point of the sweep carries.
    pub(crate) fn digest(&self) -> String {
        digest(self.text().as_bytes())
    }

    /// Number of points.
    pub(crate) fn size(&self) -> usize {
        if let Some(sample) = &self.sample {
            return sample.len();
        }
        let variants = self.variants.len().max(1);
        self.axes.iter().fold(variants, |size, (_, values)| size.saturating_mul(values.len()))
    }

    /// The program that made it, as people say it.
    pub(crate) fn program(&self) -> String {
        format!("archsim {} (sources {})", self.archsim, self.sources)
    }

    /// Whether another program made it.
    pub(crate) fn is_of_another_program(&self) -> bool {
        (self.archsim.as_str(), self.sources.as_str()) != (VERSION, SOURCES)
    }

    /// How another definition differs from this one, in words.
    pub(crate) fn differences(&self, other: &Definition) -> Vec<&'static str> {
        let parts = [
            (self.program() != other.program(), "the version of archsim"),
            (self.scenario != other.scenario, "the scenario or a change to it"),
            (self.files != other.files, "a file that the scenario names"),
            (self.name != other.name, "the experiment"),
            (
                (&self.axes, &self.variants, &self.sample) != (&other.axes, &other.variants, &other.sample),
                "what is varied",
            ),
            (self.measure != other.measure, "what is measured"),
            (self.changed != other.changed, "how the scenario was changed"),
        ];
        parts.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part).collect()
    }

    /// The scenario, its model and the grid; none if this program cannot make them.
    pub(crate) fn models(&self) -> Option<(Source, Model, Grid)> {
        let source = Source::new("scenario.ron", self.scenario.as_str());
        let missing = |name: &str| format!("`{name}` is not among the files of the sweep");
        let files = |name: &str| self.files.get(name).cloned().ok_or_else(|| missing(name));
        let model = check_alone(&source, &files).model?;
        let grid = self.grid(&source, &files).ok()?;
        Some((source, model, grid))
    }

    /// The points with their models.
    ///
    /// # Errors
    /// The text of the first point that does not check, with its findings.
    pub(crate) fn grid(
        &self,
        source: &Source,
        files: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Grid, (Source, Vec<Diagnostic>)> {
        match &self.sample {
            Some(points) => scattered(source, files, &self.axes, &self.variants, points),
            None => grid(source, files, &self.axes, &self.variants),
        }
    }
}
