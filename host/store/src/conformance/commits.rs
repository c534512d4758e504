//! One batch after the other, under a fence.

use std::sync::Arc;

use jackfield_flow::run::{Fence, Millis};

use super::{DONE, OWNER, RUNNING, T0, events, new_run, start, start_and_end, step, worker};
use crate::{Batch, Blob, Commit, LogChunk, LogQuery, Place, RunState, SavepointWrite, Store, StoreError, Summary, Wake};

/// None missing, none twice.
pub async fn batches_come_back_in_order(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let other = start(&*store, new_run(2)).await;
    for seq in 2..=12 {
        store.commit(step(run, seq)).await.expect("it commits");
    }
    store.commit(step(other, 2)).await.expect("it commits");
    let expected: Vec<String> = (2..=12).map(|seq| format!("{seq}: batch {seq}")).collect();
    assert_eq!(events(&*store, run).await[1..], expected);
    assert_eq!(events(&*store, other).await, ["1: started", "2: batch 2"]);
    let long = start(&*store, new_run(3)).await;
    let replies: Vec<_> = (2..=2_500).map(|seq| store.commit(step(long, seq))).collect();
    for reply in replies {
        reply.await.expect("it commits");
    }
    let stored = store.load(long).await.expect("it loads");
    assert!(stored.batches.iter().map(|batch| batch.seq).eq(1..=2_500));
}

/// Neither a gap nor a repetition.
pub async fn a_wrong_number_is_refused(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    for seq in [0, 1, 3, u64::MAX] {
        assert_eq!(store.commit(step(run, seq)).await, Err(StoreError::WrongSeq { run, seq, expected: 2 }));
    }
    store.commit(step(run, 2)).await.expect("the next one");
    assert_eq!(store.commit(step(run, 2)).await, Err(StoreError::WrongSeq { run, seq: 2, expected: 3 }));
    assert_eq!(events(&*store, run).await, ["1: started", "2: batch 2"]);
}

/// D19: a worker that was away and comes back late.
pub async fn an_old_fence_is_refused(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    store.claim(run, worker("w2"), T0).await.expect("it is claimed");
    assert_eq!(store.commit(step(run, 2)).await, Err(StoreError::StaleFence { run, fence: OWNER, current: Fence(2) }));
    let future = Commit { fence: Fence(3), ..step(run, 2) };
    assert_eq!(store.commit(future).await, Err(StoreError::StaleFence { run, fence: Fence(3), current: Fence(2) }));
    store.commit(Commit { fence: Fence(2), ..step(run, 2) }).await.expect("the new owner commits");
}

/// A write that is wrong in several ways is told the first: fence, end, number.
pub async fn refusals_have_an_order(store: Arc<dyn Store>) {
    let run = start_and_end(&*store, new_run(1), 1).await;
    let stale = Commit { fence: Fence(0), ..step(run, 9) };
    assert_eq!(store.commit(stale).await, Err(StoreError::StaleFence { run, fence: Fence(0), current: OWNER }));
    assert_eq!(store.commit(step(run, 9)).await, Err(StoreError::AlreadyFinished { run, state: RunState::Done }));
}

/// P5: a finished run stays as it is.
pub async fn the_first_end_wins(store: Arc<dyn Store>) {
    for (uid, state) in [(1, RunState::Done), (2, RunState::Failed), (3, RunState::Cancelled)] {
        let run = start(&*store, new_run(uid)).await;
        store.commit(Commit { summary: Summary { state, ..DONE }, ..step(run, 2) }).await.expect("it ends");
        for after in RunState::ALL {
            let late =
                Commit { summary: Summary { state: after, wake: (!after.is_finished()).then_some(Wake::Ready), ..DONE }, ..step(run, 3) };
            assert_eq!(store.commit(late).await, Err(StoreError::AlreadyFinished { run, state }));
        }
        let row = store.row(run).await.expect("it is there");
        assert_eq!((row.summary.state, row.seq), (state, 2));
    }
}

/// Not its events, nor its payloads, logs or savepoints, nor a change of the row.
pub async fn a_refused_write_leaves_nothing(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let before = store.load(run).await;
    let place = Place { step: 0, item: None };
    let blob = Blob::new(*b"never stored");
    let refused = Commit {
        blobs: vec![blob.clone()],
        summary: DONE,
        logs: vec![LogChunk { place, attempt: 1, bytes: b"x".to_vec() }],
        savepoint: Some(SavepointWrite { place, attempt: 1, data: b"x".to_vec() }),
        at: Millis(T0.0 + 9),
        ..step(run, 3)
    };
    assert!(store.commit(refused).await.is_err());
    assert_eq!(store.load(run).await, before);
    assert_eq!(store.blob(blob.digest()).await, Err(StoreError::NoBlob { digest: blob.digest() }));
    assert_eq!(store.savepoint(run, place).await, Ok(None));
    assert_eq!(store.logs(LogQuery { run, step: None, after: None }).await.expect("it is read").chunks, []);
}

/// They were called in order, though nobody waited in between.
pub async fn queued_commits_keep_their_order(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let replies: Vec<_> = (2..5_000).map(|seq| store.commit(step(run, seq))).collect();
    // Waited for backwards: it is the call that counts.
    for reply in replies.into_iter().rev() {
        assert_eq!(reply.await, Ok(()));
    }
    assert_eq!(store.row(run).await.expect("it is there").seq, 4_999);
}

/// Some of them wrong: the others do not notice.
pub async fn many_runs_commit_at_once(store: Arc<dyn Store>) {
    let mut runs = Vec::new();
    for uid in 0..50 {
        runs.push(start(&*store, new_run(uid)).await);
    }
    let number = |at: usize, seq| if at.is_multiple_of(5) { seq + 1 } else { seq };
    for seq in 2..6 {
        let replies: Vec<_> = runs.iter().enumerate().map(|(at, run)| store.commit(step(*run, number(at, seq)))).collect();
        for (at, reply) in replies.into_iter().enumerate() {
            let answer = reply.await;
            assert_eq!(answer.is_ok(), !at.is_multiple_of(5), "run {at}: {answer:?}");
        }
    }
    for (at, run) in runs.iter().enumerate() {
        let stored = store.load(*run).await.expect("it loads");
        assert_eq!(stored.batches.len(), if at.is_multiple_of(5) { 1 } else { 5 });
        assert_eq!(stored.row.seq, stored.batches.len() as u64);
    }
}

/// What no caller should send is refused before it is written.
pub async fn a_malformed_commit_writes_nothing(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let log = LogChunk { place: Place { step: 0, item: None }, attempt: 1, bytes: vec![0; (2 << 20) + 1] };
    let chunk = LogChunk { bytes: vec![0; 1 << 20], ..log.clone() };
    let savepoint = SavepointWrite { place: log.place, attempt: 1, data: vec![0; (64 << 20) + 1] };
    let bad = [
        Commit { events: Vec::new(), ..step(run, 2) },
        Commit { events: vec![0; (32 << 20) + 1], ..step(run, 2) },
        Commit { summary: Summary { steps_done: 4, ..RUNNING }, ..step(run, 2) },
        Commit { summary: Summary { wake: Some(Wake::At(T0)), ..DONE }, ..step(run, 2) },
        Commit { summary: Summary { wake: None, ..RUNNING }, ..step(run, 2) },
        Commit { summary: Summary { wake: Some(Wake::At(Millis(i64::MIN))), ..RUNNING }, ..step(run, 2) },
        Commit { logs: vec![log], ..step(run, 2) },
        Commit { logs: vec![chunk; 65], ..step(run, 2) },
        Commit { savepoint: Some(savepoint), ..step(run, 2) },
    ];
    for commit in bad {
        let refused = store.commit(commit).await;
        assert!(matches!(refused, Err(StoreError::Malformed(_) | StoreError::TooLarge { .. })), "{refused:?}");
    }
    assert_eq!(store.row(run).await.expect("it is there").seq, 1);
    store.commit(step(run, 2)).await.expect("the right one is still accepted");
}

/// Larger than a page, larger than what is compressed, and of bytes of all kinds.
pub async fn a_large_batch_comes_back(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let large: Vec<u8> = (0_u32..300_000).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    store.commit(Commit { events: large.clone(), ..step(run, 2) }).await.expect("it commits");
    let stored = store.load(run).await.expect("it loads");
    assert_eq!(stored.batches[1], Batch { seq: 2, events: large });
}
