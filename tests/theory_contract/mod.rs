//! The contract of the theory: whatever a scenario contains, a formula that is claimed agrees with a long simulation, and
//! where none is claimed a reason is told. Each feature of the language is added in turn to a queue that is well known;
//! a feature that is not on the list fails the test.

use crate::support::scenario;
use archsim_experiment::core::stats::mean_interval;
use archsim_experiment::metric::Observed;
use archsim_experiment::model::Model;
use archsim_experiment::models::kind;
use archsim_experiment::models::spec::{self, Documented};
use archsim_experiment::models::world::Row;
use archsim_experiment::run::{Nobody, merged, replicate};
use archsim_experiment::theory::{Prediction, Quality, Theory};
use std::collections::BTreeSet;

/// Nearly no interval misses the true value by chance.
const CONFIDENCE: f64 = 0.9995;
/// What the percentiles of finite runs and of histograms with three digits may be off.
const SLACK: f64 = 0.005;
/// What times in whole nanoseconds may be off.
const INSTANT: f64 = 1e-9;
/// What an approximation or a limit may be off.
const NEAR: f64 = 0.35;
/// Replications of a minute: about 4,000 requests each.
const RUN: &str = r#"duration: "65s", warmup: "5s", replications: 8"#;

/// Features with their scenarios.
const FEATURES: &str = include_str!("features.txt");
const USERS: &str = r#""u": Open(to: "s", rate: 70)"#;
const SERVER: &str = r#""s": Service(on: { "x": [Compute(Exp("10ms"))] })"#;

/// A scenario.
struct Feature {
    traffic: &'static str,
    components: &'static str,
    more: &'static str,
}

fn features() -> Vec<Feature> {
    let paragraphs = FEATURES.split("\n\n").filter(|paragraph| !paragraph.starts_with('#'));
    let feature = |paragraph: &'static str| {
        let line = |word: &str| paragraph.lines().find_map(|line| line.strip_prefix(word));
        Feature {
            traffic: line("traffic ").unwrap_or(USERS),
            components: line("components ").unwrap_or(SERVER),
            more: line("more ").unwrap_or(""),
        }
    };
    paragraphs.map(feature).collect()
}

impl Feature {
    fn model(&self) -> Model {
        scenario(RUN, self.traffic, self.components, self.more)
    }
}

/// What is wrong with a prediction, given the values that the replications found.
fn wrong(prediction: &Prediction, values: &[f64]) -> Option<String> {
    let Prediction { metric, value, quality, law, .. } = prediction;
    let found = mean_interval(values, CONFIDENCE)?;
    let slack = (SLACK * value.abs()).max(INSTANT);
    let holds = match quality {
        Quality::Exact => found.low - slack <= *value && *value <= found.high + slack,
        Quality::UpperBound => found.low - slack <= *value,
        Quality::LowerBound => *value <= found.high + slack,
        Quality::Approximation | Quality::Limit => {
            found.low * (1.0 - NEAR) <= *value && *value <= found.high * (1.0 + NEAR)
        }
    };
    (!holds).then(|| format!("{metric} by {law} ({}): {value}, found {} .. {}", quality.name(), found.low, found.high))
}

/// Every wrong claim about a feature, and whether it is silent without a reason.
fn problems(feature: &Feature) -> Vec<String> {
    let model = feature.model();
    let theory = Theory::new(&model);
    if theory.predictions.is_empty() {
        let silent = theory.unsolved.is_empty();
        return silent.then(|| "neither a number nor a reason".to_owned()).into_iter().collect();
    }
    let rows: Vec<Row> = (0..model.run.replications)
        .filter_map(|run| replicate(&model, run, 0, &Nobody))
        .filter_map(|run| merged(std::slice::from_ref(&run), 0, &model.plan))
        .collect();
    let check = |prediction: &Prediction| {
        let Ok(metric) = model.catalogue.find(&prediction.metric) else {
            return Some(format!("there is no metric {}", prediction.metric));
        };
        let value = |row: &Row| Observed { row, plan: &model.plan, replications: 1.0 }.value(&metric).0;
        let values: Vec<f64> = rows.iter().filter_map(value).collect();
        wrong(prediction, &values)
    };
    // The far tail is too rare in runs of this length.
    theory.predictions.iter().filter(|prediction| !prediction.metric.ends_with("p999")).filter_map(check).collect()
}

#[test]
fn what_is_claimed_holds_with_every_feature() {
    let told = |feature: &Feature| {
        let place = format!("{} | {} | {}", feature.traffic, feature.components, feature.more);
        problems(feature).into_iter().map(|problem| format!("{place}\n    {problem}")).collect::<Vec<_>>()
    };
    let all: Vec<String> = features().iter().flat_map(told).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// The entries of a spec that can be written in a scenario.
fn entries<S: Documented>() -> Vec<String> {
    let in_this_version = |entry: &spec::Entry| !entry.doc.iter().any(|line| line.contains("Not in this version"));
    let can_be_written = |entry: &&spec::Entry| !entry.form.contains("NotYet") && in_this_version(entry);
    S::ENTRIES
        .iter()
        .filter(can_be_written)
        .map(|entry| format!("{}.{}", S::NAME, entry.name.trim_start_matches("r#")))
        .collect()
}

#[test]
fn every_feature_of_the_language_is_on_the_list() {
    let covered: BTreeSet<&str> = FEATURES
        .lines()
        .filter_map(|line| line.strip_prefix("covers "))
        .flat_map(|covers| covers.split(", "))
        .collect();
    let all = [
        entries::<kind::service::ServiceSpec>(),
        entries::<kind::database::DatabaseSpec>(),
        entries::<kind::database::OperationSpec>(),
        entries::<kind::cache::CacheSpec>(),
        entries::<kind::external::ExternalSpec>(),
        entries::<kind::load_balancer::LoadBalancerSpec>(),
        entries::<spec::traffic::TrafficSpec>(),
        entries::<spec::traffic::OpenArgs>(),
        entries::<spec::traffic::ClosedArgs>(),
        entries::<spec::traffic::ArrivalsSpec>(),
        entries::<spec::traffic::MixArgs>(),
        entries::<spec::batch::BatchLaw>(),
        entries::<spec::load::LoadShape>(),
        entries::<spec::edge::EdgeSpec>(),
        entries::<spec::steps::Step>(),
        entries::<spec::steps::ComputeArgs>(),
        entries::<spec::steps::CallArgs>(),
        entries::<spec::steps::ParallelArgs>(),
        entries::<spec::steps::MaybeArgs>(),
        entries::<spec::steps::RepeatArgs>(),
        entries::<spec::steps::CachedArgs>(),
        entries::<spec::steps::BatchArgs>(),
        entries::<spec::policy::Balance>(),
        entries::<spec::policy::PowerOfTwoArgs>(),
        entries::<spec::policy::Discipline>(),
        entries::<spec::policy::LifoArgs>(),
        entries::<spec::policy::PriorityArgs>(),
        entries::<spec::policy::ShortestArgs>(),
        entries::<spec::policy::SharingArgs>(),
        entries::<spec::policy::Eviction>(),
        entries::<spec::policy::Reads>(),
        entries::<spec::queueing::Joining>(),
        entries::<spec::queueing::PausesSpec>(),
        entries::<spec::queueing::VacationSpec>(),
        entries::<spec::queueing::ColdStartSpec>(),
        entries::<spec::queueing::Assign>(),
        entries::<spec::keys::KeySpec>(),
        entries::<spec::limit::LimitShape>(),
        entries::<spec::fault::FaultSpec>(),
    ];
    let all = all.concat();
    let missing: Vec<&String> = all.iter().filter(|entry| !covered.contains(entry.as_str())).collect();
    assert!(missing.is_empty(), "add these to FEATURES: {missing:?}");
    assert!(covered.len() > 150, "features are matched by their names");
}
