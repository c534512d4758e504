//! How much one value may hold: what a step may hand on.

use crate::error::ConvertError;

/// The most levels.
pub(crate) const DEPTH_MAX: usize = 64;
/// The most values.
pub(crate) const VALUES_MAX: usize = 100_000;

/// Counts values of one text.
pub(crate) struct Count {
    format: &'static str,
    values: usize,
}

impl Count {
    /// Nothing yet.
    pub(crate) fn new(format: &'static str) -> Self {
        Self { format, values: 0 }
    }

    /// Some values more.
    pub(crate) fn add(&mut self, more: usize) -> Result<(), ConvertError> {
        self.values = self.values.saturating_add(more);
        if self.values <= VALUES_MAX {
            return Ok(());
        }
        Err(ConvertError::TooMuch { format: self.format, what: format!("more than {VALUES_MAX} values") })
    }

    /// A value at this level.
    pub(crate) fn depth(&self, depth: usize) -> Result<(), ConvertError> {
        if depth <= DEPTH_MAX {
            return Ok(());
        }
        Err(ConvertError::TooMuch { format: self.format, what: format!("nested deeper than {DEPTH_MAX} levels") })
    }
}
