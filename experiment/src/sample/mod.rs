//! Sampling many dimensions: a few hundred points that cover each of them evenly, where a grid would need millions.

pub mod correlation;

use crate::vary::Axis;
use archsim_core::Key;

/// A Latin hypercube sample (McKay, Beckman and Conover, Technometrics 21, 1979): the range of each axis is cut into as many equally
/// likely strata as there are points, each stratum is used once, at a uniform place in it, and the strata of the axes are matched
/// at random. Gives the values of each point in the order of the axes. The draws of an axis are named after its path: with
/// another axis beside it, it has the same values in the same order.
pub fn latin_hypercube(axes: &[(String, Axis)], points: usize, seed: u64) -> Vec<Vec<String>> {
    let columns: Vec<Vec<String>> = axes
        .iter()
        .map(|(path, axis)| places(path, points, seed).into_iter().map(|place| axis.at(place)).collect())
        .collect();
    (0..points).map(|point| columns.iter().map(|column| column[point].clone()).collect()).collect()
}

/// For each point where it is on an axis, from 0 to 1: each n-th part has one.
fn places(path: &str, points: usize, seed: u64) -> Vec<f64> {
    let key = Key::root(seed, 0).named("latin hypercube").named(path);
    let (mut order, mut within) = (key.draw(0), key.draw(1));
    let mut strata: Vec<usize> = (0..points).collect();
    for last in (1..points).rev() {
        strata.swap(last, order.below(last as u64 + 1) as usize);
    }
    strata.into_iter().map(|stratum| (stratum as f64 + within.uniform()) / points as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_models::spec::Span;

    fn axes(texts: &[(&str, &str)]) -> Vec<(String, Axis)> {
        texts.iter().map(|(path, text)| ((*path).to_owned(), Axis::read(text).expect("an axis"))).collect()
    }

    fn column(points: &[Vec<String>], at: usize) -> Vec<&str> {
        points.iter().map(|point| point[at].as_str()).collect()
    }

    #[test]
    fn every_stratum_of_every_dimension_is_hit_once() {
        for (path, points, seed) in [("a", 1, 1), ("a", 2, 9), ("b", 50, 1), ("web.rate", 997, 3)] {
            let places = places(path, points, seed);
            let mut strata: Vec<usize> = places.iter().map(|place| (place * points as f64) as usize).collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..points).collect::<Vec<_>>());
        }
    }

    #[test]
    fn ranges_lists_and_categories_are_covered_evenly() {
        let texts = [
            ("a", "1..=4"),
            ("b", "[Fifo, Lifo()]"),
            ("c", "Linear(from: 1, to: 4, points: 2)"),
            ("d", "Log(from: \"1ms\", to: \"1s\", points: 2)"),
            ("e", "Log(from: 1, to: 7, points: 3)"),
        ];
        let points = latin_hypercube(&axes(&texts), 24, 5);
        let count = |at: usize, value: &str| column(&points, at).iter().filter(|v| **v == value).count();
        for value in ["1", "2", "3", "4"] {
            assert_eq!((count(0, value), count(2, value)), (6, 6));
        }
        assert_eq!((count(1, "Fifo"), count(1, "Lifo()")), (12, 12));
        // A third of the factor from 1 ms to 1 s is the factor 10.
        let milliseconds = column(&points, 3).iter().filter(|v| v.ends_with("ms\"")).count();
        let of = |low: f64, high: f64| {
            let value = |text: &str| Span::parse(text.trim_matches('"')).expect("a duration").seconds();
            column(&points, 3).iter().filter(|text| (low..high).contains(&value(text))).count()
        };
        assert_eq!((of(0.001, 0.01), of(0.01, 0.1), of(0.1, 1.0), milliseconds), (8, 8, 8, 24));
        // On a logarithmic scale from 1 to 8 the whole numbers 1, 2 and 3, and 4 to 7, have a third each.
        let large: usize = ["4", "5", "6", "7"].iter().map(|value| count(4, value)).sum();
        assert_eq!((count(4, "1"), count(4, "2") + count(4, "3"), large), (8, 8, 8));
    }

    #[test]
    fn an_axis_does_not_depend_on_its_neighbours_and_the_seed_decides() {
        let (one, two) = (axes(&[("a", "1..=9")]), axes(&[("b", "1..=9"), ("a", "1..=9")]));
        let alone = latin_hypercube(&one, 30, 1);
        assert_eq!(column(&alone, 0), column(&latin_hypercube(&two, 30, 1), 1));
        assert_eq!(alone, latin_hypercube(&one, 30, 1));
        assert_ne!(alone, latin_hypercube(&one, 30, 2));
    }
}
