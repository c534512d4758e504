//! A hash ring with virtual nodes.

use crate::error::PartitionError;
use crate::node::{Node, hash, mixed};

/// The most points of a ring.
const POINTS_MAX: u64 = 1_000_000;
/// The steps between the numbers of which points are made: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Points on a ring of 2^64 places.
pub(crate) struct Ring {
    /// Each with the place of its node in the list; sorted.
    points: Vec<(u64, usize)>,
    nodes: usize,
}

impl Ring {
    /// Puts every node at `virtual_nodes` × weight points, at one at least.
    pub(crate) fn new(nodes: &[Node], virtual_nodes: u32) -> Result<Self, PartitionError> {
        if virtual_nodes == 0 {
            return Err(PartitionError::BadRequest("`virtual_nodes` is 0: every node has to stand somewhere"));
        }
        let counts: Vec<u64> = nodes.iter().map(|node| points_of(node, virtual_nodes)).collect();
        let count = counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
        if count > POINTS_MAX {
            let instead = "take fewer `virtual_nodes`, or smaller weights";
            return Err(PartitionError::TooMuch { what: "the points of the ring", count, max: POINTS_MAX, instead });
        }
        let of_node = |(at, (node, count)): (usize, (&Node, u64))| {
            let name = hash(&node.name);
            (0..count).map(move |number| (mixed(name.wrapping_add(number.wrapping_mul(STEP))), at))
        };
        let mut points: Vec<(u64, usize)> = nodes.iter().zip(counts).enumerate().flat_map(of_node).collect();
        points.sort_unstable();
        Ok(Self { points, nodes: nodes.len() })
    }

    /// The places of the nodes that have a key: those of the next points, each once.
    pub(crate) fn find(&self, key: &str, copies: usize) -> Vec<usize> {
        let key = mixed(hash(key));
        let start = self.points.partition_point(|(point, _)| *point < key);
        let mut found = Vec::new();
        for (_, node) in self.points[start..].iter().chain(&self.points[..start]) {
            if found.len() >= copies.min(self.nodes) {
                break;
            }
            if !found.contains(node) {
                found.push(*node);
            }
        }
        found
    }
}

/// The number of points is a function of the node alone, so that other nodes' coming and going moves none of them.
fn points_of(node: &Node, virtual_nodes: u32) -> u64 {
    let points = (f64::from(virtual_nodes) * node.weight).round().max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and at most 2^32 × the greatest weight")]
    let points = points as u64;
    points
}
