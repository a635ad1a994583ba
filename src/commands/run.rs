//! `archsim run`: simulate, judge, explain, write down.

use super::{begin, manifest, verdict_code};
use crate::cli::{Common, Output, RunArgs};
use crate::clock::{self, Stopwatch, Timing};
use crate::console::Console;
use crate::exit::{Failure, INTERRUPTED};
use crate::files::json::{self, Manifest, Slos, Summary};
use crate::files::{self, Results};
use crate::gate::{Gate, github, junit};
use crate::progress::{Progress, interrupted};
use crate::settings::prepare;
use crate::table::{ledger, run as tables, sweep::overall, theory as theory_table, time};
use crate::{page, plots, quantity};
use archsim_experiment::assemble;
use archsim_experiment::language::Source;
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::Model;
use archsim_experiment::report::{Report, SweepPoint, SweepReport};
use archsim_experiment::study::replications;
use archsim_experiment::theory::{Comparisons, Theory, compare};

/// What a run gave, with what it cost.
struct Outcome {
    report: Report,
    manifest: Manifest,
    theory: Comparisons,
    /// Whether theory was asked for.
    told: bool,
}

impl Outcome {
    fn theory(&self) -> Option<&Comparisons> {
        self.told.then_some(&self.theory)
    }
}

/// Runs a scenario.
pub(crate) fn run(args: &RunArgs, common: &Common, console: Console, command: Vec<String>) -> Result<u8, Failure> {
    let prepared = prepare(&args.file, &args.changes, console)?;
    let original = prepared.original.clone();
    let (model, source, changed) = prepared.runnable(console)?;
    begin(&model, &args.simulation)?;
    let progress = Progress::new(&[model.run.replications], !common.no_progress && !common.quiet);
    let (started, watch) = (clock::now(), Stopwatch::start());
    let finished = replications(&model, 0, &progress);
    progress.clear();
    let Some(report) = (!finished.is_empty()).then(|| assemble::report(&model, &finished)) else {
        console.tell("interrupted before anything was simulated: there is nothing to show\n");
        return Ok(INTERRUPTED);
    };
    let timing = watch.stop(report.work);
    let values = assemble::values(&model, &finished);
    let theory = compare(&Theory::new(&model), &report);
    let manifest = manifest(&model, command, changed, started, timing);
    let outcome = Outcome { manifest, report, theory, told: args.theory };
    let gate = Gate::of_run(&original, &outcome.report, args.simulation.strict);
    let printed = console.print(&shown(args, &model, &outcome, &gate, console));
    let summarized = if args.output() == Output::Github { github::summarize(&gate) } else { Ok(()) };
    let folder = files::folder(args.simulation.out.as_deref(), &args.file, None);
    let mut results = results(&model, &source, &outcome, values);
    if let Some(theory) = outcome.theory() {
        results.add("theory.json", json::pretty(theory));
    }
    let results = results.with_png(args.simulation.png)?.with_parquet(args.simulation.parquet)?;
    // Neither a full disk nor a broken terminal keeps the results from the other.
    results.write(&folder)?;
    printed.and(summarized)?;
    if args.output() == Output::Human && !common.quiet {
        let files = time::titled("Files", &results.listed(&folder), console.out);
        let conclusion = tables::conclusion(&outcome.report);
        let conclusion =
            conclusion.map_or(String::new(), |(ink, text)| format!("\n{}\n", console.out.text(ink, &text)));
        console.print(&(files + &conclusion + &Results::page_line(&folder, console.out)))?;
    }
    if interrupted() {
        console.tell("interrupted: the results are those of what was simulated until then\n");
        return Ok(INTERRUPTED);
    }
    Ok(verdict_code(overall(&outcome.report), &args.simulation))
}

fn shown(args: &RunArgs, model: &Model, outcome: &Outcome, gate: &Gate<'_>, console: Console) -> String {
    let Outcome { report, manifest, .. } = outcome;
    let slos = tables::slos(report, console.out);
    match args.output() {
        Output::Json => json::run(manifest, report, &ledger_of(model), outcome.theory()),
        Output::Junit => junit::document(gate),
        Output::Github => slos + &github::annotations(gate),
        Output::Human if console.quiet => slos,
        Output::Human => sections(slos, model, outcome, console),
    }
}

/// Everything for people, in the order of their questions.
fn sections(slos: String, model: &Model, outcome: &Outcome, console: Console) -> String {
    let Outcome { report, manifest, .. } = outcome;
    let (paint, width) = (console.out, console.width());
    let sections = [
        tables::header(report, &manifest.changed, console.verbose, width, paint),
        slos,
        tables::traffic(report, paint),
        tables::components(report, paint),
        time::breakdown(report, console.verbose, paint),
        tables::checks(report, width, paint) + &time::titled("Speed", &speed(report, &manifest.timing), paint),
        outcome.theory().map_or(String::new(), |theory| theory_table::section(theory, width, paint)),
        ledger::section(&ledger_of(model), manifest, console.verbose, width, paint),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

/// How fast it went.
fn speed(report: &Report, timing: &Timing) -> String {
    let simulated = report.duration * f64::from(report.replications);
    let times = simulated / timing.wall_s.max(1e-9);
    format!(
        "{} events, {} requests in {}: {} times faster than real time",
        quantity::count(timing.events),
        quantity::count(timing.requests),
        quantity::plain(timing.wall_s, "s"),
        quantity::plain(times, "count"),
    )
}

/// Everything that goes into the folder.
fn results(model: &Model, source: &Source, outcome: &Outcome, values: Vec<Vec<Option<f64>>>) -> Results {
    let Outcome { report, manifest, theory, .. } = outcome;
    let mut results = Results::default();
    results.add("summary.json", json::pretty(&Summary(&report.summary)));
    results.add("slos.json", json::pretty(&Slos(&report.slos)));
    let ledger = ledger_of(model);
    results.add("ledger.json", json::pretty(&ledger));
    let point = SweepPoint { settings: Vec::new(), report: report.clone(), replications: values };
    let points = SweepReport {
        scenario: report.name.clone(),
        name: String::new(),
        axes: Vec::new(),
        measure: Vec::new(),
        points: vec![point],
    };
    results.add("points.csv", files::points(&points));
    results.add("intervals.csv", files::intervals(&points));
    results.add("series.csv", files::series(&report.series));
    results.add("manifest.json", json::pretty(manifest));
    results.scenario(source);
    results.page(&page::run(report, &plots::run(report, &model.load), theory, &ledger, manifest));
    results
}
