//! The chart of a search for the cheapest setting: what the objective that is in the way costs.

use super::cost::cost;
use crate::chart::{CostPoint, Figure, Limit};
use crate::table::plan::Words;
use archsim_experiment::planning::{Planned, Question};
use archsim_experiment::report::Verdict;

/// The chart; none where no setting ran or has a cost.
pub(crate) fn plan(question: &Question<'_>, found: &Planned) -> Option<Figure> {
    let words = Words { question, found };
    let metric = found.in_the_way().map(|(slo, _)| slo.metric.clone());
    let slo = question.keep.iter().find(|keep| metric.as_ref().is_none_or(|metric| keep.metric.name == *metric))?;
    let point = |index: usize| {
        let trial = found.trial(index)?;
        let estimate = trial.get(&slo.metric.name)?;
        Some(CostPoint {
            cost: found.candidates.all[index].cost?,
            value: estimate.value,
            interval: estimate.low.zip(estimate.high),
            label: words.settings(index),
            meets: match trial.verdict {
                Verdict::Pass => Some(true),
                Verdict::Fail => Some(false),
                Verdict::Undecided => None,
            },
            present: false,
        })
    };
    let points: Vec<CostPoint> = words.ran().into_iter().filter_map(point).collect();
    let limit = Limit { value: slo.limit, name: format!("SLO {}", slo.text) };
    let less = slo.comparison.symbol().starts_with('<');
    (!points.is_empty()).then(|| cost(&found.scenario, &slo.metric.name, slo.metric.unit, Some(limit), less, points))
}
