//! The SLOs as a table of GitHub Flavored Markdown.

use super::{Case, Gate, measured, title};
use crate::table::run::margin;
use archsim_experiment::report::Verdict;

/// A heading and a row for each SLO.
pub(super) fn table(gate: &Gate<'_>) -> String {
    let heading = format!("### {}\n\n", plain(gate.scenario));
    if gate.cases.is_empty() {
        return heading + "No SLOs: nothing is judged.\n\n";
    }
    let rows: String = gate.cases.iter().map(row).collect();
    format!("{heading}{}\n\n| | SLO | measured | margin |\n|---|---|---|---|\n{rows}\n", conclusion(gate))
}

fn row(case: &Case<'_>) -> String {
    let slo = case.slo;
    let sign = match slo.verdict {
        Verdict::Pass => ":white_check_mark: pass",
        Verdict::Fail => ":x: **FAIL**",
        Verdict::Undecided => ":warning: undecided",
    };
    let margin = slo.margin.map_or(String::new(), margin);
    format!("| {sign} | {} | {} | {} |\n", plain(&title(case)), plain(&measured(slo)), plain(&margin))
}

/// How many SLOs close the gate.
fn conclusion(gate: &Gate<'_>) -> String {
    let count = |verdict| gate.cases.iter().filter(|case| case.slo.verdict == verdict).count();
    let some = |number: usize, word: &str| (number > 0).then(|| format!("{number} {word}"));
    let undecided = if gate.strict { "undecided (counted as failed: --strict)" } else { "undecided" };
    let parts = [
        some(count(Verdict::Fail), "failed"),
        some(count(Verdict::Undecided), undecided),
        some(count(Verdict::Pass), "passed"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Text that means nothing but itself, on one line: every character with a meaning is escaped (CommonMark 0.31, 2.4 and 2.5).
fn plain(text: &str) -> String {
    let escaped = |c: char| match c {
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '&' => "&amp;".into(),
        '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' | ':' => format!("\\{c}"),
        c if c.is_control() => " ".into(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}
