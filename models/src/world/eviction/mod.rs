//! The order in which a full cache throws values out. Values are numbered slots of the store; an order never looks at keys
//! other than through the store's calls, and the store never looks at the order.

mod adaptive;
mod drawn;
mod lists;
mod queue;
mod ranked;
mod segmented;

use crate::spec::policy::Eviction;
use adaptive::Adaptive;
use archsim_core::Key;
use drawn::Drawn;
use queue::{Queue, Ring};
use ranked::{By, Ranked};
use segmented::Segmented;

pub(super) use ranked::Future;

/// Who goes next, by policy.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// `Lru`, `Fifo`, `Lip`.
    Queue(Queue),
    /// `Clock`, `Sieve`.
    Ring(Ring),
    /// `Random`, `SampledLru`.
    Drawn(Drawn),
    /// `Slru`.
    Segmented(Segmented),
    /// `Lfu`, `PerfectLfu`, `Opt`.
    Ranked(Ranked),
    /// `Arc`.
    Adaptive(Adaptive),
}

/// The same call for every policy.
macro_rules! each {
    ($order:expr, $policy:ident => $call:expr) => {
        match $order {
            Order::Queue($policy) => $call,
            Order::Ring($policy) => $call,
            Order::Drawn($policy) => $call,
            Order::Segmented($policy) => $call,
            Order::Ranked($policy) => $call,
            Order::Adaptive($policy) => $call,
        }
    };
}

impl Order {
    pub(super) fn new(policy: &Eviction, capacity: u64, draws: Key, future: Future) -> Self {
        match policy {
            Eviction::Lru => Order::Queue(Queue::new(true, false)),
            Eviction::Fifo => Order::Queue(Queue::new(false, false)),
            Eviction::Lip => Order::Queue(Queue::new(true, true)),
            Eviction::Clock => Order::Ring(Ring::new(false)),
            Eviction::Sieve => Order::Ring(Ring::new(true)),
            Eviction::Random => Order::Drawn(Drawn::new(1, draws)),
            Eviction::SampledLru(a) => Order::Drawn(Drawn::new(a.count(), draws)),
            Eviction::Slru(a) => Order::Segmented(Segmented::new(a.protected_of(capacity), capacity)),
            Eviction::Lfu => Order::Ranked(Ranked::new(By::CountWhileCached, future)),
            Eviction::PerfectLfu => Order::Ranked(Ranked::new(By::Count, future)),
            Eviction::Opt => Order::Ranked(Ranked::new(By::NextUse, future)),
            Eviction::Arc => Order::Adaptive(Adaptive::new(capacity)),
        }
    }

    /// A key is looked up, whether it is there or not.
    #[inline]
    pub(super) fn looked(&mut self, key: u64) {
        if let Order::Ranked(ranked) = self {
            ranked.looked(key);
        }
    }

    /// The value of a slot is used.
    #[inline]
    pub(super) fn used(&mut self, slot: u32, key: u64) {
        each!(self, policy => policy.used(slot, key));
    }

    /// A key that is not there will be stored next.
    #[inline]
    pub(super) fn admit(&mut self, key: u64) {
        if let Order::Adaptive(adaptive) = self {
            adaptive.admit(key);
        }
    }

    /// Whether a value has to go before another comes, when so many are there.
    #[inline]
    pub(super) fn is_full(&self, held: u64, capacity: u64) -> bool {
        held >= capacity || matches!(self, Order::Segmented(segmented) if segmented.is_full())
    }

    /// The slot that goes; the store removes it next.
    pub(super) fn victim(&mut self) -> u32 {
        each!(self, policy => policy.victim())
    }

    /// A slot goes because of [`Order::victim`], with its key.
    pub(super) fn evicted(&mut self, slot: u32, key: u64) {
        if let Order::Adaptive(adaptive) = self {
            return adaptive.evicted(slot, key);
        }
        self.remove(slot);
    }

    /// A new value is in a slot.
    pub(super) fn insert(&mut self, slot: u32, key: u64) {
        each!(self, policy => policy.insert(slot, key));
    }

    /// A value is gone.
    pub(super) fn remove(&mut self, slot: u32) {
        each!(self, policy => policy.remove(slot));
    }

    /// All values are gone; what was learnt of keys goes too.
    pub(super) fn forget(&mut self) {
        match self {
            Order::Adaptive(adaptive) => adaptive.forget(),
            Order::Ranked(ranked) => ranked.forget(),
            _ => {}
        }
    }
}
