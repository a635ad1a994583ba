//! Circuit breakers at work: before an attempt is sent, and when its result is known.

use super::Body;
use super::frame::{Outcome, flag};
use super::table::Hot as _;
use crate::plan::*;

impl Body {
    /// Whether the breaker of this caller lets the attempt through.
    pub(super) fn passes_breaker(&mut self, plan: &Plan, f: u32, edge: u32) -> bool {
        let (breaker, now) = (self.breaker(plan, f, edge), self.agenda.now());
        // What it was open before it may let somebody through counts, too.
        self.measure.edges[edge].open += self.breakers[breaker].collect(now);
        let passes = self.breakers[breaker].lets_through(&plan.breakers[breaker].1, now);
        if passes {
            let epoch = self.breakers[breaker].epoch;
            self.rare(f).epoch = epoch;
            self.frames[f].flags |= flag::WATCHED;
        }
        passes
    }

    fn breaker(&self, plan: &Plan, f: u32, edge: u32) -> usize {
        let edge = plan.edges.hot(edge);
        (edge.first_breaker + self.frames[f].instance.saturating_sub(edge.first_caller)) as usize
    }

    /// The attempt is not sent: for the caller it was rejected.
    pub(super) fn refused_by_breaker(&mut self, plan: &Plan, f: u32, c: u32) -> u32 {
        let row = &mut self.measure.edges[self.frames[f].edge];
        (row.attempts, row.refused) = (row.attempts - 1, row.refused + 1);
        self.release_frame(c);
        self.frames[f].child = NONE;
        self.answered_to_balancer(plan, f);
        self.failed(plan, f, Outcome::Rejected, None)
    }

    /// The result of an attempt that was let through. One that the caller itself has given up says nothing about the callee.
    pub(super) fn tell_breaker(&mut self, plan: &Plan, f: u32, edge: u32, outcome: Outcome) {
        self.frames[f].flags &= !flag::WATCHED;
        let (index, now) = (self.breaker(plan, f, edge), self.agenda.now());
        let breaker = &mut self.breakers[index];
        if breaker.epoch != self.rare[f].epoch {
            return;
        }
        if outcome == Outcome::Cancelled {
            return breaker.abandoned();
        }
        let row = &mut self.measure.edges[edge];
        row.open += breaker.collect(now);
        row.opens += u64::from(breaker.ended(&plan.breakers[index].1, outcome != Outcome::Ok, now));
    }

    /// At the end of a row: how long breakers were open in it.
    pub(super) fn collect_open_breakers(&mut self, plan: &Plan) {
        let now = self.agenda.now();
        for (breaker, (edge, _)) in self.breakers.iter_mut().zip(&plan.breakers) {
            self.measure.edges[*edge].open += breaker.collect(now);
        }
    }
}
