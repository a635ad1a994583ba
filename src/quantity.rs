//! Numbers for the terminal: the best unit, three significant digits, and the interval around them.

use crate::console::Ink;
use archsim_experiment::report::{Estimate, Status};

/// Units of time, the largest first.
const TIMES: [(f64, &str); 7] =
    [(86_400.0, " d"), (3600.0, " h"), (60.0, " min"), (1.0, " s"), (1e-3, " ms"), (1e-6, " us"), (1e-9, " ns")];
/// Prefixes of large numbers, the largest first.
const LARGE: [(f64, &str); 4] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M")];

/// Mean counts below this are as good as none.
const SMALLEST_COUNT: f64 = 0.001;

/// A number split into what is printed before and after its interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// "41.2 ms", or "-" where a number would mislead.
    pub(crate) value: String,
    /// "40.1 .. 42.9" in the same unit, where there is an interval; the reason where there is no value.
    pub(crate) detail: Option<String>,
    /// Whether there is a value.
    pub(crate) known: bool,
    /// How alarming the value is.
    pub(crate) warning: Ink,
}

impl Shown {
    /// Nothing to be measured.
    pub(crate) fn nothing() -> Shown {
        Shown { value: "-".into(), detail: None, known: false, warning: Ink::Plain }
    }

    fn known(value: String, detail: Option<String>) -> Shown {
        Shown { value, detail, known: true, warning: Ink::Plain }
    }

    /// The colour of the value.
    pub(crate) fn ink(&self) -> Ink {
        if self.known { self.warning } else { Ink::Dim }
    }

    /// In one piece: "41.2 ms (40.1 .. 42.9)", "- (no steady state)".
    pub(crate) fn whole(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.value),
            None => self.value.clone(),
        }
    }
}

/// An estimate of a metric.
pub(crate) fn show(metric: &str, estimate: &Estimate) -> Shown {
    let Some(value) = estimate.value.filter(|value| value.is_finite()) else {
        let detail = reason(estimate.status).map(Into::into);
        return match estimate.low.filter(|least| estimate.status == Status::Censored && *least > 0.0) {
            Some(least) => Shown {
                warning: Ink::Unsure,
                ..Shown::known(format!("> {}", plain(least, unit_of(metric, estimate.unit))), detail)
            },
            None => Shown { detail, ..Shown::nothing() },
        };
    };
    if estimate.unit == "count" && value > 0.0 && value < SMALLEST_COUNT {
        return Shown::known(format!("< {SMALLEST_COUNT}"), None);
    }
    let unit = unit_of(metric, estimate.unit);
    if let (Status::UpperBound, Some(high)) = (estimate.status, estimate.high) {
        return Shown::known(format!("< {}", plain(high, unit)), None);
    }
    let scale = Scale::of(if value == 0.0 { estimate.high.unwrap_or(0.0) } else { value }, unit);
    let decimals = decimals(value / scale.size, scale.fewest);
    let end = |end: f64| scale.end(end, if value == 0.0 { 3 } else { decimals + 1 });
    let detail = match (estimate.low, estimate.high) {
        (Some(low), Some(high)) if low < high || !exact(estimate.unit, value) => {
            Some(format!("{} .. {}", end(low), end(high)))
        }
        _ => None,
    };
    let warned = warning(estimate.status);
    let detail = match (detail, warned) {
        (Some(detail), Some(warning)) => Some(format!("{detail}, {warning}")),
        (detail, warning) => detail.or(warning.map(Into::into)),
    };
    let ink = if warned.is_some() { Ink::Unsure } else { Ink::Plain };
    Shown { warning: ink, ..Shown::known(scale.print(value), detail) }
}

/// A difference between two values of a metric, with its sign: "+1.07 ms (+0.98 .. +1.16)".
pub(crate) fn difference(metric: &str, estimate: &Estimate) -> Shown {
    let Some(value) = estimate.value.filter(|value| value.is_finite()) else {
        return Shown { detail: reason(estimate.status).map(Into::into), ..Shown::nothing() };
    };
    let ends = estimate.low.zip(estimate.high);
    let largest = ends.map_or(value.abs(), |(low, high)| value.abs().max(low.abs()).max(high.abs()));
    let mut scale = Scale::of(largest, unit_of(metric, estimate.unit));
    if scale.suffix == "%" {
        // Percentage points: a change of a share is not a share of it.
        scale.suffix = " pp".into();
    }
    let decimals = decimals(largest / scale.size, scale.fewest);
    let signed = |value: f64| {
        let text = format!("{:.decimals$}", (value / scale.size).abs());
        let zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        let sign = if zero {
            ""
        } else if value < 0.0 {
            "-"
        } else {
            "+"
        };
        if zero { "0".into() } else { format!("{sign}{}", separated(&text)) }
    };
    let detail =
        ends.filter(|(low, high)| low < high).map(|(low, high)| format!("{} .. {}", signed(low), signed(high)));
    Shown::known(signed(value) + &scale.suffix, detail.or(warning(estimate.status).map(Into::into)))
}

/// Whether a value without doubt needs no interval: what the file says, and nothing at all. Percentiles are told to a bucket of
/// the histogram, so that theirs can be without width by chance.
fn exact(unit: &str, value: f64) -> bool {
    value == 0.0 || matches!(unit, "count" | "money/h")
}

/// A value of a metric with its unit: "41.2 ms".
pub(crate) fn value(metric: &str, unit: &'static str, value: f64) -> String {
    plain(value, unit_of(metric, unit))
}

/// Amplification is a ratio, not a share: 1.24 attempts for each call.
fn unit_of(metric: &str, unit: &'static str) -> &'static str {
    if metric.ends_with(".amplification") { "x" } else { unit }
}

/// What has to be known with a value.
fn warning(status: Status) -> Option<&'static str> {
    match status {
        Status::NotConverged => Some("not converged"),
        Status::HeavyTail => Some("heavy tail"),
        Status::TooFew => Some("too short for an interval"),
        _ => None,
    }
}

/// Why there is no value.
pub(crate) fn reason(status: Status) -> Option<&'static str> {
    match status {
        Status::Ok | Status::OneReplication | Status::NotConverged | Status::UpperBound | Status::HeavyTail => None,
        Status::NoData => Some("nothing seen"),
        Status::TooFew => Some("too few"),
        Status::NoSteadyState => Some("no steady state"),
        Status::Stopped => Some("stopped early"),
        Status::NotRecovered => Some("not recovered"),
        Status::Censored => Some("not over at the end"),
    }
}

/// A number with its unit.
pub(crate) fn plain(value: f64, unit: &str) -> String {
    if value.is_finite() { Scale::of(value, unit).print(value) } else { "-".into() }
}

/// A number that is given, not measured: without zeros at its end.
pub(crate) fn given(value: f64, unit: &str) -> String {
    let scale = Scale::of(value, unit);
    let text = scale.print(value);
    match text.strip_suffix(&scale.suffix) {
        Some(number) => trimmed(number) + &scale.suffix,
        None => text,
    }
}

/// A duration: "10 min", "3m20s".
pub(crate) fn seconds(value: f64) -> String {
    let largest = if value < 3600.0 { 60.0 } else { 3600.0 };
    if value == value.round() && (60.0..86_400.0).contains(&value) && value % largest != 0.0 {
        let part = |count: f64, name: &str| if count > 0.0 { format!("{count}{name}") } else { String::new() };
        let (hours, minutes) = ((value / 3600.0).floor(), (value / 60.0).floor() % 60.0);
        return part(hours, "h") + &part(minutes, "m") + &part(value % 60.0, "s");
    }
    let (size, name) = time_unit(value);
    trimmed(&format!("{:.*}", decimals(value / size, 0), value / size)) + name
}

/// A large count in short: "7.2M".
pub(crate) fn count(value: u64) -> String {
    plain(value as f64, "count")
}

/// How a number is divided and what follows it.
struct Scale {
    size: f64,
    suffix: String,
    /// Significant digits of numbers below one.
    fewest: usize,
    whole: bool,
}

impl Scale {
    fn of(value: f64, unit: &str) -> Scale {
        let scale = |size: f64, suffix: String| Scale { size, suffix, fewest: 3, whole: false };
        let (size, prefix) = LARGE.into_iter().find(|(size, _)| significant(value).abs() >= *size).unwrap_or((1.0, ""));
        match unit {
            "s" => {
                let (size, name) = time_unit(value);
                scale(size, name.into())
            }
            "1" => Scale { fewest: 2, ..scale(0.01, "%".into()) },
            "1/s" => scale(size, format!("{prefix}/s")),
            "B" | "B/s" => {
                let kilo = size == 1.0 && significant(value).abs() >= 1e3;
                let (size, prefix) = if kilo { (1e3, "k") } else { (size, prefix) };
                scale(size, format!(" {prefix}{unit}"))
            }
            "money/h" => scale(size, format!("{prefix}/h")),
            "x" => scale(1.0, "x".into()),
            _ => Scale { whole: value.fract() == 0.0 && size == 1.0, ..scale(size, prefix.into()) },
        }
    }

    fn print(&self, value: f64) -> String {
        if value == 0.0 {
            return format!("0{}", self.suffix);
        }
        let scaled = value / self.size;
        let decimals = if self.whole { 0 } else { decimals(scaled, self.fewest) };
        separated(&format!("{scaled:.decimals$}")) + &self.suffix
    }

    /// An end of an interval around a value with about as many decimals.
    fn end(&self, value: f64, most: usize) -> String {
        let scaled = value / self.size;
        let text = format!("{scaled:.*}", decimals(scaled, self.fewest).min(most));
        if scaled == 0.0 { "0".into() } else { separated(&text) }
    }
}

fn time_unit(seconds: f64) -> (f64, &'static str) {
    let rounded = significant(seconds).abs();
    // The tolerance absorbs the last bit of products such as 3 * 1e-6.
    let fits = TIMES.into_iter().find(|(size, _)| rounded >= size * (1.0 - 1e-9));
    fits.unwrap_or(if rounded == 0.0 { (1.0, " s") } else { (1e-9, " ns") })
}

/// A value rounded to three significant digits. Printing and reading back is exact on every platform.
fn significant(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Decimals for three significant digits; numbers below one get `fewest` of them.
fn decimals(value: f64, fewest: usize) -> usize {
    let exponent: i32 = format!("{value:.2e}").rsplit('e').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    match exponent {
        2.. => 0,
        0 | 1 => 2 - exponent.unsigned_abs() as usize,
        below => (below.unsigned_abs() as usize + fewest.max(1) - 1).min(12),
    }
}

/// Thousands separated by commas.
fn separated(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = fraction.map_or(String::new(), |fraction| format!(".{fraction}"));
    format!("{sign}{grouped}{fraction}")
}

/// Without zeros at the end of the decimals.
fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, low: f64, high: f64, unit: &'static str) -> Estimate {
        Estimate { value: Some(value), low: Some(low), high: Some(high), unit, status: Status::Ok, n: 9 }
    }

    #[test]
    fn times_take_the_best_unit() {
        let shown = [41.23e-3, 2.4711, 13e-6, 0.9996, 0.0, 754.0, 1e-12].map(|value| plain(value, "s"));
        assert_eq!(shown, ["41.2 ms", "2.47 s", "13.0 us", "1.00 s", "0 s", "12.6 min", "0.00100 ns"]);
        assert_eq!([600.0, 0.05, 12_500_000.0].map(seconds), ["10 min", "50 ms", "145 d"]);
        assert_eq!([90.0, 200.0, 3661.0, 5400.0].map(seconds), ["1m30s", "3m20s", "1h1m1s", "1h30m"]);
    }

    #[test]
    fn given_numbers_have_no_zeros_at_their_end() {
        assert_eq!([8.0, 1200.0, 0.25].map(|value| given(value, "1/s")), ["8/s", "1,200/s", "0.25/s"]);
        assert_eq!(given(0.015, "s"), "15 ms");
    }

    #[test]
    fn whole_parts_are_never_rounded_below_a_million() {
        assert_eq!(["1,128/s", "1.23M/s", "0.500/s"], [1128.4, 1.2345e6, 0.5].map(|value| plain(value, "1/s")));
        assert_eq!(["6", "0.413", "7.24M"], [6.0, 0.4126, 7.24e6].map(|value| plain(value, "count")));
    }

    #[test]
    fn shares_are_percent_and_small_ones_have_two_digits() {
        let shown = [0.5482, 0.00132, 1.104, 0.0, 0.000_012].map(|value| plain(value, "1"));
        assert_eq!(shown, ["54.8%", "0.13%", "110%", "0%", "0.0012%"]);
        assert_eq!(value("a -> b.amplification", "1", 1.2345), "1.23x");
    }

    #[test]
    fn sizes_and_money() {
        assert_eq!([512.0, 1500.0, 2e9].map(|value| plain(value, "B/s")), ["512 B/s", "1.50 kB/s", "2.00 GB/s"]);
        assert_eq!(plain(1.04, "money/h"), "1.04/h");
    }

    #[test]
    fn intervals_share_the_unit_of_the_value() {
        assert_eq!(show("x", &estimate(0.0412, 0.0401, 0.0429, "s")).whole(), "41.2 ms (40.1 .. 42.9)");
        assert_eq!(show("x", &estimate(0.310, 0.270, 1.371, "s")).whole(), "310 ms (270 .. 1,371)");
        assert_eq!(show("x", &estimate(0.12, 0.0987, 0.141, "s")).whole(), "120 ms (98.7 .. 141)");
        assert_eq!(show("x", &estimate(0.0, 0.0, 0.001, "1")).whole(), "0% (0 .. 0.10)");
    }

    #[test]
    fn what_is_not_known_has_a_reason() {
        let unknown = Estimate { value: None, low: None, high: None, unit: "s", status: Status::NoSteadyState, n: 0 };
        assert_eq!(show("x", &unknown).whole(), "- (no steady state)");
        assert_eq!(plain(f64::NAN, "s"), "-");
    }
}
