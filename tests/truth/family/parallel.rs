//! Several branches at once.

use super::open::{UNIT, poisson, service};
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::view::{Study, View, metric};

/// A copy to each of several stations; done when all are.
pub(super) fn fork_join(p: &Params) -> Maybe<Vec<View>> {
    let (rate, branches) = (p.number("arrival_rate")?, p.count("branches")?);
    let law = p.law_or("service", UNIT)?;
    let calls: Vec<String> = (1..=branches).map(|n| format!("Call(\"s{n}\")")).collect();
    let mut components = vec![service("f", "", &format!("Parallel([{}])", calls.join(", ")))];
    components.extend((1..=branches).map(|n| service(&format!("s{n}"), "", &format!("Compute({})", law.ron()))));
    let study = Study::new(poisson("u", "f", rate, ""), components.join(", "), rate).cost(f64::from(branches));
    Ok(vec![View::new("", study, "u", "s1")])
}

/// Leaves without queues; done when `need` of them have answered.
fn leaves(law: &Law, count: u32, need: u32) -> Study {
    let steps = vec![format!("Wait({})", law.ron()); count as usize].join(", ");
    let component = service("f", "", &format!("Parallel(steps: [{steps}], need: {need})"));
    Study::new(poisson("u", "f", 10.0, ""), component, 10.0).cost(f64::from(count))
}

/// All of n, or k of n.
pub(super) fn gather(p: &Params) -> Maybe<Vec<View>> {
    let count = p.count("n").or_else(|_| p.count("N"))?;
    let law = p.law_or("reply", p.law_or("leaf", UNIT)?)?;
    let need = p.count("R").or_else(|_| p.count("k")).unwrap_or(count);
    Ok(vec![View::new("", leaves(&law, count, need), "u", "f")])
}

/// Fast leaves of which a few are slow.
pub(super) fn slow_leaves(p: &Params) -> Maybe<Vec<View>> {
    // The words fix the law: 10 ms, but 1 s with probability 1 % (100 leaves) or 0.01 % (2000).
    let view = |count: f64| {
        let slow = if count > 1000.0 { 0.0001 } else { 0.01 };
        let law = Law::Mix(vec![(1.0 - slow, Law::Constant(0.01)), (slow, Law::Constant(1.0))]);
        View::new(count.to_string(), leaves(&law, count as u32, count as u32), "u", "f")
            .own(format!("slow.fraction[{count}]"), metric("u.above_500ms"))
    };
    Ok(p.numbers("n")?.into_iter().map(view).collect())
}

/// Two rounds with all participants.
pub(super) fn two_phases(p: &Params) -> Maybe<Vec<View>> {
    let count = p.count("participants")?;
    let (prepare, commit) = (p.law_or("prepare", UNIT)?, p.law_or("commit", Law::Exp(0.5))?);
    let round = |law: &Law| format!("Parallel([{}])", vec![format!("Wait({})", law.ron()); count as usize].join(", "));
    let component = service("f", "", &format!("{}, {}", round(&prepare), round(&commit)));
    let study = Study::new(poisson("u", "f", 10.0, ""), component, 10.0).cost(2.0 * f64::from(count));
    Ok(vec![View::new("", study, "u", "f")])
}
