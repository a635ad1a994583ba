//! From a value to a pixel, and where the ticks are.

use super::number::{Unit, power_of_ten, significant, tick, value as print};

/// A log axis shows at most this many decades below its largest value; what is smaller lies on its edge.
const MOST_DECADES: i32 = 12;
/// Values are cut here so that differences stay finite.
const LARGEST: f64 = 1e300;
/// Smaller values are taken for zero, so that steps stay above it.
const SMALLEST: f64 = 1e-290;
/// Rungs of a log axis between ten seconds and a day in seconds, and whether they are major.
const CLOCK: [(f64, bool); 12] = [
    (20.0, false),
    (30.0, false),
    (60.0, true),
    (120.0, false),
    (300.0, false),
    (600.0, true),
    (1200.0, false),
    (1800.0, false),
    (3600.0, true),
    (7200.0, false),
    (18_000.0, false),
    (36_000.0, false),
];
/// Steps of a linear time axis from ten seconds on.
const CLOCK_STEPS: [f64; 15] = [
    10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0,
];

/// How an axis treats its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Even steps, always starting at zero: heights can be compared.
    FromZero,
    /// Even steps around the data; zero only where it is near.
    Around,
    /// Factors of ten.
    Log,
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where it is, in the unit of the axis.
    pub(super) value: f64,
    /// What it says.
    pub(super) label: String,
}

/// An axis: the values it covers and the pixels it covers them with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
    log: bool,
    unit: Unit,
    from: f64,
    to: f64,
}

impl Scale {
    /// An axis over all usable `values` from pixel `from` to pixel `to` with about `count` ticks.
    pub(super) fn fit(
        values: impl Iterator<Item = f64>,
        kind: Kind,
        unit: Unit,
        (from, to): (f64, f64),
        count: usize,
    ) -> Scale {
        let usable = |value: &f64| value.is_finite() && (kind != Kind::Log || *value > 0.0);
        let cut = |value: f64| if value.abs() < SMALLEST { 0.0 } else { value.clamp(-LARGEST, LARGEST) };
        let mut range: Option<(f64, f64)> = None;
        for value in values.filter(usable).map(cut) {
            let (low, high) = range.unwrap_or((value, value));
            range = Some((low.min(value), high.max(value)));
        }
        let (low, high, step) = match kind {
            Kind::Log => log_range(range, unit),
            _ => linear_range(range, kind, unit, count),
        };
        Scale { low, high, step, log: kind == Kind::Log, unit, from, to }
    }

    /// An axis over exactly `low` to `high`.
    pub(super) fn exact((low, high): (f64, f64), unit: Unit, (from, to): (f64, f64)) -> Scale {
        Scale { low, high, step: nice_step((high - low) / 5.0, unit), log: false, unit, from, to }
    }

    /// The pixel of `value`, cut to the axis; none where it is not a number.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        (!value.is_nan()).then(|| self.from + self.share(value).clamp(0.0, 1.0) * (self.to - self.from))
    }

    /// Whether `value` lies on the axis without being cut.
    pub(super) fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Where `value` lies between the ends, 0 to 1 inside.
    fn share(&self, value: f64) -> f64 {
        if !self.log {
            return (value.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low);
        }
        if value <= self.low {
            return 0.0;
        }
        libm::log10(value.min(LARGEST) / self.low) / libm::log10(self.high / self.low)
    }

    /// The ticks, from low to high.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        if self.log { self.log_ticks() } else { self.linear_ticks() }
    }

    fn linear_ticks(&self) -> Vec<Tick> {
        // The tolerance keeps ticks that rounding has pushed just over an end.
        let first = (self.low / self.step - 1e-6).ceil();
        let last = (self.high / self.step + 1e-6).floor();
        let count = (last - first).clamp(0.0, 30.0) as usize;
        let at = |index: usize| significant((first + index as f64) * self.step, 12);
        (0..=count).map(at).map(|value| Tick { value, label: tick(value, self.step, self.unit) }).collect()
    }

    fn log_ticks(&self) -> Vec<Tick> {
        let inside = |rung: &(f64, bool)| rung.0 >= self.low * 0.999 && rung.0 <= self.high * 1.001;
        let rungs: Vec<(f64, bool)> = ladder(self.low, self.high, self.unit).into_iter().filter(inside).collect();
        let major: Vec<(f64, bool)> = rungs.iter().copied().filter(|rung| rung.1).collect();
        let chosen = if major.len() < 3 { rungs } else { major };
        let every = chosen.len().div_ceil(9);
        chosen.iter().step_by(every).map(|&(value, _)| Tick { value, label: print(value, self.unit) }).collect()
    }
}

fn linear_range(range: Option<(f64, f64)>, kind: Kind, unit: Unit, count: usize) -> (f64, f64, f64) {
    let (mut low, mut high) = range.unwrap_or((0.0, 1.0));
    if kind == Kind::FromZero || (low >= 0.0 && low < high * 0.4) {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    // Less than this cannot be told apart in the labels.
    if high - low <= 1e-6 * low.abs().max(high.abs()) {
        let room = if high == 0.0 { 1.0 } else { high.abs() * 0.5 };
        (low, high) = if kind == Kind::FromZero { (low, high + room) } else { (low - room, high + room) };
    }
    let step = nice_step((high - low) / count as f64, unit);
    if kind == Kind::FromZero {
        return ((low / step).floor() * step, (high / step - 1e-6).ceil() * step, step);
    }
    let room = (high - low) * 0.03;
    (if low == 0.0 { 0.0 } else { low - room }, high + room, step)
}

/// The next of 1, 2, 5 times a power of ten, or of the steps of a clock, at or above `raw`.
fn nice_step(raw: f64, unit: Unit) -> f64 {
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    if unit == Unit::Seconds && raw > 5.0 && raw <= 86_400.0 {
        return CLOCK_STEPS.into_iter().find(|step| *step >= raw * 0.999).unwrap_or(86_400.0);
    }
    let base = if unit == Unit::Seconds && raw > 86_400.0 { 86_400.0 } else { 1.0 };
    let exponent = libm::floor(libm::log10(raw / base)) as i32;
    let decade = base * power_of_ten(exponent);
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps.into_iter().map(|factor| factor * decade).find(|step| *step >= raw * 0.999).unwrap_or(10.0 * decade)
}

fn log_range(range: Option<(f64, f64)>, unit: Unit) -> (f64, f64, f64) {
    let (low, high) = range.unwrap_or((0.001, 1.0));
    let low = low.max(high * power_of_ten(-MOST_DECADES)).max(SMALLEST);
    let high = high.max(low);
    let rungs = ladder(low, high, unit);
    // Five percent of room keep the data off the frame.
    let below = rungs.iter().rev().map(|rung| rung.0).find(|rung| *rung <= low * 0.95);
    let above = rungs.iter().map(|rung| rung.0).find(|rung| *rung >= high * 1.05);
    (below.unwrap_or(low * 0.5), above.unwrap_or(high * 2.0), 1.0)
}

/// Round values from below `low` to above `high`, sorted; the major ones are a factor of about ten apart.
fn ladder(low: f64, high: f64, unit: Unit) -> Vec<(f64, bool)> {
    let first = libm::floor(libm::log10(low)) as i32 - 1;
    let last = libm::floor(libm::log10(high)) as i32 + 1;
    let decades = (first..=last).flat_map(|exponent| {
        let decade = power_of_ten(exponent);
        [(decade, true), (2.0 * decade, false), (5.0 * decade, false)]
    });
    if unit != Unit::Seconds {
        return decades.collect();
    }
    let days = (0..=last.max(0)).flat_map(|exponent| {
        let decade = 86_400.0 * power_of_ten(exponent);
        [(decade, true), (2.0 * decade, false), (5.0 * decade, false)]
    });
    decades.filter(|rung| rung.0 <= 10.0).chain(CLOCK).chain(days).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        scale.ticks().into_iter().map(|tick| tick.label).collect()
    }

    fn fit(values: &[f64], kind: Kind, unit: Unit) -> Scale {
        Scale::fit(values.iter().copied(), kind, unit, (0.0, 100.0), 5)
    }

    #[test]
    fn a_linear_axis_starts_at_zero_and_ends_on_a_tick() {
        let scale = fit(&[3.0, 41.0], Kind::FromZero, Unit::Number);
        assert_eq!(labels(&scale), ["0", "10", "20", "30", "40", "50"]);
        assert_eq!(scale.place(25.0), Some(50.0));
        assert_eq!(scale.place(99.0), Some(100.0));
        assert_eq!(scale.place(f64::NAN), None);
        assert!(scale.covers(50.0) && !scale.covers(50.1));
    }

    #[test]
    fn a_log_axis_of_time_counts_in_clock_units() {
        let scale = fit(&[0.002, 7000.0], Kind::Log, Unit::Seconds);
        assert_eq!(labels(&scale), ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min", "1 h"]);
        assert_eq!(scale.place(0.0), Some(0.0));
        assert_eq!(scale.place(f64::INFINITY), Some(100.0));
    }

    #[test]
    fn a_short_log_axis_has_ticks_between_decades() {
        assert_eq!(labels(&fit(&[0.03, 0.08], Kind::Log, Unit::Seconds)), ["20 ms", "50 ms", "100 ms"]);
    }

    #[test]
    fn a_time_axis_steps_like_a_clock() {
        let scale = fit(&[0.0, 600.0], Kind::Around, Unit::Seconds);
        assert_eq!(labels(&scale), ["0", "2 min", "4 min", "6 min", "8 min", "10 min"]);
    }

    #[test]
    fn any_input_gives_a_usable_axis() {
        let nasty: [&[f64]; 9] = [
            &[],
            &[f64::NAN, f64::INFINITY],
            &[0.0],
            &[5.0, 5.0],
            &[-3.0],
            &[1e-300, 1e300],
            &[-1e308, 1e308],
            &[5e-324],
            &[1e12, 1e12 + 1e-3],
        ];
        for kind in [Kind::FromZero, Kind::Around, Kind::Log] {
            for unit in [Unit::Seconds, Unit::PerSecond, Unit::Share, Unit::Bytes, Unit::Number] {
                for values in nasty {
                    let scale = fit(values, kind, unit);
                    assert!(scale.high > scale.low, "{values:?} {kind:?}");
                    let ticks = scale.ticks();
                    assert!((1..=31).contains(&ticks.len()), "{values:?} {kind:?} {ticks:?}");
                    assert!(ticks.is_sorted_by(|a, b| a.value < b.value), "{values:?} {ticks:?}");
                    for value in values.iter().filter(|value| !value.is_nan()) {
                        assert!(scale.place(*value).is_some_and(|pixel| (0.0..=100.0).contains(&pixel)));
                    }
                }
            }
        }
    }
}
