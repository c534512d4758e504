//! What is asked and answered.

use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};

use crate::records::limits;
use crate::{Label, LogChunk, Place, RunRow, RunState, Wake};

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
    /// Only runs in one of these states; empty means all.
    pub states: Vec<RunState>,
    /// Only runs of this workflow.
    pub workflow: Option<Arc<str>>,
    /// Only runs that have all of these labels. No run has more than
    /// [`limits::LABELS_MAX`](crate::limits::LABELS_MAX), and so more than these find none.
    pub labels: Vec<Label>,
    /// Whose children.
    pub family: Family,
    /// Only runs that began at this time or later.
    pub began_from: Option<Millis>,
    /// Only runs that began before this time.
    pub began_until: Option<Millis>,
    /// Only what is listed after this run: the `next` of the page before. When that run was pruned meanwhile, the next page begins
    /// about where it was.
    pub before: Option<RunId>,
    /// How many at most; 0 and more than [`limits::LIST_MAX`](crate::limits::LIST_MAX) mean that maximum.
    pub limit: u32,
}

/// Which runs to list, by who started them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Those that no run started.
    #[default]
    TopLevel,
    /// All.
    All,
    /// Those that this run started.
    ChildrenOf(RunId),
}

/// A page of runs, those that began last first; of two that began at once, the higher number comes first.
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

/// Which runs to forget: finished ones that no run started, when either time says so and every run below them has finished too.
/// The runs below a run go with it, and never before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneQuery {
    /// Those that ended before this time, also when they want to be kept for longer.
    pub finished_before: Option<Millis>,
    /// Those whose own time to be kept is over at this time.
    pub expired_at: Option<Millis>,
    /// Only runs of this workflow, whatever the workflows of the runs below them.
    pub workflow: Option<Arc<str>>,
    /// How many at most, not counting the runs below them.
    pub limit: u32,
}

/// What a prune did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs that were forgotten, those below others included.
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

    /// Whether a row belongs on the list, whatever the page.
    pub(crate) fn wants(&self, row: &RunRow) -> bool {
        let in_family = match self.family {
            Family::TopLevel => row.parent.is_none(),
            Family::All => true,
            Family::ChildrenOf(parent) => row.parent == Some(parent),
        };
        in_family
            && (self.states.is_empty() || self.states.contains(&row.summary.state))
            && self.workflow.as_ref().is_none_or(|workflow| *workflow == row.workflow)
            && self.labels.len() <= limits::LABELS_MAX
            && self.labels.iter().all(|label| row.labels.contains(label))
            && self.began_from.is_none_or(|from| row.created_at >= from)
            && self.began_until.is_none_or(|until| row.created_at < until)
    }
}
