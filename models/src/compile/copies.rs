//! Calls of which several copies are sent: such a call becomes a fork whose branches make the call, one of which is needed.

use super::Compiler;
use crate::plan::*;
use crate::spec::EdgeSpec;
use crate::spec::hedge::CancelCopies;
use archsim_core::Time;

impl Compiler<'_> {
    /// What an edge says about copies of its calls.
    pub(super) fn copies_of(&mut self, edge: u32, callers: u32, spec: &EdgeSpec) -> Option<CopiesPlan> {
        let budget = spec.hedge.as_ref().and_then(|hedge| hedge.budget).map(|budget| budget.0);
        let first_budget = self.plan.budgets;
        if budget.is_some() {
            self.plan.budgets += callers;
        }
        if let Some(hedge) = &spec.hedge {
            return Some(CopiesPlan {
                edge,
                count: 1 + hedge.max.as_ref().map_or(1, |max| max.value),
                after: hedge.after.value.0,
                cancel: hedge.cancel.unwrap_or(true),
                same_work: false,
                budget: budget.unwrap_or(-1.0),
                first_budget,
            });
        }
        let copies = spec.copies.as_ref()?;
        Some(CopiesPlan {
            edge,
            count: copies.count.value,
            after: Time::ZERO,
            cancel: copies.cancel != Some(CancelCopies::Never),
            same_work: copies.same_work.unwrap_or(false),
            budget: -1.0,
            first_budget,
        })
    }

    /// Replaces the calls along edges with copies. All calls are resolved.
    pub(super) fn copy_calls(&mut self) {
        for pc in 0..self.plan.ops.len() {
            let Op::Call { call } = self.plan.ops[pc] else { continue };
            if let Some(copies) = self.copies_of_call(call) {
                let fork = self.fork_of_copies(call, copies);
                self.plan.ops[pc] = Op::Fork { fork };
            }
        }
    }

    /// The copies of a call; all targets of a balancer have the same, which is checked before.
    fn copies_of_call(&self, call: u32) -> Option<u32> {
        let CallPlan { edge, balancer, .. } = self.plan.calls[call as usize];
        let edge = match self.plan.balancers.get(balancer as usize) {
            Some(balancer) => balancer.targets.first()?.edge,
            None => edge,
        };
        let of_edge = |copies: &CopiesPlan| copies.edge == edge && copies.count > 1;
        self.plan.copies.iter().position(of_edge).map(|copies| copies as u32)
    }

    fn fork_of_copies(&mut self, call: u32, copies: u32) -> u32 {
        let plan = self.plan.copies[copies as usize];
        let original = self.plan.calls[call as usize];
        let copy = self.plan.calls.len() as u32;
        self.plan.calls.push(CallPlan { on_error: NONE, copy: true, ..original });
        let mut branches = vec![];
        for number in 0..plan.count {
            branches.push((self.here(), Place::Here));
            if number > 0 {
                self.op(Op::Hedge { copies, number });
            }
            self.op(Op::Call { call: copy });
            self.op(Op::Join);
        }
        let CallPlan { on_error, site, .. } = original;
        let fork = ForkPlan { branches, need: 1, on_error, site, cancel: plan.cancel, copies };
        self.plan.forks.push(fork);
        self.plan.forks.len() as u32 - 1
    }
}
