//! Sweeps: a grid of settings, each a model of its own, all replications on all cores.

use crate::assemble;
use crate::model::Model;
use crate::report::{Report, Series, SweepPoint};
use crate::run::Watch;
use crate::{check, study, vary};
use archsim_language::{Diagnostic, Source};
use rayon::prelude::*;

/// The points of a sweep.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The varied paths with their values as text; the last changes fastest. Variants are an axis called "variant".
    pub axes: Vec<(String, Vec<String>)>,
    /// For each point its value on each axis, and its model.
    pub points: Vec<(Vec<String>, Model)>,
}

/// Most points of a grid.
pub const MAX_POINTS: usize = 100_000;

/// The name of the axis of variants.
pub const VARIANT: &str = "variant";

/// Settings of a path.
type Settings = Vec<(String, String)>;

/// Builds the models of a grid: each is the file with the values of its point put in, and checked.
///
/// # Errors
/// The text of the first point that does not check, with its findings.
pub fn grid(
    source: &Source,
    files: &dyn Fn(&str) -> Result<String, String>,
    axes: &[(String, Vec<String>)],
    variants: &[(String, Settings)],
) -> Result<Grid, (Source, Vec<Diagnostic>)> {
    let all = with_variants(axes, variants);
    let size = all.iter().try_fold(1usize, |size, (_, values)| size.checked_mul(values.len()));
    let size = size.filter(|size| *size <= MAX_POINTS).ok_or_else(|| {
        let message = format!("this sweep has more than {MAX_POINTS} points");
        (source.clone(), vec![Diagnostic::error("impossible-value", message, 0..0)])
    })?;
    let settings = (0..size).map(|index| place(&all, index)).collect();
    models(source, files, all, variants, settings)
}

/// Builds the models of points that are scattered and no grid: `points` has the value of each on each axis, that of the variant first
/// where there are variants; `axes` say where they come from.
///
/// # Errors
/// As [`grid`].
pub fn scattered(
    source: &Source,
    files: &dyn Fn(&str) -> Result<String, String>,
    axes: &[(String, Vec<String>)],
    variants: &[(String, Settings)],
    points: &[Vec<String>],
) -> Result<Grid, (Source, Vec<Diagnostic>)> {
    models(source, files, with_variants(axes, variants), variants, points.to_vec())
}

/// The axes with that of the variants first, if there are any.
fn with_variants(axes: &[(String, Vec<String>)], variants: &[(String, Settings)]) -> Vec<(String, Vec<String>)> {
    let names = || variants.iter().map(|(name, _)| name.clone()).collect();
    let first = (!variants.is_empty()).then(|| (VARIANT.to_string(), names()));
    first.into_iter().chain(axes.iter().cloned()).collect()
}

fn models(
    source: &Source,
    files: &dyn Fn(&str) -> Result<String, String>,
    axes: Vec<(String, Vec<String>)>,
    variants: &[(String, Settings)],
    all: Vec<Vec<String>>,
) -> Result<Grid, (Source, Vec<Diagnostic>)> {
    let mut points = vec![];
    for settings in all {
        let mut changes: Settings = vec![];
        for ((axis, _), value) in axes.iter().zip(&settings) {
            match variants.iter().find(|(name, _)| axis == VARIANT && name == value) {
                Some((_, variant)) => changes.extend(variant.iter().cloned()),
                None => changes.push((axis.clone(), value.clone())),
            }
        }
        let text = vary::set_all(source, &changes).map_err(|findings| (source.clone(), findings))?;
        let checked = check::check_alone(&text, files);
        match checked.model {
            Some(model) => points.push((settings, model)),
            None => return Err((text, checked.findings)),
        }
    }
    Ok(Grid { axes, points })
}

/// The values of a point: the last axis changes fastest.
pub(crate) fn place(axes: &[(String, Vec<String>)], mut index: usize) -> Vec<String> {
    let mut settings: Vec<String> = axes
        .iter()
        .rev()
        .map(|(_, values)| {
            let value = values[index % values.len()].clone();
            index /= values.len();
            value
        })
        .collect();
    settings.reverse();
    settings
}

/// Runs every replication of the wanted points of a grid (by index from 0), on all threads, and hands over each point when it is finished,
/// from any thread. The same points whatever the number of threads and whatever else is wanted: a result depends on its model, seed and
/// replication only. A point that was cut short is not handed over: it would have wider intervals than its neighbours.
pub fn points(grid: &Grid, wanted: &[usize], watch: &dyn Watch, finished: &(dyn Fn(usize, SweepPoint) + Sync)) {
    wanted.par_iter().for_each(|point| {
        let Some((settings, model)) = grid.points.get(*point) else { return };
        let replications = study::replications(model, *point, watch);
        if study::complete(model, &replications) {
            let report = Report { series: Series::default(), ..assemble::report(model, &replications) };
            watch.point(*point, &report);
            let values = assemble::values(model, &replications);
            finished(*point, SweepPoint { settings: settings.clone(), report, replications: values });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Nobody;
    use std::sync::Mutex;

    /// What a sweep keeps of its points is exact: every bit of every number, whatever a report may hold.
    #[test]
    fn a_point_that_is_written_and_read_is_the_same_point() {
        let text = r#"(
            name: "a", about: "\u{1F600} \"b\"", run: (duration: "20s", replications: 2),
            traffic: { "users": Open(to: "web", rate: 50, mix: { "get": 3, "put": 1 }, timeout: "80ms") },
            components: { "web": Service(replicas: 2, on: { "get": [Compute(Exp("20ms"))], "put": [Compute("3ms")] }) },
            faults: [Slow(target: "web", at: "5s", for: "3s", factor: 8)],
            slos: [(check: "users.goodput >= 10/s", during: ("5s", "9s"), name: "fault"), "users.put.p999 < 1s"],
        )"#;
        let axes = [("users.rate".to_string(), vec!["30".into(), "90".into()])];
        let grid = grid(&Source::new("a", text), &|_| Err(String::new()), &axes, &[]).expect("a sound scenario");
        let found = Mutex::new(vec![]);
        points(&grid, &[1, 0], &Nobody, &|index, point| found.lock().expect("no panic").push((index, point)));
        let found = found.into_inner().expect("no panic");
        assert_eq!(found.len(), 2);
        for (index, point) in found {
            assert_eq!(point.settings, grid.points[index].0);
            let text = serde_json::to_string(&point).expect("it can be written");
            let read: SweepPoint = serde_json::from_str(&text).expect("it can be read");
            assert_eq!(read, point);
        }
    }

    #[test]
    fn every_bit_of_a_number_survives_the_text() {
        let mut bits = 1u64;
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                let text = serde_json::to_string(&number).expect("it can be written");
                let read: f64 = serde_json::from_str(&text).expect("it can be read");
                assert_eq!(read.to_bits(), bits, "{text}");
            }
        }
    }

    #[test]
    fn the_last_axis_changes_fastest() {
        let axes =
            vec![("a".to_string(), vec!["1".into(), "2".into()]), ("b".to_string(), vec!["x".into(), "y".into()])];
        let points: Vec<Vec<String>> = (0..4).map(|i| place(&axes, i)).collect();
        assert_eq!(points, [["1", "x"], ["1", "y"], ["2", "x"], ["2", "y"]]);
    }
}
