//! Which metrics a sweep or a comparison shows.

use crate::console::Console;
use crate::exit::Failure;
use crate::settings::objective;
use archsim_experiment::metric::Metric;
use archsim_experiment::model::Model;
use archsim_experiment::slo;

/// The metrics of the command line, else those of the experiment, else those of the SLOs, else what users see; by their own names.
pub(super) fn measured(
    asked: &[String],
    experiment: Vec<String>,
    model: &Model,
    console: Console,
) -> Result<Vec<String>, Failure> {
    let mut metrics = if asked.is_empty() { experiment } else { asked.to_vec() };
    if metrics.is_empty() {
        metrics = default_measure(model);
    }
    metrics.iter_mut().try_for_each(|metric| find(metric, model, console))?;
    Ok(metrics)
}

/// The metric of the summary that a flag names.
pub(super) fn named(flag: &str, metric: &str, model: &Model, console: Console) -> Result<Metric, Failure> {
    let found = slo::find_metric(metric, &model.catalogue).map_err(|error| objective(flag, metric, error, console))?;
    let known = model.catalogue.metrics.contains(&found);
    known.then_some(found).ok_or_else(|| {
        Failure::Wrong(format!("`{metric}` is not in the summary of a run; p50, p90, p95, p99 and p999 are"))
    })
}

/// Checks the name of a metric, and replaces another name for it by its own.
fn find(metric: &mut String, model: &Model, console: Console) -> Result<(), Failure> {
    *metric = named("--measure", metric, model, console)?.name;
    Ok(())
}

/// Metrics that are shown if nobody says which: those of the SLOs, or what users see.
fn default_measure(model: &Model) -> Vec<String> {
    let mut metrics: Vec<String> = model.slos.iter().map(|slo| slo.metric.name.clone()).collect();
    if metrics.is_empty() {
        let sources = model.setup.traffic.iter().map(|(name, _)| name);
        metrics = sources
            .flat_map(|source| ["goodput", "errors", "p50", "p99"].map(|word| format!("{source}.{word}")))
            .collect();
    }
    let mut seen = std::collections::BTreeSet::new();
    metrics.retain(|metric| seen.insert(metric.clone()));
    metrics
}
