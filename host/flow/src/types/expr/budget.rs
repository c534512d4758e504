//! How much one evaluation may cost.

use super::cost::Cost;
use super::eval::{EvalCode, Fault};
use crate::types::Value;

/// How much evaluations may cost: one operation for each part evaluated, each element visited and each 16 bytes scanned, and
/// the bytes they produce on the way. Shared by as many evaluations as it is given to.
#[derive(Clone, Debug)]
pub struct Budget {
    ops_left: u64,
    ops_max: u64,
    bytes_left: u64,
    bytes_max: u64,
}

/// Bytes that a value costs beside its text.
const VALUE_BYTES: u64 = 16;

/// How deep a result may be: what works on values recurses.
const DEPTH_MAX: usize = 192;

impl Default for Budget {
    fn default() -> Self {
        Self::new(100_000, 1 << 20)
    }
}

impl Budget {
    /// So many operations, and so many bytes produced.
    pub fn new(ops: u64, bytes: u64) -> Self {
        Self { ops_left: ops, ops_max: ops, bytes_left: bytes, bytes_max: bytes }
    }

    /// Operations used so far.
    pub fn ops_used(&self) -> u64 {
        self.ops_max - self.ops_left
    }

    /// Bytes produced so far.
    pub fn bytes_used(&self) -> u64 {
        self.bytes_max - self.bytes_left
    }

    /// What there is less of than something costs: its name, what is needed, what is left.
    pub(super) fn lacks(&self, cost: Cost) -> Option<(&'static str, u64, u64)> {
        if cost.ops > self.ops_left {
            return Some(("operations", cost.ops, self.ops_left));
        }
        (cost.bytes > self.bytes_left).then_some(("bytes", cost.bytes, self.bytes_left))
    }

    /// Bytes that may still be produced.
    pub(super) fn bytes_left(&self) -> usize {
        usize::try_from(self.bytes_left).unwrap_or(usize::MAX)
    }

    /// Charges operations.
    pub(super) fn ops(&mut self, ops: u64) -> Result<(), Fault> {
        match self.ops_left.checked_sub(ops) {
            Some(left) => {
                self.ops_left = left;
                Ok(())
            }
            None => Err(self.ops_gone()),
        }
    }

    /// Charges the visit of so many elements.
    pub(super) fn elements(&mut self, count: usize) -> Result<(), Fault> {
        self.ops(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Charges the reading of so many bytes.
    pub(super) fn scan(&mut self, bytes: usize) -> Result<(), Fault> {
        self.elements(bytes / 16)
    }

    /// Charges bytes that are about to be produced.
    pub(super) fn bytes(&mut self, bytes: usize) -> Result<(), Fault> {
        match self.bytes_left.checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => Err(self.bytes_gone()),
        }
    }

    /// Charges a list or map of so many elements that is about to be produced.
    pub(super) fn values(&mut self, count: usize) -> Result<(), Fault> {
        self.elements(count)?;
        self.bytes(count.saturating_mul(16))
    }

    /// Charges the visit of a value with all its parts, and a copy of them.
    pub(super) fn tree(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::String(text) => self.scan(text.len()).and_then(|()| self.bytes(text.len())),
            Value::List(items) => {
                self.values(items.len())?;
                items.iter().try_for_each(|item| self.tree(item))
            }
            Value::Map(fields) => {
                self.values(fields.len())?;
                fields.iter().try_for_each(|(_, value)| self.tree(value))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a result that is larger, written out, than what one evaluation may produce. Parts may be shared, so that a
    /// small graph can stand for a giant tree: what counts is the tree.
    pub(super) fn measure(&self, value: &Value) -> Result<(), Fault> {
        let mut left = self.bytes_max;
        self.measured(value, &mut left, 0)
    }

    fn measured(&self, value: &Value, left: &mut u64, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::new(EvalCode::Budget, format!("the result has more than {DEPTH_MAX} values inside each other")));
        }
        let own = match value {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Map(fields) => fields.iter().map(|(name, _)| name.len()).sum(),
            _ => 0,
        };
        let own = u64::try_from(own).unwrap_or(u64::MAX).saturating_add(if depth == 0 { 0 } else { VALUE_BYTES });
        *left = left.checked_sub(own).ok_or_else(|| self.bytes_gone())?;
        match value {
            Value::List(items) => items.iter().try_for_each(|item| self.measured(item, left, depth + 1)),
            Value::Map(fields) => fields.iter().try_for_each(|(_, value)| self.measured(value, left, depth + 1)),
            _ => Ok(()),
        }
    }

    #[cold]
    fn ops_gone(&self) -> Fault {
        Fault::new(
            EvalCode::Budget,
            format!("the expression takes more than its budget of {} operations: let a task do this", self.ops_max),
        )
    }

    #[cold]
    pub(super) fn bytes_gone(&self) -> Fault {
        Fault::new(EvalCode::Budget, format!("the expression makes more than its budget of {} bytes: let a task do this", self.bytes_max))
    }
}
