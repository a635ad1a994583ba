//! `archsim saturate`: the highest load that still meets the SLOs.

use super::{begin, manifest};
use crate::cli::{Common, SaturateArgs};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::{self, Failure, INTERRUPTED};
use crate::files::json::{self, Manifest};
use crate::files::{self, Results};
use crate::progress::{Progress, interrupted};
use crate::settings::{at_flag, laid_out, objective, prepare, unknown};
use crate::table::saturate as tables;
use crate::table::sweep::{bare, setting};
use crate::table::time;
use crate::{input, page, plots};
use archsim_experiment::language::{Diagnostic, Document, Path, Source, get_text};
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::{Model, Slo};
use archsim_experiment::saturate::{Answer, Form, Question, Saturation, saturate as run};
use archsim_experiment::scenario::{Experiment, SaturateArgs as Written, sections};
use archsim_experiment::{check, slo, vary};

/// The name of a search that only the command line describes.
const AD_HOC: &str = "saturate";
/// Without ends the search goes so far below and above the value of the file.
const FAR: f64 = 100.0;

/// What to search.
struct Plan {
    name: String,
    raise: String,
    unit: &'static str,
    form: Form,
    range: (f64, f64),
    until: Vec<Slo>,
}

/// Searches.
pub(crate) fn saturate(
    args: &SaturateArgs,
    common: &Common,
    console: Console,
    command: Vec<String>,
) -> Result<u8, Failure> {
    let (model, source, changed) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    let plan = plan(args, &model, &source, console)?;
    begin(&model, &args.simulation)?;
    let progress = Progress::search(!common.no_progress && !common.quiet);
    let (started, watch) = (clock::now(), Stopwatch::start());
    let files = |name: &str| input::beside(&args.file, name);
    let Plan { raise, form, range, until, .. } = &plan;
    let (raise, form, until) = (raise.clone(), form.clone(), until.clone());
    let question =
        Question { source: &source, files: &files, raise, form, range: *range, until, precision: args.precision };
    let found = run(&question, &progress)
        .map_err(|(source, findings)| Failure::Findings(laid_out(&findings, &source, console)))?;
    progress.clear();
    let timing = watch.stop(found.work());
    let manifest = manifest(&model, command, changed, started, timing);
    let objectives: Vec<String> = plan.until.iter().map(|slo| slo.text.clone()).collect();
    let shown = match args.simulation.json {
        true => json::saturation(Some(&manifest), &plan.raise, &objectives, &found),
        false => tables::saturation(
            &found,
            &tables::Asked { raise: &plan.raise, unit: plan.unit, until: &objectives },
            &manifest,
            console,
        ),
    };
    let printed = console.print(&shown);
    let folder = files::folder(args.simulation.out.as_deref(), &args.file, Some(&plan.name));
    let results = results(&source, &model, &plan, &manifest, &found)
        .with_png(args.simulation.png)?
        .with_parquet(args.simulation.parquet)?;
    // Neither a full disk nor a broken terminal keeps the results from the other.
    results.write(&folder)?;
    printed?;
    if !args.simulation.json && !common.quiet {
        let files = time::titled("Files", &results.listed(&folder), console.out);
        console.print(&(files + &Results::page_line(&folder, console.out)))?;
    }
    match found.answer {
        _ if interrupted() => Ok(INTERRUPTED),
        Answer::Nowhere(_) if !args.simulation.exit_zero => Ok(exit::SLO_FAILED),
        _ => Ok(0),
    }
}

/// What the command line or the experiment asks for.
fn plan(args: &SaturateArgs, model: &Model, source: &Source, console: Console) -> Result<Plan, Failure> {
    let (name, written) = experiment(args, model)?;
    let raise = args.raise.clone().or(written.as_ref().map(|written| written.raise.value.clone()));
    let raise = raise.ok_or_else(|| {
        Failure::Wrong("say what to raise, for example --raise users.rate, or write a `Saturate` experiment".into())
    })?;
    let present = present(args, &raise, source, console)?;
    let (value, unit) = setting(&present).filter(|(value, _)| *value > 0.0).ok_or_else(|| {
        Failure::Wrong(format!("`{raise}` is {present}: only a setting that is a positive number can be raised"))
    })?;
    let whole = !takes_fractions(args, source, &raise, value, unit);
    let end = |flag: &Option<String>, text: Option<&str>, name: &str, default: f64| match flag.as_deref().or(text) {
        None => Ok(default),
        Some(text) => setting(text).map(|(value, _)| value).filter(|value| *value > 0.0).ok_or_else(|| {
            let message = format!("`{text}` is not a positive number");
            at_flag(vec![Diagnostic::error("impossible-value", message, 0..0)], name, &raise, text, console)
        }),
    };
    let ends = written.as_ref().map(|written| (written.from.text.clone(), written.to.text.clone()));
    let (from, to) = ends.unzip();
    let lowest = if whole { (value / FAR).max(1.0) } else { value / FAR };
    let range =
        (end(&args.from, from.as_deref(), "--from", lowest)?, end(&args.to, to.as_deref(), "--to", value * FAR)?);
    if range.0 >= range.1 {
        return Err(Failure::Wrong(format!("the search would go from {} down to {}", range.0, range.1)));
    }
    let by_file = written.as_ref().and_then(|written| Some(vec![written.until.as_ref()?.value.clone()]));
    let texts = if args.until.is_empty() { by_file } else { Some(args.until.clone()) };
    let until = match texts {
        None => model.slos.clone(),
        Some(texts) => texts
            .iter()
            .map(|text| slo::parse(text, &model.catalogue).map_err(|error| objective("--until", text, error, console)))
            .collect::<Result<_, _>>()?,
    };
    Ok(Plan { name, raise, unit, form: Form::in_unit(unit, whole), range, until })
}

/// The experiment that is meant: the one that is named, or the only one where nothing else says what to raise.
fn experiment(args: &SaturateArgs, model: &Model) -> Result<(String, Option<Written>), Failure> {
    let all = model.experiments.iter().filter_map(|(name, experiment)| match experiment {
        Experiment::Saturate(written) => Some((name.as_str(), written)),
        _ => None,
    });
    let all: Vec<(&str, &Written)> = all.collect();
    let named = |(name, written): &(&str, &Written)| Ok((name.to_string(), Some((*written).clone())));
    match (&args.name, &all[..]) {
        (Some(name), _) => match all.iter().find(|(other, _)| other == name) {
            Some(found) => named(found),
            None => {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                Err(Failure::Wrong(unknown("`Saturate` experiment", name, &names, &args.file.display().to_string())))
            }
        },
        (None, [only]) if args.raise.is_none() => named(only),
        _ => Ok((AD_HOC.into(), None)),
    }
}

/// The value of a path as the file has it.
fn present(args: &SaturateArgs, raise: &str, source: &Source, console: Console) -> Result<String, Failure> {
    let finding = |problem: Diagnostic| {
        at_flag(vec![Diagnostic { code: "path".into(), ..problem }], "--raise", raise, "", console)
    };
    let document = Document::parse(source.clone()).map_err(|mut problems| finding(problems.swap_remove(0)))?;
    let path = Path::parse(raise).map_err(finding)?;
    let found = get_text(&document, &path, &sections()).map_err(finding)?;
    if let Some((text, _)) = found {
        return Ok(bare(text).to_owned());
    }
    // A path that means nothing says so, with what was meant.
    let files = |name: &str| input::beside(&args.file, name);
    let set = vary::set_all(source, &[(raise.to_owned(), "1".into())]).map(|text| check::check_alone(&text, &files));
    let findings = match set {
        Err(findings) => findings,
        Ok(checked) if checked.model.is_none() => checked.findings,
        Ok(_) => {
            return Err(Failure::Wrong(format!(
                "`{raise}` is not set in the file\n  = help: write its value there, so that the search knows where to begin"
            )));
        }
    };
    let at_path = |finding| Diagnostic { code: "path".into(), ..finding };
    Err(at_flag(findings.into_iter().map(at_path).collect(), "--raise", raise, "", console))
}

/// Whether the path takes a value with a fraction.
fn takes_fractions(args: &SaturateArgs, source: &Source, raise: &str, value: f64, unit: &str) -> bool {
    let text = Form::in_unit(unit, false).text(value.floor() + 0.5);
    let changed = vary::set_all(source, &[(raise.to_owned(), text)]);
    changed.is_ok_and(|text| check::check_alone(&text, &|name| input::beside(&args.file, name)).model.is_some())
}

/// Everything that goes into the folder.
fn results(source: &Source, model: &Model, plan: &Plan, manifest: &Manifest, found: &Saturation) -> Results {
    let until: Vec<String> = plan.until.iter().map(|slo| slo.text.clone()).collect();
    let mut results = Results::default();
    results.add("summary.json", json::saturation(None, &plan.raise, &until, found));
    results.add("probes.csv", files::probes(&plan.raise, found));
    results.add("intervals.csv", files::searched(&plan.raise, found));
    let ledger = ledger_of(model);
    results.add("ledger.json", json::pretty(&ledger));
    results.add("manifest.json", json::pretty(manifest));
    results.scenario(source);
    let figures = plots::saturate(&plan.raise, plan.unit, &plan.until, found);
    let asked = tables::Asked { raise: &plan.raise, unit: plan.unit, until: &until };
    results.page(&page::saturate(found, &asked, &figures, &ledger, manifest));
    results
}
