//! Components that fail by chance.

use super::open::poisson;
use crate::law::{Law, numbers};
use crate::params::{Maybe, Params};
use crate::view::{Study, View, metric};

/// Instances, and how many of them have to be up: "two in series", "2 of 3".
fn structure(words: &str) -> Maybe<(u32, u32)> {
    let spelled = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];
    let digits =
        spelled.iter().enumerate().fold(words.to_owned(), |text, (n, word)| text.replace(word, &n.to_string()));
    let found: Vec<u32> = numbers(&digits).into_iter().map(|number| number as u32).collect();
    match found[..] {
        [need, all, ..] if digits.contains(" of ") => Ok((all, need)),
        [all, ..] if digits.contains("series") => Ok((all, all)),
        [all, ..] => Ok((all, 1)),
        [] => Err(format!("a structure in the words `{words}`")),
    }
}

/// Structures "(a) one component; (b) two in series" of machines that are all alike.
pub(super) fn structures(p: &Params, words: &str) -> Maybe<Vec<View>> {
    let (up, down) = (Law::Exp(p.number("mtbf")?).ron(), Law::Exp(p.number("mttr")?).ron());
    let (mut components, mut faults, mut tags) = (vec![], vec![], vec![]);
    for part in words.split('(').skip(1) {
        let Some((tag, words)) = part.split_once(')').filter(|(tag, _)| tag.len() == 1) else { continue };
        let (all, need) = structure(words)?;
        components.push(format!("\"{tag}\": Service(replicas: {all}, on: {{ \"x\": [] }})"));
        faults.push(format!("Failures(target: \"{tag}\", up: {up}, down: {down}, need: {need})"));
        tags.push(tag.to_owned());
    }
    let first = tags.first().ok_or("structures in the words")?;
    let study = Study::new(poisson("u", first, 0.01, ""), components.join(", "), 0.01)
        .more(format!("faults: [{}]", faults.join(", ")))
        .settle(10.0 * p.number("mttr")?);
    let view = |tag: &String| {
        View::new(tag.clone(), study.clone(), "u", tag).own("availability", metric(format!("{tag}.available")))
    };
    Ok(tags.iter().map(view).collect())
}

/// A primary and a standby, one repair at a time.
pub(super) fn primary_and_standby(p: &Params) -> Maybe<Vec<View>> {
    let (up, failover, repair) = (Law::Exp(p.number("mtbf")?), p.law("failover")?, p.law("repair")?);
    let store = "\"s\": Database(read_replicas: 1, ops: { \"read\": Read(\"0s\") })";
    let fault = format!(
        "faults: [Failures(target: \"s\", up: {}, down: {}, failover: {}, repairers: 1)]",
        up.ron(),
        repair.ron(),
        failover.ron()
    );
    // A request for each failure or repair, which are what the tolerance counts.
    let rate = 4.0 / (up.mean() + repair.mean());
    let study = Study::new(poisson("u", "s", rate, ""), store, rate).more(fault).settle(20.0 * up.mean());
    let view = View::new("", study, "u", "s")
        .own("availability", metric("s.available"))
        .own("prob.failover_in_progress", metric("s.failing_over"))
        .own("prob.all_down", metric("s.all_down"));
    Ok(vec![view])
}
