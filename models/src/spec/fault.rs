//! Faults: what goes wrong, and when.

use super::{At, Duration, Fraction, Span};
use crate::{choice, spec};

choice! {
    /// An injected disturbance. Instants count from the start of the run, warm-up included.
    FaultSpec as "a fault" {
        /// Work takes longer: `Slow(target: "pricing", at: "120s", for: "60s", factor: 10, instances: 2)`.
        Slow(SlowArgs),
        /// Instances go down and come back: `Crash(target: "db", at: "2m", for: "30s")`.
        Crash(CrashArgs),
        /// Instances stand still: work stops and goes on where it was: `Pause(target: "db", at: "2m", for: "3s")`.
        Pause(PauseArgs),
        /// Instances go down and come back by chance, for ever: `Failures(target: "db", up: Exp("30d"), down: Exp("10m"))`.
        Failures(FailuresArgs),
        /// A cache forgets everything: `Flush(target: "redis", at: "5m")`.
        Flush(FlushArgs),
        /// The network gets worse: `Edge(edge: "web -> db", at: "1m", for: "30s", latency: "50ms", loss: "1%")`.
        Edge(EdgeFaultArgs),
        /// Traffic multiplies: `Spike(traffic: "users", at: "3m", for: "60s", factor: 3)`.
        Spike(SpikeArgs),
    }
}
spec! {
    /// Arguments of `Slow`.
    SlowArgs as "Slow" {
        /// The component.
        target: At<String>,
        /// Start.
        at: Span,
        /// How long; to the end of the run without it.
        r#for: Option<At<Span>>,
        /// How many times longer work takes.
        factor: At<f64>,
        /// How many instances, counted from the first. Default all.
        instances: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `Crash`.
    CrashArgs as "Crash" {
        /// The component.
        target: At<String>,
        /// Start.
        at: Span,
        /// How long; to the end of the run without it.
        r#for: Option<At<Span>>,
        /// How many instances, counted from the first. Default all.
        instances: Option<At<u32>>,
        /// Whether callers learn of it only by their time-outs. Default false: work in flight fails and new attempts are refused at once.
        silent: Option<bool>,
    }
}
spec! {
    /// Arguments of `Pause`.
    PauseArgs as "Pause" {
        /// The component.
        target: At<String>,
        /// Start.
        at: Span,
        /// How long; to the end of the run without it.
        r#for: Option<At<Span>>,
        /// How many instances, counted from the first. Default all.
        instances: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `Failures`: each instance alternates between up and down, independently of the others.
    FailuresArgs as "Failures" {
        /// The component.
        target: At<String>,
        /// Time from a repair to the next failure; its mean is the mean time to failure. At the start all are up.
        up: At<Duration>,
        /// Time from a failure to its repair; its mean is the mean time to repair.
        down: At<Duration>,
        /// How many instances fail, counted from the first. Default all.
        instances: Option<At<u32>>,
        /// Time from the failure of a primary until a read replica that is up has taken its place: detection, election and promotion
        /// together. What is in progress on that replica then is lost. Only of a database with `read_replicas`, which counts as `available`
        /// while every shard has a primary. Default: nobody takes its place.
        failover: Option<At<Duration>>,
        /// How many instances are repaired at once, those that failed first being first; `down` is the time of a repair. A failed primary is
        /// repaired from when its failover is over. Default: all.
        repairers: Option<At<u32>>,
        /// Instances that have to be up for the component to count as `available`. Default 1.
        need: Option<At<u32>>,
        /// Whether callers learn of it only by their time-outs. Default false: work in flight fails and new attempts are refused at once.
        silent: Option<bool>,
    }
}
spec! {
    /// Arguments of `Flush`.
    FlushArgs as "Flush" {
        /// The cache.
        target: At<String>,
        /// When.
        at: Span,
    }
}
spec! {
    /// Arguments of `Edge`.
    EdgeFaultArgs as "Edge" {
        /// The edge, as in `edges`: "web -> db".
        edge: At<String>,
        /// Start.
        at: Span,
        /// How long; to the end of the run without it.
        r#for: Option<At<Span>>,
        /// Extra network time one way. Default none.
        latency: Option<Duration>,
        /// Extra probability that a message is lost. Default 0.
        loss: Option<Fraction>,
    }
}
spec! {
    /// Arguments of `Spike`.
    SpikeArgs as "Spike" {
        /// The open traffic source.
        traffic: At<String>,
        /// Start.
        at: Span,
        /// How long; to the end of the run without it.
        r#for: Option<At<Span>>,
        /// How many times more arrivals.
        factor: At<f64>,
    }
}

impl FaultSpec {
    /// Whether it goes on alike for the whole run, so that there is a long run to speak of.
    pub fn is_steady(&self) -> bool {
        matches!(self, FaultSpec::Failures(_))
    }

    /// When it starts and, where it ends before the run does, when it ends; a flush has no length.
    pub fn window(&self) -> (Span, Option<Span>) {
        let of = |at: Span, length: Option<&At<Span>>| (at, length.map(|l| Span(at.0 + l.value.0)));
        match self {
            FaultSpec::Slow(a) => of(a.at, a.r#for.as_ref()),
            FaultSpec::Crash(a) => of(a.at, a.r#for.as_ref()),
            FaultSpec::Pause(a) => of(a.at, a.r#for.as_ref()),
            FaultSpec::Failures(_) => (Span(archsim_core::Time::ZERO), None),
            FaultSpec::Flush(a) => (a.at, Some(a.at)),
            FaultSpec::Edge(a) => of(a.at, a.r#for.as_ref()),
            FaultSpec::Spike(a) => of(a.at, a.r#for.as_ref()),
        }
    }

    /// One short line for tables and charts: "pricing 10x slower".
    pub fn label(&self) -> String {
        match self {
            FaultSpec::Slow(a) => format!("{} {}x slower", a.target.value, a.factor.value),
            FaultSpec::Crash(a) => format!("{} down", a.target.value),
            FaultSpec::Pause(a) => format!("{} stands still", a.target.value),
            FaultSpec::Failures(a) => format!("{} fails by chance", a.target.value),
            FaultSpec::Flush(a) => format!("{} flushed", a.target.value),
            FaultSpec::Edge(a) => format!("{} disturbed", a.edge.value),
            FaultSpec::Spike(a) => format!("{} x{}", a.traffic.value, a.factor.value),
        }
    }
}
