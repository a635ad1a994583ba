//! Load over time: a rate that is linear between breakpoints, and arrivals by its integral.
//!
//! Arrivals are a renewal process on the scale of the integrated rate: the next arrival is where the integral has grown
//! by the next gap (Çinlar 1975, time change of a point process). Poisson gaps give the non-homogeneous Poisson process
//! exactly, equal gaps a deterministic one.

use crate::modulation::{Chain, Modulated};
use crate::spec::LoadSpec;
use crate::spec::load::LoadShape;
use archsim_core::Time;

/// Linear pieces per period of a sine: the rate is off by less than one part in ten thousand.
const SINE_PIECES: u64 = 256;

/// A rate over time.
#[derive(Clone, Debug)]
pub struct Load {
    shape: Shape,
    spikes: Vec<(Time, Time, f64)>,
}

#[derive(Clone, Debug)]
enum Shape {
    Constant(f64),
    /// Breakpoints with the rate there, linear between them, constant before and after. Two at one instant are a jump.
    Points(Vec<(Time, f64)>),
    Bursts {
        base: f64,
        burst: f64,
        every: Time,
        lasting: Time,
    },
    /// A period as linear pieces, and how far into it the run starts.
    Periodic {
        period: Time,
        phase: Time,
        rates: Vec<f64>,
    },
    /// At random between states.
    Modulated(Chain),
    /// No rate: arrivals are listed.
    Listed(Vec<Time>),
}

/// A stretch in which the rate is linear.
pub(crate) struct Piece {
    pub(crate) end: Time,
    pub(crate) rate: f64,
    pub(crate) slope: f64,
}

impl Load {
    /// From a scenario's load and the spikes on it: start, end, factor. Rates are kept per nanosecond.
    pub fn new(spec: &LoadSpec, spikes: Vec<(Time, Time, f64)>) -> Self {
        let shape = match spec {
            LoadSpec::Constant(rate) => Shape::Constant(rate.0 * 1e-9),
            LoadSpec::Shape(LoadShape::Ramp(a)) => {
                Shape::Points(vec![(Time::ZERO, a.from.0 * 1e-9), (a.over.value.0, a.to.0 * 1e-9)])
            }
            LoadSpec::Shape(LoadShape::Steps(a)) => {
                let mut points: Vec<(Time, f64)> = vec![];
                for (at, rate) in &a.steps.value {
                    if let Some(&(_, before)) = points.last() {
                        points.push((at.0, before));
                    }
                    points.push((at.0, rate.0 * 1e-9));
                }
                Shape::Points(points)
            }
            LoadSpec::Shape(LoadShape::Bursts(a)) => Shape::Bursts {
                base: a.base.0 * 1e-9,
                burst: a.burst.0 * 1e-9,
                every: a.every.value.0,
                lasting: a.lasting.value.0,
            },
            LoadSpec::Shape(LoadShape::Diurnal(a)) => {
                let sine = |i: u64| {
                    let phase = i as f64 / SINE_PIECES as f64 * std::f64::consts::TAU;
                    (a.low.0 + (a.high.0 - a.low.0) * (1.0 - libm::cos(phase)) / 2.0) * 1e-9
                };
                let (period, phase) = (a.period.value.0, a.phase.as_ref().map_or(Time::ZERO, |phase| phase.value.0));
                let phase = Time::from_nanos(phase.as_nanos() % period.as_nanos().max(1));
                Shape::Periodic { period, phase, rates: (0..=SINE_PIECES).map(sine).collect() }
            }
            LoadSpec::Shape(LoadShape::Mmpp(a)) => Shape::Modulated(Chain::new(a)),
            LoadSpec::Shape(LoadShape::Replay(a)) => Shape::Listed(a.times.value.iter().map(|time| time.0).collect()),
        };
        Load { shape, spikes }
    }

    /// Whether the rate is random: then only [`Load::next_modulated`] knows the next arrival.
    pub fn is_modulated(&self) -> bool {
        matches!(self.shape, Shape::Modulated(_))
    }

    /// The number of states of a random rate; 0 of any other.
    pub(crate) fn states(&self) -> usize {
        if let Shape::Modulated(chain) = &self.shape { chain.states() } else { 0 }
    }

    /// The instant at which the integral from `now` has grown by `gap`; `None` if it never does.
    #[inline]
    pub fn next(&self, now: Time, gap: f64) -> Option<Time> {
        match self.shape {
            Shape::Constant(rate) if self.spikes.is_empty() => {
                (rate > 0.0).then(|| now + Time::from_nanos_f64(gap / rate))
            }
            _ => self.next_over_pieces(now, gap, &mut |at| self.base_piece(at)),
        }
    }

    /// [`Load::next`] where the rate may be random, given the state it is in.
    pub(crate) fn next_modulated(&self, now: Time, gap: f64, state: &mut Modulated) -> Option<Time> {
        match &self.shape {
            Shape::Modulated(chain) => self.next_over_pieces(now, gap, &mut |at| state.piece(chain, at)),
            _ => self.next(now, gap),
        }
    }

    fn next_over_pieces(&self, mut now: Time, mut gap: f64, base: &mut dyn FnMut(Time) -> Piece) -> Option<Time> {
        loop {
            let piece = self.spiked(now, base(now));
            let length = if piece.end == Time::MAX { f64::INFINITY } else { (piece.end - now).as_nanos() as f64 };
            let area = if length.is_infinite() {
                if piece.rate > 0.0 { f64::INFINITY } else { 0.0 }
            } else {
                (piece.rate + piece.slope * length / 2.0) * length
            };
            if gap <= area && area > 0.0 {
                return Some(now + Time::from_nanos_f64(solve(piece.rate, piece.slope, gap).min(length)));
            }
            if piece.end == Time::MAX {
                return None;
            }
            gap -= area;
            now = piece.end;
        }
    }

    /// Mean rate per second from the start to `end`; of a random rate its expectation, of a list what it has.
    pub fn mean_rate(&self, end: Time) -> f64 {
        if let Shape::Listed(times) = &self.shape {
            return times.iter().filter(|time| **time < end).count() as f64 / end.as_secs_f64().max(1e-9);
        }
        let (mut now, mut area) = (Time::ZERO, 0.0);
        while now < end {
            let piece = self.piece(now);
            let to = piece.end.min(end);
            let length = (to - now).as_nanos() as f64;
            area += (piece.rate + piece.slope * length / 2.0) * length;
            now = to;
        }
        area / (end.as_nanos() as f64).max(1.0) * 1e9
    }

    fn piece(&self, at: Time) -> Piece {
        self.spiked(at, self.base_piece(at))
    }

    fn spiked(&self, at: Time, mut piece: Piece) -> Piece {
        for &(start, end, factor) in &self.spikes {
            if (start..end).contains(&at) {
                piece = Piece { end: piece.end.min(end), rate: piece.rate * factor, slope: piece.slope * factor };
            } else if at < start {
                piece.end = piece.end.min(start);
            }
        }
        piece
    }

    fn base_piece(&self, at: Time) -> Piece {
        match &self.shape {
            Shape::Constant(rate) => Piece { end: Time::MAX, rate: *rate, slope: 0.0 },
            Shape::Points(points) => {
                let next = points.partition_point(|(t, _)| *t <= at);
                match (next.checked_sub(1).map(|i| points[i]), points.get(next)) {
                    (None, Some(&(end, rate))) => Piece { end, rate, slope: 0.0 },
                    (Some((start, from)), Some(&(end, to))) => {
                        let slope = (to - from) / (end - start).as_nanos() as f64;
                        Piece { end, rate: from + slope * (at - start).as_nanos() as f64, slope }
                    }
                    (Some((_, rate)), None) => Piece { end: Time::MAX, rate, slope: 0.0 },
                    (None, None) => Piece { end: Time::MAX, rate: 0.0, slope: 0.0 },
                }
            }
            &Shape::Bursts { base, burst, every, lasting } => {
                let (cycle, every_ns) = (at.as_nanos() / every.as_nanos(), every.as_nanos());
                let start = Time::from_nanos(cycle * every_ns);
                if cycle > 0 && at < start + lasting {
                    Piece { end: start + lasting.min(every), rate: burst, slope: 0.0 }
                } else {
                    Piece { end: start + every, rate: base, slope: 0.0 }
                }
            }
            Shape::Modulated(chain) => Piece { end: Time::MAX, rate: chain.mean_rate(), slope: 0.0 },
            Shape::Listed(_) => Piece { end: Time::MAX, rate: 0.0, slope: 0.0 },
            Shape::Periodic { period, phase: start, rates } => {
                let (period, start) = (period.as_nanos(), start.as_nanos());
                let (cycle, phase) = ((at.as_nanos() + start) / period, (at.as_nanos() + start) % period);
                let boundary = |i: u64| (u128::from(period) * u128::from(i) / u128::from(SINE_PIECES)) as u64;
                let mut index = (u128::from(phase) * u128::from(SINE_PIECES) / u128::from(period)) as u64;
                if boundary(index + 1) <= phase {
                    index += 1;
                }
                let (from, to) = (rates[index as usize], rates[index as usize + 1]);
                let slope = (to - from) / (boundary(index + 1) - boundary(index)).max(1) as f64;
                let rate = from + slope * (phase - boundary(index).min(phase)) as f64;
                Piece { end: Time::from_nanos(cycle * period + boundary(index + 1) - start), rate, slope }
            }
        }
    }
}

/// The length over which a linear rate has the area `gap`: the smaller root of `slope/2 x^2 + rate x = gap`, in the form
/// that loses no digits for a small slope.
fn solve(rate: f64, slope: f64, gap: f64) -> f64 {
    let root = (rate * rate + 2.0 * slope * gap).max(0.0).sqrt();
    2.0 * gap / (rate + root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Rate;

    fn points(points: &[(u64, f64)]) -> Load {
        Load { shape: Shape::Points(points.iter().map(|&(t, r)| (Time::from_nanos(t), r)).collect()), spikes: vec![] }
    }

    #[test]
    fn a_constant_rate_spaces_arrivals_by_its_inverse() {
        let load = Load::new(&LoadSpec::Constant(Rate(1e6)), vec![]);
        assert_eq!(load.next(Time::from_nanos(5), 2.0), Some(Time::from_nanos(2005)));
    }

    #[test]
    fn a_ramp_is_integrated_exactly() {
        // Rate 0 to 2 over 100 ns: the area to x is x^2 / 100, so an area of 25 is reached at 50, then 75 more at 100.
        let load = points(&[(0, 0.0), (100, 2.0)]);
        assert_eq!(load.next(Time::ZERO, 25.0), Some(Time::from_nanos(50)));
        assert_eq!(load.next(Time::from_nanos(50), 75.0 + 20.0), Some(Time::from_nanos(110)));
    }

    #[test]
    fn a_load_that_ends_at_zero_has_a_last_arrival() {
        let load = points(&[(0, 1.0), (100, 0.0)]);
        assert_eq!(load.next(Time::ZERO, 51.0), None);
        assert!(load.next(Time::ZERO, 49.0).is_some());
    }

    #[test]
    fn a_sine_starts_at_its_phase() {
        use crate::spec::load::DiurnalArgs;
        use crate::spec::{At, Span};
        let second = |s: f64| At::nowhere(Span(Time::from_secs_f64(s)));
        let (low, high, phase) = (Rate(5.0), Rate(15.0), Some(second(12.5)));
        let diurnal = DiurnalArgs { low, high, period: second(10.0), phase };
        let load = Load::new(&LoadSpec::Shape(LoadShape::Diurnal(diurnal)), vec![]);
        // 10 + 5 sin(2 pi t / 10): over the first half period 10 + 10 / pi on average, over the whole 10.
        let half = load.mean_rate(Time::from_secs_f64(5.0));
        assert!((half - (10.0 + 10.0 / std::f64::consts::PI)).abs() < 1e-3, "{half}");
        assert!((load.mean_rate(Time::from_secs_f64(10.0)) - 10.0).abs() < 1e-9);
        assert!((load.piece(Time::ZERO).rate * 1e9 - 10.0).abs() < 1e-9);
    }

    #[test]
    fn spikes_multiply_inside_their_window_only() {
        let mut load = points(&[(0, 1.0)]);
        load.spikes = vec![(Time::from_nanos(100), Time::from_nanos(200), 3.0)];
        assert_eq!(load.next(Time::from_nanos(90), 10.0 + 30.0), Some(Time::from_nanos(110)));
        assert_eq!(load.mean_rate(Time::from_nanos(300)), 5.0 / 3.0 * 1e9);
    }
}
