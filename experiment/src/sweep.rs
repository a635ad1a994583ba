//! Sweeps: a grid of settings, each a model of its own, all replications on all cores.

use crate::assemble;
use crate::model::Model;
use crate::report::{SweepPoint, SweepReport};
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
    let mut all: Vec<(String, Vec<String>)> = vec![];
    if !variants.is_empty() {
        all.push((VARIANT.to_string(), variants.iter().map(|(name, _)| name.clone()).collect()));
    }
    all.extend(axes.iter().cloned());
    let size = all.iter().try_fold(1usize, |size, (_, values)| size.checked_mul(values.len()));
    let size = size.filter(|size| *size <= MAX_POINTS).ok_or_else(|| {
        let message = format!("this sweep has more than {MAX_POINTS} points");
        (source.clone(), vec![Diagnostic::error("impossible-value", message, 0..0)])
    })?;
    let mut points = vec![];
    for index in 0..size {
        let settings = place(&all, index);
        let mut changes: Settings = vec![];
        for ((axis, _), value) in all.iter().zip(&settings) {
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
    Ok(Grid { axes: all, points })
}

/// The values of a point: the last axis changes fastest.
fn place(axes: &[(String, Vec<String>)], mut index: usize) -> Vec<String> {
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

/// Runs every replication of every point, on all threads. The same bytes whatever their number: a result depends on its model, seed
/// and replication only, and they are put together in the order of the grid.
pub fn sweep(name: &str, grid: &Grid, measure: &[String], watch: &dyn Watch) -> SweepReport {
    let one = |(point, (settings, model)): (usize, &(Vec<String>, Model))| {
        let replications = study::replications(model, point, watch);
        // A point that was cut short would have wider intervals than its neighbours.
        if !study::complete(model, &replications) {
            return None;
        }
        let report = assemble::report(model, &replications);
        watch.point(point, &report);
        let values = assemble::values(model, &replications);
        Some(SweepPoint { settings: settings.clone(), report, replications: values })
    };
    let reports: Vec<Option<SweepPoint>> = grid.points.par_iter().enumerate().map(one).collect();
    SweepReport {
        scenario: grid.points.first().map(|(_, model)| model.name.clone()).unwrap_or_default(),
        name: name.to_string(),
        axes: grid.axes.clone(),
        measure: measure.to_vec(),
        points: reports.into_iter().flatten().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_axis_changes_fastest() {
        let axes =
            vec![("a".to_string(), vec!["1".into(), "2".into()]), ("b".to_string(), vec!["x".into(), "y".into()])];
        let points: Vec<Vec<String>> = (0..4).map(|i| place(&axes, i)).collect();
        assert_eq!(points, [["1", "x"], ["1", "y"], ["2", "x"], ["2", "y"]]);
    }
}
