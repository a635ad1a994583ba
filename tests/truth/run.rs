//! Runs a study: as long as the tolerances ask for, within a budget, with every metric that is read.

use crate::view::{Reading, Study};
use archsim_experiment::check::check;
use archsim_experiment::core::Time;
use archsim_experiment::core::stats::mean_interval;
use archsim_experiment::language::{Source, Style, render};
use archsim_experiment::metric::Observed;
use archsim_experiment::model::{Comparison, Model, Slo};
use archsim_experiment::report::{Estimate, Report};
use archsim_experiment::run::{Nobody, replicate, run};
use rayon::prelude::*;

/// Replications of a steady-state study: fewer where each has to be long, since requests that are not over at its end are not counted.
fn replications(study: &Study, n: f64) -> u32 {
    let windows = n / study.rate / (20.0 * study.settle.max(1e-9));
    windows.clamp(2.0, 8.0) as u32
}

/// What a run said about a quantity.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub value: f64,
    /// Our own 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Completions or replications behind it.
    pub n: f64,
}

/// The model of a study to be looked at in another way.
pub(crate) fn model_for(study: &Study, seconds: f64, replications: u32) -> Result<Model, String> {
    model(
        study,
        &format!(
            "duration: \"{seconds:.9}s\", warmup: \"{:.9}s\", replications: {replications}, seed: 1",
            study.settle
        ),
    )
}

/// The model of a study; `Err` is what the reader or the checks do not take.
fn model(study: &Study, run: &str) -> Result<Model, String> {
    let Study { traffic, components, more, .. } = study;
    let text = format!(
        "Scenario(name: \"truth\", run: ({run}), traffic: {{ {traffic} }}, components: {{ {components} }}, {more})"
    );
    let source = Source::new("truth.ron", text.clone());
    let checked = check(&source, &|name| Err(format!("no file {name}")));
    let findings = render(&checked.findings, &source, Style::Plain);
    checked.model.ok_or_else(|| {
        let lines: Vec<&str> = findings.lines().filter(|l| l.starts_with("error")).collect();
        format!("a scenario that is accepted: {}", lines.join("; "))
    })
}

/// Adds an objective for each metric, which has it measured whatever the summary holds.
fn ask(model: &mut Model, readings: &[&Reading]) -> Result<(), String> {
    for (name, window) in readings.iter().flat_map(|reading| &reading.metrics) {
        let metric = model.catalogue.find(name).map_err(|e| format!("the metric {name}: {}", e.message))?;
        let during = window.map(|(from, to)| (Time::from_secs_f64(from), Time::from_secs_f64(to)));
        model.slos.push(Slo {
            text: name.clone(),
            name: None,
            metric,
            comparison: Comparison::AtLeast,
            limit: 0.0,
            limit_text: "0".into(),
            during,
        });
    }
    Ok(())
}

/// Runs a study for so many completions (or replications, of a terminating one) and reads the quantities.
pub(crate) fn read(
    study: &Study,
    readings: &[&Reading],
    n: f64,
    seed: u64,
) -> Result<Vec<Result<Found, String>>, String> {
    match study.terminating {
        Some(seconds) => terminating(study, readings, seconds, n, seed),
        None => steady(study, readings, n, seed),
    }
}

fn steady(study: &Study, readings: &[&Reading], n: f64, seed: u64) -> Result<Vec<Result<Found, String>>, String> {
    let replications = replications(study, n);
    let measured = n / study.rate / f64::from(replications);
    let warmup = (0.1 * measured).max(study.settle);
    let settings = format!(
        "duration: \"{:.3}s\", warmup: \"{warmup:.3}s\", replications: {replications}, seed: {seed}",
        measured + warmup
    );
    let mut model = model(study, &settings)?;
    ask(&mut model, readings)?;
    let report = run(&model, &Nobody).ok_or("a run that ends")?;
    let mut next = 0;
    Ok(readings.iter().map(|reading| estimate(&report, reading, &mut next, n)).collect())
}

/// Reads the estimates of a reading's metrics, which are the next objectives of the report.
fn estimate(report: &Report, reading: &Reading, next: &mut usize, n: f64) -> Result<Found, String> {
    let estimates: Vec<Estimate> =
        report.slos[*next..*next + reading.metrics.len()].iter().map(|s| s.measured).collect();
    *next += reading.metrics.len();
    let values: Option<Vec<f64>> = estimates.iter().map(|e| e.value).collect();
    let values = values.ok_or_else(|| {
        let statuses: Vec<&str> = estimates.iter().map(|e| e.status.name()).collect();
        format!("a value: {} {}", statuses.join(", "), report.verdicts.join("; "))
    })?;
    let interval = match estimates[..] {
        [Estimate { low: Some(low), high: Some(high), .. }] => {
            let (a, b) = ((reading.formula)(&[low]), (reading.formula)(&[high]));
            Some((a.min(b), a.max(b)))
        }
        _ => None,
    };
    Ok(Found { value: (reading.formula)(&values), interval, n })
}

/// A study from its empty start, many times; each metric is the mean over the replications.
fn terminating(
    study: &Study,
    readings: &[&Reading],
    seconds: f64,
    n: f64,
    seed: u64,
) -> Result<Vec<Result<Found, String>>, String> {
    let settings = format!("duration: \"{seconds:.9}s\", warmup: \"0s\", replications: {}, seed: {seed}", n.max(1.0));
    let mut model = model(study, &settings)?;
    ask(&mut model, readings)?;
    (model.terminating, model.run.warmup) = (true, Time::ZERO);
    let each: Vec<Vec<Option<f64>>> =
        (0..n.max(1.0) as u32).into_par_iter().map(|replication| values(&model, readings, replication)).collect();
    let column = |index: usize| {
        let values: Vec<f64> = each.iter().filter_map(|values| values[index]).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let interval = mean_interval(&values, 0.95).map(|i| (i.low, i.high));
        if values.is_empty() {
            Err("a value: nothing was observed".to_owned())
        } else {
            Ok(Found { value: mean, interval, n })
        }
    };
    Ok((0..readings.len()).map(column).collect())
}

/// The readings of one replication.
fn values(model: &Model, readings: &[&Reading], replication: u32) -> Vec<Option<f64>> {
    let Some(finished) = replicate(model, replication, 0, &Nobody) else { return vec![None; readings.len()] };
    let (mut window, mut slos) = (0, model.slos.iter());
    let mut next = || {
        let slo = slos.next()?;
        let index = if slo.during.is_some() {
            window += 1;
            window
        } else {
            0
        };
        let row = &finished.measured.windows[index];
        if row.end <= row.start {
            return None;
        }
        Observed { row, plan: &model.plan, replications: 1.0 }.value(&slo.metric).0
    };
    let value = |reading: &&Reading| {
        let values: Vec<Option<f64>> = reading.metrics.iter().map(|_| next()).collect();
        values.into_iter().collect::<Option<Vec<f64>>>().map(|values| (reading.formula)(&values))
    };
    readings.iter().map(value).collect()
}
