//! Roots of monotone functions.

/// Halvings of an interval: enough for every digit of a number.
const HALVINGS: usize = 200;
/// Steps of the false position; each at least halves the interval every third time.
const STEPS: usize = 120;

/// Where a function changes sign between two numbers, by bisection; the function may be anything monotone.
pub fn bisect(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> f64 {
    let rising = function(high) > 0.0;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if (function(middle) > 0.0) == rising { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

/// The `p`-quantile of a law whose tail `P(T > t)` is given; `scale` is a time of its order. Zero where the law has enough
/// mass at zero.
///
/// False position on the logarithm of the tail (Illinois variant: Dowell and Jarratt, BIT 11, 1971): the tails of queues
/// are nearly exponential, so that few evaluations are needed.
pub fn quantile(p: f64, scale: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let goal = 1.0 - p;
    let error = |t: f64| libm::log(tail(t).max(1e-300) / goal);
    let (mut low, mut high) = (0.0, scale);
    let mut at_low = error(scale * 1e-9);
    if at_low <= 0.0 {
        return 0.0;
    }
    let mut at_high = error(high);
    while at_high > 0.0 {
        (low, at_low) = (high, at_high);
        high *= 2.0;
        if high > scale * 1e15 {
            return f64::INFINITY;
        }
        at_high = error(high);
    }
    let (mut side, mut middle) = (0, high);
    for step in 0..STEPS {
        let crossing = (low * at_high - high * at_low) / (at_high - at_low);
        middle = if step % 3 == 2 { 0.5 * (low + high) } else { crossing };
        let value = error(middle);
        if value > 0.0 {
            (low, at_low) = (middle, value);
            at_high *= if side > 0 { 0.5 } else { 1.0 };
            side = 1;
        } else {
            (high, at_high) = (middle, value);
            at_low *= if side < 0 { 0.5 } else { 1.0 };
            side = -1;
        }
        if high - low <= 1e-10 * high || value.abs() < 1e-11 {
            break;
        }
    }
    middle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_whichever_way_the_function_goes() {
        assert!((bisect(0.0, 2.0, |x| x * x - 2.0) - libm::sqrt(2.0)).abs() < 1e-15);
        assert!((bisect(0.0, 2.0, |x| 2.0 - x * x) - libm::sqrt(2.0)).abs() < 1e-15);
    }

    #[test]
    fn quantiles_of_an_exponential_law_with_mass_at_zero() {
        let tail = |t: f64| 0.5 * libm::exp(-t);
        assert!((quantile(0.99, 0.01, tail) - libm::log(50.0)).abs() < 1e-8);
        assert_eq!(quantile(0.4, 1.0, tail), 0.0);
    }
}
