//! Numbers for people: the best unit and three significant digits.

use serde::{Deserialize, Serialize};

/// What a number on an axis is, which decides how it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    /// A duration in seconds, printed as ns, us, ms, s, min, h or d.
    Seconds,
    /// A rate, printed as `1,200/s`.
    PerSecond,
    /// A share of one, printed in percent.
    Share,
    /// A size in bytes, printed in powers of 1000.
    Bytes,
    /// A count or anything else without a unit.
    Number,
}

/// The units of time, the largest first.
const TIMES: [(f64, &str); 7] =
    [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")];

/// The prefixes for large numbers, the largest first.
const LARGE: [(f64, &str); 4] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M")];

/// `value` with three significant digits; a dash where it is not finite.
pub(super) fn value(value: f64, unit: Unit) -> String {
    print(value, unit, 3)
}

/// The label of a tick on an axis whose ticks are `step` apart: enough digits to tell neighbours apart.
pub(super) fn tick(value: f64, step: f64, unit: Unit) -> String {
    if unit != Unit::Seconds || value == 0.0 {
        return print(value, unit, 7);
    }
    let (size, name) = time_unit(if value.abs() / step >= 1e4 { value } else { step });
    format!("{} {name}", decimal(value / size, 7))
}

fn print(value: f64, unit: Unit, digits: usize) -> String {
    // A share is multiplied by a hundred below.
    if !(value * 100.0).is_finite() {
        return "-".to_string();
    }
    match unit {
        Unit::Seconds => duration(value, digits),
        Unit::PerSecond => format!("{}/s", large(value, digits)),
        Unit::Share => format!("{}%", large(value * 100.0, digits)),
        Unit::Bytes => bytes(value, digits),
        Unit::Number => large(value, digits),
    }
}

fn duration(seconds: f64, digits: usize) -> String {
    if seconds == 0.0 {
        return "0".to_string();
    }
    // Rounding first keeps 999.9 ms from being printed as 1,000 ms.
    let rounded = significant(seconds, digits);
    let (size, name) = time_unit(rounded);
    format!("{} {name}", decimal(rounded / size, digits))
}

fn time_unit(seconds: f64) -> (f64, &'static str) {
    // The tolerance absorbs the last bit of steps such as 3 * 1e-6.
    let fits = |unit: &&(f64, &str)| seconds.abs() >= unit.0 * (1.0 - 1e-9);
    *TIMES.iter().find(fits).unwrap_or(&TIMES[TIMES.len() - 1])
}

fn bytes(value: f64, digits: usize) -> String {
    let rounded = significant(value, digits);
    if rounded.abs() < 1e6 && rounded.abs() >= 1e3 {
        return format!("{} kB", decimal(rounded / 1e3, digits));
    }
    let scaled = LARGE.iter().find(|(size, _)| rounded.abs() >= *size);
    scaled.map_or_else(
        || format!("{} B", decimal(rounded, digits)),
        |(size, name)| format!("{} {name}B", decimal(rounded / size, digits)),
    )
}

fn large(value: f64, digits: usize) -> String {
    let rounded = significant(value, digits);
    let scaled = LARGE.iter().find(|(size, _)| rounded.abs() >= *size);
    scaled.map_or_else(
        || decimal(rounded, digits),
        |(size, name)| {
            let mantissa = decimal(rounded / size, digits);
            if mantissa.contains('e') { decimal(rounded, digits) } else { format!("{mantissa}{name}") }
        },
    )
}

/// `value` rounded to `digits` significant digits.
pub(super) fn significant(value: f64, digits: usize) -> f64 {
    // Printing and reading back is exact and the same on every platform, unlike powers of ten.
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// Ten to the power of `exponent`, correctly rounded.
pub(super) fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(0.0)
}

/// Decimal notation with thousands separators, `1e-7` style outside 1e-4 to 1e6.
fn decimal(value: f64, digits: usize) -> String {
    let rounded = significant(value, digits);
    if rounded == 0.0 {
        return "0".to_string();
    }
    if rounded.abs() < 1e-4 || rounded.abs() >= 1e9 {
        return shorten_exponent(&format!("{rounded:.*e}", digits.min(3).saturating_sub(1)));
    }
    let text = format!("{rounded}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').map_or((text, String::new()), |(a, b)| (a, format!(".{b}")));
    format!("{sign}{}{fraction}", group(whole))
}

/// `1.00e-7` becomes `1e-7`.
fn shorten_exponent(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_string() };
    if !mantissa.contains('.') {
        return text.to_string();
    }
    format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
}

fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_best_unit() {
        let cases = [
            (0.0, "0"),
            (4e-9, "4 ns"),
            (0.000_012_34, "12.3 us"),
            (0.041, "41 ms"),
            (0.9999, "1 s"),
            (2.4712, "2.47 s"),
            (90.0, "1.5 min"),
            (7200.0, "2 h"),
            (172_800.0, "2 d"),
            (f64::NAN, "-"),
            (f64::INFINITY, "-"),
            (1e-15, "1e-6 ns"),
        ];
        for (seconds, text) in cases {
            assert_eq!(value(seconds, Unit::Seconds), text);
        }
    }

    #[test]
    fn rates_have_thousands_separators_and_large_ones_a_prefix() {
        let cases =
            [(1200.0, "1,200/s"), (0.5, "0.5/s"), (2_000_000.0, "2M/s"), (1e30, "1e30/s"), (-1234.0, "-1,230/s")];
        for (rate, text) in cases {
            assert_eq!(value(rate, Unit::PerSecond), text);
        }
    }

    #[test]
    fn shares_sizes_and_counts() {
        assert_eq!(value(0.831, Unit::Share), "83.1%");
        assert_eq!(value(0.0001, Unit::Share), "0.01%");
        assert_eq!(value(1536.0, Unit::Bytes), "1.54 kB");
        assert_eq!(value(12.0, Unit::Bytes), "12 B");
        assert_eq!(value(3e9, Unit::Bytes), "3 GB");
        assert_eq!(value(1_234_567.0, Unit::Number), "1.23M");
        assert_eq!(value(1e-7, Unit::Number), "1e-7");
    }

    #[test]
    fn ticks_share_the_unit_of_their_step() {
        assert_eq!(tick(0.2, 0.2, Unit::Seconds), "200 ms");
        assert_eq!(tick(1.4, 0.2, Unit::Seconds), "1,400 ms");
        assert_eq!(tick(600.0, 120.0, Unit::Seconds), "10 min");
        assert_eq!(tick(1002.0, 2.0, Unit::PerSecond), "1,002/s");
        assert_eq!(tick(0.0, 2.0, Unit::Seconds), "0");
    }

    #[test]
    fn powers_of_ten_are_exact() {
        assert_eq!(power_of_ten(-3), 0.001);
        assert_eq!(power_of_ten(6), 1_000_000.0);
    }
}
