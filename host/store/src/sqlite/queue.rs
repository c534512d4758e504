//! The way to the writer: first come, first served, and bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::op::Op;
use crate::StoreError;

/// Writes that may wait at a time. Each has a caller that waits with it.
pub(super) const QUEUE_OPS_MAX: usize = 100_000;
/// Bytes that may wait at a time: about twice the largest commit.
const QUEUE_BYTES_MAX: usize = 1 << 30;

/// What waits.
#[derive(Debug, Default)]
struct Load {
    ops: AtomicUsize,
    bytes: AtomicUsize,
}

/// The callers' end.
#[derive(Debug)]
pub(super) struct Queue {
    sender: mpsc::Sender<Op>,
    load: Arc<Load>,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct Waiting {
    receiver: mpsc::Receiver<Op>,
    load: Arc<Load>,
}

/// A queue and its two ends.
pub(super) fn queue() -> (Queue, Waiting) {
    let (sender, receiver) = mpsc::channel();
    let load = Arc::<Load>::default();
    (Queue { sender, load: load.clone() }, Waiting { receiver, load })
}

impl Queue {
    /// Queues a write, or answers it at once: when too much waits already, or when nobody serves the queue any more.
    ///
    /// It never waits for room. A write that had to would be overtaken by the next one of its run.
    pub(super) fn push(&self, mut op: Op) {
        let bytes = op.bytes();
        let ops = self.load.ops.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.load.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if ops > QUEUE_OPS_MAX || total > QUEUE_BYTES_MAX {
            self.load.leave(bytes);
            op.fail(StoreError::Busy { writes: ops - 1, bytes: (total - bytes) as u64 });
            return op.reply();
        }
        if let Err(mpsc::SendError(mut op)) = self.sender.send(op) {
            op.fail(StoreError::Closed);
            op.reply();
        }
    }
}

impl Waiting {
    /// The next write; `None` when nobody can ask any more.
    pub(super) fn next(&self) -> Option<Op> {
        self.receiver.recv().ok().map(|op| self.taken(op))
    }

    /// The next write, if there is one before so much time has passed.
    pub(super) fn next_within(&self, time: Duration) -> Option<Op> {
        self.receiver.recv_timeout(time).ok().map(|op| self.taken(op))
    }

    /// The next write, if there is one now.
    pub(super) fn next_now(&self) -> Option<Op> {
        self.receiver.try_recv().ok().map(|op| self.taken(op))
    }

    fn taken(&self, op: Op) -> Op {
        self.load.leave(op.bytes());
        op
    }
}

impl Load {
    fn leave(&self, bytes: usize) {
        self.ops.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::op::Call;
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_and_the_rest_stays_in_order() {
        let (queue, waiting) = queue();
        let push = |pages: usize| {
            let (call, answer) = Call::new(u32::try_from(pages).expect("small"));
            queue.push(Op::Shrink(call));
            answer
        };
        let _answers: Vec<_> = (0..QUEUE_OPS_MAX).map(push).collect();
        let refused = push(QUEUE_OPS_MAX).try_recv().expect("it is answered at once");
        assert_eq!(refused, Err(StoreError::Busy { writes: QUEUE_OPS_MAX, bytes: 0 }));
        let pages = |op| if let Some(Op::Shrink(call)) = op { Some(call.args) } else { None };
        assert_eq!(pages(waiting.next()), Some(0));
        let mut accepted = push(7);
        assert!(accepted.try_recv().is_err(), "with room again, it waits for its turn");
        let rest: Vec<u32> = std::iter::from_fn(|| pages(waiting.next_now())).collect();
        assert_eq!(rest.len(), QUEUE_OPS_MAX);
        assert!(rest.is_sorted_by(|a, b| a < b || *b == 7));
        drop(waiting);
        assert_eq!(push(1).try_recv(), Ok(Err(StoreError::Closed)));
    }
}
