//! Looking, beside an engine and after one.

use super::*;
use crate::ListQuery;

#[tokio::test]
async fn a_reader_sees_what_a_living_engine_writes() {
    let dir = Dir::new();
    let store = dir.engine();
    let reader = dir.reader().expect("no lock is needed");
    let run = run_with(&store, 1, 2).await;
    for seq in 4..20 {
        assert_eq!(reader.load(run).await.expect("it loads").batches.len() as u64, seq - 1);
        store.commit(step(run, seq)).await.expect("it commits");
    }
    assert_eq!(reader.list(ListQuery::default()).await.expect("a page").rows.len(), 1);
}

#[tokio::test]
async fn a_reader_sees_what_a_dead_engine_wrote_and_leaves_it() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = run_with(&store, 1, 5).await;
    let killed = dir.as_after_a_kill();
    let bytes = |dir: &Dir| (std::fs::read(dir.db()).expect("the file"), std::fs::read(dir.wal()).expect("the log"));
    let before = bytes(&killed);
    for _ in 0..2 {
        let reader = killed.reader().expect("it opens");
        assert_eq!(reader.load(run).await.expect("it loads").batches.len(), 6);
        drop(reader);
    }
    assert!(bytes(&killed) == before, "a reader changed what it looked at");
    assert_eq!(killed.engine().load(run).await.expect("it loads").batches.len(), 6);
}

#[tokio::test]
async fn a_reader_writes_nothing() {
    let dir = Dir::new();
    let run = run_with(&dir.engine(), 1, 0).await;
    let reader = dir.reader().expect("it opens");
    let now = Millis(0);
    assert_eq!(reader.create(new_run(2)).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.claim(run, "w".into(), now).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.claim_due("w".into(), now, 1).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.commit(step(run, 2)).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.prune(old(0, 1)).await, Err(StoreError::ReadOnly));
}

#[test]
fn a_reader_makes_no_store() {
    let dir = Dir::new();
    assert!(matches!(dir.reader(), Err(StoreError::Absent { .. })));
    let missing = dir.path().join("missing");
    assert!(matches!(SqliteStore::open(&missing, OpenMode::Reader), Err(StoreError::Absent { .. })));
    assert!(!missing.exists() && std::fs::read_dir(dir.path()).expect("a directory").next().is_none());
}

#[tokio::test]
async fn a_reader_does_not_keep_the_log_in_use() {
    let dir = Dir::new();
    let store = dir.engine();
    let reader = dir.reader().expect("it opens");
    let run = run_with(&store, 1, 0).await;
    for seq in 2..2_000 {
        store.commit(step(run, seq)).await.expect("it commits");
        if seq % 100 == 0 {
            reader.load(run).await.expect("it loads");
            reader.wakeups().await.expect("it reads");
        }
    }
    let log = store.health(crate::Depth::Glance).await.expect("it is well").bytes_wal;
    assert!(log < 6 << 20, "4,000 pages left a log of {log} bytes");
}

#[tokio::test]
async fn many_ask_at_once() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = run_with(&store, 1, 3).await;
    let replies: Vec<_> = (0..100).map(|_| store.load(run)).collect();
    for reply in replies {
        assert_eq!(reply.await.expect("it loads").batches.len(), 4);
    }
}
