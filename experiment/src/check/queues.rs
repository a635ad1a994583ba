//! Queues that cannot be: disciplines that do not fit what waits.

use super::context::Check;
use archsim_models::Kind;
use archsim_models::spec::{At, Discipline, Step};

pub(super) fn check(check: &mut Check<'_>, name: &At<String>, kind: &Kind) {
    if let Some(discipline) = kind.discipline() {
        weights(check, name, discipline);
        whole_cores(check, kind, discipline);
    }
    if let Kind::Service(service) = kind
        && let Some(admission) = &service.admission
    {
        slots(check, name, admission);
    }
}

/// A slot is held whole and its work is not known beforehand.
fn slots(check: &mut Check<'_>, name: &At<String>, admission: &Discipline) {
    let message = if admission.interrupts_or_shares() {
        "a slot is held whole, without interruption: `admission` is Fifo, Lifo, RandomOrder or Priority"
    } else if admission.knows_sizes() {
        "how long a slot will be held is not known beforehand: `admission` is Fifo, Lifo, RandomOrder or Priority"
    } else {
        return;
    };
    let span = check.field("components", name, "admission");
    check.impossible(message, &span);
}

fn weights(check: &mut Check<'_>, name: &At<String>, discipline: &Discipline) {
    let Discipline::ProcessorSharing(args) = discipline else { return };
    let weights = args.weights.iter().flat_map(|weights| &weights.0);
    for (priority, weight) in weights.filter(|(_, weight)| !(weight.is_finite() && *weight > 0.0)) {
        let span = check.field("components", name, "discipline");
        check.impossible(format!("the weight of priority {priority} is above 0, found {weight}"), &span);
    }
}

/// Where servers are shared nobody holds several of them.
fn whole_cores(check: &mut Check<'_>, kind: &Kind, discipline: &Discipline) {
    if !matches!(discipline, Discipline::ProcessorSharing(_) | Discipline::LeastAttained) {
        return;
    }
    for steps in kind.programs() {
        steps.visit(&mut |step| {
            let Step::Compute(args) = &step.value else { return };
            let Some(cores) = args.cores.as_ref().filter(|cores| cores.value > 1) else { return };
            check.impossible("where the cores are shared nobody holds several of them: `cores` is 1", &cores.span);
        });
    }
}
