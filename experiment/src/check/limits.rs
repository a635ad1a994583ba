//! Values of rate limiters that cannot be.

use super::context::Check;
use super::policies::{above_zero, count, count_or_none};
use archsim_models::spec::limit::{Excess, LimitShape};
use archsim_models::spec::{At, LimitSpec, Rate};

/// Values of a limiter.
pub(super) fn limit(check: &mut Check<'_>, limit: &At<LimitSpec>) {
    let shape = match &limit.value {
        LimitSpec::Rate(rate) => return positive(check, &At { value: *rate, span: limit.span.clone() }, "`limit`"),
        LimitSpec::Shape(shape) => shape,
    };
    match shape {
        LimitShape::TokenBucket(args) => {
            positive(check, &args.rate, "`rate` of a limit");
            args.burst.iter().for_each(|burst| count(check, burst, "`burst`"));
            if let Some(queue) = &args.queue {
                count_or_none(check, queue, "`queue`");
                if args.excess != Some(Excess::Wait) {
                    check.impossible(
                        "`queue` of a token bucket needs `excess: Wait`: nobody waits otherwise",
                        &queue.span,
                    );
                }
            }
        }
        LimitShape::LeakyBucket(args) => {
            positive(check, &args.rate, "`rate` of a limit");
            args.queue.iter().for_each(|queue| count_or_none(check, queue, "`queue`"));
        }
        LimitShape::FixedWindow(args) | LimitShape::SlidingWindow(args) | LimitShape::SlidingCounter(args) => {
            count(check, &args.requests, "`requests`");
            above_zero(check, &args.window, "`window`");
        }
    }
}

fn positive(check: &mut Check<'_>, rate: &At<Rate>, what: &str) {
    if rate.value.0 <= 0.0 {
        check.impossible(format!("{what} is above zero"), &rate.span);
    }
}
