//! Tidy tables: one header, units in the column names, one observation a row.

use crate::table::sweep::bare;
use archsim_experiment::compare::Comparison;
use archsim_experiment::planning::{Planned, Question};
use archsim_experiment::report::{Estimate, Report, Series, SweepReport};
use archsim_experiment::sample::correlation::Correlation;
use archsim_experiment::saturate::Saturation;

/// Writes rows of text as CSV (RFC 4180).
pub(super) fn table(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory fails only if rows differ in length, which they do not.
        writer.write_record(&row).expect("every row has a cell for each column");
    }
    writer.into_inner().expect("memory can be written to")
}

/// The shortest text that reads back as the same number; empty where there is none.
pub(super) fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or(String::new(), |value| value.to_string())
}

fn column((name, unit): (&str, &str)) -> String {
    format!("{name} [{unit}]")
}

/// The columns of the metrics of a report.
fn metrics(report: &Report) -> impl Iterator<Item = String> {
    report.summary.iter().map(|(name, estimate)| column((name, estimate.unit)))
}

/// `points.csv`: one row for each point and replication, with its settings and every metric.
pub(crate) fn points(sweep: &SweepReport) -> Vec<u8> {
    let Some(first) = sweep.points.first() else { return Vec::new() };
    let names: Vec<&str> = first.report.summary.iter().map(|(name, _)| name.as_str()).collect();
    let settings = sweep.axes.iter().map(|(path, _)| format!("set:{path}"));
    let header = settings.chain(["replication".to_owned()]).chain(metrics(&first.report)).collect();
    let rows = sweep.points.iter().flat_map(|point| {
        let names = &names;
        // Points may differ in their metrics where a setting adds or removes a part: columns are those of the first.
        let places: Vec<_> =
            names.iter().map(|name| point.report.summary.iter().position(|(other, _)| other == name)).collect();
        point.replications.iter().enumerate().map(move |(index, values)| {
            let settings = point.settings.iter().map(|value| bare(value).to_owned());
            let value = |place: &Option<usize>| number(place.and_then(|at| values.get(at).copied().flatten()));
            settings.chain([(index + 1).to_string()]).chain(places.iter().map(value)).collect()
        })
    });
    table(std::iter::once(header).chain(rows))
}

/// `differences.csv`: one row for each metric and alternative.
pub(crate) fn differences(comparison: &Comparison) -> Vec<u8> {
    let names = ["alternative", "against", "metric", "unit", "found", "difference", "low", "high"];
    let header = names.into_iter().chain(["ratio", "ratio low", "ratio high", "gain of pairing"]).map(str::to_owned);
    let rows = comparison.differences.iter().map(|d| {
        let words = [&d.alternative, &comparison.against, &d.metric].map(|text| bare(text).to_owned());
        let (ratio, found) = (d.ratio.as_ref(), serde_json::to_value(d.found).ok());
        let found = found.and_then(|found| found.as_str().map(str::to_owned)).unwrap_or_default();
        let numbers = [
            d.difference.value,
            d.difference.low,
            d.difference.high,
            ratio.and_then(|r| r.value),
            ratio.and_then(|r| r.low),
            ratio.and_then(|r| r.high),
            d.gain,
        ];
        words.into_iter().chain([d.difference.unit.to_owned(), found]).chain(numbers.map(number)).collect()
    });
    table(std::iter::once(header.collect()).chain(rows))
}

/// `probes.csv`: one row for each value that was tried, in the order of the search.
pub(crate) fn probes(raise: &str, found: &Saturation) -> Vec<u8> {
    let names = ["value", "holds", "long", "worst objective", "measured", "low", "high", "requests"];
    let header = std::iter::once(format!("set:{raise}")).chain(names.into_iter().skip(1).map(str::to_owned)).collect();
    let rows = found.probes.iter().map(|probe| {
        let holds = probe.holds.map_or("", |holds| if holds { "yes" } else { "no" });
        let measured = |of: fn(&Estimate) -> Option<f64>| number(probe.measured.as_ref().and_then(of));
        vec![
            number(Some(probe.value)),
            holds.to_owned(),
            if probe.long { "yes" } else { "no" }.to_owned(),
            probe.worst.clone().unwrap_or_default(),
            measured(|e| e.value),
            measured(|e| e.low),
            measured(|e| e.high),
            probe.requests.to_string(),
        ]
    });
    table(std::iter::once(header).chain(rows))
}

/// `trials.csv`: one row for each run of a search for a setting, in the order of the search.
pub(crate) fn trials(question: &Question<'_>, found: &Planned) -> Vec<u8> {
    let names = found.trials.first().map(|trial| trial.shown.iter().map(|(name, e)| (name.clone(), e.unit)));
    let names: Vec<(String, &str)> = names.into_iter().flatten().collect();
    let axes = question.axes.iter().map(|(path, _)| format!("set:{path}"));
    let words = ["cost", "verdict", "full", "requests"].map(str::to_owned);
    let measured =
        names.iter().flat_map(|(name, unit)| ["", ".low", ".high"].map(|end| column((&format!("{name}{end}"), unit))));
    let header = axes.chain(words).chain(measured).collect();
    let rows = found.trials.iter().map(|trial| {
        let candidate = &found.candidates.all[trial.candidate];
        let settings = candidate.settings.iter().map(|value| bare(value).to_owned());
        let full = if trial.full { "yes" } else { "no" };
        let words =
            [number(candidate.cost), trial.verdict.name().to_lowercase(), full.into(), trial.requests.to_string()];
        let measured = names.iter().flat_map(|(name, _)| {
            let estimate = trial.get(name);
            [estimate.and_then(|e| e.value), estimate.and_then(|e| e.low), estimate.and_then(|e| e.high)].map(number)
        });
        settings.chain(words).chain(measured).collect()
    });
    table(std::iter::once(header).chain(rows))
}

/// `series.csv`: one row for each window of time, one column for each metric; where there are intervals, one more for each of their ends.
pub(crate) fn series(series: &Series) -> Vec<u8> {
    let times = ["time_start [s]".to_owned(), "time_end [s]".to_owned()];
    let names = |(index, (name, unit, _)): (usize, &(String, &'static str, Vec<Option<f64>>))| {
        let ends = series.bands.get(index).map(|_| ["low", "high"].map(|end| column((&format!("{name}.{end}"), unit))));
        [column((name, unit))].into_iter().chain(ends.into_iter().flatten()).collect::<Vec<String>>()
    };
    let header = times.into_iter().chain(series.columns.iter().enumerate().flat_map(names)).collect();
    let rows = series.windows.iter().enumerate().map(|(window, (start, end))| {
        let values = series.columns.iter().enumerate().flat_map(|(index, (_, _, values))| {
            let ends = series.bands.get(index).map(|band| band.get(window).copied().flatten().unzip());
            let ends = ends.into_iter().flat_map(|(low, high)| [low, high]);
            [values.get(window).copied().flatten()].into_iter().chain(ends)
        });
        [Some(*start), Some(*end)].into_iter().chain(values).map(number).collect()
    });
    table(std::iter::once(header).chain(rows))
}

/// `correlations.csv`: one row for each metric and setting of a sample.
pub(crate) fn correlations(all: &[Correlation]) -> Vec<u8> {
    let header = ["metric", "setting", "points", "ordered", "clear", "rank correlation", "low", "high"]
        .map(str::to_owned)
        .to_vec();
    let rows = all.iter().map(|one| {
        let words = [
            one.metric.clone(),
            one.setting.clone(),
            one.n.to_string(),
            one.ordered.to_string(),
            one.clear.to_string(),
        ];
        words.into_iter().chain([one.value, one.low, one.high].map(number)).collect()
    });
    table(std::iter::once(header).chain(rows))
}

/// `series.csv` of alternatives that were one run at first: one row for each alternative and window.
pub(crate) fn courses(sweep: &SweepReport) -> Vec<u8> {
    let Some(first) = sweep.points.first() else { return Vec::new() };
    let columns = first.report.series.columns.iter().map(|(name, unit, _)| column((name, unit)));
    let times = ["alternative", "time_start [s]", "time_end [s]"].map(str::to_owned);
    let header = times.into_iter().chain(columns).collect();
    let rows = sweep.points.iter().flat_map(|point| {
        let (name, series) = (point.settings.iter().map(|value| bare(value)).collect::<Vec<_>>(), &point.report.series);
        let name = name.join(", ");
        series.windows.iter().enumerate().map(move |(window, (start, end))| {
            let values = series.columns.iter().map(|(_, _, values)| values.get(window).copied().flatten());
            let numbers = [Some(*start), Some(*end)].into_iter().chain(values).map(number);
            [name.clone()].into_iter().chain(numbers).collect()
        })
    });
    table(std::iter::once(header).chain(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_have_units_in_the_column_names_and_gaps_where_nothing_is_known() {
        let found = Series {
            windows: vec![(0.0, 0.5), (0.5, 1.0)],
            columns: vec![
                ("users.p99".into(), "s", vec![Some(0.1), None]),
                ("a,b".into(), "1", vec![Some(2.0), Some(f64::NAN)]),
            ],
            bands: vec![],
        };
        let text = String::from_utf8(series(&found));
        let expected = "time_start [s],time_end [s],users.p99 [s],\"a,b [1]\"\n0,0.5,0.1,2\n0.5,1,,\n";
        assert_eq!(text.as_deref(), Ok(expected));
    }

    #[test]
    fn ends_of_intervals_stand_beside_their_values() {
        let found = Series {
            windows: vec![(0.0, 0.5), (0.5, 1.0)],
            columns: vec![("users.p99".into(), "s", vec![Some(0.2), Some(0.3)])],
            bands: vec![vec![Some((0.1, 0.4)), None]],
        };
        let text = String::from_utf8(series(&found));
        let header = "time_start [s],time_end [s],users.p99 [s],users.p99.low [s],users.p99.high [s]";
        assert_eq!(text.as_deref(), Ok(&format!("{header}\n0,0.5,0.2,0.1,0.4\n0.5,1,0.3,,\n")[..]));
    }
}
