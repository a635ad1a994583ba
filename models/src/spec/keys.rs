//! Key spaces: what is asked for, and how unevenly.

use super::{Fraction, NotYet};
use crate::{choice, spec};

choice! {
    /// How the keys of a space are asked for.
    KeySpec as "a key space" {
        /// Zipf's law: the k-th most popular of `items` is asked for in proportion to 1/k^s. `Zipf(items: 200_000, s: 1.0)`.
        Zipf(ZipfArgs),
        /// All keys alike: `Uniform(items: 1000)`.
        Uniform(UniformKeysArgs),
        /// A hot part and a cold part: `Hot(items: 1000, hot: "1%", share: "50%")`.
        Hot(HotArgs),
        /// Keys read from a trace. Not in this version.
        Replay(NotYet),
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
