//! How well `archsim plan` finds what an exhaustive sweep would: for each seed both are run on `scenarios/capacity-plan.ron`, and the
//! requests that they took are compared. `just planning [SEEDS]`.

#![allow(clippy::print_stdout, reason = "a program that prints a table")]
use archsim_experiment::check::check_alone;
use archsim_experiment::language::Source;
use archsim_experiment::model::Model;
use archsim_experiment::planning::{Question, plan};
use archsim_experiment::report::{Report, Verdict};
use archsim_experiment::run::{Nobody, run};
use archsim_experiment::scenario::Experiment;
use archsim_experiment::sweep::grid;
use archsim_experiment::vary;

const SCENARIO: &str = include_str!("../../scenarios/capacity-plan.ron");

fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    let (mut found, mut most) = (0, 0.0_f64);
    println!("seed   exhaustive         plan               runs   share of the requests");
    for seed in 1..=seeds {
        let (exhaustive, planned, runs, share) = both(seed);
        found += u64::from(exhaustive == planned);
        most = most.max(share);
        println!("{seed:4}   {exhaustive:18} {planned:18} {runs:4}   {share:.3}");
    }
    println!("{found} of {seeds} found, with at most {most:.3} of the requests");
}

fn files(name: &str) -> Result<String, String> {
    Err(format!("no file {name}"))
}

/// The answer of both, the runs of the plan, and its share of the requests.
fn both(seed: u64) -> (String, String, usize, f64) {
    let source = Source::new("capacity-plan.ron", SCENARIO);
    let source = vary::set_all(&source, &[("run.seed".into(), seed.to_string())]).expect("the seed is set");
    let model = check_alone(&source, &files).model.expect("the scenario is right");
    let axes = axes(&model);
    let grid = grid(&source, &files, &axes, &[]).expect("every point is right");
    let all: Vec<Report> =
        grid.points.iter().map(|(_, model)| run(model, &Nobody).expect("nobody interrupts")).collect();
    let cost = |point: usize| all[point].get("cost").and_then(|cost| cost.value).unwrap_or(f64::INFINITY);
    let holds = |point: &usize| all[*point].slos.iter().all(|slo| slo.verdict == Verdict::Pass);
    let cheapest = (0..all.len()).filter(holds).min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
    let question = Question {
        source: &source,
        files: &files,
        minimize: model.catalogue.find("cost").expect("a metric"),
        axes,
        keep: model.slos.clone(),
        precision: 0.05,
    };
    let planned = plan(&question, &Nobody).expect("every setting is right");
    let text = |settings: Option<&Vec<String>>| settings.map_or("none".into(), |settings| settings.join(", "));
    (
        text(cheapest.map(|point| &grid.points[point].0)),
        text(planned.best.map(|best| &planned.candidates.all[best].settings)),
        planned.trials.len(),
        planned.work().requests as f64 / all.iter().map(|report| report.work.requests).sum::<u64>() as f64,
    )
}

fn axes(model: &Model) -> Vec<(String, Vec<String>)> {
    let plans = model.experiments.iter().filter(|(_, experiment)| matches!(experiment, Experiment::Plan(_)));
    let written = plans.flat_map(|(_, experiment)| experiment.vary());
    written.map(|(path, text)| (path, vary::values(&text).expect("an axis"))).collect()
}
