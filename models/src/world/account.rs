//! Where the time goes: every stretch of a request's latency belongs to one component and one category.
//!
//! A frame collects segments as its time passes; a reply hands them to the caller, a failed attempt turns into one
//! segment of wasted time. When the user has the answer, the segments add up to the latency exactly, and are added to a
//! table by class of latency, so that the mean and the slowest part can both be told afterwards.

use super::table::Table;
use crate::plan::NONE;
use archsim_core::stats::coarse_bucket;

/// What a stretch of time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Category {
    /// In a queue of the component, or for a lock.
    Waiting,
    /// In service, or in a pause that the component makes.
    Work,
    /// On the way to the component and back.
    Network,
    /// For a connection to the component.
    Pool,
    /// In the pause before calling the component again.
    Backoff,
    /// In attempts on the component that failed.
    Wasted,
}

/// Number of categories.
pub const CATEGORIES: u32 = 6;

impl Category {
    /// All categories, in the order of the table.
    pub const ALL: [Category; CATEGORIES as usize] =
        [Category::Waiting, Category::Work, Category::Network, Category::Pool, Category::Backoff, Category::Wasted];

    /// Its name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Category::Waiting => "waiting",
            Category::Work => "work",
            Category::Network => "network",
            Category::Pool => "pool",
            Category::Backoff => "backoff",
            Category::Wasted => "wasted",
        }
    }
}

/// The cell of a component's category.
#[inline(always)]
pub(super) fn cell(component: u32, category: Category) -> u32 {
    component * CATEGORIES + category as u32
}

/// A stretch of time.
#[derive(Clone, Copy, Debug)]
struct Segment {
    length: u64,
    cell: u32,
    next: u32,
}

/// The pool of segments. A list is (first, last), `NONE` when empty.
#[derive(Clone, Debug)]
pub(super) struct Segments {
    pool: Table<Segment>,
    free: u32,
}

pub(super) type List = (u32, u32);

/// The empty list.
pub(super) const EMPTY: List = (NONE, NONE);

impl Segments {
    pub(super) fn new() -> Self {
        Segments { pool: Table(Vec::new()), free: NONE }
    }

    /// Appends a stretch.
    #[inline(always)]
    pub(super) fn push(&mut self, list: &mut List, cell: u32, length: u64) {
        let index = self.free;
        let segment = Segment { length, cell, next: NONE };
        let index = if index != NONE {
            self.free = self.pool[index].next;
            self.pool[index] = segment;
            index
        } else {
            self.pool.push(segment);
            self.pool.len() as u32 - 1
        };
        if list.1 == NONE {
            list.0 = index;
        } else if self.pool[list.1].cell == cell {
            // The same again, as in a loop: one longer stretch.
            self.pool[list.1].length += length;
            self.pool[index].next = self.free;
            self.free = index;
            return;
        } else {
            self.pool[list.1].next = index;
        }
        list.1 = index;
    }

    /// Moves `tail` behind `list`.
    #[inline(always)]
    pub(super) fn append(&mut self, list: &mut List, tail: List) {
        if tail.0 == NONE {
            return;
        }
        if list.1 == NONE {
            *list = tail;
        } else {
            self.pool[list.1].next = tail.0;
            list.1 = tail.1;
        }
    }

    /// Gives a list back.
    #[inline(always)]
    pub(super) fn release(&mut self, list: &mut List) {
        if list.0 != NONE {
            self.pool[list.1].next = self.free;
            self.free = list.0;
            *list = EMPTY;
        }
    }

    /// Folds a long list (a loop with many calls) to one segment a cell, in the order of the cells.
    pub(super) fn fold(&mut self, list: &mut List) {
        let mut sums = std::collections::BTreeMap::new();
        let mut at = list.0;
        while at != NONE {
            let Segment { length, cell, next } = self.pool[at];
            *sums.entry(cell).or_insert(0) += length;
            at = next;
        }
        self.release(list);
        for (cell, length) in sums {
            self.push(list, cell, length);
        }
    }
}

/// Sums of time by class of latency and cell, for one class of requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeTable {
    /// For each class of latency the number of requests and, for each cell, the nanoseconds.
    pub rows: Vec<Option<Box<TimeRow>>>,
}

/// The requests of one class of latency.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeRow {
    /// How many.
    pub requests: u64,
    /// Their latencies added up, in nanoseconds.
    pub latency: u128,
    /// Nanoseconds for each cell.
    pub cells: Vec<u128>,
}

impl TimeTable {
    /// Adds a request that is over and gives its segments back.
    #[inline(always)]
    pub(super) fn add(&mut self, segments: &mut Segments, list: &mut List, latency: u64, cells: usize) {
        let class = coarse_bucket(latency);
        if self.rows.get(class).is_none_or(Option::is_none) {
            self.grow(class, cells);
        }
        let Some(row) = self.rows[class].as_mut() else { return };
        row.requests += 1;
        row.latency += u128::from(latency);
        let mut at = list.0;
        while at != NONE {
            let Segment { length, cell, next } = segments.pool[at];
            row.cells[cell as usize] += u128::from(length);
            at = next;
        }
        segments.release(list);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, class: usize, cells: usize) {
        if self.rows.len() <= class {
            self.rows.resize(class + 1, None);
        }
        self.rows[class] = Some(Box::new(TimeRow { requests: 0, latency: 0, cells: vec![0; cells] }));
    }

    /// Adds another table of the same model.
    pub fn merge(&mut self, other: &TimeTable) {
        for (class, row) in other.rows.iter().enumerate() {
            let Some(row) = row else { continue };
            if self.rows.get(class).is_none_or(Option::is_none) {
                self.grow(class, row.cells.len());
            }
            if let Some(own) = self.rows[class].as_mut() {
                own.requests += row.requests;
                own.latency += row.latency;
                own.cells.iter_mut().zip(&row.cells).for_each(|(a, b)| *a += b);
            }
        }
    }

    /// Requests in the table.
    pub fn requests(&self) -> u64 {
        self.rows.iter().flatten().map(|r| r.requests).sum()
    }

    /// Mean seconds for each cell over the slowest `share` of the requests; 1 is all of them. The class of latency that the
    /// boundary falls into counts in proportion.
    pub fn slowest(&self, share: f64) -> Vec<f64> {
        let want = (self.requests() as f64 * share).max(1.0);
        let cells = self.rows.iter().flatten().next().map_or(0, |r| r.cells.len());
        let (mut sums, mut taken) = (vec![0.0; cells], 0.0);
        for row in self.rows.iter().rev().flatten() {
            let part = ((want - taken) / row.requests as f64).clamp(0.0, 1.0);
            sums.iter_mut().zip(&row.cells).for_each(|(sum, cell)| *sum += *cell as f64 * part);
            taken += row.requests as f64 * part;
        }
        sums.iter().map(|sum| if taken > 0.0 { sum / taken * 1e-9 } else { 0.0 }).collect()
    }

    /// The gap between the latencies and their parts, in nanoseconds; zero unless the account is broken.
    pub fn gap(&self) -> u128 {
        let parts = |row: &TimeRow| row.cells.iter().sum::<u128>();
        self.rows.iter().flatten().map(|row| row.latency.abs_diff(parts(row))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_joined_merged_and_reused() {
        let mut segments = Segments::new();
        let (mut a, mut b) = (EMPTY, EMPTY);
        segments.push(&mut a, 1, 10);
        segments.push(&mut b, 2, 5);
        segments.push(&mut b, 2, 6);
        segments.append(&mut a, b);
        segments.push(&mut a, 1, 4);
        let mut table = TimeTable::default();
        table.add(&mut segments, &mut a, 25, 3);
        assert_eq!(table.slowest(1.0), vec![0.0, 14.0 * 1e-9, 11.0 * 1e-9]);
        assert_eq!(table.gap(), 0);
        let size = segments.pool.len();
        segments.push(&mut a, 1, 1);
        assert_eq!(segments.pool.len(), size);
    }

    #[test]
    fn the_slowest_share_takes_the_last_classes_first() {
        let mut segments = Segments::new();
        let mut table = TimeTable::default();
        for (latency, cell) in [(1_000, 0), (1_000, 0), (1_000, 0), (9_000_000, 1)] {
            let mut list = EMPTY;
            segments.push(&mut list, cell, latency);
            table.add(&mut segments, &mut list, latency, 2);
        }
        assert_eq!(table.slowest(0.25), vec![0.0, 0.009]);
        assert_eq!(table.slowest(0.5), vec![0.5e-6, 0.0045]);
    }

    #[test]
    fn folding_keeps_the_sums() {
        let mut segments = Segments::new();
        let mut list = EMPTY;
        for round in 0..100 {
            segments.push(&mut list, round % 3, 10);
        }
        segments.fold(&mut list);
        let mut table = TimeTable::default();
        table.add(&mut segments, &mut list, 1000, 3);
        assert_eq!(table.gap(), 0);
        assert_eq!(table.slowest(1.0), vec![340.0 * 1e-9, 330.0 * 1e-9, 330.0 * 1e-9]);
    }
}
