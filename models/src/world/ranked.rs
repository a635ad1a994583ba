//! Queues by rank: the lowest rank is served next and, where the discipline interrupts, whoever is in service with a higher rank
//! makes room and goes on later where it was. Ranks are urgencies, sizes or turns, so that one mechanism serves all disciplines that
//! look at more than who came first or last.

use super::crew::Crew;
use crate::spec::Discipline;
use crate::spec::queueing::{Joining, JoiningArgs};
use archsim_core::{Dist, Key, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What the rank of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing: first in, first out.
    Turn,
    /// The turn from the end: last in, first out.
    LastTurn,
    /// Drawn among all who wait whenever a server is free.
    Lottery,
    /// The urgency of its class.
    Urgency,
    /// Its work, as asked for.
    Size,
    /// What is left of its work.
    Remaining,
}

/// Somebody who waits, in order of rank and then of coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiter {
    pub rank: u64,
    pub turn: u64,
    pub frame: u32,
    /// Generation of the frame's slot; at another one the waiter has gone.
    pub generation: u32,
}

/// A queue by rank and, where it may interrupt, those in service.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub rule: Rule,
    pub preemptive: bool,
    waiting: BinaryHeap<Reverse<Waiter>>,
    /// Those who wait for a lottery.
    lottery: Vec<Waiter>,
    /// The winner of the last draw, until servers enough for it are free.
    winner: Option<Waiter>,
    /// Names the draws of the lottery, with their number.
    pub key: Key,
    draws: u64,
    pub serving: Vec<Waiter>,
    /// Whose it is.
    pub component: u32,
    /// How long each waits at most.
    pub patience: Option<Dist>,
    /// Who joins.
    pub join: Option<Joining>,
    /// Servers kept free for the more urgent, by priority.
    pub reserve: Vec<(u8, u32)>,
    /// Its servers, where they are told apart.
    pub crew: Option<Crew>,
    /// Cores that are on, starting and down, as counted.
    pub counted: [u32; 3],
}

impl Ranked {
    pub(super) fn new(discipline: &Discipline, key: Key) -> Self {
        let interrupts = |preemptive: Option<bool>| preemptive.unwrap_or(false);
        let (rule, preemptive) = match discipline {
            Discipline::Lifo(args) => (Rule::LastTurn, interrupts(args.preemptive)),
            Discipline::RandomOrder => (Rule::Lottery, false),
            Discipline::Priority(args) => (Rule::Urgency, interrupts(args.preemptive)),
            Discipline::ShortestFirst(args) => (Rule::Size, interrupts(args.preemptive)),
            Discipline::ShortestRemaining => (Rule::Remaining, true),
            Discipline::Fifo | Discipline::ProcessorSharing(_) | Discipline::LeastAttained => (Rule::Turn, false),
        };
        let (waiting, lottery) = (BinaryHeap::new(), Vec::new());
        Ranked {
            rule,
            preemptive,
            waiting,
            lottery,
            winner: None,
            key,
            draws: 0,
            serving: Vec::new(),
            component: 0,
            patience: None,
            join: None,
            reserve: Vec::new(),
            crew: None,
            counted: [0; 3],
        }
    }

    /// The rank of somebody with this turn, urgency and work.
    pub(super) fn rank(&self, turn: u64, urgency: u8, work: Time) -> u64 {
        match self.rule {
            Rule::Turn | Rule::Lottery => 0,
            Rule::LastTurn => u64::MAX - turn,
            Rule::Urgency => u64::from(urgency),
            Rule::Size | Rule::Remaining => work.as_nanos(),
        }
    }

    /// Servers that have to be free for somebody of an urgency, beside its own.
    pub(super) fn reserved(&self, urgency: u8) -> u32 {
        self.reserve.iter().rev().find(|(priority, _)| *priority <= urgency).map_or(0, |(_, servers)| *servers)
    }

    /// Probability that somebody joins who finds so many present and waiting.
    pub(super) fn joining(&self, present: u32, waiting: u32) -> f64 {
        let listed = |args: &JoiningArgs, found: u32| {
            let last = args.chances.len().saturating_sub(1);
            args.chances.get((found as usize).min(last)).map_or(1.0, |chance| chance.0)
        };
        match &self.join {
            None => 1.0,
            Some(Joining::Discouraged) => 1.0 / (f64::from(present) + 1.0),
            Some(Joining::ByPresent(args)) => listed(args, present),
            Some(Joining::ByWaiting(args)) => listed(args, waiting),
        }
    }

    /// Somebody joins.
    pub(super) fn push(&mut self, waiter: Waiter) {
        if self.rule == Rule::Lottery { self.lottery.push(waiter) } else { self.waiting.push(Reverse(waiter)) }
    }

    /// The next to be served, without taking it; it may have gone.
    pub(super) fn peek(&mut self) -> Option<Waiter> {
        if self.rule != Rule::Lottery {
            return self.waiting.peek().map(|Reverse(waiter)| *waiter);
        }
        if self.winner.is_none() && !self.lottery.is_empty() {
            let draw = self.key.draw(self.draws).below(self.lottery.len() as u64);
            self.draws += 1;
            self.winner = Some(self.lottery.swap_remove(draw as usize));
        }
        self.winner
    }

    /// Takes the one that [`Ranked::peek`] has shown.
    pub(super) fn pop(&mut self) {
        if self.rule == Rule::Lottery {
            self.winner = None;
        } else {
            self.waiting.pop();
        }
    }

    /// Nobody waits any more.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.lottery.clear();
        self.winner = None;
    }

    /// Forgets who has gone, when they have become more than those who still wait.
    pub(super) fn tidy(&mut self, live: u32, waits: impl Fn(&Waiter) -> bool) {
        if self.waiting.len() + self.lottery.len() > 2 * live as usize + 64 {
            self.waiting.retain(|Reverse(waiter)| waits(waiter));
            self.lottery.retain(waits);
        }
    }

    /// Somebody in service is not any more.
    pub(super) fn finished(&mut self, frame: u32) {
        if let Some(index) = self.serving.iter().position(|waiter| waiter.frame == frame) {
            self.serving.swap_remove(index);
        }
        if let Some(crew) = &mut self.crew {
            crew.release(frame);
        }
    }

    /// Who has to make room for somebody of this rank: the highest ranks first, until `lacking` servers are free. Nobody if there are
    /// not enough of them. `held` is how many servers somebody holds: none whose work is done at this very instant.
    pub(super) fn victims(&self, rank: u64, lacking: u32, held: impl Fn(&Waiter) -> u32) -> Vec<Waiter> {
        let mut worse: Vec<Waiter> =
            self.serving.iter().copied().filter(|other| other.rank > rank && held(other) > 0).collect();
        worse.sort_unstable_by_key(|waiter| Reverse(*waiter));
        let mut freed = 0;
        let enough = worse.iter().position(|waiter| {
            freed += held(waiter);
            freed >= lacking
        });
        worse.truncate(enough.map_or(0, |last| last + 1));
        worse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiter(rank: u64, turn: u64) -> Waiter {
        Waiter { rank, turn, frame: turn as u32, generation: 0 }
    }

    #[test]
    fn the_lottery_draws_among_all_who_wait_and_keeps_its_winner() {
        let mut queue = Ranked::new(&Discipline::RandomOrder, Key::root(1, 0));
        (0..3000).for_each(|turn| queue.push(waiter(0, turn)));
        let first = queue.peek().expect("somebody");
        queue.push(waiter(0, 3000));
        assert_eq!(queue.peek(), Some(first));
        // The mean of the first 1000 of 0..3000 without replacement: 1500, with a standard deviation of about 22.
        let mut sum = 0;
        for _ in 0..1000 {
            sum += queue.peek().expect("somebody").turn;
            queue.pop();
        }
        assert!((1400..1600).contains(&(sum / 1000)), "{sum}");
    }

    #[test]
    fn those_with_the_highest_rank_make_room_and_only_if_it_helps() {
        let mut queue = Ranked::new(&Discipline::ShortestRemaining, Key::root(1, 0));
        queue.serving = vec![waiter(5, 1), waiter(9, 2), waiter(9, 3), waiter(2, 4)];
        let of = |rank, lacking| -> Vec<u64> {
            queue.victims(rank, lacking, |_| 1).into_iter().map(|waiter| waiter.turn).collect()
        };
        assert_eq!(of(4, 2), vec![3, 2]);
        assert_eq!(of(5, 2), vec![3, 2]);
        assert_eq!(of(9, 1), Vec::<u64>::new());
        assert_eq!(of(4, 4), Vec::<u64>::new());
    }
}
