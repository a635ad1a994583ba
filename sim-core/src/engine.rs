//! The engine: the clock, what is to come, and the loop that hands it to a world.

use std::collections::VecDeque;

use crate::{EventList, Time};

/// The clock and everything that is to come.
///
/// What happens at this very instant does not go through the event list: it takes the now lane ([`Agenda::soon`]),
/// first in, first out, and is done before anything else.
#[derive(Clone, Default)]
pub struct Agenda {
    now: Time,
    list: EventList,
    lane: VecDeque<u32>,
}

impl Agenda {
    /// An empty agenda at time zero.
    pub fn new() -> Agenda {
        Agenda::default()
    }

    /// The current instant.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Plans the event `token` for the instant `at`; an instant already past counts as now. Events of one instant run
    /// in the order they were scheduled. Panics if the token is above [`MAX_TOKEN`](crate::event_list::MAX_TOKEN).
    #[inline]
    pub fn schedule(&mut self, at: Time, token: u32) {
        self.list.schedule(at.max(self.now), token);
    }

    /// Like [`Agenda::schedule`], but after every ordinary event of the same instant.
    #[inline]
    pub fn schedule_late(&mut self, at: Time, token: u32) {
        self.list.schedule_late(at.max(self.now), token);
    }

    /// Plans `token` for this instant, in the now lane: after what is in the lane already, before all other events.
    #[inline]
    pub fn soon(&mut self, token: u32) {
        self.lane.push_back(token);
    }

    /// Takes the next event and moves the clock to it; none if there is none up to and including `end`.
    #[inline]
    pub fn next(&mut self, end: Time) -> Option<u32> {
        if let Some(token) = self.lane.pop_front() {
            return Some(token);
        }
        let (at, token) = self.list.pop_until(end)?;
        self.now = at;
        Some(token)
    }

    /// How many events are planned, the now lane included.
    pub fn len(&self) -> usize {
        self.lane.len() + self.list.len()
    }

    /// Whether nothing is planned.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instant of the next event: now, if the now lane is not empty.
    pub fn peek_time(&self) -> Option<Time> {
        if self.lane.is_empty() { self.list.peek_time() } else { Some(self.now) }
    }
}

/// What the engine drives: a state, an agenda, and a reaction to each event.
pub trait World {
    /// The world's agenda.
    fn agenda(&mut self) -> &mut Agenda;

    /// Reacts to one event; the clock already stands at its instant.
    fn handle(&mut self, token: u32);

    /// The events with these tokens are among the next, in no order; some may be in vain. A chance to load what they need all at
    /// once: with a million pending, waiting for main memory is most of the cost of an event. Called only while many are pending.
    #[inline]
    fn foresee(&self, _tokens: &[u32]) {}

    /// Whether the run is over before its end. Asked before every event; never, by default.
    #[inline]
    fn halted(&self) -> bool {
        false
    }
}

/// Handles every event up to and including `end`, then sets the clock to `end`, unless the world halted.
///
/// Returns the number of events handled, those of the now lane included. Does nothing if `end` is already past.
#[inline]
pub fn run_until<W: World>(world: &mut W, end: Time) -> u64 {
    let mut handled = 0;
    if end < world.agenda().now {
        return handled;
    }
    while !world.halted() {
        let Some(token) = world.agenda().next(end) else {
            world.agenda().now = end;
            break;
        };
        if !world.agenda().list.fresh().is_empty() {
            foresee(world);
        }
        world.handle(token);
        handled += 1;
    }
    handled
}

#[cold]
#[inline(never)]
fn foresee<W: World>(world: &mut W) {
    let mut tokens = std::mem::take(world.agenda().list.fresh());
    world.foresee(&tokens);
    tokens.clear();
    *world.agenda().list.fresh() = tokens;
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: u32 = 0;
    const SECOND: u32 = 1;
    const LATE: u32 = 2;
    const HALT: u32 = 9;

    /// Logs what it handles; `CHAIN` plans two things for this instant and itself one nanosecond later.
    #[derive(Clone, Default)]
    struct Logger {
        agenda: Agenda,
        log: Vec<(u64, u32)>,
        halted: bool,
    }

    impl World for Logger {
        fn agenda(&mut self) -> &mut Agenda {
            &mut self.agenda
        }

        fn handle(&mut self, token: u32) {
            let now = self.agenda.now();
            self.log.push((now.as_nanos(), token));
            self.halted = token == HALT;
            if token == CHAIN {
                self.agenda.soon(7);
                self.agenda.soon(8);
                self.agenda.schedule(now + Time::from_nanos(1), CHAIN);
            }
        }

        fn halted(&self) -> bool {
            self.halted
        }
    }

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn the_now_lane_runs_before_the_events_of_the_same_instant_and_late_ones_last() {
        let mut world = Logger::default();
        world.agenda.schedule_late(at(5), LATE);
        world.agenda.schedule(at(5), CHAIN);
        world.agenda.schedule(at(5), SECOND);
        assert_eq!(run_until(&mut world, at(5)), 5);
        assert_eq!(world.log, [(5, CHAIN), (5, 7), (5, 8), (5, SECOND), (5, LATE)]);
    }

    #[test]
    fn the_clock_ends_at_the_end_and_later_events_stay() {
        let mut world = Logger::default();
        world.agenda.schedule(at(10), SECOND);
        assert_eq!(run_until(&mut world, at(9)), 0);
        assert_eq!((world.agenda.now(), world.agenda.len(), world.agenda.peek_time()), (at(9), 1, Some(at(10))));
        assert_eq!(run_until(&mut world, at(3)), 0);
        assert_eq!(world.agenda.now(), at(9));
        assert_eq!(run_until(&mut world, at(10)), 1);
        assert!(world.agenda.is_empty());
    }

    #[test]
    fn a_halted_world_stops_where_it_is() {
        let mut world = Logger::default();
        world.agenda.schedule(at(2), HALT);
        world.agenda.schedule(at(3), SECOND);
        assert_eq!(run_until(&mut world, at(10)), 1);
        assert_eq!((world.agenda.now(), world.agenda.len()), (at(2), 1));
    }

    #[test]
    fn an_instant_already_past_counts_as_now() {
        let mut world = Logger::default();
        run_until(&mut world, at(10));
        world.agenda.schedule(at(4), SECOND);
        world.agenda.schedule_late(at(4), LATE);
        assert_eq!(run_until(&mut world, at(10)), 2);
        assert_eq!(world.log, [(10, SECOND), (10, LATE)]);
    }

    #[test]
    fn a_copy_of_a_world_goes_on_like_the_original() {
        let mut world = Logger::default();
        world.agenda.schedule(at(0), CHAIN);
        run_until(&mut world, at(4));
        let mut copy = world.clone();
        run_until(&mut world, at(20));
        run_until(&mut copy, at(20));
        assert_eq!(world.log, copy.log);
        assert_eq!(world.log.len(), 63);
    }
}
