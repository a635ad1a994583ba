//! One run continued several ways from an instant: what if we had done this then?
//!
//! Each replication runs as one of the alternatives up to the instant, once; a copy of its world goes on as each of them. So they are the same
//! to the bit until then, and whatever differs afterwards comes from the change. What is in progress at the instant keeps what it has
//! drawn, armed and sent: the time of the next arrival, the work of who is in service, a time-out that is running, a message that is
//! on its way. Compared is what happens after the instant; every replication is one observation of it, for a change is no steady state.

#[cfg(test)]
mod tests;

use super::{Comparison, together};
use crate::check;
use crate::heavy_tail::HeavyTails;
use crate::model::Model;
use crate::run::{Replication, Watch, forked};
use crate::sweep::Grid;
use crate::vary;
use archsim_core::Time;
use archsim_language::Source;
use rayon::prelude::*;

/// Why an alternative cannot go on where the other has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Its place in the grid.
    pub point: usize,
    /// A sentence.
    pub reason: String,
}

/// Runs the point `against` of a grid up to an instant, and from there all of them.
///
/// # Errors
/// The first alternative that a running system cannot become.
pub fn fork(
    name: &str,
    grid: &Grid,
    against: usize,
    at: Time,
    measure: &[String],
    watch: &dyn Watch,
) -> Result<Comparison, Obstacle> {
    let base = &grid.points[against].1;
    for (point, (_, model)) in grid.points.iter().enumerate() {
        if let Some(reason) = obstacle(base, model) {
            return Err(Obstacle { point, reason });
        }
    }
    let points = grid.points.iter().map(|(settings, model)| (settings.clone(), since(model, at))).collect();
    let grid = Grid { axes: grid.axes.clone(), points };
    let models: Vec<&Model> = grid.points.iter().map(|(_, model)| model).collect();
    let numbers = (0..models[against].run.replications).into_par_iter();
    let run: Vec<Vec<Replication>> = numbers.filter_map(|r| forked(&models, against, at, r, watch)).collect();
    let of = |point: usize| run.iter().map(|alternatives| alternatives[point].clone()).collect();
    let run = (0..models.len()).map(of).collect();
    let found = together(name, &grid, against, measure, watch, run);
    Ok(Comparison { from: Some(at.as_secs_f64()), ..found })
}

/// What keeps a run of one model from going on as another, as a sentence; `None` if nothing does.
pub fn obstacle(base: &Model, later: &Model) -> Option<String> {
    if base.run != later.run {
        return Some(
            "it would run for another time, with another seed, or otherwise: the `run` section is that of all".into(),
        );
    }
    if base.slos != later.slos {
        return Some("it has other SLOs: those of all are judged, let them be the same".into());
    }
    let parts = base.plan.obstacle(&later.plan);
    let names = |model: &Model| -> Vec<String> { model.catalogue.metrics.iter().map(|m| m.name.clone()).collect() };
    let metrics = || (names(base) != names(later)).then(|| "it would have other metrics".to_owned());
    parts.or_else(|| (base.spaces != later.spaces).then(|| "its keys have other names".to_owned())).or_else(metrics)
}

/// Which of several settings alone meets an obstacle, if one does: its path, and why.
pub fn culprit(
    source: &Source,
    files: &dyn Fn(&str) -> Result<String, String>,
    base: &Model,
    settings: &[(String, String)],
) -> Option<(String, String)> {
    settings.iter().find_map(|setting| {
        let text = vary::set_all(source, std::slice::from_ref(setting)).ok()?;
        let model = check::check_alone(&text, files).model?;
        Some((setting.0.clone(), obstacle(base, &model)?))
    })
}

/// The model as studied from an instant on: what comes before is left out, and nothing is a steady state.
fn since(model: &Model, at: Time) -> Model {
    let mut model = model.clone();
    model.run.warmup = at;
    (model.run.automatic_warmup, model.run.precision, model.terminating) = (false, None, true);
    model.heavy = HeavyTails::of(&model.plan, &model.load, true);
    model.slos.retain(|slo| slo.during.is_none_or(|(from, _)| from >= at));
    model
}
