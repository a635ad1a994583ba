//! Open networks of exponential stations, and arrivals in batches.
//!
//! Sources: Jackson, Operations Research 5 (1957) (product form); Reich, Annals of Mathematical Statistics 28 (1957) and Burke,
//! Operations Research 4 (1956) (the times in a tandem of M/M/1 queues are independent); Shortle, Thompson, Gross and
//! Harris, "Fundamentals of Queueing Theory" (5th ed. 2018), section 4.1 (batches).

use super::erlang::Mmc;
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};

/// Mean response time of an open Jackson network: each station with its visits per request, its mean service and servers.
pub fn jackson_response(arrival_rate: f64, stations: &[(f64, f64, u32)]) -> f64 {
    let time = |&(visits, service, servers): &(f64, f64, u32)| {
        visits * Mmc { arrival_rate: arrival_rate * visits, service, servers }.response_mean()
    };
    stations.iter().map(time).sum()
}

/// Percentile of the response time of a tandem of stations with one server and exponential service, each visited once: the
/// times are independent and exponential.
pub fn tandem_quantile(p: f64, arrival_rate: f64, services: &[f64]) -> f64 {
    let means: Vec<f64> = services.iter().map(|service| service / (1.0 - arrival_rate * service)).collect();
    let transform = |s: Complex| means.iter().fold(Complex::ONE, |product, mean| product / (Complex::ONE + s * *mean));
    quantile(p, means.iter().sum(), |t| inversion::tail(t, inversion::SMOOTH, transform))
}

/// Mean response time of requests that come in batches by a Poisson process to one server with exponential service
/// (M^X/M/1), given mean and second moment of the batch.
pub fn batch_response(batch_rate: f64, batch_mean: f64, batch_second: f64, service: f64) -> f64 {
    let load = batch_rate * batch_mean * service;
    service * (batch_second / batch_mean + 1.0) / (2.0 * (1.0 - load))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn a_tandem() {
        let services = [1.0, 1.0 / 0.9, 1.0 / 1.2];
        let stations = services.map(|service| (1.0, service, 1));
        agrees("tandem3/response.mean", jackson_response(0.6, &stations), 1e-9);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
            agrees(&format!("tandem3/response.{name}"), tandem_quantile(p, 0.6, &services), 1e-5);
        }
    }

    #[test]
    fn visits_that_differ() {
        agrees("feedback1/response.mean", jackson_response(0.6, &[(4.0 / 3.0, 1.0, 1)]), 1e-9);
        let cached = jackson_response(5.0, &[(1.0, 0.1, 1), (0.2, 0.6, 1)]);
        agrees("hitmiss-tandem/response.mean", cached, 1e-9);
    }

    #[test]
    fn batches() {
        agrees("batch-fix4/response.mean", batch_response(0.2, 4.0, 16.0, 1.0), 1e-9);
        let alone = batch_response(0.5, 1.0, 1.0, 1.0);
        agrees("mm1-r50/response.mean", alone, 1e-9);
    }
}
