//! Runs that travel.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, RunId};

use super::{DONE, RUNNING, T0, events, new_run, start, start_and_end, step, uid_of, wake_after, worker};
use crate::limits::RUN_BYTES_MAX;
use crate::{
    Batch, Blob, ClientKey, Commit, ExportedRun, LogChunk, LogQuery, NewRun, Place, PruneQuery, RunRow, SavepointWrite, Store, StoreError,
    Summary,
};

const STEP: Place = Place { step: 1, item: None };
const ITEM: Place = Place { step: 1, item: Some(0) };

/// A run with something of everything, under way.
async fn rich(store: &dyn Store) -> RunId {
    let new = NewRun {
        blobs: vec![Blob::new(*b"an input")],
        labels: vec![("team".into(), "blue".into())],
        retain_ms: Some(7),
        client_key: Some(ClientKey { key: "key".into(), input: Digest::of(b"x") }),
        ..new_run(1)
    };
    let run = start(store, new).await;
    let log = |place, text: &str| LogChunk { place, attempt: 1, bytes: text.as_bytes().to_vec() };
    let parts = Commit {
        blobs: vec![Blob::new(vec![b'o'; 5_000]), Blob::new(*b"an input")],
        logs: vec![log(ITEM, "two"), log(STEP, "one"), log(ITEM, "three")],
        savepoint: Some(SavepointWrite { place: ITEM, attempt: 2, data: b"saved".to_vec() }),
        summary: Summary { wake: Some(wake_after(500)), steps_done: 1, ..RUNNING },
        at: T0.after(10),
        ..step(run, 2)
    };
    store.commit(parts).await.expect("it commits");
    let saved = Some(SavepointWrite { place: STEP, attempt: 1, data: vec![1; 3_000] });
    let summary = Summary { wake: Some(wake_after(500)), steps_done: 1, ..RUNNING };
    store.commit(Commit { savepoint: saved, at: T0.after(11), summary, ..step(run, 3) }).await.expect("it commits");
    run
}

/// Makes room for the run under its own uid again.
async fn forget(store: &dyn Store, run: RunId) {
    let seq = store.row(run).await.expect("it is there").seq;
    let fence = store.row(run).await.expect("it is there").fence;
    // A finished one is forgotten as it is.
    let _ = store.commit(Commit { summary: DONE, fence, ..step(run, seq + 1) }).await;
    let all = PruneQuery { finished_before: Some(T0.after(1_000_000)), limit: 1, ..PruneQuery::default() };
    assert_eq!(store.prune(all).await.expect("it prunes").runs, 1);
}

/// Out and in again, nothing is missing, and what means nothing elsewhere is left behind.
pub async fn a_run_travels_whole(store: Arc<dyn Store>) {
    let run = rich(&*store).await;
    let ended = Commit { summary: DONE, at: T0.after(20), ..step(run, 4) };
    store.commit(ended).await.expect("it ends");
    let exported = store.export(run).await.expect("it is exported");
    let digests: Vec<Digest> = exported.blobs.iter().map(|blob| blob.digest).collect();
    assert!(digests.is_sorted() && digests.contains(&Digest::of(b"an input")) && digests.contains(&Digest::of(&[b'o'; 5_000])));
    assert_eq!((exported.batches.len(), exported.logs.len(), exported.savepoints.len()), (4, 3, 2));
    let before = store.load(run).await.expect("it loads");
    forget(&*store, run).await;
    let copy = store.import(exported.clone()).await.expect("it is imported");
    assert!(copy > run);
    assert_eq!(store.export(copy).await, Ok(exported));
    let after = store.load(copy).await.expect("it loads");
    assert_eq!((&after.batches, &after.plan), (&before.batches, &before.plan));
    assert_eq!(after.row, RunRow { run: copy, fence: Fence(0), worker: None, ..before.row });
    let logs = store.logs(LogQuery { run: copy, step: None, after: None }).await.expect("they are read");
    let logs: Vec<_> = logs.chunks.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes)).collect();
    assert_eq!(logs, ["one", "two", "three"]);
    assert_eq!(store.savepoint(copy, ITEM).await.expect("it is read").expect("it is there").data, b"saved");
    let all = PruneQuery { expired_at: Some(T0.after(27)), limit: 9, ..PruneQuery::default() };
    assert_eq!(store.prune(all).await.expect("it prunes").runs, 1, "it is kept for as long as it wanted");
    assert!(store.export(run).await == Err(StoreError::NotFound { run }));
}

/// Nobody owns it, and whoever claims it goes on with it.
pub async fn an_unfinished_run_travels_and_goes_on(store: Arc<dyn Store>) {
    let run = rich(&*store).await;
    let exported = store.export(run).await.expect("it is exported");
    forget(&*store, run).await;
    let copy = store.import(exported).await.expect("it is imported");
    let row = store.row(copy).await.expect("it is there");
    assert_eq!((row.fence, row.worker, row.seq), (Fence(0), None, 3));
    assert_eq!(row.summary, Summary { wake: Some(wake_after(500)), steps_done: 1, ..RUNNING });
    assert!(store.commit(Commit { fence: Fence(1), ..step(copy, 4) }).await.is_err(), "its old owner has no say here");
    assert_eq!(store.claim_due(worker("w1"), T0.after(499), 9).await, Ok(Vec::new()));
    assert_eq!(store.claim_due(worker("w1"), T0.after(500), 9).await.expect("it is due").len(), 1);
    store.commit(step(copy, 4)).await.expect("it goes on");
    assert_eq!(events(&*store, copy).await, ["1: started", "2: batch 2", "3: batch 3", "4: batch 4"]);
}

/// Whichever of the two came first.
pub async fn a_run_is_imported_once(store: Arc<dyn Store>) {
    let run = start_and_end(&*store, new_run(1), 1).await;
    let exported = store.export(run).await.expect("it is exported");
    assert_eq!(store.import(exported.clone()).await, Err(StoreError::UidTaken { run }));
    forget(&*store, run).await;
    let first = store.import(exported.clone()).await.expect("it is imported");
    let again = store.import(exported).await.expect_err("it is there");
    assert_eq!((&again, again.refusal()), (&StoreError::UidTaken { run: first }, crate::Refusal::Conflict));
    assert_eq!(store.create(new_run(1)).await, Err(StoreError::UidTaken { run: first }));
}

/// By its uid; where that is not known, the run stands alone.
pub async fn a_parent_is_found_again(store: Arc<dyn Store>) {
    let parent = start(&*store, new_run(1)).await;
    let child = start_and_end(&*store, NewRun { parent: Some(parent), ..new_run(2) }, 1).await;
    let exported = store.export(child).await.expect("it is exported");
    assert_eq!(exported.parent, Some(uid_of(1)));
    let other = ExportedRun { uid: uid_of(3), ..exported.clone() };
    let run = store.import(other).await.expect("it is imported");
    assert_eq!(store.row(run).await.expect("it is there").parent, Some(parent));
    let alone = ExportedRun { uid: uid_of(4), parent: Some(uid_of(99)), ..exported };
    let run = store.import(alone).await.expect("it is imported");
    assert_eq!(store.row(run).await.expect("it is there").parent, None);
}

/// Whether plan or payload.
pub async fn a_damaged_import_is_refused(store: Arc<dyn Store>) {
    let run = rich(&*store).await;
    let sound = ExportedRun { uid: uid_of(9), ..store.export(run).await.expect("it is exported") };
    let mut bad = sound.clone();
    bad.plan.bytes = (*b"another plan").into();
    assert_eq!(store.import(bad).await, Err(StoreError::DamagedBlob { digest: sound.plan.digest }));
    for at in 0..sound.blobs.len() {
        let mut bad = sound.clone();
        bad.blobs[at].digest.0[31] ^= 1;
        let digest = bad.blobs[at].digest;
        assert_eq!(store.import(bad).await, Err(StoreError::DamagedBlob { digest }));
    }
    assert_eq!(store.wakeups().await.expect("they are listed").len(), 1, "nothing was imported");
    store.import(sound).await.expect("the sound one is");
}

/// Out of order, out of bounds, twice the same.
pub async fn a_malformed_import_is_refused(store: Arc<dyn Store>) {
    let run = rich(&*store).await;
    let sound = ExportedRun { uid: uid_of(9), ..store.export(run).await.expect("it is exported") };
    let bad_ways: [fn(&mut ExportedRun); 16] = [
        |run| run.batches.clear(),
        |run| run.batches.swap(0, 1),
        |run| drop(run.batches.remove(1)),
        |run| run.batches.push(Batch { seq: 3, events: b"x".to_vec() }),
        |run| run.batches[1].events.clear(),
        |run| run.batches[1].events = vec![0; (32 << 20) + 1],
        |run| run.workflow = "w".repeat(1_025).into(),
        |run| run.labels = vec![("BAD".into(), "v".into())],
        |run| run.retain_ms = Some(u64::MAX),
        |run| run.summary.steps_done = 99,
        |run| run.summary.wake = None,
        |run| run.logs[0].seq = 9,
        |run| run.logs[0].seq = 0,
        |run| run.logs.push(run.logs[0].clone()),
        |run| run.logs[0].bytes = vec![0; (2 << 20) + 1],
        |run| run.savepoints.push(run.savepoints[0].clone()),
    ];
    for (at, spoil) in bad_ways.into_iter().enumerate() {
        let mut bad = sound.clone();
        spoil(&mut bad);
        let refused = store.import(bad).await;
        let expected = matches!(refused, Err(StoreError::Malformed(_) | StoreError::TooLarge { .. } | StoreError::BadLabel { .. }));
        assert!(expected, "{at}: {refused:?}");
    }
    assert_eq!(store.wakeups().await.expect("they are listed").len(), 1, "nothing was imported");
    store.import(sound).await.expect("the sound one is");
}

/// In both directions. Many empty parts count as well.
pub async fn a_run_that_is_too_large_stays(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let small = ExportedRun { uid: uid_of(9), ..store.export(run).await.expect("it is exported") };
    for (seq, at) in (2..).zip(0..5) {
        let blobs = vec![Blob::new(vec![at; 60 << 20])];
        store.commit(Commit { blobs, ..step(run, seq) }).await.expect("it commits");
    }
    let refused = store.export(run).await.map(|exported| exported.blobs.len());
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })), "{refused:?}");
    let parts = RUN_BYTES_MAX / 64;
    let batches = (1..=parts as u64).map(|seq| Batch { seq, events: b"x".to_vec() }).collect();
    let refused = store.import(ExportedRun { batches, ..small }).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })), "{refused:?}");
}
