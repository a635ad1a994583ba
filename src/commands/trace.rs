//! `archsim trace`: single requests, followed through the system.

use crate::cli::{Common, TraceArgs};
use crate::console::Console;
use crate::exit::{Failure, WRONG};
use crate::files::json;
use crate::settings::{prepare, unknown};
use crate::table::{journey, plural};
use archsim_experiment::assemble::grouped;
use archsim_experiment::trace::{Question, Trip, trace as follow};
use serde::Serialize;

/// The document of `archsim trace --json`.
#[derive(Serialize)]
struct Document<'a> {
    scenario: &'a str,
    seed: u64,
    replication: u32,
    requests: &'a [Trip],
}

/// Follows the requests that are asked for.
pub(crate) fn trace(args: &TraceArgs, common: &Common, console: Console) -> Result<u8, Failure> {
    let (model, ..) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    crate::panic::remember_seed(model.run.seed);
    let question = Question {
        slowest: args.slowest,
        of: args.endpoint.clone(),
        failed: args.failed,
        replication: args.replication - 1,
    };
    let file = args.file.display().to_string();
    let trips = follow(&model, &question).map_err(|known| {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Failure::Wrong(unknown("endpoint", args.endpoint.as_deref().unwrap_or_default(), &known, &file))
    })?;
    if args.json {
        let (scenario, seed) = (model.name.as_str(), model.run.seed);
        let document = Document { scenario, seed, replication: args.replication, requests: &trips };
        console.print(&json::pretty(&document))?;
        return Ok(0);
    }
    if trips.is_empty() {
        console.tell("no request of that sort ended during the run\n");
        return Ok(WRONG);
    }
    if !common.quiet {
        let failed = if args.failed { " that failed" } else { "" };
        let of = args.endpoint.as_ref().map_or(String::new(), |of| format!(" of {of}"));
        let (seed, replication) = (grouped(model.run.seed), args.replication);
        let what = plural(trips.len(), "request");
        console.print(&format!("The slowest {what}{of}{failed}: seed {seed}, replication {replication}\n\n"))?;
    }
    console.print(&journey::trips(&trips, console.out))?;
    Ok(0)
}
