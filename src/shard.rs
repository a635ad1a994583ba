//! A part of a sweep: `3/16`, or whatever the array of jobs says that this process is one of.

/// The points of a sweep that one process runs: every `count`-th, beginning with the `index`-th (from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which part, from 0.
    pub(crate) index: usize,
    /// How many parts there are.
    pub(crate) count: usize,
}

/// A part as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// `3/16`.
    Given(Shard),
    /// `auto`, or `auto/16`: the number of this process comes from the environment, and that of all too unless it is given.
    Auto(Option<usize>),
}

/// Most parts of a sweep: no more than a sweep has points.
const MOST: usize = archsim_experiment::sweep::MAX_POINTS;
/// Names of the variables with the number of this process in an array of jobs.
const SLURM_ID: &str = "SLURM_ARRAY_TASK_ID";
const KUBERNETES_INDEX: &str = "JOB_COMPLETION_INDEX";
/// The number of completions is not told by Kubernetes itself; our template sets it.
const KUBERNETES_COUNT: &str = "JOB_COMPLETION_COUNT";

/// Reads a part.
pub(crate) fn wanted(text: &str) -> Result<Wanted, String> {
    let help = "write 3/16 for the third of sixteen parts, or auto, or auto/16";
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| help.to_owned());
    let (first, count) = match text.split_once('/') {
        Some((first, count)) => (first.trim(), Some(number(count)?)),
        None => (text.trim(), None),
    };
    match (first, count) {
        (_, Some(count)) if !(1..=MOST).contains(&count) => Err(format!("there are 1 to {MOST} parts")),
        ("auto", count) => Ok(Wanted::Auto(count)),
        (_, None) => Err(help.into()),
        (first, Some(count)) => match number(first)? {
            index if (1..=count).contains(&index) => Ok(Wanted::Given(Shard { index: index - 1, count })),
            index => Err(format!("{index} is none of the parts 1 to {count}")),
        },
    }
}

impl Wanted {
    /// The part, with what the environment says of this process.
    ///
    /// # Errors
    /// A sentence on what is missing or does not fit.
    pub(crate) fn resolve(self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
        let number = |name: &str| match variable(name) {
            None => Ok(None),
            Some(text) => {
                text.trim().parse::<usize>().map(Some).map_err(|_| format!("{name} is `{text}`, not a number"))
            }
        };
        let count = match self {
            Wanted::Given(shard) => return Ok(shard),
            Wanted::Auto(count) => count,
        };
        let needed =
            |name: &str| number(name)?.ok_or(format!("{name} is not set; say how many parts there are: auto/16"));
        let (name, index, count) = match (number(SLURM_ID)?, number(KUBERNETES_INDEX)?) {
            (Some(id), _) if count.is_some() => (SLURM_ID, id, count.unwrap_or(1)),
            (Some(id), _) => {
                let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
                let least = needed("SLURM_ARRAY_TASK_MIN")?;
                (SLURM_ID, id.saturating_sub(least) / step, needed("SLURM_ARRAY_TASK_COUNT")?)
            }
            (None, Some(index)) => (KUBERNETES_INDEX, index, count.map_or_else(|| needed(KUBERNETES_COUNT), Ok)?),
            (None, None) => {
                return Err(format!("neither {SLURM_ID} nor {KUBERNETES_INDEX} is set: this is no job of an array"));
            }
        };
        if index < count {
            return Ok(Shard { index, count });
        }
        Err(format!("{name} makes this part {index} of {count}, and parts count from 0 to {}", count.saturating_sub(1)))
    }
}

impl Shard {
    /// Whether a point (by index from 0) is of this part: points are dealt like cards.
    pub(crate) fn holds(self, point: usize) -> bool {
        point % self.count == self.index
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(text: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        wanted(text)?.resolve(&variable).map(|shard| shard.to_string())
    }

    #[test]
    fn parts_are_read() {
        assert_eq!(auto("3/16", &[]), Ok("3/16".into()));
        assert_eq!(auto(" 1 / 1 ", &[]), Ok("1/1".into()));
        for wrong in ["", "3", "0/4", "5/4", "1/0", "a/b", "auto/0", "auto/", "1/2/3", "-1/4", "1/1000000000"] {
            assert!(wanted(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn slurm_arrays_may_begin_anywhere_and_have_steps() {
        let slurm = |id, least, count| {
            let variables = [(SLURM_ID, id), ("SLURM_ARRAY_TASK_MIN", least), ("SLURM_ARRAY_TASK_COUNT", count)];
            auto("auto", &variables)
        };
        assert_eq!(slurm("0", "0", "4"), Ok("1/4".into()));
        assert_eq!(slurm("10", "7", "4"), Ok("4/4".into()));
        assert!(slurm("11", "7", "4").is_err());
        let steps = [("SLURM_ARRAY_TASK_STEP", "2"), (SLURM_ID, "5"), ("SLURM_ARRAY_TASK_MIN", "1")];
        assert_eq!(auto("auto", &[&steps[..], &[("SLURM_ARRAY_TASK_COUNT", "3")]].concat()), Ok("3/3".into()));
        assert_eq!(auto("auto/16", &[(SLURM_ID, "3"), ("SLURM_ARRAY_TASK_COUNT", "1")]), Ok("4/16".into()));
        assert!(auto("auto", &[(SLURM_ID, "3")]).is_err_and(|text| text.contains("SLURM_ARRAY_TASK_MIN is not set")));
        assert!(auto("auto", &[(SLURM_ID, "x")]).is_err_and(|text| text.contains("is `x`, not a number")));
    }

    #[test]
    fn indexed_jobs_count_from_nought() {
        assert_eq!(auto("auto/4", &[(KUBERNETES_INDEX, "0")]), Ok("1/4".into()));
        assert_eq!(auto("auto", &[(KUBERNETES_INDEX, "3"), (KUBERNETES_COUNT, "4")]), Ok("4/4".into()));
        assert!(auto("auto/4", &[(KUBERNETES_INDEX, "4")]).is_err());
        assert!(auto("auto", &[]).is_err_and(|text| text.contains("no job of an array")));
    }

    #[test]
    fn every_point_is_of_exactly_one_part() {
        for point in 0..20 {
            let holders = (0..6).filter(|index| Shard { index: *index, count: 6 }.holds(point));
            assert_eq!(holders.count(), 1);
        }
    }
}
