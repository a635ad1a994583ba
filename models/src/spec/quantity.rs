//! Quantities: durations, rates, fractions and sizes as people write them, and values that remember their place.

use archsim_core::Time;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// A value that remembers where in the text it stood, so that a later check can point at it.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Byte range in the text; empty at 0 where the reader keeps no positions.
    pub span: Range<usize>,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> At<T> {
    /// A value without a place (presets, defaults).
    pub fn nowhere(value: T) -> Self {
        At { value, span: 0..0 }
    }
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Placed<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Placed<T> {
            type Value = At<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<At<T>, A::Error> {
                let missing = || de::Error::custom("a placed value has a start, an end and a value");
                let start = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let end = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(At { value, span: start..end })
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<At<T>, D::Error> {
                T::deserialize(deserializer).map(At::nowhere)
            }
        }
        deserializer.deserialize_newtype_struct("$at", Placed(std::marker::PhantomData))
    }
}

/// A map that keeps the order of the file and the place of each key.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries<T>(pub Vec<(At<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(k, _)| k.value == key).map(|(_, v)| v)
    }
    /// The keys in file order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(k, _)| k.value.as_str())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map: { \"name\": value, ... }")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<At<String>, T>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Map(std::marker::PhantomData))
    }
}

/// A number followed by a unit: the text is split where the number ends.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number = text[..end].replace('_', "").parse::<f64>().ok()?;
    Some((number, text[end..].trim_start()))
}

/// A quantity that is read from a number or from a text with a unit.
trait Quantity: Sized {
    const EXPECTED: &'static str;
    fn from_text(text: &str) -> Option<Self>;
    fn from_number(number: f64) -> Result<Self, String>;
}

fn read<'de, Q: Quantity, D: Deserializer<'de>>(deserializer: D) -> Result<Q, D::Error> {
    struct Reader<Q>(std::marker::PhantomData<Q>);
    impl<Q: Quantity> Visitor<'_> for Reader<Q> {
        type Value = Q;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str(Q::EXPECTED)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Q, E> {
            Q::from_text(text.trim()).ok_or_else(|| E::custom(format!("`{text}` is not {}", Q::EXPECTED)))
        }
        fn visit_f64<E: de::Error>(self, number: f64) -> Result<Q, E> {
            Q::from_number(number).map_err(E::custom)
        }
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Q, E> {
            self.visit_f64(number as f64)
        }
        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Q, E> {
            self.visit_f64(number as f64)
        }
    }
    deserializer.deserialize_any(Reader(std::marker::PhantomData))
}

macro_rules! readable {
    ($($name:ident),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        }
    )* };
}
readable!(Span, Instant, Rate, Fraction, Size, Bandwidth);

/// An instant of a run, since its start: `"250ms"`, or a number of seconds as traces have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Time);

impl Quantity for Instant {
    const EXPECTED: &'static str = r#"an instant since the start (write "250ms", "1h30m", or seconds: 12.5)"#;
    fn from_text(text: &str) -> Option<Self> {
        Span::from_text(text).map(|span| Instant(span.0))
    }
    fn from_number(number: f64) -> Result<Self, String> {
        // Up to 2^33 seconds, the longest that fits twice into the clock.
        if (0.0..8.6e9).contains(&number) {
            Ok(Instant(Time::from_secs_f64(number)))
        } else {
            Err(format!("`{number}` is not {}", Self::EXPECTED))
        }
    }
}

/// A length of time: `"250us"`, `"5ms"`, `"1.5s"`, `"1h30m"`. A bare number is never a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Time);

impl Quantity for Span {
    const EXPECTED: &'static str = r#"a duration (write "250us", "5ms", "1.5s", "10m", "1h30m")"#;
    fn from_text(text: &str) -> Option<Self> {
        let (mut rest, mut total) = (text, 0.0);
        if text == "0" {
            return Some(Span(Time::ZERO));
        }
        while !rest.is_empty() {
            let (number, after) = split_number(rest)?;
            let unit_end = after.find(|c: char| c.is_ascii_digit() || c == ' ').unwrap_or(after.len());
            let scale = match &after[..unit_end] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return None,
            };
            total += number * scale;
            rest = after[unit_end..].trim_start();
        }
        // More than 200 years of nanoseconds leave no room for arithmetic.
        (!text.is_empty() && total < 6.3e9).then(|| Span(Time::from_secs_f64(total)))
    }
    fn from_number(number: f64) -> Result<Self, String> {
        Err(format!("`{number}` has no unit: it is not {}", Self::EXPECTED))
    }
}

impl Span {
    /// Reads `"5ms"`; `None` where the text is not a duration.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_text(text.trim())
    }
    /// The length in seconds.
    pub fn seconds(self) -> f64 {
        self.0.as_secs_f64()
    }
}

/// Events per second: `500`, `"500/s"`, `"2k/s"`, `"30/min"`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl Quantity for Rate {
    const EXPECTED: &'static str = r#"a rate (write 500, "500/s", "2k/s", "30/min")"#;
    fn from_text(text: &str) -> Option<Self> {
        let (number, unit) = split_number(text)?;
        let (multiple, per) = unit.split_once('/').unwrap_or((unit, "s"));
        let multiple = match multiple.trim() {
            "" => 1.0,
            "k" => 1e3,
            "M" => 1e6,
            _ => return None,
        };
        let seconds = match per.trim() {
            "ms" => 1e-3,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        Self::from_number(number * multiple / seconds).ok()
    }
    fn from_number(number: f64) -> Result<Self, String> {
        if number.is_finite() && (0.0..=1e9).contains(&number) {
            Ok(Rate(number))
        } else {
            Err(format!("`{number}` is not a rate between 0 and 1,000,000,000 per second"))
        }
    }
}

impl Rate {
    /// Reads `"500/s"`; `None` where the text is not a rate.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_text(text.trim())
    }
}

/// A share: `0.02` or `"2%"`, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fraction(pub f64);

impl Quantity for Fraction {
    const EXPECTED: &'static str = r#"a fraction from 0 to 1 (write 0.02 or "2%")"#;
    fn from_text(text: &str) -> Option<Self> {
        let (number, unit) = split_number(text)?;
        match unit {
            "%" => Self::from_number(number / 100.0).ok(),
            "" => Self::from_number(number).ok(),
            _ => None,
        }
    }
    fn from_number(number: f64) -> Result<Self, String> {
        if (0.0..=1.0).contains(&number) {
            Ok(Fraction(number))
        } else {
            Err(format!("`{number}` is not {}", Self::EXPECTED))
        }
    }
}

impl Fraction {
    /// Reads `"2%"`; `None` where the text is not a fraction.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_text(text.trim())
    }
}

/// Bytes: `512`, `"4KiB"`, `"1.5MB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

fn bytes(text: &str) -> Option<f64> {
    let (number, unit) = split_number(text)?;
    let scale = match unit {
        "" | "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1048576.0,
        "GiB" => 1073741824.0,
        "TiB" => 1099511627776.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => return None,
    };
    (number * scale <= 1e15).then_some(number * scale)
}

impl Quantity for Size {
    const EXPECTED: &'static str = r#"a size (write 512, "4KiB", "1.5MB")"#;
    fn from_text(text: &str) -> Option<Self> {
        bytes(text).map(|b| Size(b.round() as u64))
    }
    fn from_number(number: f64) -> Result<Self, String> {
        if (0.0..=1e15).contains(&number) {
            Ok(Size(number.round() as u64))
        } else {
            Err(format!("`{number}` is not {}", Self::EXPECTED))
        }
    }
}

/// Bytes per second: `"100MB/s"`, `"1Gbit/s"`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Bandwidth(pub f64);

impl Quantity for Bandwidth {
    const EXPECTED: &'static str = r#"a bandwidth (write "100MB/s", "10MiB/s", "1Gbit/s")"#;
    fn from_text(text: &str) -> Option<Self> {
        let volume = text.strip_suffix("/s")?.trim();
        let per_second = match volume.strip_suffix("bit") {
            Some(bits) => {
                let (number, prefix) = split_number(bits)?;
                let scale = match prefix {
                    "" => 1.0,
                    "k" | "K" => 1e3,
                    "M" => 1e6,
                    "G" => 1e9,
                    "T" => 1e12,
                    _ => return None,
                };
                number * scale / 8.0
            }
            None => bytes(volume)?,
        };
        (per_second > 0.0).then_some(Bandwidth(per_second))
    }
    fn from_number(number: f64) -> Result<Self, String> {
        Err(format!("`{number}` has no unit: it is not {}", Self::EXPECTED))
    }
}

/// A number of parallel things: `8`, or the word `Unlimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Limited(u32),
    /// As many as are asked for: nobody ever waits.
    Unlimited,
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a whole number or the word `Unlimited`")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
                u32::try_from(number).map(Count::Limited).map_err(|_| E::custom(format!("`{number}` is too many")))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Count, E> {
                u64::try_from(number)
                    .map_err(|_| E::custom(format!("`{number}` is below zero")))
                    .and_then(|n| self.visit_u64(n))
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Count, A::Error> {
                #[derive(serde::Deserialize)]
                enum Word {
                    Unlimited,
                }
                let Word::Unlimited = Word::deserialize(de::value::EnumAccessDeserializer::new(data))?;
                Ok(Count::Unlimited)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A feature that the language knows and this version cannot run: any value given to it is refused by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotYet;

impl<'de> Deserialize<'de> for NotYet {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(
            "not yet: this version of archsim cannot model this setting; take it out or set it to None",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        let read = |text: &str| Span::parse(text).map(|s| s.0.as_nanos());
        assert_eq!(read("250us"), Some(250_000));
        assert_eq!(read("1.5s"), Some(1_500_000_000));
        assert_eq!(read("1h30m"), Some(5_400_000_000_000));
        assert_eq!(read("2 ms"), Some(2_000_000));
        for wrong in ["5", "1 hour", "", "ms", "-5ms", "5minutes", "1e3s", "999999999999d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates_fractions_sizes_and_bandwidths_are_read_with_their_units() {
        assert_eq!(Rate::parse("2k/s"), Some(Rate(2000.0)));
        assert_eq!(Rate::parse("30/min"), Some(Rate(0.5)));
        assert_eq!(Rate::parse("500"), Some(Rate(500.0)));
        assert_eq!(Rate::parse("5/fortnight"), None);
        assert_eq!(Fraction::from_text("2%"), Some(Fraction(0.02)));
        assert_eq!(Fraction::from_text("110%"), None);
        assert_eq!(Size::from_text("4KiB"), Some(Size(4096)));
        assert_eq!(Size::from_text("1.5MB"), Some(Size(1_500_000)));
        assert_eq!(Bandwidth::from_text("1Gbit/s"), Some(Bandwidth(1.25e8)));
        assert_eq!(Bandwidth::from_text("100MB/s"), Some(Bandwidth(1e8)));
        assert_eq!(Bandwidth::from_text("100MB"), None);
    }
}
