//! What a sweep is asked to vary and to show.

use crate::cli::SweepArgs;
use crate::commands::measure::measured;
use crate::console::Console;
use crate::exit::Failure;
use crate::files::store::Definition;
use crate::settings::{at_flag, unknown};
use archsim_experiment::language::Diagnostic;
use archsim_experiment::model::Model;
use archsim_experiment::sample::latin_hypercube;
use archsim_experiment::scenario::Experiment;
use archsim_experiment::sweep::VARIANT;
use archsim_experiment::vary::{self, Axis};

/// The name of a sweep that only the command line describes.
const AD_HOC: &str = "ad hoc";

/// A path, what it is varied over, and who says so.
type Varied = (String, String, String);

/// What the command line or the experiment asks for.
pub(super) fn definition(args: &SweepArgs, model: &Model, console: Console) -> Result<Definition, Failure> {
    let (mut asked, mut varied) = match (&args.name, args.vary.is_empty()) {
        (None, false) => (Definition::new(AD_HOC.into(), vec![], vec![]), vec![]),
        _ => named(args, model)?,
    };
    for (path, text) in &args.vary {
        varied.retain(|(other, _, _)| other != path);
        varied.push((path.clone(), text.clone(), "--vary".into()));
    }
    match args.sample {
        Some(size) => scatter(&mut asked, &varied, size, model.run.seed, console)?,
        None => {
            let axes = varied.iter().map(|(path, text, flag)| Ok((path.clone(), axis(flag, path, text, console)?)));
            asked.axes = axes.collect::<Result<Vec<_>, Failure>>()?;
        }
    }
    let measure = std::mem::take(&mut asked.measure);
    asked.measure = measured(&args.measure, measure, model, console)?;
    Ok(asked)
}

/// Points scattered over what is varied.
fn scatter(asked: &mut Definition, varied: &[Varied], size: usize, seed: u64, console: Console) -> Result<(), Failure> {
    let read = |(path, text, flag): &Varied| match Axis::read(text) {
        Ok(axis) => Ok((path.clone(), axis)),
        Err(message) => Err(wrong(message, flag, path, text, console)),
    };
    let axes = varied.iter().map(read).collect::<Result<Vec<(String, Axis)>, Failure>>()?;
    let names = asked.variants.iter().map(|(name, _)| name.clone()).collect();
    let variants = (!asked.variants.is_empty()).then(|| (VARIANT.to_owned(), Axis::Listed(names)));
    let all: Vec<(String, Axis)> = variants.into_iter().chain(axes.iter().cloned()).collect();
    asked.sample = Some(latin_hypercube(&all, size, seed));
    asked.axes = axes.into_iter().map(|(path, axis)| (path, axis.written())).collect();
    Ok(())
}

fn wrong(message: String, flag: &str, path: &str, text: &str, console: Console) -> Failure {
    at_flag(vec![Diagnostic::error("impossible-value", message, 0..0)], flag, path, text, console)
}

/// The values of an axis.
pub(in crate::commands) fn axis(flag: &str, path: &str, text: &str, console: Console) -> Result<Vec<String>, Failure> {
    vary::values(text).map_err(|message| wrong(message, flag, path, text, console))
}

/// An experiment of the file.
fn named(args: &SweepArgs, model: &Model) -> Result<(Definition, Vec<Varied>), Failure> {
    let sweeps: Vec<&str> = model
        .experiments
        .iter()
        .filter(|(_, experiment)| matches!(experiment, Experiment::Sweep(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    let file = args.file.display().to_string();
    let name = match (&args.name, &sweeps[..]) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => only,
        (None, []) => {
            return Err(Failure::Wrong(format!(
                "{file} has no sweep\n  = help: say what to vary, for example --vary web.replicas=1..=8"
            )));
        }
        (None, several) => return Err(Failure::Wrong(several_sweeps(&file, several))),
    };
    let Some((_, experiment)) = model.experiments.iter().find(|(other, _)| other == name) else {
        return Err(Failure::Wrong(unknown("experiment", name, &sweeps, &file)));
    };
    if !matches!(experiment, Experiment::Sweep(_)) {
        let kind = experiment.kind();
        let help = match experiment {
            Experiment::Compare(_) => format!("archsim compare {file} {name:?}"),
            Experiment::Saturate(_) => format!("archsim saturate {file} {name:?}"),
            _ => format!("archsim plan {file} {name:?}"),
        };
        return Err(Failure::Wrong(format!("`{name}` is a `{kind}`, not a sweep\n  = help: {help}")));
    }
    let by = format!("experiment {name:?}");
    let varied = experiment.vary().into_iter().map(|(path, text)| (path, text, by.clone())).collect();
    let variants = experiment.variants().into_iter().map(|variant| {
        let settings = model.variants.iter().find(|(other, _)| *other == variant).map(|(_, settings)| settings.clone());
        (variant, settings.unwrap_or_default())
    });
    let mut asked = Definition::new(name.to_owned(), vec![], variants.collect());
    asked.measure = experiment.measure();
    Ok((asked, varied))
}

fn several_sweeps(file: &str, sweeps: &[&str]) -> String {
    let listed = sweeps.iter().map(|name| format!("\n  archsim sweep {file} {name:?}"));
    format!("{file} has several sweeps; say which one:{}", listed.collect::<String>())
}
