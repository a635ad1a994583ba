//! Eviction: which value a full cache throws out. The policy says what a hit does to the order and who goes.

use crate::spec::policy::Eviction;

/// Whether a hit moves the value to the young end.
pub fn refreshes(policy: &Eviction) -> bool {
    matches!(policy, Eviction::Lru)
}

/// Whether the victim is drawn at random instead of taken from the old end.
pub fn random(policy: &Eviction) -> bool {
    matches!(policy, Eviction::Random)
}
