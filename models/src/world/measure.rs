//! What is counted while running. Time is cut into rows; a row belongs to the requests *wanted* in it and to what the
//! components did in it. Rows that are complete are folded into the windows of the study and into the time series, so
//! memory does not grow with the length of the run.

use super::account::TimeTable;
use super::frame::OUTCOMES;
use super::levels::{self, Levels};
use super::table::Table;
use archsim_core::{Histogram, Time};
use std::collections::VecDeque;

/// What a component did in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComponentRow {
    /// Attempts that came.
    pub arrived: u64,
    /// Attempts that left, by outcome.
    pub outcomes: [u64; OUTCOMES],
    /// Attempt-nanoseconds inside; while running the sum of departures minus arrivals, modulo 2^64.
    pub inside: u64,
    /// Time in queues for each attempt, in nanoseconds.
    pub waiting: Histogram,
    /// Time in service for each attempt.
    pub service: Histogram,
    /// From arrival to reply for each attempt.
    pub sojourn: Histogram,
    /// Nanoseconds with 0, 1, 2, ... attempts inside; empty unless the run was asked for it.
    pub levels: Vec<u64>,
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
    /// Nanoseconds of cores that are on, starting, and down, and of instances that are down; kept as `inside`.
    pub workers: [u64; 4],
    /// Nanoseconds in which enough instances were up, kept as `inside`.
    pub available: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
}

/// What happened to the requests of a class that were wanted in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassRow {
    /// Requests wanted.
    pub wanted: u64,
    /// Requests that ended, by outcome.
    pub outcomes: [u64; OUTCOMES],
    /// Latency of all that ended, in nanoseconds.
    pub latency: Histogram,
    /// Latency of those that failed.
    pub failed: Histogram,
    /// Further attempts that users made.
    pub retries: u64,
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
        self.latency.merge(&other.latency);
        self.failed.merge(&other.failed);
        self.retries += other.retries;
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
            levels::merge(&mut own.levels, &other.levels);
            own.busy.iter_mut().zip(&other.busy).for_each(|(a, b)| *a += b);
            own.queue += other.queue;
            own.lookups += other.lookups;
            own.hits += other.hits;
            own.reads += other.reads;
            own.stale += other.stale;
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
            ..*row
        };
        let class = |row: &ClassRow| ClassRow {
            latency: row.latency.coarsened(bits),
            failed: row.failed.coarsened(bits),
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

/// How a run is cut and what is kept of it.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Ends of the rows, in order of time; the last is the end of the run.
    pub cuts: Vec<Time>,
    /// The windows of the study, each from one cut to another; the first is the main one.
    pub windows: Vec<(Time, Time)>,
    /// Requests in flight at which the run ends.
    pub max_in_flight: u64,
}

#[derive(Clone, Debug)]
struct OpenRow {
    row: Row,
    pending: u64,
    closed: bool,
}

/// The classes of the row that is open now, at hand for requests that end in the row they were wanted in.
#[derive(Clone, Debug)]
struct OpenClasses {
    rows: Table<ClassRow>,
    pending: u64,
}

/// The counters of a run.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    pub schedule: Schedule,
    /// Of the row that is open now.
    pub components: Table<ComponentRow>,
    pub edges: Table<EdgeRow>,
    pub appended: Vec<u64>,
    /// Attempts inside each component.
    pub inside: Table<u64>,
    /// How long so many were inside, where somebody asks for it.
    pub levels: Option<Box<Levels>>,
    /// Messages not finished of each component.
    pub unfinished: Vec<u64>,
    /// Of each component: cores that are on, starting, and down, and instances that are down.
    workers: Vec<[u32; 4]>,
    /// Whether enough instances of each component are up: 1 or 0.
    pub available: Vec<u64>,
    /// Calls of each edge in a pause before a retry.
    pub retrying: Vec<u64>,
    /// Number of the open row.
    pub row: u32,
    /// First row of the main window.
    pub main_row: u32,
    start: Time,
    first_open: u32,
    open: VecDeque<OpenRow>,
    current: OpenClasses,
    /// Totals of the windows.
    pub windows: Vec<Row>,
    /// Complete rows in order, waiting to be taken.
    pub complete: Vec<Row>,
    /// For each class where the time went.
    pub time: Vec<TimeTable>,
    /// Attempts that came to and left each component over the whole run.
    pub flow: Vec<(u64, u64)>,
    classes: usize,
}

impl Measure {
    pub(super) fn new(schedule: Schedule, components: usize, classes: usize, edges: usize, topics: usize) -> Self {
        let main_row = schedule.cuts.iter().position(|cut| *cut > schedule.windows[0].0).unwrap_or(0) as u32;
        let mut measure = Measure {
            components: Table(vec![ComponentRow::default(); components]),
            edges: Table(vec![EdgeRow::default(); edges]),
            appended: vec![0; topics],
            inside: Table(vec![0; components]),
            levels: None,
            unfinished: vec![0; components],
            workers: vec![[0; 4]; components],
            available: vec![1; components],
            retrying: vec![0; edges],
            row: 0,
            main_row,
            start: Time::ZERO,
            first_open: 0,
            open: VecDeque::new(),
            current: OpenClasses { rows: Table(vec![]), pending: 0 },
            windows: vec![Row::default(); schedule.windows.len()],
            complete: vec![],
            time: vec![TimeTable::default(); classes],
            flow: vec![(0, 0); components],
            classes,
            schedule,
        };
        measure.open_row();
        measure
    }

    fn open_row(&mut self) {
        self.open.push_back(OpenRow { row: Row::default(), pending: 0, closed: false });
        self.current = OpenClasses { rows: Table(vec![ClassRow::default(); self.classes]), pending: 0 };
    }

    /// A request of a class is wanted now.
    #[inline(always)]
    pub(super) fn wanted(&mut self, class: u16) {
        self.current.pending += 1;
        self.current.rows[u32::from(class)].wanted += 1;
    }

    /// The class row that a request belongs to; the request has ended.
    #[inline(always)]
    pub(super) fn ended(&mut self, row: u32, class: u16) -> &mut ClassRow {
        if row == self.row {
            self.current.pending -= 1;
            return &mut self.current.rows[u32::from(class)];
        }
        self.ended_late(row, class)
    }

    #[inline(never)]
    fn ended_late(&mut self, row: u32, class: u16) -> &mut ClassRow {
        let open = &mut self.open[(row - self.first_open) as usize];
        open.pending -= 1;
        &mut open.row.classes[usize::from(class)]
    }

    /// The class row that a request in progress belongs to.
    pub(super) fn class(&mut self, row: u32, class: u16) -> &mut ClassRow {
        if row == self.row {
            return &mut self.current.rows[u32::from(class)];
        }
        &mut self.open[(row - self.first_open) as usize].row.classes[usize::from(class)]
    }

    /// Somebody comes to a component.
    #[inline(always)]
    pub(super) fn enter(&mut self, component: u32, now: Time) {
        if let Some(levels) = &mut self.levels {
            levels.change(component, self.inside[component], now);
        }
        let row = &mut self.components[component];
        row.arrived += 1;
        row.inside = row.inside.wrapping_sub(now.as_nanos());
        self.inside[component] += 1;
    }

    /// Somebody leaves a component.
    #[inline(always)]
    pub(super) fn exit(&mut self, component: u32, now: Time) -> &mut ComponentRow {
        if let Some(levels) = &mut self.levels {
            levels.change(component, self.inside[component], now);
        }
        self.inside[component] -= 1;
        let row = &mut self.components[component];
        row.inside = row.inside.wrapping_add(now.as_nanos());
        row
    }

    /// A component becomes available, or is no longer.
    pub(super) fn available(&mut self, component: u32, available: bool, now: Time) {
        self.available[component as usize] = u64::from(available);
        let area = &mut self.components[component].available;
        *area = if available { area.wrapping_sub(now.as_nanos()) } else { area.wrapping_add(now.as_nanos()) };
    }

    /// A call begins or ends a pause before a retry.
    pub(super) fn pauses(&mut self, edge: u32, begins: bool, now: Time) {
        let (row, level) = (&mut self.edges[edge], &mut self.retrying[edge as usize]);
        if begins {
            *level += 1;
            row.retrying = row.retrying.wrapping_sub(now.as_nanos());
        } else {
            *level -= 1;
            row.retrying = row.retrying.wrapping_add(now.as_nanos());
        }
    }

    /// Cores of a component that are on, starting, and down have become more or fewer.
    pub(super) fn count_workers(&mut self, component: u32, before: [u32; 3], after: [u32; 3], now: Time) {
        for (which, (before, after)) in before.into_iter().zip(after).enumerate() {
            if before != after {
                self.count(component, which, i64::from(after) - i64::from(before), now);
            }
        }
    }

    /// An instance goes down or comes up.
    pub(super) fn count_instances(&mut self, component: u32, down: bool, now: Time) {
        self.count(component, 3, if down { 1 } else { -1 }, now);
    }

    fn count(&mut self, component: u32, which: usize, change: i64, now: Time) {
        let present = &mut self.workers[component as usize][which];
        *present = present.wrapping_add_signed(change as i32);
        let area = &mut self.components[component].workers[which];
        *area = area.wrapping_sub(now.as_nanos().wrapping_mul(change as u64));
    }

    /// Ends the open row now, with the areas that the caller has collected from the stations: busy time of each instance and
    /// queue time of all, for each component.
    pub(super) fn close_row(&mut self, now: Time, areas: Vec<(Vec<u64>, u64)>, entries: &[u64]) {
        let nanos = now.as_nanos();
        let count = |present: u64| nanos.wrapping_mul(present);
        for (index, (busy, queue)) in areas.into_iter().enumerate() {
            let row = &mut self.components.0[index];
            row.inside = row.inside.wrapping_add(count(self.inside.0[index]));
            if let Some(levels) = &mut self.levels {
                row.levels = levels.take(index as u32, self.inside.0[index], now);
            }
            row.backlog = row.backlog.wrapping_add(count(self.unfinished[index]));
            for (area, present) in row.workers.iter_mut().zip(self.workers[index]) {
                *area = area.wrapping_add(count(u64::from(present)));
            }
            row.available = row.available.wrapping_add(count(self.available[index]));
            (row.busy, row.queue, row.entries) = (busy, queue, entries[index]);
            self.flow[index].0 += row.arrived;
            self.flow[index].1 += row.outcomes.iter().sum::<u64>();
        }
        let next = |index: usize, inside: &[u64], unfinished: &[u64]| ComponentRow {
            workers: self.workers[index].map(|present| 0u64.wrapping_sub(count(u64::from(present)))),
            inside: 0u64.wrapping_sub(count(inside[index])),
            backlog: 0u64.wrapping_sub(count(unfinished[index])),
            ..ComponentRow::default()
        };
        let mut fresh: Vec<ComponentRow> =
            (0..self.components.len()).map(|i| next(i, &self.inside, &self.unfinished)).collect();
        for (row, level) in fresh.iter_mut().zip(&self.available) {
            row.available = 0u64.wrapping_sub(count(*level));
        }
        for (row, level) in self.edges.0.iter_mut().zip(&self.retrying) {
            row.retrying = row.retrying.wrapping_add(count(*level));
        }
        let paused = |level: &u64| EdgeRow { retrying: 0u64.wrapping_sub(count(*level)), ..EdgeRow::default() };
        let edges = self.retrying.iter().map(paused).collect();
        let appended = vec![0; self.appended.len()];
        if let Some(open) = self.open.back_mut() {
            open.closed = true;
            open.pending = self.current.pending;
            open.row.classes = std::mem::take(&mut self.current.rows.0);
            (open.row.start, open.row.end) = (self.start, now);
            open.row.components = std::mem::replace(&mut self.components.0, fresh);
            open.row.edges = std::mem::replace(&mut self.edges.0, edges);
            open.row.appended = std::mem::replace(&mut self.appended, appended);
        }
        self.start = now;
        self.row += 1;
        self.open_row();
        self.fold();
    }

    /// Folds the rows that are complete: closed, and nobody in flight who was wanted in them.
    fn fold(&mut self) {
        while self.open.front().is_some_and(|open| open.closed && open.pending == 0) {
            if let Some(open) = self.open.pop_front() {
                self.first_open += 1;
                self.take(open.row);
            }
        }
    }

    fn take(&mut self, row: Row) {
        for (window, &(from, to)) in self.windows.iter_mut().zip(&self.schedule.windows) {
            if row.start >= from && row.end <= to {
                window.merge(&row);
            }
        }
        self.complete.push(row);
    }

    /// The run is over: folds the closed rows although requests of theirs are in flight. What came after the last cut stays out.
    pub(super) fn finish(&mut self) {
        while let Some(open) = self.open.pop_front() {
            if open.closed {
                self.take(open.row);
            }
        }
    }
}
