//! Forgetting.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use super::{DONE, is_new, new_run, start, start_and_end, step};
use crate::{Blob, ClientKey, Commit, Family, ListQuery, LogChunk, LogQuery, NewRun, Place, PruneQuery, SavepointWrite, Store, StoreError};

fn after(ms: i64) -> Millis {
    Millis(super::T0.0 + ms)
}

/// Everything that ended so long after [`T0`](super::T0).
fn before(ms: i64, limit: u32) -> PruneQuery {
    PruneQuery { finished_before: Some(after(ms)), limit, ..PruneQuery::default() }
}

/// Everything whose time to be kept is over so long after [`T0`](super::T0).
fn expired(ms: i64, limit: u32) -> PruneQuery {
    PruneQuery { expired_at: Some(after(ms)), limit, ..PruneQuery::default() }
}

async fn prune(store: &dyn Store, query: PruneQuery) -> u32 {
    store.prune(query).await.expect("it prunes").runs
}

async fn left(store: &dyn Store) -> Vec<RunId> {
    let page = store.list(ListQuery { family: Family::All, ..ListQuery::default() }).await.expect("a page");
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
    assert_eq!(store.prune(before(10, 10)).await.expect("it prunes").runs, 0, "the time itself is not before it");
    assert_eq!(store.prune(before(20, 10)).await.expect("it prunes").runs, 2);
    assert_eq!(left(&*store).await, [open, young]);
    for run in [gone, also_gone] {
        assert_eq!(store.load(run).await, Err(StoreError::NotFound { run }));
        assert_eq!(store.commit(step(run, 3)).await, Err(StoreError::NotFound { run }));
    }
    assert_eq!(store.savepoint(gone, place).await, Ok(None));
    assert_eq!(store.logs(LogQuery { run: gone, step: None, after: None }).await.expect("it is read").chunks, []);
    assert_eq!(store.load(young).await.expect("it loads").batches.len(), 2);
    store.commit(step(open, 2)).await.expect("it goes on");
    assert_eq!(store.prune(before(20, 10)).await.expect("it prunes").runs, 0);
}

/// The oldest go first.
pub async fn a_prune_has_a_limit(store: Arc<dyn Store>) {
    let mut runs = Vec::new();
    for uid in 0..7 {
        runs.push(start_and_end(&*store, new_run(uid), 1).await);
    }
    assert_eq!(store.prune(before(2, 0)).await.expect("it prunes").runs, 0);
    assert_eq!(store.prune(before(2, 3)).await.expect("it prunes").runs, 3);
    assert_eq!(left(&*store).await, runs[3..]);
    assert_eq!(store.prune(before(2, 9)).await.expect("it prunes").runs, 4);
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
    let new: Vec<_> = (0..250).map(|uid| store.create(NewRun { summary: DONE, worker: None, ..new_run(uid + 10) })).collect();
    for reply in new {
        reply.await.expect("it starts");
    }
    let open = start(&*store, new_run(3)).await;
    assert_eq!(store.prune(before(1, 1_000)).await.expect("it prunes").runs, 251);
    assert_eq!(left(&*store).await, [open]);
}

/// Plans as well.
pub async fn shared_payloads_stay_until_the_last(store: Arc<dyn Store>) {
    let (shared, own) = (Blob::new(*b"shared"), Blob::new(*b"own"));
    let with = |uid, blobs: &[&Blob]| NewRun { blobs: blobs.iter().map(|blob| (*blob).clone()).collect(), ..new_run(uid) };
    start_and_end(&*store, with(1, &[&shared, &own, &own]), 1).await;
    let last = start_and_end(&*store, with(2, &[&shared]), 5).await;
    store.prune(before(2, 10)).await.expect("it prunes");
    assert_eq!(store.blob(own.digest()).await, Err(StoreError::NoBlob { digest: own.digest() }));
    assert_eq!(store.blob(shared.digest()).await.as_ref(), Ok(shared.bytes()));
    assert_eq!(&*store.load(last).await.expect("it has its plan").plan, b"the plan");
    store.prune(before(6, 10)).await.expect("it prunes");
    for digest in [shared.digest(), Digest::of(b"the plan")] {
        assert_eq!(store.blob(digest).await, Err(StoreError::NoBlob { digest }));
    }
}

/// Somebody may still know the number of a run that is gone.
pub async fn numbers_are_not_given_twice(store: Arc<dyn Store>) {
    let gone = start_and_end(&*store, new_run(1), 1).await;
    assert_eq!(store.prune(before(2, 10)).await.expect("it prunes").runs, 1);
    assert!(start(&*store, new_run(2)).await > gone);
}

/// Keys are kept as long as their runs.
pub async fn a_pruned_key_is_free_again(store: Arc<dyn Store>) {
    let keyed = |input: &[u8]| {
        let client_key = Some(ClientKey { key: "order-1".into(), input: Digest::of(input) });
        NewRun { client_key, summary: DONE, worker: None, ..new_run(1) }
    };
    assert!(is_new(store.create(keyed(b"x")).await.expect("it starts")));
    assert_eq!(store.prune(before(1, 10)).await.expect("it prunes").runs, 1);
    assert!(is_new(store.create(keyed(b"y")).await.expect("the key is free")));
}

/// Each run says for how long it wants to be kept; one that says nothing is kept. The time counts from its end.
pub async fn expired_runs_are_pruned(store: Arc<dyn Store>) {
    let keeping = |uid, retain_ms| NewRun { retain_ms, ..new_run(uid) };
    let long = start_and_end(&*store, keeping(1, Some(100)), 10).await;
    let short = start_and_end(&*store, keeping(2, Some(5)), 12).await;
    let none = start_and_end(&*store, keeping(3, None), 1).await;
    let open = start(&*store, keeping(4, Some(0))).await;
    let at_once = start(&*store, NewRun { summary: DONE, worker: None, ..keeping(5, Some(0)) }).await;
    assert_eq!(prune(&*store, PruneQuery { limit: 9, ..PruneQuery::default() }).await, 0, "nobody said that any has to go");
    assert_eq!(prune(&*store, expired(-1, 9)).await, 0);
    assert_eq!(prune(&*store, expired(16, 9)).await, 1);
    assert_eq!(left(&*store).await, [long, short, none, open], "{at_once} is gone");
    assert_eq!(prune(&*store, expired(17, 9)).await, 1);
    assert_eq!(left(&*store).await, [long, none, open], "the time itself is over");
    let both = PruneQuery { expired_at: Some(after(110)), limit: 1, ..before(2, 1) };
    assert_eq!(prune(&*store, both.clone()).await, 1);
    assert_eq!(left(&*store).await, [long, open], "old ones go before expired ones");
    assert_eq!(prune(&*store, both).await, 1);
    assert_eq!(left(&*store).await, [open]);
}

/// Whichever of the times says so.
pub async fn a_prune_keeps_to_its_workflow(store: Arc<dyn Store>) {
    let weekly = |uid| NewRun { workflow: "weekly".into(), retain_ms: Some(0), ..new_run(uid) };
    let daily = start_and_end(&*store, NewRun { retain_ms: Some(0), ..new_run(1) }, 1).await;
    start_and_end(&*store, weekly(2), 1).await;
    start_and_end(&*store, weekly(3), 5).await;
    let of = |workflow: &str, query: PruneQuery| PruneQuery { workflow: Some(workflow.into()), ..query };
    assert_eq!(prune(&*store, of("monthly", before(9, 9))).await, 0);
    assert_eq!(prune(&*store, of("weekly", before(2, 9))).await, 1);
    assert_eq!(prune(&*store, of("weekly", expired(9, 9))).await, 1);
    assert_eq!(left(&*store).await, [daily]);
}

/// At any depth, and not before all of them have ended.
pub async fn children_go_with_their_parents(store: Arc<dyn Store>) {
    let below = |uid, parent| NewRun { parent: Some(parent), retain_ms: Some(0), ..new_run(uid) };
    let top = start(&*store, new_run(1)).await;
    let child = start_and_end(&*store, below(2, top), 1).await;
    let open = start(&*store, below(3, child)).await;
    let other = start_and_end(&*store, new_run(4), 3).await;
    assert_eq!(prune(&*store, PruneQuery { expired_at: Some(after(99)), ..before(99, 9) }).await, 1, "only {other} stands alone");
    assert_eq!(left(&*store).await, [top, child, open]);
    store.commit(Commit { summary: DONE, at: after(2), ..step(top, 2) }).await.expect("it ends");
    assert_eq!(prune(&*store, before(99, 9)).await, 0, "a grandchild is under way");
    store.commit(Commit { summary: DONE, at: after(50), ..step(open, 2) }).await.expect("it ends");
    assert_eq!(prune(&*store, before(3, 0)).await, 0);
    assert_eq!(prune(&*store, before(3, 1)).await, 3, "it is the first one's end that counts");
    assert_eq!(left(&*store).await, []);
    assert_eq!(store.blob(Digest::of(b"the plan")).await, Err(StoreError::NoBlob { digest: Digest::of(b"the plan") }));
}

/// More children than a bite takes.
pub async fn a_large_family_is_pruned(store: Arc<dyn Store>) {
    let top = start(&*store, new_run(1)).await;
    let new = |uid| NewRun { summary: DONE, worker: None, parent: Some(top), labels: vec![("of".into(), "top".into())], ..new_run(uid) };
    let children: Vec<_> = (10..2_510).map(|uid| store.create(new(uid))).collect();
    for reply in children {
        reply.await.expect("it starts");
    }
    store.commit(Commit { summary: DONE, ..step(top, 2) }).await.expect("it ends");
    let open = start(&*store, new_run(2)).await;
    assert_eq!(prune(&*store, before(1, 1)).await, 2_501);
    assert_eq!(left(&*store).await, [open]);
    let labelled = ListQuery { family: Family::All, labels: vec![("of".into(), "top".into())], ..ListQuery::default() };
    assert_eq!(store.list(labelled).await.expect("a page").rows, []);
}
