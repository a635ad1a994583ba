//! Where the nodes of a directed graph go: callers left of what they call, with few crossings.
//!
//! Layers and order come from `rust-sugiyama` (Sugiyama, Tagawa and Toda, IEEE Transactions on Systems, Man, and Cybernetics 11,
//! 1981). It does not tell where an edge passes the layers between its ends, so a second round gives it a way-point in each.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;
use std::collections::{BTreeMap, BTreeSet};

/// A layout: columns count layers from the left, heights are multiples of the height of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Column and height of each node.
    pub(super) nodes: Vec<(usize, f64)>,
    /// For each edge the places it passes between its ends.
    pub(super) ways: Vec<Vec<(usize, f64)>>,
}

impl Layout {
    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.nodes.iter().map(|node| node.0 + 1).max().unwrap_or(0)
    }

    /// The largest height of a node or way-point.
    pub(super) fn height(&self) -> f64 {
        self.nodes.iter().chain(self.ways.iter().flatten()).map(|place| place.1).fold(0.0, f64::max)
    }
}

/// Lays out `count` nodes; edges that name others are left out.
pub(super) fn layout(count: usize, edges: &[(usize, usize)]) -> Layout {
    let known: BTreeSet<(usize, usize)> =
        edges.iter().copied().filter(|(from, to)| from != to && *from < count && *to < count).collect();
    let known: Vec<(usize, usize)> = known.into_iter().collect();
    let columns: Vec<usize> = places(count, &known).iter().map(|place| place.0).collect();
    // An edge over several layers becomes a chain with a node in each.
    let (mut total, mut chains, mut links) = (count, BTreeMap::new(), Vec::new());
    for &(from, to) in &known {
        let between = columns[to].saturating_sub(columns[from]).saturating_sub(1);
        let chain: Vec<usize> = (total..total + between).collect();
        total += between;
        let stops: Vec<usize> = std::iter::once(from).chain(chain.iter().copied()).chain([to]).collect();
        links.extend(stops.windows(2).map(|pair| (pair[0], pair[1])));
        chains.insert((from, to), chain);
    }
    let places = places(total, &links);
    let way = |edge: &(usize, usize)| chains.get(edge).into_iter().flatten().map(|stop| places[*stop]).collect();
    Layout { nodes: places[..count].to_vec(), ways: edges.iter().map(way).collect() }
}

/// Column and height of every node; unconnected parts one below the other.
fn places(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, f64)> {
    let vertices: Vec<(u32, (f64, f64))> = (0..count).map(|node| (node as u32, (1.0, 1.0))).collect();
    let edges: Vec<(u32, u32)> = edges.iter().map(|(from, to)| (*from as u32, *to as u32)).collect();
    let mut parts: Vec<Vec<(usize, (f64, f64))>> =
        from_vertices_and_edges(&vertices, &edges, &Config::default()).into_iter().map(|part| part.0).collect();
    parts.iter_mut().for_each(|part| part.sort_by_key(|node| node.0));
    parts.sort_by_key(|part| part.first().map(|node| node.0));
    let mut places = vec![(0, 0.0); count];
    let mut below = 0.0;
    for part in parts {
        let column = |y: f64| {
            part.iter().map(|node| node.1.1).filter(|other| *other < y).map(f64::to_bits).collect::<BTreeSet<_>>()
        };
        let columns: Vec<usize> = part.iter().map(|node| column(node.1.1).len()).collect();
        let left = part.iter().map(|node| node.1.0).fold(f64::INFINITY, f64::min);
        let row = nearest(&part, &columns);
        let mut last = below;
        for ((node, (x, _)), column) in part.iter().zip(&columns) {
            let height = below + (x - left) / row;
            last = f64::max(last, height);
            places[*node] = (*column, height);
        }
        below = last + 1.0;
    }
    places
}

/// The smallest distance between two nodes of one layer; it becomes the height of a row.
fn nearest(part: &[(usize, (f64, f64))], columns: &[usize]) -> f64 {
    let mut layers: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    part.iter().zip(columns).for_each(|(node, column)| layers.entry(*column).or_default().push(node.1.0));
    let gaps = layers.values_mut().flat_map(|layer| {
        layer.sort_by(f64::total_cmp);
        layer.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>()
    });
    let least = gaps.filter(|gap| *gap > 1e-6).fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { Config::default().vertex_spacing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_stand_left_of_what_they_call() {
        let edges = [(0, 1), (1, 2), (1, 3), (0, 3), (3, 4)];
        let found = layout(5, &edges);
        for (from, to) in edges {
            assert!(found.nodes[from].0 < found.nodes[to].0, "{found:?}");
        }
        assert_eq!(found.columns(), 4);
        assert_eq!(found.ways[3].len(), 1, "the edge past a layer has a way-point in it: {found:?}");
    }

    #[test]
    fn the_same_graph_gets_the_same_layout_every_time() {
        let edges = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 1), (5, 6), (0, 4), (3, 7), (2, 7), (9, 2), (9, 3)];
        let first = layout(10, &edges);
        for _ in 0..50 {
            assert_eq!(layout(10, &edges), first);
        }
    }

    #[test]
    fn nodes_do_not_lie_on_each_other() {
        let edges: Vec<(usize, usize)> = (0..40).map(|i| (i * 7 % 13, i * 5 % 17)).collect();
        let found = layout(20, &edges);
        for (index, node) in found.nodes.iter().enumerate() {
            for other in &found.nodes[..index] {
                assert!(node.0 != other.0 || (node.1 - other.1).abs() > 0.99, "{found:?}");
            }
        }
    }

    #[test]
    fn any_graph_is_survived() {
        assert_eq!(layout(0, &[]), Layout::default());
        assert_eq!(layout(2, &[(0, 0), (5, 1), (1, 0), (0, 1)]).nodes.len(), 2);
        for seed in 0..200usize {
            let edges: Vec<(usize, usize)> =
                (0..seed % 30).map(|i| ((seed * 31 + i * 17) % 11, (seed * 7 + i * i * 13) % 11)).collect();
            assert_eq!(layout(11, &edges).nodes.len(), 11);
        }
    }
}
