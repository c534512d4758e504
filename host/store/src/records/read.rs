//! What is asked and answered.

use std::sync::Arc;

use jackfield_flow::run::RunId;

use crate::records::limits;
use crate::{LogChunk, Place, RunRow, RunState, Wake};

/// An unfinished run and what wakes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wakeup {
    /// The run.
    pub run: RunId,
    /// What wakes it.
    pub wake: Wake,
}

/// Which runs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only runs in this state.
    pub state: Option<RunState>,
    /// Only runs of this workflow.
    pub workflow: Option<Arc<str>>,
    /// Only runs older than this one: the `next` of the page before.
    pub before: Option<RunId>,
    /// How many at most; 0 and more than [`limits::LIST_MAX`](crate::limits::LIST_MAX) mean that maximum.
    pub limit: u32,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage {
    /// The runs. There may be fewer than asked, even none, while more pages follow: a page looks at a bounded number of runs.
    pub rows: Vec<RunRow>,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<RunId>,
}

/// Which logs to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// The run.
    pub run: RunId,
    /// Only this step and its items.
    pub step: Option<u32>,
    /// Only what comes after: the `next` of the page before.
    pub after: Option<LogPos>,
}

/// A place in a run's logs. Only a store makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPos {
    pub(crate) place: Place,
    pub(crate) attempt: u32,
    /// The batch it came with.
    pub(crate) seq: u64,
    /// Its index in that commit.
    pub(crate) part: u32,
}

/// A page of logs, ordered by step, item, attempt and time. It is bounded in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The pieces.
    pub chunks: Vec<LogChunk>,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<LogPos>,
}

/// What a prune did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs that were forgotten.
    pub runs: u32,
    /// Bytes given back to the file system.
    pub bytes: u64,
}

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Counters only: microseconds.
    Glance,
    /// Read every page and every checksum: seconds per gigabyte.
    Check,
}

/// How a store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Which store, and which library in which version.
    pub kind: String,
    /// The schema version; 0 where there is none.
    pub schema: i64,
    /// Bytes of the store, without what is still in the log.
    pub bytes: u64,
    /// Bytes of it that are free for new data.
    pub bytes_free: u64,
    /// Bytes of the write-ahead log.
    pub bytes_wal: u64,
    /// Unfinished runs.
    pub unfinished: u64,
    /// Transactions since the store was opened.
    pub transactions: u64,
    /// Writes in those transactions: more than `transactions` when writes were grouped.
    pub writes: u64,
    /// Runs with damaged batches, at most 1,000. Always empty at a glance.
    pub damaged: Vec<RunId>,
}

impl ListQuery {
    /// The number of rows in a page.
    pub(crate) fn page_size(&self) -> u32 {
        if self.limit == 0 { limits::LIST_MAX } else { self.limit.min(limits::LIST_MAX) }
    }

    /// Whether a row belongs on the list.
    pub(crate) fn wants(&self, row: &RunRow) -> bool {
        self.state.is_none_or(|state| state == row.summary.state)
            && self.workflow.as_ref().is_none_or(|workflow| *workflow == row.workflow)
            && self.before.is_none_or(|before| row.run < before)
    }
}
