//! `assign` and `moved`.

use jackfield_sdk::prelude::*;

use crate::error::PartitionError;
use crate::node::Node;
use crate::place::{Method, Places};

#[cfg(test)]
mod tests;

fn virtual_nodes_default() -> u32 {
    128
}

fn copies_default() -> u32 {
    1
}

/// Which node has which key.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Assigned {
    /// Every key with its node, in the order of the keys.
    pub(crate) keys: Vec<Placement>,
    /// Every node with the keys that it has first, sorted by name; also those that have none.
    pub(crate) nodes: Vec<Share>,
}

/// A key with its node.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Placement {
    /// The key.
    pub(crate) key: String,
    /// The node that has it.
    pub(crate) node: String,
    /// The nodes that have a copy, in the order in which they take its place.
    pub(crate) copies: Vec<String>,
}

/// A node with its keys.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Share {
    /// The node.
    pub(crate) node: String,
    /// Its keys, in the order in which they were given.
    pub(crate) keys: Vec<String>,
}

/// What moves when nodes change.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Moved {
    /// The keys that have another node now, in their order.
    pub(crate) moved: Vec<Move>,
    /// How many keys stay.
    pub(crate) kept: u64,
}

/// A key that has another node now.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Move {
    /// The key.
    pub(crate) key: String,
    /// The node that had it.
    pub(crate) from: String,
    /// The node that has it.
    pub(crate) to: String,
}

/// Gives every key to a node.
///
/// The same key and nodes always give the same answer, in any order. A node that comes takes about its share of the keys and
/// nothing else moves; a node that goes leaves its keys to the others, and nothing else moves.
#[task(
    title = "Assign keys to nodes",
    example_input = r#"{"keys": ["a", "b", "c"], "nodes": [{"name": "n1"}, {"name": "n2", "weight": 2}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn assign(
    /// The keys.
    keys: Vec<String>,
    /// The nodes.
    nodes: Vec<Node>,
    /// How keys are given to nodes.
    #[serde(default)]
    method: Method,
    /// With `method: ring`, at how many points a node of weight 1 stands: more make the shares more even. 128 unless given.
    #[serde(default = "virtual_nodes_default")]
    virtual_nodes: u32,
    /// On how many nodes every key is, if there are as many: the one that has it and those with a copy. 1 unless given.
    #[serde(default = "copies_default")]
    copies: u32,
) -> Result<Assigned, PartitionError> {
    if copies == 0 {
        return Err(PartitionError::BadRequest("`copies` is 0: every key is on one node at least"));
    }
    let places = Places::new(nodes, "nodes", method, virtual_nodes, keys.len())?;
    let name = |at: usize| places.nodes[at].name.clone();
    let mut shares: Vec<Share> = (0..places.nodes.len()).map(|at| Share { node: name(at), keys: vec![] }).collect();
    let mut placements = Vec::with_capacity(keys.len());
    for key in keys {
        let found = places.find(&key, copies as usize);
        let Some((first, others)) = found.split_first() else {
            continue;
        };
        shares[*first].keys.push(key.clone());
        placements.push(Placement { key, node: name(*first), copies: others.iter().map(|at| name(*at)).collect() });
    }
    Ok(Assigned { keys: placements, nodes: shares })
}

/// Tells which keys get another node when the nodes change.
#[task(
    title = "Find keys that move",
    example_input = r#"{"keys": ["a", "b", "c"], "before": [{"name": "n1"}], "after": [{"name": "n1"}, {"name": "n2"}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn moved(
    /// The keys.
    keys: Vec<String>,
    /// The nodes as they were.
    before: Vec<Node>,
    /// The nodes as they are.
    after: Vec<Node>,
    /// How keys are given to nodes.
    #[serde(default)]
    method: Method,
    /// With `method: ring`, at how many points a node of weight 1 stands. 128 unless given.
    #[serde(default = "virtual_nodes_default")]
    virtual_nodes: u32,
) -> Result<Moved, PartitionError> {
    let before = Places::new(before, "before", method, virtual_nodes, keys.len())?;
    let after = Places::new(after, "after", method, virtual_nodes, keys.len())?;
    let mut answer = Moved { moved: vec![], kept: 0 };
    for key in keys {
        let (from, to) = (before.owner(&key).to_owned(), after.owner(&key).to_owned());
        if from == to {
            answer.kept += 1;
        } else {
            answer.moved.push(Move { key, from, to });
        }
    }
    Ok(answer)
}
