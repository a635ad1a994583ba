//! The verdicts on the SLOs for the machines of a CI job: annotations and a summary for GitHub, JUnit XML for everyone else.

pub(crate) mod github;
pub(crate) mod junit;
mod markdown;
mod place;

pub(crate) use place::place;
use place::places;

use crate::quantity::{seconds, show};
use crate::table::sweep::bare;
use archsim_experiment::language::Source;
use archsim_experiment::report::{Report, SloVerdict, Status, SweepPoint, SweepReport, Verdict};

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

/// An SLO that is judged: of a run, or of a point of a sweep.
pub(crate) struct Case<'a> {
    /// The verdict.
    pub(crate) slo: &'a SloVerdict,
    /// Its place in the file; none for those of the command line.
    pub(crate) place: Option<Place>,
    /// The settings of the point, "web.replicas = 2, users.rate = 50/s"; none of a run.
    pub(crate) point: Option<String>,
}

/// The SLOs of a run or a sweep, with all that a gate says about them.
pub(crate) struct Gate<'a> {
    /// The scenario's file as the command line names it.
    pub(crate) file: &'a str,
    /// Name of the scenario.
    pub(crate) scenario: &'a str,
    /// What is judged, point by point in the order of the file.
    pub(crate) cases: Vec<Case<'a>>,
    /// Whether an undecided SLO counts as failed.
    pub(crate) strict: bool,
}

impl<'a> Gate<'a> {
    /// Of a run; the places are those in the file before the command line changed it.
    pub(crate) fn of_run(original: &'a Source, report: &'a Report, strict: bool) -> Self {
        let cases = Gate::cases(original, &report.slos, None);
        Gate { file: original.name(), scenario: &report.name, cases, strict }
    }

    /// Of a sweep: each SLO at each point.
    pub(crate) fn of_sweep(original: &'a Source, report: &'a SweepReport, strict: bool) -> Self {
        let settings = |point: &SweepPoint| {
            let axes = report.axes.iter().zip(&point.settings);
            axes.map(|((axis, _), value)| format!("{axis} = {}", bare(value))).collect::<Vec<_>>().join(", ")
        };
        let at = |point: &'a SweepPoint| Gate::cases(original, &point.report.slos, Some(settings(point)));
        let cases = report.points.iter().flat_map(at).collect();
        Gate { file: original.name(), scenario: &report.scenario, cases, strict }
    }

    fn cases(original: &Source, slos: &'a [SloVerdict], point: Option<String>) -> Vec<Case<'a>> {
        let places = places(original, slos);
        slos.iter().zip(places).map(|(slo, place)| Case { slo, place, point: point.clone() }).collect()
    }

    /// Whether an SLO closes the gate.
    fn fails(&self, slo: &SloVerdict) -> bool {
        slo.verdict == Verdict::Fail || (self.strict && slo.verdict == Verdict::Undecided)
    }
}

/// An SLO in words: its name where it has one, what it asks, when, and at which point.
fn title(Case { slo, point, .. }: &Case<'_>) -> String {
    let name = slo.name.as_ref().map_or(String::new(), |name| format!("{name}: "));
    let during = slo.during.map_or(String::new(), |(from, to)| format!(" from {} to {}", seconds(from), seconds(to)));
    let point = point.as_ref().map_or(String::new(), |point| format!(" with {point}"));
    format!("{name}{}{during}{point}", slo.text)
}

/// What was measured, as in tables: "41.2 ms (40.1 .. 42.9)".
fn measured(slo: &SloVerdict) -> String {
    show(&slo.metric, &slo.measured).whole()
}

/// Why an SLO did not pass.
fn reason(slo: &SloVerdict) -> String {
    let measured = measured(slo);
    match (slo.verdict, slo.measured.value) {
        (Verdict::Fail, None) => format!("there is nothing to judge by: {measured}"),
        (Verdict::Undecided, _) if slo.measured.status == Status::HeavyTail => {
            format!("undecided, however long the run: measured {measured}, which has no interval")
        }
        (Verdict::Undecided, None) => format!("undecided, more requests would tell: {measured}"),
        (Verdict::Undecided, _) => format!("undecided, the limit is inside the interval: measured {measured}"),
        _ => format!("measured {measured}"),
    }
}

#[cfg(test)]
mod tests;
