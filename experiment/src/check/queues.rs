//! Queues that cannot be: disciplines that do not fit what waits.

use super::context::Check;
use archsim_models::Kind;
use archsim_models::spec::queueing::PauseUnit;
use archsim_models::spec::{At, ByPriority, Discipline, Duration, Step};

pub(super) fn check(check: &mut Check<'_>, name: &At<String>, kind: &Kind) {
    if let Some(discipline) = kind.discipline() {
        weights(check, name, discipline);
        whole_cores(check, kind, discipline);
    }
    queueing(check, name, kind);
    if let Kind::Service(service) = kind
        && let Some(admission) = &service.admission
    {
        slots(check, name, admission);
    }
}

fn queueing(check: &mut Check<'_>, name: &At<String>, kind: &Kind) {
    let spec = kind.queueing();
    let shares = matches!(kind.discipline(), Some(Discipline::ProcessorSharing(_) | Discipline::LeastAttained));
    let mut refuse = |wrong: bool, field: &str, message: &str| {
        if wrong {
            let span = check.field("components", name, field);
            check.impossible(message, &span);
        }
    };
    let zero = |time: Option<&Duration>| time.is_some_and(|time| time.mean_seconds() <= 0.0);
    let each = spec.pauses.is_some_and(|pauses| pauses.each == Some(PauseUnit::Core));
    refuse(
        zero(spec.pauses.map(|p| &p.up)) || zero(spec.pauses.map(|p| &p.down)),
        "pauses",
        "`up` and `down` are above zero",
    );
    refuse(zero(spec.vacation.map(|v| &v.time)), "vacation", "a vacation is longer than zero");
    refuse(
        spec.vacation.is_some() && spec.cold_start.is_some(),
        "cold_start",
        "a core that nothing waits for goes on vacation or off, not both: give `vacation` or `cold_start`",
    );
    refuse(
        each && (spec.vacation.is_some() || spec.cold_start.is_some()),
        "pauses",
        "pauses of each core do not go together with `vacation` or `cold_start`: use `each: Instance`",
    );
    let speed = |speed: &f64| !(speed.is_finite() && *speed > 0.0);
    refuse(spec.core_speed.iter().any(speed), "core_speed", "a speed is above 0");
    refuse(spec.assign.is_some() && !spec.has_crew(), "assign", "`assign` needs cores that differ: give `core_speed`");
    let crew = match () {
        () if !spec.core_speed.is_empty() => "core_speed",
        () if spec.vacation.is_some() => "vacation",
        () if spec.cold_start.is_some() => "cold_start",
        () => "pauses",
    };
    refuse(
        spec.has_crew() && shares,
        crew,
        "where the cores are shared they cannot be told apart: take another `discipline`, or leave this out",
    );
    let several = kind.programs().iter().any(|steps| {
        let mut several = false;
        steps.visit(&mut |step| {
            several |= matches!(&step.value, Step::Compute(a) if a.cores.as_ref().is_some_and(|cores| cores.value > 1));
        });
        several
    });
    refuse(spec.has_crew() && several, crew, "where cores are told apart a step holds one core: `cores` is 1");
    if let Kind::Service(service) = kind {
        let limited = service.concurrency.is_some();
        refuse(
            spec.patience.is_some() && shares && !limited,
            "patience",
            "where the cores are shared nobody waits: `patience` needs `concurrency` or another `discipline`",
        );
        refuse(
            spec.reserve.is_some() && !limited,
            "reserve",
            "`reserve` needs `concurrency`: without a limit there is nothing to keep free",
        );
        let queues = service.queue.as_ref().is_none_or(|queue| queue.value > 0);
        let by_priority = matches!(service.admission, Some(Discipline::Priority(_)));
        refuse(
            spec.reserve.is_some() && limited && queues && !by_priority,
            "reserve",
            "with a `reserve` those who wait are served by priority: give `admission: Priority`, or `queue: 0`",
        );
        let falls = |reserve: &ByPriority<u32>| reserve.0.windows(2).any(|two| two[0].1 > two[1].1);
        refuse(
            spec.reserve.is_some_and(falls),
            "reserve",
            "less urgent requests (larger numbers) leave at least as many slots free",
        );
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
    if let Some(At { value: scaling, span }) = &args.scaling {
        let contention = scaling.contention.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&contention) {
            check.impossible(format!("`contention` is a number from 0 to 1, found {contention}"), span);
        }
        let coherency = scaling.coherency.unwrap_or(0.0);
        if !(coherency.is_finite() && coherency >= 0.0) {
            check.impossible(format!("`coherency` is a finite number of at least 0, found {coherency}"), span);
        }
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
