//! The event list: what happens next.
//!
//! A key is one 128-bit number, time : 64 | late : 1 | sequence : 35 | token : 28, so that one comparison settles time,
//! lateness and order of scheduling. While few events are pending they are in one heap. From a few thousand on, only
//! the next ones are in the heap and the rest in buckets: cheaper, because a large heap misses the cache at every
//! level.

use crate::Time;
use crate::far::Far;
use crate::heap::Heap;

/// Bits of a token within a key.
const TOKEN_BITS: u32 = 28;
/// One sequence number, as part of a key's lower half.
const ONE: u64 = 1 << TOKEN_BITS;
/// The bit of a key's lower half that puts an event after the others of its instant; the sequence numbers end there.
const LATE: u64 = 1 << 63;
/// A heap with no room for more than about this many events spills instead of growing.
const SPILL: usize = 4000;
/// With fewer events than this, the buckets go back into the heap.
const RETURN: usize = 1000;

/// The largest token: 2^28 - 1.
pub const MAX_TOKEN: u32 = (1 << TOKEN_BITS) - 1;

/// The pending events, smallest time first; events of one instant in the order they were scheduled.
#[derive(Clone)]
pub struct EventList {
    near: Heap,
    /// Events up to this time are in `near`, later ones in `far`.
    near_last: Time,
    /// The next sequence number, shifted to its place in a key.
    sequence: u64,
    far: Far,
    /// Tokens that have come from `far` since they were last taken.
    fresh: Vec<u32>,
}

impl Default for EventList {
    fn default() -> EventList {
        EventList { near: Heap::default(), near_last: Time::MAX, sequence: 0, far: Far::default(), fresh: Vec::new() }
    }
}

#[inline(always)]
fn time_of(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

impl EventList {
    /// An empty list.
    pub fn new() -> EventList {
        EventList::default()
    }

    /// Plans the event `token` for the instant `at`. Panics if the token is above [`MAX_TOKEN`].
    #[inline]
    pub fn schedule(&mut self, at: Time, token: u32) {
        self.schedule_as(at, token, 0);
    }

    /// Plans the event `token` for the instant `at`, after every ordinary event of that instant. Panics if the token
    /// is above [`MAX_TOKEN`].
    #[inline]
    pub fn schedule_late(&mut self, at: Time, token: u32) {
        self.schedule_as(at, token, LATE);
    }

    #[inline(always)]
    fn schedule_as(&mut self, at: Time, token: u32, late: u64) {
        assert!(token <= MAX_TOKEN, "token {token} is above the largest");
        // The numbers stop one short, so that no key is as large as the heap's mark for unused slots.
        if self.sequence >= LATE - ONE {
            self.renumber();
        }
        let lower = late | self.sequence | u64::from(token);
        self.sequence += ONE;
        self.insert((u128::from(at.as_nanos()) << 64) | u128::from(lower));
    }

    #[inline(always)]
    fn insert(&mut self, key: u128) {
        if time_of(key) > self.near_last {
            self.far.push(key);
        } else if self.near.has_hole() {
            self.near.fill_hole(key);
        } else if self.near.is_full() {
            self.insert_into_full(key);
        } else {
            self.near.push(key);
        }
    }

    /// Makes room in the heap: by growing while it is small or if spilling does not help, otherwise by spilling.
    #[cold]
    #[inline(never)]
    fn insert_into_full(&mut self, key: u128) {
        let before = self.near.len();
        if before >= SPILL {
            self.spill();
        }
        if self.near.len() > before / 2 {
            self.near.grow();
        }
        self.insert(key);
    }

    /// Moves all events but those of the earliest instant out of the heap.
    fn spill(&mut self) {
        let first = self.near.peek().map_or(0, |key| time_of(key).as_nanos());
        let base = self.far.start(first);
        self.near_last = Time::from_nanos(base);
        let keys = self.near.drain();
        keys.for_each(|key| if time_of(key).as_nanos() <= base { self.near.add(key) } else { self.far.push(key) });
    }

    /// Moves the next events from the buckets to the empty heap.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        if self.far.len() <= RETURN {
            self.far.open_all(|key| self.near.add(key));
            self.near_last = Time::MAX;
            return;
        }
        let (near, fresh) = (&mut self.near, &mut self.fresh);
        let open = |key: u128| {
            near.add(key);
            fresh.push(key as u32 & MAX_TOKEN);
        };
        if let Some(last) = self.far.open(open) {
            self.near_last = Time::from_nanos(last);
        }
    }

    /// Starts the sequence numbers anew, keeping the order.
    #[cold]
    #[inline(never)]
    fn renumber(&mut self) {
        let mut keys = Vec::with_capacity(self.len());
        self.near.settle();
        keys.extend(self.near.drain());
        self.far.open_all(|key| keys.push(key));
        keys.sort_unstable();
        *self = EventList::default();
        for key in keys {
            self.schedule_as(time_of(key), key as u32 & MAX_TOKEN, key as u64 & LATE);
        }
    }

    /// Takes the next event and its instant.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, u32)> {
        self.pop_until(Time::MAX)
    }

    /// Takes the next event if its instant is not after `end`.
    #[inline]
    pub fn pop_until(&mut self, end: Time) -> Option<(Time, u32)> {
        self.near.settle();
        let key = match self.near.root() {
            Some(key) => key,
            None => self.first_of_far()?,
        };
        let at = time_of(key);
        if at > end {
            return None;
        }
        self.near.take();
        Some((at, key as u32 & MAX_TOKEN))
    }

    #[inline]
    fn first_of_far(&mut self) -> Option<u128> {
        if self.far.len() == 0 {
            return None;
        }
        self.refill();
        self.near.root()
    }

    /// The tokens of events that have just become some of the next ones, among them the one popped last; empty while the
    /// list is short. Whoever handles them may clear it.
    #[inline(always)]
    pub fn fresh(&mut self) -> &mut Vec<u32> {
        &mut self.fresh
    }

    /// The instant of the next event.
    pub fn peek_time(&self) -> Option<Time> {
        self.near.peek().map(time_of).or_else(|| self.far.peek_time().map(Time::from_nanos))
    }

    /// How many events are pending.
    #[inline]
    pub fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// Whether no event is pending.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        *self = EventList::default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{Key, Stream};

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    /// The list beside a sorted set that must always agree with it.
    #[derive(Default)]
    struct Pair {
        list: EventList,
        model: BTreeSet<(Time, bool, u64, u32)>,
        scheduled: u64,
        now: Time,
    }

    impl Pair {
        fn schedule(&mut self, time: Time, late: bool) {
            let token = self.scheduled as u32 & MAX_TOKEN;
            self.model.insert((time, late, self.scheduled, token));
            self.scheduled += 1;
            if late { self.list.schedule_late(time, token) } else { self.list.schedule(time, token) }
        }

        fn pop_until(&mut self, end: Time) {
            let first = self.model.first().copied().filter(|first| first.0 <= end);
            assert_eq!(self.list.pop_until(end), first.map(|(time, _, _, token)| (time, token)));
            if let Some(first) = first {
                self.model.pop_first();
                self.now = first.0;
            }
        }

        fn check(&self) {
            assert_eq!(self.list.len(), self.model.len());
            assert_eq!(self.list.is_empty(), self.model.is_empty());
            assert_eq!(self.list.peek_time(), self.model.first().map(|first| first.0));
        }

        fn drain(&mut self) {
            while !self.model.is_empty() {
                self.pop_until(Time::MAX);
            }
            assert_eq!(self.list.pop(), None);
        }
    }

    #[test]
    fn ties_run_in_the_order_scheduled_and_late_ones_last() {
        let mut list = EventList::new();
        list.schedule_late(at(5), 1);
        list.schedule(at(5), 9);
        list.schedule(at(4), 3);
        list.schedule(at(5), 2);
        list.schedule_late(at(4), 8);
        let order: Vec<_> = std::iter::from_fn(|| list.pop()).map(|(time, token)| (time.as_nanos(), token)).collect();
        assert_eq!(order, [(4, 3), (4, 8), (5, 9), (5, 2), (5, 1)]);
    }

    #[test]
    fn the_end_of_time_is_a_time() {
        let mut list = EventList::new();
        list.schedule_late(Time::MAX, MAX_TOKEN);
        list.schedule(Time::MAX, MAX_TOKEN);
        assert_eq!(list.pop_until(at(u64::MAX - 1)), None);
        assert_eq!(
            (list.pop(), list.pop(), list.pop()),
            (Some((Time::MAX, MAX_TOKEN)), Some((Time::MAX, MAX_TOKEN)), None)
        );
    }

    #[test]
    #[should_panic(expected = "above the largest")]
    fn a_token_too_large_is_refused() {
        EventList::new().schedule(Time::ZERO, MAX_TOKEN + 1);
    }

    #[test]
    fn clearing_forgets_everything() {
        let mut list = EventList::new();
        (0..10_000).for_each(|token| list.schedule(at(u64::from(token) * 7), token));
        list.clear();
        assert_eq!((list.len(), list.peek_time(), list.pop()), (0, None, None));
    }

    #[test]
    fn running_out_of_sequence_numbers_keeps_the_order() {
        for pending in [6u32, 20_000] {
            let mut pair = Pair::default();
            pair.list.sequence = LATE - u64::from(pending) / 2 * ONE;
            (0..pending).for_each(|n| pair.schedule(at(u64::from(n % 5)), n % 7 == 0));
            pair.check();
            pair.drain();
        }
    }

    /// Grows to `peak` pending and shrinks to nothing, twice, with steps of three scales and many ties.
    fn grow_and_shrink(peak: usize, seed: u64) {
        let mut pair = Pair::default();
        let mut stream = Key::root(seed, 0).draw(0);
        let delay = |stream: &mut Stream| {
            let scale = [4, 1_000, 50_000_000][stream.below(3) as usize];
            at(stream.below(scale))
        };
        for _ in 0..2 {
            while pair.model.len() < peak {
                (0..2 + stream.below(2)).for_each(|_| {
                    let time = pair.now + delay(&mut stream);
                    pair.schedule(time, stream.chance(0.1));
                });
                pair.pop_until(Time::MAX);
            }
            pair.check();
            for _ in 0..peak {
                // Looking ahead without taking anything may move events, and must not lose later, earlier ones.
                pair.pop_until(pair.now + at(stream.below(3)));
                pair.schedule(pair.now + delay(&mut stream), false);
                pair.pop_until(Time::MAX);
            }
            pair.check();
            while pair.model.len() > peak / 100 {
                pair.pop_until(Time::MAX);
            }
            pair.check();
        }
        pair.drain();
    }

    #[test]
    fn a_small_list_agrees_with_a_sorted_set() {
        (0..20).for_each(|seed| grow_and_shrink(200, seed));
    }

    #[test]
    fn a_list_that_spills_agrees_with_a_sorted_set() {
        (0..3).for_each(|seed| grow_and_shrink(50_000, seed));
    }

    #[test]
    fn many_events_of_one_instant_stay_in_order() {
        let mut pair = Pair::default();
        (0..30_000).for_each(|n| pair.schedule(at(1_000 + n % 2), n % 3 == 0));
        pair.drain();
    }

    #[test]
    fn a_copy_goes_on_like_the_original() {
        let mut list = EventList::new();
        let mut stream = Key::root(3, 0).draw(0);
        (0..20_000).for_each(|token| list.schedule(at(stream.below(1 << 30)), token));
        list.pop();
        let mut copy = list.clone();
        assert!(std::iter::from_fn(|| list.pop()).eq(std::iter::from_fn(|| copy.pop())));
    }

    proptest! {
        #[test]
        fn any_sequence_agrees_with_a_sorted_set(
            steps in prop::collection::vec((0u64..6, any::<bool>(), 0u32..4, 0u64..4), 0..400)
        ) {
            let mut pair = Pair::default();
            for (delay, late, action, ahead) in steps {
                if action == 0 {
                    pair.pop_until(pair.now + at(ahead));
                } else {
                    pair.schedule(pair.now + at(delay << (8 * action)), late);
                }
                pair.check();
            }
            pair.drain();
        }
    }
}
