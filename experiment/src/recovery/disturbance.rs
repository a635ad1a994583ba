//! What disturbs a scenario, and when that is over.

use crate::run::window_length;
use archsim_core::Time;
use archsim_models::Setup;
use archsim_models::spec::load::{BurstsArgs, LoadShape, RampArgs, StepsArgs};
use archsim_models::spec::{FaultSpec, LoadSpec, TrafficSpec};

/// Windows of the time series before the disturbance, the last left out, that tell what "before" was: fewer say too little about how
/// much windows differ without a cause.
pub(super) const LEAST_WINDOWS: u64 = 5;

/// From the beginning of the first disturbance to the end of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// When the first begins.
    pub start: Time,
    /// When the last ends: by then everything is set as it was before.
    pub end: Time,
    /// How the last ends, for sentences: "the fault ended".
    pub over: &'static str,
}

/// A disturbance, or why its end is none.
type Found = Result<Disturbance, String>;

impl Disturbance {
    /// The disturbance of a scenario that runs this long.
    ///
    /// # Errors
    /// A sentence that says why there is no recovery to measure: nothing changes, it does not change back, or it begins at once.
    pub fn of(setup: &Setup, duration: Time) -> Result<Self, String> {
        let faults = setup.faults.iter().filter(|fault| !fault.is_steady()).map(|fault| of_fault(fault, duration));
        let loads = setup.traffic.iter().filter_map(|(name, spec)| of_load(name, spec, duration));
        let all: Vec<Disturbance> = faults.chain(loads).collect::<Result<_, _>>()?;
        let (first, last) = (all.iter().map(|one| one.start).min(), all.iter().max_by_key(|one| one.end));
        let (Some(start), Some(last)) = (first, last) else {
            let ways = "a fault with `for`, a `Spike`, or a load that changes and comes back";
            return Err(format!("there is no recovery to measure, nothing is disturbed: it takes {ways}"));
        };
        let instances = setup.components.iter().map(|(_, kind)| kind.instance_count() as usize).sum();
        let least = window_length(duration, instances).saturating_mul(LEAST_WINDOWS + 1);
        if start < least {
            let takes = format!("{} windows of the time series, {least}", LEAST_WINDOWS + 1);
            return Err(format!(
                "recovery is back to what was before, and to know that takes {takes}: the disturbance begins at {start}"
            ));
        }
        Ok(Disturbance { start, ..*last })
    }
}

fn of_fault(fault: &FaultSpec, duration: Time) -> Found {
    let (start, end) = fault.window();
    let over = match fault {
        FaultSpec::Spike(_) => "the spike ended",
        FaultSpec::Flush(_) => "the cache was flushed",
        _ => "the fault ended",
    };
    match end.filter(|end| end.0 < duration) {
        Some(end) => Ok(Disturbance { start: start.0, end: end.0, over }),
        None => Err(format!("there is no recovery to measure: \"{}\" goes on to the end of the run", fault.label())),
    }
}

fn of_load(name: &str, spec: &TrafficSpec, duration: Time) -> Option<Found> {
    let TrafficSpec::Open(open) = spec else { return None };
    let LoadSpec::Shape(shape) = &open.rate.value else { return None };
    let back = "the load came back";
    let changed = match shape {
        LoadShape::Ramp(args) => of_ramp(args)?,
        LoadShape::Steps(args) => of_steps(args, duration)?,
        LoadShape::Bursts(args) => of_bursts(args, duration)?,
        LoadShape::Diurnal(_) | LoadShape::Mmpp(_) | LoadShape::Replay(_) => None,
    };
    Some(match changed {
        Some((start, end)) if end < duration => Ok(Disturbance { start, end, over: back }),
        Some(_) => Err(format!("there is no recovery to measure: the load of `{name}` does not come back in this run")),
        None => Err(format!("there is no recovery to measure: the load of `{name}` has no level to come back to")),
    })
}

/// When a load leaves its level and is back for good; the inner none has no level, the outer does not change.
type Away = Option<Option<(Time, Time)>>;

fn of_ramp(args: &RampArgs) -> Away {
    (args.from.0 != args.to.0).then_some(None)
}

/// The level is the rate of the first step.
fn of_steps(args: &StepsArgs, duration: Time) -> Away {
    let steps: Vec<_> = args.steps.value.iter().filter(|(at, _)| at.0 < duration).collect();
    let (_, level) = steps.first()?;
    let first = steps.iter().position(|(_, rate)| rate.0 != level.0)?;
    let last = steps.iter().rposition(|(_, rate)| rate.0 != level.0)?;
    Some(Some((steps[first].0.0, steps.get(last + 1).map_or(Time::MAX, |(at, _)| at.0))))
}

/// The level is the rate between bursts; the end is that of the last burst that begins in the run.
fn of_bursts(args: &BurstsArgs, duration: Time) -> Away {
    let (every, lasting) = (args.every.value.0, args.lasting.value.0);
    if args.base.0 == args.burst.0 || every >= duration || every == Time::ZERO {
        return None;
    }
    let bursts = (duration.as_nanos() - 1) / every.as_nanos();
    Some(Some((every, every.saturating_mul(bursts) + lasting)))
}
