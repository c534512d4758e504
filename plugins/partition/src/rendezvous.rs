//! Rendezvous hashing: the node with the highest score has the key.

use crate::node::{Node, hash, mixed};

/// Nodes with the hashes of their names.
pub(crate) struct Rendezvous {
    nodes: Vec<(u64, f64)>,
}

impl Rendezvous {
    /// The nodes, by their place in the list.
    pub(crate) fn new(nodes: &[Node]) -> Self {
        Self { nodes: nodes.iter().map(|node| (hash(&node.name), node.weight)).collect() }
    }

    /// The places of the nodes that have a key, the best one first.
    pub(crate) fn find(&self, key: &str, copies: usize) -> Vec<usize> {
        let key = hash(key);
        let mut scores: Vec<(f64, usize)> =
            self.nodes.iter().enumerate().map(|(at, (node, weight))| (score(key, *node, *weight), at)).collect();
        // Of equal scores the first name wins. There is no NaN: the logarithm is of a number between 0 and 1.
        let better = |left: &(f64, usize), right: &(f64, usize)| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1));
        if copies < scores.len() {
            scores.select_nth_unstable_by(copies - 1, better);
            scores.truncate(copies);
        }
        scores.sort_by(better);
        scores.into_iter().map(|(_, at)| at).collect()
    }
}

/// `weight / -ln(u)` for a `u` between 0 and 1 that key and node determine. The chance to have the highest one is the share of
/// the weight among all, whatever the other nodes are.
fn score(key: u64, node: u64, weight: f64) -> f64 {
    // 53 bits, and a half so that neither 0 nor 1 comes out.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
    let unit = ((mixed(key ^ node) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
    weight / -libm::log(unit)
}
