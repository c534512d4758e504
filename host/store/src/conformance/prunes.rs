//! Forgetting.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use super::{DONE, is_new, new_run, start, start_and_end, step};
use crate::{Blob, ClientKey, Commit, ListQuery, LogChunk, LogQuery, NewRun, Place, SavepointWrite, Store, StoreError};

fn after(ms: i64) -> Millis {
    Millis(super::T0.0 + ms)
}

async fn left(store: &dyn Store) -> Vec<RunId> {
    let page = store.list(ListQuery::default()).await.expect("a page");
    page.rows.into_iter().map(|row| row.run).rev().collect()
}

/// Young and unfinished ones stay, whole.
pub async fn old_finished_runs_are_pruned(store: Arc<dyn Store>) {
    let place = Place { step: 0, item: Some(3) };
    let gone = start(&*store, new_run(1)).await;
    let parts = Commit {
        logs: vec![LogChunk { place, attempt: 1, bytes: b"x".to_vec() }],
        savepoint: Some(SavepointWrite { place, attempt: 1, data: b"x".to_vec() }),
        summary: DONE,
        at: after(10),
        ..step(gone, 2)
    };
    store.commit(parts).await.expect("it ends");
    let open = start(&*store, new_run(2)).await;
    let young = start_and_end(&*store, new_run(3), 20).await;
    let also_gone = start_and_end(&*store, new_run(4), 19).await;
    assert_eq!(store.prune(after(10), 10).await.expect("it prunes").runs, 0, "the time itself is not before it");
    assert_eq!(store.prune(after(20), 10).await.expect("it prunes").runs, 2);
    assert_eq!(left(&*store).await, [open, young]);
    for run in [gone, also_gone] {
        assert_eq!(store.load(run).await, Err(StoreError::NotFound { run }));
        assert_eq!(store.commit(step(run, 3)).await, Err(StoreError::NotFound { run }));
    }
    assert_eq!(store.savepoint(gone, place).await, Ok(None));
    assert_eq!(store.logs(LogQuery { run: gone, step: None, after: None }).await.expect("it is read").chunks, []);
    assert_eq!(store.load(young).await.expect("it loads").batches.len(), 2);
    store.commit(step(open, 2)).await.expect("it goes on");
    assert_eq!(store.prune(after(20), 10).await.expect("it prunes").runs, 0);
}

/// The oldest go first.
pub async fn a_prune_has_a_limit(store: Arc<dyn Store>) {
    let mut runs = Vec::new();
    for uid in 0..7 {
        runs.push(start_and_end(&*store, new_run(uid), 1).await);
    }
    assert_eq!(store.prune(after(2), 0).await.expect("it prunes").runs, 0);
    assert_eq!(store.prune(after(2), 3).await.expect("it prunes").runs, 3);
    assert_eq!(left(&*store).await, runs[3..]);
    assert_eq!(store.prune(after(2), 9).await.expect("it prunes").runs, 4);
    assert_eq!(left(&*store).await, []);
}

/// More parts than one bite takes, beside many small runs.
pub async fn a_large_run_is_pruned(store: Arc<dyn Store>) {
    let large = start(&*store, new_run(1)).await;
    let replies: Vec<_> = (2..=2_500).map(|seq| store.commit(step(large, seq))).collect();
    for reply in replies {
        reply.await.expect("it commits");
    }
    store.commit(Commit { summary: DONE, ..step(large, 2_501) }).await.expect("it ends");
    let new: Vec<_> = (0..250).map(|_| store.create(NewRun { summary: DONE, worker: None, ..new_run(2) })).collect();
    for reply in new {
        reply.await.expect("it starts");
    }
    let open = start(&*store, new_run(3)).await;
    assert_eq!(store.prune(after(1), 1_000).await.expect("it prunes").runs, 251);
    assert_eq!(left(&*store).await, [open]);
}

/// Plans as well.
pub async fn shared_payloads_stay_until_the_last(store: Arc<dyn Store>) {
    let (shared, own) = (Blob::new(*b"shared"), Blob::new(*b"own"));
    let with = |uid, blobs: &[&Blob]| NewRun { blobs: blobs.iter().map(|blob| (*blob).clone()).collect(), ..new_run(uid) };
    start_and_end(&*store, with(1, &[&shared, &own, &own]), 1).await;
    let last = start_and_end(&*store, with(2, &[&shared]), 5).await;
    store.prune(after(2), 10).await.expect("it prunes");
    assert_eq!(store.blob(own.digest()).await, Err(StoreError::NoBlob { digest: own.digest() }));
    assert_eq!(store.blob(shared.digest()).await.as_ref(), Ok(shared.bytes()));
    assert_eq!(&*store.load(last).await.expect("it has its plan").plan, b"the plan");
    store.prune(after(6), 10).await.expect("it prunes");
    for digest in [shared.digest(), Digest::of(b"the plan")] {
        assert_eq!(store.blob(digest).await, Err(StoreError::NoBlob { digest }));
    }
}

/// Somebody may still know the number of a run that is gone.
pub async fn numbers_are_not_given_twice(store: Arc<dyn Store>) {
    let gone = start_and_end(&*store, new_run(1), 1).await;
    assert_eq!(store.prune(after(2), 10).await.expect("it prunes").runs, 1);
    assert!(start(&*store, new_run(2)).await > gone);
}

/// Keys are kept as long as their runs.
pub async fn a_pruned_key_is_free_again(store: Arc<dyn Store>) {
    let keyed = |input: &[u8]| {
        let client_key = Some(ClientKey { key: "order-1".into(), input: Digest::of(input) });
        NewRun { client_key, summary: DONE, worker: None, ..new_run(1) }
    };
    assert!(is_new(store.create(keyed(b"x")).await.expect("it starts")));
    assert_eq!(store.prune(after(1), 10).await.expect("it prunes").runs, 1);
    assert!(is_new(store.create(keyed(b"y")).await.expect("the key is free")));
}
