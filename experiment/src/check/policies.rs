//! Settings that appear in several places: counts, durations, retries, balancing.

use super::context::Check;
use archsim_core::Time;
use archsim_language::Diagnostic;
use archsim_models::spec::edge::{BackoffSpec, RetrySpec};
use archsim_models::spec::{At, Balance, Count, Span};

/// The largest number of copies, cores, workers, slots, connections and rounds.
pub(super) const MOST: u64 = 1_000_000;

/// The most retries that are counted.
const MOST_RETRIES: u32 = 10_000;

/// A number of things, from 1 to [`MOST`].
pub(super) fn count<T: Copy + Into<u64>>(check: &mut Check<'_>, number: &At<T>, what: &str) {
    let value: u64 = number.value.into();
    if value == 0 || value > MOST {
        check.impossible(
            format!("{what} is a number from 1 to {}, found {}", grouped(MOST), grouped(value)),
            &number.span,
        );
    }
}

/// A number of things of which there may be none.
pub(super) fn count_or_none(check: &mut Check<'_>, number: &At<u32>, what: &str) {
    if u64::from(number.value) > MOST {
        check.impossible(
            format!("{what} is a number from 0 to {}, found {}", grouped(MOST), grouped(number.value.into())),
            &number.span,
        );
    }
}

/// A length of time above zero.
pub(super) fn above_zero(check: &mut Check<'_>, span: &At<Span>, what: &str) {
    if span.value.0 == Time::ZERO {
        check.impossible(format!("{what} is above zero, found {}", span.value.0), &span.span);
    }
}

/// A whole number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(",")
}

pub(super) fn retry(check: &mut Check<'_>, retry: &RetrySpec) {
    if let Count::Limited(max) = retry.max.value
        && max > MOST_RETRIES
    {
        let message =
            format!("`max` is a number from 0 to {}, found {}", grouped(MOST_RETRIES.into()), grouped(max.into()));
        let finding = Diagnostic::error("impossible-value", message, retry.max.span.clone());
        check.push(finding.with_help("to try until it succeeds, write `max: Unlimited`"));
    }
    for_ever(check, retry);
    retry.backoff.iter().for_each(|pause| backoff(check, pause));
}

/// Who tries again at once and for ever never lets go of the instant.
fn for_ever(check: &mut Check<'_>, retry: &RetrySpec) {
    let chance = retry.p.map_or(1.0, |p| p.0);
    let pauses = match &retry.backoff {
        None => false,
        Some(BackoffSpec::Fixed(args)) => args.pause.value.0 > Time::ZERO,
        Some(BackoffSpec::Exponential(args)) => args.base.value.0 > Time::ZERO,
        Some(BackoffSpec::List(args)) => args.pauses.value.last().is_some_and(|pause| pause.mean_seconds() > 0.0),
        Some(BackoffSpec::Random(args)) => args.pause.mean_seconds() > 0.0,
    };
    if retry.max.value == Count::Unlimited && chance >= 1.0 && !pauses {
        let message =
            "a call that is tried again at once, without limit, may never leave the instant in which it failed";
        let finding = Diagnostic::error("impossible-value", message, retry.max.span.clone());
        check
            .push(finding.with_help("give the retries a `backoff`, for example Random(Exp(\"1s\")), or a `p` below 1"));
    }
}

pub(super) fn backoff(check: &mut Check<'_>, backoff: &BackoffSpec) {
    if let BackoffSpec::List(args) = backoff
        && args.pauses.value.is_empty()
    {
        check.impossible("`List` has at least one pause", &args.pauses.span);
    }
    if let BackoffSpec::Random(args) = backoff
        && args.pause.is_in_turn()
    {
        let span = check.document.root.opening();
        check.impossible(
            "pauses in turn are written as `List`: `Random` draws by chance, and `Sequence` does not",
            &span,
        );
    }
    if let BackoffSpec::Exponential(args) = backoff {
        let factor = args.factor.unwrap_or(2.0);
        if !(factor.is_finite() && factor >= 1.0) {
            check.impossible(
                format!("`factor` of a pause is a finite number of at least 1, found {factor}"),
                &args.base.span,
            );
        }
        if let Some(cap) = args.cap.as_ref().filter(|cap| cap.value < args.base.value) {
            check.impossible("`cap` is below `base`: the first pause would already be too long", &cap.span);
        }
    }
}

pub(super) fn balance(check: &mut Check<'_>, policy: &At<Balance>) {
    match &policy.value {
        Balance::ConsistentHash => {
            let help = "the policies are RoundRobin, Random, LeastOutstanding, JoinIdle and PowerOfTwo";
            check.not_yet("`ConsistentHash`", &policy.span, help);
        }
        Balance::PowerOfTwo(args) => args.choices.iter().for_each(|choices| count(check, choices, "`choices`")),
        Balance::RoundRobin | Balance::Random | Balance::LeastOutstanding | Balance::JoinIdle => {}
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
