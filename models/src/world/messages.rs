//! Caches, topics and copies: what requests leave behind for others to find.

use super::Body;
use super::frame::{Outcome, State, flag};
use super::ledger::Message;
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;

/// The draw of a forced hit ratio.
const HIT: u64 = u64::MAX - 11;
/// The draw of a consumer's backoff.
const AGAIN: u64 = u64::MAX - 12;

impl Body {
    /// An operation of a cache. False if the request has to wait for another's fill.
    #[inline(always)]
    pub(super) fn cache(&mut self, plan: &Plan, f: u32, cache: u32, op: CacheOp) -> bool {
        let cache_plan = &plan.caches.hot(cache);
        let frame = &mut self.frames[f];
        if op == CacheOp::Get {
            self.measure.components[cache_plan.component].lookups += 1;
            if let Some(ratio) = cache_plan.hit_ratio {
                if frame.key.draw(HIT).chance(ratio) {
                    frame.flags |= flag::HIT;
                    self.measure.components[cache_plan.component].hits += 1;
                }
                return true;
            }
        }
        if cache_plan.hit_ratio.is_some() {
            return true;
        }
        self.keyed(cache_plan, f, cache, op)
    }

    fn keyed(&mut self, cache_plan: &CachePlan, f: u32, cache: u32, op: CacheOp) -> bool {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        let (item, generation) = (self.rare[f].item, frame.generation);
        let shard = self.first_store[cache as usize] + (frame.instance - cache_plan.first_instance);
        let store = &mut self.stores[shard as usize];
        match op {
            CacheOp::Get => {
                if store.get(item, now) {
                    self.measure.components[cache_plan.component].hits += 1;
                    self.frames[f].flags |= flag::HIT;
                    return true;
                }
                if !cache_plan.coalesce || store.leads(item, now) {
                    return true;
                }
                store.wait(item, (f, generation));
                let frame = &mut self.frames[f];
                (frame.state, frame.due, frame.since) = (State::Parked, Time::MAX, now);
                false
            }
            CacheOp::Set => {
                store.set(item, now);
                for waiting in store.filled(item) {
                    self.unpark(waiting, true);
                }
                true
            }
            CacheOp::Invalidate => {
                store.remove(item);
                true
            }
            CacheOp::Release => {
                let mut waiting = store.filled(item).into_iter();
                // The first who still waits fills in the place of the one who failed.
                let leader =
                    waiting.find(|&(f, g)| self.frames[f].generation == g && self.frames[f].state == State::Parked);
                if let Some(leader) = leader {
                    let store = &mut self.stores[shard as usize];
                    store.leads(item, now);
                    waiting.for_each(|w| store.wait(item, w));
                    self.unpark(leader, false);
                }
                true
            }
        }
    }

    fn unpark(&mut self, (f, generation): (u32, u32), hit: bool) {
        let frame = &mut self.frames[f];
        if frame.generation != generation || frame.state != State::Parked {
            return;
        }
        if hit {
            frame.flags |= flag::HIT;
        }
        self.has_waited(f);
        self.soon(f);
    }

    /// A message is handed to every group of its topic.
    pub(super) fn append(&mut self, plan: &Plan, f: u32, topic: u32) {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        let message =
            Message { published: now, key: frame.key, request: frame.request, class: frame.class, attempt: 0 };
        self.measure.appended[topic as usize] += 1;
        for &group in &plan.topics[topic as usize].groups {
            let consumer = &plan.consumers[group as usize];
            let ledger = &mut self.ledgers[group as usize];
            ledger.waiting.push_back(message);
            ledger.unfinished += 1;
            let waiting = ledger.waiting.len();
            let row = &mut self.measure.components[consumer.component];
            row.backlog = row.backlog.wrapping_sub(now.as_nanos());
            self.measure.unfinished[consumer.component as usize] += 1;
            if waiting >= consumer.min_records as usize {
                self.wake_consumer(group, false);
            } else if waiting == 1 {
                self.agenda.schedule(now + consumer.max_wait, self.poll_alarms[group as usize]);
            }
        }
    }

    /// Lets an idle thread poll.
    pub(super) fn wake_consumer(&mut self, group: u32, waited: bool) {
        let ledger = &mut self.ledgers[group as usize];
        if ledger.waiting.is_empty() {
            return;
        }
        if let Some(f) = ledger.idle.pop_front() {
            if waited {
                self.frames[f].flags |= flag::HIT;
            }
            self.soon(f);
        }
    }

    pub(super) fn start_consumers(&mut self, plan: &Plan) {
        for consumer in &plan.consumers {
            for thread in 0..consumer.members * consumer.threads {
                let key = self.sources.first().map_or(archsim_core::Key::root(0, 0), |s| s.key);
                let f = self.allocate(key, key, consumer.start, consumer.first_instance + thread % consumer.members);
                self.frames[f].flags = flag::THREAD;
                self.rare(f).item = u64::from(thread);
                self.soon(f);
            }
        }
    }

    /// A thread takes its next message. False if there is none: the thread is idle until one comes.
    pub(super) fn next_message(&mut self, plan: &Plan, f: u32, consumer: u32) -> bool {
        let consumer_plan = &plan.consumers[consumer as usize];
        if plan.topics[consumer_plan.topic as usize].bound.is_some() {
            self.unblock(plan, consumer_plan.topic);
        }
        let frame = self.frames[f];
        let ledger = &mut self.ledgers[consumer as usize];
        let taken = &mut ledger.taken[self.rare[f].item as usize];
        let enough = ledger.waiting.len() >= consumer_plan.min_records as usize || frame.flags & flag::HIT != 0;
        if taken.is_empty() && enough && self.instances[frame.instance].up {
            let batch = (consumer_plan.max_records as usize).min(ledger.waiting.len());
            taken.extend(ledger.waiting.drain(..batch));
        }
        let first = taken.front().copied();
        let frame = &mut self.frames[f];
        frame.flags &= !flag::HIT;
        let Some(message) = first else {
            frame.pc -= 1;
            (frame.state, frame.due) = (State::Parked, Time::MAX);
            if self.instances[frame.instance].up {
                ledger.idle.push_back(f);
            }
            return false;
        };
        self.take_up(f, message, consumer, consumer_plan.component);
        true
    }

    fn take_up(&mut self, f: u32, message: Message, consumer: u32, component: u32) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        // Every group handles a message with draws of its own, and every attempt too.
        frame.key = archsim_core::Key::from_bits(message.key.bits() ^ self.group_salts[consumer as usize])
            .child(u64::from(message.attempt));
        (frame.request, frame.class, frame.outcome) = (message.request, message.class, Outcome::Ok);
        let before = std::mem::replace(&mut frame.arrived, now);
        (frame.since, frame.waited, frame.worked) = (now, Time::ZERO, Time::ZERO);
        if frame.flags & flag::VISIT == 0 {
            frame.flags |= flag::VISIT;
            self.measure.enter(component, now);
        } else {
            let row = &mut self.measure.components[component];
            row.other_sojourns = row.other_sojourns.wrapping_add(now.since(before).as_nanos());
        }
    }

    /// The first message of the thread's batch is done with.
    pub(super) fn handled(&mut self, plan: &Plan, f: u32, consumer: u32) {
        let now = self.agenda.now();
        let component = plan.consumers[consumer as usize].component;
        let ledger = &mut self.ledgers[consumer as usize];
        let message = ledger.taken[self.rare[f].item as usize].pop_front();
        ledger.unfinished -= 1;
        let row = &mut self.measure.components[component];
        row.backlog = row.backlog.wrapping_add(now.as_nanos());
        self.measure.unfinished[component as usize] -= 1;
        if let Some(message) = message {
            row.age.record((now - message.published).as_nanos());
        }
        let outcome = std::mem::replace(&mut self.frames[f].outcome, Outcome::Ok);
        self.leave(f, outcome);
        let list = &mut self.frames[f].segments;
        self.segments.release(list);
    }

    /// Handling failed: again after a pause, back to the topic if the member is down, or to the dead letters.
    pub(super) fn unhandled(&mut self, plan: &Plan, f: u32, consumer: u32, dead: u32) -> u32 {
        let consumer_plan = &plan.consumers[consumer as usize];
        let frame = self.frames[f];
        let ledger = &mut self.ledgers[consumer as usize];
        if !self.instances[frame.instance].up {
            while let Some(message) = ledger.taken[self.rare[f].item as usize].pop_back() {
                ledger.waiting.push_front(message);
            }
            self.leave(f, Outcome::Crashed);
            self.frames[f].pc = consumer_plan.start;
            self.wake_consumer(consumer, true);
            return f;
        }
        let Some(message) = ledger.taken[self.rare[f].item as usize].front_mut() else { return NONE };
        message.attempt += 1;
        let message = *message;
        if u32::from(message.attempt) >= consumer_plan.attempts {
            self.measure.components[consumer_plan.component].dropped += 1;
            let frame = &mut self.frames[f];
            frame.outcome = Outcome::Error;
            // Handled is the second instruction after the fork, the steps for dead letters stand apart.
            frame.pc = if dead == NONE { consumer_plan.start + 2 } else { dead };
            return f;
        }
        self.take_up(f, message, consumer, consumer_plan.component);
        let pause = consumer_plan.backoff.map_or(Time::ZERO, |backoff| {
            backoff.pause(&plan.dists, u32::from(message.attempt), self.frames[f].key.draw(AGAIN))
        });
        self.frames[f].pc = consumer_plan.start + 1;
        let due = self.agenda.now() + pause;
        self.at(f, State::Waiting, due);
        NONE
    }

    /// A write goes on to the copies of its shard.
    pub(super) fn replicate(&mut self, plan: &Plan, f: u32, replicate: u32) {
        let replicate = &plan.replications[replicate as usize];
        let primary = self.frames[f];
        for copy in 1..=replicate.replicas {
            let instance = primary.instance + copy;
            if !self.instances[instance].up {
                continue;
            }
            // The copies take the same work as the primary: the key is the same, the lag is drawn for each.
            let version = self.rare[f].version;
            let c = self.allocate(primary.key, primary.request, replicate.start, instance);
            if version > 0 {
                self.rare(c).version = version;
            }
            let frame = &mut self.frames[c];
            (frame.class, frame.lap) = (primary.class, primary.lap);
            if let Op::Wait { dist, .. } = *plan.ops.hot(replicate.start) {
                let site = super::run::draw_site(replicate.site, copy);
                frame.pc += 1;
                let lag = self.time(plan, dist, &mut primary.key.draw(site));
                let due = self.agenda.now() + Time::from_nanos_f64(lag);
                self.at(c, State::Waiting, due);
            } else {
                self.soon(c);
            }
        }
    }

    /// A copy has the write.
    pub(super) fn applied(&mut self, f: u32) {
        let frame = &self.frames[f];
        let component = self.instances[frame.instance].component;
        let lag = self.agenda.now() - frame.arrived;
        self.measure.components[component].age.record(lag.as_nanos());
        self.release_frame(f);
    }
}
