//! What an attempt may use, and what the operator allows at most.

use std::fmt;

use wasmtime::{ResourceLimiter, Result};

use crate::host::http::address::Cidr;

/// Bytes in a mebibyte.
pub(crate) const MIB: usize = 1 << 20;

/// What one attempt may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of all instances together, in bytes, when the grant does not say more.
    pub memory_bytes: u64,
    /// Largest input, in bytes of JSON text.
    pub input_bytes_max: usize,
    /// Largest answer, in bytes of JSON text; at most [`Limits::PAYLOAD_BYTES_CEILING`].
    pub output_bytes_max: usize,
    /// Log, stdout and stderr kept, in bytes: one half from the beginning, one half from the end.
    pub log_bytes_max: usize,
    /// Fuel, where metering is on; `None` is without end.
    pub fuel: Option<u64>,
}

impl Limits {
    /// The largest payload that may be allowed, in bytes.
    pub const PAYLOAD_BYTES_CEILING: usize = 64 * MIB;

    /// How many bytes one host call, or the answer, may copy out of the guest.
    ///
    /// It follows the payload limit, because a larger answer could not be read otherwise, and never falls below the
    /// 8 MiB that ordinary host calls may need.
    pub(crate) fn copy_bytes_max(&self) -> usize {
        self.output_bytes_max.min(Self::PAYLOAD_BYTES_CEILING).saturating_add(4096).max(8 * MIB)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 64 * MIB as u64, input_bytes_max: 8 * MIB, output_bytes_max: 8 * MIB, log_bytes_max: MIB, fuel: None }
    }
}

/// What the operator of this engine allows, whatever plugins ask and workflows grant.
#[derive(Clone, Debug)]
pub struct OperatorPolicy {
    /// Private, loopback, link-local and other special networks that HTTP may reach all the same.
    pub open_networks: Vec<Cidr>,
    /// Whether the metadata services of clouds may be reached; `open_networks` alone does not open them.
    pub metadata: Metadata,
    /// The most memory an attempt may be granted, in bytes.
    pub memory_bytes_max: u64,
    /// How long one HTTP call may take until its response headers are there, in milliseconds; also the longest silence
    /// inside a body.
    pub http_timeout_ms: u64,
    /// Certificates (DER) trusted for HTTPS besides the public ones.
    pub extra_roots: Vec<Vec<u8>>,
}

/// Whether the metadata services of clouds may be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metadata {
    /// Never.
    #[default]
    Closed,
    /// Where an `open_networks` entry or a public address leads there.
    Open,
}

impl Default for OperatorPolicy {
    fn default() -> Self {
        Self {
            open_networks: Vec::new(),
            metadata: Metadata::Closed,
            memory_bytes_max: 512 * MIB as u64,
            http_timeout_ms: 30_000,
            extra_roots: Vec::new(),
        }
    }
}

/// Most elements of one table.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Most core instances of one attempt: a Python plugin links about 20 modules, each with helpers.
pub(crate) const INSTANCES_MAX: usize = 64;
/// Most linear memories of one attempt.
pub(crate) const MEMORIES_MAX: usize = 8;
/// Most tables of one attempt.
pub(crate) const TABLES_MAX: usize = 64;
/// Most entries in the table of host resources.
pub(crate) const RESOURCES_MAX: usize = 1_000;
/// Most component-model handles.
pub(crate) const HANDLES_MAX: usize = 5_000;

/// Counts memory as it grows, and refuses what is too much.
#[derive(Debug)]
pub(crate) struct Meter {
    memory_bytes_max: usize,
    memory_bytes: usize,
    memory_bytes_peak: usize,
    last_growth: usize,
    refused: Option<Refused>,
}

/// What the meter last refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// So many bytes of linear memory in all, where so many are allowed.
    Memory { wanted: usize, limit: usize },
    /// So many elements of one table.
    Table { wanted: usize },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { wanted, limit } => write!(
                f,
                "it wanted {wanted} bytes of memory, the limit is {limit}; grant more with `memory:` in the step's `grant`, if the operator allows it"
            ),
            Self::Table { wanted } => write!(f, "it wanted a table of {wanted} elements, the limit is {TABLE_ELEMENTS_MAX}"),
        }
    }
}

impl Meter {
    /// A meter that lets so many bytes of linear memory through.
    pub(crate) fn new(memory_bytes_max: u64) -> Self {
        let memory_bytes_max = usize::try_from(memory_bytes_max).unwrap_or(usize::MAX);
        Self { memory_bytes_max, memory_bytes: 0, memory_bytes_peak: 0, last_growth: 0, refused: None }
    }

    /// The most linear memory that was in use, in bytes.
    pub(crate) fn memory_bytes_peak(&self) -> u64 {
        self.memory_bytes_peak as u64
    }

    /// What was last refused, if anything was.
    pub(crate) fn refused(&self) -> Option<Refused> {
        self.refused
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        let growth = desired.saturating_sub(current);
        let wanted = self.memory_bytes.saturating_add(growth);
        if wanted > self.memory_bytes_max {
            self.refused = Some(Refused::Memory { wanted, limit: self.memory_bytes_max });
            return Ok(false);
        }
        self.memory_bytes = wanted;
        self.last_growth = growth;
        self.memory_bytes_peak = self.memory_bytes_peak.max(wanted);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        self.memory_bytes = self.memory_bytes.saturating_sub(std::mem::take(&mut self.last_growth));
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        if desired > TABLE_ELEMENTS_MAX {
            self.refused = Some(Refused::Table { wanted: desired });
            return Ok(false);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
}
