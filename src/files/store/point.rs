//! One finished point as a file: what was found, with a digest that tells a whole file from a damaged one.

use super::digest;
use archsim_experiment::report::SweepPoint;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The file of a point.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    /// Digest of the definition of the sweep.
    sweep: &'a str,
    /// Number of the point in the grid, from 1.
    point: usize,
    /// Digest of the result as it is written here.
    sha256: &'a str,
    /// What was found. JSON has the shortest text that reads back as the same number, so that nothing is lost.
    #[serde(borrow)]
    result: &'a RawValue,
}

/// The text of a file for a point (by index from 0) of the sweep with this digest.
pub(super) fn encoded(sweep: &str, point: usize, result: &SweepPoint) -> String {
    // Texts, finite numbers and lists of them: there is nothing in it that JSON could not say.
    let result = serde_json::value::to_raw_value(result).expect("results are valid JSON");
    let sha256 = digest(result.get().as_bytes());
    let stored = Stored { sweep, point: point + 1, sha256: &sha256, result: &result };
    serde_json::to_string(&stored).expect("results are valid JSON") + "\n"
}

/// The point of a file; none if it is damaged, or is not this point of this sweep.
pub(super) fn decoded(sweep: &str, point: usize, bytes: &[u8]) -> Option<SweepPoint> {
    let stored: Stored<'_> = serde_json::from_slice(bytes).ok()?;
    let whole =
        stored.sweep == sweep && stored.point == point + 1 && digest(stored.result.get().as_bytes()) == stored.sha256;
    whole.then(|| serde_json::from_str(stored.result.get()).ok())?
}

/// The digest of the sweep that a point says it belongs to; none if the file is damaged.
pub(super) fn sweep_of(bytes: &[u8]) -> Option<String> {
    let stored: Stored<'_> = serde_json::from_slice(bytes).ok()?;
    Some(stored.sweep.to_owned())
}
