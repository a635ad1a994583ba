//! Priorities: class 0 is the most urgent, first come first served inside a class.
//!
//! Sources: Cobham, Operations Research 2 (1954) (without pre-emption); Kleinrock, "Queueing Systems" vol. 2 (1976),
//! section 3.4 and 3.6; Kella and Yechiali, "Waiting times in the non-preemptive priority M/M/c queue", Stochastic Models 1
//! (1985).

use super::Law;
use super::erlang::{Mmc, erlang_c};
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};

/// A class: Poisson arrivals and the first two moments of its service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service: f64,
    /// Second moment of the service time.
    pub second_moment: f64,
}

impl Class {
    fn load(&self) -> f64 {
        self.arrival_rate * self.service
    }
}

/// Loads of the more urgent classes and of those and this one.
fn loads(classes: &[Class], class: usize) -> (f64, f64) {
    let above: f64 = classes[..class].iter().map(Class::load).sum();
    (above, above + classes[class].load())
}

fn residual(classes: &[Class]) -> f64 {
    classes.iter().map(|class| class.arrival_rate * class.second_moment / 2.0).sum()
}

/// Mean wait of a class on one server without pre-emption (Cobham). Infinite where it and the more urgent ones overload the
/// server; the total load must be below 1.
pub fn wait_mean(classes: &[Class], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    if with >= 1.0 { f64::INFINITY } else { residual(classes) / ((1.0 - above) * (1.0 - with)) }
}

/// Mean response time of a class on one server where a more urgent request interrupts and the interrupted one goes on where
/// it was. Less urgent classes do not matter, and may overload the server.
pub fn preemptive_response_mean(classes: &[Class], class: usize) -> f64 {
    let (above, with) = loads(classes, class);
    if with >= 1.0 {
        return f64::INFINITY;
    }
    classes[class].service / (1.0 - above) + residual(&classes[..=class]) / ((1.0 - above) * (1.0 - with))
}

/// Mean wait of a class on several servers without pre-emption, exponential service with one mean for all classes.
pub fn wait_mean_servers(rates: &[f64], class: usize, service: f64, servers: u32) -> f64 {
    let c = f64::from(servers);
    let load = |upto: usize| rates[..upto].iter().sum::<f64>() * service / c;
    let waits = erlang_c(servers, rates.iter().sum::<f64>() * service);
    waits * service / (c * (1.0 - load(class)) * (1.0 - load(class + 1)))
}

/// Mean response time of a class on several servers with pre-emption, exponential service with one mean for all: the classes
/// up to each one form a queue M/M/c of their own, and Little's law takes the differences.
pub fn preemptive_response_mean_servers(rates: &[f64], class: usize, service: f64, servers: u32) -> f64 {
    let inside = |upto: usize| {
        let arrival_rate: f64 = rates[..upto].iter().sum();
        arrival_rate * Mmc { arrival_rate, service, servers }.response_mean()
    };
    (inside(class + 1) - if class == 0 { 0.0 } else { inside(class) }) / rates[class]
}

/// Waits without pre-emption, as laws: one server, or several with exponential service of one mean.
///
/// Source: Kesten and Runnenberg, "Priority in waiting line problems", Indagationes Mathematicae 60 (1957); Kella and Yechiali 1985
/// (several servers: those who wait, wait as on one server that is as fast as all).
#[derive(Clone, Debug)]
pub struct Waits {
    rates: Vec<f64>,
    laws: Vec<Law>,
    /// Load, and probability of waiting over it.
    load: f64,
    scale: f64,
}

/// Rounds of the fixed point of a busy period, and the error that ends them.
const ROUNDS: usize = 5_000;
const SETTLED: f64 = 1e-14;

impl Waits {
    /// The queue by the rates and services of its classes; nothing if a transform is slow or has jumps.
    pub fn new(rates: Vec<f64>, laws: Vec<Law>, servers: u32) -> Option<Self> {
        if !laws.iter().all(Law::has_plain_transform) {
            return None;
        }
        let offered: f64 = rates.iter().zip(&laws).map(|(rate, law)| rate * law.mean()).sum();
        let load = offered / f64::from(servers);
        let quicker = |law: &Law| Law::new(&law.dist().scaled(1.0 / f64::from(servers)));
        let (laws, scale) = match servers {
            1 => (laws, 1.0),
            _ => (laws.iter().map(quicker).collect(), erlang_c(servers, offered) / load),
        };
        Some(Waits { rates, laws, load, scale })
    }

    /// The transform of the wait of a class on the one server.
    fn transform(&self, class: usize, s: Complex) -> Complex {
        let urgent: f64 = self.rates[..class].iter().sum();
        let served = |z: Complex, from: usize, to: usize| {
            let parts = self.rates[from..to].iter().zip(&self.laws[from..to]);
            parts.fold(Complex::from(0.0), |sum, (rate, law)| sum + law.transform(z) * *rate)
        };
        // Every more urgent request that comes while one waits adds a busy period of its kind.
        let (mut busy, mut z) = (Complex::from(urgent), s);
        for _ in 0..ROUNDS {
            z = s + Complex::from(urgent) - busy;
            let next = served(z, 0, class);
            let change = next - busy;
            busy = next;
            if change.re.abs() + change.im.abs() <= SETTLED * (1.0 + urgent) {
                break;
            }
        }
        let (own, all) = (self.rates[class], self.rates.len());
        let below: f64 = self.rates[class + 1..].iter().sum();
        let others = Complex::from(below) - served(z, class + 1, all);
        let numerator = z * (1.0 - self.load) + others;
        numerator / (s - Complex::from(own) + served(z, class, class + 1))
    }

    /// P(wait > t) of a class.
    pub fn wait_tail(&self, class: usize, t: f64) -> f64 {
        let none = 1.0 - self.load;
        let waits = |s: Complex| self.transform(class, s) - Complex::from(none);
        // The part that waits, as a law of its own: the inversion is better without the mass at zero.
        self.scale * self.load * inversion::tail(t, inversion::SMOOTH, |s| waits(s) * (1.0 / self.load))
    }

    /// Percentile of the wait of a class.
    pub fn wait_quantile(&self, class: usize, p: f64) -> f64 {
        let waits = self.scale * self.load;
        if p <= 1.0 - waits { 0.0 } else { quantile(p, self.laws[class].mean(), |t| self.wait_tail(class, t)) }
    }

    /// Percentile of the response time of requests of a class that ask for this service; nothing if its transform has jumps.
    pub fn response_quantile(&self, class: usize, service: &Law, p: f64) -> Option<f64> {
        let transform = |s: Complex| {
            let waited = (self.transform(class, s) - Complex::from(1.0 - self.load)) * self.scale;
            (waited + Complex::from(1.0 - self.scale * self.load)) * service.transform(s)
        };
        let tail = |t| inversion::tail(t, inversion::SMOOTH, transform);
        service.has_plain_transform().then(|| quantile(p, service.mean(), tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;
    use archsim_core::Dist;

    #[test]
    fn without_pre_emption() {
        let class = |arrival_rate| Class { arrival_rate, service: 1.0, second_moment: 2.0 };
        let classes = [class(0.3), class(0.5)];
        agrees("prio-np-2/wait.mean[1]", wait_mean(&classes, 0), 1e-9);
        agrees("prio-np-2/wait.mean[2]", wait_mean(&classes, 1), 1e-9);
        for at in [0, 1] {
            let same = wait_mean_servers(&[0.3, 0.5], at, 1.0, 1);
            assert!((same / wait_mean(&classes, at) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn percentiles_of_waits() {
        let waits = Waits::new(vec![0.3, 0.5], vec![Law::exponential(1.0); 2], 1).unwrap();
        for (class, name, p) in [(0, "p95", 0.95), (0, "p99", 0.99), (1, "p95", 0.95), (1, "p99", 0.99)] {
            agrees(&format!("prio-np-2/wait.{name}[{}]", class + 1), waits.wait_quantile(class, p), 1e-5);
        }
    }

    #[test]
    fn percentiles_of_waits_add_up_to_the_mean() {
        let laws =
            vec![Law::exponential(1.0), Law::new(&Dist::Gamma { shape: 0.5, scale: 3.0 }), Law::exponential(2.0)];
        let rates = [0.2, 0.15, 0.1];
        let class = |at: usize| Class {
            arrival_rate: rates[at],
            service: laws[at].mean(),
            second_moment: laws[at].second_moment(),
        };
        let classes = [class(0), class(1), class(2)];
        let waits = Waits::new(rates.to_vec(), laws.clone(), 1).unwrap();
        let mean = |quantile: &dyn Fn(f64) -> f64| {
            (0..2000).map(|k| quantile((f64::from(k) + 0.5) / 2000.0)).sum::<f64>() / 2000.0
        };
        for at in 0..3 {
            let found = mean(&|p| waits.wait_quantile(at, p));
            assert!((found / wait_mean(&classes, at) - 1.0).abs() < 0.01, "{at}: {found}");
        }
        let three = Waits::new(vec![1.0, 1.2], vec![Law::exponential(1.0); 2], 3).unwrap();
        let found = mean(&|p| three.wait_quantile(1, p));
        assert!((found / wait_mean_servers(&[1.0, 1.2], 1, 1.0, 3) - 1.0).abs() < 0.01, "{found}");
    }

    #[test]
    fn with_pre_emption() {
        let class = |arrival_rate, service: f64, scv: f64| Class {
            arrival_rate,
            service,
            second_moment: service * service * (1.0 + scv),
        };
        let classes = [class(0.1, 1.0, 0.0), class(0.2, 0.5, 0.5), class(0.3, 2.0, 4.0)];
        for at in 0..3 {
            agrees(&format!("prio-pr-3/response.mean[{}]", at + 1), preemptive_response_mean(&classes, at), 1e-9);
        }
        for at in 0..2 {
            let found = preemptive_response_mean_servers(&[0.9, 1.5], at, 1.0, 3);
            agrees(&format!("prio-pr-c3/response.mean[{}]", at + 1), found, 1e-9);
        }
        let overloaded = [class(0.5, 1.0, 1.0), class(0.7, 1.0, 1.0)];
        assert_eq!(preemptive_response_mean(&overloaded, 0), 2.0);
        assert_eq!(preemptive_response_mean(&overloaded, 1), f64::INFINITY);
    }
}
