//! Stations: servers, a queue, a discipline. Everything with capacity is one: cores, workers, slots, pools, links.

use super::crew::Crew;
use super::ranked::Ranked;
use super::shares::Shared;
use crate::plan::{Capacity, ChangeKind, NONE, Plan};
use crate::spec::Discipline;
use archsim_core::{Key, Time};

/// How a station chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Order {
    Fifo,
    Lifo,
    /// By rank: see [`super::ranked`].
    Ranked,
    /// All at once: see [`super::shares`].
    Sharing,
}

impl Order {
    /// Whether the queue is just a list: who finds a free server and no queue starts, who ends leaves nothing to tidy up.
    #[inline(always)]
    pub(super) fn is_list(self) -> bool {
        matches!(self, Order::Fifo | Order::Lifo)
    }

    /// How a discipline is served.
    pub(super) fn of(discipline: &Discipline) -> Order {
        match discipline {
            Discipline::Fifo => Order::Fifo,
            Discipline::Lifo(args) if !args.preemptive.unwrap_or(false) => Order::Lifo,
            Discipline::ProcessorSharing(_) | Discipline::LeastAttained => Order::Sharing,
            _ => Order::Ranked,
        }
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
    /// Index among the ranked or the shared stations.
    pub extra: u32,
    pub order: Order,
    /// Server-time in this row: the sum of ends minus the sum of starts, modulo 2^64, so that a start and an end cost one addition each.
    pub busy_area: u64,
    /// Queue-time in this row, kept the same way.
    pub queue_area: u64,
    /// Server-time that those served account for, less the busy time of the rows before, modulo 2^64.
    pub accounted: u64,
}

impl Station {
    /// An idle station.
    fn new(capacity: &Capacity, order: Order, extra: u32) -> Self {
        let Capacity { servers, room, .. } = *capacity;
        let (head, tail) = (NONE, NONE);
        Station {
            servers,
            room,
            busy: 0,
            queued: 0,
            head,
            tail,
            extra,
            order,
            busy_area: 0,
            queue_area: 0,
            accounted: 0,
        }
    }

    /// Whether so many servers are free. More may be busy than there are: a changeover takes none away from who is in service.
    #[inline(always)]
    pub(super) fn has_free(&self, servers: u32) -> bool {
        u64::from(self.busy) + u64::from(servers) <= u64::from(self.servers)
    }

    /// Whether its queue is a list through the frames, so that one who leaves early stays linked.
    pub(super) fn is_linked(&self) -> bool {
        self.order != Order::Ranked
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

    /// Somebody accounts for its time in service.
    #[inline(always)]
    pub(super) fn served(&mut self, servers: u32, length: Time) {
        self.accounted = self.accounted.wrapping_add(length.as_nanos().wrapping_mul(u64::from(servers)));
    }

    /// Server-time since the start of the run, less what those served account for, modulo 2^64.
    pub(super) fn unaccounted_for(&self, now: Time) -> u64 {
        let busy_now = now.as_nanos().wrapping_mul(u64::from(self.busy));
        self.busy_area.wrapping_add(busy_now).wrapping_sub(self.accounted)
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
        self.accounted = self.accounted.wrapping_sub(areas.0);
        (self.busy_area, self.queue_area) = (0u64.wrapping_sub(busy_now), 0u64.wrapping_sub(queue_now));
        areas
    }
}

/// All stations of a plan, with what some of them have in side tables.
pub(super) struct Stations {
    pub stations: Vec<Station>,
    pub ranked: Vec<Ranked>,
    pub shared: Vec<Shared>,
}

impl Stations {
    pub(super) fn new(plan: &Plan, root: Key) -> Self {
        let (keys, ranked) = (keys(plan, root), always_ranked(plan));
        let mut all = Stations { stations: vec![], ranked: vec![], shared: vec![] };
        for ((capacity, key), forced) in plan.stations.iter().zip(keys).zip(ranked) {
            let order = match Order::of(&capacity.discipline) {
                Order::Fifo | Order::Lifo if forced => Order::Ranked,
                order => order,
            };
            let extra = match order {
                Order::Fifo | Order::Lifo => NONE,
                Order::Ranked => all.ranked.len() as u32,
                Order::Sharing => all.shared.len() as u32,
            };
            match order {
                Order::Fifo | Order::Lifo => {}
                Order::Ranked => all.ranked.push(Ranked::new(&capacity.discipline, key)),
                Order::Sharing => all.shared.push(Shared::new(&capacity.discipline, capacity.servers)),
            }
            all.stations.push(Station::new(capacity, order, extra));
        }
        all.impatience(plan);
        all
    }

    /// Tells the ranked stations what happens at their queues beside serving them.
    fn impatience(&mut self, plan: &Plan) {
        for instance in &plan.instances {
            for station in [instance.cores, instance.slots] {
                let Some(station) = self.stations.get(station as usize).filter(|s| s.order == Order::Ranked) else {
                    continue;
                };
                self.ranked[station.extra as usize].component = instance.component;
            }
            let Some(queueing) = plan.queueing.get(instance.queueing as usize) else { continue };
            let patient = if queueing.at_slots { instance.slots } else { instance.cores };
            let of = |station: u32| self.stations[station as usize].extra as usize;
            if queueing.patience != NONE && self.stations[patient as usize].order == Order::Ranked {
                let queue = of(patient);
                self.ranked[queue].patience = plan.dists.get(queueing.patience as usize).cloned();
            }
            if instance.slots != NONE {
                let queue = of(instance.slots);
                (self.ranked[queue].join, self.ranked[queue].reserve) =
                    (queueing.join.clone(), queueing.reserve.clone());
            }
            if let Some(crew) = &queueing.crew {
                let (queue, servers) = (of(instance.cores), self.stations[instance.cores as usize].servers);
                let key = self.ranked[queue].key;
                self.ranked[queue].crew = Some(Crew::new(plan, crew, servers, key.child(1)));
            }
        }
    }
}

/// The draws of each station: named after its component and instance, so that other components do not change them.
fn keys(plan: &Plan, root: Key) -> Vec<Key> {
    let mut keys = vec![root; plan.stations.len()];
    for (index, instance) in plan.instances.iter().enumerate() {
        let Some(component) = plan.components.get(instance.component as usize) else { continue };
        let own =
            root.named(&component.name).named("station").child(index as u64 - u64::from(component.first_instance));
        for (which, station) in [instance.cores, instance.slots].into_iter().enumerate() {
            if let Some(key) = keys.get_mut(station as usize) {
                *key = own.child(which as u64);
            }
        }
    }
    keys
}

/// Stations whose queue is never just a list: something happens at them beside serving.
fn always_ranked(plan: &Plan) -> Vec<bool> {
    let mut ranked = vec![false; plan.stations.len()];
    let mut mark = |station: u32| {
        if let Some(ranked) = ranked.get_mut(station as usize) {
            *ranked = true;
        }
    };
    for instance in plan.instances.iter().filter(|instance| instance.queueing != NONE) {
        mark(instance.cores);
        mark(instance.slots);
    }
    for change in &plan.changes {
        if let ChangeKind::Pause { first, count } = change.what {
            plan.instances[first as usize..(first + count) as usize].iter().for_each(|instance| mark(instance.cores));
        }
    }
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_time_is_what_those_served_account_for_whatever_rows_are_cut() {
        let at = Time::from_nanos;
        let capacity = Capacity { servers: 2, discipline: Discipline::Fifo, room: u32::MAX };
        let mut station = Station::new(&capacity, Order::Fifo, NONE);
        station.start(2, at(10));
        assert_eq!(station.unaccounted_for(at(15)), 10);
        assert_eq!(station.collect(at(20)).0, 20);
        station.stop(2, at(30));
        assert_eq!(station.unaccounted_for(at(30)), 40);
        station.served(2, at(20));
        assert_eq!(station.unaccounted_for(at(35)), 0);
        assert_eq!(station.collect(at(40)).0, 20);
        assert_eq!(station.unaccounted_for(at(50)), 0);
    }
}
