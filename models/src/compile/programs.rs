//! Programs that kinds ask for: branches, scatters, copies, calls, forwarding, consumers.

use super::{Compiler, WaitingGroup, target};
use crate::plan::*;
use crate::spec::{Balance, Steps};

impl Compiler<'_> {
    /// The program of a consumer thread: take a message, handle it, again or give up, and on to the next.
    pub(crate) fn consumer_program(&mut self, component: u32, handle: &Steps, dead_letter: Option<&str>) -> u32 {
        let consumer = self.plan.consumers.len() as u32;
        let start = self.op(Op::NextMessage { consumer });
        let fork = self.fork(vec![], 1);
        self.op(Op::Fork { fork });
        let handled = self.op(Op::Handled { consumer });
        self.op(Op::Jump { to: start });
        let unhandled = self.op(Op::Unhandled { consumer, dead: NONE });
        if let Some(topic) = dead_letter {
            let dead = self.here();
            self.plan.ops[unhandled as usize] = Op::Unhandled { consumer, dead };
            self.call(component, topic, None, (0, 0), Some(handled));
            self.op(Op::Jump { to: handled });
        }
        let branch = self.here();
        self.steps(component, handle);
        self.op(Op::Join);
        let plan = &mut self.plan.forks[fork as usize];
        (plan.branches, plan.on_error) = (vec![(branch, Place::Here)], unhandled);
        start
    }

    pub(super) fn fork(&mut self, branches: Vec<(u32, Place)>, need: u32) -> u32 {
        let site = self.site();
        self.plan.forks.push(ForkPlan { branches, need, on_error: NONE, site, cancel: false, copies: NONE });
        self.plan.forks.len() as u32 - 1
    }

    /// Compiles branches out of line, after a jump over them, and the fork that starts them.
    pub(super) fn branches(&mut self, component: u32, bodies: &[&Steps], need: u32) -> u32 {
        let fork = self.fork(vec![], need);
        let over = self.op(Op::Jump { to: NONE });
        let mut branches = vec![];
        for body in bodies {
            branches.push((self.here(), Place::Here));
            self.steps(component, body);
            self.op(Op::Join);
        }
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        self.plan.forks[fork as usize].branches = branches;
        self.op(Op::Fork { fork });
        fork
    }

    pub(super) fn call(
        &mut self,
        component: u32,
        to: &str,
        space: Option<u32>,
        bytes: (u64, u64),
        on_error: Option<u32>,
    ) -> u32 {
        let callee = self.names[target(to).0];
        let edge = self.edge(component, callee);
        let call = self.plan.calls.len() as u32;
        let site = self.site();
        self.plan.calls.push(CallPlan {
            edge,
            operation: NONE,
            site,
            space: space.unwrap_or(NONE),
            balancer: NONE,
            on_error: on_error.unwrap_or(NONE),
            request: bytes.0,
            response: bytes.1,
            copy: false,
        });
        self.waiting_calls.push((call, to.to_string()));
        self.op(Op::Call { call });
        call
    }

    /// Passes the request on to a group of targets.
    pub(crate) fn forward(&mut self, component: u32, targets: &[(String, f64)], operation: &str, policy: &Balance) {
        let balancer = self.plan.balancers.len() as u32;
        let same = |g: &&WaitingGroup| g.component == component && g.targets == targets;
        let state = match self.waiting_groups.iter().find(same) {
            Some(group) => self.plan.balancers[group.balancer as usize].state,
            None => {
                self.plan.balancer_states += 1;
                self.plan.balancer_states - 1
            }
        };
        self.plan.balancers.push(BalancerPlan { policy: policy.clone(), targets: vec![], state });
        let (targets, operation) = (targets.to_vec(), operation.to_string());
        self.waiting_groups.push(WaitingGroup { balancer, component, targets, operation });
        let (call, site) = (self.plan.calls.len() as u32, self.site());
        let none = CallPlan {
            edge: NONE,
            operation: NONE,
            site,
            space: NONE,
            balancer,
            on_error: NONE,
            request: 0,
            response: 0,
            copy: false,
        };
        self.plan.calls.push(none);
        self.op(Op::Call { call });
    }
}
