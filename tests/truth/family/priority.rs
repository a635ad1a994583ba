//! Classes of requests at one station.

use super::open::{UNIT, poisson};
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::run;
use crate::view::{Study, View, from, metric, of};
use serde_json::Value;

/// Rates of the classes, most urgent first: a list, or `rate_1`, `rate_2`...
fn rates(p: &Params) -> Maybe<Vec<f64>> {
    if let Ok(rates) = p.numbers("rates") {
        return Ok(rates);
    }
    let rates: Vec<f64> = (1..10).map_while(|class| p.number(&format!("rate_{class}")).ok()).collect();
    if rates.is_empty() { Err("the rates of the classes".into()) } else { Ok(rates) }
}

/// Their laws of service: a list, one for all, or exponential with mean 1.
fn laws(p: &Params, classes: usize) -> Maybe<Vec<Law>> {
    match p.laws("services") {
        Ok(laws) if laws.len() == classes => Ok(laws),
        _ => Ok(vec![p.law_or("service", UNIT)?; classes]),
    }
}

/// A traffic source for each class, and a station with an endpoint for each.
fn station(rates: &[f64], laws: &[Law], fields: &str) -> Study {
    let source = |(class, rate): (usize, &f64)| {
        poisson(&format!("u{}", class + 1), &format!("s.x{}", class + 1), *rate, &format!(", priority: {class}"))
    };
    let endpoint = |(class, law): (usize, &Law)| format!("\"x{}\": [Compute({})]", class + 1, law.ron());
    let traffic: Vec<String> = rates.iter().enumerate().map(source).collect();
    let endpoints: Vec<String> = laws.iter().enumerate().map(endpoint).collect();
    let component = format!("\"s\": Service({fields}on: {{ {} }})", endpoints.join(", "));
    Study::new(traffic.join(", "), component, rates.iter().sum())
}

fn views(study: &Study, laws: &[Law], tag: impl Fn(usize) -> String) -> Vec<View> {
    let view = |(class, law): (usize, &Law)| {
        let (source, work) = (format!("u{}", class + 1), law.mean());
        let mut view = View::new(tag(class), study.clone(), &source, "s")
            .own("wait.mean", from(format!("{source}.mean"), move |response| response - work))
            .own("wait.prob_positive", metric(format!("{source}.waiting.above_0s")))
            .own("block.prob", metric(format!("{source}.errors")));
        for word in ["p50", "p90", "p95", "p99", "p99.9"] {
            view = view.own(format!("wait.{word}"), metric(format!("{source}.waiting.{}", word.replace('.', ""))));
        }
        view
    };
    laws.iter().enumerate().map(view).collect()
}

/// Priorities, the first class the most urgent.
pub(super) fn classes(p: &Params, preemptive: bool) -> Maybe<Vec<View>> {
    let rates = rates(p)?;
    let laws = laws(p, rates.len())?;
    let fields = format!("cpu: {}, discipline: Priority(preemptive: {preemptive}), ", p.count_or("workers", 1));
    Ok(views(&station(&rates, &laws, &fields), &laws, |class| (class + 1).to_string()))
}

/// The first class has a steady state, the second has none.
pub(super) fn partly_unstable(p: &Params) -> Maybe<Vec<View>> {
    let rates = rates(p)?;
    let laws = laws(p, rates.len())?;
    let study = station(&rates, &laws, "discipline: Priority(preemptive: true), ");
    let (growing, judged) = (study.clone().terminating(5_000.0), study.clone());
    let mut views = vec![View::new("1", study, "u1", "s")];
    views.push(
        View::new("2", growing, "u2", "s")
            .own("queue_growth_rate", of(["u2.rate".into(), "u2.goodput".into()], |v| v[0] - v[1]))
            .look("verdict[2]", move |_| Ok(vec![verdict(&judged, 20_000.0)?])),
    );
    Ok(views)
}

/// What a run says about the steady state.
pub(super) fn verdict(study: &Study, seconds: f64) -> Maybe<Value> {
    let model = run::model_for(study, seconds, 4)?;
    let report = archsim_experiment::run::run(&model, &archsim_experiment::run::Nobody).ok_or("a run that ends")?;
    let unstable = report.verdicts.iter().any(|sentence| sentence.starts_with("no steady state"));
    Ok(if unstable { "unstable" } else { "stable" }.into())
}

/// Processor sharing with several classes: a, b...
pub(super) fn sharing(p: &Params) -> Maybe<Vec<View>> {
    let rates = rates(p)?;
    let laws = laws(p, rates.len())?;
    let letter = |class: usize| char::from(b'a' + (class % 26) as u8).to_string();
    Ok(views(&station(&rates, &laws, "discipline: ProcessorSharing, "), &laws, letter))
}
