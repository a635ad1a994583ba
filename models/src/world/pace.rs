//! Arrivals that need more than gaps and a rate: batches, random rates, lists of instants.

use super::Body;
use super::source::site;
use crate::modulation::Modulated;
use crate::plan::*;
use archsim_core::Key;

/// The draws of batch sizes, by their first request, and of a random rate, by its source.
const BATCH: u64 = u64::MAX - 13;
const MODULATION: u64 = u64::MAX - 14;

/// How far a source is.
#[derive(Clone, Debug)]
pub(super) struct PaceState {
    /// Instants that have brought somebody.
    turns: usize,
    modulated: Modulated,
}

impl PaceState {
    pub(super) fn new(source: Key) -> Self {
        PaceState { turns: 0, modulated: Modulated::new(source.child(MODULATION)) }
    }
}

impl Body {
    /// Somebody has come: the rest of the batch is wanted at the same instant, in order, and the next batch is awaited.
    #[inline(never)]
    pub(super) fn paced_arrival(&mut self, plan: &Plan, source: u32) {
        let Arrivals::Paced(paced) = &plan.sources[source as usize].arrivals else { return };
        // The source is one request ahead of the next.
        let first = self.sources[source].number - 2;
        let draws = self.sources[source].key.child(first);
        for _ in 1..paced.batch.draw(&mut draws.draw(BATCH)) {
            let f = self.user(source);
            self.wants(plan, f);
            self.soon(f);
        }
        self.paces[source as usize].turns += 1;
        self.schedule_paced(paced, source);
    }

    /// Awaits the next instant at which somebody comes.
    pub(super) fn schedule_paced(&mut self, paced: &Paced, source: u32) {
        let state = &mut self.paces[source as usize];
        let at = match &paced.pace {
            Pace::Replay(times) => times.get(state.turns).copied(),
            Pace::Gaps { gap, load } => {
                let gap = gap.sample(&mut self.sources[source].next.draw(site::GAP));
                load.next_modulated(self.agenda.now(), gap, &mut state.modulated)
            }
        };
        match at {
            Some(at) => self.expect_arrival(source, at),
            None => self.sources[source].over = true,
        }
    }
}
