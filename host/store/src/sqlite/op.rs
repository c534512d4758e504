//! What is asked of the writer, and how it answers.

use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};
use tokio::sync::oneshot;

use super::whole::Checked;
use crate::{Acquired, Claimed, Commit, Created, LockRequest, NewRun, PruneQuery, RateRequest, Relabel, StoreError};

/// One request and, once it has been tried, its result. The result is only sent after the transaction it is part of has
/// been committed, and is replaced by the error when that fails.
#[derive(Debug)]
pub(super) struct Call<A, T> {
    pub(super) args: A,
    pub(super) result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<A, T> Call<A, T> {
    pub(super) fn new(args: A) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, receiver) = oneshot::channel();
        (Self { args, result: None, answer }, receiver)
    }

    /// Whoever asked may have gone away; what was done stays done.
    fn reply(self) {
        let _ = self.answer.send(self.result.unwrap_or(Err(StoreError::Closed)));
    }
}

/// The next bite of a prune.
#[derive(Clone, Debug)]
pub(super) struct Bite {
    /// What is asked for; `limit` is what is left of it.
    pub(super) query: PruneQuery,
    pub(super) from: Reached,
}

/// How far a prune has come: which runs it looks for, and the time and number of the last one it looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Old(i64, i64),
    Expired(i64, i64),
}

/// What a bite did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bitten {
    /// Runs that went of themselves.
    pub(super) roots: u32,
    /// Runs that went, those below others included.
    pub(super) runs: u32,
    /// Where the next bite begins; `None` when all were looked at and nothing is left to delete.
    pub(super) next: Option<Reached>,
}

/// A write.
#[derive(Debug)]
pub(super) enum Op {
    Create(Box<Call<NewRun, Created>>),
    Claim(Call<(RunId, Arc<str>, Millis), Claimed>),
    ClaimDue(Call<(Arc<str>, Millis, u32), Vec<Claimed>>),
    Commit(Box<Call<Commit, ()>>),
    Acquire(Box<Call<LockRequest, Acquired>>),
    Reserve(Call<RateRequest, Millis>),
    Relabel(Box<Call<Relabel, ()>>),
    Import(Box<Call<Checked, RunId>>),
    Prune(Box<Call<Bite, Bitten>>),
    /// Gives at most so many free pages back; answers how many pages are still free.
    Shrink(Call<u32, u64>),
}

/// Does the same with the call in every kind of write.
macro_rules! with_call {
    ($op:expr, $call:ident => $do:expr) => {
        match $op {
            Op::Create($call) => $do,
            Op::Claim($call) => $do,
            Op::ClaimDue($call) => $do,
            Op::Commit($call) => $do,
            Op::Acquire($call) => $do,
            Op::Reserve($call) => $do,
            Op::Relabel($call) => $do,
            Op::Import($call) => $do,
            Op::Prune($call) => $do,
            Op::Shrink($call) => $do,
        }
    };
}

impl Op {
    /// Whether it has a result that says it was done.
    pub(super) fn is_done(&self) -> bool {
        with_call!(self, call => matches!(call.result, Some(Ok(_))))
    }

    /// Whether it found no space.
    pub(super) fn is_full(&self) -> bool {
        with_call!(self, call => matches!(call.result, Some(Err(StoreError::Full { .. }))))
    }

    /// Replaces whatever result it has.
    pub(super) fn fail(&mut self, error: StoreError) {
        with_call!(self, call => call.result = Some(Err(error)));
    }

    /// Sends the result.
    pub(super) fn reply(self) {
        with_call!(self, call => call.reply());
    }

    /// About how many bytes it will write.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Create(call) => call.args.events.len() + call.args.plan.bytes().len() + blob_bytes(&call.args.blobs),
            Self::Commit(call) => {
                let logs: usize = call.args.logs.iter().map(|chunk| chunk.bytes.len()).sum();
                let savepoint = call.args.savepoint.as_ref().map_or(0, |savepoint| savepoint.data.len());
                let cache: usize = call.args.cache.iter().map(|write| write.value.len()).sum();
                call.args.events.len() + logs + savepoint + cache + blob_bytes(&call.args.blobs)
            }
            Self::Import(call) => call.args.bytes(),
            _ => 0,
        }
    }
}

fn blob_bytes(blobs: &[crate::Blob]) -> usize {
    blobs.iter().map(|blob| blob.bytes().len()).sum()
}
