//! How much may come out of an archive.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::error::ArchiveError;

/// The most bytes that come out unless the task is told otherwise: 256 MiB.
pub(crate) const BYTES_DEFAULT: u64 = 256 << 20;
/// The most bytes that come out at all: 4 GiB.
const BYTES_MAX: u64 = 4 << 30;
/// The most entries.
pub(crate) const ENTRIES_MAX: usize = 10_000;
/// How many times larger than itself an archive may become, unless the task is told otherwise. Text comes to 3 to 20.
pub(crate) const RATIO_DEFAULT: u32 = 200;
/// How much may come out whatever the ratio, in bytes: a few empty files in a row compress very well.
const FREE_BYTES: u64 = 4 << 20;

/// What may still come out of one archive. Its copies share the account.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    used: Rc<Cell<u64>>,
    limit: u64,
    /// Whether the ratio rather than the sum is the limit.
    by_ratio: bool,
}

impl Budget {
    /// The budget for an archive of some bytes.
    pub(crate) fn new(archive_bytes: u64, max_bytes: Option<u64>, max_ratio: Option<u32>) -> Self {
        let most = max_bytes.unwrap_or(BYTES_DEFAULT).min(BYTES_MAX);
        let by_ratio = archive_bytes.saturating_mul(max_ratio.unwrap_or(RATIO_DEFAULT).into()).max(FREE_BYTES);
        Self { used: Rc::default(), limit: most.min(by_ratio), by_ratio: by_ratio < most }
    }

    /// The same limits, from the start.
    pub(crate) fn again(&self) -> Self {
        Self { used: Rc::default(), ..self.clone() }
    }

    /// A reader that ends with an error when the budget does.
    pub(crate) fn bound<R: Read>(&self, inner: R) -> Bounded<R> {
        Bounded { inner, budget: self.clone() }
    }

    /// How many bytes came out.
    pub(crate) fn used(&self) -> u64 {
        self.used.get()
    }

    /// Whether more came out than may.
    fn is_over(&self) -> bool {
        self.used.get() > self.limit
    }

    /// The error for what went wrong while reading: that the budget is used up, or that the archive is bad.
    pub(crate) fn failed(&self, path: &str, format: &'static str, error: &dyn std::fmt::Display) -> ArchiveError {
        if !self.is_over() {
            let reason: String = error.to_string().chars().take(300).collect();
            return ArchiveError::BadArchive { path: path.to_owned(), format, reason };
        }
        let (what, option) = if self.by_ratio {
            (format!("more than {} bytes come out of it, which is too many for its size", self.limit), "max_ratio")
        } else {
            (format!("more than {} bytes come out of it", self.limit), "max_bytes")
        };
        ArchiveError::TooLarge { path: path.to_owned(), what, option }
    }
}

/// A reader whose bytes are counted.
pub(crate) struct Bounded<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.is_over() {
            return Err(io::Error::other("too much"));
        }
        let read = self.inner.read(buffer)?;
        self.budget.used.set(self.budget.used.get().saturating_add(read as u64));
        if self.budget.is_over() { Err(io::Error::other("too much")) } else { Ok(read) }
    }
}
