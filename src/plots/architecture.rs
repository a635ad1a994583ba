//! The picture of the architecture with what was measured on it.

use super::labels;
use crate::chart::{Architecture, Calls, Drawing, Figure, Node};
use crate::quantity::plain;
use archsim_experiment::report::{Report, Verdict};

/// The picture; none where nothing is called.
pub(super) fn picture(report: &Report) -> Option<Figure> {
    let sources = report.traffic.iter().map(|(name, _)| node(report, name, "traffic", 1, true));
    let components =
        report.components.iter().map(|(name, kind, instances)| node(report, name, kind, *instances, false));
    let nodes: Vec<Node> = sources.chain(components).collect();
    let calls: Vec<Calls> = report.edges.iter().filter_map(|edge| calls(report, &nodes, edge)).collect();
    let title = title(report, &nodes);
    let look = "Follow the widest lines to the darkest box: that is where the load goes.";
    let data = Architecture { nodes, calls };
    (!data.calls.is_empty())
        .then(|| Figure::new("architecture", labels(&report.name, title, look, "", ""), Drawing::Architecture(data)))
}

fn node(report: &Report, name: &str, kind: &str, instances: u32, source: bool) -> Node {
    let of = |metric: &str| metric.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    Node {
        name: name.into(),
        kind: kind.into(),
        instances,
        busy: report.get(&format!("{name}.utilization")).and_then(|estimate| estimate.value).filter(|_| !source),
        breached: report.slos.iter().any(|slo| slo.verdict == Verdict::Fail && of(&slo.metric)),
        source,
    }
}

fn calls(report: &Report, nodes: &[Node], edge: &str) -> Option<Calls> {
    let (from, to) = edge.split_once(" -> ")?;
    let place = |name: &str| nodes.iter().position(|node| node.name == name);
    let of = |word: &str| report.get(&format!("{edge}.{word}")).and_then(|estimate| estimate.value);
    let retries =
        of("retries").zip(of("calls")).filter(|(_, calls)| *calls > 0.0).map(|(retries, calls)| retries / calls);
    Some(Calls { from: place(from)?, to: place(to)?, rate: of("attempts").or(of("calls")), retries })
}

fn title(report: &Report, nodes: &[Node]) -> String {
    let failed: Vec<&str> = nodes.iter().filter(|node| node.breached).map(|node| node.name.as_str()).collect();
    let busiest = nodes.iter().filter_map(|node| Some((node.busy?, node))).max_by(|a, b| a.0.total_cmp(&b.0));
    let load = report.traffic.first().and_then(|(name, _)| {
        let rate = report.get(&format!("{name}.rate"))?.value?;
        Some(format!("{} of {name}", plain(rate, "1/s")))
    });
    let busiest = busiest.map(|(busy, node)| format!("{} is the busiest, {}", node.name, plain(busy, "1")));
    let failed = (!failed.is_empty()).then(|| format!("SLOs on {} fail", failed.join(", ")));
    let parts: Vec<String> = load.into_iter().chain(busiest).chain(failed).collect();
    if parts.is_empty() { "Who calls whom".into() } else { parts.join("; ") }
}
