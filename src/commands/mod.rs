//! The commands: each reads its arguments, asks the library, and shows what it says.

pub(crate) mod check;
pub(crate) mod kinds;
pub(crate) mod run;
pub(crate) mod sweep;

use crate::cli::Simulation;
use crate::exit::{self, Failure};
use archsim_experiment::report::Verdict;

/// Sizes the pool of threads that everything runs on.
fn start_threads(simulation: &Simulation) -> Result<(), Failure> {
    let threads = simulation.threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| Failure::Broken(format!("cannot start {threads} threads: {error}")))
}

/// Lets Ctrl-C end the run in an orderly way.
fn listen_for_interrupts() -> Result<(), Failure> {
    let listening = crate::progress::listen_for_interrupts();
    listening.map_err(|error| Failure::Broken(format!("cannot listen for Ctrl-C: {error}")))
}

/// The exit code that a verdict asks for.
fn verdict_code(verdict: Verdict, simulation: &Simulation) -> u8 {
    let failed = verdict == Verdict::Fail || (verdict == Verdict::Undecided && simulation.strict);
    if failed && !simulation.exit_zero { exit::SLO_FAILED } else { 0 }
}
