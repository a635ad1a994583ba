//! Versions of keys: which writes the copies of a value have seen.

use super::Body;
use super::keyed_store::Map;
use crate::plan::*;

/// Writes are numbered by key, from 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    newest: Map<u32>,
    /// For each instance the newest write that it has.
    held: Vec<Map<u32>>,
}

impl Versions {
    pub(super) fn new(plan: &VersionPlan) -> Self {
        Versions { newest: Map::default(), held: vec![Map::default(); plan.count as usize] }
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

    fn is_stale(&self, item: u64, instance: usize) -> bool {
        let of = |map: &Map<u32>| map.get(&item).copied().unwrap_or(0);
        of(&self.held[instance]) < of(&self.newest)
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
        let stale = self.versions[versions as usize].is_stale(item, instance);
        let component = self.instances[self.frames[f].instance].component;
        let row = &mut self.measure.components[component];
        row.reads += 1;
        row.stale += u64::from(stale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_write_changes_nothing() {
        let mut versions = Versions::new(&VersionPlan { first: 0, count: 2, space: 0 });
        assert!(!versions.is_stale(7, 1));
        assert_eq!((versions.write(7, 0), versions.write(7, 0), versions.write(8, 0)), (1, 2, 1));
        assert!(versions.is_stale(7, 1) && !versions.is_stale(7, 0));
        versions.apply(7, 1, 2);
        assert!(!versions.is_stale(7, 1) && versions.is_stale(8, 1));
        versions.apply(7, 1, 1);
        assert!(!versions.is_stale(7, 1));
    }
}
