//! What is kept only where somebody asks for it: every instance of a component on its own, how much a visit was slowed down, and how
//! long the requests of a class waited in all queues together.

use super::account::Category;
use super::frame::Outcome;
use super::{Body, Instance};
use archsim_core::{Histogram, Time};

/// What an instance did in a stretch of time. Kept only in runs that ask for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceRow {
    /// Time in queues for each attempt answered ok, in nanoseconds.
    pub waiting: Histogram,
    /// Time in service for each of them.
    pub service: Histogram,
    /// From arrival to reply for each of them.
    pub sojourn: Histogram,
}

impl InstanceRow {
    fn merge(&mut self, other: &InstanceRow) {
        self.waiting.merge(&other.waiting);
        self.service.merge(&other.service);
        self.sojourn.merge(&other.sojourn);
    }

    /// A copy whose histograms have 2^bits buckets per octave.
    pub(super) fn coarsened(&self, bits: u32) -> InstanceRow {
        InstanceRow {
            waiting: self.waiting.coarsened(bits),
            service: self.service.coarsened(bits),
            sojourn: self.sojourn.coarsened(bits),
        }
    }
}

/// Adds what instances did.
pub(super) fn merge(own: &mut Vec<InstanceRow>, other: &[InstanceRow]) {
    if own.len() < other.len() {
        own.resize(other.len(), InstanceRow::default());
    }
    own.iter_mut().zip(other).for_each(|(own, other)| own.merge(other));
}

/// A slowdown of 1 as it is kept in a histogram: ratios share those of nanoseconds.
const ONE: f64 = 1e9;

impl Body {
    /// A visit has been answered ok: what is kept of it where somebody asks.
    #[cold]
    #[inline(never)]
    pub(super) fn note_detail(&mut self, f: u32) {
        let Some(first_instance) = &self.measure.details else { return };
        let frame = &self.frames[f];
        let Instance { component, .. } = self.instances[frame.instance];
        let index = frame.instance.saturating_sub(first_instance[component as usize]) as usize;
        let (waited, worked) = (frame.waited.as_nanos(), frame.worked.as_nanos());
        let sojourn = self.agenda.now().since(frame.arrived).as_nanos();
        let demand = worked.saturating_sub(self.rare[f].stretch);
        let row = &mut self.measure.components[component];
        if row.each.len() <= index {
            row.each.resize(index + 1, InstanceRow::default());
        }
        let own = &mut row.each[index];
        own.waiting.record(waited);
        own.service.record(worked);
        own.sojourn.record(sojourn);
        if demand > 0 {
            row.slowdown.record((sojourn as f64 / demand as f64 * ONE) as u64);
        }
    }

    /// Work at a shared station is done that would have taken `alone` if nobody had shared it.
    pub(super) fn note_stretch_of(&mut self, f: u32, alone: Time) {
        if self.measure.details.is_none() {
            return;
        }
        let took = self.agenda.now().since(self.frames[f].since).as_nanos();
        self.rare(f).stretch += took.saturating_sub(alone.as_nanos());
    }

    /// A request has ended: how long it waited in queues, its failed attempts left out.
    #[cold]
    #[inline(never)]
    pub(super) fn note_queueing(&mut self, f: u32, row: u32, class: u16, outcome: Outcome) {
        if outcome == Outcome::Ok {
            let waited = self.segments.sum(self.frames[f].segments, Category::Waiting);
            self.measure.class(row, class).waiting.record(waited);
        }
    }
}
