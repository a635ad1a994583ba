//! Properties of the tool: percentiles, reproducibility, comparison, capacity, stability.

use super::open::{poisson, service};
use super::priority::verdict;
use crate::case::ModelCases;
use crate::law::{Law, numbers, span};
use crate::params::{Maybe, Params};
use crate::run;
use crate::view::{Study, View, from, metric, of};
use archsim_experiment::metric::Observed;
use archsim_experiment::model::Model;
use archsim_experiment::run::{Nobody, replicate};
use serde_json::{Value, json};

/// The numbers 1 to 1000, as milliseconds.
pub(super) fn percentiles() -> Maybe<Vec<View>> {
    let values: Vec<String> = (1..=1000).map(|n| format!("\"{n}ms\"")).collect();
    let station = service("s", "", &format!("Wait(Sequence([{}]))", values.join(", ")));
    let traffic = "\"u\": Open(to: \"s\", rate: Steps([(\"0s\", 1000), (\"1.0005s\", 0)]), arrivals: Deterministic)";
    let mut view = View::new("", Study::new(traffic, station, 1000.0).terminating(10.0), "u", "s");
    for word in ["p50", "p90", "p95", "p99", "p99.9", "max", "mean"] {
        view = view.own(format!("data.{word}"), from(format!("u.{}", word.replace('.', "")), |seconds| seconds * 1e3));
    }
    Ok(vec![view])
}

/// One metric of one replication.
pub(super) fn value(model: &Model, name: &str, replication: u32) -> Maybe<f64> {
    let metric = model.catalogue.find(name).map_err(|e| e.message)?;
    let finished = replicate(model, replication, 0, &Nobody).ok_or("a run that ends")?;
    let row = &finished.measured.windows[0];
    let observed = Observed { row, plan: &model.plan, replications: 1.0 };
    observed.value(&metric).0.ok_or_else(|| format!("a value of {name}"))
}

fn queue(rate: f64, mean: f64) -> Study {
    let station = service("s", "", &format!("Compute({})", Law::Exp(mean).ron()));
    Study::new(poisson("u", "s", rate, ""), station, rate).settle(1000.0)
}

fn spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// The same draws for two variants: the difference of their means, and its noise beside that of independent runs.
fn paired(rate: f64) -> Maybe<(f64, f64)> {
    let models = [run::model_for(&queue(rate, 1.0), 21_000.0, 1)?, run::model_for(&queue(rate, 0.95), 21_000.0, 1)?];
    let mut columns = [vec![], vec![], vec![]];
    for replication in 0..100 {
        let pair = [value(&models[0], "u.mean", replication)?, value(&models[1], "u.mean", replication)?];
        columns[0].push(pair[0]);
        columns[1].push(pair[1]);
        columns[2].push(pair[0] - pair[1]);
    }
    let [first, second, difference] = columns.map(|column| spread(&column));
    Ok((difference.0, difference.1 / first.1.hypot(second.1)))
}

/// Bytes in which reports of one thread and of several differ.
fn differing_bytes() -> Maybe<Value> {
    let model = run::model_for(&queue(0.8, 1.0), 5000.0, 8)?;
    let report = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| e.to_string())?;
        let report = pool.install(|| archsim_experiment::run::run(&model, &Nobody)).ok_or("a run that ends")?;
        Ok::<String, String>(format!("{:?} {:?} {:?}", report.summary, report.series, report.time))
    };
    let (one, many) = (report(1)?, report(4)?);
    let differing = one.bytes().zip(many.bytes()).filter(|(a, b)| a != b).count();
    Ok(json!(differing + one.len().abs_diff(many.len())))
}

/// Coverage is measured elsewhere; reproducibility and paired comparison here.
pub(super) fn procedures(p: &Params) -> Maybe<Vec<View>> {
    let rate = p.number_or("arrival_rate", 0.8);
    Ok(vec![
        View::new("", queue(rate, 1.0), "u", "s")
            .look("differing_bytes", |_| Ok(vec![differing_bytes()?]))
            .look("response.mean.difference", move |_| Ok(vec![json!(paired(rate)?.0)]))
            .look("se_ratio_vs_independent", move |_| Ok(vec![json!(paired(rate)?.1)]))
            .lacks("coverage.mean", "a thousand automatic runs of each model: `just coverage`")
            .lacks("coverage.p99", "a thousand automatic runs of each model: `just coverage`"),
    ])
}

/// The largest rate at which a percentile stays below a limit, found by halving on the same draws.
pub(super) fn capacity(model: &ModelCases) -> Maybe<Vec<View>> {
    let words = &model.words;
    let after = |word: &str| words.split_once(word).and_then(|(_, rest)| numbers(rest).first().copied());
    let (Some(percentile), Some(limit), Some(workers), Some(mean)) =
        (after("that p"), after("<="), after("M/M/"), after("mean"))
    else {
        return Err("a search in these words".into());
    };
    let search = move |_: &Study| {
        let name = format!("u.p{}", percentile.to_string().replace('.', ""));
        let (mut low, mut high) = (0.5 * workers / mean, workers / mean);
        for _ in 0..12 {
            let rate = 0.5 * (low + high);
            let station = service("s", &format!("cpu: {workers}, "), &format!("Compute({})", Law::Exp(mean).ron()));
            // One unit of time is a millisecond of the words.
            let study = Study::new(poisson("u", "s", rate, ""), station, rate).settle(1000.0);
            let found = value(&run::model_for(&study, 1e6 / rate, 1)?, &name, 0)?;
            if found <= limit { low = rate } else { high = rate }
        }
        Ok(vec![json!(0.5 * (low + high) * 1000.0)])
    };
    Ok(vec![View::new("", Study::default(), "u", "s").look("rate_per_s", search)])
}

/// Stable systems that are slow to settle.
pub(super) fn stable() -> Maybe<Vec<View>> {
    let judged = |_: &Study| {
        let heavy = Law::parse("hyperexp2(mean=1,scv=16,balanced)")?.ron();
        let bursty = "\"u\": Open(to: \"s\", rate: Mmpp([(1.6, \"50s\"), (0.2, \"50s\")]))";
        let studies = [
            queue(0.97, 1.0),
            Study::new(poisson("u", "s", 0.9, ""), service("s", "", &format!("Compute({heavy})")), 0.9),
            Study::new(bursty, service("s", "", "Compute(Exp(\"1s\"))"), 0.9),
        ];
        let verdicts: Maybe<Vec<Value>> = studies.iter().map(|study| verdict(study, 200_000.0)).collect();
        let unstable = verdicts?.iter().any(|verdict| verdict == "unstable");
        Ok(vec![json!(if unstable { "unstable" } else { "stable" })])
    };
    Ok(vec![View::new("a..c", Study::default(), "u", "s").look("verdict[a..c]", judged)])
}

/// The most that goes through, with always more users than servers.
pub(super) fn limits() -> Maybe<Vec<View>> {
    let busy = |tag: &str, fields: &str, steps: &str| {
        let users = "\"u\": Closed(to: \"s\", users: 40)";
        View::new(tag, Study::new(users, service("s", fields, steps), 1.0), "u", "s")
            .own("rate_max", metric("u.goodput"))
    };
    let split = ["Compute(Exp(\"1s\"))"; 4].join(", ");
    let shards = Study::new(
        poisson("u", "f", 1.0, ""),
        [
            service("f", "", "Choose([(0.5, [Call(\"s1\")]), (0.3, [Call(\"s2\")]), (0.2, [Call(\"s3\")])])"),
            service("s1", "", "Compute(Exp(\"1s\"))"),
            service("s2", "", "Compute(Exp(\"1s\"))"),
            service("s3", "", "Compute(Exp(\"1s\"))"),
        ]
        .join(", "),
        1.0,
    );
    Ok(vec![
        busy("a", "cpu: 4, ", "Compute(LogNormal(mean: \"500ms\", cv: 1.5))"),
        busy("b", "", "Repeat(while: \"25%\", steps: [Compute(Exp(\"1s\"))])"),
        busy("c", "pauses: (up: Exp(\"50s\"), down: Exp(\"5s\")), ", "Compute(Exp(\"1s\"))"),
        busy("d", "cpu: 4, concurrency: 1, ", &format!("Parallel([{split}])")),
        busy("e", "", "Batch(max: 4, at_once: 1, steps: [Compute(Exp(\"1s\"))])"),
        // The busiest shard is full at rate / utilisation.
        View::new("f", shards, "u", "s1")
            .own("rate_max", of(["u.rate".into(), "s1.utilization".into()], |v| v[0] / v[1])),
    ])
}

/// A server that stops for half of the time, asked in two ways.
pub(super) fn omission(p: &Params) -> Maybe<Vec<View>> {
    let (rate, work) = (p.number("rate")?, p.number("service_ms")? * 1e-3);
    let (stop, period) = (p.number("stop_s")?, p.number("period_s")?);
    let fields = format!("cpu: 100000, pauses: (up: {}, down: {}), ", span(period - stop), span(stop));
    let station = service("s", &fields, &format!("Compute({})", span(work)));
    let open = format!("\"u\": Open(to: \"s\", rate: {rate:?}, arrivals: Deterministic)");
    let closed = format!("\"u\": Closed(to: \"s\", users: 1, think: {})", span((1.0 / rate - work).max(0.0)));
    // A little more than whole cycles: those who wait at the end of the last one have their answers.
    let cycles = 10.0 * period + 5.0 * work;
    Ok(vec![
        View::new("open loop", Study::new(open, &station, rate).terminating(cycles), "u", "s"),
        View::new("closed loop, naive", Study::new(closed, &station, rate).terminating(cycles), "u", "s"),
    ])
}
