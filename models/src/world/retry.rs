//! After a failed attempt: budget, backoff, the next attempt, or the answer to the caller.

use super::account::{Category, List};
use super::call::{attempt_key, site};
use super::frame::{Frame, Outcome, State, flag};
use super::run::inherited;
use super::table::Hot as _;
use super::{BUDGET, Body};
use crate::plan::*;
use archsim_core::Time;

impl Body {
    /// A first attempt pays into the retry budget.
    pub(super) fn save_tokens(&mut self, plan: &Plan, f: u32, edge: u32) {
        let share = plan.edges.hot(edge).budget;
        let budget = self.budget(plan, f, edge);
        *budget = (*budget + share).min(BUDGET);
    }

    pub(super) fn budget(&mut self, plan: &Plan, f: u32, edge: u32) -> &mut f64 {
        let edge = &plan.edges.hot(edge);
        let caller = self.frames[f].instance.saturating_sub(edge.first_caller);
        &mut self.budgets[(edge.first_budget + caller) as usize]
    }

    /// The pause before a retry is over.
    pub(super) fn next_attempt(&mut self, plan: &Plan, f: u32) -> u32 {
        let edge = self.frames[f].edge;
        self.measure.pauses(edge, false, self.agenda.now());
        self.spend(f, plan.edges.hot(edge).callee, Category::Backoff);
        let Frame { call, attempt, .. } = self.frames[f];
        self.attempt(plan, f, call, attempt)
    }

    /// An attempt has failed: another one, the steps for this case, or the end.
    pub(super) fn failed(&mut self, plan: &Plan, f: u32, outcome: Outcome, told: Option<Told>) -> u32 {
        let edge = self.frames[f].edge;
        let edge_plan = &plan.edges.hot(edge);
        let kind = match outcome {
            Outcome::TimedOut => 0,
            Outcome::Rejected | Outcome::Reneged | Outcome::Balked => 2,
            _ => 1,
        };
        let frame = &self.frames[f];
        let again = u32::from(frame.attempt) < edge_plan.retries
            && edge_plan.retry_on[kind]
            && outcome != Outcome::Cancelled
            && self.rare[f].deadline > self.agenda.now();
        let again = again && self.wants_again(plan, f, edge_plan) && self.take_token(plan, f, edge);
        self.account_failure(f, edge_plan.callee, told, again);
        if again {
            return self.retry(plan, f, edge);
        }
        let frame = &mut self.frames[f];
        frame.outcome = outcome;
        frame.state = State::Ready;
        let call = &plan.calls.hot(frame.call);
        if call.on_error != NONE {
            frame.pc = call.on_error;
            return f;
        }
        let passed_on =
            call.copy || call.balancer != NONE && outcome != Outcome::TimedOut || frame.flags & flag::ROOT != 0;
        self.fail(plan, f, if passed_on { outcome } else { inherited(outcome) })
    }

    /// An attempt that nobody heard of, or that is made again, was a waste; the answer that ends the call tells where its time went.
    pub(super) fn account_failure(&mut self, f: u32, callee: u32, told: Option<Told>, again: bool) {
        match told {
            Some(Told { list, component, waited, worked }) if !again => {
                let frame = &mut self.frames[f];
                frame.since = self.agenda.now();
                self.segments.append(&mut frame.segments, list);
                self.segments.push_visit(&mut frame.segments, component, waited.as_nanos(), worked.as_nanos());
            }
            told => {
                if let Some(mut told) = told {
                    self.segments.release(&mut told.list);
                }
                self.spend(f, callee, Category::Wasted);
            }
        }
    }

    /// Whether a caller that tries again only sometimes does so this time.
    pub(super) fn wants_again(&self, plan: &Plan, f: u32, edge: &EdgePlan) -> bool {
        let frame = &self.frames[f];
        let key = || attempt_key(frame, frame.attempt, plan.calls.hot(frame.call).site);
        edge.retry_chance >= 1.0 || key().draw(site::AGAIN).chance(edge.retry_chance)
    }

    pub(super) fn take_token(&mut self, plan: &Plan, f: u32, edge: u32) -> bool {
        if plan.edges.hot(edge).budget < 0.0 {
            return true;
        }
        let budget = self.budget(plan, f, edge);
        let allowed = *budget >= 1.0;
        if allowed {
            *budget -= 1.0;
        }
        allowed
    }

    pub(super) fn retry(&mut self, plan: &Plan, f: u32, edge: u32) -> u32 {
        self.measure.edges[edge].retries += 1;
        let frame = &mut self.frames[f];
        frame.attempt = next_number(frame.attempt);
        if frame.flags & flag::ROOT != 0 {
            let (row, class) = (frame.cores, frame.class);
            self.measure.class(row, class).retries += 1;
        }
        let frame = &self.frames[f];
        let pause = plan.edges.hot(edge).backoff.map_or(Time::ZERO, |backoff| {
            let key = attempt_key(frame, frame.attempt, plan.calls.hot(frame.call).site);
            backoff.pause(&plan.dists, u32::from(frame.attempt), key.draw(site::BACKOFF))
        });
        self.measure.pauses(edge, true, self.agenda.now());
        let due = self.agenda.now() + pause;
        self.at(f, State::Backoff, due);
        NONE
    }
}

/// The number of the next attempt. A call that is tried for ever counts round and round in the upper half.
fn next_number(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1 << 15)
}

/// Where the time of an answered attempt went: its segments, and its visit to the component.
pub(super) struct Told {
    pub(super) list: List,
    pub(super) component: u32,
    pub(super) waited: Time,
    pub(super) worked: Time,
}
