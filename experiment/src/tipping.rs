//! Systems with two states: fine, and collapsed for good until the load falls (metastable failures: Bronson et al., HotOS 2021). Between
//! the loads at which they are always fine and always collapsed, chance tips them sooner or later, so that of several runs at one load
//! some collapse and some do not, and a longer run more often.

use crate::model::Model;
use crate::run::Replication;
use archsim_models::world::{Outcome, Row};

/// A run counts as collapsed while a smaller share than this of the requests that ended is answered ok. Overload that only turns away what
/// is too much is milder near the limit, and one that only makes everybody wait answers all; where nearly every answer comes too late the
/// share is far below.
const COLLAPSED: f64 = 0.5;
/// The state at the start and at the end is that of such a part of a run.
const PART: usize = 4;
/// Batches that a run must have for that.
const LEAST: usize = 8;
/// By the plan the fullest component must be less busy than this: nearer to its limit even a system with one state is late for long.
const CLEAR: f64 = 0.9;

/// Whether chance tipped a run of a system that by the plan has room, and in which nothing else changes over time.
pub(crate) fn by_chance(model: &Model, replications: &[Replication]) -> bool {
    let has_room = model.load.rows.iter().all(|row| row.busy.is_none_or(|busy| busy < CLEAR));
    !model.terminating && has_room && Tipped::of(replications).is_some_and(Tipped::by_chance)
}

/// What became of the runs at one load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tipped {
    /// Runs that were collapsed at their end.
    pub(crate) down: usize,
    /// Those of them that were fine at their start.
    pub(crate) fell: usize,
    /// All runs.
    pub(crate) of: usize,
}

impl Tipped {
    /// What became of replications; nothing where they are too short to tell.
    pub(crate) fn of(replications: &[Replication]) -> Option<Tipped> {
        let ends: Option<Vec<(bool, bool)>> = replications.iter().map(ends).collect();
        let ends = ends.filter(|ends| !ends.is_empty())?;
        let count = |of: fn(&(bool, bool)) -> bool| ends.iter().filter(|ends| of(ends)).count();
        Some(Tipped { down: count(|(_, end)| *end), fell: count(|(start, end)| !start && *end), of: ends.len() })
    }

    /// Whether chance decided: some runs collapsed and some not, or one that began well fell.
    fn by_chance(self) -> bool {
        self.fell > 0 || (self.down > 0 && self.down < self.of)
    }
}

/// Whether a replication was collapsed at its start and at its end.
fn ends(replication: &Replication) -> Option<(bool, bool)> {
    let batches = replication.record.batches();
    let part = batches.len() / PART;
    let long_enough = batches.len() >= LEAST;
    long_enough.then(|| (is_collapsed(&batches[..part]), is_collapsed(&batches[batches.len() - part..])))
}

/// Of all sources together.
fn is_collapsed(batches: &[Row]) -> bool {
    let classes = || batches.iter().flat_map(|row| &row.classes);
    let ended: u64 = classes().map(|class| class.ended()).sum();
    let ok: u64 = classes().map(|class| class.outcomes[Outcome::Ok as usize]).sum();
    (ok as f64) < COLLAPSED * ended as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_core::Time;
    use archsim_models::world::ClassRow;

    /// A replication of sixteen batches in which so many of 100 requests are answered ok.
    fn replication(model: &Model, ok: impl Fn(u64) -> u64) -> Replication {
        let mut one = crate::run::replicate(model, 0, 0, &crate::run::Nobody).expect("a run");
        one.record = crate::record::Record::from(Time::ZERO);
        for batch in 0..16 {
            let mut class = ClassRow { wanted: 100, ..ClassRow::default() };
            class.outcomes[Outcome::Ok as usize] = ok(batch);
            class.outcomes[Outcome::TimedOut as usize] = 100 - ok(batch);
            let (start, end) = (Time::from_nanos(batch), Time::from_nanos(batch + 1));
            one.record.row(&Row { start, end, classes: vec![class], ..Row::default() });
        }
        one
    }

    fn model(rate: u32) -> Model {
        let text = format!(
            r#"(name: "case", run: (duration: "1s"), traffic: {{ "u": Open(to: "s", rate: {rate}) }},
               components: {{ "s": Service(on: {{ "x": [Compute("10ms")] }}) }})"#
        );
        let source = archsim_language::Source::new("case", text);
        crate::check::check(&source, &|name| Err(format!("no file {name}"))).model.expect("a model")
    }

    #[test]
    fn chance_decides_where_runs_differ_or_one_falls() {
        let model = model(50);
        let (fine, down) = (|| replication(&model, |_| 99), || replication(&model, |_| 2));
        let falls = || replication(&model, |batch| if batch < 9 { 99 } else { 2 });
        let late = |batch: u64| if batch == 9 { 0 } else { 99 };
        assert!(by_chance(&model, &[fine(), down()]) && by_chance(&model, &[falls(), falls()]));
        assert!(!by_chance(&model, &[fine(), fine()]) && !by_chance(&model, &[down(), down()]));
        // What comes back, or turns away a third, has not collapsed.
        assert!(!by_chance(&model, &[fine(), replication(&model, late)]));
        assert!(!by_chance(&model, &[fine(), replication(&model, |_| 66)]));
        assert_eq!(Tipped::of(&[fine(), falls(), down()]), Some(Tipped { down: 2, fell: 1, of: 3 }));
    }

    #[test]
    fn a_system_that_is_nearly_full_by_the_plan_is_late_without_a_second_state() {
        let model = model(95);
        let runs = [replication(&model, |_| 99), replication(&model, |_| 2)];
        assert!(!by_chance(&model, &runs));
    }
}
