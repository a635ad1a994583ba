//! Theory against simulation, number by number.

use super::{Prediction, Quality, Theory};
use crate::report::{Estimate, Report};
use serde::Serialize;

/// Whether a simulated number agrees with what theory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The exact value lies in the interval; the bound is respected.
    Agrees,
    /// The exact value lies outside of the interval: one in twenty does by chance, far outside means an error here or there.
    Differs,
    /// An approximation or a limit: the difference tells how good it is, not whether the simulation is right.
    Compared,
    /// There is no interval to judge by.
    NotJudged,
}

/// One number of theory beside the simulated one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What theory says.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// What was simulated.
    pub simulated: Estimate,
    /// Simulated over theoretical value, less one.
    pub difference: Option<f64>,
    /// Whether they agree.
    pub agreement: Agreement,
}

/// Everything that `--theory` shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparisons {
    /// Which law each component or source follows.
    pub laws: Vec<(String, String)>,
    /// Number by number.
    pub numbers: Vec<Comparison>,
    /// What has no formula, and why.
    pub unsolved: Vec<super::Unsolved>,
}

/// Puts theory beside a report.
pub fn compare(theory: &Theory, report: &Report) -> Comparisons {
    let number = |prediction: &Prediction| {
        let simulated = *report.get(&prediction.metric)?;
        let value = simulated.value.filter(|_| prediction.value != 0.0);
        let difference = value.map(|value| value / prediction.value - 1.0);
        let agreement = agreement(prediction, &simulated);
        Some(Comparison { prediction: prediction.clone(), simulated, difference, agreement })
    };
    Comparisons {
        laws: theory.laws.clone(),
        numbers: theory.predictions.iter().filter_map(number).collect(),
        unsolved: theory.unsolved.clone(),
    }
}

fn agreement(prediction: &Prediction, simulated: &Estimate) -> Agreement {
    let (Some(low), Some(high)) = (simulated.low, simulated.high) else { return Agreement::NotJudged };
    // Times are whole nanoseconds, and histograms keep three digits: an interval of no width is not a disagreement.
    let slack = (1e-3 * prediction.value.abs()).max(if simulated.unit == "s" { 1e-9 } else { 0.0 });
    let value = prediction.value;
    let holds = match prediction.quality {
        Quality::Exact => low - slack <= value && value <= high + slack,
        Quality::UpperBound => low - slack <= value,
        Quality::LowerBound => value <= high + slack,
        Quality::Approximation | Quality::Limit => return Agreement::Compared,
    };
    if holds { Agreement::Agrees } else { Agreement::Differs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Status;

    fn judged(quality: Quality, value: f64) -> Agreement {
        let prediction = Prediction { metric: "a.mean".into(), value, quality, law: String::new(), source: "" };
        let simulated =
            Estimate { value: Some(2.0), low: Some(1.5), high: Some(2.5), unit: "s", status: Status::Ok, n: 9 };
        agreement(&prediction, &simulated)
    }

    #[test]
    fn exact_values_lie_in_the_interval_and_bounds_are_respected() {
        use Agreement::*;
        assert_eq!((judged(Quality::Exact, 2.4), judged(Quality::Exact, 2.6)), (Agrees, Differs));
        assert_eq!((judged(Quality::UpperBound, 1.6), judged(Quality::UpperBound, 1.4)), (Agrees, Differs));
        assert_eq!((judged(Quality::LowerBound, 2.4), judged(Quality::LowerBound, 2.6)), (Agrees, Differs));
        assert_eq!(judged(Quality::Limit, 9.0), Compared);
    }
}
