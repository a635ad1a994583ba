//! Values of steps that cannot be.

use super::context::Check;
use super::policies::{MOST, above_zero, count, grouped};
use super::values::MOST_BRANCHES;
use archsim_models::spec::steps::{BatchArgs, RepeatArgs};
use archsim_models::spec::{At, Step, Steps};
use std::ops::Range;

/// Checks a program that runs on instances with so many cores.
pub(super) fn check(check: &mut Check<'_>, steps: &Steps, cpu: u32) {
    steps.visit(&mut |step| one(check, step, cpu));
    locks(check, steps, &mut Vec::new());
}

fn one(check: &mut Check<'_>, step: &At<Step>, cpu: u32) {
    match &step.value {
        Step::Compute(args) => {
            let Some(cores) = &args.cores else { return };
            if cores.value == 0 {
                check.impossible("`cores` is at least 1", &cores.span);
            } else if cores.value > cpu {
                check.impossible(format!("{} cores at once: an instance has `cpu: {cpu}`", cores.value), &cores.span);
            }
        }
        Step::Repeat(args) => repeat(check, args, &step.span),
        Step::Batch(args) => batch(check, args),
        Step::Parallel(args) => {
            args.times.iter().for_each(|times| count(check, times, "`times`"));
            parallel(check, args.branches(), args.need.as_ref(), &step.span)
        }
        Step::Choose(args) => {
            let weights: Vec<f64> = args.branches.iter().map(|(weight, _)| *weight).collect();
            self::weights(check, &weights, &step.span);
        }
        _ => {}
    }
}

fn repeat(check: &mut Check<'_>, args: &RepeatArgs, span: &Range<usize>) {
    match (&args.times, &args.r#while) {
        (Some(_), Some(again)) => {
            check.impossible("a loop has either `times` or `while`", &again.span);
        }
        (None, None) => check.impossible("a loop has `times` or `while`", span),
        _ => {}
    }
    if let Some(times) = args.times.as_ref().filter(|times| u64::from(times.value) > MOST) {
        check.impossible(
            format!("`times` is at most {}, found {}", grouped(MOST), grouped(times.value.into())),
            &times.span,
        );
    }
    if let Some(again) = args.r#while.as_ref().filter(|again| again.value.0 > 0.999) {
        check.impossible(
            format!("`while` is a probability of at most 99.9 %, found {}: the loop would hardly end", again.value.0),
            &again.span,
        );
    }
}

fn batch(check: &mut Check<'_>, args: &BatchArgs) {
    count(check, &args.max, "`max`");
    args.at_once.iter().for_each(|most| count(check, most, "`at_once`"));
    args.min.iter().for_each(|least| count(check, least, "`min`"));
    args.linger.iter().for_each(|linger| above_zero(check, linger, "`linger`"));
    if let Some(least) = args.min.as_ref().filter(|least| least.value > args.max.value) {
        check.impossible(
            format!("a batch cannot wait for {} requests and take at most {}", least.value, args.max.value),
            &least.span,
        );
    }
}

fn parallel(check: &mut Check<'_>, branches: u64, need: Option<&At<u32>>, span: &Range<usize>) {
    if branches > MOST_BRANCHES {
        check.impossible(
            format!("at most {} steps run at the same time, found {}", grouped(MOST_BRANCHES), grouped(branches)),
            span,
        );
    }
    let Some(need) = need else { return };
    if u64::from(need.value) > branches {
        check.impossible(format!("{} branches must succeed, but there are only {branches}", need.value), &need.span);
    } else if need.value == 0 {
        check.impossible("`need` is at least 1; use After for what nobody waits for", &need.span);
    }
}

/// Weights of which one is chosen: at least 0, finite, and not all 0.
pub(super) fn weights(check: &mut Check<'_>, weights: &[f64], span: &Range<usize>) {
    if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        check.impossible(format!("a weight is at least 0, found {wrong}"), span);
    } else if weights.is_empty() {
        check.impossible("there is nothing to choose from", span);
    } else if weights.iter().sum::<f64>() <= 0.0 {
        check.impossible("all weights are zero", span);
    } else if !weights.iter().sum::<f64>().is_finite() {
        check.impossible("the weights are too large", span);
    }
}

/// A lock that is held is never free for its holder; steps after the reply do not hold it.
fn locks<'s>(check: &mut Check<'_>, steps: &'s Steps, held: &mut Vec<&'s str>) {
    for step in steps.iter() {
        match &step.value {
            Step::Hold(args) => {
                if held.contains(&args.lock.value.as_str()) {
                    let message = format!("`{}` is already held here: this waits for itself for ever", args.lock.value);
                    check.impossible(message, &args.lock.span);
                }
                held.push(&args.lock.value);
                locks(check, &args.steps, held);
                held.pop();
            }
            Step::After(args) => locks(check, &args.steps, &mut Vec::new()),
            other => other.nested().into_iter().for_each(|nested| locks(check, nested, held)),
        }
    }
}
