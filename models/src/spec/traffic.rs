//! Traffic: who sends what, how fast.

use super::edge::RetrySpec;
use super::{At, BatchSpec, Duration, Entries, LoadSpec, Size, Span};
use crate::{choice, spec};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

choice! {
    /// A source of requests.
    TrafficSpec as "traffic" {
        /// Users who come at a rate, however slow the answers are.
        Open(OpenArgs),
        /// A fixed number of users; each thinks, sends, and waits for the answer.
        Closed(ClosedArgs),
    }
}
spec! {
    /// Open traffic: arrivals do not wait for answers.
    OpenArgs as "Open" {
        /// Where requests go: `component` or `component.operation`.
        to: At<String>,
        /// Requests per second, constant or over time.
        rate: At<LoadSpec>,
        /// The arrival process. Default `Poisson`.
        arrivals: Option<ArrivalsSpec>,
        /// Requests that come at one instant, in order: `4`, or `Geometric(mean: 4)`, `Uniform(1, 7)`, `Weights([(3, 1), (1, 10)])`. `rate`
        /// stays that of requests, so batches of 4 come at a quarter of it; each instant of a `Replay` brings a batch. Default 1.
        batch: Option<At<BatchSpec>>,
        /// Operations by weight: `{ "browse": 80, "checkout": (weight: 20, priority: 1) }`. Default: the only operation of the target.
        mix: Option<Entries<MixEntry>>,
        /// How long a user waits before giving up. Default: for ever.
        timeout: Option<At<Span>>,
        /// How often a user tries again. Default: never.
        retry: Option<RetrySpec>,
        /// Urgency of the requests; smaller is more urgent. Default 0.
        priority: Option<u8>,
        /// Bytes of a request. Default 0.
        request: Option<Size>,
        /// Bytes of a response. Default 0.
        response: Option<Size>,
    }
}
spec! {
    /// Closed traffic: a user sends the next request after the answer to the last.
    ClosedArgs as "Closed" {
        /// Where requests go: `component` or `component.operation`.
        to: At<String>,
        /// Number of users, up to 1,000,000.
        users: At<u32>,
        /// Pause between an answer and the next request. Default none.
        think: Option<Duration>,
        /// Operations by weight. Default: the only operation of the target.
        mix: Option<Entries<MixEntry>>,
        /// How long a user waits before giving up. Default: for ever.
        timeout: Option<At<Span>>,
        /// How often a user tries again. Default: never.
        retry: Option<RetrySpec>,
        /// Urgency of the requests; smaller is more urgent. Default 0.
        priority: Option<u8>,
        /// Bytes of a request. Default 0.
        request: Option<Size>,
        /// Bytes of a response. Default 0.
        response: Option<Size>,
    }
}
choice! {
    /// The arrival process of open traffic.
    ArrivalsSpec as "an arrival process" {
        /// Independent users: exponential gaps.
        Poisson,
        /// Equal gaps.
        Deterministic,
        /// Independent gaps of the given shape (the first from the start of the run, as if somebody had come then), stretched so that their mean matches the rate: `Renewal(Erlang("1ms", 4))`.
        Renewal(RenewalArgs),
    }
}
spec! {
    /// Arguments of `Renewal`.
    RenewalArgs as "Renewal" {
        /// The gap; only its shape counts, the rate sets its mean.
        gap: Duration,
    }
}

/// One operation of a mix: its weight and, if it differs from the source's, its priority.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixEntry {
    /// Share of the requests, relative to the other weights.
    pub weight: f64,
    /// Urgency; smaller is more urgent.
    pub priority: Option<u8>,
}

spec! {
    /// The long form of an entry of `mix`.
    MixArgs as "mix" {
        /// Share of the requests, relative to the other weights.
        weight: f64,
        /// Urgency; smaller is more urgent. Default: that of the source.
        priority: Option<u8>,
    }
}

impl<'de> Deserialize<'de> for MixEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        fn entry<E: de::Error>(weight: f64, priority: Option<u8>) -> Result<MixEntry, E> {
            if weight.is_finite() && weight >= 0.0 {
                Ok(MixEntry { weight, priority })
            } else {
                Err(E::custom(format!("a weight is at least 0, found {weight}")))
            }
        }
        impl<'de> Visitor<'de> for Reader {
            type Value = MixEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a weight: 80, or (weight: 80, priority: 1)")
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<MixEntry, E> {
                entry(number, None)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<MixEntry, E> {
                entry(number as f64, None)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<MixEntry, E> {
                entry(number as f64, None)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<MixEntry, A::Error> {
                let args = MixArgs::deserialize(de::value::MapAccessDeserializer::new(map))?;
                entry(args.weight, args.priority)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// What open and closed traffic have in common.
pub struct Common<'a> {
    /// Where requests go.
    pub to: &'a At<String>,
    /// Operations by weight.
    pub mix: Option<&'a Entries<MixEntry>>,
    /// Patience.
    pub timeout: Option<&'a At<Span>>,
    /// Retries.
    pub retry: Option<&'a RetrySpec>,
    /// Urgency.
    pub priority: u8,
    /// Bytes of a request.
    pub request: u64,
    /// Bytes of a response.
    pub response: u64,
}

impl TrafficSpec {
    /// The fields that open and closed traffic share.
    pub fn common(&self) -> Common<'_> {
        macro_rules! common {
            ($a:expr) => {
                Common {
                    to: &$a.to,
                    mix: $a.mix.as_ref(),
                    timeout: $a.timeout.as_ref(),
                    retry: $a.retry.as_ref(),
                    priority: $a.priority.unwrap_or(0),
                    request: $a.request.map_or(0, |s| s.0),
                    response: $a.response.map_or(0, |s| s.0),
                }
            };
        }
        match self {
            TrafficSpec::Open(a) => common!(a),
            TrafficSpec::Closed(a) => common!(a),
        }
    }
}
