//! Types as a consumer writes them: serde only, with the name conventions for places.

use archsim_language::{AT, Diagnostic, Document, Source, Style, render};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) span: Range<usize>,
    pub(crate) value: T,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Placed<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Placed<T> {
            type Value = At<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<At<T>, A::Error> {
                let missing = || de::Error::custom("incomplete");
                let start = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let end = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(At { span: start..end, value })
            }
        }
        deserializer.deserialize_newtype_struct(AT, Placed(PhantomData))
    }
}

/// A map in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entries<T>(pub(crate) Vec<(At<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Map(PhantomData))
    }
}

/// Milliseconds, written "5ms", "1.5s" or "2m".
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span(pub(crate) f64);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Span;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"a duration (write "5ms", "1.5s", "10m")"#)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
                let unit = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
                let scale = match &text[unit..] {
                    "ms" => 1.0,
                    "s" => 1e3,
                    "m" => 6e4,
                    "h" => 36e5,
                    _ => f64::NAN,
                };
                let number = text[..unit].parse::<f64>().ok().map(|number| number * scale).filter(|n| n.is_finite());
                let message = || format!(r#"`{text}` is not a duration (write "5ms", "1.5s", "10m")"#);
                number.map(Span).ok_or_else(|| E::custom(message()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// A duration or a distribution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Time {
    Fixed(Span),
    Law(Law),
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub(crate) enum Law {
    Exp(Exp),
    Uniform(Uniform),
    LogNormal(LogNormal),
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exp {
    pub(crate) mean: At<Span>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Uniform {
    pub(crate) min: Span,
    pub(crate) max: Span,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogNormal {
    pub(crate) p50: Span,
    pub(crate) p99: Span,
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"a time: "5ms", or Exp("5ms")"#)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                Span::deserialize(de::value::StrDeserializer::new(text)).map(Time::Fixed)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Time, A::Error> {
                Law::deserialize(de::value::EnumAccessDeserializer::new(data)).map(Time::Law)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename = "a step")]
pub(crate) enum Step {
    Compute(Compute),
    Call(Call),
    Parallel(Parallel),
    Choose(Vec<(f64, Vec<Step>)>),
    Repeat(Repeat),
    Cached(Cached),
    After(Vec<Step>),
    Invalidate(Key),
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cached {
    pub(crate) cache: String,
    pub(crate) key: String,
    pub(crate) miss: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) cache: String,
    pub(crate) key: String,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compute {
    pub(crate) time: Time,
    pub(crate) cores: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) to: At<String>,
    pub(crate) on_error: Option<Vec<Step>>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parallel {
    pub(crate) steps: Vec<Step>,
    pub(crate) need: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    pub(crate) times: u32,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub(crate) enum Component {
    Service(Service),
    LoadBalancer(LoadBalancer),
    Cache(Cache),
    External(External),
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cache {
    pub(crate) preset: Option<String>,
    pub(crate) shards: Option<u32>,
    pub(crate) entries: Option<u64>,
    pub(crate) cost: Option<f64>,
    pub(crate) ttl: Option<Span>,
    pub(crate) eviction: Option<Eviction>,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub(crate) enum Eviction {
    Lru,
    Fifo,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct External {
    pub(crate) latency: Time,
    pub(crate) errors: Option<String>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) preset: Option<String>,
    pub(crate) replicas: Option<u32>,
    pub(crate) cpu: Option<f64>,
    pub(crate) concurrency: Option<At<u32>>,
    pub(crate) cost: Option<f64>,
    pub(crate) on: Entries<Vec<Step>>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadBalancer {
    pub(crate) preset: Option<String>,
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) policy: Option<Policy>,
    pub(crate) routes: Option<Entries<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub(crate) enum Policy {
    RoundRobin,
    LeastOutstanding,
    PowerOfTwo(PowerOfTwo),
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PowerOfTwo {
    pub(crate) choices: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edge {
    pub(crate) latency: Option<Time>,
    pub(crate) timeout: Option<Span>,
    pub(crate) pool: Option<u32>,
    pub(crate) retry: Option<Retry>,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    pub(crate) max: u32,
    pub(crate) backoff: Option<Backoff>,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub(crate) enum Backoff {
    Fixed(Span),
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) components: Entries<Component>,
    #[serde(default)]
    pub(crate) edges: Entries<Edge>,
}

/// Reads a text as a value.
pub(crate) fn read<T: de::DeserializeOwned>(text: &str) -> Result<T, Vec<Diagnostic>> {
    let document = Document::parse(Source::new("shop.ron", text))?;
    match document.read_all(&document.root) {
        (Some(value), _) => Ok(value),
        (None, problems) => Err(problems),
    }
}

/// All problems of the web shop after a change of its text, as they are printed; components and edges are read one by one.
pub(crate) fn problems_of_shop(change: &[(&str, &str)]) -> String {
    let mut text = crate::WEB_SHOP.to_owned();
    for (from, to) in change {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let source = Source::new("web-shop.ron", text);
    let problems = match Document::parse(source.clone()) {
        Ok(document) => check(&document),
        Err(problems) => problems,
    };
    render(&problems, &source, Style::Plain)
}

fn check(document: &Document) -> Vec<Diagnostic> {
    let section = |name: &str| document.root.field(name).expect("the section").entries();
    let components = section("components").iter().filter(|(_, value)| value.name() != Some("Database"));
    let components = components.flat_map(|(_, value)| document.read_all::<Component>(value).1);
    components.chain(section("edges").iter().flat_map(|(_, value)| document.read_all::<Edge>(value).1)).collect()
}

/// All problems of a text that is read as `T`, as they are printed without frame: place, message and advice.
pub(crate) fn problems<T: de::DeserializeOwned + fmt::Debug>(text: &str) -> Vec<String> {
    let all = read::<T>(text).expect_err("a problem");
    all.iter()
        .map(|problem| {
            [vec![format!("{}: {}", &text[problem.span.clone()], problem.message)], problem.help.clone()]
                .concat()
                .join("; ")
        })
        .collect()
}
