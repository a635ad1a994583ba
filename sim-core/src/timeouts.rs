//! Time-outs that are nearly always cancelled.
//!
//! Entries with the same time-out value fall due in the order they were armed, so each distinct value has a first-in
//! first-out lane, and a lane needs only one alarm in the event list: that of its oldest entry. Cancelling leaves the
//! entry behind as stale; the caller says which entries still count. Arming and cancelling are O(1) on average.

use std::collections::{BTreeMap, VecDeque};

use crate::Time;

/// A lane is swept when its stale entries outnumber the live ones by more than this.
const SWEEP_SLACK: usize = 64;

/// What [`Timeouts::ring`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// This entry fell due. Handle it, then ring again.
    Fire(u32),
    /// The next entry falls due at this instant: schedule the lane's alarm for it.
    Sleep(Time),
    /// The lane is empty; arming will ask for an alarm.
    Idle,
}

#[derive(Clone)]
struct Lane {
    after: Time,
    /// Due instants and tokens, oldest first.
    entries: VecDeque<(Time, u32)>,
    stale: usize,
    /// Whether the event list holds this lane's alarm (or the caller is handling it).
    alarm: bool,
}

impl Lane {
    fn sweep(&mut self, live: impl Fn(u32, Time) -> bool) {
        self.entries.retain(|&(due, token)| live(token, due));
        self.stale = 0;
    }
}

/// Time-outs in lanes, one lane for each distinct time-out value.
///
/// An entry is known by its token and the instant it is due. Memory is at most twice the live entries of each lane at
/// their peak, plus a constant.
#[derive(Clone, Default)]
pub struct Timeouts {
    lanes: Vec<Lane>,
    by_value: BTreeMap<Time, u32>,
}

impl Timeouts {
    /// No lanes yet.
    pub fn new() -> Timeouts {
        Timeouts::default()
    }

    /// The lane of this time-out value, made if it is new. Lanes are numbered from 0 in the order of making.
    pub fn lane(&mut self, after: Time) -> u32 {
        let lanes = &mut self.lanes;
        *self.by_value.entry(after).or_insert_with(|| {
            lanes.push(Lane { after, entries: VecDeque::new(), stale: 0, alarm: false });
            lanes.len() as u32 - 1
        })
    }

    /// The time-out value of a lane.
    #[inline]
    pub fn after(&self, lane: u32) -> Time {
        self.lanes[lane as usize].after
    }

    /// Arms an entry that falls due `now` + the lane's time-out. Returns its due instant if the caller must schedule
    /// the lane's alarm for then (the lane has none), and nothing otherwise.
    ///
    /// `live(token, due)` says whether an older entry still counts; it is asked only in the occasional sweep. `now`
    /// must not go back between calls.
    #[inline]
    pub fn arm(&mut self, lane: u32, now: Time, token: u32, live: impl Fn(u32, Time) -> bool) -> Option<Time> {
        let lane = &mut self.lanes[lane as usize];
        if 2 * lane.stale > lane.entries.len() + SWEEP_SLACK {
            lane.sweep(live);
        }
        let due = now + lane.after;
        lane.entries.push_back((due, token));
        let first = !lane.alarm;
        lane.alarm = true;
        first.then_some(due)
    }

    /// Notes that one armed entry of the lane no longer counts (`live` must say so from now on).
    #[inline]
    pub fn disarm(&mut self, lane: u32) {
        self.lanes[lane as usize].stale += 1;
    }

    /// The lane's alarm rang: says what to do. Call it again after each [`Ring::Fire`], at the same instant, until it
    /// answers something else.
    ///
    /// `live(token, due)` says whether an entry still counts.
    pub fn ring(&mut self, lane: u32, now: Time, live: impl Fn(u32, Time) -> bool) -> Ring {
        let lane = &mut self.lanes[lane as usize];
        while let Some(&(due, token)) = lane.entries.front() {
            let counts = live(token, due);
            if counts && due > now {
                return Ring::Sleep(due);
            }
            lane.entries.pop_front();
            if counts {
                return Ring::Fire(token);
            }
            lane.stale = lane.stale.saturating_sub(1);
        }
        lane.stale = 0;
        lane.alarm = false;
        Ring::Idle
    }

    /// How many entries are stored in all lanes, stale ones included.
    pub fn len(&self) -> usize {
        self.lanes.iter().map(|lane| lane.entries.len()).sum()
    }

    /// Whether no entry is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    fn all(_: u32, _: Time) -> bool {
        true
    }

    #[test]
    fn lanes_are_found_again_by_their_value() {
        let mut timeouts = Timeouts::new();
        assert_eq!([at(30), at(10), at(30), at(20)].map(|value| timeouts.lane(value)), [0, 1, 0, 2]);
    }

    #[test]
    fn one_alarm_serves_a_lane() {
        let mut timeouts = Timeouts::new();
        let lane = timeouts.lane(at(10));
        assert_eq!(timeouts.arm(lane, at(0), 1, all), Some(at(10)));
        assert_eq!(timeouts.arm(lane, at(3), 2, all), None);
        assert_eq!(timeouts.arm(lane, at(3), 3, all), None);
        assert_eq!(timeouts.ring(lane, at(10), all), Ring::Fire(1));
        assert_eq!(timeouts.arm(lane, at(10), 4, all), None, "the alarm is still in the caller's hand");
        assert_eq!(timeouts.ring(lane, at(10), all), Ring::Sleep(at(13)));
        assert_eq!(timeouts.ring(lane, at(13), all), Ring::Fire(2));
        assert_eq!(timeouts.ring(lane, at(13), all), Ring::Fire(3));
        assert_eq!(timeouts.ring(lane, at(13), all), Ring::Sleep(at(20)));
        assert_eq!(timeouts.ring(lane, at(20), all), Ring::Fire(4));
        assert_eq!(timeouts.ring(lane, at(20), all), Ring::Idle);
        assert_eq!(timeouts.arm(lane, at(25), 5, all), Some(at(35)));
    }

    #[test]
    fn stale_entries_are_passed_over() {
        let mut timeouts = Timeouts::new();
        let lane = timeouts.lane(at(10));
        for token in 0..4 {
            timeouts.arm(lane, at(u64::from(token)), token, all);
        }
        (0..3).for_each(|_| timeouts.disarm(lane));
        assert_eq!(timeouts.ring(lane, at(10), |token, _| token == 3), Ring::Sleep(at(13)));
        timeouts.disarm(lane);
        assert_eq!(timeouts.ring(lane, at(13), |_, _| false), Ring::Idle);
        assert!(timeouts.is_empty());
    }

    #[test]
    fn liveness_tells_a_token_armed_again_from_its_stale_entry() {
        let mut timeouts = Timeouts::new();
        let lane = timeouts.lane(at(10));
        timeouts.arm(lane, at(0), 7, all);
        timeouts.disarm(lane);
        timeouts.arm(lane, at(4), 7, all);
        let live = |_, due| due == at(14);
        assert_eq!(timeouts.ring(lane, at(10), live), Ring::Sleep(at(14)));
        assert_eq!(timeouts.ring(lane, at(14), live), Ring::Fire(7));
    }

    #[test]
    fn memory_follows_the_live_entries() {
        let mut timeouts = Timeouts::new();
        let lane = timeouts.lane(at(1_000_000_000));
        for n in 0..100_000u32 {
            // Always the newest ten are live.
            timeouts.arm(lane, at(u64::from(n)), n, |token, _| token + 10 >= n);
            if n >= 10 {
                timeouts.disarm(lane);
            }
            assert!(timeouts.len() <= 2 * 11 + SWEEP_SLACK + 2);
        }
    }
}
