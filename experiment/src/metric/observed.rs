//! Metrics computed from what was counted.

use super::censored::{Survival, least};
use super::{Measure, Metric, Subject, Times, asked};
use archsim_core::Histogram;
use archsim_models::Plan;
use archsim_models::world::{ClassRow, ComponentRow, InstanceRow, Outcome, Row};

/// A stretch of time of one replication, or several replications added up, to compute metrics from.
pub struct Observed<'a> {
    /// The counts.
    pub row: &'a Row,
    /// The plan they belong to.
    pub plan: &'a Plan,
    /// How many replications are added up in it.
    pub replications: f64,
}

/// The times of one kind of a component.
fn histogram(row: &ComponentRow, of: Times) -> &Histogram {
    match of {
        Times::Waiting => &row.waiting,
        Times::Service => &row.service,
        Times::Age => &row.age,
        Times::Slowdown => &row.slowdown,
        _ => &row.sojourn,
    }
}

/// A value and the number of observations behind it.
pub type Observation = (Option<f64>, u64);

impl Observed<'_> {
    /// The value of a metric.
    pub fn value(&self, metric: &Metric) -> Observation {
        match metric.subject {
            Subject::Classes(first, count) => self.traffic(&self.classes(first, count), metric.measure),
            Subject::Component(index) => self.component(index, metric.measure),
            Subject::Instance(index, instance) => self.instance(index, instance, metric.measure),
            Subject::Edge(index) => self.edge(index, metric.measure),
            Subject::Topic(index) => self.rate(self.row.appended[index]),
            Subject::All => (Some(self.plan.components.iter().map(|c| c.cost * f64::from(c.instances)).sum()), 1),
        }
    }

    /// What a mean, a quantile or a share of latencies is at least, where so many were in flight at the end of the run that it
    /// cannot be told; none where it can.
    pub fn least(&self, metric: &Metric) -> Option<f64> {
        use Measure::{Above, Deviation, Mean, Quantile};
        let Subject::Classes(first, count) = metric.subject else { return None };
        let (Mean(of) | Deviation(of) | Quantile(of, _) | Above(of, _)) = metric.measure else { return None };
        let row = self.classes(first, count);
        let asked = self.distribution(metric).filter(|_| of != Times::Queueing && !row.unfinished.is_empty())?;
        // Nothing is asked about although others ended: no data, not too few.
        if asked.is_empty() && !row.latency.is_empty() {
            return None;
        }
        let untold = Survival::new(&asked, &row.latency, &row.unfinished).value(metric.measure).is_none();
        // Whether they will be ok is not known either.
        let bound = || if of == Times::OkLatency { 0.0 } else { least(&asked, &row.unfinished, metric.measure) };
        untold.then(bound)
    }

    /// The times that a mean, a standard deviation, a quantile or a share above a limit is read from; none for a metric of another kind.
    pub fn distribution(&self, metric: &Metric) -> Option<Histogram> {
        use Measure::{Above, Deviation, Max, Mean, Quantile};
        let (Mean(of) | Deviation(of) | Quantile(of, _) | Max(of) | Above(of, _)) = metric.measure else { return None };
        match metric.subject {
            Subject::Classes(first, count) => {
                let ClassRow { mut latency, failed, waiting, .. } = self.classes(first, count);
                if of == Times::Queueing {
                    return Some(waiting);
                }
                if of == Times::OkLatency {
                    latency.subtract(&failed);
                }
                Some(latency)
            }
            Subject::Component(index) => Some(histogram(&self.row.components[index], of).clone()),
            Subject::Instance(index, instance) => Some(self.times_of_instance(index, instance, of)),
            Subject::Edge(index) => Some(self.row.edges[index].pool_wait.clone()),
            Subject::Topic(_) | Subject::All => None,
        }
    }

    /// The instance of a component that was busiest.
    pub fn busiest(&self, component: usize) -> usize {
        let busy = self.row.components[component].busy.iter().enumerate();
        busy.rev().max_by_key(|(_, busy)| **busy).map_or(0, |(index, _)| index)
    }

    /// Several classes as one.
    pub fn classes(&self, first: usize, count: usize) -> ClassRow {
        let mut all = ClassRow::default();
        self.row.classes[first..first + count].iter().for_each(|class| all.merge(class));
        all
    }

    fn seconds(&self) -> f64 {
        self.row.seconds() * self.replications
    }

    fn rate(&self, count: u64) -> Observation {
        (Some(count as f64 / self.seconds()).filter(|v| v.is_finite()), count)
    }

    fn share(&self, part: u64, whole: u64) -> Observation {
        ((whole > 0).then(|| part as f64 / whole as f64), whole)
    }

    fn times(&self, histogram: &Histogram, measure: Measure) -> Observation {
        if let Measure::Above(_, limit) = measure {
            return self.share(histogram.exceeding(limit), histogram.count());
        }
        let value = match measure {
            Measure::Mean(_) => histogram.mean(),
            Measure::Deviation(_) => asked::deviation(histogram),
            Measure::Quantile(_, p) => histogram.quantile(p),
            _ => histogram.max().map(|m| m as f64),
        };
        (value.map(|v| v * 1e-9), histogram.count())
    }

    fn traffic(&self, row: &ClassRow, measure: Measure) -> Observation {
        match measure {
            Measure::Wanted => self.rate(row.wanted),
            Measure::Goodput => self.rate(row.answered),
            Measure::Kept => self.rate(row.outcomes[Outcome::Ok as usize]),
            Measure::Errors => self.share(row.ended() - row.outcomes[Outcome::Ok as usize], row.ended()),
            Measure::TimedOut => self.share(row.outcomes[Outcome::TimedOut as usize], row.ended()),
            Measure::UserRetries => self.rate(row.retries),
            Measure::Growth => self.growth(row.grown, row.wanted),
            Measure::Recovery => (None, 0),
            Measure::Mean(Times::OkLatency)
            | Measure::Quantile(Times::OkLatency, _)
            | Measure::Max(Times::OkLatency)
            | Measure::Deviation(Times::OkLatency)
            | Measure::Above(Times::OkLatency, _) => {
                let mut ok = row.latency.clone();
                ok.subtract(&row.failed);
                self.latencies(&ok, row, measure)
            }
            Measure::Mean(Times::Queueing)
            | Measure::Quantile(Times::Queueing, _)
            | Measure::Max(Times::Queueing)
            | Measure::Deviation(Times::Queueing)
            | Measure::Above(Times::Queueing, _) => self.times(&row.waiting, measure),
            _ => self.latencies(&row.latency, row, measure),
        }
    }

    /// Of the latencies of a row, of which some are known in part only.
    fn latencies(&self, asked: &Histogram, row: &ClassRow, measure: Measure) -> Observation {
        if row.unfinished.is_empty() || asked.is_empty() {
            return self.times(asked, measure);
        }
        (Survival::new(asked, &row.latency, &row.unfinished).value(measure), asked.count())
    }

    fn times_of_instance(&self, component: usize, instance: usize, of: Times) -> Histogram {
        let row = self.row.components[component].each.get(instance);
        let of = |row: &InstanceRow| match of {
            Times::Waiting => row.waiting.clone(),
            Times::Service => row.service.clone(),
            _ => row.sojourn.clone(),
        };
        row.map(of).unwrap_or_default()
    }

    /// Of one instance.
    fn instance(&self, component: usize, instance: usize, measure: Measure) -> Observation {
        let row = &self.row.components[component];
        let answered = |each: &InstanceRow| each.sojourn.count();
        let own = row.each.get(instance).map_or(0, answered);
        match measure {
            Measure::Utilization => {
                let servers = f64::from(self.plan.components[component].servers);
                let busy = row.busy.get(instance).map(|busy| *busy as f64 * 1e-9 / self.seconds() / servers);
                (busy.filter(|busy| busy.is_finite()), own)
            }
            Measure::Throughput => self.rate(own),
            Measure::Share => self.share(own, row.each.iter().map(answered).sum()),
            Measure::Mean(of)
            | Measure::Quantile(of, _)
            | Measure::Max(of)
            | Measure::Deviation(of)
            | Measure::Above(of, _) => self.times(&self.times_of_instance(component, instance, of), measure),
            _ => (None, 0),
        }
    }

    fn component(&self, index: usize, measure: Measure) -> Observation {
        let (row, plan) = (&self.row.components[index], &self.plan.components[index]);
        let ended = row.outcomes.iter().sum();
        match measure {
            Measure::Utilization => (self.utilization(row, index).0, row.arrived),
            Measure::UtilizationWorst => (self.utilization(row, index).1, row.arrived),
            Measure::Queue => self.average(row.queue, row.arrived),
            Measure::InFlight => self.average(row.inside, row.arrived),
            Measure::Throughput => self.rate(row.outcomes[Outcome::Ok as usize]),
            Measure::Arrivals => self.rate(row.arrived),
            Measure::OutcomeShare(outcome) => self.share(row.outcomes[outcome as usize], ended),
            Measure::WaitingPositive => {
                let gone = row.reneged.count();
                self.share(row.waiting.exceeding(0) + gone, row.waiting.count() + gone)
            }
            Measure::BatchMean => (row.batch.mean(), row.batch.count()),
            Measure::BehindMean => (row.behind.mean(), row.behind.count()),
            Measure::BehindAbove(most) => self.share(row.behind.exceeding(most), row.behind.count()),
            Measure::BatchAbove(most) => self.share(row.batch.exceeding(most), row.batch.count()),
            Measure::BatchRate => self.rate(row.batch.count()),
            Measure::WaitingAll => {
                let mut all = row.waiting.clone();
                all.merge(&row.reneged);
                (all.mean().map(|mean| mean * 1e-9), all.count())
            }
            Measure::Availability => {
                let cores = f64::from(plan.servers.max(1));
                let down = row.workers[3] as f64 * cores + row.workers[2] as f64;
                let all = self.seconds() * 1e9 * f64::from(plan.instances) * cores;
                (Some(1.0 - down / all).filter(|v| v.is_finite()), row.arrived)
            }
            Measure::Growth => self.growth(row.grown.iter().sum(), row.arrived),
            Measure::Cores(which) => self.average(row.workers[which], row.arrived),
            Measure::HitRatio => self.share(row.hits, row.lookups),
            Measure::Stale => self.share(row.stale, row.reads),
            Measure::Entries => (Some(row.entries as f64 / self.replications), 1),
            Measure::Lag => self.average(row.backlog, row.arrived),
            Measure::Dropped => self.rate(row.dropped),
            Measure::Available => self.average(row.available, 1),
            Measure::BytesIn => self.rate(row.bytes_in),
            Measure::BytesOut => self.rate(row.bytes_out),
            Measure::Memory => {
                let (inside, n) = self.average(row.inside, row.arrived);
                (inside.map(|i| i * plan.memory_per_request as f64), n)
            }
            Measure::Replicas => (Some(f64::from(plan.instances)), 1),
            Measure::Cost => (Some(plan.cost * f64::from(plan.instances)), 1),
            Measure::Level(level) => (asked::of_levels(&row.levels, level), row.arrived),
            Measure::Mean(of)
            | Measure::Quantile(of, _)
            | Measure::Max(of)
            | Measure::Deviation(of)
            | Measure::Above(of, _) => self.times(histogram(row, of), measure),
            _ => (None, 0),
        }
    }

    fn growth(&self, grown: i64, n: u64) -> Observation {
        (Some(grown as f64 / self.seconds()).filter(|v| v.is_finite()), n)
    }

    fn average(&self, area: u64, n: u64) -> Observation {
        (Some(area as f64 * 1e-9 / self.seconds()).filter(|v| v.is_finite()), n)
    }

    /// Busy share of all servers and of those of the busiest instance; none where servers are not limited.
    fn utilization(&self, row: &ComponentRow, index: usize) -> (Option<f64>, Option<f64>) {
        let plan = &self.plan.components[index];
        if plan.servers == 0 || row.busy.is_empty() {
            return (None, None);
        }
        let of_one = |busy: u64| busy as f64 * 1e-9 / self.seconds() / f64::from(plan.servers);
        let all = row.busy.iter().map(|b| of_one(*b)).sum::<f64>() / f64::from(plan.instances);
        let worst = plan.per_instance.then(|| row.busy.iter().map(|b| of_one(*b)).fold(0.0, f64::max));
        (Some(all).filter(|v| v.is_finite()), worst.filter(|v| v.is_finite()))
    }

    fn edge(&self, index: usize, measure: Measure) -> Observation {
        let (row, plan) = (&self.row.edges[index], &self.plan.edges[index]);
        match measure {
            Measure::Retrying => self.average(row.retrying, row.calls),
            Measure::Hedges => self.rate(row.hedges),
            Measure::Refused => self.rate(row.refused),
            Measure::Opens => self.rate(row.opens),
            Measure::Open => {
                let callers = self.plan.components.get(plan.caller as usize).map_or(1, |c| c.instances);
                let (open, n) = self.average(row.open, row.calls);
                (open.map(|open| open / f64::from(callers.max(1))), n)
            }
            Measure::Calls => self.rate(row.calls),
            Measure::Attempts => self.rate(row.attempts),
            Measure::Retries => self.rate(row.retries),
            Measure::Timeouts => self.rate(row.timeouts),
            Measure::AttemptsTimedOut => self.share(row.timeouts, row.attempts),
            Measure::Lost => self.rate(row.lost),
            Measure::Bytes => self.rate(row.bytes),
            Measure::Amplification => self.share(row.attempts, row.calls),
            _ => self.times(&row.pool_wait, measure),
        }
    }
}
