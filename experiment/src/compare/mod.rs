//! Alternatives side by side on the same random numbers: the difference of each to one of them, with an interval of its own.

pub mod fork;
pub(crate) mod paired;

use crate::metric::Metric;
use crate::model::Model;
use crate::report::{Report, SweepPoint, SweepReport};
use crate::run::{Replication, Watch};
use crate::sweep::Grid;
use crate::{assemble, study};
pub use paired::{Difference, Found};
use paired::{Pair, differences};
use rayon::prelude::*;

/// What was found.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The alternatives, those not finished left out; one axis.
    pub points: SweepReport,
    /// The one that the others are compared with.
    pub against: String,
    /// For each metric and each other alternative, in this order, the difference.
    pub differences: Vec<Difference>,
    /// With this confidence all differences hold together.
    pub confidence: f64,
    /// So many of them are uncertain: each interval leaves out only this part of the doubt (Bonferroni).
    pub family: usize,
    /// The instant in seconds up to which all were one run; none where each ran from the start.
    pub from: Option<f64>,
}

impl Comparison {
    /// The confidence of each interval.
    pub fn each(&self) -> f64 {
        1.0 - (1.0 - self.confidence) / self.family.max(1) as f64
    }
}

/// An alternative that was run.
struct Alternative<'a> {
    settings: &'a [String],
    model: &'a Model,
    replications: Vec<Replication>,
}

/// Runs the points of a grid with one axis and compares each with the point `against`, metric by metric.
///
/// Request k of a source comes at the same time and asks for the same work in all of them: what they have in common cancels in the
/// difference (common random numbers: Law, Simulation Modeling and Analysis, 5th ed., 11.2).
pub fn compare(name: &str, grid: &Grid, against: usize, measure: &[String], watch: &dyn Watch) -> Comparison {
    let one = |(point, (_, model)): (usize, &(Vec<String>, Model))| study::replications(model, point, watch);
    together(name, grid, against, measure, watch, grid.points.par_iter().enumerate().map(one).collect())
}

/// Compares what was run for each point.
fn together(
    name: &str,
    grid: &Grid,
    against: usize,
    measure: &[String],
    watch: &dyn Watch,
    run: Vec<Vec<Replication>>,
) -> Comparison {
    let mut places = vec![];
    let mut alternatives = vec![];
    for (place, ((settings, model), replications)) in grid.points.iter().zip(run).enumerate() {
        // What was cut short has no partners.
        if study::complete(model, &replications) {
            places.push(place);
            alternatives.push(Alternative { settings, model, replications });
        }
    }
    study::share_warm_up(alternatives.iter_mut().map(|a| (a.model, &mut a.replications[..])).collect());
    let points: Vec<SweepPoint> = alternatives.iter().zip(&places).map(|(a, place)| a.point(*place, watch)).collect();
    let base = places.iter().position(|place| *place == against);
    let (differences, family) = base.map_or((vec![], 0), |base| all_differences(&alternatives, &points, base, measure));
    let model = &grid.points[against].1;
    Comparison {
        points: SweepReport {
            scenario: model.name.clone(),
            name: name.to_string(),
            axes: grid.axes.clone(),
            measure: measure.to_vec(),
            points,
        },
        against: grid.points[against].0.join(", "),
        differences,
        confidence: model.run.confidence,
        family,
        from: None,
    }
}

impl Alternative<'_> {
    fn point(&self, place: usize, watch: &dyn Watch) -> SweepPoint {
        let report = assemble::report(self.model, &self.replications);
        watch.point(place, &report);
        let values = assemble::values(self.model, &self.replications);
        SweepPoint { settings: self.settings.to_vec(), report, replications: values }
    }
}

/// The differences of all others to one, metric by metric, and how many of them are uncertain.
fn all_differences(
    alternatives: &[Alternative<'_>],
    points: &[SweepPoint],
    base: usize,
    measure: &[String],
) -> (Vec<Difference>, usize) {
    let side = |at: usize, metric: &str| {
        let found: Option<Metric> = alternatives[at].model.catalogue.find(metric).ok();
        let report: &Report = &points[at].report;
        paired::Side {
            model: alternatives[at].model,
            replications: &alternatives[at].replications,
            metric: found,
            report,
        }
    };
    let others: Vec<usize> = (0..alternatives.len()).filter(|at| *at != base).collect();
    let pairs: Vec<Pair<'_>> = measure
        .iter()
        .flat_map(|metric| {
            let side = &side;
            others.iter().map(move |at| Pair {
                alternative: alternatives[*at].settings.join(", "),
                metric: metric.clone(),
                base: side(base, metric),
                other: side(*at, metric),
            })
        })
        .collect();
    differences(&pairs)
}
