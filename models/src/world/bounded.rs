//! Topics whose queues are bounded: the oldest message is dropped, the new one is refused, or its publisher waits.

use super::Body;
use super::frame::{Outcome, State};
use crate::kind::broker::Overflow;
use crate::plan::*;
use archsim_core::Time;

impl Body {
    /// A message comes to a topic with a bound. Gives who runs next where it is not the publisher.
    pub(super) fn append_bounded(&mut self, plan: &Plan, f: u32, topic: u32, bound: &TopicBound) -> Option<u32> {
        let blocked = &self.blocked[topic as usize];
        let queued = bound.overflow == Overflow::Block && !blocked.is_empty();
        if queued || !self.has_room(plan, topic, bound.most) {
            match bound.overflow {
                Overflow::DropOldest => {
                    self.append(plan, f, topic);
                    self.drop_oldest(plan, topic, bound.most);
                    return None;
                }
                Overflow::Reject => return Some(self.fail(plan, f, Outcome::Rejected)),
                Overflow::Block => {
                    let now = self.agenda.now();
                    let frame = &mut self.frames[f];
                    (frame.state, frame.due, frame.since) = (State::Parked, Time::MAX, now);
                    let entry = (f, frame.generation);
                    self.blocked[topic as usize].push_back(entry);
                    return Some(NONE);
                }
            }
        }
        self.append(plan, f, topic);
        None
    }

    /// How many messages of a group's queue its idle threads are about to take.
    fn about_to_be_taken(&self, plan: &Plan, group: u32) -> usize {
        let (ledger, consumer) = (&self.ledgers[group as usize], &plan.consumers[group as usize]);
        let up = |thread: usize| self.instances[consumer.first_instance + thread as u32 % consumer.members].up;
        let idle = ledger.taken.iter().enumerate().filter(|(thread, taken)| taken.is_empty() && up(*thread)).count();
        idle * consumer.max_records as usize
    }

    /// Whether one more message has room in the queue of every group.
    fn has_room(&self, plan: &Plan, topic: u32, most: u32) -> bool {
        let fits = |group: &u32| {
            let waiting = self.ledgers[*group as usize].waiting.len() + 1;
            waiting.saturating_sub(self.about_to_be_taken(plan, *group)) <= most as usize
        };
        plan.topics[topic as usize].groups.iter().all(fits)
    }

    /// Drops from each queue what is too much, the oldest first.
    fn drop_oldest(&mut self, plan: &Plan, topic: u32, most: u32) {
        let now = self.agenda.now();
        for &group in &plan.topics[topic as usize].groups {
            let taken = self.about_to_be_taken(plan, group);
            let component = plan.consumers[group as usize].component;
            let ledger = &mut self.ledgers[group as usize];
            while ledger.waiting.len() > taken + most as usize && ledger.waiting.remove(taken).is_some() {
                ledger.unfinished -= 1;
                self.measure.unfinished[component as usize] -= 1;
                let row = &mut self.measure.components[component];
                row.backlog = row.backlog.wrapping_add(now.as_nanos());
                row.dropped += 1;
            }
        }
    }

    /// Publishers that have waited for room go on, as far as there is some.
    pub(super) fn unblock(&mut self, plan: &Plan, topic: u32) {
        let Some(bound) = &plan.topics[topic as usize].bound else { return };
        while !self.blocked[topic as usize].is_empty() && self.has_room(plan, topic, bound.most) {
            let Some((f, generation)) = self.blocked[topic as usize].pop_front() else { return };
            let frame = &self.frames[f];
            if frame.generation == generation && frame.state == State::Parked {
                self.has_waited(f);
                self.append(plan, f, topic);
                self.soon(f);
            }
        }
    }
}
