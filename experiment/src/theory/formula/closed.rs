//! Closed networks of one class: a fixed number of users who think and visit stations in turn.
//!
//! Sources: Reiser and Lavenberg, J. ACM 27 (1980) (exact mean value analysis); Buzen, Comm. ACM 16 (1973) (convolution).
//! Exact for stations in order of arrival with exponential service of one mean, or processor sharing with any law (product
//! form: Baskett, Chandy, Muntz and Palacios, J. ACM 22, 1975); think times may have any law.

/// A station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Mean work of one interaction: visits times mean service.
    pub demand: f64,
    /// Servers.
    pub servers: u32,
}

/// What a closed network does.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Interactions per unit of time.
    pub throughput: f64,
    /// Mean time of an interaction, without thinking.
    pub response: f64,
    /// Mean number at each station.
    pub inside: Vec<f64>,
}

/// Users beyond which stations with several servers are not solved: the work grows with the square.
const MOST_USERS: u32 = 4_000;

/// Solves the network of so many users with a mean think time. Nothing for more than 4,000 users where a station has
/// several servers, and where nobody ever does anything.
pub fn closed(users: u32, think: f64, stations: &[Station]) -> Option<Closed> {
    let total: f64 = think + stations.iter().map(|station| station.demand).sum::<f64>();
    if users == 0 || total <= 0.0 {
        return None;
    }
    if stations.iter().all(|station| station.servers == 1) {
        return Some(mean_value_analysis(users, think, stations));
    }
    (users <= MOST_USERS).then(|| convolution(users as usize, think, stations))
}

/// An arrival finds what is there with one user less.
fn mean_value_analysis(users: u32, think: f64, stations: &[Station]) -> Closed {
    let mut inside = vec![0.0; stations.len()];
    let (mut throughput, mut response) = (0.0, 0.0);
    for n in 1..=users {
        let times: Vec<f64> = stations.iter().zip(&inside).map(|(station, q)| station.demand * (1.0 + q)).collect();
        response = times.iter().sum();
        throughput = f64::from(n) / (think + response);
        inside = times.iter().map(|time| throughput * time).collect();
    }
    Closed { throughput, response, inside }
}

/// Normalising constants in logarithms, which neither overflow nor lose digits: all terms are positive.
fn convolution(users: usize, think: f64, stations: &[Station]) -> Closed {
    let alone: Vec<Vec<f64>> = stations.iter().map(|station| weights(station.demand, station.servers, users)).collect();
    let thinking = weights(think, u32::MAX, users);
    let all = alone.iter().fold(thinking.clone(), |product, one| convolve(&product, one));
    let throughput = libm::exp(all[users - 1] - all[users]);
    let inside = (0..stations.len()).map(|own| {
        let others = alone.iter().enumerate().filter(|(index, _)| *index != own);
        let rest = others.fold(thinking.clone(), |product, (_, one)| convolve(&product, one));
        (1..=users).map(|n| n as f64 * libm::exp(alone[own][n] + rest[users - n] - all[users])).sum()
    });
    Closed { throughput, response: users as f64 / throughput - think, inside: inside.collect() }
}

/// Logarithms of demand^n over the product of min(k, servers).
fn weights(demand: f64, servers: u32, users: usize) -> Vec<f64> {
    let mut log = 0.0;
    let step = |n: usize| libm::log(demand / n.min(servers as usize) as f64);
    let next = |n: usize| {
        log += if n > 0 { step(n) } else { 0.0 };
        log
    };
    (0..=users).map(next).collect()
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let term = |n: usize| {
        let most = (0..=n).map(|k| a[k] + b[n - k]).fold(f64::NEG_INFINITY, f64::max);
        if most == f64::NEG_INFINITY {
            return most;
        }
        most + libm::log((0..=n).map(|k| libm::exp(a[k] + b[n - k] - most)).sum())
    };
    (0..a.len()).map(term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    fn single(demand: f64) -> Station {
        Station { demand, servers: 1 }
    }

    #[test]
    fn three_stations() {
        for users in [1, 10] {
            let found = closed(users, 2.0, &[single(0.4), single(0.3), single(0.25)]).unwrap();
            let id = format!("closed3-n{users}");
            agrees(&format!("{id}/throughput"), found.throughput, 1e-9);
            agrees(&format!("{id}/response.mean"), found.response, 1e-9);
            for station in 0..3 {
                agrees(&format!("{id}/jobs.mean[{}]", station + 1), found.inside[station], 1e-9);
            }
        }
    }

    #[test]
    fn several_servers() {
        let found = closed(30, 6.0, &[Station { demand: 1.0, servers: 3 }]).unwrap();
        agrees("closed-c3/throughput", found.throughput, 1e-9);
        agrees("closed-c3/response.mean", found.response, 1e-9);
        assert!((found.inside[0] - found.throughput * found.response).abs() < 1e-9, "Little's law");
    }

    #[test]
    fn both_ways_agree() {
        let stations = [single(0.4), single(0.3), single(0.25)];
        let (one, other) = (mean_value_analysis(50, 2.0, &stations), convolution(50, 2.0, &stations));
        assert!((one.response / other.response - 1.0).abs() < 1e-9);
        assert!(one.inside.iter().zip(&other.inside).all(|(a, b)| (a - b).abs() < 1e-9));
        let no_think = (mean_value_analysis(5, 0.0, &stations), convolution(5, 0.0, &stations));
        assert!((no_think.0.response / no_think.1.response - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_solved_is_refused() {
        assert_eq!(closed(0, 1.0, &[single(1.0)]), None);
        assert_eq!(closed(5, 0.0, &[]), None);
        assert_eq!(closed(5_000, 1.0, &[Station { demand: 1.0, servers: 2 }]), None);
    }
}
