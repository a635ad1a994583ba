//! The vocabulary: every word that may follow the name of something that is measured.

use super::Measure;
use archsim_models::world::Outcome;

/// One word of the vocabulary: suffix, unit, how it is computed, explanation.
pub(super) type Word = (&'static str, &'static str, Measure, &'static str);

/// Metrics of traffic and its endpoints.
pub const TRAFFIC: &[Word] = &[
    ("rate", "1/s", Measure::Wanted, "requests that users wanted, per second"),
    ("goodput", "1/s", Measure::Goodput, "requests answered ok, per second, by when they are answered"),
    ("errors", "1", Measure::Errors, "share of the ended requests that failed, time-outs included"),
    ("timeouts", "1", Measure::TimedOut, "share of the ended requests that users gave up"),
    ("retries", "1/s", Measure::UserRetries, "further attempts by users, per second"),
];

/// Metrics of traffic where a fault, a spike or a load that comes back disturbs the run and is over before its end.
pub const DISTURBED: &[Word] = &[(
    "recovery",
    "s",
    Measure::Recovery,
    "time from the end of the last disturbance until goodput and mean latency are back to what they were before the first, to a window",
)];

/// Metrics of traffic that are computed when they are asked for.
pub const TRAFFIC_ON_REQUEST: &[Word] =
    &[("growth", "1/s", Measure::Growth, "how many more requests are in flight each second: 0 in a steady state")];

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
        "share of the time in which enough instances are up: one, or `need` of `Failures`; with `failover` every primary",
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
    ("behind.mean", "count", Measure::BehindMean, "mean number of newer writes of its key that a read missed"),
    ("batch.rate", "1/s", Measure::BatchRate, "batches per second"),
    (
        "reneged",
        "1",
        Measure::OutcomeShare(Outcome::Reneged),
        "share of the ended attempts that lost patience in a queue",
    ),
    ("balked", "1", Measure::OutcomeShare(Outcome::Balked), "share of the ended attempts that did not join the queue"),
    (
        "availability",
        "1",
        Measure::Availability,
        "share of the time in which instances and cores are up, on average; `available` is about the component as a whole",
    ),
    ("failing_over", "count", Measure::Cores(4), "mean number of shards that wait for a new primary (`failover`)"),
    (
        "all_down",
        "count",
        Measure::Cores(5),
        "mean number of shards of which no instance is up, where there is `failover`",
    ),
    ("cores.on", "count", Measure::Cores(0), "mean number of cores that are on, where they are told apart"),
    ("growth", "1/s", Measure::Growth, "how many more wait in its queues each second: 0 in a steady state"),
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

/// Metrics of edges that are computed when they are asked for.
pub const EDGE_ON_REQUEST: &[Word] =
    &[("timed_out", "1", Measure::AttemptsTimedOut, "share of the messages sent for calls that timed out")];

/// The percentiles in every summary: name and probability.
pub const PERCENTILES: &[(&str, f64)] = &[("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// Other names that people use, and the metric they mean.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("wait", "waiting.mean"),
    ("inflight", "in_flight"),
    ("pool_wait", "pool_wait.mean"),
    ("age", "age.mean"),
    ("attempts.mean", "amplification"),
];
