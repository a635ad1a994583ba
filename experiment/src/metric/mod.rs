//! The catalogue of metrics: one name each, the same in SLOs, `measure`, tables, CSV columns and JSON.

mod asked;
mod censored;
mod observed;
mod word;

use archsim_models::world::Outcome;
pub use asked::{INSTANCE, Level, is_detail};
pub(crate) use asked::{deviation, squared_distances};
pub use observed::{Observation, Observed};
use std::collections::BTreeMap;
use word::{ALIASES, Word};
pub use word::{
    CACHE, COMPONENT, CONSUMERS, DATABASE, DISTURBED, EDGE, EDGE_ON_REQUEST, ON_REQUEST, PERCENTILES, TRAFFIC,
    TRAFFIC_ON_REQUEST,
};

/// Everything that has metrics, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subjects {
    /// Traffic sources with their endpoints; none where a source asks for one operation only.
    pub sources: Vec<(String, Vec<String>)>,
    /// Components with the name of their kind and the number of their instances.
    pub components: Vec<(String, &'static str, u32)>,
    /// Edges that are used, "a -> b", in the order of the plan.
    pub edges: Vec<String>,
    /// Topics, "broker.topic", in the order of the plan.
    pub topics: Vec<String>,
    /// Why sources have no recovery time; nothing where they have one.
    pub no_recovery: Option<String>,
}

/// What a metric is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Traffic: first class and number of classes.
    Classes(usize, usize),
    /// A component.
    Component(usize),
    /// An instance of a component.
    Instance(usize, usize),
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
    /// Time in queues of the requests of a source, all components together.
    Queueing,
    /// Sojourn time at a component as a multiple of the work there.
    Slowdown,
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
    /// Requests answered ok, per second, by when they are answered.
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
    /// Share of the attempts that timed out.
    AttemptsTimedOut,
    /// Messages lost, per second.
    Lost,
    /// Attempts for each call.
    Amplification,
    /// Bytes per second, both directions.
    Bytes,
    /// Share of the time in which enough instances are up.
    Available,
    /// Share of the component's answers that an instance gave.
    Share,
    /// Mean number of newer writes that a read missed.
    BehindMean,
    /// Share of the reads that missed more than so many newer writes.
    BehindAbove(u64),
    /// Share of the batches with more than so many requests.
    BatchAbove(u64),
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
    /// How many more are in flight, or wait, each second.
    Growth,
    /// Requests wanted in a stretch of time and answered ok at some time, per second.
    Kept,
    /// Time from the end of the last disturbance until goodput and mean latency are back to what they were before the first; see
    /// [`crate::recovery`].
    Recovery,
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

impl Metric {
    /// Whether its values are between 0 and 1: a share, and no other ratio.
    pub fn is_share(&self) -> bool {
        use Measure::{Deviation, Max, Mean, Quantile};
        let slowdown = matches!(
            self.measure,
            Mean(Times::Slowdown) | Max(Times::Slowdown) | Deviation(Times::Slowdown) | Quantile(Times::Slowdown, _)
        );
        self.unit == "1" && self.measure != Measure::Amplification && !slowdown
    }
}

/// Every metric of a scenario, by name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The metrics of every summary, in order.
    pub metrics: Vec<Metric>,
    index: BTreeMap<String, usize>,
    subjects: Vec<(String, Subject, Vec<Times>)>,
    instances: Vec<u32>,
    no_recovery: Option<String>,
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
        Times::Queueing => "waiting.",
        Times::Slowdown => "slowdown.",
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
        let mut catalogue = Catalogue { no_recovery: subjects.no_recovery.clone(), ..Catalogue::default() };
        let traffic: &[&[Word]] = if subjects.no_recovery.is_none() { &[TRAFFIC, DISTURBED] } else { &[TRAFFIC] };
        let mut class = 0;
        for (source, endpoints) in &subjects.sources {
            let count = endpoints.len().max(1);
            let times = [Times::Latency, Times::OkLatency];
            catalogue.add(source, Subject::Classes(class, count), traffic, &times);
            for (index, endpoint) in endpoints.iter().enumerate() {
                catalogue.add(&format!("{source}.{endpoint}"), Subject::Classes(class + index, 1), traffic, &times);
            }
            class += count;
        }
        catalogue.instances = subjects.components.iter().map(|(_, _, count)| *count).collect();
        for (index, (component, kind, _)) in subjects.components.iter().enumerate() {
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
        let on_request = match subject {
            Subject::Classes(..) => Some(Times::Queueing),
            Subject::Component(_) => Some(Times::Slowdown),
            _ => None,
        };
        self.subjects.push((name.to_string(), subject, times.iter().copied().chain(on_request).collect()));
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
        if let Some(found) = self.of_instance(name) {
            return found;
        }
        let Some((subject_name, subject, times)) = longest.max_by_key(|(s, _, _)| s.len()) else {
            return Err(self.unknown_subject(name));
        };
        let word = &name[subject_name.len() + 1..];
        let meant =
            ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, meant)| format!("{subject_name}.{meant}"));
        if let Some(&index) = meant.and_then(|name| self.index.get(&name)) {
            return Ok(self.metrics[index].clone());
        }
        let found = |(unit, measure)| Metric { name: name.to_string(), unit, subject: *subject, measure };
        let on_request = match subject {
            Subject::Component(_) => ON_REQUEST,
            Subject::Classes(..) => TRAFFIC_ON_REQUEST,
            Subject::Edge(_) => EDGE_ON_REQUEST,
            _ => &[],
        };
        if let Some((_, unit, measure, _)) = on_request.iter().find(|(known, ..)| *known == word) {
            return Ok(found((*unit, *measure)));
        }
        if let (Subject::Component(_), Some(level)) = (subject, asked::level(word).or_else(|| asked::counted(word))) {
            return Ok(found(level));
        }
        if let Some(of) = times.iter().find_map(|of| asked::times(word.strip_prefix(prefix(*of))?, *of)) {
            return Ok(found(of));
        }
        if let Some(time) = times.iter().find_map(|of| asked::time(word.strip_prefix(prefix(*of))?, *of)) {
            return Ok(found(time));
        }
        let disturbed = matches!(subject, Subject::Classes(..)) && DISTURBED.iter().any(|(known, ..)| *known == word);
        if let Some(reason) = self.no_recovery.as_ref().filter(|_| disturbed) {
            return Err(UnknownMetric { message: reason.clone(), candidates: vec![], word: word.to_string() });
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

    /// `db[2].sojourn.p99`: of one instance, counted from 0. None where no instance is meant.
    fn of_instance(&self, name: &str) -> Option<Result<Metric, UnknownMetric>> {
        let (component, rest) = name.split_once('[')?;
        let &(_, subject, _) = self.subjects.iter().find(|(known, ..)| known == component)?;
        let Subject::Component(index) = subject else { return None };
        let (number, word) = rest.split_once("].")?;
        let last = self.instances[index].saturating_sub(1);
        let unknown = |message: String, candidates: Vec<String>, word: &str| {
            Some(Err(UnknownMetric { message, candidates, word: word.to_string() }))
        };
        let Some(instance) = number.parse::<u32>().ok().filter(|instance| *instance <= last) else {
            let message = format!("`{component}` has the instances 0 to {last}, not `{number}`");
            return unknown(message, vec![], number);
        };
        let Some((unit, measure)) = asked::of_instance(word) else {
            let words = asked::INSTANCE.iter().map(|(word, ..)| word.to_string());
            let times = [Times::Waiting, Times::Service, Times::Sojourn].map(|of| format!("{}mean", prefix(of)));
            return unknown(format!("an instance has no metric `{word}`"), words.chain(times).collect(), word);
        };
        let subject = Subject::Instance(index, instance as usize);
        Some(Ok(Metric { name: name.to_string(), unit, subject, measure }))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::new(&Subjects {
            sources: vec![("shoppers".into(), vec!["browse".into(), "checkout".into()])],
            components: vec![("db".into(), "Database", 4), ("redis".into(), "Cache", 1)],
            edges: vec!["shoppers -> db".into()],
            topics: vec!["kafka.orders".into()],
            no_recovery: None,
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
    fn instances_slowdowns_and_waiting_by_class_are_had_on_request() {
        let found = |name: &str| catalogue().find(name).map(|m| (m.subject, m.unit, m.measure)).map_err(|e| e.message);
        let sojourn = Measure::Quantile(Times::Sojourn, 0.99);
        assert_eq!(found("db[3].sojourn.p99"), Ok((Subject::Instance(0, 3), "s", sojourn)));
        assert_eq!(found("db[0].share"), Ok((Subject::Instance(0, 0), "1", Measure::Share)));
        assert_eq!(found("db[4].share"), Err("`db` has the instances 0 to 3, not `4`".into()));
        assert_eq!(found("db[x].share"), Err("`db` has the instances 0 to 3, not `x`".into()));
        assert_eq!(found("db[0].hits"), Err("an instance has no metric `hits`".into()));
        let slowdown = Measure::Mean(Times::Slowdown);
        assert_eq!(found("db.slowdown.mean"), Ok((Subject::Component(0), "1", slowdown)));
        let waiting = Measure::Quantile(Times::Queueing, 0.95);
        assert_eq!(found("shoppers.browse.waiting.p95"), Ok((Subject::Classes(0, 1), "s", waiting)));
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
