//! What is held across steps: locks, and keys of a cache that one request fills for all. A holder's time is that of everything it does
//! meanwhile, calls and their queues included.

use super::program::all;
use super::spread::{Spread, Tails};
use super::tail::Tail;
use archsim_models::plan::{NONE, Op};

impl Spread<'_> {
    /// Waiting for locks: one holder at a time, first in first out.
    pub(super) fn held_locks(&self, tails: &mut Tails) {
        for component in 0..self.plan.components.len() {
            for at in self.addresses(component) {
                if let (Op::Lock { lock }, Some(held)) = (self.plan.ops[at], self.branch(tails, component, at + 1)) {
                    let wait = self.behind(held, self.has_slots(component));
                    tails.lock[lock as usize] = tails.lock[lock as usize].and(wait);
                }
            }
        }
    }

    /// Waiting for the locks that a component takes.
    pub(super) fn locks(&self, tails: &Tails, component: usize) -> Tail {
        let taken = |at: usize| match self.plan.ops[at] {
            Op::Lock { lock } => tails.lock[lock as usize],
            _ => Tail::LIGHT,
        };
        self.addresses(component).into_iter().map(taken).fold(Tail::LIGHT, Tail::and)
    }

    /// Waiting for somebody else's fill of the same key, where a cache lets only one request of a key through.
    pub(super) fn fills(&self, tails: &mut Tails) {
        for component in 0..self.plan.components.len() {
            for at in self.addresses(component) {
                let Some(get) = self.coalescing(at) else { continue };
                let Some(fill) = self.branch(tails, component, at + 1) else { continue };
                let cache = self.plan.operations[get].component as usize;
                let wait = self.behind(fill, false);
                tails.operation[get] = tails.operation[get].and(wait);
                tails.wait[cache] = tails.wait[cache].and(wait);
            }
        }
    }

    /// The operation that looks a key up, if the instruction after it goes on to a fill that others wait for.
    fn coalescing(&self, at: usize) -> Option<usize> {
        let Op::IfHit { .. } = self.plan.ops[at] else { return None };
        let Op::Call { call } = self.plan.ops[at.checked_sub(1)?] else { return None };
        let get = self.plan.calls[call as usize].operation as usize;
        let component = self.plan.operations.get(get)?.component;
        self.plan.caches.iter().any(|cache| cache.component == component && cache.coalesce).then_some(get)
    }

    /// The first branch of the fork that an address leads to: branches stand before their fork, and are jumped over.
    fn branch(&self, tails: &Tails, component: usize, at: usize) -> Option<Tail> {
        let at = if let Op::Jump { to } = *self.plan.ops.get(at)? { to as usize } else { at };
        let Op::Fork { fork } = *self.plan.ops.get(at)? else { return None };
        let (start, _) = self.plan.forks[fork as usize].branches.first()?;
        Some(self.program(tails, Some(component), *start))
    }

    /// Waiting for one who holds something for such a time.
    fn behind(&self, held: Tail, bounded: bool) -> Tail {
        match held.time {
            index if index.is_infinite() => Tail::LIGHT,
            index if bounded || self.limited => Tail::limited(index),
            _ => Tail::behind(held, 1.0),
        }
    }

    /// The addresses of a component's instructions.
    fn addresses(&self, component: usize) -> Vec<usize> {
        let own = self.plan.operations.iter().filter(|o| o.component as usize == component).map(|o| o.start);
        let handling = self.plan.consumers.iter().filter(|c| c.component as usize == component).map(|c| c.start);
        let starts = own.chain(handling).filter(|start| *start != NONE);
        starts.flat_map(|start| all(self.plan, start)).map(|at| at as usize).collect()
    }
}
