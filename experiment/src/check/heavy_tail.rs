//! `heavy-tail`: a law without the moments that a mean or its interval needs.

use super::context::Check;
use crate::heavy_tail::{Cause, Place};
use crate::model::Model;
use std::ops::Range;

/// One warning for each law, and one for each SLO that it leaves undecided.
pub(super) fn check(check: &mut Check<'_>, model: &Model) {
    for cause in &model.heavy.causes {
        let span = place(check, model, cause);
        let help = "give it a largest value, for example max: \"30s\", or, for an alpha above 2, look at percentiles and shares";
        check.warn("heavy-tail", cause.sentence(&model.plan), &span, help);
    }
    for (args, slo) in check.scenario.slos.iter().zip(&model.slos) {
        if model.heavy.without_interval(&slo.metric) {
            let message =
                format!("`{}` stays undecided: {} has no interval under its heavy tail", slo.text, slo.metric.name);
            let help =
                "give the Pareto law a `max`; percentiles have intervals for an alpha above 2; no length of run helps";
            check.warn("heavy-tail", message, &args.check.span, help);
        }
    }
}

fn place(check: &Check<'_>, model: &Model, cause: &Cause) -> Range<usize> {
    match cause.place {
        Place::Component(at) => check.opening("components", &model.plan.components[at].name),
        Place::Source(at) => check.opening("traffic", &model.plan.sources[at].name),
        Place::Edge(at) => check.opening("edges", &model.plan.edges[at].name),
    }
}
