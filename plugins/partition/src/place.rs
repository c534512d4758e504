//! Where keys are, by either method.

use jackfield_sdk::prelude::*;

use crate::error::PartitionError;
use crate::node::{Node, checked};
use crate::rendezvous::Rendezvous;
use crate::ring::Ring;

/// The most scores that one call works out: keys × nodes.
const SCORES_MAX: u64 = 50_000_000;

/// How keys are given to nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// Rendezvous hashing: exact shares.
    #[default]
    Rendezvous,
    /// A hash ring with virtual nodes.
    Ring,
}

/// Nodes in their places.
pub(crate) struct Places {
    pub(crate) nodes: Vec<Node>,
    method: Placed,
}

enum Placed {
    Rendezvous(Rendezvous),
    Ring(Ring),
}

impl Places {
    /// Puts the nodes in their places, for a number of keys.
    pub(crate) fn new(
        nodes: Vec<Node>,
        list: &'static str,
        method: Method,
        virtual_nodes: u32,
        keys: usize,
    ) -> Result<Self, PartitionError> {
        let nodes = checked(nodes, list)?;
        let method = match method {
            Method::Ring => Placed::Ring(Ring::new(&nodes, virtual_nodes)?),
            Method::Rendezvous => {
                let count = (nodes.len() as u64).saturating_mul(keys as u64);
                if count > SCORES_MAX {
                    let instead = "divide the keys, or take `method: ring`";
                    return Err(PartitionError::TooMuch { what: "keys × nodes", count, max: SCORES_MAX, instead });
                }
                Placed::Rendezvous(Rendezvous::new(&nodes))
            }
        };
        Ok(Self { nodes, method })
    }

    /// The places of the nodes that have a key, the first one first.
    pub(crate) fn find(&self, key: &str, copies: usize) -> Vec<usize> {
        match &self.method {
            Placed::Rendezvous(rendezvous) => rendezvous.find(key, copies),
            Placed::Ring(ring) => ring.find(key, copies),
        }
    }

    /// The name of the node that has a key.
    pub(crate) fn owner(&self, key: &str) -> &str {
        self.find(key, 1).first().map_or("", |at| &self.nodes[*at].name)
    }
}
