//! Laws in the words of the cases, and as distributions of a scenario; one unit of time is one second.

/// A law of times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Law {
    Constant(f64),
    Exp(f64),
    Uniform(f64, f64),
    Erlang(u32, f64),
    /// Mean and squared coefficient of variation.
    Gamma(f64, f64),
    LogNormal(f64, f64),
    /// Shape and scale.
    Weibull(f64, f64),
    /// Tail index, smallest, largest.
    Pareto(f64, f64, Option<f64>),
    Mix(Vec<(f64, Law)>),
}

/// A time of a scenario.
pub(crate) fn span(seconds: f64) -> String {
    format!("\"{seconds:.9}s\"")
}

impl Law {
    /// Reads "erlang(k=2,mean=1)", "deterministic 1", "0.5 with probability 0.99, else 50.5"...
    pub(crate) fn parse(text: &str) -> Result<Law, String> {
        let text = text.trim();
        let numbers = numbers(text);
        if let Ok(value) = text.parse() {
            return Ok(Law::Constant(value));
        }
        if text.contains("with probability") {
            return match numbers[..] {
                [first, p, second, ..] => {
                    Ok(Law::Mix(vec![(p, Law::Constant(first)), (1.0 - p, Law::Constant(second))]))
                }
                _ => Err(format!("the law `{text}`")),
            };
        }
        let word = text.split(['(', ' ', ',']).next().unwrap_or_default().to_lowercase();
        let bounded = text.to_lowercase().starts_with("bounded pareto");
        let named = Arguments(text);
        let law = match word.as_str() {
            _ if bounded => named.pareto(),
            "deterministic" | "constant" | "exactly" | "always" => numbers.first().map(|x| Law::Constant(*x)),
            "exp" | "exponential" => named.mean().map(Law::Exp),
            "erlang" => named.named("k").and_then(|k| named.mean().map(|mean| Law::Erlang(k as u32, mean))),
            "uniform" => (numbers.len() >= 2).then(|| Law::Uniform(numbers[0], numbers[1])),
            "hyperexp2" | "hyperexp" => named.mean().zip(named.named("scv")).map(|(mean, scv)| balanced(mean, scv)),
            "lognormal" => named.mean().zip(named.named("scv")).map(|(mean, scv)| Law::LogNormal(mean, scv)),
            "gamma" => match (named.mean(), named.named("shape"), named.named("scv")) {
                (Some(mean), Some(shape), _) => Some(Law::Gamma(mean, 1.0 / shape)),
                (Some(mean), None, Some(scv)) => Some(Law::Gamma(mean, scv)),
                _ => None,
            },
            "weibull" => {
                named.named("shape").zip(named.named("scale")).map(|(shape, scale)| Law::Weibull(shape, scale))
            }
            "pareto" => named.pareto(),
            _ => None,
        };
        law.ok_or_else(|| format!("the law `{text}`"))
    }

    /// The mean.
    pub(crate) fn mean(&self) -> f64 {
        match self {
            Law::Constant(mean)
            | Law::Exp(mean)
            | Law::Erlang(_, mean)
            | Law::Gamma(mean, _)
            | Law::LogNormal(mean, _) => *mean,
            Law::Uniform(low, high) => (low + high) / 2.0,
            Law::Weibull(shape, scale) => scale * libm::tgamma(1.0 + 1.0 / shape),
            Law::Pareto(alpha, min, None) => alpha * min / (alpha - 1.0),
            Law::Pareto(alpha, min, Some(max)) => {
                let ratio = min / max;
                let kept = 1.0 - libm::pow(ratio, *alpha);
                alpha * min / (alpha - 1.0) * (1.0 - libm::pow(ratio, alpha - 1.0)) / kept
            }
            Law::Mix(parts) => parts.iter().map(|(weight, law)| weight * law.mean()).sum(),
        }
    }

    /// As a scenario writes it.
    pub(crate) fn ron(&self) -> String {
        match self {
            Law::Constant(value) => span(*value),
            Law::Exp(mean) => format!("Exp({})", span(*mean)),
            Law::Uniform(low, high) => format!("Uniform({}, {})", span(*low), span(*high)),
            Law::Erlang(k, mean) => format!("Erlang({}, {k})", span(*mean)),
            Law::Gamma(mean, scv) => format!("Gamma({}, {:?})", span(*mean), scv.sqrt()),
            Law::LogNormal(mean, scv) => format!("LogNormal(mean: {}, cv: {:?})", span(*mean), scv.sqrt()),
            Law::Weibull(shape, scale) => format!("Weibull(shape: {shape:?}, scale: {})", span(*scale)),
            Law::Pareto(alpha, min, max) => {
                let max = max.map_or(String::new(), |max| format!(", max: {}", span(max)));
                format!("Pareto(min: {}, alpha: {alpha:?}{max})", span(*min))
            }
            Law::Mix(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|(weight, law)| format!("({weight:?}, {})", law.ron())).collect();
                format!("Mix([{}])", parts.join(", "))
            }
        }
    }
}

/// Two exponentials that carry the same load each.
fn balanced(mean: f64, scv: f64) -> Law {
    let p = (1.0 + ((scv - 1.0) / (scv + 1.0)).max(0.0).sqrt()) / 2.0;
    Law::Mix(vec![(p, Law::Exp(mean / (2.0 * p))), (1.0 - p, Law::Exp(mean / (2.0 * (1.0 - p))))])
}

/// Every number in a text.
pub(crate) fn numbers(text: &str) -> Vec<f64> {
    let digit = |c: char| c.is_ascii_digit() || c == '.';
    text.split(|c| !digit(c)).filter_map(|word| word.trim_end_matches('.').parse().ok()).collect()
}

struct Arguments<'a>(&'a str);

impl Arguments<'_> {
    fn named(&self, key: &str) -> Option<f64> {
        let inside = self.0.split_once('(').map_or(self.0, |(_, rest)| rest);
        let assigned = |part: &str| {
            let (name, value) = part.trim().split_once(['=', ' '])?;
            (name.trim() == key).then(|| value.trim_matches([' ', ')', '=']).parse().ok())?
        };
        inside.split(',').find_map(assigned)
    }
    fn mean(&self) -> Option<f64> {
        self.named("mean").or_else(|| self.named("rate").map(|rate| 1.0 / rate))
    }
    fn pareto(&self) -> Option<Law> {
        let min = self.named("min").or(self.named("low"))?;
        Some(Law::Pareto(self.named("alpha")?, min, self.named("high").or(self.named("max"))))
    }
}

#[test]
fn laws_are_read_as_they_are_written() {
    let law = |text: &str| Law::parse(text);
    assert_eq!(law("exp(rate=12)"), Ok(Law::Exp(1.0 / 12.0)));
    assert_eq!(law("erlang(k=2,mean=1.25)"), Ok(Law::Erlang(2, 1.25)));
    assert_eq!(law("deterministic, one every 1.25"), Ok(Law::Constant(1.25)));
    assert_eq!(law("uniform(0,2.5)"), Ok(Law::Uniform(0.0, 2.5)));
    let bimodal = Law::Mix(vec![(0.98, Law::Constant(1.0)), (1.0 - 0.98, Law::Constant(100.0))]);
    assert_eq!(law("1 with probability 0.98, else 100"), Ok(bimodal));
    assert_eq!(law("magic(mean=1)"), Err("the law `magic(mean=1)`".to_owned()));
    assert!((law("hyperexp2(mean=2,scv=4,balanced)").map_or(0.0, |law| law.mean()) - 2.0).abs() < 1e-12);
}
