//! Objectives and measures: every metric that is named exists.

use super::context::Check;
use crate::metric::{Catalogue, Measure};
use crate::model::{RunSettings, subjects};
use crate::scenario::Experiment;
use crate::slo::{self, SloError};
use archsim_core::Time;
use archsim_language::{Diagnostic, Severity};
use archsim_models::Kind;
use archsim_models::spec::{At, Span};
use std::ops::Range;

/// Metrics that the language knows and this version does not measure.
const PLANNED: [&str; 2] = [".hedges", ".open"];

/// `unknown-metric` in objectives, and windows outside of the run.
pub(super) fn objectives(check: &mut Check<'_>) {
    if check.scenario.slos.is_empty() {
        return;
    }
    let catalogue = catalogue(check);
    for slo in &check.scenario.slos {
        match slo::parse(&slo.check, &catalogue) {
            Err(error) => report(check, &slo.check, error, Severity::Error),
            Ok(parsed) if parsed.metric.measure == Measure::Recovery => whole_run(check, slo.during.as_ref()),
            Ok(_) => {}
        }
        if let Some(during) = &slo.during {
            window(check, during);
        }
    }
}

/// `unknown-metric` in what experiments measure.
pub(super) fn experiments(check: &mut Check<'_>) {
    if check.scenario.experiments.is_empty() {
        return;
    }
    let catalogue = catalogue(check);
    for (_, experiment) in &check.scenario.experiments {
        experiment_metrics(check, &experiment.value, &catalogue);
    }
}

/// Every metric of the scenario; edges and topics as the calls say, not in the order of the plan.
fn catalogue(check: &Check<'_>) -> Catalogue {
    let edges = check.used_edges().into_iter().map(|(from, to)| format!("{from} -> {to}")).collect();
    let brokers = check.setup.components.iter().filter_map(|(name, kind)| match kind {
        Kind::Broker(broker) => Some((name, broker)),
        _ => None,
    });
    let topics = brokers.flat_map(|(name, broker)| broker.topics.keys().map(move |topic| format!("{name}.{topic}")));
    let duration = RunSettings::new(&check.scenario.run, true).duration;
    Catalogue::new(&subjects(&check.setup, edges, topics.collect(), duration))
}

fn experiment_metrics(check: &mut Check<'_>, experiment: &Experiment, catalogue: &Catalogue) {
    let (metrics, objectives): (Vec<&At<String>>, Vec<&At<String>>) = match experiment {
        Experiment::Sweep(_) | Experiment::Compare(_) => (experiment.measured().iter().collect(), Vec::new()),
        Experiment::Saturate(args) => (Vec::new(), args.until.iter().collect()),
        Experiment::Plan(args) => (vec![&args.minimize], args.keep.iter().flatten().collect()),
    };
    for text in metrics {
        if let Err(error) = slo::find_metric(text, catalogue) {
            report(check, text, error, Severity::Warning);
        }
    }
    for text in objectives {
        if let Err(error) = slo::parse(text, catalogue) {
            report(check, text, error, Severity::Warning);
        }
    }
}

/// Reports a wrong metric. What this version does not measure has `planned` as its severity, all else is an error; nothing is said
/// about what could not be read.
fn report(check: &mut Check<'_>, text: &At<String>, error: SloError, planned: Severity) {
    let span = inside(check.document.source.text(), text, &error.span);
    let named = &text.value[error.span.clone()];
    if error.code == "unknown-metric" {
        if check.broken.iter().any(|broken| concerns(named, broken)) {
            return;
        }
        if let Some(word) = PLANNED.iter().find(|word| named.contains("->") && named.ends_with(**word)) {
            let message = format!("this version of archsim cannot measure `{}` of an edge", &word[1..]);
            return check.push(Diagnostic::new(planned, "not-yet", message, span));
        }
    }
    let finding = Diagnostic::error(error.code, error.message, span);
    check.push(error.help.into_iter().fold(finding, Diagnostic::with_help));
}

/// Whether a metric is about an entry, or about an edge that may lead to or from it.
fn concerns(metric: &str, entry: &str) -> bool {
    metric.contains("->") || metric.strip_prefix(entry).is_some_and(|rest| rest.starts_with('.'))
}

/// A range of a text as a range of the file: behind the opening quote, if the text is written without escapes.
fn inside(file: &str, text: &At<String>, span: &Range<usize>) -> Range<usize> {
    let start = text.span.start + 1;
    match file.get(start..start + text.value.len()) {
        Some(written) if written == text.value && file[text.span.clone()].starts_with('"') => {
            start + span.start..start + span.end
        }
        _ => text.span.clone(),
    }
}

/// A recovery has its place in the run already.
fn whole_run(check: &mut Check<'_>, during: Option<&At<(Span, Span)>>) {
    if let Some(during) = during {
        check.impossible("a recovery time is about the whole run: leave `during` out", &during.span);
    }
}

fn window(check: &mut Check<'_>, during: &At<(Span, Span)>) {
    let duration = RunSettings::new(&check.scenario.run, true).duration;
    let (Span(from), Span(to)) = during.value;
    if from >= to {
        check.impossible(format!("this window ends at {to}, before it begins at {from}"), &during.span);
    } else if to > duration && duration > Time::ZERO {
        check.impossible(format!("this window ends at {to}, but the run is over at {duration}"), &during.span);
    }
}
