//! The instructions that a request may come to.

use archsim_models::Plan;
use archsim_models::plan::Op;
use std::collections::BTreeSet;

/// All instructions from a start on until the answer, without those of branches and of what goes on after it.
pub(super) fn before_the_answer(plan: &Plan, start: u32) -> BTreeSet<u32> {
    reached(plan, start, &|at, next| follow(plan, at, next))
}

/// All instructions from a start on, whoever waits for them.
pub(super) fn all(plan: &Plan, start: u32) -> BTreeSet<u32> {
    reached(plan, start, &|at, next| {
        follow(plan, at, next);
        match plan.ops[at as usize] {
            Op::Fork { fork } => next.extend(plan.forks[fork as usize].branches.iter().map(|(start, _)| *start)),
            Op::After { start, .. } => next.push(start),
            Op::Batch { batch } => next.push(plan.batches[batch as usize].start),
            Op::Replicate { replicate } => next.push(plan.replications[replicate as usize].start),
            _ => {}
        }
    })
}

fn reached(plan: &Plan, start: u32, follow: &dyn Fn(u32, &mut Vec<u32>)) -> BTreeSet<u32> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(at) = open.pop() {
        if (at as usize) < plan.ops.len() && seen.insert(at) {
            follow(at, &mut open);
        }
    }
    seen
}

/// Where a request may go on from an instruction.
fn follow(plan: &Plan, at: u32, next: &mut Vec<u32>) {
    match plan.ops[at as usize] {
        Op::Reply | Op::Finish | Op::Join | Op::BatchEnd { .. } | Op::Raise => return,
        Op::Jump { to } => return next.push(to),
        Op::Choose { choice, .. } => {
            return next.extend(plan.choices[choice as usize].iter().map(|(_, to)| *to));
        }
        Op::Maybe { otherwise, .. } => next.push(otherwise),
        Op::IfHit { to } => next.push(to),
        Op::LoopStart { end, .. } => next.push(end),
        Op::Call { call } => next.push(plan.calls[call as usize].on_error),
        Op::Fork { fork } => next.push(plan.forks[fork as usize].on_error),
        Op::Batch { batch } => next.push(plan.batches[batch as usize].failed),
        Op::Unhandled { dead, .. } => next.push(dead),
        _ => {}
    }
    next.push(at + 1);
}
