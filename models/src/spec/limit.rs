//! Limits on how often something may happen, as a scenario writes them.

use super::{At, Rate, Span};
use crate::{choice, spec};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

choice! {
    /// A limit on requests over time.
    LimitShape as "a limit" {
        /// Tokens come continuously, up to a burst; a request takes one: `TokenBucket(rate: "100/s", burst: 20)` (Turner 1986; RFC 2697).
        TokenBucket(TokenBucketArgs),
        /// Requests leave one by one at the rate, the others wait in order: `LeakyBucket(rate: "100/s", queue: 50)` (nginx `limit_req`
        /// with `burst` and without `nodelay`).
        LeakyBucket(LeakyBucketArgs),
        /// So many in each window; windows follow each other from time zero on: `FixedWindow(requests: 100, window: "1s")`.
        FixedWindow(WindowArgs),
        /// So many in any window that ends now; what was admitted is remembered: `SlidingWindow(requests: 100, window: "1s")`.
        SlidingWindow(WindowArgs),
        /// As `SlidingWindow`, from two counters: the last fixed window counts in proportion to its overlap (Cloudflare, "How we built
        /// rate limiting capable of scaling to millions of domains", 2017).
        SlidingCounter(WindowArgs),
    }
}
spec! {
    /// Arguments of `TokenBucket`.
    TokenBucketArgs as "TokenBucket" {
        /// Tokens per second.
        rate: At<Rate>,
        /// Most tokens; the bucket is full at the start. Default: what the rate brings in one second, at least 1.
        burst: Option<At<u32>>,
        /// What happens to a request that finds no token. Default `Reject`.
        excess: Option<Excess>,
        /// With `excess: Wait`, how many may wait; the rest is rejected. Default unlimited.
        queue: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `LeakyBucket`.
    LeakyBucketArgs as "LeakyBucket" {
        /// Requests per second that leave.
        rate: At<Rate>,
        /// How many may wait; the rest is rejected. Default unlimited.
        queue: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `FixedWindow`, `SlidingWindow` and `SlidingCounter`.
    WindowArgs as "FixedWindow" {
        /// Requests admitted in a window; the rest is rejected.
        requests: At<u32>,
        /// Length of the window.
        window: At<Span>,
    }
}
choice! {
    /// What happens to a request over the limit.
    Excess as "excess" {
        /// It is rejected at once.
        Reject,
        /// It waits for its token, first come first served; its token stays spent if it leaves before.
        Wait,
    }
}

/// A limit: a rate alone is a token bucket that rejects.
#[derive(Clone, Debug, PartialEq)]
pub enum LimitSpec {
    /// A token bucket of this rate.
    Rate(Rate),
    /// In full.
    Shape(LimitShape),
}

impl LimitSpec {
    /// Requests per second that it lets through in the long run.
    pub fn per_second(&self) -> f64 {
        match self {
            LimitSpec::Rate(rate) => rate.0,
            LimitSpec::Shape(LimitShape::TokenBucket(a)) => a.rate.value.0,
            LimitSpec::Shape(LimitShape::LeakyBucket(a)) => a.rate.value.0,
            LimitSpec::Shape(
                LimitShape::FixedWindow(a) | LimitShape::SlidingWindow(a) | LimitShape::SlidingCounter(a),
            ) => f64::from(a.requests.value) / a.window.value.seconds(),
        }
    }
}

impl<'de> Deserialize<'de> for LimitSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = LimitSpec;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(
                    r#"a limit: "100/s", or TokenBucket(..), LeakyBucket(..), FixedWindow(..), SlidingWindow(..), SlidingCounter(..)"#,
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<LimitSpec, E> {
                Rate::deserialize(de::value::StrDeserializer::new(text)).map(LimitSpec::Rate)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<LimitSpec, E> {
                Rate::deserialize(de::value::F64Deserializer::new(number)).map(LimitSpec::Rate)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<LimitSpec, E> {
                self.visit_f64(number as f64)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<LimitSpec, E> {
                self.visit_f64(number as f64)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<LimitSpec, A::Error> {
                LimitShape::deserialize(de::value::EnumAccessDeserializer::new(data)).map(LimitSpec::Shape)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
