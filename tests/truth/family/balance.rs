//! A dispatcher before several servers.

use super::open::{UNIT, poisson, service};
use crate::params::{Maybe, Params};
use crate::view::{Study, View};

/// One balancer, servers of one worker each.
pub(super) fn policies(p: &Params) -> Maybe<Vec<View>> {
    // "At least 1000" stands for the limit of many servers.
    let servers = p.count_or("servers", 1000);
    let rate = p.number("arrival_rate").or_else(|_| p.number("rho").map(|rho| rho * f64::from(servers)))?;
    let load = rate * p.law_or("service", UNIT)?.mean() / f64::from(servers);
    let choices = p.count_or("d", 2);
    let policy = match p.text("policy").unwrap_or(if p.has("d") { "pod" } else { "jiq" }) {
        "jsq" => "LeastOutstanding".to_owned(),
        "random" => "Random".to_owned(),
        "round-robin" | "rr" => "RoundRobin".to_owned(),
        "pod" => format!("PowerOfTwo(choices: {choices})"),
        "jiq" => "JoinIdle".to_owned(),
        "least-work" | "lwl" => "LeastWork".to_owned(),
        other => return Err(format!("the policy {other}")),
    };
    let law = p.law_or("service", UNIT)?;
    let components = format!(
        "\"lb\": LoadBalancer(targets: [\"s\"], policy: {policy}), {}",
        service("s", &format!("replicas: {servers}, "), &format!("Compute({})", law.ron()))
    );
    let study = Study::new(poisson("u", "lb", rate, ""), components, rate).settle(20.0 / (1.0 - load).max(0.01));
    Ok(vec![View::new("", study, "u", "s")])
}
