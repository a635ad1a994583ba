//! Histograms of whole numbers with a bounded relative error, mergeable without loss.

/// Buckets per octave (from 256 on; below, every number has its own).
const PER_OCTAVE_BITS: u32 = 7;
/// Buckets per octave of [`coarse_bucket`].
const COARSE_BITS: u32 = 3;
/// How far the middle of a bucket may be from a value in it, relative to the value: 1/256, below 0.4 %.
pub const RELATIVE_ERROR: f64 = 1.0 / 256.0;
/// [`bucket_index`] is below this.
pub const BUCKETS: usize = log_linear(u64::MAX, PER_OCTAVE_BITS) + 1;
/// [`coarse_bucket`] is below this.
pub const COARSE_BUCKETS: usize = log_linear(u64::MAX, COARSE_BITS) + 1;
/// Storage grows by whole blocks of this many buckets.
const BLOCK: usize = 64;

/// 2^bits buckets per octave, of equal width within it; numbers below 2^(bits + 1) have their own.
#[inline(always)]
const fn log_linear(v: u64, bits: u32) -> usize {
    let shift = (v | (1 << bits)).ilog2() - bits;
    ((shift as usize) << bits) + (v >> shift) as usize
}

/// The bucket of a value: one per number below 256, then 128 per octave. Grows with the value, without gaps.
#[inline]
pub const fn bucket_index(v: u64) -> usize {
    log_linear(v, PER_OCTAVE_BITS)
}

/// A coarser bucket of a value, 8 per octave (one per number below 16): a class of magnitude to key tables by.
#[inline]
pub const fn coarse_bucket(v: u64) -> usize {
    log_linear(v, COARSE_BITS)
}

/// The smallest and the largest value of a bucket of a histogram with 2^bits buckets per octave.
const fn bucket_range(index: usize, bits: u32) -> (u64, u64) {
    let shift = (index >> bits).saturating_sub(1);
    let low = ((index - (shift << bits)) as u64) << shift;
    (low, low + ((1 << shift) - 1))
}

/// A histogram of whole numbers (nanoseconds, bytes, ...): log-linear buckets in the manner of HdrHistogram (Tene).
///
/// Count, sum, smallest and largest are exact; quantiles are within [`RELATIVE_ERROR`]. Storage covers only the range
/// of values seen, so an empty histogram owns no memory. Merging is exact, so it may be done in any order.
#[derive(Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    /// 2^bits buckets per octave: [`PER_OCTAVE_BITS`], fewer once it has been coarsened.
    bits: u32,
    /// The bucket of the first count.
    offset: usize,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { counts: Vec::new(), bits: PER_OCTAVE_BITS, offset: 0, count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Histogram) -> bool {
        (self.count, self.sum, self.min, self.max) == (other.count, other.sum, other.min, other.max)
            && self.iter().eq(other.iter())
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ends = (self.min(), self.max());
        f.debug_struct("Histogram").field("count", &self.count).field("sum", &self.sum).field("ends", &ends).finish()
    }
}

impl Histogram {
    /// An empty histogram, without memory of its own.
    pub fn new() -> Histogram {
        Histogram::default()
    }

    /// Adds a value.
    #[inline]
    pub fn record(&mut self, v: u64) {
        self.record_n(v, 1);
    }

    /// Adds a value `n` times.
    #[inline]
    pub fn record_n(&mut self, v: u64, n: u64) {
        debug_assert_eq!(self.bits, PER_OCTAVE_BITS, "a coarsened histogram takes no more values");
        let index = bucket_index(v);
        match self.counts.get_mut(index.wrapping_sub(self.offset)) {
            Some(count) => *count += n,
            None => self.record_outside(index, n),
        }
        self.count += n;
        self.sum += u128::from(v) * u128::from(n);
        // Rarely true, so cheaper than storing both ends each time.
        if v < self.min {
            self.min = v;
        }
        if v > self.max {
            self.max = v;
        }
    }

    #[cold]
    #[inline(never)]
    fn record_outside(&mut self, index: usize, n: u64) {
        self.cover(index, index);
        self.counts[index - self.offset] += n;
    }

    /// Extends the storage so that it holds these buckets, in whole blocks.
    fn cover(&mut self, first: usize, last: usize) {
        let block = if self.bits == PER_OCTAVE_BITS { BLOCK } else { 1 };
        let (start, end) = (first / block * block, (last / block + 1) * block);
        if self.counts.is_empty() {
            self.offset = start;
        }
        if start < self.offset {
            self.counts.splice(0..0, std::iter::repeat_n(0, self.offset - start));
            self.offset = start;
        }
        if end > self.offset + self.counts.len() {
            self.counts.resize(end - self.offset, 0);
        }
    }

    /// The counts of the buckets from the smallest value's to the largest's, and the bucket they start at.
    fn used(&self) -> (usize, &[u64]) {
        if self.count == 0 {
            return (self.offset, &[]);
        }
        let (first, last) = (self.bucket(self.min), self.bucket(self.max));
        (first, &self.counts[first - self.offset..=last - self.offset])
    }

    /// The bucket of a value in this histogram.
    #[inline]
    const fn bucket(&self, v: u64) -> usize {
        log_linear(v, self.bits)
    }

    /// The same values in 2^bits buckets per octave, in a fraction of the memory: count, sum and ends stay exact, quantiles are within
    /// 1/2^(bits+1). Only for merging and reading: it takes no more values. Never finer than it was.
    pub fn coarsened(&self, bits: u32) -> Histogram {
        let bits = bits.min(self.bits);
        let (first, last) = (log_linear(self.min, bits), log_linear(self.max, bits));
        let mut coarse = Histogram { counts: Vec::new(), bits, offset: first, ..*self };
        if self.count > 0 {
            coarse.counts = vec![0; last - first + 1];
            self.iter().for_each(|(low, _, count)| coarse.counts[log_linear(low, bits).max(first) - first] += count);
        }
        coarse
    }

    /// How many values do not exceed `v`; the values of the bucket that `v` is in count as spread evenly over it.
    pub fn at_most(&self, v: f64) -> f64 {
        let part = |(low, high, count): (u64, u64, u64)| {
            let (low, high) = (low.max(self.min) as f64, high.min(self.max) as f64 + 1.0);
            count as f64 * ((v + 0.5 - low) / (high - low)).clamp(0.0, 1.0)
        };
        self.iter().map(part).sum()
    }

    /// Adds all values of another histogram of the same resolution, or of any if this one is empty.
    pub fn merge(&mut self, other: &Histogram) {
        let (first, counts) = other.used();
        if counts.is_empty() {
            return;
        }
        if self.bits != other.bits {
            assert!(self.count == 0, "histograms of different resolution do not add up");
            self.clone_from(other);
            return;
        }
        self.cover(first, first + counts.len() - 1);
        let start = first - self.offset;
        self.counts[start..].iter_mut().zip(counts).for_each(|(mine, theirs)| *mine += theirs);
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Takes away all values of another histogram, which must be among those of this one (an earlier state of it).
    /// Count and sum stay exact; the smallest and the largest value become the ends of their buckets where they were
    /// taken away. Panics if the other holds a value that this one does not.
    pub fn subtract(&mut self, other: &Histogram) {
        let (first, counts) = other.used();
        assert!(
            counts.is_empty() || self.bits == other.bits,
            "the histogram to subtract holds values that this one does not"
        );
        for (index, theirs) in (first..).zip(counts).filter(|(_, theirs)| **theirs > 0) {
            let mine = self.counts.get_mut(index.wrapping_sub(self.offset));
            let left = mine.and_then(|mine| mine.checked_sub(*theirs).map(|left| *mine = left));
            assert!(left.is_some(), "the histogram to subtract holds values that this one does not");
        }
        self.count -= other.count;
        self.sum -= other.sum;
        self.narrow();
    }

    /// Moves the smallest and the largest value inwards to the outermost buckets that are not empty.
    fn narrow(&mut self) {
        let first = self.counts.iter().position(|count| *count > 0);
        let last = self.counts.iter().rposition(|count| *count > 0);
        (self.min, self.max) = match first.zip(last) {
            Some((first, last)) => (
                self.min.max(bucket_range(self.offset + first, self.bits).0),
                self.max.min(bucket_range(self.offset + last, self.bits).1),
            ),
            None => (u64::MAX, 0),
        };
    }

    /// How many values were added.
    #[inline]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there are no values.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The exact sum of the values.
    #[inline]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean, from the exact sum; nothing without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest value.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The value that the share `p` of the values does not exceed: the middle of the bucket of the ceil(p n)-th
    /// smallest value (nearest rank), within the smallest and the largest. Shares below 0 and above 1 count as 0 and 1;
    /// nothing without values or for NaN.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if self.count == 0 || p.is_nan() {
            return None;
        }
        let place = p.clamp(0.0, 1.0) * self.count as f64;
        // The product may be a rounding error above a whole number, as for 0.07 of 100.
        let rank = (libm::ceil(place * (1.0 - 4.0 * f64::EPSILON)) as u64).clamp(1, self.count);
        let mut seen = 0;
        let (low, high, _) = self.iter().find(|(_, _, count)| {
            seen += count;
            seen >= rank
        })?;
        Some((0.5 * (low as f64 + high as f64)).clamp(self.min as f64, self.max as f64))
    }

    /// How many values are above `v`; those in the same bucket as `v` count as not above it.
    pub fn exceeding(&self, v: u64) -> u64 {
        if v < self.min {
            return self.count;
        }
        let (first, counts) = self.used();
        counts.iter().skip((self.bucket(v) + 1).saturating_sub(first)).sum()
    }

    /// Forgets all values but keeps the memory; touches only the range used.
    pub fn clear(&mut self) {
        if self.count > 0 {
            let (first, last) = (self.bucket(self.min) - self.offset, self.bucket(self.max) - self.offset);
            self.counts[first..=last].fill(0);
        }
        (self.count, self.sum, self.min, self.max) = (0, 0, u64::MAX, 0);
    }

    /// The buckets that are not empty, in order: smallest value, largest value, count.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        let (first, counts) = self.used();
        let filled = (first..).zip(counts).filter(|(_, count)| **count > 0);
        filled.map(|(index, count)| {
            let (low, high) = bucket_range(index, self.bits);
            (low, high, *count)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        values.iter().for_each(|v| histogram.record(*v));
        histogram
    }

    #[test]
    fn buckets_by_hand() {
        assert_eq!(
            [0, 1, 255, 256, 257, 258, 511, 512, 516].map(bucket_index),
            [0, 1, 255, 256, 256, 257, 383, 384, 385]
        );
        assert_eq!([0, 15, 16, 17, 18, 31, 32].map(coarse_bucket), [0, 15, 16, 16, 17, 23, 24]);
        assert_eq!((BUCKETS, COARSE_BUCKETS), (7424, 496));
        assert_eq!(
            [255, 256, 384].map(|index| bucket_range(index, PER_OCTAVE_BITS)),
            [(255, 255), (256, 257), (512, 515)]
        );
    }

    #[test]
    fn buckets_have_no_gaps_and_keep_the_stated_error() {
        let mut next = 0;
        for index in 0..BUCKETS {
            let (low, high) = bucket_range(index, PER_OCTAVE_BITS);
            assert_eq!((low, bucket_index(low), bucket_index(high)), (next, index, index));
            assert!(0.5 * (high - low) as f64 <= RELATIVE_ERROR * low as f64);
            next = high.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last bucket ends at the largest value");
    }

    #[test]
    fn small_values_are_exact() {
        let histogram = of(&[5, 1, 3, 3, 200]);
        assert_eq!((histogram.count(), histogram.sum(), histogram.mean()), (5, 212, Some(42.4)));
        assert_eq!((histogram.min(), histogram.max()), (Some(1), Some(200)));
        let quantiles = [0.0, 0.2, 0.21, 0.6, 0.61, 0.8, 1.0, 7.0].map(|p| histogram.quantile(p).unwrap());
        assert_eq!(quantiles, [1.0, 1.0, 3.0, 3.0, 5.0, 5.0, 200.0, 200.0]);
        assert_eq!([0, 1, 3, 199, 200, 1000].map(|v| histogram.exceeding(v)), [5, 4, 2, 1, 0, 0]);
        assert_eq!(histogram.iter().collect::<Vec<_>>(), [(1, 1, 1), (3, 3, 2), (5, 5, 1), (200, 200, 1)]);
    }

    #[test]
    fn a_coarse_copy_keeps_count_sum_and_ends_and_can_be_merged() {
        let fine = of(&(1..=1000).collect::<Vec<_>>());
        let mut coarse = fine.coarsened(4);
        assert_eq!((coarse.count(), coarse.sum(), coarse.min(), coarse.max()), (1000, 500_500, Some(1), Some(1000)));
        assert!((coarse.quantile(0.5).unwrap() - 500.0).abs() <= 500.0 / 32.0);
        assert!([1.0, 100.0, 500.0, 990.0].iter().all(|v| (coarse.at_most(*v) - v).abs() < 1.0));
        assert_eq!((coarse.at_most(0.0), coarse.at_most(1e9)), (0.0, 1000.0));
        coarse.merge(&of(&[5, 5]).coarsened(4));
        assert_eq!((coarse.count(), coarse.iter().map(|b| b.2).sum::<u64>()), (1002, 1002));
        let mut empty = Histogram::new();
        empty.merge(&coarse);
        assert_eq!(empty, coarse);
        assert!(Histogram::new().coarsened(4).is_empty());
    }

    #[test]
    fn nearest_rank_survives_rounding() {
        let histogram = of(&(1..=100).collect::<Vec<_>>());
        (1..=100).for_each(|n| assert_eq!(histogram.quantile(n as f64 / 100.0), Some(n as f64)));
    }

    #[test]
    fn an_empty_histogram_knows_nothing() {
        let histogram = Histogram::default();
        assert!(histogram.is_empty());
        assert_eq!((histogram.mean(), histogram.min(), histogram.max()), (None, None, None));
        assert_eq!((histogram.quantile(0.5), histogram.exceeding(0), histogram.iter().count()), (None, 0, 0));
    }

    #[test]
    fn the_largest_values_fit() {
        let mut histogram = of(&[u64::MAX, 0]);
        histogram.record_n(u64::MAX, 1 << 40);
        assert_eq!(histogram.sum(), u128::from(u64::MAX) * ((1 << 40) + 1));
        assert_eq!((histogram.min(), histogram.max()), (Some(0), Some(u64::MAX)));
        assert_eq!(histogram.exceeding(0), (1 << 40) + 1);
    }

    #[test]
    fn clearing_keeps_the_memory() {
        let mut histogram = of(&[3, 70_000]);
        let room = histogram.counts.len();
        histogram.clear();
        assert_eq!((histogram == Histogram::default(), histogram.counts.len()), (true, room));
        assert!(histogram.counts.iter().all(|count| *count == 0));
        histogram.record(9);
        assert_eq!(histogram, of(&[9]));
    }

    #[test]
    #[should_panic(expected = "holds values that this one does not")]
    fn only_a_part_can_be_subtracted() {
        of(&[1]).subtract(&of(&[2]));
    }

    proptest! {
        #[test]
        fn quantiles_are_near_the_exact_ones(
            values in prop::collection::vec((0u32..64, any::<u64>()).prop_map(|(shift, v)| v >> shift), 1..200),
            p in 0.0f64..=1.0,
        ) {
            let histogram = of(&values);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let rank = (p * values.len() as f64).ceil().max(1.0) as usize;
            let exact = sorted[rank - 1] as f64;
            prop_assert!((histogram.quantile(p).unwrap() - exact).abs() <= RELATIVE_ERROR * exact);
            prop_assert_eq!(histogram.sum(), values.iter().map(|v| u128::from(*v)).sum::<u128>());
            let counted: u64 = histogram.iter().map(|(_, _, count)| count).sum();
            prop_assert_eq!(counted, histogram.count());
            let beyond = sorted.iter().filter(|v| bucket_index(**v) > bucket_index(sorted[rank - 1])).count();
            prop_assert_eq!(histogram.exceeding(sorted[rank - 1]), beyond as u64);
        }

        #[test]
        fn merging_adds_and_subtracting_undoes_it(
            left in prop::collection::vec(0u64..1 << 40, 0..50),
            right in prop::collection::vec((0u64..40).prop_map(|shift| 1 << shift), 0..50),
        ) {
            let mut merged = of(&left);
            merged.merge(&of(&right));
            prop_assert_eq!(&merged, &of(&[left.as_slice(), right.as_slice()].concat()));
            merged.subtract(&of(&right));
            let rest = of(&left);
            prop_assert!(merged.iter().eq(rest.iter()));
            prop_assert_eq!((merged.count(), merged.sum()), (rest.count(), rest.sum()));
            prop_assert_eq!(merged.min().map(bucket_index), rest.min().map(bucket_index));
            prop_assert_eq!(merged.max().map(bucket_index), rest.max().map(bucket_index));
        }
    }
}
