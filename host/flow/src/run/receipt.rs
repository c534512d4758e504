//! What one attempt used.

use serde::{Deserialize, Serialize};

use crate::plan::Grant;

/// What one attempt used. Kept with the attempt; nothing is decided by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Wall time from dispatch to answer, in microseconds.
    pub wall_us: u64,
    /// Fuel used, where metering is on.
    pub fuel: Option<u64>,
    /// Highest linear memory in use, in bytes.
    pub memory_peak: u64,
    /// Size of the input, in bytes.
    pub bytes_in: u64,
    /// Size of the answer, in bytes.
    pub bytes_out: u64,
    /// Bytes of log, stdout and stderr that were dropped because of their limit.
    pub log_dropped: u64,
    /// `host:port` of every connection that was tried, in order of first use, at most 32.
    pub hosts: Vec<String>,
    /// Whether the answer is that of an earlier call.
    #[serde(default)]
    pub cached: bool,
    /// What it used of its grant, as the smallest grant that has it; memory stands in `memory_peak`. Nothing when the step was
    /// granted nothing, when no task ran, and from engines that did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Box<Grant>>,
}
