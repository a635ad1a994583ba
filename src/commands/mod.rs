//! The commands: each reads its arguments, asks the library, and shows what it says.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fmt;
mod fork;
pub(crate) mod kinds;
mod measure;
pub(crate) mod merge;
pub(crate) mod new;
mod open;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod saturate;
mod sensitivity;
pub(crate) mod sweep;
pub(crate) mod trace;

use crate::cli::Simulation;
use crate::clock::Timing;
use crate::exit::{self, Failure};
use crate::files;
use crate::files::json::Manifest;
use crate::progress::interrupted;
use archsim_experiment::model::Model;
use archsim_experiment::report::Verdict;

/// Sizes the pool of threads, lets Ctrl-C end the run in an orderly way, and says in every panic which seed it was.
fn begin(model: &Model, simulation: &Simulation) -> Result<(), Failure> {
    if simulation.parquet {
        files::parquet_is_built_in()?;
    }
    let threads = simulation.threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| Failure::Broken(format!("cannot start {threads} threads: {error}")))?;
    let listening = crate::progress::listen_for_interrupts();
    listening.map_err(|error| Failure::Broken(format!("cannot listen for Ctrl-C: {error}")))?;
    crate::panic::remember_seed(model.run.seed);
    Ok(())
}

/// What ran, when, and at what cost.
fn manifest(model: &Model, command: Vec<String>, changed: Vec<String>, started: String, timing: Timing) -> Manifest {
    Manifest {
        archsim: env!("CARGO_PKG_VERSION"),
        command,
        scenario: model.name.clone(),
        changed,
        seed: model.run.seed,
        replications: model.run.replications,
        threads: rayon::current_num_threads(),
        started,
        interrupted: interrupted(),
        timing,
    }
}

/// The exit code that a verdict asks for.
fn verdict_code(verdict: Verdict, simulation: &Simulation) -> u8 {
    let failed = verdict == Verdict::Fail || (verdict == Verdict::Undecided && simulation.strict);
    if failed && !simulation.exit_zero { exit::SLO_FAILED } else { 0 }
}
