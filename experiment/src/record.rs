//! What is kept of a replication while it runs: a few batches of equal length, however long it gets.

use archsim_core::Time;
use archsim_models::world::{Row, TimeTable};

/// Batches that are kept at most. When one more comes, neighbours are joined.
pub const MOST: usize = 64;
/// Batches keep their histograms with 2^5 buckets per octave: shares below a value are told within a small part of a bucket, in a tenth
/// of the memory.
const BATCH_BITS: u32 = 5;

/// The record of one replication.
///
/// Batches serve intervals, the search for the end of the warm-up, and the test whether queues grow. The exact sums are kept in pieces
/// whose ends are the 1st, 2nd, 4th, 8th ... batch: a piece joined with the next is a piece again when batches double their length,
/// so the sums without the first 0, 1, 2, 4, 8 ... batches are known at any time.
#[derive(Clone, Debug, Default)]
pub struct Record {
    origin: Time,
    /// Length of a batch; zero until the first row.
    length: Time,
    batches: Vec<Row>,
    pieces: Vec<Row>,
    times: Vec<Vec<TimeTable>>,
}

/// Whether a number of batches at the start can be left out of the exact sums.
fn piece_of(batch: usize) -> usize {
    batch.checked_ilog2().map_or(0, |log| log as usize + 1)
}

/// A number of batches that can be left out, not below the one wanted.
pub fn possible_cut(wanted: usize) -> usize {
    if wanted == 0 { 0 } else { wanted.next_power_of_two() }
}

impl Record {
    /// An empty record of what happens from an instant on.
    pub fn from(origin: Time) -> Self {
        Record { origin, ..Record::default() }
    }

    /// The batches in order of time.
    pub fn batches(&self) -> &[Row] {
        &self.batches
    }

    /// The number of the batch that an instant belongs to.
    fn batch_of(&self, start: Time) -> usize {
        ((start - self.origin).as_nanos() / self.length.as_nanos().max(1)) as usize
    }

    /// Adds the next row; one that began before the origin is left out.
    pub fn row(&mut self, row: &Row) {
        if row.start < self.origin || row.end <= row.start {
            return;
        }
        if self.length == Time::ZERO {
            self.length = row.end - row.start;
        }
        if self.batch_of(row.start) >= MOST {
            self.double();
        }
        let batch = self.batch_of(row.start);
        let piece = piece_of(batch);
        if self.pieces.len() <= piece {
            self.pieces.resize(piece + 1, Row::default());
        }
        self.pieces[piece].merge(row);
        let coarse = row.coarsened(BATCH_BITS);
        match self.batches.get_mut(batch) {
            Some(own) => own.merge(&coarse),
            None => self.batches.push(coarse),
        }
    }

    /// Adds where the time of the requests went that ended in a stretch which began at an instant.
    pub fn time(&mut self, start: Time, tables: &[TimeTable]) {
        if start < self.origin {
            return;
        }
        let piece = piece_of(self.batch_of(start));
        if self.times.len() <= piece {
            self.times.resize(piece + 1, Vec::new());
        }
        join_times(&mut self.times[piece], tables);
    }

    /// Batches of twice the length.
    fn double(&mut self) {
        self.length = self.length + self.length;
        let mut joined: Vec<Row> = Vec::with_capacity(MOST);
        for (index, batch) in self.batches.drain(..).enumerate() {
            if index % 2 == 0 {
                joined.push(batch)
            } else if let Some(last) = joined.last_mut() {
                last.merge(&batch)
            }
        }
        self.batches = joined;
        if self.pieces.len() > 1 {
            let second = self.pieces.remove(1);
            self.pieces[0].merge(&second);
        }
        if self.times.len() > 1 {
            let second = self.times.remove(1);
            join_times(&mut self.times[0], &second);
        }
    }

    /// The exact sums, and where the time went, without the first `cut` batches, a number that [`possible_cut`] gives.
    pub fn sums(&self, cut: usize) -> (Row, Vec<TimeTable>) {
        let first = if cut == 0 { 0 } else { piece_of(cut) };
        let (mut row, mut times) = (Row::default(), vec![]);
        self.pieces.iter().skip(first).filter(|piece| piece.end > piece.start).for_each(|piece| row.merge(piece));
        self.times.iter().skip(first).for_each(|piece| join_times(&mut times, piece));
        (row, times)
    }
}

fn join_times(own: &mut Vec<TimeTable>, other: &[TimeTable]) {
    own.resize(own.len().max(other.len()), TimeTable::default());
    own.iter_mut().zip(other).for_each(|(own, other)| own.merge(other));
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_models::world::ClassRow;

    fn row(index: u64, length: u64) -> Row {
        let class = ClassRow { wanted: index + 1, ..ClassRow::default() };
        let time = |n: u64| Time::from_nanos(n * length);
        Row { start: time(index), end: time(index + 1), classes: vec![class], ..Row::default() }
    }

    #[test]
    fn batches_double_and_nothing_is_lost() {
        let mut record = Record::from(Time::ZERO);
        (0..1000).for_each(|n| record.row(&row(n, 10)));
        // 1000 rows, 16 to a batch: 62 whole ones and a half.
        assert_eq!((record.batches.len(), record.length), (63, Time::from_nanos(160)));
        assert_eq!(record.batches[1].classes[0].wanted, (17..=32).sum::<u64>());
        for cut in [0, 1, 2, 4, 8, 16, 32] {
            let (sums, _) = record.sums(cut);
            assert_eq!(sums.classes[0].wanted, (16 * cut as u64 + 1..=1000).sum::<u64>(), "cut {cut}");
            assert_eq!(sums.start, Time::from_nanos(160 * cut as u64));
        }
    }

    #[test]
    fn what_began_before_the_origin_is_left_out() {
        let mut record = Record::from(Time::from_nanos(20));
        (0..5).for_each(|n| record.row(&row(n, 10)));
        assert_eq!(record.sums(0).0.classes[0].wanted, 3 + 4 + 5);
    }

    #[test]
    fn cuts_are_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 5, 16].map(possible_cut), [0, 1, 2, 4, 8, 16]);
    }
}
