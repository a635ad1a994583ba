//! A fixed number of users.

use super::network::{numbered, series};
use super::open::{UNIT, service};
use crate::case::Case;
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::run;
use crate::view::{Study, View, from, metric, of, split};
use serde_json::json;

fn users(to: &str, count: u32, think: &Law) -> String {
    format!("\"u\": Closed(to: \"{to}\", users: {count}, think: {})", think.ron())
}

/// Users who think and ask one or several stations.
pub(super) fn interactive(p: &Params) -> Maybe<Vec<View>> {
    let (count, think) = (p.count("users")?, p.law("think")?);
    if let Ok(means) = p.numbers("means") {
        let laws: Vec<Law> = means.into_iter().map(Law::Exp).collect();
        let slowest = laws.iter().map(Law::mean).fold(0.0, f64::max);
        let total: f64 = laws.iter().map(Law::mean).sum::<f64>() + think.mean();
        let rate = (f64::from(count) / total).min(1.0 / slowest);
        let (components, to) = series(&laws, "");
        let study = Study::new(users(&to, count, &think), components, rate).cost(laws.len() as f64);
        return Ok(numbered(&study, laws.len()));
    }
    let (workers, law) = (p.count_or("workers", 1), p.law_or("service", UNIT)?);
    let discipline = if p.text("discipline") == Ok("PS") { "ProcessorSharing" } else { "Fifo" };
    let fields = format!("cpu: {workers}, discipline: {discipline}, ");
    let rate = (f64::from(count) / (think.mean() + law.mean())).min(f64::from(workers) / law.mean());
    let station = service("s", &fields, &format!("Compute({})", law.ron()));
    Ok(vec![View::new("", Study::new(users("s", count, &think), station, rate), "u", "s")])
}

/// How much longer work takes with so many side by side: measured, each in a run of its own.
fn stretch(scaling: &str, together: u32) -> Maybe<f64> {
    let work = 1e5;
    let fields = format!("cpu: {together}, discipline: ProcessorSharing(scaling: ({scaling})), ");
    let station = service("s", &fields, &format!("Compute(\"{work}s\")"));
    let study = Study::new(users("s", together, &Law::Constant(0.0)), station, 1.0);
    Ok(super::tool::value(&run::model_for(&study, 1e8, 1)?, "u.mean", 0)? / work)
}

/// Contention and coherency as one would measure them: from the throughput of one, two and three.
fn fitted(scaling: &str) -> Maybe<(f64, f64)> {
    let (two, three) = (stretch(scaling, 2)? - 1.0, stretch(scaling, 3)? - 1.0);
    let coherency = 0.5 * (three - 2.0 * two);
    Ok((two - 2.0 * coherency, coherency))
}

/// Gunther's law of scalability, and Amdahl's, which has no coherency.
pub(super) fn scalability(p: &Params, cases: &[Case]) -> Maybe<Vec<View>> {
    let (contention, coherency) = (p.number("a")?, p.number("b")?);
    let law = |of: &str| match of {
        "amdahl" => format!("contention: {contention:?}"),
        _ => format!("contention: {contention:?}, coherency: {coherency:?}"),
    };
    let view = |view: View, case: &Case| {
        let (base, tag) = split(&case.quantity);
        let (scaling, together) = (law(base.split('.').next().unwrap_or(base)), tag.parse::<u32>().ok());
        let word = base.split('.').next_back().unwrap_or(base).to_owned();
        view.look(&case.quantity, move |_| {
            Ok(vec![json!(match (word.as_str(), together) {
                ("capacity" | "speedup", Some(n)) => f64::from(n) / stretch(&scaling, n)?,
                ("peak_n", _) => {
                    let (contention, coherency) = fitted(&scaling)?;
                    ((1.0 - contention) / coherency).sqrt()
                }
                ("limit", _) => 1.0 / fitted(&scaling)?.0,
                _ => return Err(format!("a reading of `{word}`")),
            })])
        })
    };
    Ok(vec![cases.iter().fold(View::new("", Study::default(), "u", "s"), view)])
}

/// Clients that go back to idle when every worker is busy.
pub(super) fn engset(p: &Params) -> Maybe<Vec<View>> {
    let (count, idle, workers) = (p.count("clients")?, p.law("idle")?, p.count("workers")?);
    let law = p.law_or("service", UNIT)?;
    let fields = format!("cpu: {workers}, concurrency: {workers}, queue: 0, ");
    let station = service("s", &fields, &format!("Compute({})", law.ron()));
    let rate = f64::from(count) / (idle.mean() + law.mean());
    let view = View::new("", Study::new(users("s", count, &idle), station, rate), "u", "s");
    Ok(vec![view.own("time_congestion", metric(format!("s.in_flight.is_{workers}")))])
}

/// Threads that work alone and then in a critical section.
pub(super) fn lock(p: &Params) -> Maybe<Vec<View>> {
    let threads = p.count("threads")?;
    let (work, held) = (p.law_or("work", UNIT)?, p.law_or("critical", Law::Exp(0.2))?);
    // The section is a station of one worker: a lock's owner works without interruption, others wait in order.
    let station = service("s", "", &format!("Compute({})", held.ron()));
    let rate = (f64::from(threads) / (work.mean() + held.mean())).min(1.0 / held.mean());
    let view = View::new("", Study::new(users("s", threads, &work), station, rate), "u", "s");
    Ok(vec![view.own("lock_wait.mean", metric("s.waiting.mean")).own("lock.utilization", metric("s.utilization"))])
}

/// Machines that fail and wait for the repairman.
pub(super) fn machines(p: &Params) -> Maybe<Vec<View>> {
    let (count, mttf, repair) = (p.count("machines")?, p.number("mttf")?, p.number("repair")?);
    let station = service("s", "", &format!("Compute({})", Law::Constant(repair).ron()));
    let rate = (f64::from(count) / (mttf + repair)).min(1.0 / repair);
    let study = Study::new(users("s", count, &Law::Exp(mttf)), station, rate);
    let machines = f64::from(count);
    let up = move |down: f64| 1.0 - down / machines;
    Ok(vec![
        View::new("", study.clone(), "u", "s")
            .own("availability", from("s.in_flight", up))
            .own("downtime.mean", metric("u.mean"))
            .own("parts_per_machine_in_40320", of(["s.in_flight".into()], move |v| up(v[0]) * 40320.0 / 10.0)),
        View::new("repairs", study, "u", "s"),
    ])
}
