//! What was counted in a stretch of time; rows add up.

use super::detail::{self, InstanceRow};
use super::frame::OUTCOMES;
use super::levels;
use archsim_core::{Histogram, Time};

/// What a component did in a stretch of time. What every attempt changes is first, in one cache line.
#[derive(Clone, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct ComponentRow {
    /// Attempts that came.
    pub arrived: u64,
    /// Attempt-nanoseconds inside; while running the sum of departures minus arrivals, modulo 2^64.
    pub inside: u64,
    /// Nanoseconds from arrival to end of the attempts that are not in `sojourn`, modulo 2^64.
    pub other_sojourns: u64,
    /// Attempts that left, by outcome.
    pub outcomes: [u64; OUTCOMES],
    /// Time in queues for each attempt, in nanoseconds.
    pub waiting: Histogram,
    /// Time in service for each attempt.
    pub service: Histogram,
    /// From arrival to reply for each attempt.
    pub sojourn: Histogram,
    /// Nanoseconds with 0, 1, 2, ... attempts inside; empty unless the run was asked for it.
    pub levels: Vec<u64>,
    /// How many times longer than its work each visit took, times 10^9; empty unless the run was asked for details.
    pub slowdown: Histogram,
    /// Each instance on its own; empty unless the run was asked for details.
    pub each: Vec<InstanceRow>,
    /// Server-nanoseconds of each instance.
    pub busy: Vec<u64>,
    /// Queue-nanoseconds of all instances.
    pub queue: u64,
    /// Look-ups of a cache.
    pub lookups: u64,
    /// Look-ups that hit.
    pub hits: u64,
    /// Reads of keys that are written, and those that missed the newest write.
    pub reads: u64,
    /// See `reads`.
    pub stale: u64,
    /// How many writes each of the reads missed.
    pub behind: Histogram,
    /// Values in a cache at the end of the stretch.
    pub entries: u64,
    /// From publishing to handled, or from a write to its copy, for each message or write.
    pub age: Histogram,
    /// Message-nanoseconds not finished, kept as `inside`.
    pub backlog: u64,
    /// Messages that were given up.
    pub dropped: u64,
    /// Requests in each batch.
    pub batch: Histogram,
    /// Time in queues of each who left without service.
    pub reneged: Histogram,
    /// Nanoseconds of cores that are on, starting, and down, of instances that are down, of shards that wait for a new primary, and of
    /// shards of which nothing is up; kept as `inside`.
    pub workers: [u64; 6],
    /// Nanoseconds in which enough instances were up, kept as `inside`.
    pub available: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// How many more wait at the end of the stretch than at its start, for each instance as `busy`.
    pub grown: Vec<i64>,
}

/// What happened to the requests of a class that were wanted in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassRow {
    /// Requests wanted.
    pub wanted: u64,
    /// Those of them that ended, by outcome.
    pub outcomes: [u64; OUTCOMES],
    /// Requests answered ok in the stretch, whenever they were wanted.
    pub answered: u64,
    /// Latency of all that ended, in nanoseconds.
    pub latency: Histogram,
    /// Latency of those that failed.
    pub failed: Histogram,
    /// Time in queues of those answered ok; empty unless the run was asked for details.
    pub waiting: Histogram,
    /// How long those had taken who were in flight at the end of the run; empty unless the run was asked for it.
    pub unfinished: Histogram,
    /// Further attempts that users made.
    pub retries: u64,
    /// How many more are in flight at the end of the stretch than at its start.
    pub grown: i64,
}

/// What an edge carried in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgeRow {
    /// Calls by steps.
    pub calls: u64,
    /// Messages sent for them.
    pub attempts: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Attempts that timed out.
    pub timeouts: u64,
    /// Messages that were lost.
    pub lost: u64,
    /// Bytes in both directions.
    pub bytes: u64,
    /// Time for a connection, of each attempt on an edge with a pool.
    pub pool_wait: Histogram,
    /// Call-nanoseconds in pauses before a retry, kept as [`ComponentRow::inside`].
    pub retrying: u64,
    /// Copies sent after the first because no answer had come, or from the start.
    pub hedges: u64,
    /// Attempts that an open breaker kept back.
    pub refused: u64,
    /// Times a breaker opened.
    pub opens: u64,
    /// Breaker-nanoseconds open.
    pub open: u64,
    /// How many more wait for a connection at the end of the stretch than at its start.
    pub grown: i64,
}

/// A stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// From.
    pub start: Time,
    /// To.
    pub end: Time,
    /// For each component.
    pub components: Vec<ComponentRow>,
    /// For each class.
    pub classes: Vec<ClassRow>,
    /// For each edge.
    pub edges: Vec<EdgeRow>,
    /// For each topic the messages appended.
    pub appended: Vec<u64>,
}

fn add_outcomes(own: &mut [u64; OUTCOMES], other: &[u64; OUTCOMES]) {
    own.iter_mut().zip(other).for_each(|(a, b)| *a += b);
}

impl ClassRow {
    /// Adds another stretch.
    pub fn merge(&mut self, other: &ClassRow) {
        self.wanted += other.wanted;
        add_outcomes(&mut self.outcomes, &other.outcomes);
        self.answered += other.answered;
        self.latency.merge(&other.latency);
        self.failed.merge(&other.failed);
        self.waiting.merge(&other.waiting);
        self.unfinished.merge(&other.unfinished);
        self.retries += other.retries;
        self.grown += other.grown;
    }
    /// Requests that ended.
    pub fn ended(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}

impl Row {
    /// Adds another stretch; the two together span from the earlier start to the later end.
    pub fn merge(&mut self, other: &Row) {
        if self.components.is_empty() && self.classes.is_empty() {
            *self = other.clone();
            return;
        }
        (self.start, self.end) = (self.start.min(other.start), self.end.max(other.end));
        for (own, other) in self.components.iter_mut().zip(&other.components) {
            own.arrived += other.arrived;
            add_outcomes(&mut own.outcomes, &other.outcomes);
            own.inside += other.inside;
            own.waiting.merge(&other.waiting);
            own.service.merge(&other.service);
            own.sojourn.merge(&other.sojourn);
            own.other_sojourns = own.other_sojourns.wrapping_add(other.other_sojourns);
            levels::merge(&mut own.levels, &other.levels);
            own.slowdown.merge(&other.slowdown);
            detail::merge(&mut own.each, &other.each);
            own.busy.iter_mut().zip(&other.busy).for_each(|(a, b)| *a += b);
            own.queue += other.queue;
            own.lookups += other.lookups;
            own.hits += other.hits;
            own.reads += other.reads;
            own.stale += other.stale;
            own.behind.merge(&other.behind);
            own.entries = other.entries;
            own.age.merge(&other.age);
            own.backlog += other.backlog;
            own.dropped += other.dropped;
            own.batch.merge(&other.batch);
            own.reneged.merge(&other.reneged);
            own.workers.iter_mut().zip(&other.workers).for_each(|(a, b)| *a += b);
            own.available += other.available;
            own.bytes_in += other.bytes_in;
            own.bytes_out += other.bytes_out;
            own.grown.iter_mut().zip(&other.grown).for_each(|(a, b)| *a += b);
        }
        self.classes.iter_mut().zip(&other.classes).for_each(|(own, other)| own.merge(other));
        for (own, other) in self.edges.iter_mut().zip(&other.edges) {
            own.calls += other.calls;
            own.attempts += other.attempts;
            own.retries += other.retries;
            own.timeouts += other.timeouts;
            own.lost += other.lost;
            own.bytes += other.bytes;
            own.pool_wait.merge(&other.pool_wait);
            own.retrying += other.retrying;
            own.hedges += other.hedges;
            own.refused += other.refused;
            own.opens += other.opens;
            own.open += other.open;
            own.grown += other.grown;
        }
        self.appended.iter_mut().zip(&other.appended).for_each(|(a, b)| *a += b);
    }

    /// A copy whose histograms have 2^bits buckets per octave.
    pub fn coarsened(&self, bits: u32) -> Row {
        let component = |row: &ComponentRow| ComponentRow {
            waiting: row.waiting.coarsened(bits),
            service: row.service.coarsened(bits),
            sojourn: row.sojourn.coarsened(bits),
            age: row.age.coarsened(bits),
            batch: row.batch.coarsened(bits),
            reneged: row.reneged.coarsened(bits),
            busy: row.busy.clone(),
            levels: row.levels.clone(),
            behind: row.behind.coarsened(bits),
            slowdown: row.slowdown.coarsened(bits),
            each: row.each.iter().map(|each| each.coarsened(bits)).collect(),
            grown: row.grown.clone(),
            ..*row
        };
        let class = |row: &ClassRow| ClassRow {
            latency: row.latency.coarsened(bits),
            failed: row.failed.coarsened(bits),
            waiting: row.waiting.coarsened(bits),
            unfinished: row.unfinished.coarsened(bits),
            ..*row
        };
        Row {
            start: self.start,
            end: self.end,
            components: self.components.iter().map(component).collect(),
            classes: self.classes.iter().map(class).collect(),
            edges: self.edges.iter().map(|row| EdgeRow { pool_wait: row.pool_wait.coarsened(bits), ..*row }).collect(),
            appended: self.appended.clone(),
        }
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        (self.end - self.start).as_secs_f64()
    }
}
