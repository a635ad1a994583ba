//! `archsim merge`: the shards of a sweep become the sweep.

use super::sweep::finish::{Swept, code};
use super::{begin, manifest};
use crate::cli::{MergeArgs, Output};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::Failure;
use crate::files::store::{Definition, Other, Store};
use crate::table::{plural, sweep::bare};
use archsim_experiment::report::Work;
use archsim_experiment::sweep::Grid;
use std::path::Path;

/// So many missing points are listed one by one.
const LISTED: usize = 20;

/// Puts the points of all folders together.
pub(crate) fn merge(args: &MergeArgs, console: Console, command: Vec<String>) -> Result<u8, Failure> {
    let simulation = args.simulation();
    let (started, watch) = (clock::now(), Stopwatch::start());
    let (stores, definition) = same_sweep(args)?;
    let unusable =
        || Failure::Wrong("the scenario of this sweep cannot be read any more: its sweep.json was changed".into());
    let (source, model, grid) = definition.models().ok_or_else(unusable)?;
    begin(&model, &simulation)?;
    let gathered = gather(&stores, &grid)?;
    let out = out(args)?;
    let store = Store::open(&out, &definition, Other::Refuse)?;
    for (point, bytes) in gathered.iter().enumerate() {
        if store.bytes(point).as_ref() != Some(bytes) {
            store.keep_bytes(point, bytes)?;
        }
    }
    let swept = Swept {
        definition: &definition,
        source: &source,
        model: &model,
        grid: &grid,
        store: &store,
        original: &source,
    };
    let report = swept.report();
    let manifest = manifest(&model, command, definition.changed.clone(), started, watch.stop(Work::default()));
    let output = if simulation.json { Output::Json } else { Output::Human };
    swept.publish(&report, &manifest, &simulation, output, console)?;
    Ok(code(&simulation, &report))
}

/// Where the results go.
fn out(args: &MergeArgs) -> Result<std::path::PathBuf, Failure> {
    match (&args.out, &args.folders[..]) {
        (Some(out), _) => Ok(out.clone()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => {
            Err(Failure::Wrong("there are several folders\n  = help: say with --out where the results go".into()))
        }
    }
}

/// The stores of all folders, which are of one sweep and of this program.
fn same_sweep(args: &MergeArgs) -> Result<(Vec<Store>, Definition), Failure> {
    let mut stores: Vec<Store> = Vec::new();
    let mut first: Option<Definition> = None;
    for folder in &args.folders {
        let (store, definition) = Store::existing(folder)?;
        of_this_program(folder, &definition)?;
        let other = first.get_or_insert_with(|| definition.clone());
        if *other != definition {
            let (one, two) = (args.folders[0].display(), folder.display());
            let differences = other.differences(&definition).join(", ");
            return Err(Failure::Wrong(format!(
                "`{one}` and `{two}` are not of one sweep; they differ in: {differences}"
            )));
        }
        stores.push(store);
    }
    let none = || Failure::Wrong("there is nothing to merge".into());
    Ok((stores, first.ok_or_else(none)?))
}

fn of_this_program(folder: &Path, definition: &Definition) -> Result<(), Failure> {
    if !definition.is_of_another_program() {
        return Ok(());
    }
    let (path, other, this) =
        (folder.display(), definition.program(), Definition::new(String::new(), vec![], vec![]).program());
    Err(Failure::Wrong(format!(
        "`{path}` was made by {other}, and this is {this}\n  = help: merge with the program that ran the shards; another one may find other numbers"
    )))
}

/// The file of every point; all of them have to be there, and to agree where there are several.
fn gather(stores: &[Store], grid: &Grid) -> Result<Vec<Vec<u8>>, Failure> {
    let mut gathered = Vec::new();
    let mut missing: Vec<(usize, bool)> = Vec::new();
    for point in 0..grid.points.len() {
        let (found, damaged) = whole_files(stores, point)?;
        if let Some(other) = found.iter().find(|(_, bytes)| *bytes != found[0].1) {
            let (one, two) = (found[0].0.path(point), other.0.path(point));
            return Err(Failure::Wrong(format!(
                "point {} was found twice, and not alike: `{}`, `{}`\n  = help: remove the one that is wrong, or both, and run its shard again",
                point + 1,
                one.display(),
                two.display()
            )));
        }
        match found.into_iter().next() {
            Some((_, bytes)) => gathered.push(bytes),
            None => missing.push((point, damaged)),
        }
    }
    if missing.is_empty() { Ok(gathered) } else { Err(gaps(stores, grid, &missing)) }
}

/// The files of a point that are whole, each with its store, and whether there is a damaged one.
type Files<'a> = (Vec<(&'a Store, Vec<u8>)>, bool);

fn whole_files(stores: &[Store], point: usize) -> Result<Files<'_>, Failure> {
    let (mut whole, mut damaged) = (Vec::new(), false);
    for store in stores {
        let Some(bytes) = store.bytes(point) else { continue };
        if store.is_of_another(&bytes) {
            let path = store.path(point);
            return Err(Failure::Wrong(format!(
                "`{}` is a point of another sweep\n  = help: remove it, and run its shard again",
                path.display()
            )));
        }
        match store.decoded(point, &bytes) {
            Some(_) => whole.push((store, bytes)),
            None => damaged = true,
        }
    }
    Ok((whole, damaged))
}

/// Which points are missing, and which shard has to run them.
fn gaps(stores: &[Store], grid: &Grid, missing: &[(usize, bool)]) -> Failure {
    let mut counts: Vec<usize> = stores.iter().flat_map(Store::shard_counts).collect();
    counts.sort_unstable();
    counts.dedup();
    let count = if let [count] = counts[..] { Some(count) } else { None };
    let line = |(point, damaged): &(usize, bool)| {
        let setting = |((path, _), value): (&(String, Vec<String>), &String)| format!("{path} = {}", bare(value));
        let settings: Vec<String> = grid.axes.iter().zip(&grid.points[*point].0).map(setting).collect();
        let shard = count.map_or(String::new(), |count| format!("   shard {}/{count}", point % count + 1));
        let damaged = if *damaged { "   damaged" } else { "" };
        format!("\n  {}   {}{shard}{damaged}", point + 1, settings.join(", "))
    };
    let mut text = format!("{} of {} are missing:", missing.len(), plural(grid.points.len(), "point"));
    text += &missing.iter().take(LISTED).map(line).collect::<String>();
    if missing.len() > LISTED {
        text += &format!("\n  and {} more", missing.len() - LISTED);
    }
    let mut shards: Vec<usize> = count.map_or(Vec::new(), |n| missing.iter().map(|(point, _)| point % n + 1).collect());
    shards.sort_unstable();
    shards.dedup();
    let shards: Vec<String> = shards.iter().map(|shard| format!("{shard}/{}", count.unwrap_or(1))).collect();
    let help = match shards.len() {
        0 => "run the sweep again in that folder: it goes on where it was".to_owned(),
        _ => format!("run again: --shard {}; what is finished is not run twice", shards.join(", --shard ")),
    };
    Failure::Wrong(format!("{text}\n  = help: {help}"))
}
