//! Gathers: branches of which some have to succeed, and steps that start when the reply has been sent.

use super::Body;
use super::account::EMPTY;
use super::frame::{Frame, Outcome, State, flag};
use super::run::{draw_site, inherited};
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;

impl Body {
    pub(super) fn start_branches(&mut self, plan: &Plan, f: u32, fork: u32) {
        let now = self.agenda.now();
        let fork_plan = &plan.forks.hot(fork);
        let frame = &mut self.frames[f];
        (frame.state, frame.due, frame.call, frame.child) = (State::Gathering, Time::MAX, fork, NONE);
        frame.since = now;
        let parent = *frame;
        let rare = self.rare(f);
        (rare.need, rare.left) = (fork_plan.need as u16, fork_plan.branches.len() as u16);
        let (deadline, item, version) = (rare.deadline, rare.item, rare.version);
        let (mut first, mut free) = (NONE, 0);
        for (index, &(start, place)) in fork_plan.branches.iter().enumerate().rev() {
            let first_copy =
                fork_plan.copies != NONE && (index == 0 || plan.copies[fork_plan.copies as usize].same_work);
            let key = match first_copy {
                // The first copy draws what the call would have drawn alone.
                true => parent.key,
                false => parent.key.child(draw_site(fork_plan.site, parent.lap) << 16 | index as u64),
            };
            let instance = match place {
                Place::Here => parent.instance,
                Place::Shard { first, from } => self.copy(first, from, &mut key.draw(PLACE)),
                Place::Beside(offset) => parent.instance + offset,
                Place::Copy { router, first, copies } => {
                    let shard = first + (parent.instance - router) * copies;
                    if free == 0 {
                        free = self.copies_up(shard, copies, fork_plan.branches.len());
                    }
                    shard + take_any(&mut free, key)
                }
            };
            let b = self.allocate(key, parent.request, start, instance);
            let branch = &mut self.frames[b];
            (branch.parent, branch.parent_generation, branch.flags) = (f, parent.generation, flag::BRANCH);
            branch.class = parent.class;
            let rare = self.rare(b);
            (rare.sibling, rare.deadline, rare.item, rare.version) = (first, deadline, item, version);
            if fork_plan.copies != NONE {
                rare.copy = index as u16;
                self.frames[b].lap = parent.lap;
            }
            first = b;
        }
        self.frames[f].child = first;
        if fork_plan.copies != NONE {
            self.begin_copies(plan, f, fork_plan.copies);
        }
        let mut branch = first;
        for &(_, place) in &fork_plan.branches {
            let next = self.rare[branch].sibling;
            self.note_branch(branch);
            if place == Place::Here {
                self.soon(branch)
            } else {
                self.at(branch, State::Sent, now)
            }
            branch = next;
        }
    }

    /// The copies of a shard that are up as far as anybody knows, as bits; all if they are fewer than `wanted`.
    fn copies_up(&self, first: u32, copies: u32, wanted: usize) -> u64 {
        let is_up = |copy: &u32| self.instances[first + copy].up || self.instances[first + copy].silent;
        let up = (0..copies).filter(is_up).fold(0, |bits, copy| bits | 1u64 << copy);
        if up.count_ones() as usize >= wanted { up } else { u64::MAX >> (64 - copies) }
    }

    /// A branch has ended. Gives the parent if it can go on.
    pub(super) fn joined(&mut self, plan: &Plan, b: u32, outcome: Outcome) -> u32 {
        self.leave(b, outcome);
        let branch = self.frames[b];
        let p = branch.parent;
        let wanted = self.frames[p].generation == branch.parent_generation && self.frames[p].state == State::Gathering;
        let after = self.rare[b].after;
        if after != NONE {
            if wanted && outcome == Outcome::Ok {
                // The steps after the reply are the parent's now.
                self.rare(after).sibling = self.rare[p].after;
                self.rare(p).after = after;
                self.rare(b).after = NONE;
            } else {
                self.forget_after(b);
            }
        }
        if !wanted {
            self.release_frame(b);
            return NONE;
        }
        self.unlink_branch(p, b);
        let fork = self.frames[p].call;
        if outcome == Outcome::Ok {
            let rare = self.rare(p);
            rare.need -= 1;
            rare.left -= 1;
            if rare.need > 0 {
                self.release_frame(b);
                return NONE;
            }
            let list = std::mem::replace(&mut self.frames[b].segments, EMPTY);
            let parent = &mut self.frames[p];
            if plan.forks.hot(fork).copies != NONE {
                parent.flags |= branch.flags & flag::HIT;
            }
            self.segments.append(&mut parent.segments, list);
            parent.waited += branch.waited;
            parent.worked += branch.worked;
            self.gathered(plan, p, fork);
            self.release_frame(b);
            return p;
        }
        let rare = self.rare(p);
        rare.left -= 1;
        if rare.left >= rare.need {
            self.release_frame(b);
            if plan.forks.hot(fork).copies != NONE {
                self.hasten_copy(p);
            }
            return NONE;
        }
        // The branch that made it impossible tells where the time went.
        let list = std::mem::replace(&mut self.frames[b].segments, EMPTY);
        let parent = &mut self.frames[p];
        self.segments.append(&mut parent.segments, list);
        parent.outcome = outcome;
        parent.waited += branch.waited;
        parent.worked += branch.worked;
        self.gathered(plan, p, fork);
        self.release_frame(b);
        match plan.forks.hot(fork).on_error {
            NONE if plan.forks.hot(fork).copies != NONE => self.fail_copies(plan, p, fork, outcome),
            NONE => self.fail(plan, p, inherited(outcome)),
            to => {
                self.frames[p].pc = to;
                p
            }
        }
    }

    pub(super) fn unlink_branch(&mut self, p: u32, b: u32) {
        let after = self.rare[b].sibling;
        if self.frames[p].child == b {
            self.frames[p].child = after;
            return;
        }
        let mut at = self.frames[p].child;
        while at != NONE {
            let next = self.rare[at].sibling;
            if next == b {
                self.rare(at).sibling = after;
                return;
            }
            at = next;
        }
    }

    /// Enough branches have ended: the others are on their own, or stopped.
    pub(super) fn gathered(&mut self, plan: &Plan, p: u32, fork: u32) {
        if plan.forks.hot(fork).cancel {
            self.stop_calls_of_branches(plan, p);
            self.stop_branches(plan, p);
        }
        let parent = &mut self.frames[p];
        parent.generation = parent.generation.wrapping_add(1);
        (parent.state, parent.child, parent.since) = (State::Ready, NONE, self.agenda.now());
    }

    /// Stops what the branches have called, whether their edges would or not: who cancels a branch tells its callee.
    fn stop_calls_of_branches(&mut self, plan: &Plan, p: u32) {
        let mut b = self.frames[p].child;
        while b != NONE {
            let (next, Frame { state, child, generation, .. }) = (self.rare[b].sibling, self.frames[b]);
            match state {
                State::Calling if self.is_child(child, b, generation) => self.stop_attempt(plan, child),
                State::Gathering => self.stop_calls_of_branches(plan, b),
                _ => {}
            }
            b = next;
        }
    }

    /// Stops an attempt; balancers on its way pass that on.
    fn stop_attempt(&mut self, plan: &Plan, c: u32) {
        let Frame { flags, state, call, child, generation, .. } = self.frames[c];
        if flags & flag::ONWARD != 0 {
            self.goes_further(plan, c, Outcome::Cancelled);
        } else if state == State::Calling
            && self.quick.calls[call].balancer != NONE
            && self.is_child(child, c, generation)
        {
            self.stop_attempt(plan, child);
        }
        self.stop(plan, c);
    }

    pub(super) fn remember_after(&mut self, f: u32, start: u32, site: u32) {
        let parent = self.frames[f];
        let key = parent.key.child(draw_site(site, parent.lap) << 16 | 0xAF);
        let a = self.allocate(key, parent.request, start, parent.instance);
        let frame = &mut self.frames[a];
        (frame.state, frame.class) = (State::Pending, parent.class);
        let before = std::mem::replace(&mut self.rare(f).after, a);
        self.rare(a).sibling = before;
    }

    pub(super) fn start_after(&mut self, f: u32) {
        let mut a = std::mem::replace(&mut self.rare[f].after, NONE);
        while a != NONE {
            let next = std::mem::replace(&mut self.rare[a].sibling, NONE);
            self.frames[a].since = self.agenda.now();
            self.soon(a);
            a = next;
        }
    }

    pub(super) fn forget_after(&mut self, f: u32) {
        let mut a = std::mem::replace(&mut self.rare[f].after, NONE);
        while a != NONE {
            let next = self.rare[a].sibling;
            self.release_frame(a);
            a = next;
        }
    }
}

/// Takes one of the bits, each as likely as the others.
fn take_any(bits: &mut u64, key: archsim_core::Key) -> u32 {
    let nth = key.draw(PLACE).below(u64::from(bits.count_ones()));
    let below = (0..nth).fold(*bits, |bits, _| bits & (bits - 1));
    let bit = below.trailing_zeros();
    *bits &= !(1 << bit);
    bit
}

/// The draw that places a branch.
const PLACE: u64 = u64::MAX - 1;
