//! Circuit breakers, as a scenario writes them.

use super::{At, Fraction, Span};
use crate::spec;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

spec! {
    /// A circuit breaker in each caller replica (Nygard, "Release It!", 2007). Closed, it counts; open, it refuses calls at once; after
    /// `open_for` it is half-open and lets some calls through as trials: they close it or open it again. Time-outs, errors and rejections
    /// are failures. The defaults are those of Hystrix (wiki "Configuration").
    BreakerSpec as "breaker" {
        /// When it opens: after so many failures in a row (`3`), or at this share of failures (`"50%"`) in the `window`.
        failures: At<Failures>,
        /// With a share, what it is a share of: the calls that ended in the last `"10s"`, or the last `100` calls. A time is kept in
        /// ten parts, so it forgets a tenth at a time. Default `"10s"`.
        window: Option<At<BreakerWindow>>,
        /// With a share, calls in the window below which it stays closed. Default 20.
        min_requests: Option<At<u32>>,
        /// How long it stays open. Default `"5s"`.
        open_for: Option<At<Span>>,
        /// Trials when half-open. All of them, or with a share less than that share of them, must not fail. Default 1.
        probes: Option<At<u32>>,
    }
}

/// When a breaker opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failures {
    /// After so many in a row.
    InRow(u32),
    /// At this share.
    Share(Fraction),
}

/// What a share of failures is a share of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakerWindow {
    /// The calls that ended in this time.
    Time(Span),
    /// So many last calls.
    Calls(u32),
}

/// Reads a whole number as one thing and a text as another.
struct Reader<T> {
    expected: &'static str,
    number: fn(u32) -> T,
    text: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Reader<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.expected)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.text)(text).ok_or_else(|| E::custom(format!("`{text}` is not {}", self.expected)))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        let number = u32::try_from(number).map_err(|_| E::custom(format!("`{number}` is too many")))?;
        Ok((self.number)(number))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        let number = u64::try_from(number).map_err(|_| E::custom(format!("`{number}` is below zero")))?;
        self.visit_u64(number)
    }
}

impl<'de> Deserialize<'de> for Failures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader {
            expected: r#"a number of failures in a row (3), or a share ("50%")"#,
            number: Failures::InRow,
            text: |text| Fraction::parse(text).map(Failures::Share),
        })
    }
}

impl<'de> Deserialize<'de> for BreakerWindow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader {
            expected: r#"a time ("10s"), or a number of calls (100)"#,
            number: BreakerWindow::Calls,
            text: |text| Span::parse(text).map(BreakerWindow::Time),
        })
    }
}
