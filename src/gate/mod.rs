//! The verdicts on the SLOs for the machines of a CI job: annotations and a summary for GitHub, JUnit XML for everyone else.

pub(crate) mod github;
pub(crate) mod junit;
mod markdown;
mod place;

pub(crate) use place::{place, places};

use crate::quantity::{seconds, show};
use archsim_experiment::report::{SloVerdict, Status, Verdict};

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

/// The SLOs of a run, with all that a gate says about them.
pub(crate) struct Gate<'a> {
    /// The scenario's file as the command line names it.
    pub(crate) file: &'a str,
    /// Name of the scenario.
    pub(crate) scenario: &'a str,
    /// The verdicts, in the order of the file.
    pub(crate) slos: &'a [SloVerdict],
    /// For each SLO its place in the file; none for those of the command line.
    pub(crate) places: Vec<Option<Place>>,
    /// Whether an undecided SLO counts as failed.
    pub(crate) strict: bool,
}

impl Gate<'_> {
    /// Whether an SLO closes the gate.
    fn fails(&self, slo: &SloVerdict) -> bool {
        slo.verdict == Verdict::Fail || (self.strict && slo.verdict == Verdict::Undecided)
    }
}

/// An SLO in words: its name where it has one, what it asks, and when.
fn title(slo: &SloVerdict) -> String {
    let name = slo.name.as_ref().map_or(String::new(), |name| format!("{name}: "));
    let during = slo.during.map_or(String::new(), |(from, to)| format!(" from {} to {}", seconds(from), seconds(to)));
    format!("{name}{}{during}", slo.text)
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
