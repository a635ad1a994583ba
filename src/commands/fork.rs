//! `archsim compare --from`: one run continued several ways from an instant.

use super::compare::Plan;
use crate::cli::CompareArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::input;
use crate::table::sweep::bare;
use archsim_experiment::compare::Comparison;
use archsim_experiment::compare::fork::{culprit, fork, obstacle};
use archsim_experiment::core::Time;
use archsim_experiment::language::Source;
use archsim_experiment::model::Model;
use archsim_experiment::models::spec::Span;
use archsim_experiment::run::Watch;

/// Paths and the text of their values.
type Settings = Vec<(String, String)>;

/// The alternative of the command line, named after what it changes.
pub(super) fn then(settings: &[(String, String)]) -> Option<(String, Settings)> {
    let names: Vec<String> = settings.iter().map(|(path, value)| format!("{path} = {value}")).collect();
    (!names.is_empty()).then(|| (names.join(", "), settings.to_vec()))
}

/// The instant that is meant, if it is inside the run.
pub(super) fn instant(text: &str, base: &Model) -> Result<Time, Failure> {
    let at = Span::parse(text).map(|span| span.0);
    let at = at.ok_or_else(|| Failure::Wrong(format!("--from {text}: this is no time\n  = help: for example 150s")))?;
    let duration = base.run.duration;
    if at == Time::ZERO || at >= duration {
        return Err(Failure::Wrong(format!(
            "--from {text}: it has to be inside the run, which lasts {duration}\n  = help: without --from all run from the start"
        )));
    }
    Ok(at)
}

/// Keeps those alternatives that a run can become on its way. One that was asked for by name must be among them.
pub(super) fn possible(
    args: &CompareArgs,
    plan: &mut Plan,
    (model, source): (&Model, &Source),
    console: Console,
) -> Result<(), Failure> {
    let base = plan.grid.points[plan.against].1.clone();
    let files = |name: &str| input::beside(&args.file, name);
    let then = then(&args.then);
    let blocked = |(name, other): &(Vec<String>, Model)| {
        let reason = obstacle(&base, other)?;
        let settings = model.variants.iter().chain(&then).find(|(variant, _)| [variant.clone()] == name[..]);
        let culprit = settings.and_then(|(_, settings)| culprit(source, &files, &base, settings));
        let (path, reason) = culprit.map_or((String::new(), reason), |(path, reason)| (format!("{path}: "), reason));
        Some(format!("`{}` cannot begin in the middle of a run: {path}{reason}", bare(&name.join(", "))))
    };
    let all = &plan.grid.points;
    let reasons: Vec<Option<String>> = all.iter().map(blocked).collect();
    let Some(first) = reasons.iter().flatten().next() else { return Ok(()) };
    let named = !args.variants.is_empty() || !args.others.is_empty() || then.is_some();
    if named || reasons.iter().filter(|reason| reason.is_none()).count() < 2 {
        let help = "without --from it is compared from the start; numbers and policies can change, parts cannot";
        return Err(Failure::Wrong(format!("{first}\n  = help: {help}")));
    }
    if !console.quiet {
        let lines: String = reasons.iter().flatten().map(|reason| format!("left out: {reason}\n")).collect();
        console.tell(&lines);
    }
    // The first is the one that the others are compared with: it stays.
    let mut kept = reasons.iter().map(Option::is_none);
    plan.grid.points.retain(|_| kept.next().unwrap_or(true));
    plan.grid.axes[0].1 = plan.grid.points.iter().map(|(name, _)| name[0].clone()).collect();
    Ok(())
}

/// Runs it.
pub(super) fn run(plan: &Plan, at: Time, watch: &dyn Watch) -> Result<Comparison, Failure> {
    let found = fork(&plan.name, &plan.grid, plan.against, at, &plan.measure, watch);
    found.map_err(|obstacle| Failure::Wrong(obstacle.reason))
}
