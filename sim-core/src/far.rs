//! The far part of the event list: unsorted buckets of power-of-two width, coarser the farther away.
//!
//! A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, Journal of the ACM 37, 1990) on the digits of the time, or, seen
//! the other way, a hierarchical timing wheel (Varghese and Lauck, SOSP 1987) without a fixed tick. A key lies in the
//! bucket of the highest digit in which its time differs from `base`; when the nearest bucket is opened, its keys are
//! few enough to be sorted, or move to finer buckets. Each key moves a few times in all, always to the end of a
//! bucket, and no parameter depends on how the times are spread.

/// Bits of one digit of the time.
const DIGIT_BITS: u32 = 4;
/// Buckets of one level: one for each value of the digit.
const DIGITS: usize = 1 << DIGIT_BITS;
/// Digits of a time.
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;
/// Keys of one chunk of a bucket.
const CHUNK: usize = 16;
/// A bucket with at most this many keys is sorted rather than divided.
const FEW: u32 = 128;
/// No chunk.
const NONE: u32 = u32::MAX;

/// A bucket is a chain of chunks, all full but the last, which comes first.
#[derive(Clone, Copy)]
struct Bucket {
    chunk: u32,
    keys: u32,
}

/// Chunks of keys with their links; those not in use form a chain too, so memory follows the keys, not the buckets.
#[derive(Clone)]
struct Pool {
    chunks: Vec<[u128; CHUNK]>,
    next: Vec<u32>,
    free: u32,
}

impl Pool {
    /// Takes a chunk and links it before `next`.
    #[inline]
    fn take(&mut self, next: u32) -> u32 {
        let mut chunk = self.free;
        if chunk == NONE {
            chunk = self.chunks.len() as u32;
            self.chunks.push([0; CHUNK]);
            self.next.push(next);
        } else {
            self.free = self.next[chunk as usize];
            self.next[chunk as usize] = next;
        }
        chunk
    }

    /// Gives a chunk back; returns its keys and the chunk after it.
    #[inline]
    fn give(&mut self, chunk: u32) -> ([u128; CHUNK], u32) {
        let next = std::mem::replace(&mut self.next[chunk as usize], self.free);
        self.free = chunk;
        (self.chunks[chunk as usize], next)
    }
}

/// Keys later than those of the near heap, in buckets.
#[derive(Clone)]
pub(crate) struct Far {
    buckets: Vec<Bucket>,
    /// For each level, the digits whose bucket holds keys.
    filled: [u16; LEVELS],
    /// The levels that hold keys.
    levels: u32,
    /// No key is earlier than this time.
    base: u64,
    len: usize,
    pool: Pool,
}

impl Default for Far {
    fn default() -> Far {
        let pool = Pool { chunks: Vec::new(), next: Vec::new(), free: NONE };
        Far { buckets: Vec::new(), filled: [0; LEVELS], levels: 0, base: 0, len: 0, pool }
    }
}

#[inline(always)]
fn time_of(key: u128) -> u64 {
    (key >> 64) as u64
}

impl Far {
    /// How many keys there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Prepares for keys after `base`, or after the present base if that is later, and returns which it is. Keys
    /// already here must be outside the bucket of the finest level that was opened last, as [`Far::open`] leaves them.
    pub(crate) fn start(&mut self, base: u64) -> u64 {
        self.buckets.resize(LEVELS * DIGITS, Bucket { chunk: NONE, keys: 0 });
        self.base = if self.len == 0 { base } else { self.base.max(base) };
        self.base
    }

    /// Adds a key later than every time that was handed out.
    #[inline]
    pub(crate) fn push(&mut self, key: u128) {
        let time = time_of(key);
        let level = (63 - ((time ^ self.base) | 1).leading_zeros()) / DIGIT_BITS;
        let digit = (time >> (level * DIGIT_BITS)) as usize % DIGITS;
        let bucket = &mut self.buckets[level as usize * DIGITS + digit];
        let place = bucket.keys as usize % CHUNK;
        if place == 0 {
            bucket.chunk = self.pool.take(bucket.chunk);
        }
        self.pool.chunks[bucket.chunk as usize][place] = key;
        bucket.keys += 1;
        self.len += 1;
        self.filled[level as usize] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// The level and digit of the bucket with the earliest keys.
    fn earliest(&self) -> Option<(u32, u32)> {
        (self.levels != 0).then(|| {
            let level = self.levels.trailing_zeros();
            (level, self.filled[level as usize].trailing_zeros())
        })
    }

    /// Empties a bucket into `receive`.
    fn empty(&mut self, level: u32, digit: u32, mut receive: impl FnMut(&mut Far, u128)) {
        self.filled[level as usize] &= !(1 << digit);
        if self.filled[level as usize] == 0 {
            self.levels &= !(1 << level);
        }
        let bucket = &mut self.buckets[level as usize * DIGITS + digit as usize];
        let Bucket { mut chunk, keys } = std::mem::replace(bucket, Bucket { chunk: NONE, keys: 0 });
        self.len -= keys as usize;
        let mut in_chunk = (keys as usize + CHUNK - 1) % CHUNK + 1;
        while chunk != NONE {
            let (content, next) = self.pool.give(chunk);
            content[..in_chunk].iter().for_each(|key| receive(self, *key));
            (chunk, in_chunk) = (next, CHUNK);
        }
    }

    /// Hands the earliest keys to `receive`, in no order; every key that remains, and every key that may be pushed from
    /// now on, is later than the time returned. Nothing if there are no keys.
    pub(crate) fn open(&mut self, mut receive: impl FnMut(u128)) -> Option<u64> {
        loop {
            let (level, digit) = self.earliest()?;
            let width = level * DIGIT_BITS;
            let above = u64::MAX.checked_shl(width + DIGIT_BITS).unwrap_or(0);
            self.base = (self.base & above) | (u64::from(digit) << width);
            let few = self.buckets[(level as usize) * DIGITS + digit as usize].keys <= FEW;
            if few || level == 0 {
                self.empty(level, digit, |_, key| receive(key));
                return Some(self.base | ((1 << width) - 1));
            }
            self.empty(level, digit, Far::push);
        }
    }

    /// Hands all keys to `receive` and gives the memory back.
    pub(crate) fn open_all(&mut self, mut receive: impl FnMut(u128)) {
        while let Some((level, digit)) = self.earliest() {
            self.empty(level, digit, |_, key| receive(key));
        }
        *self = Far::default();
    }

    /// The earliest time.
    pub(crate) fn peek_time(&self) -> Option<u64> {
        let (level, digit) = self.earliest()?;
        let Bucket { mut chunk, keys } = self.buckets[level as usize * DIGITS + digit as usize];
        let mut in_chunk = (keys as usize + CHUNK - 1) % CHUNK + 1;
        let mut first = u64::MAX;
        while chunk != NONE {
            let content = &self.pool.chunks[chunk as usize][..in_chunk];
            first = content.iter().map(|key| time_of(*key)).fold(first, u64::min);
            (chunk, in_chunk) = (self.pool.next[chunk as usize], CHUNK);
        }
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    fn key(time: u64) -> u128 {
        u128::from(time) << 64
    }

    fn filled(times: &[u64]) -> Far {
        let mut far = Far::default();
        far.start(0);
        times.iter().for_each(|time| far.push(key(*time)));
        far
    }

    #[test]
    fn few_keys_come_out_bucket_by_bucket() {
        let mut far = filled(&[3, 17, 18, 40, 300]);
        let mut opened = Vec::new();
        let mut out = Vec::new();
        while let Some(last) = far.open(|key| out.push(time_of(key))) {
            out.sort_unstable();
            opened.push((std::mem::take(&mut out), last));
        }
        assert_eq!(opened, [(vec![3], 3), (vec![17, 18], 31), (vec![40], 47), (vec![300], 511)]);
    }

    #[test]
    fn a_bucket_with_many_keys_is_divided() {
        let times: Vec<u64> = (256..512).collect();
        let mut far = filled(&times);
        assert_eq!(far.peek_time(), Some(256));
        let mut out = Vec::new();
        // The first sixteen have buckets of their own now, the others are in buckets of sixteen.
        (256..272).for_each(|time| assert_eq!(far.open(|key| out.push(time_of(key))), Some(time)));
        assert_eq!((far.len(), far.peek_time()), (240, Some(272)));
        assert_eq!(far.open(|key| out.push(time_of(key))), Some(287));
        out.sort_unstable();
        assert_eq!(out, times[..32]);
    }

    #[test]
    fn memory_follows_the_number_of_keys() {
        let mut far = Far::default();
        far.start(0);
        let mut stream = Key::root(1, 0).draw(0);
        (0..50_000).for_each(|_| far.push(key(1 + stream.below(1 << 30))));
        for _ in 0..20_000 {
            let mut opened = 0;
            let last = far.open(|_| opened += 1).unwrap();
            (0..opened).for_each(|_| far.push(key(last + 1 + stream.below(1 << 30))));
        }
        assert_eq!(far.len(), 50_000);
        assert!(far.pool.chunks.len() * CHUNK < 2 * far.len(), "{} chunks", far.pool.chunks.len());
    }
}
