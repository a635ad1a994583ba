//! Edges: the resolved settings of each call relation, with the stations and states they need.

use super::Compiler;
use crate::plan::*;
use crate::spec::edge::{BackoffSpec, FailureKind, Jitter};
use crate::spec::{Discipline, Duration};
use archsim_core::{Dist, Time};

impl Compiler<'_> {
    pub(super) fn edge(&mut self, caller: u32, callee: u32) -> u32 {
        if let Some(&edge) = self.edges.get(&(caller, callee)) {
            return edge;
        }
        let components = self.setup.components.len() as u32;
        let callee_name = self.setup.components[callee as usize].0.clone();
        let (caller_name, mut spec) = if caller < components {
            let name = self.setup.components[caller as usize].0.clone();
            (name.clone(), self.setup.edge(&name, &callee_name))
        } else {
            let (name, traffic) = &self.setup.traffic[(caller - components) as usize];
            let (mut spec, common) = (self.setup.edge(name, &callee_name), traffic.common());
            spec.timeout = common.timeout.cloned().or(spec.timeout);
            spec.retry = common.retry.cloned().or(spec.retry);
            (name.clone(), spec)
        };
        let callers = if caller < components { self.plan.components[caller as usize].instances } else { 1 };
        let first_caller = if caller < components {
            self.plan.components[caller as usize].first_instance
        } else {
            self.plan.sources[(caller - components) as usize].instance
        };
        let latency = spec.latency.take().filter(|l| l.0 != Dist::Constant(0.0)).map_or(NONE, |l| self.dist(&l));
        let bandwidth = spec.bandwidth.map_or(0.0, |b| b.0 * 1e-9);
        let shared = Capacity { servers: 1, discipline: Discipline::equal_shares(), room: u32::MAX };
        let pipe = |c: &mut Self| if bandwidth > 0.0 { c.station(shared.clone()) } else { NONE };
        let (pipe_there, pipe_back) = (pipe(self), pipe(self));
        let first_pool = spec.pool.as_ref().map_or(NONE, |pool| {
            let first = self.plan.stations.len() as u32;
            for _ in 0..callers {
                self.station(Capacity { servers: pool.value, discipline: Discipline::Fifo, room: u32::MAX });
            }
            first
        });
        let retry = spec.retry.as_ref();
        let on = |kind: FailureKind| retry.and_then(|r| r.on.as_ref()).is_none_or(|on| on.contains(&kind));
        let budget = retry.and_then(|r| r.budget).map_or(-1.0, |b| b.0);
        let first_budget = self.plan.budgets;
        if budget >= 0.0 {
            self.plan.budgets += callers;
        }
        let edge = self.plan.edges.len() as u32;
        let timeout = spec.timeout.as_ref().map_or(Time::ZERO, |t| t.value.0);
        let retries = retry.map_or(0, |r| r.most());
        let backoff = retry.and_then(|r| r.backoff.as_ref()).map(|pause| self.backoff(pause));
        let loss = spec.loss.as_ref().map_or(0.0, |l| l.value.0);
        let propagate = spec.deadline.is_some();
        let first_balancer = spec.balance.as_ref().map_or(NONE, |policy| {
            let first = self.plan.balancers.len() as u32;
            for _ in 0..callers {
                self.plan.balancer_states += 1;
                let state = self.plan.balancer_states - 1;
                self.plan.balancers.push(BalancerPlan { policy: policy.value.clone(), targets: vec![], state });
            }
            first
        });
        let first_breaker = spec.breaker.as_ref().map_or(NONE, |breaker| {
            let first = self.plan.breakers.len() as u32;
            let breaker = BreakerPlan::new(&breaker.value);
            self.plan.breakers.extend((0..callers).map(|_| (edge, breaker)));
            first
        });
        let copies = self.copies_of(edge, callers, &spec);
        self.plan.copies.extend(copies);
        let plain = latency == NONE
            && first_breaker == NONE
            && loss == 0.0
            && bandwidth == 0.0
            && timeout == Time::ZERO
            && retries == 0
            && first_pool == NONE
            && !propagate
            && first_balancer == NONE;
        self.plan.edges.push(EdgePlan {
            caller,
            callee,
            name: format!("{caller_name} -> {callee_name}"),
            first_caller,
            latency,
            loss,
            pipe_there,
            pipe_back,
            bandwidth,
            timeout,
            retries,
            retry_chance: retry.and_then(|r| r.p).map_or(1.0, |p| p.0),
            retry_on: [on(FailureKind::Timeout), on(FailureKind::Error), on(FailureKind::Rejected)],
            backoff,
            budget,
            first_budget,
            first_pool,
            first_breaker,
            cancel: spec.cancel.unwrap_or(false),
            propagate,
            first_balancer,
            plain,
            disturbed: false,
        });
        self.edges.insert((caller, callee), edge);
        edge
    }
    /// The pause before a further attempt.
    pub(crate) fn backoff(&mut self, spec: &BackoffSpec) -> Backoff {
        let random = |jitter: &Option<Jitter>| match jitter {
            None => 0.0,
            Some(Jitter::Full) => 1.0,
            Some(Jitter::Equal) => 0.5,
        };
        let nanos = |span: &crate::spec::Span| span.0.as_nanos() as f64;
        let growing = |base, factor, cap| PauseLength::Growing { base, factor, cap };
        match spec {
            BackoffSpec::Fixed(a) => {
                let pause = nanos(&a.pause);
                Backoff { length: growing(pause, 1.0, pause), random: random(&a.jitter) }
            }
            BackoffSpec::Exponential(a) => {
                let cap = a.cap.as_ref().map_or(60e9, |c| nanos(c));
                Backoff { length: growing(nanos(&a.base), a.factor.unwrap_or(2.0), cap), random: random(&a.jitter) }
            }
            BackoffSpec::List(a) => {
                let length = self.drawn(&a.pauses.value);
                Backoff { length, random: random(&a.jitter) }
            }
            BackoffSpec::Random(a) => Backoff { length: self.drawn(std::slice::from_ref(&a.pause)), random: 0.0 },
        }
    }

    fn drawn(&mut self, pauses: &[Duration]) -> PauseLength {
        let first = self.plan.dists.len() as u32;
        for pause in pauses {
            self.dist(pause);
        }
        PauseLength::Drawn { first, count: pauses.len() as u32 }
    }
}
