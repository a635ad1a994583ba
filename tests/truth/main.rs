//! The reference cases of ../shared/truth run through the program: `just truth`, `just truth mm1`.
//!
//! Each family of models is one function from parameters to scenarios and to the metrics that a quantity is read from; what cannot be
//! said is reported with the feature it lacks.

mod case;
mod family;
mod judge;
mod law;
mod params;
mod run;
mod seeds;
mod table;
mod view;

use case::{Case, ModelCases};
use judge::{Judged, Verdict};
use run::Found;
use serde_json::Value;
use std::time::Instant;
use view::{How, Reading, View};

/// At most so many requests are simulated for a study, unless ARCHSIM_TRUTH_REQUESTS says otherwise.
const BUDGET: f64 = 3e6;

/// How much to run.
struct Effort {
    /// Requests for one study.
    budget: f64,
    /// Replications of a terminating one.
    replications: f64,
    seed: u64,
}

/// Judges every quantity of a model.
fn judged(model: &ModelCases, effort: &Effort) -> Vec<(Case, Judged)> {
    let views = match family::views(model) {
        Ok(views) => views,
        Err(feature) => return model.cases.iter().map(|case| (case.clone(), judge::lacks(&feature))).collect(),
    };
    let found: Vec<Result<(&View, How), String>> =
        model.cases.iter().map(|case| view::find(&views, &case.quantity)).collect();
    let mut all: Vec<Option<Judged>> = vec![None; model.cases.len()];
    for (index, view) in views.iter().enumerate() {
        if views[..index].iter().any(|earlier| earlier.study == view.study) {
            continue;
        }
        let ours =
            |entry: &Result<(&View, How), String>| matches!(entry, Ok((of, How::Number(_))) if of.study == view.study);
        let indices: Vec<usize> = (0..found.len()).filter(|i| ours(&found[*i])).collect();
        study(model, view, &found, &indices, effort, &mut all);
    }
    for (index, entry) in found.iter().enumerate() {
        if let Ok((view, How::Look(look))) = entry {
            all[index] = Some(looked(&model.cases[index], look(&view.study)));
        }
    }
    let lacking = |index: usize| found[index].as_ref().err().cloned().unwrap_or_default();
    let result = |(index, judged): (usize, Option<Judged>)| {
        (model.cases[index].clone(), judged.unwrap_or_else(|| judge::lacks(lacking(index))))
    };
    all.into_iter().enumerate().map(result).collect()
}

/// Judges what somebody saw: a list or a word is compared as it is, a number by its tolerance.
fn looked(case: &Case, seen: Result<Vec<Value>, String>) -> Judged {
    match seen.as_deref() {
        Err(feature) => judge::lacks(feature),
        Ok([Value::Number(number)]) if case.value.is_number() => {
            let n = judge::reference_count(case).unwrap_or(1.0);
            judge::judge(case, Found { value: number.as_f64().unwrap_or(f64::NAN), interval: None, n })
        }
        Ok(list) => judge::judge_list(case, list),
    }
}

/// Runs one study and judges the quantities read from it; a far percentile that misses gets a second seed.
fn study(
    model: &ModelCases,
    view: &View,
    found: &[Result<(&View, How), String>],
    indices: &[usize],
    effort: &Effort,
    all: &mut [Option<Judged>],
) {
    let mut left = indices.to_vec();
    for seed in [effort.seed, effort.seed + 1000] {
        if left.is_empty() {
            return;
        }
        let number = |i: &usize| match &found[*i] {
            Ok((_, How::Number(reading))) => Some(reading),
            _ => None,
        };
        let readings: Vec<&Reading> = left.iter().filter_map(number).collect();
        let asked = |i: &usize| judge::reference_count(&model.cases[*i]).unwrap_or(effort.budget);
        let n = left.iter().map(asked).fold(1e5, f64::max);
        let n = match view.study.terminating {
            Some(seconds) => {
                n.min(effort.replications).min(effort.budget / (seconds * view.study.rate).max(1.0)).floor().max(1.0)
            }
            None => n.min(effort.budget / view.study.cost),
        };
        match run::read(&view.study, &readings, n, seed) {
            Ok(values) => left.iter().zip(values).for_each(|(i, value)| {
                all[*i] = Some(match value {
                    Ok(value) => judge::judge(&model.cases[*i], value),
                    Err(feature) => judge::lacks(feature),
                });
            }),
            // One metric that does not exist stops the study: the others are read without it.
            Err(feature) if left.len() > 1 => {
                left.iter().for_each(|i| study(model, view, found, &[*i], effort, all));
                let _ = feature;
                return;
            }
            Err(feature) => all[left[0]] = Some(judge::lacks(feature)),
        }
        let missed = |i: &usize| {
            let outside = all[*i].as_ref().is_some_and(|judged| matches!(judged.verdict, Verdict::Outside));
            outside && judge::is_tail(&model.cases[*i].quantity)
        };
        left.retain(missed);
    }
}

/// A few models from the copy of the cases: exact paths and short runs.
#[test]
fn a_few_models_agree() {
    let models = case::read(&case::copy()).expect("the copy of the cases");
    let some = ["mm1-r50", "mmck-c1-K5", "erlb-a10-c12-exp", "dd1", "rtt-mm1", "closed3-n1", "fj2-r50", "retry-basic"];
    let effort = Effort { budget: 1e5, replications: 100.0, seed: 1 };
    for model in models.iter().filter(|model| some.contains(&model.id.as_str())) {
        let cases = judged(model, &effort);
        let outside = cases.iter().filter(|(_, judged)| matches!(judged.verdict, Verdict::Outside));
        let lines: Vec<String> = outside.map(|(case, judged)| table::line(case, judged)).collect();
        assert!(lines.is_empty(), "{lines:#?}");
        assert!(cases.iter().any(|(_, judged)| matches!(judged.verdict, Verdict::Inside)), "{}", model.id);
    }
}

/// Strange parameters are answered with what is lacking.
#[test]
fn strange_parameters_do_not_panic() {
    let models = case::read(&case::copy()).expect("the copy of the cases");
    for mut model in models {
        for strange in [Value::Null, serde_json::json!({}), serde_json::json!([]), serde_json::json!("no")] {
            let object = model.params.as_object().cloned().unwrap_or_default();
            model.params = object.keys().map(|key| (key.clone(), strange.clone())).collect();
            let _ = family::views(&model).map(|views| views.len());
        }
    }
}

/// Every quantity with many seeds. A line for each model, since this takes long.
#[allow(clippy::print_stdout, reason = "how far it is")]
fn many_seeds(models: &[&ModelCases], effort: &Effort, count: u64) -> seeds::Seeds {
    let mut seeds = seeds::Seeds::default();
    for model in models {
        let start = Instant::now();
        for seed in effort.seed..effort.seed + count {
            let effort = Effort { seed, ..*effort };
            judged(model, &effort).iter().for_each(|(case, judged)| seeds.add(case, judged));
        }
        println!("# {} [{}] {:.1} s", model.id, model.family, start.elapsed().as_secs_f64());
    }
    seeds
}

/// The whole table: slow, so it is run by `just truth` only.
#[test]
#[ignore = "takes minutes: just truth"]
#[allow(clippy::print_stdout, reason = "the table is what this is for")]
fn table_of_all() {
    let filter = std::env::var("ARCHSIM_TRUTH_ONLY").unwrap_or_default();
    let number =
        |name: &str, otherwise: f64| std::env::var(name).ok().and_then(|t| t.parse().ok()).unwrap_or(otherwise);
    let effort = Effort {
        budget: number("ARCHSIM_TRUTH_REQUESTS", BUDGET),
        replications: number("ARCHSIM_TRUTH_REPLICATIONS", 4000.0),
        seed: number("ARCHSIM_TRUTH_SEED", 1.0) as u64,
    };
    let models = case::read(&case::path()).expect("a file of cases");
    let models: Vec<&ModelCases> =
        models.iter().filter(|model| model.id.contains(&filter) || model.family.contains(&filter)).collect();
    let count = number("ARCHSIM_TRUTH_SEEDS", 1.0) as u64;
    if count > 1 {
        return println!("{}", many_seeds(&models, &effort, count).summary());
    }
    let mut all = vec![];
    for model in models {
        let start = Instant::now();
        let cases = judged(model, &effort);
        println!("# {} [{}] {:.1} s", model.id, model.family, start.elapsed().as_secs_f64());
        cases.iter().for_each(|(case, judged)| println!("{}", table::line(case, judged)));
        all.extend(cases);
    }
    println!("\n{}", table::summary(&all));
    let outside = all.iter().filter(|(_, judged)| matches!(judged.verdict, Verdict::Outside)).count();
    assert_eq!(outside, 0, "{outside} quantities are outside their tolerance");
}
