//! Loading early what events will need: with a million requests in flight, waiting for main memory is most of the cost of an event.
//! Nothing here changes a result.

use super::Body;
use super::call::any_replica;
use crate::plan::*;

/// As many arrivals are looked at together.
const AHEAD: u64 = 16;
/// With fewer replicas than this, what arrivals need is in the cache.
const MANY: u32 = 4096;

/// Where a source sends all its requests: any of many replicas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scatter {
    first: u32,
    count: u32,
    /// Names the draws of the call.
    site: u32,
}

/// Whether a source sends its requests to any of many replicas, and which.
pub(super) fn scatter(plan: &Plan, source: u32) -> Option<Scatter> {
    let class = plan.classes.iter().find(|class| class.source == source)?;
    let Some(Op::Call { call }) = plan.ops.get(class.start as usize) else { return None };
    let call = plan.calls.get(*call as usize)?;
    let operation = plan.operations.get(call.operation as usize)?;
    match operation.route {
        Route::Replicas { first, count }
            if count >= MANY && plan.edges.get(call.edge as usize)?.first_balancer == NONE =>
        {
            Some(Scatter { first, count, site: call.site })
        }
        _ => None,
    }
}

impl Body {
    /// Loads what the events of these frames will need. One by one they would wait for main memory four times in a row.
    pub(super) fn foresee(&self, tokens: &[u32]) {
        let frames = || tokens.iter().filter_map(|token| token.checked_sub(self.base));
        let mut loaded = 0;
        let mut touch = |f: u32| loaded ^= self.frames[f].instance ^ self.frames[f].due.as_nanos() as u32;
        frames().for_each(&mut touch);
        // Each pass needs what the one before it has loaded; within a pass nothing waits for anything.
        let cores = |f: u32| self.instances[self.frames[f].instance].cores;
        let stations = frames().fold(0, |sum, f| sum ^ cores(f));
        let heads = frames().fold(stations, |sum, f| sum ^ self.stations[cores(f)].head);
        for f in frames() {
            let next = [self.stations[cores(f)].head, self.frames[f].parent];
            next.into_iter().filter(|next| *next != NONE).for_each(&mut touch);
        }
        std::hint::black_box(loaded ^ heads);
    }

    /// The same for the next arrivals of a source: where they go is a function of their numbers.
    #[inline(never)]
    pub(super) fn foresee_arrivals(&self, source: u32, to: Scatter) {
        let state = &self.sources[source];
        if !state.number.is_multiple_of(AHEAD) {
            return;
        }
        let cores: [u32; AHEAD as usize] = std::array::from_fn(|n| {
            let key = state.key.child(state.number + 1 + n as u64).child(u64::from(to.site) << 12);
            self.instances[any_replica(key, to.first, to.count)].cores
        });
        let tails = cores.map(|station| self.stations[station].tail);
        let loaded = tails.iter().filter(|tail| **tail != NONE).fold(0, |sum, tail| sum ^ self.frames[*tail].next);
        std::hint::black_box(loaded);
    }
}
