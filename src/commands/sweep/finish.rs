//! From the points of a sweep to what is shown and written: the same for a sweep, one that goes on, and parts that are merged.

use crate::cli::{Output, Simulation};
use crate::console::Console;
use crate::exit::{self, Failure};
use crate::files::json::{self, Manifest};
use crate::files::store::{Definition, Store};
use crate::files::{self, Results};
use crate::gate::{Gate, github, junit};
use crate::table::{hang, ledger, sample, sweep as tables, time};
use crate::{page, plots, quantity};
use archsim_experiment::language::{Document, Path, Source, get_text};
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::Model;
use archsim_experiment::report::{SweepReport, Verdict};
use archsim_experiment::sample::correlation::{Correlation, correlations};
use archsim_experiment::scenario::sections;
use archsim_experiment::sweep::Grid;

/// More points of a sample than these are not listed.
const FEW: usize = 20;

/// A sweep whose points are in a store.
pub(crate) struct Swept<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) source: &'a Source,
    pub(crate) model: &'a Model,
    pub(crate) grid: &'a Grid,
    pub(crate) store: &'a Store,
    /// The scenario as it stands in its file, before any change of the command line.
    pub(crate) original: &'a Source,
}

impl Swept<'_> {
    /// The report, made from the stored points alone.
    pub(crate) fn report(&self) -> SweepReport {
        let points = (0..self.grid.points.len()).filter_map(|point| self.store.read(point).point());
        SweepReport {
            scenario: self.model.name.clone(),
            name: self.definition.name.clone(),
            axes: self.grid.axes.clone(),
            measure: self.definition.measure.clone(),
            points: points.collect(),
        }
    }

    /// Prints the report and writes the files beside the points.
    pub(crate) fn publish(
        &self,
        report: &SweepReport,
        manifest: &Manifest,
        simulation: &Simulation,
        output: Output,
        console: Console,
    ) -> Result<(), Failure> {
        let gate = Gate::of_sweep(self.original, report, simulation.strict);
        let printed = console.print(&self.shown(report, manifest, output, &gate, console));
        let summarized = if output == Output::Github { github::summarize(&gate) } else { Ok(()) };
        let results = self.results(report, manifest).with_png(simulation.png)?.with_parquet(simulation.parquet)?;
        // Neither a full disk nor a broken terminal keeps the results from the other.
        results.write(self.store.folder())?;
        printed.and(summarized)?;
        if output == Output::Human && !console.quiet {
            let folder = self.store.folder();
            let files = time::titled("Files", &results.listed(folder), console.out);
            console.print(&(files + &Results::page_line(folder, console.out)))?;
        }
        Ok(())
    }

    fn shown(
        &self,
        report: &SweepReport,
        manifest: &Manifest,
        output: Output,
        gate: &Gate<'_>,
        console: Console,
    ) -> String {
        let table = || self.table(report, console);
        match output {
            Output::Json => json::sweep(manifest, report, self.correlations(report).as_deref()),
            Output::Junit => junit::document(gate),
            Output::Github => table() + &github::annotations(gate),
            Output::Human if console.quiet => table(),
            Output::Human => self.sections(&table(), report, manifest, console),
        }
    }

    /// Of a sample what moves each metric.
    fn correlations(&self, report: &SweepReport) -> Option<Vec<Correlation>> {
        self.definition.sample.as_ref()?;
        Some(correlations(report, &tables::number, self.model.run.confidence))
    }

    /// The points of a grid; of a sample what moves each metric, and its points if they are few.
    fn table(&self, report: &SweepReport, console: Console) -> String {
        let paint = console.out;
        match self.correlations(report) {
            None => tables::grid(report, paint),
            Some(all) if report.points.len() > FEW => sample::correlations(report, &all, paint),
            Some(all) => tables::grid(report, paint) + "\n" + &sample::correlations(report, &all, paint),
        }
    }

    /// Everything for people.
    fn sections(&self, table: &str, report: &SweepReport, manifest: &Manifest, console: Console) -> String {
        let paint = console.out;
        let conclusion = tables::conclusion(report).map_or(String::new(), |(ink, text)| paint.text(ink, &text) + "\n");
        let timing = &manifest.timing;
        let (events, wall) = (quantity::count(timing.events), quantity::plain(timing.wall_s, "s"));
        // Nothing is said about the speed of reading files.
        let speed = match timing.events {
            0 => String::new(),
            _ => time::titled("Speed", &format!("{events} events in {wall}"), paint),
        };
        let rests = format!("on what ledger.json lists; reproduce with {}", ledger::reproduce(manifest));
        let rests = time::titled("Rests", &hang(&rests, 7, console.width()), paint);
        let header = tables::header(report, "point", self.grid.points.len(), &manifest.changed, paint);
        format!("{header}\n{table}\n{conclusion}{speed}{rests}")
    }

    /// The values of the varied settings in the scenario; none of a variant, and of what is not written there.
    fn present(&self) -> Vec<Option<String>> {
        let Ok(document) = Document::parse(self.source.clone()) else { return Vec::new() };
        let value = |path: &str| {
            let path = Path::parse(path).ok()?;
            Some(get_text(&document, &path, &sections()).ok()??.0.to_owned())
        };
        self.grid.axes.iter().map(|(path, _)| value(path)).collect()
    }

    /// Everything that goes into the folder.
    fn results(&self, report: &SweepReport, manifest: &Manifest) -> Results {
        let mut results = Results::default();
        results.add("summary.json", json::points(report));
        results.add("points.csv", files::points(report));
        results.add("intervals.csv", files::intervals(report));
        let ledger = ledger_of(self.model);
        results.add("ledger.json", json::pretty(&ledger));
        results.add("manifest.json", json::pretty(manifest));
        results.scenario(self.source);
        let page = match self.correlations(report) {
            Some(all) => {
                results.add("correlations.csv", files::correlations(&all));
                page::sample(report, &all, &plots::sample(report, &all), &ledger, manifest)
            }
            None => page::sweep(report, &plots::sweep(report, self.grid, &self.present()), &ledger, manifest),
        };
        results.page(&page);
        results
    }
}

/// 1 if there are SLOs and no point meets them all.
pub(crate) fn code(simulation: &Simulation, report: &SweepReport) -> u8 {
    let verdicts = || report.points.iter().map(|point| tables::overall(&point.report));
    let good = |verdict: Verdict| verdict == Verdict::Pass || (verdict == Verdict::Undecided && !simulation.strict);
    if verdicts().any(good) || simulation.exit_zero { 0 } else { exit::SLO_FAILED }
}
