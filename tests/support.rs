//! What the tests share: a model from a text, runs of it, and its metrics.

use archsim_experiment::check::check;
use archsim_experiment::language::{Source, Style, render};
use archsim_experiment::model::Model;
use archsim_experiment::report::{Estimate, Report};
use archsim_experiment::run::{Nobody, run};

/// The model of a text without errors.
pub(crate) fn model(text: &str) -> Model {
    let source = Source::new("test.ron", text);
    let checked = check(&source, &|name| Err(format!("no file {name}")));
    let findings = render(&checked.findings, &source, Style::Plain);
    checked.model.unwrap_or_else(|| panic!("{findings}"))
}

/// A scenario of three sections: `run`, traffic, components, and more sections as text.
pub(crate) fn scenario(run: &str, traffic: &str, components: &str, more: &str) -> Model {
    model(&format!(
        "Scenario(name: \"test\", run: ({run}), traffic: {{ {traffic} }}, components: {{ {components} }}, {more})"
    ))
}

/// The report of a text.
pub(crate) fn report(model: &Model) -> Report {
    run(model, &Nobody).expect("not cancelled")
}

/// The estimate of a metric.
pub(crate) fn estimate(report: &Report, metric: &str) -> Estimate {
    *report.get(metric).unwrap_or_else(|| panic!("no metric {metric}"))
}

/// The value of a metric.
pub(crate) fn value(report: &Report, metric: &str) -> f64 {
    let estimate = estimate(report, metric);
    estimate.value.unwrap_or_else(|| panic!("{metric}: {estimate:?}"))
}
