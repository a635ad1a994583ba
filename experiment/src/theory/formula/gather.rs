//! Several independent times at once: when so many of them are over.
//!
//! Source: David and Nagaraja, "Order Statistics" (3rd ed. 2003), chapters 2 and 3.

use crate::theory::numeric::quadrature;
use crate::theory::numeric::roots::bisect;
use archsim_core::Dist;

/// Panels of the mean.
const PANELS: usize = 60;
/// Probability in the tail that is left out of the mean.
const LEFT_OUT: f64 = 1e-9;
/// More times are not counted one by one.
const MOST: usize = 64;

/// Times with laws, `need` of which have to be over.
#[derive(Clone, Debug)]
pub struct Gather {
    /// Laws with how many times have each.
    laws: Vec<(Dist, usize)>,
    need: usize,
}

impl Gather {
    /// The times; nothing where a law has no percentiles, or only some of very many are needed.
    pub fn new(times: &[Dist], need: usize) -> Option<Self> {
        let mut laws: Vec<(Dist, usize)> = Vec::new();
        for time in times {
            time.quantile(0.5)?;
            match laws.iter_mut().find(|(law, _)| law == time) {
                Some((_, count)) => *count += 1,
                None => laws.push((time.clone(), 1)),
            }
        }
        let possible = !times.is_empty() && (1..=times.len()).contains(&need);
        (possible && (need == times.len() || times.len() <= MOST)).then_some(Gather { laws, need })
    }

    /// P(enough are over by t).
    pub fn over_by(&self, t: f64) -> f64 {
        let over = self.laws.iter().map(|(law, count)| (over_by(law, t), *count));
        if self.laws.iter().map(|(_, count)| count).sum::<usize>() == self.need {
            return over.map(|(p, count)| libm::pow(p, count as f64)).product();
        }
        // Probability that so many are over, one time after the other.
        let mut exactly = vec![1.0];
        for p in over.flat_map(|(p, count)| std::iter::repeat_n(p, count)) {
            exactly.push(0.0);
            for k in (0..exactly.len()).rev() {
                exactly[k] = exactly[k] * (1.0 - p) + if k > 0 { exactly[k - 1] * p } else { 0.0 };
            }
        }
        exactly[self.need..].iter().sum()
    }

    /// Percentile of the time until enough are over.
    pub fn quantile(&self, p: f64) -> f64 {
        let mut most = self.laws.iter().map(|(law, _)| law.mean()).fold(1e-12, f64::max);
        while self.over_by(most) < p && most < 1e15 {
            most *= 2.0;
        }
        bisect(0.0, most, |t| self.over_by(t) - p)
    }

    /// Mean time until enough are over.
    pub fn mean(&self) -> f64 {
        // In parts that end at percentiles: laws may have long tails, and corners at their ends.
        let corners = self.laws.iter().flat_map(|(law, _)| [law.quantile(0.0), law.quantile(1.0 - 1e-12)]).flatten();
        let inner = [0.5, 0.9, 0.99, 0.9999, 1.0 - LEFT_OUT].map(|p| self.quantile(p));
        let end = inner[inner.len() - 1];
        let mut parts: Vec<f64> = corners.chain(inner).chain([0.0]).filter(|t| (0.0..=end).contains(t)).collect();
        parts.sort_by(f64::total_cmp);
        let part = |pair: &[f64]| quadrature::integral(pair[0], pair[1], PANELS / 6, |t| 1.0 - self.over_by(t));
        parts.windows(2).filter(|pair| pair[1] > pair[0]).map(part).sum()
    }
}

/// P(T <= t) from the percentiles.
fn over_by(law: &Dist, t: f64) -> f64 {
    match law {
        Dist::Exponential { mean } => -libm::expm1(-t / mean),
        Dist::Constant(value) => f64::from(u8::from(t >= *value)),
        _ if law.quantile(0.0).is_some_and(|least| t < least) => 0.0,
        _ if law.quantile(1.0 - 1e-15).is_some_and(|most| t >= most) => 1.0,
        _ => bisect(0.0, 1.0, |p| law.quantile(p).unwrap_or(f64::INFINITY) - t),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::fork_join::harmonic;

    #[test]
    fn exponential_times() {
        let exponential = Dist::Exponential { mean: 2.0 };
        let all = Gather::new(&vec![exponential.clone(); 10], 10).unwrap();
        assert!((all.mean() / (2.0 * harmonic(10)) - 1.0).abs() < 1e-6, "{}", all.mean());
        // The second of three: 1/3 + 1/2 of the mean.
        let two = Gather::new(&vec![exponential.clone(); 3], 2).unwrap();
        assert!((two.mean() / (2.0 * (1.0 / 3.0 + 0.5)) - 1.0).abs() < 1e-6);
        // P(T > t) of the first of five is that of one, five times as fast.
        let first = Gather::new(&vec![exponential; 5], 1).unwrap();
        assert!((first.quantile(0.99) / (0.4 * libm::log(100.0)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn times_of_different_laws() {
        // The larger of an exponential time and a constant one: c + m e^(-c/m).
        let both = Gather::new(&[Dist::Exponential { mean: 1.0 }, Dist::Constant(2.0)], 2).unwrap();
        assert!((both.mean() / (2.0 + libm::exp(-2.0)) - 1.0).abs() < 1e-5, "{}", both.mean());
        // The larger of two uniform times on 0..1 and 0..2: E = 1 + 1/12.
        let uniform = |max| Dist::Uniform { min: 0.0, max };
        let both = Gather::new(&[uniform(1.0), uniform(2.0)], 2).unwrap();
        assert!((both.mean() - 13.0 / 12.0).abs() < 1e-5, "{}", both.mean());
        assert!(Gather::new(&[uniform(1.0)], 2).is_none());
    }
}
