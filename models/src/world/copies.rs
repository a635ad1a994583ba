//! Several copies of a call: each is a branch that makes the call, one of which is needed.

use super::account::Category;
use super::call::site;
use super::frame::{Outcome, State, flag};
use super::run::inherited;
use super::table::Hot as _;
use super::{BUDGET, Body};
use crate::plan::*;
use crate::policy;
use archsim_core::{Key, Time};

impl Body {
    /// A call of which copies may be sent begins.
    pub(super) fn begin_copies(&mut self, plan: &Plan, f: u32, copies: u32) {
        self.frames[f].flags &= !flag::HIT;
        let copies = plan.copies[copies as usize];
        if copies.budget >= 0.0 {
            let tokens = &mut self.budgets[budget(plan, &copies, self.frames[f].instance)];
            *tokens = (*tokens + copies.budget).min(BUDGET);
        }
    }

    /// A copy after the first waits for its time, or is sent at once. Whether it goes on now.
    pub(super) fn begin_copy(&mut self, plan: &Plan, f: u32, copies: u32, number: u32) -> bool {
        let copies = &plan.copies[copies as usize];
        if copies.after == Time::ZERO {
            self.measure.edges[copies.edge].hedges += 1;
            return true;
        }
        let due = self.agenda.now() + Time::from_nanos(copies.after.as_nanos().saturating_mul(u64::from(number)));
        self.at(f, State::Hedging, due);
        false
    }

    /// It is time for a further copy. What was waited for so far came to nothing.
    pub(super) fn send_copy(&mut self, plan: &Plan, f: u32) -> u32 {
        let fork = self.frames[self.frames[f].parent].call;
        let copies = plan.copies[plan.forks.hot(fork).copies as usize];
        self.spend(f, plan.edges.hot(copies.edge).callee, Category::Wasted);
        if copies.budget >= 0.0 {
            let tokens = &mut self.budgets[budget(plan, &copies, self.frames[f].instance)];
            if *tokens < 1.0 {
                return self.joined(plan, f, Outcome::Rejected);
            }
            *tokens -= 1.0;
        }
        self.measure.edges[copies.edge].hedges += 1;
        self.frames[f].state = State::Ready;
        f
    }

    /// A copy has failed: the next one that waits for its time is sent now.
    pub(super) fn hasten_copy(&mut self, p: u32) {
        let mut b = self.frames[p].child;
        while b != NONE {
            if self.frames[b].state == State::Hedging {
                return self.at(b, State::Hedging, self.agenda.now());
            }
            b = self.rare[b].sibling;
        }
    }

    /// All copies have failed: the call has.
    pub(super) fn fail_copies(&mut self, plan: &Plan, p: u32, fork: u32, outcome: Outcome) -> u32 {
        // As the failure of a call: a balancer passes on what its target said, a user is told as it was.
        let passed_on =
            is_forward(plan, fork) && outcome != Outcome::TimedOut || self.frames[p].flags & flag::ROOT != 0;
        self.fail(plan, p, if passed_on { outcome } else { inherited(outcome) })
    }

    /// The number of an attempt for the count of calls: those of further copies are no calls of their own.
    pub(super) fn number_of_copy(&self, f: u32, number: u16) -> u16 {
        if self.rare[f].copy > 0 { number.max(1) } else { number }
    }

    /// The target for a copy: where no other copy of the call is, as far as there are such targets.
    pub(super) fn balance_apart(&mut self, plan: &Plan, f: u32, balancer: u32, key: Key) -> Option<u32> {
        let taken = self.taken(f);
        let BalancerPlan { policy, targets, .. } = plan.balancers.hot(balancer);
        let quick = self.quick.balancers[balancer];
        let mut draw = self.pick_draw(f, key);
        let known = &mut self.knowledge[quick.state];
        let free = |index: usize| !taken.contains(&(index as u32));
        let chosen = policy::pick_among(policy, targets, known, &mut draw, free)? as u32;
        if quick.counts {
            known.sent(targets.hot(chosen).slot);
        }
        self.rare(f).chosen = chosen;
        Some(quick.first_target + chosen)
    }

    /// The replica for a copy, likewise.
    pub(super) fn place_apart(&mut self, plan: &Plan, f: u32, among: (u32, u32), edge: &EdgePlan, key: Key) -> u32 {
        let (taken, (first, count)) = (self.taken(f), among);
        let mut draw = self.pick_draw(f, key);
        let free = |index: usize| !taken.contains(&(first + index as u32));
        let chosen = if edge.first_balancer == NONE {
            let taken = taken.iter().filter(|t| (first..first + count).contains(t)).count() as u32;
            if taken >= count {
                draw.below(u64::from(count)) as u32
            } else {
                let nth = draw.below(u64::from(count - taken)) as usize;
                (0..count).filter(|index| free(*index as usize)).nth(nth).unwrap_or(0)
            }
        } else {
            let caller = self.frames[f].instance.saturating_sub(edge.first_caller);
            let index = edge.first_balancer + caller;
            let balancer = &plan.balancers.hot(index);
            let known = &mut self.knowledge[balancer.state];
            let chosen = policy::pick_among(&balancer.policy, &balancer.targets, known, &mut draw, free).unwrap_or(0);
            if self.quick.balancers[index].counts {
                known.sent(chosen as u32);
                self.frames[f].slot = chosen as u32;
            }
            chosen as u32
        };
        self.rare(f).chosen = first + chosen;
        first + chosen
    }

    /// Copies that have the draws of the first choose by draws of their own.
    fn pick_draw(&self, f: u32, key: Key) -> archsim_core::Stream {
        match self.rare[f].copy {
            0 => key.draw(site::PICK),
            copy => key.child(u64::from(copy)).draw(site::PICK),
        }
    }

    /// Where the other copies of a call are.
    fn taken(&self, f: u32) -> [u32; MOST_COPIES] {
        let mut taken = [NONE; MOST_COPIES];
        let mut b = self.frames[self.frames[f].parent].child;
        while b != NONE {
            if b != f {
                taken[usize::from(self.rare[b].copy) % MOST_COPIES] = self.rare[b].chosen;
            }
            b = self.rare[b].sibling;
        }
        taken
    }
}

/// Most copies of a call.
const MOST_COPIES: usize = 16;

/// Whether a balancer passes a request on by this fork: its branches begin with the call.
fn is_forward(plan: &Plan, fork: u32) -> bool {
    let (start, _) = plan.forks.hot(fork).branches[0];
    matches!(plan.ops.hot(start), Op::Call { call } if plan.calls.hot(*call).balancer != NONE)
}

/// The budget of a caller instance.
fn budget(plan: &Plan, copies: &CopiesPlan, instance: u32) -> usize {
    let first_caller = plan.edges.hot(copies.edge).first_caller;
    (copies.first_budget + instance.saturating_sub(first_caller)) as usize
}
