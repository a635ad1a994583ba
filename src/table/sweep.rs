//! The grid of a sweep: one row a point, and what follows from it in a sentence.

use super::run::verdict_ink;
use super::{Cell, Table, plural};
use crate::console::{Ink, Paint};
use crate::quantity::{self, show};
use archsim_experiment::report::{Report, SweepPoint, SweepReport, Verdict};

/// The first line.
pub(crate) fn header(sweep: &SweepReport, word: &str, planned: usize, changed: &[String], paint: Paint) -> String {
    let mut text = format!("{}: {}", paint.text(Ink::Bold, &sweep.scenario), sweep.name);
    let points = match sweep.points.len() {
        done if done == planned => plural(done, word),
        done => format!("{done} of {}", plural(planned, word)),
    };
    text += &format!("   {points}");
    if let Some(SweepPoint { report, .. }) = sweep.points.first() {
        let (duration, replications) = (quantity::seconds(report.duration), report.replications as usize);
        text += &format!(", {duration} x {}, seed {}", plural(replications, "replication"), report.seed);
    }
    if !changed.is_empty() {
        text += &format!("   {}", paint.text(Ink::Unsure, &(plural(changed.len(), "value") + " changed")));
    }
    text + "\n"
}

/// One row a point: its settings, the measured metrics, and whether the SLOs hold.
pub(crate) fn grid(sweep: &SweepReport, paint: Paint) -> String {
    let judged = sweep.points.iter().any(|point| !point.report.slos.is_empty());
    let names = sweep.axes.iter().map(|(path, _)| path.as_str()).chain(sweep.measure.iter().map(String::as_str));
    let names: Vec<&str> = names.chain(judged.then_some("SLOs")).collect();
    let mut table = Table::headed(0, &names);
    for point in &sweep.points {
        let mut cells: Vec<Cell> = point.settings.iter().map(|value| Cell::plain(bare(value))).collect();
        cells.extend(sweep.measure.iter().map(|metric| measured(&point.report, metric)));
        cells.extend(judged.then(|| verdict(&point.report)));
        table.row(cells);
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

fn measured(report: &Report, metric: &str) -> Cell {
    let shown = report.get(metric).map(|estimate| show(metric, estimate));
    shown.map_or_else(
        || Cell::dim("-"),
        |shown| if shown.known { Cell::plain(shown.whole()) } else { Cell::dim(shown.whole()) },
    )
}

/// One row in short, for the progress display.
pub(crate) fn brief(settings: &[String], report: &Report, measure: &[String]) -> String {
    let shown =
        measure.iter().filter_map(|metric| Some(format!("{metric} {}", show(metric, report.get(metric)?).value)));
    let verdict = (!report.slos.is_empty()).then(|| overall(report).name().to_owned());
    let settings: Vec<&str> = settings.iter().map(|value| bare(value)).collect();
    format!("{}: {}", settings.join(", "), shown.chain(verdict).collect::<Vec<_>>().join(", "))
}

/// The worst verdict of a point.
pub(crate) fn overall(report: &Report) -> Verdict {
    let any = |verdict| report.slos.iter().any(|slo| slo.verdict == verdict);
    match (any(Verdict::Fail), any(Verdict::Undecided)) {
        (true, _) => Verdict::Fail,
        (_, true) => Verdict::Undecided,
        _ => Verdict::Pass,
    }
}

/// The metrics of the SLOs that are to blame for the worst verdict.
pub(crate) fn blamed(report: &Report) -> Vec<&str> {
    let overall = overall(report);
    let blamed = report.slos.iter().filter(|slo| overall != Verdict::Pass && slo.verdict == overall);
    blamed.map(|slo| slo.metric.as_str()).collect()
}

/// The worst verdict, and which SLOs are to blame.
fn verdict(report: &Report) -> Cell {
    let overall = overall(report);
    let text = format!("{}  {}", overall.name(), blamed(report).join(", "));
    Cell::new(verdict_ink(overall), text.trim_end())
}

/// What the grid says about the SLOs.
pub(crate) fn conclusion(sweep: &SweepReport) -> Option<(Ink, String)> {
    let judged = sweep.points.iter().any(|point| !point.report.slos.is_empty());
    let holds: Vec<bool> = sweep.points.iter().map(|point| overall(&point.report) == Verdict::Pass).collect();
    let number = holds.iter().filter(|holds| **holds).count();
    match number {
        _ if !judged => None,
        0 => Some((Ink::Bad, "No point meets all SLOs.".into())),
        all if all == holds.len() => Some((Ink::Good, "All SLOs hold at every point.".into())),
        _ => {
            let text = range(sweep, &holds).unwrap_or(format!("All SLOs hold at {number} of {} points.", holds.len()));
            Some((Ink::Good, text))
        }
    }
}

/// Where a sweep over one ordered setting begins or ceases to hold: all SLOs hold from, or up to, a value.
fn range(sweep: &SweepReport, holds: &[bool]) -> Option<String> {
    let [(path, values)] = &sweep.axes[..] else { return None };
    let ordered = values.iter().map(|value| number(value)).collect::<Option<Vec<f64>>>()?;
    let (rising, complete) = (ordered.is_sorted(), sweep.points.len() == values.len());
    let first = holds.iter().position(|holds| *holds).filter(|_| rising && complete)?;
    let last = holds.iter().rposition(|holds| *holds)?;
    let gap = holds[first..=last].iter().any(|holds| !holds);
    let (from, to) = (bare(&values[first]), bare(&values[last]));
    match (gap, first == 0, last + 1 == holds.len()) {
        (true, ..) => None,
        (_, _, true) => Some(format!("All SLOs hold from {path} = {from} on.")),
        (_, true, _) => Some(format!("All SLOs hold up to {path} = {to}.")),
        _ => Some(format!("All SLOs hold from {path} = {from} to {to}.")),
    }
}

/// A setting as people say it: without the quotes of text.
pub(crate) fn bare(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// The value of a setting as a number in its base unit: `8`, `"1200/s"`, `"5ms"`, `"10%"`.
pub(crate) fn number(text: &str) -> Option<f64> {
    setting(text).map(|(value, _)| value)
}

/// The same with the unit: "s", "1/s", "1" for shares, "B", "" for plain numbers.
pub(crate) fn setting(text: &str) -> Option<(f64, &'static str)> {
    const UNITS: [(&str, f64, &str); 21] = [
        ("", 1.0, ""),
        ("ns", 1e-9, "s"),
        ("us", 1e-6, "s"),
        ("ms", 1e-3, "s"),
        ("s", 1.0, "s"),
        ("m", 60.0, "s"),
        ("h", 3600.0, "s"),
        ("d", 86_400.0, "s"),
        ("/s", 1.0, "1/s"),
        ("k/s", 1e3, "1/s"),
        ("M/s", 1e6, "1/s"),
        ("/m", 1.0 / 60.0, "1/s"),
        ("/h", 1.0 / 3600.0, "1/s"),
        ("%", 0.01, "1"),
        ("B", 1.0, "B"),
        ("kB", 1e3, "B"),
        ("KiB", 1024.0, "B"),
        ("MB", 1e6, "B"),
        ("MiB", 1_048_576.0, "B"),
        ("GB", 1e9, "B"),
        ("GiB", 1_073_741_824.0, "B"),
    ];
    let text = bare(text.trim()).replace('_', "");
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).unwrap_or(text.len());
    let (value, unit) = (text[..end].parse::<f64>().ok()?, text[end..].trim());
    UNITS.iter().find(|(name, _, _)| *name == unit).map(|(_, size, unit)| (value * size, *unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_numbers_with_units() {
        assert_eq!(setting("\"5ms\""), Some((0.005, "s")));
        assert_eq!(setting("1_200"), Some((1200.0, "")));
        assert_eq!(setting("1.5k/s"), Some((1500.0, "1/s")));
        assert_eq!(setting("Lru"), None);
        assert_eq!(setting("10 %"), Some((0.1, "1")));
    }
}
