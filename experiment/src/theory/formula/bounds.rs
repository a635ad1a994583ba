//! What holds whatever the laws are, or nearly: operational bounds, Kingman's bound, Allen and Cunneen's approximation, laws
//! of scalability.
//!
//! Sources: Denning and Buzen, Computing Surveys 10 (1978); Kingman, J. Royal Statistical Society B 32 (1970); Allen,
//! "Probability, Statistics, and Queueing Theory" (2nd ed. 1990), section 5.7; Gunther, "Guerrilla Capacity Planning" (2007);
//! Amdahl, AFIPS 30 (1967).

use super::erlang::erlang_c;

/// Most interactions per unit of time of a closed loop: min(N / (R + Z), 1 / Dmax), with the least response time R, the think
/// time Z and the largest demand for one server.
pub fn closed_throughput(users: f64, least_response: f64, think: f64, largest_demand: f64) -> f64 {
    let alone = users / (least_response + think);
    if largest_demand > 0.0 { alone.min(1.0 / largest_demand) } else { alone }
}

/// Least mean response time of a closed loop: max(R, N Dmax - Z).
pub fn closed_response(users: f64, least_response: f64, think: f64, largest_demand: f64) -> f64 {
    least_response.max(users * largest_demand - think)
}

/// Gaps and services by their means and squared coefficients of variation; steady state, which needs a load below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoMoments {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Squared coefficient of variation of the gaps.
    pub gap_scv: f64,
    /// Mean service time.
    pub service: f64,
    /// Squared coefficient of variation of the service time.
    pub service_scv: f64,
    /// Servers.
    pub servers: u32,
}

impl TwoMoments {
    /// Upper bound of the mean wait in GI/G/1 (Kingman): half of the arrival rate times the variances of gap and service,
    /// over the idle share. Nothing for several servers.
    pub fn kingman(&self) -> Option<f64> {
        let variances =
            self.gap_scv / (self.arrival_rate * self.arrival_rate) + self.service_scv * self.service * self.service;
        let idle = 1.0 - self.arrival_rate * self.service;
        (self.servers == 1).then(|| self.arrival_rate * variances / (2.0 * idle))
    }

    /// Approximate mean wait in GI/G/c (Allen and Cunneen): that of M/M/c times the mean of the two squared coefficients of
    /// variation. Exact for M/M/c and M/G/1.
    pub fn allen_cunneen(&self) -> f64 {
        let (c, offered) = (f64::from(self.servers), self.arrival_rate * self.service);
        let poisson = erlang_c(self.servers, offered) / (c / self.service - self.arrival_rate);
        poisson * (self.gap_scv + self.service_scv) / 2.0
    }
}

/// Capacity of n processors relative to one by the universal scalability law; `coherence` 0 is Amdahl's law.
pub fn scalability(n: f64, contention: f64, coherence: f64) -> f64 {
    n / (1.0 + contention * (n - 1.0) + coherence * n * (n - 1.0))
}

/// The number of processors with the most capacity by the universal scalability law.
pub fn best_number(contention: f64, coherence: f64) -> f64 {
    libm::sqrt((1.0 - contention) / coherence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::closed::{Station, closed};
    use crate::theory::formula::reference::{agrees, value};

    #[test]
    fn closed_loops_stay_inside_their_bounds() {
        for users in [1, 3, 5, 10, 40] {
            let stations = [0.4, 0.3, 0.25].map(|demand| Station { demand, servers: 1 });
            let exact = closed(users, 2.0, &stations).unwrap();
            let n = f64::from(users);
            assert!(exact.throughput <= closed_throughput(n, 0.95, 2.0, 0.4) * (1.0 + 1e-12));
            assert!(exact.response >= closed_response(n, 0.95, 2.0, 0.4) * (1.0 - 1e-12));
        }
    }

    #[test]
    fn two_moments() {
        let queue = |gap_scv, service_scv, rate, servers| TwoMoments {
            arrival_rate: rate,
            gap_scv,
            service: 1.0,
            service_scv,
            servers,
        };
        agrees("mmc-c2-r80/wait.mean", queue(1.0, 1.0, 1.6, 2).allen_cunneen(), 1e-9);
        agrees("mg1-lognormal4/wait.mean", queue(1.0, 4.0, 0.6, 1).allen_cunneen(), 1e-9);
        agrees("mdc-c2-r80/wait.mean", queue(1.0, 0.0, 1.6, 2).allen_cunneen(), 0.05);
        for (id, scv) in [("gm1-d", 0.0), ("gm1-u", 1.0 / 3.0)] {
            let bound = queue(scv, 1.0, 0.8, 1).kingman().unwrap();
            assert!(bound > value(&format!("{id}/wait.mean")), "{id}");
        }
        assert_eq!(queue(1.0, 1.0, 1.6, 2).kingman(), None);
    }

    #[test]
    fn scalability_laws() {
        agrees("usl-curve/usl.capacity[32]", scalability(32.0, 0.05, 0.001), 1e-9);
        agrees("usl-curve/usl.peak_n", best_number(0.05, 0.001), 1e-9);
        agrees("usl-curve/amdahl.speedup[32]", scalability(32.0, 0.05, 0.0), 1e-9);
    }
}
