//! Samples against moments, quantiles, other implementations, and themselves.

use rand_distr::Distribution;

use super::Dist;
use crate::{Key, Stream};

fn laws() -> Vec<Dist> {
    let exponential = Dist::Exponential { mean: 2.0 };
    vec![
        Dist::Constant(3.0),
        Dist::Uniform { min: 1.0, max: 4.0 },
        exponential.clone(),
        Dist::Normal { mean: 5.0, sd: 1.0 },
        Dist::Normal { mean: 0.5, sd: 1.0 },
        Dist::Normal { mean: 0.0, sd: 2.0 },
        Dist::Erlang { shape: 1, mean: 2.0 },
        Dist::Erlang { shape: 3, mean: 2.0 },
        Dist::Erlang { shape: 40, mean: 2.0 },
        Dist::Gamma { shape: 0.3, scale: 2.0 },
        Dist::Gamma { shape: 1.0, scale: 2.0 },
        Dist::Gamma { shape: 7.5, scale: 0.1 },
        Dist::LogNormal { mu: 0.5, sigma: 0.8 },
        Dist::Weibull { shape: 0.7, scale: 2.0 },
        Dist::Weibull { shape: 3.0, scale: 2.0 },
        Dist::Pareto { min: 1.0, alpha: 5.5, max: f64::INFINITY },
        Dist::Pareto { min: 1.0, alpha: 1.0, max: 50.0 },
        Dist::Pareto { min: 1.0, alpha: 0.5, max: 1.5 },
        Dist::Mixture(vec![(9.0, exponential.clone()), (1.0, exponential.scaled(4.0)), (0.0, Dist::Constant(1e9))]),
        Dist::Empirical(vec![1.0, 2.0, 2.0, 10.0]),
        Dist::Empirical(vec![4.0]),
        Dist::Triangular { min: 1.0, mode: 2.0, max: 5.0 },
        Dist::Triangular { min: 1.0, mode: 1.0, max: 5.0 },
        Dist::Sequence(vec![3.0, 1.0, 2.0, 1.0]),
    ]
}

fn draws(dist: &Dist, seed: u64, count: usize) -> Vec<f64> {
    let mut stream = Key::root(seed, 0).draw(0);
    (0..count).map(|_| dist.sample(&mut stream)).collect()
}

/// Kolmogorov's statistic of two samples of equal size; above 1.95 once in a thousand.
fn two_samples(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let below = |x: &f64| b.partition_point(|y| y <= x);
    let distance = |(i, x)| (i as i64 + 1).abs_diff(below(x) as i64);
    let largest = a.iter().enumerate().map(distance).max().unwrap_or(0);
    largest as f64 / (2.0 * a.len() as f64).sqrt()
}

#[test]
fn samples_have_the_stated_mean_and_variance() {
    const DRAWS: usize = 400_000;
    for dist in laws() {
        let sample = draws(&dist, 31, DRAWS);
        let (mean, variance) = (dist.mean(), dist.variance());
        let found = sample.iter().sum::<f64>() / DRAWS as f64;
        let squares: Vec<f64> = sample.iter().map(|x| (x - mean) * (x - mean)).collect();
        let found_variance = squares.iter().sum::<f64>() / DRAWS as f64;
        let fourth = squares.iter().map(|s| (s - found_variance) * (s - found_variance)).sum::<f64>() / DRAWS as f64;
        let root = (DRAWS as f64).sqrt();
        assert!((found - mean).abs() <= 4.0 * variance.sqrt() / root, "{dist:?}: mean {found}, expected {mean}");
        let error = (found_variance - variance).abs();
        assert!(error <= 4.5 * fourth.sqrt() / root, "{dist:?}: variance {found_variance}, expected {variance}");
    }
}

#[test]
fn quantiles_divide_the_samples() {
    const DRAWS: usize = 100_000;
    for dist in laws().into_iter().filter(|dist| dist.variance() > 0.0) {
        let mut sample = draws(&dist, 32, DRAWS);
        sample.sort_by(f64::total_cmp);
        assert!(sample[0] >= dist.min_value() && sample[0] >= 0.0);
        for p in [0.01, 0.1, 0.5, 0.9, 0.99] {
            let Some(quantile) = dist.quantile(p) else { continue };
            // An empirical law with equal values has a jump: p is anywhere within it.
            let low = sample.partition_point(|x| *x < quantile) as f64 / DRAWS as f64;
            let high = sample.partition_point(|x| *x <= quantile) as f64 / DRAWS as f64;
            let error = 4.5 * (p * (1.0 - p) / DRAWS as f64).sqrt();
            assert!(low - error <= p && p <= high + error, "{dist:?} at {p}: {low} to {high}");
        }
    }
}

#[test]
fn samples_agree_with_rand_distr() {
    const DRAWS: usize = 100_000;
    fn reference(law: impl Distribution<f64>) -> Vec<f64> {
        let mut stream: Stream = Key::root(34, 0).draw(0);
        (0..DRAWS).map(|_| law.sample(&mut stream)).collect()
    }
    let pairs = [
        (Dist::Exponential { mean: 0.5 }, reference(rand_distr::Exp::new(2.0).unwrap())),
        (Dist::Erlang { shape: 3, mean: 3.0 }, reference(rand_distr::Gamma::new(3.0, 1.0).unwrap())),
        (Dist::Erlang { shape: 9, mean: 9.0 }, reference(rand_distr::Gamma::new(9.0, 1.0).unwrap())),
        (Dist::Gamma { shape: 0.4, scale: 2.0 }, reference(rand_distr::Gamma::new(0.4, 2.0).unwrap())),
        (Dist::Gamma { shape: 2.5, scale: 2.0 }, reference(rand_distr::Gamma::new(2.5, 2.0).unwrap())),
        (Dist::LogNormal { mu: 1.0, sigma: 0.6 }, reference(rand_distr::LogNormal::new(1.0, 0.6).unwrap())),
        (Dist::Weibull { shape: 0.7, scale: 2.0 }, reference(rand_distr::Weibull::new(2.0, 0.7).unwrap())),
        (
            Dist::Pareto { min: 2.0, alpha: 1.5, max: f64::INFINITY },
            reference(rand_distr::Pareto::new(2.0, 1.5).unwrap()),
        ),
    ];
    for (dist, reference) in pairs {
        let statistic = two_samples(draws(&dist, 33, DRAWS), reference);
        assert!(statistic < 1.95, "{dist:?}: {statistic}");
    }
}

#[test]
fn moments_by_hand() {
    let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    // Half-normal: mean sd sqrt(2 / pi), variance sd^2 (1 - 2 / pi).
    let half = Dist::Normal { mean: 0.0, sd: 3.0 };
    close(half.mean(), 3.0 * (2.0 / core::f64::consts::PI).sqrt());
    close(half.variance(), 9.0 * (1.0 - 2.0 / core::f64::consts::PI));
    // Weibull with shape 1/2: mean 2 scale, variance 20 scale^2.
    let weibull = Dist::Weibull { shape: 0.5, scale: 3.0 };
    close(weibull.mean(), 6.0);
    close(weibull.variance(), 180.0);
    // Pareto: alpha min / (alpha - 1) and alpha min^2 / ((alpha - 1)^2 (alpha - 2)).
    let pareto = Dist::Pareto { min: 2.0, alpha: 3.0, max: f64::INFINITY };
    close(pareto.mean(), 3.0);
    close(pareto.variance(), 3.0);
    // Bounded with alpha 1 on 1..e: mean 1 / (1 - 1/e), second moment e.
    let e = core::f64::consts::E;
    let bounded = Dist::Pareto { min: 1.0, alpha: 1.0, max: e };
    close(bounded.mean(), e / (e - 1.0));
    close(bounded.variance(), e - (e / (e - 1.0)) * (e / (e - 1.0)));
    let mixture = Dist::Mixture(vec![(3.0, Dist::Constant(1.0)), (1.0, Dist::Constant(5.0))]);
    close(mixture.mean(), 2.0);
    close(mixture.variance(), 3.0);
    close(Dist::Empirical(vec![0.0, 6.0]).variance(), 3.0);
    close(Dist::LogNormal { mu: 0.0, sigma: 1.0 }.scv(), e - 1.0);
    assert_eq!(Dist::Constant(0.0).scv(), 0.0);
}

#[test]
fn moments_of_triangles_and_lists_by_hand() {
    let triangle = Dist::Triangular { min: 0.0, mode: 3.0, max: 3.0 };
    // Density 2x/9 on 0..3: mean 2, second moment 9/2.
    assert!((triangle.mean() - 2.0).abs() < 1e-12 && (triangle.variance() - 0.5).abs() < 1e-12);
    assert_eq!(triangle.quantile(0.25), Some(1.5));
    let list = Dist::Sequence(vec![4.0, 2.0, 1.0, 3.0]);
    assert_eq!((list.mean(), list.variance(), list.quantile(0.5)), (2.5, 1.25, Some(2.0)));
    let turns: Vec<f64> = (0..6).filter_map(|turn| list.in_turn(turn)).collect();
    assert_eq!(turns, [4.0, 2.0, 1.0, 3.0, 4.0, 2.0]);
    assert_eq!(triangle.in_turn(0), None);
}

#[test]
fn which_moments_exist() {
    let pareto = |max| Dist::Pareto { min: 1.0, alpha: 1.5, max };
    assert!(pareto(f64::INFINITY).has_moment(1.0) && !pareto(f64::INFINITY).has_moment(1.5));
    assert!(pareto(9.0).has_moment(8.0));
    let mixture = |weight| Dist::Mixture(vec![(1.0, Dist::Constant(1.0)), (weight, pareto(f64::INFINITY))]);
    assert!(mixture(0.0).has_moment(2.0) && !mixture(0.1).has_moment(2.0));
}

#[test]
fn heavy_tails_have_infinite_moments() {
    let pareto = |alpha| Dist::Pareto { min: 1.0, alpha, max: f64::INFINITY };
    assert_eq!((pareto(1.0).mean(), pareto(1.5).mean()), (f64::INFINITY, 3.0));
    assert_eq!((pareto(2.0).variance(), pareto(2.0).scv()), (f64::INFINITY, f64::INFINITY));
    let mixture = Dist::Mixture(vec![(1.0, pareto(1.0)), (1.0, Dist::Constant(1.0))]);
    assert_eq!((mixture.mean(), mixture.variance(), mixture.scv()), (f64::INFINITY, f64::INFINITY, f64::INFINITY));
}

#[test]
fn extreme_parameters_stay_finite() {
    let extremes = [
        Dist::LogNormal { mu: 0.0, sigma: 1e5 },
        Dist::Weibull { shape: 1e-3, scale: 1.0 },
        Dist::Pareto { min: 1.0, alpha: 1e-4, max: f64::INFINITY },
        Dist::Pareto { min: 1e300, alpha: 1e-4, max: f64::MAX },
        Dist::Gamma { shape: 1e-5, scale: 1.0 },
        Dist::Normal { mean: 0.0, sd: 0.0 },
    ];
    for dist in extremes {
        assert!(draws(&dist, 35, 1_000).iter().all(|x| x.is_finite() && *x >= 0.0), "{dist:?}");
    }
}

#[test]
fn scaling_scales_every_draw() {
    for dist in laws() {
        let pairs = draws(&dist, 36, 200).into_iter().zip(draws(&dist.scaled(2.5), 36, 200));
        for (x, scaled) in pairs {
            assert!((scaled - 2.5 * x).abs() <= 1e-12 * scaled, "{dist:?}");
        }
        assert!((dist.scaled(2.5).mean() / dist.mean() - 2.5).abs() < 1e-12);
        assert_eq!(dist.scaled(0.0), Dist::Constant(0.0));
    }
}

#[test]
fn quantiles_by_hand() {
    assert_eq!(Dist::Exponential { mean: 2.0 }.quantile(0.0), Some(0.0));
    assert_eq!(Dist::Exponential { mean: 2.0 }.quantile(1.0), Some(f64::INFINITY));
    assert_eq!(Dist::Uniform { min: 1.0, max: 3.0 }.quantile(0.25), Some(1.5));
    assert_eq!(Dist::Empirical(vec![1.0, 2.0, 10.0]).quantile(0.75), Some(6.0));
    assert_eq!(Dist::Pareto { min: 1.0, alpha: 2.0, max: 9.0 }.quantile(1.0), Some(9.0));
    assert_eq!(Dist::Gamma { shape: 2.0, scale: 1.0 }.quantile(0.5), None);
    assert_eq!(Dist::Constant(1.0).quantile(1.5), None);
}

/// The bits of 100,000 draws of each law, hashed: they must be the same on every platform and in every version.
#[test]
fn the_bits_of_the_samples_are_pinned() {
    let hash = |dist: &Dist| draws(dist, 37, 100_000).iter().fold(0, |hash, x| crate::rng::mix(hash ^ x.to_bits()));
    let hashes: Vec<u64> = laws().iter().map(hash).collect();
    assert_eq!(hashes, PINNED);
}

const PINNED: [u64; 24] = [
    0x3DC8_4D26_7852_B3D9,
    0x2787_7315_5DB1_01AC,
    0x60C9_3D53_A4BB_1F28,
    0x1CE2_842F_F6FC_1EA7,
    0xC5A9_6654_1249_C691,
    0x8154_E777_A3FA_5181,
    0x60C9_3D53_A4BB_1F28,
    0xE352_0AB4_E7AA_6E36,
    0xAC7F_0D8D_7DE1_3F57,
    0xD0DD_2647_2EA5_5F10,
    0xFD67_C21C_9EE9_3744,
    0xE37A_54CC_ADD1_B95C,
    0x1190_F57D_6F79_59FD,
    0x7952_E13F_CBE9_D097,
    0xEADA_3AEB_1B7A_5DE9,
    0x62E1_31FB_BA29_130E,
    0xD6E9_A649_FD7D_E9F5,
    0x3290_0BE0_6164_52CA,
    0x7926_5CC2_CBA8_0E6B,
    0x8EE2_4ED4_80FA_66E6,
    0xC832_E782_475A_43B7,
    0x2382_2B8B_E9D6_BCE8,
    0x50D2_A739_7E04_3DEE,
    0x4058_EAEC_2DFE_25FB,
];
