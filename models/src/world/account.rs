//! Where the time goes: every stretch of a request's latency belongs to one component and one category.
//!
//! A frame adds up its own waiting and work, and collects segments of what its calls took; a reply hands all of it to the
//! caller, a failed attempt turns into one segment of wasted time. When the user has the answer, the segments add up to the latency exactly, and are added to a
//! table by class of latency, so that the mean and the slowest part can both be told afterwards.

use super::table::Table;
use crate::plan::NONE;
use archsim_core::stats::coarse_bucket;

/// What a stretch of time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// In attempts on the component that timed out or were made again.
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

/// Time of a cell and of the one after it. Cells go in pairs because a visit nearly always has waiting and work.
#[derive(Clone, Copy, Debug)]
struct Segment {
    lengths: [u64; 2],
    cell: u32,
    next: u32,
}

/// The pool of segments.
#[derive(Clone, Debug)]
pub(super) struct Segments {
    pool: Table<Segment>,
    free: u32,
}

/// A list of segments: the last of a ring of them, so that appending a list takes one exchange.
pub(super) type List = u32;

/// The empty list.
pub(super) const EMPTY: List = NONE;

impl Segments {
    pub(super) fn new() -> Self {
        Segments { pool: Table(Vec::new()), free: NONE }
    }

    /// Appends a stretch of one cell.
    pub(super) fn push(&mut self, list: &mut List, cell: u32, length: u64) {
        let lengths = if cell.is_multiple_of(2) { [length, 0] } else { [0, length] };
        self.push_pair(list, cell & !1, lengths);
    }

    /// Appends the waiting and the work of a visit.
    #[inline(always)]
    pub(super) fn push_visit(&mut self, list: &mut List, component: u32, waiting: u64, work: u64) {
        if waiting | work != 0 {
            self.push_pair(list, cell(component, Category::Waiting), [waiting, work]);
        }
    }

    /// Appends the time of a cell with an even number and of the one after it.
    #[inline(always)]
    fn push_pair(&mut self, list: &mut List, cell: u32, lengths: [u64; 2]) {
        let last = *list;
        if last == EMPTY {
            let index = self.take(Segment { lengths, cell, next: NONE });
            self.pool[index].next = index;
            *list = index;
            return;
        }
        let end = &mut self.pool[last];
        if end.cell == cell {
            // The same again, as in a loop: one longer stretch.
            end.lengths[0] += lengths[0];
            end.lengths[1] += lengths[1];
            return;
        }
        let next = end.next;
        let index = self.take(Segment { lengths, cell, next });
        self.pool[last].next = index;
        *list = index;
    }

    #[inline(always)]
    fn take(&mut self, segment: Segment) -> u32 {
        let index = self.free;
        if index != NONE {
            self.free = self.pool[index].next;
            self.pool[index] = segment;
            return index;
        }
        self.pool.push(segment);
        self.pool.len() as u32 - 1
    }

    /// Moves `tail` behind `list`.
    #[inline(always)]
    pub(super) fn append(&mut self, list: &mut List, tail: List) {
        if tail == EMPTY {
            return;
        }
        if *list != EMPTY {
            let first = self.pool[*list].next;
            self.pool[*list].next = self.pool[tail].next;
            self.pool[tail].next = first;
        }
        *list = tail;
    }

    /// Gives a list back.
    #[inline(always)]
    pub(super) fn release(&mut self, list: &mut List) {
        if *list != EMPTY {
            let first = std::mem::replace(&mut self.pool[*list].next, self.free);
            self.free = first;
            *list = EMPTY;
        }
    }

    /// The time of a category in a list, in nanoseconds.
    pub(super) fn sum(&self, list: List, category: Category) -> u64 {
        let (even, part) = (category as u32 & !1, category as usize % 2);
        let (mut at, mut sum) = (list, 0);
        while at != EMPTY {
            let Segment { lengths, cell, next } = self.pool[at];
            if cell % CATEGORIES == even {
                sum += lengths[part];
            }
            at = if next == list { EMPTY } else { next };
        }
        sum
    }

    /// Hands every segment of a list to `visit` and gives the list back.
    #[inline(always)]
    fn drain(&mut self, list: &mut List, mut visit: impl FnMut(u32, [u64; 2])) {
        let last = *list;
        if last == EMPTY {
            return;
        }
        let mut at = last;
        loop {
            at = self.pool[at].next;
            let Segment { lengths, cell, .. } = self.pool[at];
            visit(cell, lengths);
            if at == last {
                break;
            }
        }
        self.release(list);
    }

    /// Folds a long list (a loop with many calls) to one segment a cell, in the order of the cells.
    pub(super) fn fold(&mut self, list: &mut List) {
        let mut sums = std::collections::BTreeMap::new();
        self.drain(list, |cell, lengths| {
            let sum = sums.entry(cell).or_insert([0; 2]);
            sum.iter_mut().zip(lengths).for_each(|(sum, length)| *sum += length);
        });
        for (cell, lengths) in sums {
            self.push_pair(list, cell, lengths);
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
        segments.drain(list, |cell, lengths| {
            let pair = &mut row.cells[cell as usize..cell as usize + 2];
            pair[0] += u128::from(lengths[0]);
            pair[1] += u128::from(lengths[1]);
        });
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
        assert_eq!((segments.sum(a, Category::Work), segments.sum(a, Category::Network)), (14, 11));
        let mut table = TimeTable::default();
        table.add(&mut segments, &mut a, 25, 4);
        assert_eq!(table.slowest(1.0), vec![0.0, 14.0 * 1e-9, 11.0 * 1e-9, 0.0]);
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
        assert_eq!(table.slowest(0.25), vec![0.0, 9e6 * 1e-9]);
        assert_eq!(table.slowest(0.5), vec![500.0 * 1e-9, 4.5e6 * 1e-9]);
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
        table.add(&mut segments, &mut list, 1000, 4);
        assert_eq!(table.gap(), 0);
        assert_eq!(table.slowest(1.0), vec![340.0 * 1e-9, 330.0 * 1e-9, 330.0 * 1e-9, 0.0]);
    }
}
