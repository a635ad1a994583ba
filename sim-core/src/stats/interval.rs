//! Intervals: how far a mean may be from the truth.

pub use super::quantiles::{normal_quantile, student_t_quantile};

/// An estimate with the interval that holds the true value with the stated confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Half the width of the interval.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }

    /// Whether the interval holds this value, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Count, mean and variance of a sequence, one value at a time (Welford, Technometrics 4, 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Moments {
    /// Adds a value.
    #[inline]
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
    }

    /// Adds all values of another sequence after those of this one (Chan, Golub and LeVeque, The American Statistician
    /// 37, 1983). The last digits depend on the order of merging: keep it fixed.
    pub fn merge(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let distance = other.mean - self.mean;
        let share = other.count as f64 / count as f64;
        self.squares += other.squares + distance * distance * share * self.count as f64;
        self.mean += distance * share;
        self.count = count;
    }

    /// How many values were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; nothing without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The sample variance (divisor n - 1); nothing below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Student's interval for the mean, mean +- t sqrt(variance / n), at a confidence between 0 and 1. Nothing below
    /// two values, if a value was not finite, or for another confidence.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let variance = self.variance()?;
        if !(variance.is_finite() && confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let t = student_t_quantile(0.5 + 0.5 * confidence, (self.count - 1) as f64);
        let half = t * (variance / self.count as f64).sqrt();
        Some(Interval { value: self.mean, low: self.mean - half, high: self.mean + half })
    }
}

/// Student's interval for the mean of independent samples; see [`Moments::interval`].
pub fn mean_interval(samples: &[f64], confidence: f64) -> Option<Interval> {
    let mut moments = Moments::default();
    samples.iter().for_each(|sample| moments.push(*sample));
    moments.interval(confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.push(*value));
        moments
    }

    #[test]
    fn moments_by_hand() {
        let m = moments(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((m.count(), m.mean()), (8, Some(5.0)));
        assert!((m.variance().unwrap() - 32.0 / 7.0).abs() < 1e-14);
        assert_eq!((moments(&[]).mean(), moments(&[3.0]).variance()), (None, None));
    }

    #[test]
    fn merging_is_adding() {
        let mut left = moments(&[1.0, 2.5, 3.0]);
        left.merge(&moments(&[-4.0, 8.0]));
        let whole = moments(&[1.0, 2.5, 3.0, -4.0, 8.0]);
        assert_eq!(left.count(), 5);
        assert!((left.mean().unwrap() - whole.mean().unwrap()).abs() < 1e-14);
        assert!((left.variance().unwrap() - whole.variance().unwrap()).abs() < 1e-13);
        let mut empty = Moments::default();
        empty.merge(&whole);
        empty.merge(&Moments::default());
        assert_eq!(empty, whole);
    }

    #[test]
    fn mean_interval_by_hand() {
        // Mean 2, variance 1, n = 3: half-width t(0.975; 2) / sqrt(3) = 4.302652729749464 / 1.7320508.
        let interval = mean_interval(&[1.0, 2.0, 3.0], 0.95).unwrap();
        assert_eq!(interval.value, 2.0);
        assert!((interval.half_width() - 2.484_137_711_7).abs() < 1e-9);
        assert!(interval.contains(0.0) && !interval.contains(-0.5));
    }

    #[test]
    fn no_interval_without_a_basis() {
        assert_eq!(mean_interval(&[], 0.95), None);
        assert_eq!(mean_interval(&[1.0], 0.95), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN], 0.95), None);
        assert_eq!(mean_interval(&[1.0, f64::INFINITY], 0.95), None);
        assert_eq!(mean_interval(&[1.0, 2.0], 1.0), None);
        assert_eq!(mean_interval(&[1.0, 1.0], 0.9), Some(Interval { value: 1.0, low: 1.0, high: 1.0 }));
    }
}
