//! Words of a report when it is read back: units and comparisons are few, and known beforehand.

use super::Column;
use serde::de::{Deserialize, Deserializer, Error};

/// The units of metrics.
const UNITS: [&str; 9] = ["s", "1/s", "1", "count", "B", "B/s", "money/h", "s/s", ""];
/// The comparisons of objectives.
const COMPARISONS: [&str; 4] = ["<", "<=", ">", ">="];

fn known<'de, D: Deserializer<'de>>(deserializer: D, words: &[&'static str]) -> Result<&'static str, D::Error> {
    let text = String::deserialize(deserializer)?;
    find(&text, words).ok_or_else(|| D::Error::custom(format!("`{text}` is none of {words:?}")))
}

fn find(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| **word == text).copied()
}

pub(super) fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    known(deserializer, &UNITS)
}

pub(super) fn comparison<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    known(deserializer, &COMPARISONS)
}

pub(super) fn columns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Column>, D::Error> {
    let read: Vec<(String, String, Vec<Option<f64>>)> = Deserialize::deserialize(deserializer)?;
    let column = |(name, unit, values): (String, String, Vec<Option<f64>>)| {
        let unit = find(&unit, &UNITS).ok_or_else(|| D::Error::custom(format!("`{unit}` is no unit")))?;
        Ok((name, unit, values))
    };
    read.into_iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::UNITS;
    use crate::metric::{CACHE, COMPONENT, CONSUMERS, DATABASE, EDGE, TRAFFIC};

    #[test]
    fn every_unit_of_a_metric_can_be_read_back() {
        for (word, unit, ..) in [TRAFFIC, COMPONENT, CACHE, DATABASE, CONSUMERS, EDGE].into_iter().flatten() {
            assert!(UNITS.contains(unit), "{word} [{unit}]");
        }
    }
}
