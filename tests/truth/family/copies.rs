//! Copies of data.

use super::open::poisson;
use crate::case::Case;
use crate::law::numbers;
use crate::params::Maybe;
use crate::view::{Study, View, metric, split};

/// The number after "N=" in a tag.
fn number(tag: &str, name: &str) -> Option<u32> {
    tag.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

/// Writes on W of N copies, reads of R: how many reads miss the newest write, or all of the newest k. Writes and reads take no time.
pub(super) fn overlap(cases: &[Case]) -> Maybe<Vec<View>> {
    let view = |case: &Case| {
        let tag = split(&case.quantity).1;
        let (Some(n), Some(r), Some(w)) = (number(tag, "N"), number(tag, "R"), number(tag, "W")) else {
            return Err(format!("a quorum in `{tag}` {:?}", numbers(tag)));
        };
        let behind = number(tag, "k").unwrap_or(1).saturating_sub(1);
        let store = format!(
            "\"s\": Database(read_replicas: {}, shard_by: \"k\", replication: Quorum(write: {w}, read: {r}, write_to: Quorum), \
             ops: {{ \"write\": Write(\"0s\"), \"read\": Read(\"0s\") }})",
            n.saturating_sub(1)
        );
        let traffic = format!("{}, {}", poisson("w", "s.write", 1.0, ""), poisson("u", "s.read", 1.0, ""));
        let study = Study::new(traffic, store, 2.0).more("keys: { \"k\": Uniform(items: 1) }").cost(5.0).settle(100.0);
        let stale = metric(format!("s.behind.above_{behind}"));
        Ok(View::new(tag, study, "u", "s").own(&case.quantity, stale))
    };
    cases.iter().map(view).collect()
}
