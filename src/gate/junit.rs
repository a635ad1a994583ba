//! JUnit XML: a test suite for the scenario, a test case for each SLO, of a sweep at each point.
//!
//! Source: the schema that Jenkins publishes (jenkinsci/xunit-plugin, `junit-10.xsd`), which GitLab reads too (GitLab Docs, "Unit test
//! reports"). There is neither a date nor a time in it: the same results give the same bytes.

use super::{Case, Gate, measured, reason, title};
use archsim_experiment::report::{SloVerdict, Verdict};

/// The document.
pub(crate) fn document(gate: &Gate<'_>) -> String {
    let failures = gate.cases.iter().filter(|case| gate.fails(case.slo)).count();
    let skipped = gate.cases.iter().filter(|case| is_skipped(gate, case.slo)).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", gate.cases.len());
    let cases: String = gate.cases.iter().map(|judged| case(gate, judged)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"archsim\" {counts}>\n  \
         <testsuite name=\"{}\" {counts} skipped=\"{skipped}\">\n{cases}  </testsuite>\n</testsuites>\n",
        escaped(gate.scenario)
    )
}

fn is_skipped(gate: &Gate<'_>, slo: &SloVerdict) -> bool {
    slo.verdict == Verdict::Undecided && !gate.fails(slo)
}

fn case(gate: &Gate<'_>, judged: &Case<'_>) -> String {
    let slo = judged.slo;
    let (name, class, file) = (escaped(&title(judged)), escaped(gate.scenario), escaped(gate.file));
    let head = format!("    <testcase name=\"{name}\" classname=\"{class}\" file=\"{file}\">\n");
    let why = escaped(&reason(slo));
    let result = match slo.verdict {
        _ if is_skipped(gate, slo) => format!("      <skipped message=\"{why}\"/>\n"),
        Verdict::Pass => format!("      <system-out>measured {}</system-out>\n", escaped(&measured(slo))),
        verdict => {
            let kind = verdict.name().to_lowercase();
            format!("      <failure type=\"{kind}\" message=\"{why}\">{name}: {why}</failure>\n")
        }
    };
    head + &result + "    </testcase>\n"
}

/// Text for an attribute or an element; what XML 1.0 cannot hold (2.2, `Char`) becomes the replacement character.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        '\'' => "&apos;".into(),
        '\t' | '\n' | '\r' => format!("&#{};", u32::from(c)),
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}'.into(),
        c => c.to_string(),
    };
    text.chars().map(one).collect()
}
