//! The page of a sweep.

use super::document::{Cell, Finding, Grid, Page, Tone};
use super::{begin, effort};
use crate::chart::Figure;
use crate::files::json::Manifest;
use crate::table::plural;
use crate::table::run::verdict_ink;
use crate::table::sample::{finding, remark, shown};
use crate::table::sweep::{bare, blamed, conclusion, overall};
use archsim_experiment::ledger::Ledger;
use archsim_experiment::report::{Report, SweepReport};
use archsim_experiment::sample::correlation::Correlation;

/// More points than this are shown on demand.
const MOST_FIRST: usize = 8;

/// The page of a sweep.
pub(crate) fn sweep(report: &SweepReport, figures: &[Figure], ledger: &Ledger, manifest: &Manifest) -> Page {
    let mut page = begin(manifest, ledger);
    let judged = conclusion(report);
    let shown = figures.first().map(|figure| (Tone::Plain, figure.labels.title.clone()));
    let (tone, text) = judged.map(|(ink, text)| (ink.into(), text)).or(shown).unwrap_or_default();
    page.about = about(report, "Sweep");
    page.facts = [first_effort(report), vec![plural(report.points.len(), "point")], page.facts].concat();
    page.finding = Finding { tone, text };
    let points = points(report).filled();
    match points {
        Some(long) if long.rows.len() > MOST_FIRST => page.folded.insert(0, long),
        short => page.verdicts = short,
    }
    page.warnings.extend(warnings(report));
    page.figures = figures.to_vec();
    // Parts that were merged, or a sweep that went on, give the same page as one that ran through.
    page.reproduce = String::new();
    page
}

/// The page of a sample: first what moves each metric.
pub(crate) fn sample(
    report: &SweepReport,
    all: &[Correlation],
    figures: &[Figure],
    ledger: &Ledger,
    manifest: &Manifest,
) -> Page {
    let mut page = sweep(report, figures, ledger, manifest);
    let tables = report.measure.iter().map(|metric| {
        let look = "Rank correlation over all points: +1 and -1 are a perfect order, 0 is none.";
        let mut grid = Grid::new(&format!("What moves {metric}"), look, &["setting", "rank correlation", ""]);
        let rows = all.iter().filter(|c| c.metric == *metric);
        grid.rows = rows.map(|one| [&one.setting, &shown(one), remark(one)].map(Cell::plain).to_vec()).collect();
        grid
    });
    page.tables = tables.collect();
    let first = report.measure.first().map(|metric| finding(report, metric, all) + ".");
    let judged = conclusion(report).map(|(_, text)| text);
    page.finding.text = first.into_iter().chain(judged).collect::<Vec<_>>().join(" ");
    page
}

/// What the scenario is about, and what was asked.
pub(super) fn about(report: &SweepReport, what: &str) -> Vec<String> {
    let axes = report.axes.iter().map(|(path, values)| {
        let values: Vec<&str> = values.iter().map(|value| bare(value)).collect();
        format!("{path} = {}", values.join(", "))
    });
    let axes: Vec<String> = axes.collect();
    let about = report.points.first().map(|point| point.report.about.clone()).filter(|about| !about.is_empty());
    about.into_iter().chain([format!("{what} \"{}\": {}", report.name, axes.join("; "))]).collect()
}

/// How long and how often each point ran.
pub(super) fn first_effort(report: &SweepReport) -> Vec<String> {
    report.points.first().map_or(vec![], |point| effort(&point.report))
}

/// What changes how the numbers must be read, each sentence once with its points.
pub(super) fn warnings(report: &SweepReport) -> Vec<String> {
    const MOST: usize = 5;
    let of = |point: &archsim_experiment::report::SweepPoint| {
        let settings: Vec<&str> = point.settings.iter().map(|value| bare(value)).collect();
        let settings = settings.join(", ");
        point.report.verdicts.iter().map(move |verdict| format!("{settings}: {verdict}")).collect::<Vec<_>>()
    };
    let all: Vec<String> = report.points.iter().flat_map(of).collect();
    let more = all.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("and {more} more such warnings"));
    all.into_iter().take(MOST).chain(more).collect()
}

/// A row for each point.
fn points(report: &SweepReport) -> Grid {
    let judged = report.points.iter().any(|point| !point.report.slos.is_empty());
    let axes = report.axes.iter().map(|(path, _)| path.as_str());
    let columns = axes.chain(report.measure.iter().map(String::as_str)).chain(judged.then_some("SLOs"));
    let columns: Vec<&str> = columns.collect();
    let mut grid = Grid::new("Point by point", "Under each number its interval.", &columns);
    for (index, point) in report.points.iter().enumerate() {
        let mut cells: Vec<Cell> = point.settings.iter().map(|value| Cell::plain(bare(value))).collect();
        cells.extend(report.measure.iter().map(|metric| measured(&point.report, metric, index)));
        cells.extend(judged.then(|| verdict(&point.report)));
        grid.rows.push(cells);
    }
    grid
}

/// A metric of a point.
pub(super) fn measured(report: &Report, metric: &str, point: usize) -> Cell {
    let known = report.get(metric);
    known.map_or(Cell::new(Tone::Quiet, "-"), |estimate| Cell::estimate(metric, estimate, Some(point)))
}

/// The worst verdict of a point, and which SLOs are to blame.
fn verdict(report: &Report) -> Cell {
    let overall = overall(report);
    Cell { detail: blamed(report).join(", "), ..Cell::new(verdict_ink(overall).into(), overall.name()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::html;
    use archsim_experiment::check::check_alone;
    use archsim_experiment::language::Source;
    use archsim_experiment::ledger::ledger;
    use archsim_experiment::report::SweepPoint;
    use archsim_experiment::run::{Nobody, run};
    use archsim_experiment::sweep::Grid;

    const SCENARIO: &str = r#"(name: "Large", run: (duration: "20s", warmup: "1s", replications: 2),
        traffic: { "users": Open(to: "web", rate: "50/s") },
        components: { "web": Service(replicas: 2, on: { "get": [Compute(Exp("10ms"))] }) },
        slos: ["users.p99 < 60ms"])"#;

    #[test]
    fn the_page_of_a_very_large_sweep_stays_small_and_says_what_it_leaves_out() {
        let model = check_alone(&Source::new("large", SCENARIO), &|name| Err(format!("no file {name}"))).model;
        let model = model.expect("it can be run");
        let report = run(&model, &Nobody).expect("it ran");
        let values = |count: usize| (1..=count).map(|value| value.to_string()).collect::<Vec<_>>();
        let axes = vec![("web.replicas".to_owned(), values(40)), ("web.concurrency".to_owned(), values(50))];
        let setting = |web: &String, at: &String| vec![web.clone(), at.clone()];
        let settings = axes[0].1.iter().flat_map(|web| axes[1].1.iter().map(move |at| setting(web, at)));
        let points: Vec<SweepPoint> =
            settings.map(|settings| SweepPoint { settings, report: report.clone(), replications: vec![] }).collect();
        let measure = ["users.p99", "users.p50", "users.goodput", "web.utilization", "web.queue"].map(str::to_owned);
        let sweep =
            SweepReport { scenario: "Large".into(), name: "all".into(), axes, measure: measure.to_vec(), points };
        let grid = Grid { axes: sweep.axes.clone(), points: vec![(sweep.points[0].settings.clone(), model.clone())] };
        let figures = crate::plots::sweep(&sweep, &grid, &[]);
        let manifest = Manifest { command: vec!["archsim".into(), "sweep".into()], ..Manifest::default() };
        let page = html(&super::sweep(&sweep, &figures, &ledger(&model), &manifest));
        assert!(page.len() < 2_000_000, "{}", page.len());
        assert!(page.contains("<figure"), "no chart is left");
        assert!(page.contains("of 2000 rows. report.json beside this page has them all."), "nothing is said");
    }
}
