//! Values of traffic, faults and the run that cannot be.

use super::context::Check;
use super::policies::{above_zero, count, grouped, retry};
use super::{steps, values};
use crate::model::{RunSettings, is_terminating};
use crate::scenario::{PrecisionSpec, Warmup};
use archsim_core::Time;
use archsim_models::Kind;
use archsim_models::load::Load;
use archsim_models::spec::fault::FailuresArgs;
use archsim_models::spec::load::{LoadShape, MmppArgs, ReplayArgs};
use archsim_models::spec::traffic::ArrivalsSpec;
use archsim_models::spec::{At, FaultSpec, LoadSpec, Span, TrafficSpec};

/// The shortest period of a load.
const SHORTEST: Span = Span(Time::from_nanos(1_000_000));
/// Operations of all sources together.
const MOST_OPERATIONS: usize = 65_000;
/// Replications.
const MOST_REPLICATIONS: u32 = 10_000;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    run(check);
    for (name, at) in &scenario.traffic {
        source(check, name, &at.value);
    }
    for fault in &scenario.faults {
        self::fault(check, fault);
    }
    let operations = |(_, at): &(At<String>, At<TrafficSpec>)| at.value.common().mix.map_or(1, |mix| mix.0.len());
    let operations: usize = scenario.traffic.iter().map(operations).sum();
    if operations > MOST_OPERATIONS {
        let span = check.document.root.opening();
        check.impossible(
            format!(
                "the sources ask for {} operations; at most {} are possible",
                grouped(operations as u64),
                grouped(MOST_OPERATIONS as u64)
            ),
            &span,
        );
    }
}

fn run(check: &mut Check<'_>) {
    let run = &check.scenario.run;
    let settings = RunSettings::new(run, is_terminating(check.scenario));
    if let Some(duration) = &run.duration {
        above_zero(check, duration, "`duration`");
    }
    if let Some(At { value: Warmup::Fixed(warmup), span }) = &run.warmup
        && warmup.0 >= settings.duration
        && run.precision.is_none()
    {
        check.impossible(format!("a warm-up of {} leaves nothing of a run of {}", warmup.0, settings.duration), span);
    }
    let possible = 1..=MOST_REPLICATIONS;
    if let Some(replications) = run.replications.as_ref().filter(|given| !possible.contains(&given.value)) {
        let (most, found) = (grouped(MOST_REPLICATIONS.into()), grouped(replications.value.into()));
        check.impossible(format!("`replications` is a number from 1 to {most}, found {found}"), &replications.span);
    }
    if let Some(most) = run.max_in_flight.as_ref().filter(|most| most.value == 0) {
        check.impossible("`max_in_flight` is at least 1", &most.span);
    }
    if let Some(wanted) = &run.precision {
        precision(check, wanted);
        if let Some(duration) = run.duration.as_ref().filter(|_| !is_terminating(check.scenario)) {
            let message = "`precision` decides how long the run is, so that `duration` cannot: take one of them out (`precision.budget.time` is a limit)";
            check.impossible(message, &duration.span);
        }
    }
}

fn precision(check: &mut Check<'_>, wanted: &At<PrecisionSpec>) {
    let PrecisionSpec { mean, p50, p95, p99, p999, confidence, budget } = &wanted.value;
    for width in [mean, p50, p95, p99, p999].into_iter().flatten().filter(|width| width.value.0 <= 0.0) {
        check.impossible("a half-width of an interval is above 0: no run is long enough for 0", &width.span);
    }
    if let Some(given) = confidence.as_ref().filter(|given| !(0.5..=0.999).contains(&given.value.0)) {
        check.impossible(format!("a confidence is from 50% to 99.9%, found {}%", given.value.0 * 100.0), &given.span);
    }
    let Some(budget) = budget else { return };
    if let Some(requests) = budget.requests.as_ref().filter(|requests| requests.value == 0) {
        check.impossible("a budget of 0 requests allows no run", &requests.span);
    }
    if let Some(time) = &budget.time {
        above_zero(check, time, "`time`");
    }
}

fn source(check: &mut Check<'_>, name: &At<String>, spec: &TrafficSpec) {
    let common = spec.common();
    if let Some(mix) = common.mix {
        let weights: Vec<f64> = mix.0.iter().map(|(_, entry)| entry.weight).collect();
        let span = check.field("traffic", name, "mix");
        steps::weights(check, &weights, &span);
    }
    if let Some(timeout) = common.timeout {
        above_zero(check, timeout, "`timeout`");
    }
    if let Some(again) = common.retry {
        retry(check, again);
    }
    match spec {
        TrafficSpec::Open(open) => {
            load(check, &open.rate);
            if let (LoadSpec::Shape(LoadShape::Replay(_)), Some(_)) = (&open.rate.value, &open.arrivals) {
                let span = check.field("traffic", name, "arrivals");
                check.impossible("`Replay` says when each request comes: there is no gap to draw", &span);
            }
            if let Some(ArrivalsSpec::Renewal(renewal)) = &open.arrivals {
                let mean = renewal.gap.0.mean();
                let span = check.field("traffic", name, "arrivals");
                if renewal.gap.is_in_turn() {
                    check.impossible("gaps in turn are instants: write them as rate: Replay([..])", &span);
                }
                if !(mean.is_finite() && mean > 0.0) {
                    let mean = if mean > 0.0 { "no finite mean" } else { "the mean zero" };
                    check.impossible(format!("gaps with {mean} cannot be stretched to a rate"), &span);
                }
            }
        }
        TrafficSpec::Closed(closed) => count(check, &closed.users, "`users`"),
    }
}

fn load(check: &mut Check<'_>, rate: &At<LoadSpec>) {
    let LoadSpec::Shape(shape) = &rate.value else { return };
    match shape {
        LoadShape::Ramp(args) => above_zero(check, &args.over, "`over`"),
        LoadShape::Steps(args) => {
            if args.steps.value.is_empty() {
                check.impossible("`Steps` has at least one step", &args.steps.span);
            }
            if let Some(pair) = args.steps.value.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
                let message = format!("steps come in order of time: {} is not after {}", pair[1].0.0, pair[0].0.0);
                check.impossible(message, &args.steps.span);
            }
        }
        LoadShape::Bursts(args) => {
            period(check, &args.every, "`every`");
            if args.lasting.value > args.every.value {
                let message = format!("a burst of {} does not fit into {}", args.lasting.value.0, args.every.value.0);
                check.impossible(message, &args.lasting.span);
            }
        }
        LoadShape::Diurnal(args) => {
            period(check, &args.period, "`period`");
            if args.low.0 > args.high.0 {
                check.impossible("`low` is above `high`", &rate.span);
            }
        }
        LoadShape::Mmpp(args) => modulated(check, args),
        LoadShape::Replay(args) => replayed(check, args),
    }
}

/// Changes of state that a random rate may make between two arrivals; more would take for ever.
const MOST_CHANGES: f64 = 1e6;
/// States of a random rate.
const MOST_STATES: usize = 100;

fn modulated(check: &mut Check<'_>, args: &MmppArgs) {
    let (states, span) = (&args.states.value, &args.states.span);
    if states.len() < 2 || states.len() > MOST_STATES {
        check.impossible(format!("`Mmpp` has 2 to {MOST_STATES} states, found {}", states.len()), span);
        return;
    }
    if let Some((_, stay)) = states.iter().find(|(_, stay)| stay.0 < Time::from_nanos(1_000)) {
        check.impossible(format!("a stay is at least 1us on average, found {}", stay.0), span);
        return;
    }
    if let Some(jumps) = &args.jumps {
        let square = jumps.value.len() == states.len() && jumps.value.iter().all(|row| row.len() == states.len());
        let possible = |row: &Vec<f64>| row.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        if !square {
            check.impossible(
                format!("`jumps` has {0} rows of {0} weights, one for each state", states.len()),
                &jumps.span,
            );
            return;
        }
        if !jumps.value.iter().all(|row| possible(row) && row.iter().any(|weight| *weight > 0.0)) {
            check.impossible("the weights of `jumps` are at least 0, and not all 0 in a row", &jumps.span);
            return;
        }
        if !connected(&jumps.value) {
            check.impossible("`jumps` has to lead from every state to every other", &jumps.span);
            return;
        }
    }
    let mean = Load::new(&LoadSpec::Shape(LoadShape::Mmpp(args.clone())), vec![]).mean_rate(Time::from_nanos(1));
    let shortest = states.iter().map(|(_, stay)| stay.seconds()).fold(f64::INFINITY, f64::min);
    if mean * shortest * MOST_CHANGES < 1.0 {
        check.impossible(
            "the rate is so low, or the stays so short, that the state changes a million times between arrivals",
            span,
        );
    }
}

/// Whether every state is reached from the first and the first from every state.
fn connected(jumps: &[Vec<f64>]) -> bool {
    let reached = |forward: bool| {
        let (mut seen, mut open) = (vec![false; jumps.len()], vec![0]);
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                let leads = |to: &usize| if forward { jumps[at][*to] > 0.0 } else { jumps[*to][at] > 0.0 };
                open.extend((0..jumps.len()).filter(leads));
            }
        }
        seen.into_iter().all(|seen| seen)
    };
    reached(true) && reached(false)
}

fn replayed(check: &mut Check<'_>, args: &ReplayArgs) {
    if args.times.value.is_empty() {
        check.impossible("`Replay` has at least one arrival", &args.times.span);
    }
    if let Some(pair) = args.times.value.windows(2).find(|pair| pair[0] > pair[1]) {
        let message = format!("arrivals come in order of time: {} is before {}", pair[1].0, pair[0].0);
        check.impossible(message, &args.times.span);
    }
}

fn period(check: &mut Check<'_>, span: &At<Span>, what: &str) {
    if span.value < SHORTEST {
        check.impossible(format!("{what} is at least {}, found {}", SHORTEST.0, span.value.0), &span.span);
    }
}

fn fault(check: &mut Check<'_>, fault: &At<FaultSpec>) {
    let duration = RunSettings::new(&check.scenario.run, true).duration;
    let (start, _) = fault.value.window();
    if start.0 >= duration && duration > Time::ZERO {
        let message = format!("this happens at {}, but the run is over at {duration}", start.0);
        check.impossible(message, &fault.span);
    }
    match &fault.value {
        FaultSpec::Slow(args) => {
            factor(check, &args.factor);
            lasting(check, args.r#for.as_ref());
            affected(check, &args.target, args.instances.as_ref());
        }
        FaultSpec::Crash(args) => {
            lasting(check, args.r#for.as_ref());
            affected(check, &args.target, args.instances.as_ref());
        }
        FaultSpec::Pause(args) => {
            lasting(check, args.r#for.as_ref());
            affected(check, &args.target, args.instances.as_ref());
        }
        FaultSpec::Edge(args) => {
            lasting(check, args.r#for.as_ref());
            if args.latency.is_none() && args.loss.is_none() {
                check.impossible("this changes nothing: give `latency` or `loss`", &fault.span);
            }
        }
        FaultSpec::Spike(args) => {
            factor(check, &args.factor);
            lasting(check, args.r#for.as_ref());
            let spec = check.scenario.traffic.iter().find(|(name, _)| name.value == args.traffic.value);
            if let Some((_, At { value: TrafficSpec::Open(open), .. })) = spec
                && matches!(open.rate.value, LoadSpec::Shape(LoadShape::Replay(_)))
            {
                check.impossible("arrivals of a `Replay` have no rate that a spike could multiply", &fault.span);
            }
        }
        FaultSpec::Failures(args) => {
            affected(check, &args.target, args.instances.as_ref());
            affected(check, &args.target, args.need.as_ref());
            if let Some(repairers) = args.repairers.as_ref().filter(|repairers| repairers.value == 0) {
                check.impossible("`repairers` is at least 1, found 0", &repairers.span);
            }
            if let Some(failover) = &args.failover {
                succession(check, args, &failover.span);
            }
            for (law, what) in [(&args.up, "`up`"), (&args.down, "`down`")] {
                if law.value.mean_seconds() <= 0.0 {
                    check.impossible(format!("the mean of {what} is above zero"), &law.span);
                }
            }
        }
        FaultSpec::Flush(args) => forced(check, &args.target),
    }
}

/// Who takes the place of a primary.
fn succession(check: &mut Check<'_>, args: &FailuresArgs, span: &std::ops::Range<usize>) {
    let replicated = match check.component(&args.target) {
        Some(Kind::Database(database)) => database.replica_count() > 0 && database.quorum().is_none(),
        Some(_) => false,
        None => return,
    };
    if !replicated {
        check.impossible("`failover` is of a database with a primary and `read_replicas` to take its place", span);
    }
    if let Some(instances) = &args.instances {
        check.impossible("with `failover` all instances fail by chance, not some", &instances.span);
    }
    if let Some(need) = &args.need {
        check.impossible(
            "with `failover` a database is available while every shard has a primary: leave `need` out",
            &need.span,
        );
    }
}

fn lasting(check: &mut Check<'_>, length: Option<&At<Span>>) {
    if let Some(length) = length {
        above_zero(check, length, "`for`");
    }
}

fn factor(check: &mut Check<'_>, factor: &At<f64>) {
    if !(factor.value.is_finite() && factor.value > 0.0) {
        check.impossible(format!("`factor` is above 0, found {}", factor.value), &factor.span);
    }
}

fn affected(check: &mut Check<'_>, target: &At<String>, affected: Option<&At<u32>>) {
    let (Some(affected), Some(there)) = (affected, check.component(target).map(values::instances)) else { return };
    if affected.value == 0 || u64::from(affected.value) > there {
        let message = format!("{} instances are hit, but `{}` has {there}", affected.value, target.value);
        check.impossible(message, &affected.span);
    }
}

/// A cache with a forced hit ratio has nothing to forget.
fn forced(check: &mut Check<'_>, target: &At<String>) {
    if matches!(check.component(target), Some(Kind::Cache(cache)) if cache.hit_ratio.is_some()) {
        let message = format!("`{}` has a forced hit ratio: it holds no values that could be flushed", target.value);
        check.impossible(message, &target.span);
    }
}
