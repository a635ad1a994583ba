//! Stable, vulnerable, metastable: in which of these states a run with faults shows a system.
//!
//! N. Bronson, A. Aghayev, A. Charapko and T. Zhu, "Metastable Failures in Distributed Systems", HotOS 2021; L. Huang et al.,
//! "Metastable Failures in the Wild", OSDI 2022: a *vulnerable* system works until a trigger tips it into a *metastable* failure, which
//! stays when the trigger is gone; a *stable* one comes back by itself. Nothing is said but what the run has shown: that this trigger did
//! not tip the system does not mean that none would.

use crate::chart::{Stage, State};
use archsim_experiment::report::{Report, Status};

/// Goodput that is lower than before the first fault by more than this share is low.
const LOW: f64 = 0.1;
/// The end of a run is this share of it.
const END: f64 = 0.1;

/// The states, in order of time; none without faults that end, and where recovery was not measured.
pub(super) fn stages(report: &Report) -> Vec<Stage> {
    let Some(first) = report.faults.iter().map(|fault| fault.1).reduce(f64::min) else { return vec![] };
    let ends: Option<Vec<f64>> = report.faults.iter().map(|fault| fault.2).collect();
    let Some(last) = ends.into_iter().flatten().reduce(f64::max) else { return vec![] };
    let stage = |state, from: f64, to: f64| Stage { state, from, to };
    let end = report.duration;
    let found =
        report.traffic.iter().filter_map(|(source, _)| Some((source, report.get(&format!("{source}.recovery"))?)));
    let mut back = None;
    for (source, recovery) in found {
        match (recovery.status, recovery.value) {
            (Status::NotRecovered, _) if is_low(report, source, first) => {
                return vec![stage(State::Vulnerable, 0.0, first), stage(State::Metastable, last, end)];
            }
            (Status::NotRecovered, _) => return vec![],
            (_, Some(seconds)) => back = Some(seconds.max(back.unwrap_or(0.0))),
            (_, None) => {}
        }
    }
    let Some(back) = back else { return vec![] };
    let stages = [
        stage(State::Stable, 0.0, first),
        stage(State::Recovering, last, (last + back).min(end)),
        stage(State::Stable, (last + back).min(end), end),
    ];
    stages.into_iter().filter(|stage| stage.to > stage.from).collect()
}

/// Whether fewer requests are answered ok at the end than before the first fault.
fn is_low(report: &Report, source: &str, first: f64) -> bool {
    let between = |from: f64, to: f64| super::series::between(report, &format!("{source}.goodput"), from, to);
    let (before, after) = (between(0.0, first), between((1.0 - END) * report.duration, report.duration));
    super::series::mean(&before).zip(super::series::mean(&after)).is_some_and(|(b, a)| a < (1.0 - LOW) * b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_experiment::check::check_alone;
    use archsim_experiment::language::Source;
    use archsim_experiment::run::{Nobody, run};

    fn found(text: &str) -> Vec<(State, f64, f64)> {
        let checked = check_alone(&Source::new("stages", text), &|name| Err(format!("no file {name}")));
        let report = run(&checked.model.expect("it can be run"), &Nobody).expect("it ran");
        stages(&report).into_iter().map(|stage| (stage.state, stage.from, stage.to)).collect()
    }

    /// Every 20 ms a request of 10 ms work.
    fn paused(more: &str) -> String {
        format!(
            r#"(name: "stages", run: (duration: "200s", replications: 2),
            traffic: {{ "u": Open(to: "s", rate: 50, arrivals: Deterministic) }},
            components: {{ "s": Service(on: {{ "x": [Compute("10ms")] }}) }}, {more})"#
        )
    }

    #[test]
    fn a_backlog_that_drains_is_recovering_and_what_it_disturbed_is_stable() {
        // 10 s of standstill leave 500 requests; 100/s are served and 50/s come: 10 s to drain.
        let found = found(&paused(r#"faults: [Pause(target: "s", at: "100s", for: "10s")]"#));
        let expected = [(State::Stable, 0.0, 100.0), (State::Recovering, 110.0, 120.0), (State::Stable, 120.0, 200.0)];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_backlog_that_still_drains_at_the_end_is_no_metastable_failure() {
        // 45 s of standstill, the run ends 35 s later: latency is not back, goodput is even higher than before.
        assert_eq!(found(&paused(r#"faults: [Pause(target: "s", at: "120s", for: "45s")]"#)), []);
        assert_eq!(found(&paused(r#"faults: [Slow(target: "s", at: "100s", factor: 1.2)]"#)), []);
    }

    #[test]
    fn a_retry_storm_is_metastable_once_its_cause_is_gone() {
        let storm = include_str!("../../scenarios/retry-storm.ron").replacen("replications: 5", "replications: 1", 1);
        let expected = [(State::Vulnerable, 0.0, 30.0), (State::Metastable, 90.0, 180.0)];
        assert_eq!(found(&storm), expected);
    }
}
