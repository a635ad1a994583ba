//! Identities that hold in every run, over the whole run of a system that is empty at its end: where books are kept exactly, no gap is left
//! (operational analysis; Denning and Buzen, ACM Computing Surveys 10(3), 1978).

use crate::params::Maybe;
use crate::run;
use crate::view::{Study, View};
use archsim_experiment::models::world::{ComponentRow, Measured};
use archsim_experiment::run::{Nobody, replicate};
use serde_json::{Value, json};

/// Two stations, slots and a cache, with a burst of requests that all have their answer in the end.
fn burst() -> Study {
    let traffic = "\"u\": Open(to: \"web\", rate: Steps([(\"0s\", 40), (\"200s\", 0)]))";
    let components = "\"web\": Service(replicas: 2, cpu: 2, concurrency: 20, on: { \"x\": [Compute(Exp(\"20ms\")), \
                      Cached(cache: \"c\", key: \"k\", miss: [Call(\"db.read\")]), Compute(Exp(\"5ms\"))] }), \
                      \"c\": Cache(entries: 100), \"db\": Database(workers: 2, ops: { \"read\": Read(Exp(\"60ms\")) })";
    Study::new(traffic, components, 40.0).more("keys: { \"k\": Zipf(items: 1000, s: 0.9) }")
}

/// A look at what one run has counted.
fn gap(of: fn(&Measured) -> f64) -> impl Fn(&Study) -> Result<Vec<Value>, String> + 'static {
    move |study| {
        let model = run::model_for(study, 300.0, 1)?;
        let finished = replicate(&model, 0, 0, &Nobody).ok_or("a run that ends")?;
        let Measured { in_flight: 0, .. } = finished.measured else { return Err("a run that ends empty".into()) };
        Ok(vec![json!(of(&finished.measured))])
    }
}

/// The larger of the relative differences that the components have.
fn worst(measured: &Measured, sums: fn(&ComponentRow) -> (u128, u128)) -> f64 {
    let of_one = |row: &ComponentRow| {
        let (a, b) = sums(row);
        a.abs_diff(b) as f64 / a.max(b).max(1) as f64
    };
    measured.windows[0].components.iter().map(of_one).fold(0.0, f64::max)
}

/// Little's law, the utilisation law, the balance of flow, and stages that add up to the response.
pub(super) fn identities() -> Maybe<Vec<View>> {
    let view = View::new("", burst(), "u", "db")
        .look("littles_law.relative_gap", gap(|run| worst(run, |row| (row.inside.into(), row.sojourn.sum()))))
        .look(
            "utilisation_law.relative_gap",
            gap(|run| worst(run, |row| (row.busy.iter().map(|b| u128::from(*b)).sum(), row.service.sum()))),
        )
        .look("stage_sum.gap", gap(|run| run.time.iter().map(|time| time.gap()).sum::<u128>() as f64))
        .look(
            "flow_balance.gap",
            gap(|run| {
                let rows = run.windows[0].components.iter().zip(&run.inside);
                let gap = |(row, inside): (&ComponentRow, &u64)| {
                    row.arrived.abs_diff(row.outcomes.iter().sum::<u64>() + inside)
                };
                rows.map(gap).sum::<u64>() as f64
            }),
        );
    Ok(vec![view])
}
