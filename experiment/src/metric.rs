//! The catalogue of metrics: one name each, the same in SLOs, `measure`, tables, CSV columns and JSON.

mod asked;

use archsim_core::Histogram;
use archsim_models::Plan;
use archsim_models::world::{ClassRow, ComponentRow, Outcome, Row};
pub use asked::Level;
use std::collections::BTreeMap;

/// Everything that has metrics, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subjects {
    /// Traffic sources with their endpoints; none where a source asks for one operation only.
    pub sources: Vec<(String, Vec<String>)>,
    /// Components with the name of their kind.
    pub components: Vec<(String, &'static str)>,
    /// Edges that are used, "a -> b", in the order of the plan.
    pub edges: Vec<String>,
    /// Topics, "broker.topic", in the order of the plan.
    pub topics: Vec<String>,
}

/// What a metric is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Traffic: first class and number of classes.
    Classes(usize, usize),
    /// A component.
    Component(usize),
    /// An edge.
    Edge(usize),
    /// A topic.
    Topic(usize),
    /// The whole scenario.
    All,
}

/// Which histogram a metric is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Latency of all requests.
    Latency,
    /// Latency of the successful ones.
    OkLatency,
    /// Waiting time at a component.
    Waiting,
    /// Service time at a component.
    Service,
    /// Sojourn time at a component.
    Sojourn,
    /// Age of messages when handled, or of writes when copied.
    Age,
    /// Time for a connection.
    PoolWait,
}

/// How a metric is computed from a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Mean of times.
    Mean(Times),
    /// Quantile of times.
    Quantile(Times, f64),
    /// Largest of times.
    Max(Times),
    /// Requests wanted, per second.
    Wanted,
    /// Requests answered ok, per second.
    Goodput,
    /// Share of the requests that ended badly.
    Errors,
    /// Share of the requests that timed out.
    TimedOut,
    /// Further attempts by users, per second.
    UserRetries,
    /// Busy share of the servers, all instances.
    Utilization,
    /// Busy share of the busiest instance.
    UtilizationWorst,
    /// Mean number waiting, all instances together.
    Queue,
    /// Mean number inside, all instances together.
    InFlight,
    /// Attempts answered ok, per second.
    Throughput,
    /// Attempts that came, per second.
    Arrivals,
    /// Share of the attempts that ended with this outcome.
    OutcomeShare(Outcome),
    /// Share of the attempts that waited.
    WaitingPositive,
    /// Mean number of requests in a batch.
    BatchMean,
    /// Batches per second.
    BatchRate,
    /// Mean wait of those served and those that left.
    WaitingAll,
    /// Share of the time in which instances and cores are up.
    Availability,
    /// Mean number of cores that are on, or starting.
    Cores(usize),
    /// Share of the look-ups that hit.
    HitRatio,
    /// Share of the reads that missed the newest write.
    Stale,
    /// Values in a cache at the end of the window.
    Entries,
    /// Mean number of messages not finished.
    Lag,
    /// Messages given up, per second.
    Dropped,
    /// Bytes received per second.
    BytesIn,
    /// Bytes sent per second.
    BytesOut,
    /// Mean bytes held by requests in progress.
    Memory,
    /// Instances.
    Replicas,
    /// Money per hour.
    Cost,
    /// Calls by steps, per second.
    Calls,
    /// Messages sent for calls, per second.
    Attempts,
    /// Attempts after the first, per second.
    Retries,
    /// Attempts that timed out, per second.
    Timeouts,
    /// Messages lost, per second.
    Lost,
    /// Attempts for each call.
    Amplification,
    /// Bytes per second, both directions.
    Bytes,
    /// Share of the time in which enough instances are up.
    Available,
    /// Mean number of calls in a pause before a retry.
    Retrying,
    /// Further copies sent, per second.
    Hedges,
    /// Attempts that an open breaker kept back, per second.
    Refused,
    /// Times a breaker opened, per second.
    Opens,
    /// Share of the time that the breakers of the callers are open.
    Open,
    /// Messages appended, per second.
    Appended,
    /// The number inside, over time.
    Level(Level),
    /// Standard deviation of times.
    Deviation(Times),
    /// Share of times above so many nanoseconds.
    Above(Times, u64),
}

/// A metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name: "users.checkout.p99".
    pub name: String,
    /// Its unit: "s", "1/s", "1", "count", "B", "B/s", "money/h".
    pub unit: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// How it is computed.
    pub measure: Measure,
}

/// One word of the vocabulary: suffix, unit, how it is computed, explanation.
type Word = (&'static str, &'static str, Measure, &'static str);

/// Metrics of traffic and its endpoints.
pub const TRAFFIC: &[Word] = &[
    ("rate", "1/s", Measure::Wanted, "requests that users wanted, per second"),
    ("goodput", "1/s", Measure::Goodput, "requests answered ok, per second"),
    ("errors", "1", Measure::Errors, "share of the ended requests that failed, time-outs included"),
    ("timeouts", "1", Measure::TimedOut, "share of the ended requests that users gave up"),
    ("retries", "1/s", Measure::UserRetries, "further attempts by users, per second"),
];

/// Metrics of every component.
pub const COMPONENT: &[Word] = &[
    ("utilization", "1", Measure::Utilization, "busy share of the cores, workers or slots"),
    ("utilization.worst", "1", Measure::UtilizationWorst, "the same of the busiest instance"),
    ("queue", "count", Measure::Queue, "mean number waiting, all instances together"),
    ("in_flight", "count", Measure::InFlight, "mean number inside, all instances together"),
    ("throughput", "1/s", Measure::Throughput, "attempts answered ok, per second"),
    ("arrivals", "1/s", Measure::Arrivals, "attempts that came, per second"),
    ("errors", "1", Measure::OutcomeShare(Outcome::Error), "share of the ended attempts answered with an error"),
    ("rejected", "1", Measure::OutcomeShare(Outcome::Rejected), "share of the ended attempts that were refused"),
    ("crashed", "1", Measure::OutcomeShare(Outcome::Crashed), "share of the ended attempts lost to a crash"),
    (
        "cancelled",
        "1",
        Measure::OutcomeShare(Outcome::Cancelled),
        "share of the ended attempts stopped because the caller gave up",
    ),
    ("bytes_in", "B/s", Measure::BytesIn, "bytes received per second"),
    ("bytes_out", "B/s", Measure::BytesOut, "bytes sent per second"),
    (
        "available",
        "1",
        Measure::Available,
        "share of the time in which enough instances are up: one, or `need` of `Failures`",
    ),
    ("memory", "B", Measure::Memory, "mean bytes held by requests in progress"),
    ("replicas", "count", Measure::Replicas, "instances"),
    ("cost", "money/h", Measure::Cost, "money per hour"),
];

/// Metrics of components that are computed when they are asked for, and not part of every summary.
pub const ON_REQUEST: &[Word] = &[
    (
        "waiting.positive",
        "1",
        Measure::WaitingPositive,
        "share of the attempts that had to wait, those that left included",
    ),
    ("waiting.all.mean", "s", Measure::WaitingAll, "mean time in queues of those served and those that left"),
    ("batch.mean", "count", Measure::BatchMean, "mean number of requests in a batch (`Batch`)"),
    ("batch.rate", "1/s", Measure::BatchRate, "batches per second"),
    (
        "reneged",
        "1",
        Measure::OutcomeShare(Outcome::Reneged),
        "share of the ended attempts that lost patience in a queue",
    ),
    ("balked", "1", Measure::OutcomeShare(Outcome::Balked), "share of the ended attempts that did not join the queue"),
    ("availability", "1", Measure::Availability, "share of the time in which instances and cores are up, on average"),
    ("cores.on", "count", Measure::Cores(0), "mean number of cores that are on, where they are told apart"),
    ("cores.starting", "count", Measure::Cores(1), "mean number of cores that are starting (`cold_start`)"),
];

/// Metrics of caches.
pub const CACHE: &[Word] = &[
    ("hit_ratio", "1", Measure::HitRatio, "share of the look-ups that hit"),
    ("entries_held", "count", Measure::Entries, "values held at the end"),
];

/// Metrics of databases.
pub const DATABASE: &[Word] =
    &[("stale", "1", Measure::Stale, "share of the reads of a key (`shard_by`) that missed its newest write")];

/// Metrics of consumers.
pub const CONSUMERS: &[Word] = &[
    ("lag", "count", Measure::Lag, "mean number of messages not yet handled"),
    ("dropped", "1/s", Measure::Dropped, "messages given up after all attempts, per second"),
];

/// Metrics of edges.
pub const EDGE: &[Word] = &[
    ("calls", "1/s", Measure::Calls, "calls by steps, per second"),
    ("attempts", "1/s", Measure::Attempts, "messages sent for them, per second"),
    ("retries", "1/s", Measure::Retries, "attempts after the first, per second"),
    ("timeouts", "1/s", Measure::Timeouts, "attempts that timed out, per second"),
    ("lost", "1/s", Measure::Lost, "messages lost, per second"),
    ("amplification", "1", Measure::Amplification, "attempts for each call"),
    ("bytes", "B/s", Measure::Bytes, "bytes per second, both directions"),
    ("retrying", "count", Measure::Retrying, "mean number of calls that pause before a retry"),
    ("hedges", "1/s", Measure::Hedges, "copies of a call after its first, sent by `hedge` or `copies`, per second"),
    ("refused", "1/s", Measure::Refused, "attempts that an open breaker kept back, per second"),
    ("opens", "1/s", Measure::Opens, "times that a breaker opened, per second, all caller replicas together"),
    ("open", "1", Measure::Open, "share of the time that a breaker is open, mean over the caller replicas"),
];

/// The percentiles in every summary: name and probability.
pub const PERCENTILES: &[(&str, f64)] = &[("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// Other names that people use, and the metric they mean.
const ALIASES: &[(&str, &str)] = &[
    ("wait", "waiting.mean"),
    ("inflight", "in_flight"),
    ("pool_wait", "pool_wait.mean"),
    ("age", "age.mean"),
    ("attempts.mean", "amplification"),
];

/// Every metric of a scenario, by name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The metrics of every summary, in order.
    pub metrics: Vec<Metric>,
    index: BTreeMap<String, usize>,
    subjects: Vec<(String, Subject, Vec<Times>)>,
}

/// A metric name that means nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownMetric {
    /// What is wrong: "`shoppers` never sends `chekout`".
    pub message: String,
    /// Names to suggest from.
    pub candidates: Vec<String>,
    /// The word to compare them with.
    pub word: String,
}

/// Prefix of the metrics of a kind of times.
fn prefix(times: Times) -> &'static str {
    match times {
        Times::Latency => "",
        Times::OkLatency => "ok.",
        Times::Waiting => "waiting.",
        Times::Service => "service.",
        Times::Sojourn => "sojourn.",
        Times::Age => "age.",
        Times::PoolWait => "pool_wait.",
    }
}

/// The probability that a name like `p99` or `p999` stands for: digits after the second are decimals.
fn percentile(word: &str) -> Option<f64> {
    let digits =
        word.strip_prefix('p').filter(|d| (1..=8).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))?;
    let scale = (0..digits.len().max(2)).fold(1.0, |scale, _| scale * 10.0);
    let number: f64 = digits.parse().ok()?;
    Some(if digits.len() == 1 { number / 100.0 } else { number / scale }).filter(|p| *p > 0.0)
}

impl Catalogue {
    /// The catalogue of a scenario's subjects.
    pub fn new(subjects: &Subjects) -> Self {
        let mut catalogue = Catalogue { metrics: vec![], index: BTreeMap::new(), subjects: vec![] };
        let mut class = 0;
        for (source, endpoints) in &subjects.sources {
            let count = endpoints.len().max(1);
            let times = [Times::Latency, Times::OkLatency];
            catalogue.add(source, Subject::Classes(class, count), &[TRAFFIC], &times);
            for (index, endpoint) in endpoints.iter().enumerate() {
                catalogue.add(&format!("{source}.{endpoint}"), Subject::Classes(class + index, 1), &[TRAFFIC], &times);
            }
            class += count;
        }
        for (index, (component, kind)) in subjects.components.iter().enumerate() {
            let mut times = vec![Times::Waiting, Times::Service, Times::Sojourn];
            let mut words = vec![COMPONENT];
            match *kind {
                "Cache" => words.push(CACHE),
                "Consumers" => {
                    words.push(CONSUMERS);
                    times.push(Times::Age);
                }
                "Database" => {
                    words.push(DATABASE);
                    times.push(Times::Age);
                }
                _ => {}
            }
            catalogue.add(component, Subject::Component(index), &words, &times);
        }
        for (index, edge) in subjects.edges.iter().enumerate() {
            catalogue.add(edge, Subject::Edge(index), &[EDGE], &[Times::PoolWait]);
        }
        for (index, topic) in subjects.topics.iter().enumerate() {
            catalogue.add(
                topic,
                Subject::Topic(index),
                &[&[("rate", "1/s", Measure::Appended, "messages appended, per second")]],
                &[],
            );
        }
        catalogue.push(Metric { name: "cost".into(), unit: "money/h", subject: Subject::All, measure: Measure::Cost });
        catalogue
    }

    fn push(&mut self, metric: Metric) {
        self.index.entry(metric.name.clone()).or_insert(self.metrics.len());
        self.metrics.push(metric);
    }

    fn add(&mut self, name: &str, subject: Subject, words: &[&[Word]], times: &[Times]) {
        for (word, unit, measure, _) in words.iter().flat_map(|w| w.iter()) {
            self.push(Metric { name: format!("{name}.{word}"), unit, subject, measure: *measure });
        }
        for &of in times {
            let time = |word: &str, measure| Metric {
                name: format!("{name}.{}{word}", prefix(of)),
                unit: "s",
                subject,
                measure,
            };
            self.push(time("mean", Measure::Mean(of)));
            for (word, p) in PERCENTILES {
                self.push(time(word, Measure::Quantile(of, *p)));
            }
            self.push(time("max", Measure::Max(of)));
        }
        self.subjects.push((name.to_string(), subject, times.to_vec()));
    }

    /// The metric of a name: one of the summary, another percentile (`users.p9999`), or another name for one (`db.wait`).
    ///
    /// # Errors
    /// What is wrong with the name, and names that may be meant.
    pub fn find(&self, name: &str) -> Result<Metric, UnknownMetric> {
        if let Some(&index) = self.index.get(name) {
            return Ok(self.metrics[index].clone());
        }
        let longest = self
            .subjects
            .iter()
            .filter(|(s, _, _)| name.strip_prefix(s.as_str()).is_some_and(|rest| rest.starts_with('.')));
        let Some((subject_name, subject, times)) = longest.max_by_key(|(s, _, _)| s.len()) else {
            return Err(self.unknown_subject(name));
        };
        let word = &name[subject_name.len() + 1..];
        let meant =
            ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, meant)| format!("{subject_name}.{meant}"));
        if let Some(&index) = meant.and_then(|name| self.index.get(&name)) {
            return Ok(self.metrics[index].clone());
        }
        if let Subject::Component(_) = subject
            && let Some((_, unit, measure, _)) = ON_REQUEST.iter().find(|(known, ..)| *known == word)
        {
            return Ok(Metric { name: name.to_string(), unit, subject: *subject, measure: *measure });
        }
        let found = |(unit, measure)| Metric { name: name.to_string(), unit, subject: *subject, measure };
        if let (Subject::Component(_), Some(level)) = (subject, asked::level(word)) {
            return Ok(found(level));
        }
        if let Some(of) = times.iter().find_map(|of| asked::times(word.strip_prefix(prefix(*of))?, *of)) {
            return Ok(found(of));
        }
        for &of in times {
            let p = word.strip_prefix(prefix(of)).and_then(percentile);
            if let Some(p) = p {
                return Ok(Metric {
                    name: name.to_string(),
                    unit: "s",
                    subject: *subject,
                    measure: Measure::Quantile(of, p),
                });
            }
        }
        let start = format!("{subject_name}.");
        let known = self.index.keys().filter_map(|known| known.strip_prefix(&start).map(str::to_string));
        let message = match subject {
            Subject::Classes(..) if word.contains('.') => {
                let endpoint = word.split('.').next().unwrap_or(word);
                let endpoints = self.subjects.iter().filter_map(|(s, _, _)| s.strip_prefix(&start).map(str::to_string));
                return Err(UnknownMetric {
                    message: format!("`{subject_name}` never sends `{endpoint}`"),
                    candidates: endpoints.collect(),
                    word: endpoint.to_string(),
                });
            }
            _ => format!("`{subject_name}` has no metric `{word}`"),
        };
        Err(UnknownMetric { message, candidates: known.collect(), word: word.to_string() })
    }

    fn unknown_subject(&self, name: &str) -> UnknownMetric {
        let word = match name.rsplit_once(" -> ") {
            Some((from, rest)) => format!("{from} -> {}", rest.split('.').next().unwrap_or(rest)),
            None => name.split('.').next().unwrap_or(name).to_string(),
        };
        UnknownMetric {
            message: format!("nothing here is called `{word}`"),
            candidates: self.subjects.iter().map(|(s, _, _)| s.clone()).chain(["cost".to_string()]).collect(),
            word,
        }
    }
}

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
            Subject::Edge(index) => self.edge(index, metric.measure),
            Subject::Topic(index) => self.rate(self.row.appended[index]),
            Subject::All => (Some(self.plan.components.iter().map(|c| c.cost * f64::from(c.instances)).sum()), 1),
        }
    }

    /// The times that a mean or a quantile is read from; none for a metric of another kind.
    pub fn distribution(&self, metric: &Metric) -> Option<Histogram> {
        let (Measure::Mean(of) | Measure::Quantile(of, _) | Measure::Max(of)) = metric.measure else { return None };
        match metric.subject {
            Subject::Classes(first, count) => {
                let ClassRow { mut latency, failed, .. } = self.classes(first, count);
                if of == Times::OkLatency {
                    latency.subtract(&failed);
                }
                Some(latency)
            }
            Subject::Component(index) => Some(histogram(&self.row.components[index], of).clone()),
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
            Measure::Goodput => self.rate(row.outcomes[Outcome::Ok as usize]),
            Measure::Errors => self.share(row.ended() - row.outcomes[Outcome::Ok as usize], row.ended()),
            Measure::TimedOut => self.share(row.outcomes[Outcome::TimedOut as usize], row.ended()),
            Measure::UserRetries => self.rate(row.retries),
            Measure::Mean(Times::OkLatency)
            | Measure::Quantile(Times::OkLatency, _)
            | Measure::Max(Times::OkLatency)
            | Measure::Deviation(Times::OkLatency)
            | Measure::Above(Times::OkLatency, _) => {
                let mut ok = row.latency.clone();
                ok.subtract(&row.failed);
                self.times(&ok, measure)
            }
            _ => self.times(&row.latency, measure),
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
            Measure::Lost => self.rate(row.lost),
            Measure::Bytes => self.rate(row.bytes),
            Measure::Amplification => self.share(row.attempts, row.calls),
            _ => self.times(&row.pool_wait, measure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::new(&Subjects {
            sources: vec![("shoppers".into(), vec!["browse".into(), "checkout".into()])],
            components: vec![("db".into(), "Database"), ("redis".into(), "Cache")],
            edges: vec!["shoppers -> db".into()],
            topics: vec!["kafka.orders".into()],
        })
    }

    #[test]
    fn names_are_found_with_aliases_and_other_percentiles() {
        let catalogue = catalogue();
        assert_eq!(catalogue.find("shoppers.checkout.p99").map(|m| m.subject), Ok(Subject::Classes(1, 1)));
        assert_eq!(catalogue.find("db.wait").map(|m| m.name), Ok("db.waiting.mean".into()));
        let p9999 = catalogue.find("db.sojourn.p9999").map(|m| m.measure);
        assert_eq!(p9999, Ok(Measure::Quantile(Times::Sojourn, 0.9999)));
        assert_eq!(catalogue.find("shoppers -> db.amplification").map(|m| m.unit), Ok("1"));
        assert_eq!(catalogue.find("kafka.orders.rate").map(|m| m.unit), Ok("1/s"));
    }

    #[test]
    fn unknown_names_say_which_word_is_wrong() {
        let wrong = |name: &str| catalogue().find(name).err().map(|e| (e.message, e.word));
        assert_eq!(wrong("shoppers.chekout.p99"), Some(("`shoppers` never sends `chekout`".into(), "chekout".into())));
        assert_eq!(wrong("redis.hitratio"), Some(("`redis` has no metric `hitratio`".into(), "hitratio".into())));
        assert_eq!(wrong("bd.utilization"), Some(("nothing here is called `bd`".into(), "bd".into())));
    }

    #[test]
    fn percentile_names_are_decimals_after_the_second_digit() {
        assert_eq!(percentile("p50"), Some(0.5));
        assert_eq!(percentile("p999"), Some(0.999));
        assert_eq!(percentile("p985"), Some(0.985));
        assert_eq!(percentile("pi"), None);
    }
}
