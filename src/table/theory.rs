//! Theory beside the simulated numbers.

use super::{Cell, Table, hang};
use crate::console::{Ink, Paint};
use crate::quantity;
use archsim_experiment::theory::{Agreement, Comparison, Comparisons, Quality};

/// What theory says: the laws, number by number, and what has no formula.
pub(crate) fn section(theory: &Comparisons, width: usize, paint: Paint) -> String {
    let heading = paint.text(Ink::Bold, "Theory");
    let mut text =
        if theory.numbers.is_empty() { format!("{heading}  no number has a formula\n") } else { String::new() };
    text += &table(&theory.numbers, paint);
    for (of, law) in &theory.laws {
        text += &format!("  {}\n", hang(&format!("{of} is {law}"), 4, width));
    }
    for unsolved in &theory.unsolved {
        let line = format!("  {}", hang(&format!("no formula for {}: {}", unsolved.of, unsolved.why), 4, width));
        text += &(paint.text(Ink::Dim, &line) + "\n");
    }
    text
}

fn table(numbers: &[Comparison], paint: Paint) -> String {
    let mut table = Table::headed(2, &["Theory", "simulated", "theory", "", "law", "source"]);
    for number in numbers {
        let prediction = &number.prediction;
        let (ink, verdict) = verdict(number);
        table.row(vec![
            Cell::plain(prediction.metric.as_str()),
            Cell::plain(quantity::show(&prediction.metric, &number.simulated).whole()),
            Cell::plain(predicted(number)),
            Cell::new(ink, verdict),
            Cell::plain(format!("{}, {}", prediction.law, prediction.quality.name())),
            Cell::dim(prediction.source),
        ]);
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

/// What the formula gives, and how sure it is: "at most 1.2 s".
pub(crate) fn predicted(number: &Comparison) -> String {
    let prediction = &number.prediction;
    let sign = match prediction.quality {
        Quality::UpperBound => "at most ",
        Quality::LowerBound => "at least ",
        Quality::Approximation | Quality::Limit => "about ",
        Quality::Exact => "",
    };
    sign.to_owned() + &quantity::value(&prediction.metric, number.simulated.unit, prediction.value)
}

/// Whether the two agree, and how far they are apart.
pub(crate) fn verdict(number: &Comparison) -> (Ink, String) {
    let off = number.difference.map_or(String::new(), |difference| format!("{:+.1}%", difference * 100.0));
    match number.agreement {
        Agreement::Agrees => (Ink::Good, "agrees".into()),
        Agreement::Differs => (Ink::Bad, format!("DIFFERS {off}").trim_end().to_owned()),
        Agreement::Compared => (Ink::Plain, off),
        Agreement::NotJudged => (Ink::Dim, "-".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_experiment::report::{Estimate, Status};
    use archsim_experiment::theory::{Prediction, Unsolved};

    #[test]
    fn a_number_beside_its_law_and_a_reason_where_there_is_none() {
        let prediction = Prediction {
            metric: "users.mean".into(),
            value: 0.5,
            quality: Quality::Exact,
            law: "M/M/1".into(),
            source: "Kleinrock I, 3",
        };
        let simulated =
            Estimate { value: Some(0.5), low: Some(0.4), high: Some(0.6), unit: "s", status: Status::Ok, n: 9 };
        let number = Comparison { prediction, simulated, difference: Some(0.0), agreement: Agreement::Agrees };
        let unsolved = Unsolved { of: "db".into(), why: "its arrivals are not Poisson".into() };
        let theory = Comparisons { laws: vec![], numbers: vec![number], unsolved: vec![unsolved] };
        let text = section(&theory, 100, Paint::OFF);
        assert!(text.contains("users.mean") && text.contains("agrees") && text.contains("M/M/1, exact"), "{text}");
        assert!(text.ends_with("  no formula for db: its arrivals are not Poisson\n"), "{text}");
    }
}
