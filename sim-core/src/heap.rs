//! The near part of the event list: a 4-ary heap of 128-bit keys.

/// Keys in one cache line: the four children of one parent.
pub(crate) const FAN: usize = 4;
/// What an unused slot holds; no key is this large.
const UNUSED: u128 = u128::MAX;

/// Two keys, the smaller first, without a branch (the compiler turns a choice into one where it thinks that best).
#[inline(always)]
fn in_order(a: u128, b: u128) -> (u128, u128) {
    let mask = 0u64.wrapping_sub(u64::from(b < a));
    let change = (a ^ b) & ((u128::from(mask) << 64) | u128::from(mask));
    (a ^ change, b ^ change)
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u128; FAN]);

/// A 4-ary implicit heap, smallest key first, whose groups of siblings are cache lines.
///
/// `take` leaves the root empty (the "root hole"); the next `push` sinks from there, so that "handle an event,
/// schedule its successor" costs one pass instead of two.
///
/// The root lies in slot 3 of the first line, so that node i has its children in line i + 1. Slots at and above
/// `len` hold [`UNUSED`], so groups of siblings need no bounds, and there are lines for whole levels, so that a way up or
/// down has as many steps as there are levels.
///
/// Where on its way a key stays cannot be foretold, so all steps but the one at the root are the same whether it has
/// found its place or not, and without branches: a wrong guess costs more than some steps, because the key is the last
/// result of a long calculation. That the root stays is a good guess, and lets the next event begin.
#[derive(Clone)]
pub(crate) struct Heap {
    lines: Vec<Line>,
    /// Nodes in use, the empty root included.
    len: usize,
    /// Nodes of all levels but the lowest, whole: 0, 1, 5, 21, ...
    inner: usize,
    hole: bool,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap { lines: vec![Line([UNUSED; FAN]); 6], len: 0, inner: 0, hole: false }
    }
}

impl Heap {
    // Bounds checks cost a fifth of the time of a hold with 10 to 1000 pending (examples/hold.rs). The three accesses
    // below do without: slots for all nodes of the levels in use exist, and all callers are in this file.

    /// The key of a node of a level in use.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn get(&self, node: usize) -> u128 {
        debug_assert!(node + 3 < self.lines.len() * FAN);
        // SAFETY: a line is FAN keys without padding, and slot node + 3 lies within the lines.
        unsafe { *self.lines.as_ptr().cast::<u128>().add(node + 3) }
    }

    /// Sets the key of a node of a level in use.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn set(&mut self, node: usize, key: u128) {
        debug_assert!(node + 3 < self.lines.len() * FAN);
        // SAFETY: a line is FAN keys without padding, and slot node + 3 lies within the lines.
        unsafe { *self.lines.as_mut_ptr().cast::<u128>().add(node + 3) = key }
    }

    /// The smallest child of a node that is not in the lowest level, and its key; any child with [`UNUSED`] if it has none.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn smallest_child(&self, node: usize) -> (usize, u128) {
        debug_assert!(node + 1 < self.lines.len());
        // SAFETY: the node is one of `inner`, and there are more lines than those.
        let [a, b, c, d] = unsafe { self.lines.get_unchecked(node + 1).0 };
        let (left, left_key) = if b < a { (1, b) } else { (0, a) };
        let (right, right_key) = if d < c { (3, d) } else { (2, c) };
        let first = FAN * node + 1;
        if right_key < left_key { (first + right, right_key) } else { (first + left, left_key) }
    }

    /// Puts `key` where the hole at the root is, moving smaller children up.
    #[inline(always)]
    fn sink(&mut self, key: u128) {
        if self.inner == 0 {
            return self.set(0, key);
        }
        let (mut node, smallest) = self.smallest_child(0);
        if smallest >= key {
            return self.set(0, key);
        }
        self.set(0, smallest);
        let mut carried = key;
        while node < self.inner {
            let (child, smallest) = self.smallest_child(node);
            let (smaller, larger) = in_order(smallest, carried);
            self.set(node, smaller);
            (node, carried) = (child, larger);
        }
        self.set(node, carried);
    }

    /// Puts `key` where the hole at `node` is, moving larger parents down.
    #[inline(always)]
    fn rise(&mut self, mut node: usize, key: u128) {
        let mut carried = key;
        while node > FAN {
            let parent = (node - 1) / FAN;
            let (smaller, larger) = in_order(self.get(parent), carried);
            self.set(node, larger);
            (node, carried) = (parent, smaller);
        }
        if node > 0 {
            let root = self.get(0);
            if root > carried {
                self.set(node, root);
                node = 0;
            }
        }
        self.set(node, carried);
    }

    /// Closes the hole at the root, if there is one, with the last key.
    #[inline(always)]
    pub(crate) fn settle(&mut self) {
        if !self.hole {
            return;
        }
        self.hole = false;
        self.len -= 1;
        let last = self.get(self.len);
        self.set(self.len, UNUSED);
        if self.len <= self.inner {
            self.inner = self.inner.saturating_sub(1) / FAN;
        }
        if self.len > 0 {
            self.sink(last);
        }
    }

    /// How many keys the heap holds.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len - usize::from(self.hole)
    }

    /// Whether the next `push` has to grow the heap.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        !self.hole && self.len + 3 >= self.lines.len() * FAN
    }

    /// The smallest key of a settled heap.
    #[inline(always)]
    pub(crate) fn root(&self) -> Option<u128> {
        (self.len > 0).then(|| self.get(0))
    }

    /// Marks the root of a settled heap as taken; panics if there is none.
    #[inline(always)]
    pub(crate) fn take(&mut self) {
        assert!(self.len > 0);
        self.hole = true;
    }

    /// The smallest key, whether or not the root is a hole.
    pub(crate) fn peek(&self) -> Option<u128> {
        if self.hole { (self.len > 1).then(|| self.smallest_child(0).1) } else { self.root() }
    }

    /// Whether the root is empty.
    #[inline(always)]
    pub(crate) fn has_hole(&self) -> bool {
        self.hole
    }

    /// Adds a key to a heap whose root is empty.
    #[inline(always)]
    pub(crate) fn fill_hole(&mut self, key: u128) {
        debug_assert!(self.hole);
        self.hole = false;
        self.sink(key);
    }

    /// Adds a key; panics if the heap [`is_full`](Heap::is_full).
    #[inline(always)]
    pub(crate) fn push(&mut self, key: u128) {
        assert!(!self.is_full());
        if self.hole {
            self.fill_hole(key);
        } else {
            self.len += 1;
            if self.len > FAN * self.inner + 1 {
                self.inner = FAN * self.inner + 1;
            }
            self.rise(self.len - 1, key);
        }
    }

    /// Adds a key, making room if needed.
    pub(crate) fn add(&mut self, key: u128) {
        if self.is_full() {
            self.grow();
        }
        self.push(key);
    }

    /// All keys, in no order; the heap must be settled.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = u128> + use<> {
        let Heap { lines, len, .. } = std::mem::take(self);
        (0..len).map(move |node| lines[(node + 3) / FAN].0[(node + 3) % FAN])
    }

    /// Makes room for one more level.
    pub(crate) fn grow(&mut self) {
        self.lines.resize((self.lines.len() - 1) * FAN + 2, Line([UNUSED; FAN]));
    }
}
