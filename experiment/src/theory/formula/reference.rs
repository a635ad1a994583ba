//! Reference values for the tests of the formulas: computed independently, each by two methods, some also by Monte Carlo.

const VALUES: &str = include_str!("reference.csv");

/// The value of a case.
pub(crate) fn value(id: &str) -> f64 {
    let line = VALUES.lines().find_map(|line| line.rsplit_once(';').filter(|(name, _)| *name == id));
    line.unwrap_or_else(|| panic!("there is no case {id}")).1.parse().expect("a number")
}

/// Asserts that a number is the value of a case up to a relative error.
pub(crate) fn agrees(id: &str, found: f64, error: f64) {
    let value = value(id);
    assert!((found - value).abs() <= error * value.abs().max(1e-12), "{id}: {value}, found {found}");
}
