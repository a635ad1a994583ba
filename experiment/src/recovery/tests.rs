use crate::check::check;
use crate::report::{Estimate, Report, Status, Verdict};
use crate::run::{Nobody, run};
use archsim_language::Source;

/// Every 20 ms a request of 10 ms work to each of two servers, and what else the scenario says.
fn text(more: &str) -> String {
    format!(
        r#"(name: "recovery", run: (duration: "200s", replications: 2),
        traffic: {{
            "u": Open(to: "s", rate: 50, arrivals: Deterministic),
            "v": Open(to: "other", rate: 50, arrivals: Deterministic),
        }},
        components: {{ "s": Service(on: {{ "x": [Compute("10ms")] }}), "other": Service(on: {{ "x": [Compute("10ms")] }}) }},
        {more})"#
    )
}

fn report(text: &str) -> Report {
    let checked = check(&Source::new("recovery", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    run(&checked.model.expect(&findings), &Nobody).expect("a report")
}

fn found(report: &Report, name: &str) -> Estimate {
    *report.get(name).expect("the metric")
}

#[test]
fn a_backlog_drains_at_a_known_rate() {
    // 10 s of standstill leave 500 requests; 100/s are served and 50/s come: 10 s to drain. Windows are 2 s: known to (8, 10].
    let report = report(&text(
        r#"faults: [Pause(target: "s", at: "100s", for: "10s")], slos: ["u.recovery < 12s", "u.recovery < 5s"]"#,
    ));
    let u = found(&report, "u.recovery");
    assert_eq!((u.value, u.low, u.high, u.status, u.unit), (Some(10.0), Some(8.0), Some(10.0), Status::Ok, "s"));
    let v = found(&report, "v.recovery");
    assert_eq!((v.value, v.low, v.high, v.status), (Some(0.0), Some(0.0), Some(0.0), Status::Ok));
    assert_eq!(report.slos.iter().map(|slo| slo.verdict).collect::<Vec<_>>(), [Verdict::Pass, Verdict::Fail]);
    let checks = report.checks.join("\n");
    assert!(
        checks.contains("`u` recovered 10.0 s (8.0 .. 10.0) after the fault ended, known to a window of 2s"),
        "{checks}"
    );
    assert!(checks.contains("`v` is as before from when the fault ended on"), "{checks}");
}

#[test]
fn a_load_that_comes_back_is_a_disturbance() {
    // 150/s instead of 50/s for 10 s, 100/s are served: 500 requests too many, which drain at 50/s in 10 s.
    let steps = text("").replacen("rate: 50", r#"rate: Steps([("0s", 50), ("100s", 150), ("110s", 50)])"#, 1);
    let spike = text(r#"faults: [Spike(traffic: "u", at: "100s", for: "10s", factor: 3)]"#);
    for (text, words) in [(steps, "after the load came back"), (spike, "after the spike ended")] {
        let report = report(&text);
        assert_eq!(found(&report, "u.recovery").value, Some(10.0));
        assert!(report.checks.iter().any(|check| check.contains(words)), "{:?}", report.checks);
    }
}

#[test]
fn what_does_not_come_back_has_no_number_and_fails() {
    // After 45 s of standstill 2,250 requests wait, 45 s to drain; the run ends 35 s later.
    let report = report(&text(
        r#"faults: [Pause(target: "s", at: "120s", for: "45s")], slos: ["u.recovery < 1h", "u.recovery > 0s"]"#,
    ));
    let u = found(&report, "u.recovery");
    assert_eq!((u.value, u.low, u.high, u.status), (None, None, None, Status::NotRecovered));
    assert!(report.slos.iter().all(|slo| slo.verdict == Verdict::Fail));
    let words = "`u` has not recovered 35s after the fault ended, in 2 of 2 replications";
    assert!(report.verdicts.iter().any(|verdict| verdict == words), "{:?}", report.verdicts);
}

#[test]
fn a_retry_storm_outlives_its_cause_for_good() {
    let storm = include_str!("../../../scenarios/retry-storm.ron").replacen("replications: 5", "replications: 1", 1);
    let storm = report(&storm);
    assert_eq!(found(&storm, "users.recovery").status, Status::NotRecovered);
    let words = "`users` has not recovered 90s after the fault ended, in 1 of 1 replications";
    assert!(storm.verdicts.iter().any(|verdict| verdict == words), "{:?}", storm.verdicts);
}

#[test]
fn what_has_no_recovery_says_why() {
    let wrong = |more: &str, text: &dyn Fn(String) -> String| {
        let text = text(super::tests::text(&format!(r#"slos: [(check: "u.recovery < 1s")], {more}"#)));
        let checked = check(&Source::new("recovery", &text), &|name| Err(format!("no file {name}")));
        assert!(checked.model.is_none());
        checked.findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join("\n")
    };
    let same = |text: String| text;
    let rate = |rate: &'static str| move |text: String| text.replacen("rate: 50", &format!("rate: {rate}"), 1);
    assert!(wrong("", &same).contains("there is no recovery to measure, nothing is disturbed"));
    let forever = wrong(r#"faults: [Slow(target: "s", at: "100s", factor: 2)]"#, &same);
    assert!(forever.contains("\"s 2x slower\" goes on to the end of the run"), "{forever}");
    let early = wrong(r#"faults: [Slow(target: "s", at: "10s", for: "1s", factor: 2)]"#, &same);
    assert!(early.contains("takes 6 windows of the time series, 12s: the disturbance begins at 10s"), "{early}");
    let up = wrong("", &rate(r#"Steps([("0s", 50), ("100s", 60)])"#));
    assert!(up.contains("the load of `u` does not come back in this run"), "{up}");
    let ramp = wrong("", &rate(r#"Ramp(from: 10, to: 50, over: "1m")"#));
    assert!(ramp.contains("the load of `u` has no level to come back to"), "{ramp}");
}
