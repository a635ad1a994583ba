//! Stations: servers, a queue, a discipline. Everything with capacity is one: cores, workers, slots, pools, links.

use crate::plan::{Capacity, NONE};
use crate::spec::Discipline;
use archsim_core::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How a station chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Order {
    Fifo,
    Lifo,
    Priority,
    Preemptive,
    Sharing,
}

impl Order {
    /// Whether the queue is just a list: who finds a free server and no queue starts, who ends leaves nothing to tidy up.
    #[inline(always)]
    pub(super) fn is_list(self) -> bool {
        matches!(self, Order::Fifo | Order::Lifo)
    }
}

/// Servers and the head of a queue whose links are in the frames.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Station {
    pub servers: u32,
    pub room: u32,
    pub busy: u32,
    pub queued: u32,
    pub head: u32,
    pub tail: u32,
    /// Index among the priority queues or the shared stations.
    pub extra: u32,
    pub order: Order,
    /// Server-time in this row: the sum of ends minus the sum of starts, modulo 2^64, so that a start and an end cost one addition each.
    pub busy_area: u64,
    /// Queue-time in this row, kept the same way.
    pub queue_area: u64,
}

impl Station {
    pub(super) fn new(capacity: &Capacity, priorities: &mut u32, shared: &mut u32) -> Self {
        let take = |counter: &mut u32| {
            *counter += 1;
            *counter - 1
        };
        let (order, extra) = match &capacity.discipline {
            Discipline::Fifo => (Order::Fifo, NONE),
            Discipline::Lifo => (Order::Lifo, NONE),
            Discipline::Priority(a) if a.preemptive.unwrap_or(false) => (Order::Preemptive, take(priorities)),
            Discipline::Priority(_) => (Order::Priority, take(priorities)),
            Discipline::ProcessorSharing => (Order::Sharing, take(shared)),
        };
        let Capacity { servers, room, .. } = *capacity;
        Station { servers, room, busy: 0, queued: 0, head: NONE, tail: NONE, extra, order, busy_area: 0, queue_area: 0 }
    }

    /// Whether its queue is a list through the frames, so that one who leaves early stays linked.
    pub(super) fn is_linked(&self) -> bool {
        !matches!(self.order, Order::Priority | Order::Preemptive)
    }

    /// Servers become busy.
    #[inline(always)]
    pub(super) fn start(&mut self, servers: u32, now: Time) {
        self.busy += servers;
        self.busy_area = self.busy_area.wrapping_sub(now.as_nanos().wrapping_mul(u64::from(servers)));
    }

    /// Servers become free.
    #[inline(always)]
    pub(super) fn stop(&mut self, servers: u32, now: Time) {
        self.busy -= servers;
        self.busy_area = self.busy_area.wrapping_add(now.as_nanos().wrapping_mul(u64::from(servers)));
    }

    /// Somebody joins the queue.
    #[inline(always)]
    pub(super) fn join(&mut self, now: Time) {
        self.queued += 1;
        self.queue_area = self.queue_area.wrapping_sub(now.as_nanos());
    }

    /// Somebody leaves the queue.
    #[inline(always)]
    pub(super) fn leave(&mut self, now: Time) {
        self.queued -= 1;
        self.queue_area = self.queue_area.wrapping_add(now.as_nanos());
    }

    /// Server-time and queue-time since the last call, in nanoseconds; what is in progress counts up to now.
    pub(super) fn collect(&mut self, now: Time) -> (u64, u64) {
        let now = now.as_nanos();
        let busy_now = now.wrapping_mul(u64::from(self.busy));
        let queue_now = now.wrapping_mul(u64::from(self.queued));
        let areas = (self.busy_area.wrapping_add(busy_now), self.queue_area.wrapping_add(queue_now));
        (self.busy_area, self.queue_area) = (0u64.wrapping_sub(busy_now), 0u64.wrapping_sub(queue_now));
        areas
    }
}

/// Who waits at a station with priorities: urgency, order of coming, frame, generation of the slot.
pub(super) type Urgent = BinaryHeap<Reverse<(u8, u64, u32, u32)>>;

/// A queue by priority and, where it may interrupt, those in service.
#[derive(Clone, Debug, Default)]
pub(super) struct PriorityQueue {
    pub waiting: Urgent,
    pub serving: Vec<u32>,
}

/// A station that serves all at once. Each of n gets the rate `min(1, servers / n)`; in terms of the work that one in
/// service has got since the station was last empty, everybody's end is fixed when they come (Kleinrock 1967).
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    /// Work that each in service has got, in nanoseconds at speed 1.
    pub attained: f64,
    /// Up to when.
    pub since: Time,
    /// In service: the attained work at which it ends (as ordered bits), order of coming, frame, generation.
    pub jobs: BinaryHeap<Reverse<(u64, u64, u32, u32)>>,
    /// When the pending alarm rings.
    pub alarm: Time,
    /// How many are in service, without those that were stopped.
    pub present: u32,
    /// Speed of the instance.
    pub speed: f64,
}

impl Shared {
    /// Rate at which each in service gets work.
    pub(super) fn rate(&self, servers: u32) -> f64 {
        self.speed * (f64::from(servers) / f64::from(self.present.max(1))).min(1.0)
    }

    /// Brings the attained work up to now.
    pub(super) fn advance(&mut self, now: Time, servers: u32) {
        if self.present > 0 {
            self.attained += (now - self.since).as_nanos() as f64 * self.rate(servers);
        } else {
            self.attained = 0.0;
        }
        self.since = now;
    }

    /// When the next in service ends if nobody comes.
    pub(super) fn next_end(&self, now: Time, servers: u32) -> Option<Time> {
        let Reverse((end, ..)) = self.jobs.peek()?;
        let rate = self.rate(servers);
        let left = (f64::from_bits(*end) - self.attained).max(0.0);
        Some(if rate > 0.0 { now + Time::from_nanos_f64(left / rate) } else { Time::MAX })
    }
}
