//! What a run found, in the order in which people ask: does it hold, what do users see, how busy are the machines.

use super::{Cell, Table, plural, time};
use crate::console::{Ink, Paint};
use crate::quantity::{self, Shown, show};
use archsim_experiment::report::{Estimate, Report, SloVerdict, Status, Verdict};
use std::collections::BTreeSet;

/// The first line, and what changes how everything below must be read.
pub(crate) fn header(report: &Report, changed: &[String], verbose: bool, width: usize, paint: Paint) -> String {
    let runs = format!(
        "{} x {}, seed {}",
        quantity::seconds(report.duration),
        plural(report.replications as usize, "replication"),
        report.seed
    );
    let mut text = format!("{}   {runs}", paint.text(Ink::Bold, &report.name));
    if !changed.is_empty() {
        text += &format!("   {}", paint.text(Ink::Unsure, &(plural(changed.len(), "value") + " changed")));
    }
    text.push('\n');
    if verbose {
        changed.iter().for_each(|change| text += &format!("  {change}\n"));
        if !report.about.is_empty() {
            text += &format!("  {}\n", super::hang(&report.about, 2, width));
        }
    }
    for verdict in &report.verdicts {
        let line = format!("  {}", super::hang(verdict, 2, width));
        text += &(paint.text(Ink::Bad, &line) + "\n");
    }
    text
}

/// The verdicts on the SLOs, with the reason under what failed.
pub(crate) fn slos(report: &Report, paint: Paint) -> String {
    if report.slos.is_empty() {
        let source = report.traffic.first().map_or("SOURCE", |(name, _)| name.as_str());
        let hint = "No SLOs: nothing is judged. Say what must hold, for example";
        return paint.text(Ink::Dim, &format!("{hint} --slo \"{source}.p99 < 300ms\"")) + "\n";
    }
    let interval = report.slos.iter().any(|slo| slo.measured.low.is_some());
    let measured = if interval { "measured (95% interval)" } else { "measured" };
    let mut table = Table::headed(2, &["SLOs", "", "limit", measured, "margin"]);
    let mut said = BTreeSet::new();
    for slo in &report.slos {
        table.row(slo_row(slo));
        if let Some((from, to)) = slo.during {
            table.remark(Ink::Dim, format!("from {} to {}", quantity::seconds(from), quantity::seconds(to)));
        }
        if slo.verdict != Verdict::Pass {
            slo.name.iter().for_each(|name| table.remark(Ink::Dim, format!("\"{name}\"")));
            let new = time::explain(report, slo).into_iter().filter(|why| said.insert(why.clone()));
            new.collect::<Vec<_>>().into_iter().for_each(|why| table.remark(Ink::Plain, why));
        }
    }
    table.render(paint)
}

fn slo_row(slo: &SloVerdict) -> Vec<Cell> {
    let ink = verdict_ink(slo.verdict);
    vec![
        Cell::new(ink, slo.verdict.name()),
        Cell::plain(slo.metric.as_str()),
        Cell::plain(format!("{} {}", slo.comparison, slo.limit_text)),
        Cell::plain(show(&slo.metric, &slo.measured).whole()),
        Cell::plain(slo.margin.map_or(String::new(), margin)),
    ]
}

/// How many times better than needed.
pub(crate) fn margin(margin: f64) -> String {
    match margin {
        m if m.is_nan() => String::new(),
        m if m > 100.0 => "> 100x".into(),
        m if m >= 10.0 => format!("{m:.0}x"),
        m if m >= 0.1 => format!("{m:.1}x"),
        _ => "< 0.1x".into(),
    }
}

/// The colour of a verdict.
pub(crate) fn verdict_ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Pass => Ink::Good,
        Verdict::Fail => Ink::Bad,
        Verdict::Undecided => Ink::Unsure,
    }
}

/// What users see: rate, errors, duration (T. Wilkie's RED method). The interval stands under each number.
pub(crate) fn traffic(report: &Report, paint: Paint) -> String {
    const METRICS: [&str; 6] = ["rate", "goodput", "errors", "p50", "p99", "p999"];
    let mut table = Table::headed(2, &["Traffic", "wanted", "ok", "errors", "p50", "p99", "p99.9"]);
    for (source, endpoints) in &report.traffic {
        let names = std::iter::once((source.clone(), source.clone()));
        let nested = endpoints.iter().map(|endpoint| (format!("  {endpoint}"), format!("{source}.{endpoint}")));
        for (label, subject) in names.chain(nested) {
            let shown = METRICS.map(|word| measured(report, &subject, word));
            rows(&mut table, vec![Cell::plain(label)], &shown, Vec::new());
        }
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

/// A row of numbers, and under it a row of their intervals; the notes stand one below the other.
fn rows(table: &mut Table, first: Vec<Cell>, shown: &[Shown], notes: Vec<String>) {
    let blank = vec![Cell::default(); first.len()];
    let mut notes = notes.into_iter();
    let mut note = || notes.next().map(Cell::plain);
    let values = shown.iter().map(|shown| Cell::new(shown.ink(), shown.value.as_str()));
    table.row(first.into_iter().chain(values).chain(note()).collect());
    let below = note();
    if below.is_some() || shown.iter().any(|shown| shown.detail.is_some()) {
        let details = shown.iter().map(|shown| Cell::dim(shown.detail.as_deref().unwrap_or_default()));
        table.row(blank.iter().cloned().chain(details).chain(below).collect());
    }
    for note in notes {
        let empty = std::iter::repeat_n(Cell::default(), blank.len() + shown.len());
        table.row(empty.chain([Cell::plain(note)]).collect());
    }
}

/// A metric of a subject. Where nothing is to be measured (a balancer is never busy) a dash needs no reason.
fn measured(report: &Report, subject: &str, word: &str) -> Shown {
    let estimate = estimate(report, subject, word).filter(|(_, estimate)| estimate.status != Status::NoData);
    estimate.map_or_else(Shown::nothing, |(metric, estimate)| show(&metric, estimate))
}

fn estimate<'r>(report: &'r Report, subject: &str, word: &str) -> Option<(String, &'r Estimate)> {
    let metric = format!("{subject}.{word}");
    report.get(&metric).map(|estimate| (metric, estimate))
}

/// How busy the machines are: utilisation, saturation, errors (B. Gregg's USE method), the busiest first.
pub(crate) fn components(report: &Report, paint: Paint) -> String {
    let mut table = Table::headed(2, &["Components", "", "busy", "busiest one", "queue", "wait p99", "note"]);
    for (name, kind, instances) in by_utilization(report) {
        let [mut busy, mut worst, queue, wait] =
            ["utilization", "utilization.worst", "queue", "waiting.p99"].map(|word| measured(report, name, word));
        busy.warning = report.get(&format!("{name}.utilization")).and_then(|e| e.value).map_or(Ink::Plain, busy_ink);
        if *instances == 1 {
            worst = Shown::nothing();
        }
        let many = if *instances == 1 { kind.clone() } else { format!("{instances} x {kind}") };
        let first = vec![Cell::plain(name.as_str()), Cell::dim(many)];
        rows(&mut table, first, &[busy, worst, queue, wait], notes(report, name));
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

/// The colour of a busy share.
pub(crate) fn busy_ink(share: f64) -> Ink {
    match share {
        full if full >= 0.95 => Ink::Bad,
        high if high >= 0.8 => Ink::Unsure,
        _ => Ink::Plain,
    }
}

/// The components, the busiest first, those without servers last.
pub(crate) fn by_utilization(report: &Report) -> Vec<&(String, String, u32)> {
    let busy = |name: &str| report.get(&format!("{name}.utilization")).and_then(|e| e.value).unwrap_or(-1.0);
    let mut components: Vec<_> = report.components.iter().collect();
    components.sort_by(|a, b| busy(&b.0).total_cmp(&busy(&a.0)));
    components
}

/// What is worth knowing about a component besides its load.
fn notes(report: &Report, component: &str) -> Vec<String> {
    const SAID: [(&str, &str); 8] = [
        ("hit_ratio", "hit ratio"),
        ("lag", "lag"),
        ("age.p99", "age p99"),
        ("dropped", "given up"),
        ("rejected", "rejected"),
        ("errors", "errors"),
        ("crashed", "crashed"),
        ("cancelled", "cancelled"),
    ];
    let note = |(word, label): &(&str, &str)| {
        let (metric, estimate) = estimate(report, component, word)?;
        let shown = Some(show(&metric, estimate)).filter(|shown| shown.known)?;
        (estimate.value != Some(0.0) || *word == "hit_ratio").then(|| format!("{label} {}", shown.whole()))
    };
    SAID.iter().filter_map(note).collect()
}

/// What was verified.
pub(crate) fn checks(report: &Report, width: usize, paint: Paint) -> String {
    if report.checks.is_empty() {
        return String::new();
    }
    format!("{}  {}\n", paint.text(Ink::Bold, "Checks"), super::hang(&report.checks.join("; "), 8, width))
}

/// The last sentence: how the verdicts add up.
pub(crate) fn conclusion(report: &Report) -> Option<(Ink, String)> {
    if report.slos.is_empty() {
        return None;
    }
    let number = |verdict| report.slos.iter().filter(|slo| slo.verdict == verdict).count();
    Some(match (number(Verdict::Fail), number(Verdict::Undecided), report.slos.len()) {
        (0, 0, 1) => (Ink::Good, "The SLO holds".into()),
        (0, 0, 2) => (Ink::Good, "Both SLOs hold".into()),
        (0, 0, all) => (Ink::Good, format!("All {all} SLOs hold")),
        (0, open, _) => (Ink::Unsure, format!("{} undecided: {}", plural(open, "SLO"), would_tell(report))),
        (failed, 0, _) => (Ink::Bad, format!("{} failed", plural(failed, "SLO"))),
        (failed, open, _) => (Ink::Bad, format!("{} failed, {open} undecided", plural(failed, "SLO"))),
    })
}

/// What would decide the SLOs that are open.
fn would_tell(report: &Report) -> &'static str {
    let mut open = report.slos.iter().filter(|slo| slo.verdict == Verdict::Undecided);
    match open.all(|slo| slo.measured.status == Status::HeavyTail) {
        true => "no run would tell, under a heavy tail",
        false => "more replications would tell",
    }
}
