//! More than one copy of a call: hedged and redundant requests, as a scenario writes them.

use super::{At, Fraction, Span};
use crate::{choice, spec};

spec! {
    /// Hedged requests: a call that is not answered in time is sent once more, to another target if there is one; the first answer
    /// counts (Dean & Barroso, "The Tail at Scale", CACM 56(2), 2013). A copy that fails is followed by the next at once (gRFC A6).
    HedgeSpec as "hedge" {
        /// How long to wait for an answer before the next copy is sent.
        after: At<Span>,
        /// Copies beside the first, each so much later than the one before. Default 1, at most 15.
        max: Option<At<u32>>,
        /// Whether the other copies are stopped at the first answer, wherever they are. Default true; false: they are worked on unheard.
        cancel: Option<bool>,
        /// Hedges as a share of calls: a bucket of at most 10 tokens, full at the start; a call adds this share of a token, a hedge takes
        /// one (as `budget` of retries). Default unlimited.
        budget: Option<Fraction>,
    }
}
spec! {
    /// Redundant requests: every call is sent several times at once, each copy to another target if there are enough; the first answer
    /// counts (Gardner et al., "Redundancy-d: The Power of d Choices for Redundancy", Operations Research 65(4), 2017).
    CopiesSpec as "copies" {
        /// Copies of each call, from 1 to 16.
        count: At<u32>,
        /// When the other copies are stopped. Default `OnComplete`.
        cancel: Option<CancelCopies>,
        /// Whether the copies of a call ask for the same work and times; otherwise each draws its own. Default false.
        same_work: Option<bool>,
    }
}
choice! {
    /// When the copies of a call that are no longer needed are stopped.
    CancelCopies as "cancellation" {
        /// At the first answer, wherever they are, in queues or in service.
        OnComplete,
        /// Never: they are worked on unheard.
        Never,
    }
}
