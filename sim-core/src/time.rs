//! Simulated time: whole nanoseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant (since the start of the run) or a duration, in whole nanoseconds; at most about 584 years.
///
/// Arithmetic saturates at both ends, so a far future stays a far future.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Time(u64);

/// The units of `Display`, largest first: whole multiples only from the minute up.
const LONG_UNITS: [(u64, &str); 3] = [(86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m")];
/// Decimal units of `Display`, largest first, with the number of decimals that a nanosecond needs.
const SHORT_UNITS: [(u64, usize, &str); 3] = [(1_000_000_000, 9, "s"), (1_000_000, 6, "ms"), (1_000, 3, "us")];

impl Time {
    /// The start of the run; the empty duration.
    pub const ZERO: Time = Time(0);
    /// The end of time: 2^64 - 1 ns.
    pub const MAX: Time = Time(u64::MAX);

    /// A time of this many nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// The duration from an instant that is not later; cheaper than subtracting, which has to allow for one that is.
    #[inline(always)]
    pub fn since(self, earlier: Time) -> Time {
        debug_assert!(earlier <= self, "{earlier:?} is after {self:?}");
        Time(self.0.wrapping_sub(earlier.0))
    }

    /// The time in nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Nanoseconds rounded to the nearest whole one, halves to the even one. Negative numbers and NaN give [`Time::ZERO`],
    /// what is too large gives [`Time::MAX`].
    #[inline(always)]
    pub fn from_nanos_f64(nanos: f64) -> Time {
        // Between 2^52 and 2^53 a double counts in ones, so adding 2^52 rounds, and the low bits are the result: cheaper than a
        // saturating conversion. 2^51 ns are 26 days.
        const ONES: f64 = 4_503_599_627_370_496.0;
        if (0.0..ONES / 2.0).contains(&nanos) {
            Time((nanos + ONES).to_bits() - ONES.to_bits())
        } else {
            Time::from_far(nanos)
        }
    }

    #[cold]
    fn from_far(nanos: f64) -> Time {
        Time(libm::rint(nanos) as u64)
    }

    /// Seconds rounded to the nearest nanosecond; the same rules as [`Time::from_nanos_f64`].
    #[inline]
    pub fn from_secs_f64(seconds: f64) -> Time {
        Time::from_nanos_f64(seconds * 1e9)
    }

    /// The time in seconds, to the nearest floating-point number.
    #[inline]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This duration `factor` times, at most [`Time::MAX`].
    #[inline]
    pub const fn saturating_mul(self, factor: u64) -> Time {
        Time(self.0.saturating_mul(factor))
    }
}

impl Add for Time {
    type Output = Time;

    #[inline]
    fn add(self, other: Time) -> Time {
        Time(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Time {
    #[inline]
    fn add_assign(&mut self, other: Time) {
        *self = *self + other;
    }
}

impl Sub for Time {
    type Output = Time;

    #[inline]
    fn sub(self, other: Time) -> Time {
        Time(self.0.saturating_sub(other.0))
    }
}

/// Exact and short: the largest unit that fits, decimals without trailing zeros: `2m`, `1.5s`, `250us`, `0s`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        if let Some((unit, name)) = LONG_UNITS.iter().find(|(unit, _)| self.0.is_multiple_of(*unit)) {
            return f.pad(&format!("{}{name}", self.0 / unit));
        }
        match SHORT_UNITS.iter().find(|(unit, ..)| self.0 >= *unit) {
            None => f.pad(&format!("{}ns", self.0)),
            Some((unit, places, name)) => {
                let text = format!("{}.{:0places$}", self.0 / unit, self.0 % unit, places = *places);
                f.pad(&format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.')))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_rounds_to_the_nearest_nanosecond_and_saturates() {
        assert_eq!(Time::from_secs_f64(1.5), Time::from_nanos(1_500_000_000));
        assert_eq!(Time::from_nanos_f64(2.4), Time::from_nanos(2));
        // Halves go to the even number, near zero and beyond 2^51 alike.
        assert_eq!(Time::from_nanos_f64(2.5), Time::from_nanos(2));
        assert_eq!(Time::from_nanos_f64(3.5), Time::from_nanos(4));
        assert_eq!(Time::from_nanos_f64(2.6), Time::from_nanos(3));
        assert_eq!(Time::from_nanos_f64(2_251_799_813_685_250.5), Time::from_nanos(2_251_799_813_685_250));
        assert_eq!(Time::from_nanos_f64(2_251_799_813_685_247.5), Time::from_nanos(2_251_799_813_685_248));
        assert_eq!(Time::from_secs_f64(-1.0), Time::ZERO);
        assert_eq!(Time::from_secs_f64(f64::NAN), Time::ZERO);
        assert_eq!(Time::from_secs_f64(f64::INFINITY), Time::MAX);
        assert_eq!(Time::from_nanos(2_500_000_000).as_secs_f64(), 2.5);
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let one = Time::from_nanos(1);
        assert_eq!(Time::MAX + one, Time::MAX);
        assert_eq!(Time::ZERO - one, Time::ZERO);
        assert_eq!(Time::from_nanos(7) - Time::from_nanos(3), Time::from_nanos(4));
        assert_eq!(Time::MAX.saturating_mul(2), Time::MAX);
        let mut sum = one;
        sum += one.saturating_mul(3);
        assert_eq!(sum.as_nanos(), 4);
    }

    #[test]
    fn display_is_exact_and_short() {
        let cases = [
            (0, "0s"),
            (7, "7ns"),
            (250_000, "250us"),
            (1_250, "1.25us"),
            (2_000_001, "2.000001ms"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "90s"),
            (120_000_000_000, "2m"),
            (5_400_000_000_000, "90m"),
            (7_200_000_000_000, "2h"),
            (86_400_000_000_000, "1d"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Time::from_nanos(nanos).to_string(), text);
        }
    }
}
