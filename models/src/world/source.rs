//! Sources: users who come, think, wait and go.

use super::Body;
use super::foresee::Scatter;
use super::frame::{Frame, Outcome, State, flag};
use super::quick::QuickClass;
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::{Key, Time};

/// A source while running.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceState {
    pub key: Key,
    /// Number of the request after the next, and the draws of both.
    pub number: u64,
    pub next: Key,
    pub following: Key,
    /// The gap before the next request of an open source: drawn one request early, so that nothing waits for it.
    pub gap: f64,
    pub instance: u32,
    /// Where all its requests go, if that is worth looking at early.
    pub scatter: Option<Scatter>,
    /// Whether nobody comes any more: its rate is zero from now on.
    pub over: bool,
}

impl SourceState {
    pub(super) fn new(key: Key, instance: u32, scatter: Option<Scatter>) -> Self {
        SourceState {
            key,
            number: 1,
            next: key.child(0),
            following: key.child(1),
            gap: 0.0,
            instance,
            scatter,
            over: false,
        }
    }
}

/// Draws that belong to a source or to a request as a whole.
pub(super) mod site {
    pub(in crate::world) const GAP: u64 = 1;
    pub(super) const CLASS: u64 = u64::MAX - 9;
    pub(super) const THINK: u64 = u64::MAX - 10;
}

impl Body {
    pub(super) fn start_sources(&mut self, plan: &Plan) {
        for (index, source) in plan.sources.iter().enumerate() {
            match &source.arrivals {
                Arrivals::Open { gap, .. } => {
                    let state = &mut self.sources[index as u32];
                    state.gap = gap.sample(&mut state.next.draw(site::GAP));
                    self.schedule_arrival(plan, index as u32);
                }
                Arrivals::Paced(paced) => self.schedule_paced(paced, index as u32),
                Arrivals::Closed { users, .. } => {
                    for _ in 0..*users {
                        let f = self.user(index as u32);
                        self.think(plan, f);
                    }
                }
            }
        }
    }

    /// A request of the next number, wanted now.
    #[inline(always)]
    pub(super) fn user(&mut self, source: u32) -> u32 {
        let state = &mut self.sources[source];
        let (key, instance) = (state.next, state.instance);
        state.number += 1;
        (state.next, state.following) = (state.following, state.key.child(state.number));
        let f = self.allocate(key, key, NONE, instance);
        let frame = &mut self.frames[f];
        (frame.flags, frame.call) = (flag::ROOT, source);
        f
    }

    #[inline(always)]
    fn schedule_arrival(&mut self, plan: &Plan, source: u32) {
        let Arrivals::Open { gap, load } = &plan.sources.hot(source).arrivals else {
            return self.paced_arrival(plan, source);
        };
        let state = &mut self.sources[source];
        let drawn = std::mem::replace(&mut state.gap, gap.sample(&mut state.following.draw(site::GAP)));
        match load.next(self.agenda.now(), drawn) {
            Some(at) => self.expect_arrival(source, at),
            None => (state.gap, state.over) = (drawn, true),
        }
    }

    /// A source that nobody came from any more may have a rate again.
    pub(super) fn await_again(&mut self, plan: &Plan, source: u32) {
        if !std::mem::take(&mut self.sources[source].over) {
            return;
        }
        match &plan.sources[source as usize].arrivals {
            Arrivals::Paced(paced) => self.schedule_paced(paced, source),
            _ => self.schedule_arrival(plan, source),
        }
    }

    #[inline(always)]
    pub(super) fn expect_arrival(&mut self, source: u32, at: Time) {
        let (now, alarm) = (self.agenda.now(), self.first_source + source);
        if at > now { self.agenda.schedule(at, alarm) } else { self.agenda.soon(alarm) }
    }

    #[inline(always)]
    pub(super) fn arrival(&mut self, plan: &Plan, source: u32) -> u32 {
        let f = self.user(source);
        if let Some(scatter) = self.sources[source].scatter {
            self.foresee_arrivals(source, scatter);
        }
        self.schedule_arrival(plan, source);
        self.wants(plan, f)
    }

    /// A user wants an answer: the latency counts from here.
    #[inline(always)]
    pub(super) fn wants(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        let source = &plan.sources.hot(frame.call);
        let class = match source.classes {
            1 => source.first_class,
            _ => {
                let draw = frame.key.draw(site::CLASS).uniform();
                source.first_class + source.cumulative.partition_point(|c| *c <= draw) as u32
            }
        };
        (frame.class, frame.pc) = (class as u16, self.quick.classes[class].start);
        (frame.arrived, frame.since, frame.state, frame.cores) = (now, now, State::Ready, self.measure.row);
        self.in_flight += 1;
        self.measure.wanted(class as u16);
        self.note_wanted(f);
        if self.in_flight > self.measure.schedule.max_in_flight {
            self.stopped = Some(super::Stopped { at: now, in_flight: self.in_flight });
        }
        f
    }

    /// The user has the answer, or gives up for good.
    #[inline(always)]
    pub(super) fn finish_request(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> u32 {
        let frame = &mut self.frames[f];
        let latency = (self.agenda.now() - frame.arrived).as_nanos();
        let (row, class) = (frame.cores, frame.class);
        if self.measure.details.is_some() {
            self.note_queueing(f, row, class, outcome);
        }
        let frame = &mut self.frames[f];
        if row >= self.measure.main_row {
            self.measure.time[usize::from(class)].add(&mut self.segments, &mut frame.segments, latency, self.cells);
        }
        let counts = self.measure.ended(row, class);
        counts.outcomes[outcome as usize] += 1;
        counts.latency.record(latency);
        if outcome == Outcome::Ok {
            self.measure.answered(class);
        } else {
            counts.failed.record(latency);
        }
        self.requests += 1;
        self.in_flight -= 1;
        self.note_answered(f, outcome);
        self.release_frame(f);
        let QuickClass { source, closed, .. } = self.quick.classes[u32::from(class)];
        if closed {
            let f = self.user(source);
            return self.think(plan, f);
        }
        NONE
    }

    /// Notes for each request in flight how long it has taken so far, in the row that it was wanted in. A user who thinks wants nothing.
    pub(super) fn note_unfinished(&mut self) {
        let now = self.agenda.now();
        let wanted =
            |frame: &&Frame| frame.flags & flag::ROOT != 0 && !matches!(frame.state, State::Free | State::Waiting);
        debug_assert_eq!(
            self.frames.iter().filter(wanted).count() as u64,
            self.in_flight,
            "every request has one root"
        );
        for frame in self.frames.iter().filter(wanted) {
            let taken = (now - frame.arrived).as_nanos();
            self.measure.class(frame.cores, frame.class).unfinished.record(taken);
        }
    }

    /// A closed user thinks before wanting the next answer.
    fn think(&mut self, plan: &Plan, f: u32) -> u32 {
        let source = self.frames[f].call;
        let Arrivals::Closed { think, .. } = plan.sources.hot(source).arrivals else { return NONE };
        let mut draw = self.frames[f].key.draw(site::THINK);
        let pause = if think == NONE { 0.0 } else { self.time(plan, think, &mut draw) };
        let due = self.agenda.now() + Time::from_nanos_f64(pause);
        self.at(f, State::Waiting, due);
        NONE
    }
}
