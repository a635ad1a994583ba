//! Versions of keys: which writes the copies of a value have seen.

use super::Body;
use super::frame::{Rare, flag};
use super::keyed_store::Map;
use crate::plan::*;

/// Writes are numbered by key, from 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    newest: Map<u32>,
    /// Numbers given to writes, done or not, where those are told apart.
    given: Map<u32>,
    /// For each instance the newest write that it has.
    held: Vec<Map<u32>>,
}

impl Versions {
    pub(super) fn new(plan: &VersionPlan) -> Self {
        Versions { newest: Map::default(), given: Map::default(), held: vec![Map::default(); plan.count as usize] }
    }

    /// The next write of a key.
    fn write(&mut self, item: u64, instance: usize) -> u32 {
        let newest = self.newest.entry(item).or_insert(0);
        *newest += 1;
        self.held[instance].insert(item, *newest);
        *newest
    }

    /// An instance gets a write; one older than what it has changes nothing.
    fn apply(&mut self, item: u64, instance: usize, version: u32) {
        let held = self.held[instance].entry(item).or_insert(0);
        *held = (*held).max(version);
    }

    /// The number for the next write of a key.
    fn give(&mut self, item: u64) -> u32 {
        let given = self.given.entry(item).or_insert(0);
        *given += 1;
        *given
    }

    /// A write is done.
    fn commit(&mut self, item: u64, version: u32) {
        let newest = self.newest.entry(item).or_insert(0);
        *newest = (*newest).max(version);
    }

    /// Two instances exchange what they have.
    pub(super) fn change_places(&mut self, one: usize, other: usize) {
        self.held.swap(one, other);
    }

    fn newest(&self, item: u64) -> u32 {
        self.newest.get(&item).copied().unwrap_or(0)
    }

    fn held(&self, item: u64, instance: usize) -> u32 {
        self.held[instance].get(&item).copied().unwrap_or(0)
    }

    /// How many writes an instance is behind.
    fn behind(&self, item: u64, instance: usize) -> u32 {
        self.newest(item).saturating_sub(self.held(item, instance))
    }
}

impl Body {
    fn place_of_version(&self, plan: &Plan, f: u32, versions: u32) -> (u64, usize) {
        let VersionPlan { first, space, .. } = plan.versions[versions as usize];
        let frame = &self.frames[f];
        (self.item(plan, frame.request, space), (frame.instance - first) as usize)
    }

    pub(super) fn write_version(&mut self, plan: &Plan, f: u32, versions: u32) {
        let (item, instance) = self.place_of_version(plan, f, versions);
        let version = self.versions[versions as usize].write(item, instance);
        self.rare(f).version = version;
    }

    pub(super) fn apply_version(&mut self, plan: &Plan, f: u32, versions: u32) {
        let (item, instance) = self.place_of_version(plan, f, versions);
        let version = self.rare[f].version;
        self.versions[versions as usize].apply(item, instance, version);
    }

    pub(super) fn read_version(&mut self, plan: &Plan, f: u32, versions: u32) {
        let (item, instance) = self.place_of_version(plan, f, versions);
        let behind = self.versions[versions as usize].behind(item, instance);
        self.count_read(f, behind);
    }

    fn count_read(&mut self, f: u32, behind: u32) {
        let component = self.instances[self.frames[f].instance].component;
        let row = &mut self.measure.components[component];
        row.reads += 1;
        row.stale += u64::from(behind > 0);
        row.behind.record(u64::from(behind));
    }

    /// What becomes of the version of a key where several copies count.
    pub(super) fn version(&mut self, plan: &Plan, f: u32, versions: u32, what: VersionOp) {
        let VersionPlan { first, space, .. } = plan.versions[versions as usize];
        let frame = self.frames[f];
        let item = self.item(plan, frame.request, space);
        let state = &mut self.versions[versions as usize];
        let instance = || (frame.instance - first) as usize;
        match what {
            VersionOp::Begin => {
                let number = state.give(item);
                self.rare(f).version = number;
            }
            VersionOp::Take => {
                state.apply(item, instance(), self.rare[f].version);
                if frame.flags & flag::BRANCH != 0 {
                    let age = self.agenda.now() - frame.arrived;
                    let component = self.instances[frame.instance].component;
                    self.measure.components[component].age.record(age.as_nanos());
                }
            }
            VersionOp::Commit => state.commit(item, self.rare[f].version),
            VersionOp::Expect => {
                let newest = state.newest(item);
                let rare = self.rare(f);
                (rare.version, rare.seen) = (newest, 0);
            }
            VersionOp::See => {
                let held = state.held(item, instance());
                let reader = if frame.flags & flag::BRANCH != 0 { frame.parent } else { f };
                if reader == f || self.frames[reader].generation == frame.parent_generation {
                    let rare = self.rare(reader);
                    rare.seen = rare.seen.max(held);
                }
            }
            VersionOp::Judge => {
                let Rare { version, seen, .. } = self.rare[f];
                self.count_read(f, version.saturating_sub(seen));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_write_changes_nothing() {
        let mut versions = Versions::new(&VersionPlan { first: 0, count: 2, space: 0 });
        assert_eq!(versions.behind(7, 1), 0);
        assert_eq!((versions.write(7, 0), versions.write(7, 0), versions.write(8, 0)), (1, 2, 1));
        assert_eq!((versions.behind(7, 1), versions.behind(7, 0)), (2, 0));
        versions.apply(7, 1, 2);
        assert_eq!((versions.behind(7, 1), versions.behind(8, 1)), (0, 1));
        versions.apply(7, 1, 1);
        assert_eq!(versions.behind(7, 1), 0);
    }
}
