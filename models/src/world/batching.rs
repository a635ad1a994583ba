//! Batches: requests of an instance that wait for each other, and what is done once for all of them.

use super::Body;
use super::frame::{Outcome, State, flag};
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;
use std::collections::VecDeque;

/// Those of one instance who wait at a batch step.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathering {
    /// Frame, generation, and since when.
    waiting: VecDeque<(u32, u32, Time)>,
    /// Batches in progress.
    running: u32,
    /// When the pending alarm rings; zero without.
    alarm: Time,
}

/// Names the draws of a batch among the children of the key of its first request.
const BATCH: u64 = 0x6261_7463;

impl Body {
    fn waits_for_batch(&self, f: u32, generation: u32) -> bool {
        self.frames[f].generation == generation && self.frames[f].state == State::Parked
    }

    /// A request joins; it goes on when its batch is done.
    pub(super) fn join_batch(&mut self, plan: &Plan, f: u32, batch: u32) {
        let now = self.agenda.now();
        let batch_plan = plan.batches.hot(batch);
        let frame = &mut self.frames[f];
        (frame.state, frame.due, frame.since) = (State::Parked, Time::MAX, now);
        let at = batch_plan.first_gathering + frame.instance - batch_plan.first_instance;
        let entry = (f, frame.generation, now);
        self.gatherings[at as usize].waiting.push_back(entry);
        self.start_batches(plan, batch, at);
    }

    /// Starts batches while enough wait, or the first has waited long enough, and one more may be in progress.
    pub(super) fn start_batches(&mut self, plan: &Plan, batch: u32, at: u32) {
        let (now, batch_plan) = (self.agenda.now(), plan.batches.hot(batch));
        loop {
            let mut waiting = std::mem::take(&mut self.gatherings[at as usize].waiting);
            if waiting.len() < 2 * batch_plan.max as usize {
                waiting.retain(|(f, generation, _)| self.waits_for_batch(*f, *generation));
            }
            let old = waiting.front().is_some_and(|(.., since)| now.since(*since) >= batch_plan.linger);
            let enough = waiting.len() >= batch_plan.min as usize || old;
            let gathering = &mut self.gatherings[at as usize];
            gathering.waiting = waiting;
            if gathering.waiting.is_empty() || !enough || gathering.running >= batch_plan.at_once {
                break;
            }
            self.start_batch(plan, batch, at);
        }
        self.time_batch(plan, batch, at);
    }

    fn start_batch(&mut self, plan: &Plan, batch: u32, at: u32) {
        let batch_plan = plan.batches.hot(batch);
        let mut members = vec![];
        while members.len() < batch_plan.max as usize {
            let Some((f, generation, _)) = self.gatherings[at as usize].waiting.pop_front() else { break };
            if self.waits_for_batch(f, generation) {
                self.has_waited(f);
                members.push((f, generation));
            }
        }
        let Some(&(first, _)) = members.first() else { return };
        let leader = self.frames[first];
        let component = self.instances[leader.instance].component;
        self.measure.components[component].batch.record(members.len() as u64);
        self.gatherings[at as usize].running += 1;
        let carrier = self.allocate(leader.key.child(BATCH), leader.request, batch_plan.start, leader.instance);
        let frame = &mut self.frames[carrier];
        (frame.class, frame.lap, frame.slot) = (leader.class, leader.lap, at);
        frame.flags |= flag::CARRIER;
        self.carried.insert(carrier, members);
        self.soon(carrier);
    }

    /// Lets the alarm ring when the first has waited long enough.
    fn time_batch(&mut self, plan: &Plan, batch: u32, at: u32) {
        let (now, linger) = (self.agenda.now(), plan.batches.hot(batch).linger);
        let token = self.batch_alarms[at as usize];
        let gathering = &mut self.gatherings[at as usize];
        let Some((.., since)) = gathering.waiting.front().filter(|_| linger != Time::MAX) else { return };
        let due = *since + linger;
        if due > now && gathering.alarm != due {
            gathering.alarm = due;
            self.agenda.schedule(due, token);
        }
    }

    /// Somebody may have waited long enough.
    pub(super) fn ring_batch(&mut self, plan: &Plan, batch: u32, at: u32) {
        if self.gatherings[at as usize].alarm == self.agenda.now() {
            self.gatherings[at as usize].alarm = Time::ZERO;
            self.start_batches(plan, batch, at);
        }
    }

    /// How many a batch carries whose work a branch does.
    pub(super) fn batch_size(&self, branch: u32) -> u32 {
        self.carried.get(&self.frames[branch].parent).map_or(1, |members| members.len() as u32)
    }

    /// The work of a batch is over: its requests go on, or fail with it.
    pub(super) fn end_batch(&mut self, plan: &Plan, carrier: u32, batch: u32, failed: bool) {
        let at = self.frames[carrier].slot;
        for (f, generation) in self.drop_batch(carrier) {
            if !self.waits_for_batch(f, generation) {
                continue;
            }
            self.has_worked(f);
            if failed {
                let frame = &mut self.frames[f];
                (frame.outcome, frame.pc) = (Outcome::Error, plan.batches.hot(batch).failed);
            }
            self.soon(f);
        }
        self.release_frame(carrier);
        self.start_batches(plan, batch, at);
    }

    /// A batch is not in progress any more: those it carried.
    pub(super) fn drop_batch(&mut self, carrier: u32) -> Vec<(u32, u32)> {
        let at = self.frames[carrier].slot as usize;
        self.gatherings[at].running -= 1;
        self.carried.remove(&carrier).unwrap_or_default()
    }
}
