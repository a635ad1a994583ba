//! What is counted while running. Time is cut into rows; a row belongs to the requests *wanted* in it and to what the
//! components did in it. Rows that are complete are folded into the windows of the study and into the time series, so
//! memory does not grow with the length of the run.

use super::account::TimeTable;
use super::laws::Flow;
use super::levels::Levels;
use super::row::{ClassRow, ComponentRow, EdgeRow, Row};
use super::table::Table;
use super::waiting::Waiting;
use archsim_core::Time;
use std::collections::VecDeque;

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
    /// First instance of each component, where somebody asks for details.
    pub details: Option<Vec<u32>>,
    /// Messages not finished of each component.
    pub unfinished: Vec<u64>,
    /// Of each component: cores that are on, starting, and down, instances that are down, shards that wait for a new primary, and shards
    /// of which nothing is up.
    workers: Vec<[u32; 6]>,
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
    /// What went through each component over the whole run.
    pub flow: Vec<Flow>,
    /// Who waited or was in flight at the end of the last row.
    pub waiting: Waiting,
    classes: usize,
}

/// What the stations of a component have collected in a row: busy time of each instance, queue time of all.
pub(super) type Areas = (Vec<u64>, u64);

impl Measure {
    pub(super) fn new(schedule: Schedule, components: usize, classes: usize, edges: usize, topics: usize) -> Self {
        let main_row = schedule.cuts.iter().position(|cut| *cut > schedule.windows[0].0).unwrap_or(0) as u32;
        let mut measure = Measure {
            components: Table(vec![ComponentRow::default(); components]),
            edges: Table(vec![EdgeRow::default(); edges]),
            appended: vec![0; topics],
            inside: Table(vec![0; components]),
            levels: None,
            details: None,
            unfinished: vec![0; components],
            workers: vec![[0; 6]; components],
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
            flow: vec![Flow::default(); components],
            waiting: Waiting::default(),
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

    /// A request of a class is answered ok now.
    #[inline(always)]
    pub(super) fn answered(&mut self, class: u16) {
        self.current.rows[u32::from(class)].answered += 1;
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

    /// A shard begins or ends to wait for a new primary, or to be all down.
    pub(super) fn count_shards(&mut self, component: u32, down: bool, begins: bool, now: Time) {
        self.count(component, if down { 5 } else { 4 }, if begins { 1 } else { -1 }, now);
    }

    fn count(&mut self, component: u32, which: usize, change: i64, now: Time) {
        let present = &mut self.workers[component as usize][which];
        *present = present.wrapping_add_signed(change as i32);
        let area = &mut self.components[component].workers[which];
        *area = area.wrapping_sub(now.as_nanos().wrapping_mul(change as u64));
    }

    /// For each class the requests in flight.
    fn in_flight(&self) -> Vec<u64> {
        let mut all = vec![0; self.classes];
        let closed = self.open.iter().filter(|open| open.closed).map(|open| &open.row.classes);
        for rows in closed.chain([&self.current.rows.0]) {
            all.iter_mut().zip(rows).for_each(|(all, row)| *all += row.wanted - row.ended());
        }
        all
    }

    /// Ends the open row now, with the areas that the caller has collected from the stations of each component, and who waits now.
    pub(super) fn close_row(&mut self, now: Time, areas: Vec<Areas>, entries: &[u64], mut waiting: Waiting) {
        waiting.classes = self.in_flight();
        let before = std::mem::replace(&mut self.waiting, waiting);
        self.waiting.note(&before, &mut self.components.0, &mut self.current.rows.0, &mut self.edges.0);
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
            self.flow[index].add(row);
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
