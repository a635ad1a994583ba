//! Priorities: class 0 is the most urgent, first come first served inside a class.
//!
//! Sources: Cobham, Operations Research 2 (1954) (without pre-emption); Kleinrock, "Queueing Systems" vol. 2 (1976),
//! section 3.4 and 3.6; Kella and Yechiali, "Waiting times in the non-preemptive priority M/M/c queue", Stochastic Models 1
//! (1985).

use super::erlang::{Mmc, erlang_c};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

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
