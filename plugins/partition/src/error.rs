//! What can be wrong with nodes.

use jackfield_sdk::prelude::*;

/// Why keys cannot be given to nodes. All of it is permanent: the same input will fail again.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum PartitionError {
    /// There is no node to give a key to.
    #[error("there is no node with a weight above 0 in `{list}`")]
    #[error_code("no-nodes", permanent)]
    NoNodes {
        /// Which list of nodes.
        list: &'static str,
    },
    /// Two nodes have the same name.
    #[error("`{list}` has the node `{name}` twice")]
    #[error_code("node-twice", permanent, data(name))]
    NodeTwice {
        /// Which list of nodes.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// A weight is no share.
    #[error("the node `{name}` has the weight {weight}: it is a number from 0 to {max}")]
    #[error_code("bad-weight", permanent, data(name))]
    BadWeight {
        /// The node.
        name: String,
        /// Its weight.
        weight: f64,
        /// The greatest weight.
        max: f64,
    },
    /// What is asked for would take too much work.
    #[error("{what}: {count}, and {max} are the most; {instead}")]
    #[error_code("too-much", permanent)]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        count: u64,
        /// The limit.
        max: u64,
        /// What to do.
        instead: &'static str,
    },
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(&'static str),
}
