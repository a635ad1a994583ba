//! Key spaces: what is asked for, and how unevenly.

use super::{At, Fraction};
use crate::{choice, spec};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::collections::BTreeMap;
use std::fmt;

choice! {
    /// How the keys of a space are asked for.
    KeySpec as "a key space" {
        /// Zipf's law: the k-th most popular of `items` is asked for in proportion to 1/k^s. `Zipf(items: 200_000, s: 1.0)`.
        Zipf(ZipfArgs),
        /// All keys alike: `Uniform(items: 1000)`.
        Uniform(UniformKeysArgs),
        /// A hot part and a cold part: `Hot(items: 1000, hot: "1%", share: "50%")`.
        Hot(HotArgs),
        /// Keys one by one, from a list or a file with a key a line: `Replay([3, 1, 4, 1])`, `Replay("keys.csv")`. The n-th request of a
        /// source asks for the n-th key, in all its steps; after the last comes the first again. Numbers are kept as they are, other
        /// texts are numbered by their first appearance.
        Replay(ReplayKeysArgs),
        /// One key after the other, 0 to `items` - 1, and again: `Scan(items: 1000)`. The n-th request of a source asks for key n modulo
        /// `items`.
        Scan(ScanArgs),
    }
}
spec! {
    /// Arguments of `Replay`.
    ReplayKeysArgs as "Replay" {
        /// The keys in their order: whole numbers below 2^40, or texts.
        keys: At<Vec<TraceKey>>,
    }
}
spec! {
    /// Arguments of `Scan`.
    ScanArgs as "Scan" {
        /// Number of keys, up to 1,000,000,000.
        items: u64,
    }
}

/// A key of a trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TraceKey {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

impl<'de> Deserialize<'de> for TraceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = TraceKey;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key: a whole number below 2^40, or a text")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<TraceKey, E> {
                if number < 1 << 40 {
                    Ok(TraceKey::Number(number))
                } else {
                    Err(E::custom(format!("`{number}` is not a key below 2^40")))
                }
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<TraceKey, E> {
                let number =
                    u64::try_from(number).map_err(|_| E::custom(format!("`{number}` is not a key of at least 0")))?;
                self.visit_u64(number)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<TraceKey, E> {
                Ok(TraceKey::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl ReplayKeysArgs {
    /// The keys as numbers. Texts get the numbers from 0 on in the order of their first appearance, after the largest number written.
    pub fn numbers(&self) -> Vec<u64> {
        let written =
            self.keys.value.iter().filter_map(|key| if let TraceKey::Number(n) = key { Some(n + 1) } else { None });
        let first = written.max().unwrap_or(0);
        let mut known = BTreeMap::new();
        let mut number = |key| match key {
            &TraceKey::Number(n) => n,
            TraceKey::Text(text) => {
                let next = first + known.len() as u64;
                *known.entry(text).or_insert(next)
            }
        };
        self.keys.value.iter().map(&mut number).collect()
    }
}
spec! {
    /// Arguments of `Zipf`.
    ZipfArgs as "Zipf" {
        /// Number of keys, up to 1,000,000,000.
        items: u64,
        /// Exponent, from 0 (uniform) to 10. Web traces show 0.64 to 0.83 (Breslau et al. 1999), YCSB uses 0.99.
        s: f64,
    }
}
spec! {
    /// Arguments of `Uniform`.
    UniformKeysArgs as "Uniform" {
        /// Number of keys, up to 1,000,000,000.
        items: u64,
    }
}
spec! {
    /// Arguments of `Hot`.
    HotArgs as "Hot" {
        /// Number of keys, up to 1,000,000,000.
        items: u64,
        /// Part of the keys that is hot.
        hot: Fraction,
        /// Part of the requests that asks for the hot keys.
        share: Fraction,
    }
}
