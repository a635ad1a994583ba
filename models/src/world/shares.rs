//! Stations that serve all who are present at once. Those who progress alike are a group; in terms of the work that each of a group
//! has got, everybody's end is fixed when they come (Kleinrock 1967), so that a change costs only the number of groups.
//!
//! Equal shares are one group. Weighted shares are a group for each priority. Where the least attained service goes first, a group is
//! those who have got equally much: the lowest are served, and when they have caught up with the next they become one group.

use crate::spec::Discipline;
use archsim_core::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How the servers are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Equal,
    Weighted,
    LeastAttained,
}

/// One in service: the attained work at which it ends (as ordered bits), order of coming, frame, generation.
type Job = Reverse<(u64, u64, u32, u32)>;

/// Those who progress alike.
#[derive(Clone, Debug)]
struct Group {
    priority: u8,
    weight: f64,
    /// Work that each has got, in nanoseconds at speed 1.
    attained: f64,
    /// Rate at which each gets work.
    rate: f64,
    /// How many are in service, without those that were stopped.
    present: u32,
    jobs: BinaryHeap<Job>,
}

impl Group {
    fn new(priority: u8, weight: f64) -> Self {
        Group { priority, weight, attained: 0.0, rate: 0.0, present: 0, jobs: BinaryHeap::new() }
    }

    fn left(&self) -> Option<f64> {
        self.jobs.peek().map(|Reverse((end, ..))| f64::from_bits(*end) - self.attained)
    }
}

/// A station that serves all at once.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    split: Split,
    /// Weights of some priorities.
    weights: Vec<(u8, f64)>,
    groups: Vec<Group>,
    servers: f64,
    /// Speed lost by working side by side: contention and coherency.
    scaling: (f64, f64),
    /// Up to when work is accounted for.
    since: Time,
    /// When the pending alarm rings.
    pub alarm: Time,
    /// How many are in service, without those that were stopped.
    pub present: u32,
    /// Speed of the instance; zero while it stands still.
    speed: f64,
    /// Whether a server has done a nanosecond of work in each of its nanoseconds so far.
    steady: bool,
    /// How many have come, and how much work with them.
    came: (u64, f64),
    /// Work of those who were stopped.
    stopped: f64,
}

impl Shared {
    pub(super) fn new(discipline: &Discipline, servers: u32) -> Self {
        let (split, weights) = match discipline {
            Discipline::LeastAttained => (Split::LeastAttained, vec![]),
            Discipline::ProcessorSharing(args) => match &args.weights {
                Some(weights) => (Split::Weighted, weights.0.clone()),
                None => (Split::Equal, vec![]),
            },
            _ => (Split::Equal, vec![]),
        };
        let (groups, servers) = (Vec::new(), f64::from(servers));
        let scaling = match discipline {
            Discipline::ProcessorSharing(args) => args.scaling.as_ref().map_or((0.0, 0.0), |scaling| {
                (scaling.value.contention.unwrap_or(0.0), scaling.value.coherency.unwrap_or(0.0))
            }),
            _ => (0.0, 0.0),
        };
        Shared {
            split,
            weights,
            groups,
            servers,
            scaling,
            since: Time::ZERO,
            alarm: Time::MAX,
            present: 0,
            speed: 1.0,
            steady: scaling == (0.0, 0.0),
            came: (0, 0.0),
            stopped: 0.0,
        }
    }

    /// From now on there are so many servers.
    pub(super) fn set_servers(&mut self, now: Time, servers: u32) {
        self.advance(now);
        self.servers = f64::from(servers);
        self.split();
    }

    /// Somebody comes with an amount of work.
    pub(super) fn add(&mut self, now: Time, work: Time, priority: u8, order: u64, frame: (u32, u32)) {
        self.advance(now);
        self.came = (self.came.0 + 1, self.came.1 + work.as_nanos() as f64);
        let index = self.group_of_newcomer(priority);
        let group = &mut self.groups[index];
        let end = group.attained + work.as_nanos() as f64;
        group.jobs.push(Reverse((end.to_bits(), order, frame.0, frame.1)));
        group.present += 1;
        self.present += 1;
        self.split();
    }

    fn group_of_newcomer(&mut self, priority: u8) -> usize {
        let found = match self.split {
            Split::Equal => (!self.groups.is_empty()).then_some(0),
            Split::Weighted => self.groups.iter().position(|group| group.priority == priority),
            Split::LeastAttained => self.groups.first().filter(|group| group.attained <= 0.0).map(|_| 0),
        };
        found.unwrap_or_else(|| {
            let weight = self.weights.iter().find(|(of, _)| *of == priority).map_or(1.0, |(_, weight)| *weight);
            let place = if self.split == Split::LeastAttained { 0 } else { self.groups.len() };
            self.groups.insert(place, Group::new(priority, weight));
            place
        })
    }

    /// Somebody is stopped; its entry stays and is passed over when its turn comes.
    pub(super) fn remove(&mut self, now: Time, work: Time, frame: u32, generation: u32) {
        self.advance(now);
        self.stopped += work.as_nanos() as f64;
        let holds = |group: &Group| group.jobs.iter().any(|Reverse((.., f, g))| (*f, *g) == (frame, generation));
        let index = if self.groups.len() == 1 { Some(0) } else { self.groups.iter().position(holds) };
        if let Some(index) = index {
            self.leave(index);
        }
    }

    fn leave(&mut self, group: usize) {
        self.groups[group].present -= 1;
        self.present -= 1;
        if self.split == Split::LeastAttained {
            self.groups.retain(|group| group.present > 0);
        }
        self.split();
    }

    /// Brings the attained work up to now.
    pub(super) fn advance(&mut self, now: Time) {
        let passed = (now - self.since).as_nanos() as f64;
        self.since = now;
        for group in &mut self.groups {
            if group.present > 0 {
                group.attained += passed * group.rate;
            } else {
                group.attained = 0.0;
            }
        }
        if self.split == Split::LeastAttained {
            self.join_equals();
        }
    }

    /// Those who have caught up with the next are one group with them; half a nanosecond is less than the clock can tell.
    fn join_equals(&mut self) {
        let mut at = 0;
        while at + 1 < self.groups.len() {
            let (lower, upper) = (&self.groups[at], &self.groups[at + 1]);
            if upper.attained - lower.attained > 0.5 * (lower.rate - upper.rate) {
                at += 1;
                continue;
            }
            let mut lower = self.groups.remove(at);
            let upper = &mut self.groups[at];
            upper.present += lower.present;
            upper.jobs.append(&mut lower.jobs);
            self.split();
        }
    }

    /// The speed of each server while so many are in service (Universal Scalability Law).
    fn pace(&self) -> f64 {
        let (contention, coherency) = self.scaling;
        let n = f64::from(self.present.max(1));
        self.speed / (1.0 + contention * (n - 1.0) + coherency * n * (n - 1.0))
    }

    /// Splits the servers: how fast everybody goes from now on. Nobody uses more than one server.
    fn split(&mut self) {
        match self.split {
            Split::Equal => {
                let rate = self.pace() * (self.servers / f64::from(self.present.max(1))).min(1.0);
                self.groups.iter_mut().for_each(|group| group.rate = rate);
            }
            Split::Weighted => self.split_by_weight(),
            Split::LeastAttained => {
                let (pace, mut free) = (self.pace(), self.servers);
                for group in &mut self.groups {
                    let present = f64::from(group.present);
                    group.rate = pace * (free / present).min(1.0);
                    free = (free - present).max(0.0);
                }
            }
        }
    }

    /// In proportion to the weights; what is above one server is for the others.
    fn split_by_weight(&mut self) {
        let mut free = self.servers;
        let mut capped = vec![false; self.groups.len()];
        loop {
            let open = || self.groups.iter().zip(&capped).filter(|(_, capped)| !**capped).map(|(group, _)| group);
            let weights: f64 = open().map(|group| group.weight * f64::from(group.present)).sum();
            let unit = if weights > 0.0 { free / weights } else { 0.0 };
            let full =
                |(index, group): &(usize, &Group)| !capped[*index] && group.present > 0 && group.weight * unit >= 1.0;
            let Some((index, group)) = self.groups.iter().enumerate().find(full) else {
                let speed = self.pace();
                for (group, capped) in self.groups.iter_mut().zip(&capped) {
                    group.rate = speed * if *capped { 1.0 } else { group.weight * unit };
                }
                return;
            };
            free = (free - f64::from(group.present)).max(0.0);
            capped[index] = true;
        }
    }

    /// Changes the speed of the servers.
    pub(super) fn set_speed(&mut self, now: Time, speed: f64) {
        self.advance(now);
        self.steady &= speed == 1.0;
        self.speed = speed;
        self.split();
    }

    /// The least and the most work that was done up to now, in nanoseconds, and how far rounding may have taken it; none where a server's
    /// nanosecond is not always one of work.
    pub(super) fn work_done(&self, now: Time, in_service: impl Fn(u32, u32) -> bool) -> Option<(f64, f64, f64)> {
        let mut at = self.clone();
        at.advance(now);
        let left = |group: &Group| -> f64 {
            let present = group.jobs.iter().filter(|Reverse((.., f, generation))| in_service(*f, *generation));
            present.map(|Reverse((end, ..))| f64::from_bits(*end) - group.attained).sum()
        };
        let (count, work) = self.came;
        let most = work - at.groups.iter().map(left).sum::<f64>();
        self.steady.then_some((most - self.stopped, most, 2.0 * count as f64 + 1e-9 * most))
    }

    /// When something happens next if nobody comes: an end, or a group that catches up with the next.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        let after = |work: f64, rate: f64| {
            if rate > 0.0 { now + Time::from_nanos_f64(work.max(0.0) / rate) } else { Time::MAX }
        };
        let ends = self.groups.iter().filter_map(|group| group.left().map(|left| after(left, group.rate)));
        let next = ends.min();
        if self.split != Split::LeastAttained {
            return next;
        }
        let catches =
            self.groups.windows(2).map(|two| after(two[1].attained - two[0].attained, two[0].rate - two[1].rate));
        next.into_iter().chain(catches).min()
    }

    /// Takes one whose work is done, or one that `stopped` says was stopped and has come up: its frame.
    pub(super) fn take_finished(&mut self, stopped: impl Fn(u32, u32) -> bool) -> Option<u32> {
        for index in 0..self.groups.len() {
            while let Some(&Reverse((_, _, frame, generation))) = self.groups[index].jobs.peek() {
                let gone = stopped(frame, generation);
                let group = &mut self.groups[index];
                // Half a nanosecond of work is less than the clock can tell.
                if !gone && group.left().is_some_and(|left| left > 0.5 * group.rate) {
                    break;
                }
                group.jobs.pop();
                if !gone {
                    self.leave(index);
                    return Some(frame);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ByPriority;
    use crate::spec::policy::SharingArgs;

    fn rates(shared: &Shared) -> Vec<f64> {
        shared.groups.iter().map(|group| group.rate).collect()
    }

    #[test]
    fn weights_share_the_servers_and_nobody_gets_more_than_one() {
        let weights = Some(ByPriority(vec![(0, 2.0), (1, 1.0)]));
        let mut shared = Shared::new(&Discipline::ProcessorSharing(SharingArgs { weights, scaling: None }), 1);
        let work = Time::from_nanos(100);
        shared.add(Time::ZERO, work, 0, 1, (0, 0));
        assert_eq!(rates(&shared), vec![1.0]);
        shared.add(Time::ZERO, work, 1, 2, (1, 0));
        shared.add(Time::ZERO, work, 1, 3, (2, 0));
        assert_eq!(rates(&shared), vec![0.5, 0.25]);
        // Of two servers the heavy one has all of one, the others a half each.
        shared.servers = 2.0;
        shared.split();
        assert_eq!(rates(&shared), vec![1.0, 0.5]);
    }

    #[test]
    fn the_least_attained_catch_up_and_share() {
        let mut shared = Shared::new(&Discipline::LeastAttained, 1);
        let at = Time::from_nanos;
        shared.add(at(0), at(40), 0, 1, (0, 0));
        shared.add(at(10), at(20), 0, 2, (1, 0));
        assert_eq!(rates(&shared), vec![1.0, 0.0]);
        // At 20 both have 10; from then on they share.
        assert_eq!(shared.next(at(10)), Some(at(20)));
        shared.advance(at(20));
        assert_eq!(rates(&shared), vec![0.5]);
        assert_eq!(shared.next(at(20)), Some(at(40)));
        shared.advance(at(40));
        assert_eq!(shared.take_finished(|_, _| false), Some(1));
        assert_eq!(shared.take_finished(|_, _| false), None);
        assert_eq!(shared.next(at(40)), Some(at(60)));
    }

    #[test]
    fn the_work_done_lies_between_what_was_finished_and_what_could_be() {
        let at = Time::from_nanos;
        let even = SharingArgs { weights: None, scaling: None };
        let mut shared = Shared::new(&Discipline::ProcessorSharing(even), 1);
        shared.add(at(0), at(100), 0, 1, (1, 0));
        shared.add(at(0), at(300), 0, 2, (2, 0));
        // Both have half of the server: at 80 each has got 40.
        let (least, most, _) = shared.work_done(at(80), |_, _| true).expect("steady");
        assert_eq!((least, most), (80.0, 80.0));
        shared.remove(at(80), at(300), 2, 0);
        // Alone from then on; how much of its 300 the other had got is not kept.
        let (least, most, _) = shared.work_done(at(140), |frame, _| frame == 1).expect("steady");
        assert_eq!((least, most), (100.0, 400.0));
        shared.set_speed(at(150), 0.5);
        assert_eq!(shared.work_done(at(160), |_, _| true), None);
    }
}
