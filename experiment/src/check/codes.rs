//! What the findings mean: for each code when it is found, why it matters, and what to do.

/// The meaning of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// As in `error[overload]`.
    pub code: &'static str,
    /// When it is found.
    pub when: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub advice: &'static str,
}

/// All codes, in the order of the alphabet.
pub const MEANINGS: &[Meaning] = &[
    Meaning {
        code: "cycle",
        when: "Components call each other in a circle that a request would never leave.",
        why: "Each round makes the next call certain, so no request would ever end. A circle that is left by chance (`Maybe`, `Choose`) is allowed.",
        advice: "Let one of the calls be optional, or split the operation so that the way back calls another one.",
    },
    Meaning {
        code: "duplicate-name",
        when: "Two things have the same name.",
        why: "Calls, edges, metrics and paths could mean either.",
        advice: "Rename one of them.",
    },
    Meaning {
        code: "heavy-tail",
        when: "A distribution has no finite moment of the order that means of waits need.",
        why: "A single request can outweigh all others, so a mean (or its interval) depends on how long the run is and never settles.",
        advice: "Give the law a `max`, as a time-out or a size limit does in reality, or, for an alpha above 2, judge percentiles.",
    },
    Meaning {
        code: "idle-consumers",
        when: "A group has more consumers than the topic has partitions.",
        why: "A partition is read by one consumer of a group at a time; the others have nothing to do.",
        advice: "Raise `partitions`, or take consumers away.",
    },
    Meaning {
        code: "impossible-value",
        when: "A value cannot be: a negative time, a share above 100 %, a window that ends before it begins.",
        why: "There is no run that it could mean.",
        advice: "The message says what is possible.",
    },
    Meaning {
        code: "nested-retries",
        when: "Several edges one behind the other retry without a budget.",
        why: "Attempts multiply: three tries on each of three edges are 27 calls at the last one, just when it is in trouble.",
        advice: "Retry on one edge only, or give each a `budget`.",
    },
    Meaning {
        code: "no-slo",
        when: "The file has no `slos`.",
        why: "Without them nothing can pass or fail, and `saturate` and `plan` look for the end of the steady state only.",
        advice: "Write down what must hold: slos: [\"users.p99 < 300ms\"].",
    },
    Meaning {
        code: "not-yet",
        when: "The language has this word, this version cannot run it.",
        why: "Leaving it out silently would answer another question than the one that was asked.",
        advice: "Take it out; the help line says whether something else comes close.",
    },
    Meaning {
        code: "overload",
        when: "By the plan a component is offered more work than it can do.",
        why: "Its queue can only grow, or the rest is rejected: there is no steady state to measure (utilisation law, U = X S).",
        advice: "Lower the traffic, or raise what the message names.",
    },
    Meaning {
        code: "parse",
        when: "The text cannot be read: a bracket, an unknown field, a value of another form.",
        why: "What follows could mean anything.",
        advice: "The message says what was expected there; `archsim kinds NAME` shows every field.",
    },
    Meaning {
        code: "path",
        when: "A path of a variant, a sweep or `--set` leads nowhere.",
        why: "What-ifs replace the value at a path; without a place there is nothing to replace.",
        advice: "Paths are names with points between: web.replicas, \"web -> db.timeout\", web.on.get[0].time.",
    },
    Meaning {
        code: "pool-bound",
        when: "A pool of connections holds fewer calls than are on the way on average.",
        why: "By Little's law, rate times time calls are in flight; with fewer connections callers queue for them however idle the other side is.",
        advice: "Raise `pool`, or make the call faster.",
    },
    Meaning {
        code: "timeout-below-service",
        when: "A time-out is shorter than the work that it waits for takes on average.",
        why: "Most calls fail although nothing is wrong, and the work is done all the same.",
        advice: "Raise the time-out above the slow percentiles of the call.",
    },
    Meaning {
        code: "timeout-inversion",
        when: "A caller gives up before the calls behind it can have used their own time-outs and retries.",
        why: "The inner attempts go on for nobody: wasted work, most of it under load.",
        advice: "Let time-outs shrink from the outside in, or pass a deadline on.",
    },
    Meaning {
        code: "too-few-samples",
        when: "The run is too short for a percentile or a mean that an SLO or `measure` asks for.",
        why: "A percentile needs about a hundred requests beyond it; at high load requests are alike for a long time and count for less.",
        advice: "Lengthen `duration`, or say `run: (precision: ..)` and let the run find its length.",
    },
    Meaning {
        code: "unbounded-queue",
        when: "A component takes any number of waiting requests.",
        why: "Under overload it answers ever later instead of refusing: real servers have a limit somewhere.",
        advice: "Give it a `queue` or `concurrency` limit if the real one has; else leave it: below saturation it makes no difference.",
    },
    Meaning {
        code: "unknown-metric",
        when: "A metric does not exist, or the thing that it is about does not.",
        why: "An SLO that measures nothing would pass for ever.",
        advice: "`archsim kinds metrics` lists them.",
    },
    Meaning {
        code: "unknown-target",
        when: "A call, an edge, a fault or a variant names something that does not exist.",
        why: "Mostly a slip of the pen.",
        advice: "The help line has the nearest name.",
    },
    Meaning {
        code: "unused-edge",
        when: "Nothing ever calls along an edge that has settings.",
        why: "Its time-outs and retries have no effect, perhaps because a name is misspelt.",
        advice: "Correct the names, or take the edge out.",
    },
    Meaning {
        code: "unused-key-space",
        when: "No step and no shard uses a key space.",
        why: "The skew that it describes has no effect.",
        advice: "Name it where keys are drawn (`key`, `shard_by`), or take it out.",
    },
    Meaning {
        code: "vulnerable",
        when: "Retries can multiply the load beyond what a component can bear.",
        why: "A short fault can then tip it into a state that holds itself up after the fault is gone (a metastable failure; Bronson et al., HotOS 2021).",
        advice: "Add a retry `budget`, a circuit breaker or a limit, and try a fault with `recovery`.",
    },
    Meaning {
        code: "warmup-ignored",
        when: "A study of something that changes over time has a `warmup`.",
        why: "It is measured from its first instant: leaving out a start would move the fault.",
        advice: "Take `warmup` out, and let the fault begin late enough.",
    },
    Meaning {
        code: "warmup-too-short",
        when: "A fixed `warmup` is shorter than the busiest queue or the coldest cache needs to settle.",
        why: "What is measured then still remembers the empty start, and is too good.",
        advice: "Leave `warmup` out: the run then finds where its start ends.",
    },
];

/// The meaning of a code.
pub fn meaning(code: &str) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_found() {
        assert!(MEANINGS.is_sorted_by(|a, b| a.code < b.code));
        assert!(meaning("overload").is_some() && meaning("overlaod").is_none());
    }
}
