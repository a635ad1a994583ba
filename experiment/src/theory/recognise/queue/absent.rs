//! One core that is sometimes away.

use super::{Answers, Each, MeanWait, Queue};
use crate::theory::formula::Law;
use crate::theory::formula::absent::Absent;
use crate::theory::recognise::stations::{Away, Order};
use crate::theory::recognise::walk::Visit;

/// Where there is a formula.
pub(super) const ONLY: &str =
    "a core that is sometimes away has a formula with Poisson arrivals and in order of arrival only";

/// Breakdowns: the mean response time, as what of it is a wait is a matter of words.
struct Broken(f64);

impl Answers for Broken {
    fn wait_mean(&self) -> Option<f64> {
        None
    }
    fn response_mean(&self, _visit: &Visit) -> Option<f64> {
        Some(self.0)
    }
}

impl Each<'_> {
    /// Poisson arrivals at one core.
    pub(super) fn absent(&self, away: &Away) -> Result<Vec<Queue>, String> {
        if self.order() != Order::Fifo || self.station.loses() {
            return Err(ONLY.into());
        }
        let queue = Absent { arrival_rate: self.rate, service: &self.law };
        match away {
            Away::Vacation(time, true) => {
                let wait = queue.vacations_wait(&Law::new(time));
                self.exact("M/G/1 with vacations", "Levy and Yechiali 1975", MeanWait(wait))
            }
            Away::Vacation(time, false) => {
                let wait = queue.single_vacation_wait(&Law::new(time));
                self.exact("M/G/1 with single vacations", "Levy and Yechiali 1975", MeanWait(wait))
            }
            Away::SetUp(time) => {
                let wait = queue.set_up_wait(&Law::new(time));
                self.exact("M/G/1 with set-up", "Welch 1964", MeanWait(wait))
            }
            Away::Broken(up, down) => {
                let response = queue.breakdowns_response(*up, *down);
                if !response.is_finite() {
                    return Err("it is not up often enough: there is no steady state".into());
                }
                if !self.station.one_law() {
                    return Err("breakdowns have a formula for work of one kind only".into());
                }
                self.exact("M/G/1 with breakdowns", "Avi-Itzhak and Naor 1963", Broken(response))
            }
        }
    }
}
