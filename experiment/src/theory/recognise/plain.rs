//! What of a component's fields a formula covers; the rest is said in words.

use super::stations::{Away, Order, Routing};
use super::walk::is_independent;
use archsim_core::Dist;
use archsim_models::kind::external::ExternalSpec;
use archsim_models::kind::service::ServiceSpec;
use archsim_models::spec::policy::{Balance, LifoArgs, PriorityArgs, ShortestArgs};
use archsim_models::spec::{Discipline, Duration, EdgeSpec, Step, Steps};

/// The order of a discipline; none where there is no formula at all.
pub(crate) fn order(discipline: Option<&Discipline>) -> Option<Order> {
    let interrupts = |preemptive: &Option<bool>| preemptive.unwrap_or(false);
    Some(match discipline {
        None | Some(Discipline::Fifo) => Order::Fifo,
        Some(Discipline::RandomOrder) => Order::AtRandom,
        Some(Discipline::Lifo(LifoArgs { preemptive })) => Order::Lifo(interrupts(preemptive)),
        Some(Discipline::Priority(PriorityArgs { preemptive })) => Order::Priority(interrupts(preemptive)),
        Some(Discipline::ShortestFirst(ShortestArgs { preemptive })) => Order::Shortest(interrupts(preemptive)),
        Some(Discipline::ShortestRemaining) => Order::ShortestRemaining,
        Some(Discipline::LeastAttained) => Order::LeastAttained,
        Some(Discipline::ProcessorSharing(args)) if args.weights.is_none() && args.scaling.is_none() => Order::Sharing,
        Some(Discipline::ProcessorSharing(_)) => return None,
    })
}

/// When the core of a service is away, if it has one only, waits for nothing else, and there is a formula.
pub(crate) fn away(service: &ServiceSpec) -> Option<Away> {
    let seconds = |time: &Duration| Some(time.0.scaled(1e-9)).filter(is_independent);
    let mean = |time: &Duration| match time.0 {
        Dist::Exponential { mean } => Some(mean * 1e-9),
        _ => None,
    };
    if service.core_count() > 1 || service.concurrency.is_some() || service.patience.is_some() {
        return None;
    }
    match (&service.pauses, &service.vacation, &service.cold_start) {
        (None, Some(vacation), None) => Some(Away::Vacation(seconds(&vacation.time)?, vacation.repeat != Some(false))),
        (None, None, Some(start)) if start.keep.is_none() => Some(Away::SetUp(seconds(&start.time)?)),
        (Some(pauses), None, None) => Some(Away::Broken(mean(&pauses.up)?, mean(&pauses.down)?)),
        _ => None,
    }
}

/// What a service has that no formula covers, and whether requests may fail by it; whether its core is away is `known`. Every field is named, so that a new one has to be
/// decided about.
pub(crate) fn beyond_formulas(service: &ServiceSpec, known: bool) -> Option<(&'static str, bool)> {
    let ServiceSpec {
        preset: _,
        on: _,
        replicas: _,
        cpu: _,
        discipline: _,
        concurrency: _,
        queue: _,
        admission: _,
        limit,
        speed,
        core_speed,
        assign: _,
        pauses,
        vacation,
        cold_start,
        patience: _,
        join,
        reserve,
        memory_per_request: _,
        per_instance: _,
        cost: _,
        shed,
        autoscale,
    } = service;
    let found = [
        (limit.is_some(), "its `limit` rejects or delays requests", true),
        (join.is_some(), "some requests do not join its queue (`join`)", true),
        (reserve.is_some(), "slots are kept free for some requests (`reserve`)", true),
        (shed.is_some() || autoscale.is_some(), "its capacity changes", true),
        (speed.is_some(), "its replicas may differ in speed (`speed`)", false),
        (core_speed.is_some(), "its cores differ in speed (`core_speed`)", false),
        (pauses.is_some() && !known, "it pauses (`pauses`)", false),
        (vacation.is_some() && !known, "its cores go away when idle (`vacation`)", false),
        (cold_start.is_some() && !known, "its cores have to start (`cold_start`)", false),
    ];
    found.iter().find(|(is, ..)| *is).map(|(_, why, fails)| (*why, *fails))
}

/// What an external service has that no formula covers.
pub(crate) fn beyond_formulas_outside(external: &ExternalSpec) -> Option<&'static str> {
    let ExternalSpec { latency: _, errors, limit, burst: _, concurrency: _ } = external;
    let found = [
        (errors.is_some_and(|errors| errors.0 > 0.0), "some of its answers are errors"),
        (limit.is_some(), "its `limit` rejects requests"),
    ];
    found.iter().find(|(is, _)| *is).map(|(_, why)| *why)
}

/// What an edge does that no formula covers, and whether calls may fail by it.
pub(crate) fn beyond_formulas_on_edge(edge: &EdgeSpec) -> Option<(String, bool)> {
    let EdgeSpec {
        latency: _,
        loss,
        bandwidth,
        timeout,
        retry,
        pool,
        cancel,
        deadline,
        balance: _,
        hedge,
        copies,
        breaker,
        shed,
    } = edge;
    let found = [
        (timeout.is_some(), "`timeout`", true),
        (retry.is_some(), "`retry`", true),
        (loss.is_some(), "`loss`", true),
        (breaker.is_some(), "`breaker`", true),
        (deadline.is_some(), "`deadline`", true),
        (cancel.is_some(), "`cancel`", true),
        (shed.is_some(), "`shed`", true),
        (pool.is_some(), "`pool`", false),
        (bandwidth.is_some(), "`bandwidth`", false),
        (hedge.is_some(), "`hedge`", true),
        (copies.is_some(), "`copies`", true),
    ];
    let words: Vec<&str> = found.iter().filter(|(is, ..)| *is).map(|(_, word, _)| *word).collect();
    let fails = found.iter().any(|(is, _, fails)| *is && *fails);
    (!words.is_empty()).then(|| (format!("it has {}", words.join(", ")), fails))
}

/// How a policy spreads requests, given how many callers there are.
pub(crate) fn routing(balance: Option<Balance>, callers: u32) -> Routing {
    match balance {
        None | Some(Balance::Random) => Routing::Random,
        Some(Balance::RoundRobin) if callers == 1 => Routing::RoundRobin,
        Some(Balance::LeastOutstanding) if callers == 1 => Routing::Choices(u32::MAX),
        Some(Balance::PowerOfTwo(args)) if callers == 1 && args.with_replacement != Some(true) => {
            Routing::Choices(args.choices.as_ref().map_or(2, |choices| choices.value))
        }
        _ => Routing::Other,
    }
}

/// What a request does if it does one thing only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Single {
    /// It works on a core.
    Compute,
    /// It waits without one.
    Wait,
}

/// The one thing that every request of a list of steps does, if it is one.
pub(crate) fn single(steps: &Steps) -> Option<Single> {
    let mut all = steps.iter();
    let (Some(step), None) = (all.next(), all.next()) else { return None };
    let same = |lists: Vec<&Steps>| {
        let found: Option<Vec<Single>> = lists.into_iter().map(single).collect();
        found.filter(|found| found.windows(2).all(|pair| pair[0] == pair[1]))?.first().copied()
    };
    match &step.value {
        Step::Compute(args) if args.cores.is_none() => Some(Single::Compute),
        Step::Wait(_) => Some(Single::Wait),
        Step::Do(args) => single(&args.steps),
        Step::Choose(args) => same(args.branches.iter().map(|(_, steps)| steps).collect()),
        Step::Maybe(args) => same(vec![&args.then, args.otherwise.as_ref()?]),
        _ => None,
    }
}
