//! Laws and rates in words.

use super::stations::Order;
use archsim_core::Dist;

/// "8/s".
pub(crate) fn rate(rate: f64) -> String {
    format!("{}/s", short(rate))
}

/// "exponential service mean 100 ms".
pub(crate) fn service(dist: &Dist) -> String {
    let name = match dist {
        Dist::Constant(_) => "constant",
        Dist::Uniform { .. } => "uniform",
        Dist::Exponential { .. } => "exponential",
        Dist::Normal { .. } => "normal",
        Dist::Erlang { .. } => "Erlang",
        Dist::Gamma { .. } => "gamma",
        Dist::LogNormal { .. } => "log-normal",
        Dist::Weibull { .. } => "Weibull",
        Dist::Pareto { .. } => "Pareto",
        Dist::Triangular { .. } => "triangular",
        Dist::Sequence(_) => "given",
        Dist::Mixture(_) => "mixed",
        Dist::Empirical(_) => "measured",
    };
    format!("{name} service mean {} ms", short(dist.mean() * 1e3))
}

/// "first come first served".
pub(crate) fn order(order: Order) -> &'static str {
    match order {
        Order::Fifo => "first come first served",
        Order::AtRandom => "random order",
        Order::Lifo(false) => "last come first served",
        Order::Lifo(true) => "last come first served, interrupting",
        Order::Priority(false) => "by priority",
        Order::Priority(true) => "by priority, interrupting",
        Order::Shortest(false) => "shortest first",
        Order::Shortest(true) => "shortest first, interrupting",
        Order::ShortestRemaining => "shortest remaining first",
        Order::LeastAttained => "least attained first",
        Order::Sharing => "processor sharing",
    }
}

/// A number with at most four digits that count.
fn short(value: f64) -> String {
    let digits = if value >= 1e3 {
        0
    } else if value >= 10.0 {
        1
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!((rate(8.0), rate(1234.5)), ("8/s".into(), "1234/s".into()));
        assert_eq!(service(&Dist::Exponential { mean: 0.1 }), "exponential service mean 100 ms");
        assert_eq!(service(&Dist::Constant(0.00025)), "constant service mean 0.25 ms");
    }
}
