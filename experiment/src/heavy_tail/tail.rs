//! How heavy the tail of a time is, and what one large value does to a mean over many.

/// Tail indices: moments of orders below an index are finite. All are infinite for light tails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    /// Of the time itself: a percentile far out grows with one over this.
    pub time: f64,
    /// Of what one rare event adds to the sum of the times of all whom it holds up. The mean exists above 1, an interval above 2.
    pub area: f64,
    /// The same for the sum of the squares: what a standard deviation is made of.
    pub square: f64,
    /// Of how long one rare event holds others up; infinite where nobody waits for another.
    pub busy: f64,
    /// Of the part that is no waiting for others: it is long for one request at a time.
    pub own: f64,
}

impl Tail {
    /// No heavy tail.
    pub(super) const LIGHT: Tail = Tail {
        time: f64::INFINITY,
        area: f64::INFINITY,
        square: f64::INFINITY,
        busy: f64::INFINITY,
        own: f64::INFINITY,
    };

    /// A time that nobody else waits for.
    pub(super) fn delay(index: f64) -> Self {
        Tail { time: index, area: index, square: 0.5 * index, busy: f64::INFINITY, own: index }
    }

    /// A wait of which only a bounded number suffers: the queue is limited, the servers are shared, or large work makes room. So the
    /// sojourn in one shared or interruptible server has the index of the service: processor sharing (Zwart and Boxma, Queueing Systems
    /// 35, 2000: its moments exist where those of the service do), last in first out with interruption (a busy period; Borst, Boxma and
    /// Nunez-Queija, "Heavy tails: the effect of the service discipline", TOOLS 2002), shortest remaining, preemptive shortest first and
    /// least attained (Nuyens, Wierman and Zwart, Operations Research 56, 2008).
    pub(super) fn limited(index: f64) -> Self {
        Tail { busy: index, own: f64::INFINITY, ..Tail::delay(index) }
    }

    /// A wait in a queue without a limit, where holding times have a tail index and so many servers are not needed by the load
    /// on average: their number plus one less that load, rounded down (1 of one server).
    ///
    /// The wait has a finite moment of order r if the service has one of order 1 + r / spare (Kiefer and Wolfowitz, Annals of
    /// Mathematical Statistics 27, 1956, for one server; Scheller-Wolf and Vesilo, Queueing Systems 54, 2006; Foss and Korshunov,
    /// Mathematics of Operations Research 37, 2012: so many large ones at once block them all). All who come while large work blocks the servers wait, about as long as it is: the sum of their
    /// waits grows with its square. So the mean needs the second moment of the service of one server (Pollaczek and Khinchine), and
    /// an interval the fourth (Whitt, Management Science 35, 1989).
    pub(super) fn queue(index: f64, spare: f64) -> Self {
        let wait = spare * (index - 1.0);
        Tail { time: wait, area: 0.5 * (wait + 1.0), square: (wait + 1.0) / 3.0, busy: index, own: f64::INFINITY }
    }

    /// A wait for those who hold something, of which so many are to spare, for such a time. What they do for themselves is long for one
    /// at a time; what they wait for is long for all of them together, and for whoever waits for them.
    pub(super) fn behind(held: Tail, spare: f64) -> Self {
        let by_itself = if held.own.is_finite() { Tail::queue(held.own, spare) } else { Tail::LIGHT };
        let together = if held.busy.is_finite() { Tail { own: f64::INFINITY, ..held } } else { Tail::LIGHT };
        by_itself.and(together)
    }

    /// One after the other: the heavier tail decides.
    pub(super) fn and(self, other: Tail) -> Self {
        Tail {
            time: self.time.min(other.time),
            area: self.area.min(other.area),
            square: self.square.min(other.square),
            busy: self.busy.min(other.busy),
            own: self.own.min(other.own),
        }
    }

    /// As seen by somebody who does not wait for ever: no time is long, but as many are held up as before.
    pub(super) fn cut(self) -> Self {
        Tail { time: f64::INFINITY, area: self.busy, square: self.busy, busy: self.busy, own: f64::INFINITY }
    }

    /// The time until so many of several independent ones are over: long only if all others are long too.
    pub(super) fn of_several(mut all: Vec<Tail>, need: usize) -> Self {
        let late = (all.len() + 1).saturating_sub(need.max(1));
        let sum = |all: &mut Vec<Tail>, of: fn(&Tail) -> f64| -> f64 {
            all.sort_by(|a, b| of(a).total_cmp(&of(b)));
            all.iter().take(late).map(of).sum()
        };
        let busy = all.iter().map(|tail| tail.busy).fold(f64::INFINITY, f64::min);
        if need == 0 || all.is_empty() {
            return Tail { busy, ..Tail::LIGHT };
        }
        let [time, area, square, own]: [fn(&Tail) -> f64; 4] =
            [|tail| tail.time, |tail| tail.area, |tail| tail.square, |tail| tail.own];
        let [time, area, square, own] = [time, area, square, own].map(|of| sum(&mut all, of));
        // Whoever waits in a queue is there with others, whose waits are long together.
        let most = |value: f64| if busy.is_finite() { value.min(busy) } else { value };
        Tail { time, area: most(area), square: most(square), busy, own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_server_needs_the_second_and_the_fourth_moment() {
        assert_eq!(Tail::queue(2.0, 1.0).area, 1.0);
        assert_eq!(Tail::queue(4.0, 1.0).area, 2.0);
        assert_eq!(Tail::queue(4.0, 1.0).time, 3.0);
        // Two servers that are both spare: the wait of work with index 2.5 has its third moment.
        assert_eq!(Tail::queue(2.5, 2.0).area, 2.0);
    }

    #[test]
    fn who_waits_for_one_who_waits_waits_no_longer() {
        // A server with work of index 2.5 and its queue, one connection to it.
        let (work, queue) = (Tail::delay(2.5), Tail::queue(2.5, 1.0));
        assert_eq!(Tail::behind(work.and(queue), 1.0).time, queue.time);
        assert_eq!(Tail::behind(Tail::delay(2.5), 2.0).time, 3.0);
        assert_eq!(Tail::behind(queue, 5.0), queue);
        assert_eq!(Tail::behind(Tail::LIGHT, 1.0), Tail::LIGHT);
    }

    #[test]
    fn a_delay_needs_the_first_and_the_second() {
        assert_eq!((Tail::delay(1.5).area, Tail::delay(1.5).cut()), (1.5, Tail::LIGHT));
        assert_eq!(Tail::LIGHT.and(Tail::delay(1.5)), Tail::delay(1.5));
    }

    #[test]
    fn the_first_of_two_is_long_only_if_both_are() {
        let two = || vec![Tail::delay(1.5); 2];
        assert_eq!(Tail::of_several(two(), 1).time, 3.0);
        assert_eq!(Tail::of_several(two(), 2).time, 1.5);
        assert_eq!(Tail::of_several(two(), 0), Tail::LIGHT);
    }
}
