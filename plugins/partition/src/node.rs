//! Nodes, and the hashes of names.

use std::collections::BTreeSet;

use jackfield_sdk::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::error::PartitionError;

/// The greatest weight.
const WEIGHT_MAX: f64 = 1_000_000.0;

fn one() -> f64 {
    1.0
}

/// Something that has keys.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
pub(crate) struct Node {
    /// Its name. Only the name decides which keys it has, not its place in the list.
    pub(crate) name: String,
    /// Its share compared with the others: one of weight 2 has twice as many keys as one of weight 1. 1 unless given; 0 for none.
    #[serde(default = "one")]
    pub(crate) weight: f64,
}

/// The nodes that can have keys, sorted by name.
pub(crate) fn checked(mut nodes: Vec<Node>, list: &'static str) -> Result<Vec<Node>, PartitionError> {
    let mut seen = BTreeSet::new();
    for node in &nodes {
        if !seen.insert(&node.name) {
            return Err(PartitionError::NodeTwice { list, name: node.name.clone() });
        }
        if !(0.0..=WEIGHT_MAX).contains(&node.weight) {
            return Err(PartitionError::BadWeight { name: node.name.clone(), weight: node.weight, max: WEIGHT_MAX });
        }
    }
    nodes.retain(|node| node.weight > 0.0);
    nodes.sort_by(|left, right| left.name.cmp(&right.name));
    if nodes.is_empty() { Err(PartitionError::NoNodes { list }) } else { Ok(nodes) }
}

/// The first 64 bits of the SHA-256 of a name.
pub(crate) fn hash(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    digest[..8].iter().fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

/// Makes of a number one that looks like chance: the end of SplitMix64 (Steele, Lea and Flood, 2014). No two numbers become one.
pub(crate) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
