//! Bytes that changed on the disk.

use super::*;
use crate::{Depth, LogChunk, LogQuery, Place, SavepointWrite};

/// Flips one bit of the only place in the database where these bytes are.
fn flip(dir: &Dir, text: &[u8]) {
    let mut bytes = std::fs::read(dir.db()).expect("the file");
    let places: Vec<usize> = bytes.windows(text.len()).enumerate().filter(|(_, window)| *window == text).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 1, "{}", String::from_utf8_lossy(text));
    bytes[places[0] + text.len() / 2] ^= 1;
    std::fs::write(dir.db(), bytes).expect("written back");
}

const PLACE: Place = Place { step: 2, item: Some(1) };

/// Three runs with five batches each, closed. The second has a payload, a log and a savepoint.
async fn three_runs() -> (Dir, [RunId; 3]) {
    let dir = Dir::new();
    let store = dir.engine();
    let mut runs = [RunId(0); 3];
    for (uid, run) in (0..).zip(&mut runs) {
        *run = run_with(&store, uid, 4).await;
    }
    let parts = Commit {
        blobs: vec![Blob::new(*b"the one payload")],
        logs: vec![LogChunk { place: PLACE, attempt: 1, bytes: b"the one log".to_vec() }],
        savepoint: Some(SavepointWrite { place: PLACE, attempt: 1, data: b"the one savepoint".to_vec() }),
        ..step(runs[1], 6)
    };
    store.commit(parts).await.expect("it commits");
    drop(store);
    (dir, runs)
}

#[tokio::test]
async fn a_damaged_batch_stops_its_run_alone() {
    let (dir, runs) = three_runs().await;
    flip(&dir, format!("batch 3 of run {}", runs[1]).as_bytes());
    let store = dir.engine();
    assert_eq!(store.load(runs[1]).await, Err(StoreError::Damaged { run: runs[1], seq: 3 }));
    for run in [runs[0], runs[2]] {
        assert_eq!(store.load(run).await.expect("it loads").batches.len(), 5);
        store.commit(step(run, 6)).await.expect("it goes on");
    }
    assert!(store.health(Depth::Glance).await.expect("a glance").damaged.is_empty());
    assert_eq!(store.health(Depth::Check).await.expect("a check").damaged, [runs[1]]);
    let text = StoreError::Damaged { run: runs[1], seq: 3 }.to_string();
    assert!(text.contains("run 2") && text.contains("batch 3"), "{text}");
}

#[tokio::test]
async fn a_missing_batch_is_damage() {
    let (dir, runs) = three_runs().await;
    dir.meddle("DELETE FROM events WHERE run = 1 AND seq = 2; DELETE FROM events WHERE run = 3 AND seq = 5");
    let store = dir.engine();
    assert_eq!(store.load(runs[0]).await, Err(StoreError::Damaged { run: runs[0], seq: 2 }));
    assert_eq!(store.load(runs[2]).await, Err(StoreError::Damaged { run: runs[2], seq: 5 }));
}

#[tokio::test]
async fn a_batch_in_another_place_is_damage() {
    let (dir, runs) = three_runs().await;
    dir.meddle("UPDATE events SET data = (SELECT data FROM events WHERE run = 1 AND seq = 3) WHERE run = 1 AND seq = 4");
    assert_eq!(dir.engine().load(runs[0]).await, Err(StoreError::Damaged { run: runs[0], seq: 4 }));
}

#[tokio::test]
async fn a_damaged_plan_is_named() {
    let (dir, runs) = three_runs().await;
    flip(&dir, b"the one plan");
    let store = dir.engine();
    assert_eq!(store.load(runs[0]).await, Err(StoreError::Damaged { run: runs[0], seq: 0 }));
    assert_eq!(store.health(Depth::Check).await.expect("a check").damaged, runs);
}

#[tokio::test]
async fn damaged_parts_are_named() {
    let (dir, runs) = three_runs().await;
    for text in ["the one payload", "the one log", "the one savepoint"] {
        flip(&dir, text.as_bytes());
    }
    let store = dir.engine();
    let (run, digest) = (runs[1], Digest::of(b"the one payload"));
    let part = |what| StoreError::DamagedPart { run, place: PLACE, what };
    assert_eq!(store.blob(digest).await, Err(StoreError::DamagedBlob { digest }));
    assert_eq!(store.savepoint(run, PLACE).await, Err(part("savepoint")));
    assert_eq!(store.logs(LogQuery { run, step: None, after: None }).await, Err(part("log")));
    assert_eq!(store.load(run).await.expect("its batches are sound").batches.len(), 6);
    assert_eq!(store.health(Depth::Check).await.expect("a check").damaged, [run]);
}

#[tokio::test]
async fn a_payload_under_another_digest_is_damage() {
    let (dir, _) = three_runs().await;
    let (digest, mut other) = (Digest::of(b"the one payload"), Digest::of(b"the one payload"));
    other.0[31] ^= 1;
    let conn = rusqlite::Connection::open(dir.db()).expect("it opens");
    conn.execute("UPDATE blobs SET digest = ?2 WHERE digest = ?1", [digest.0, other.0]).expect("changed");
    drop(conn);
    let store = dir.engine();
    assert_eq!(store.blob(other).await, Err(StoreError::DamagedBlob { digest: other }));
}

#[tokio::test]
async fn a_damaged_page_is_found_by_a_check() {
    let (dir, runs) = three_runs().await;
    let root: i64 = {
        let conn = rusqlite::Connection::open(dir.db()).expect("it opens");
        conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'events'", [], |row| row.get(0)).expect("a page")
    };
    let mut bytes = std::fs::read(dir.db()).expect("the file");
    let at = usize::try_from(root - 1).expect("small") * 4096;
    bytes[at..at + 64].fill(0xff);
    std::fs::write(dir.db(), bytes).expect("written back");
    let store = dir.engine();
    assert!(matches!(store.health(Depth::Check).await, Err(StoreError::DamagedFile { .. })));
    assert_eq!(store.load(runs[0]).await, Err(StoreError::Damaged { run: runs[0], seq: 1 }));
    assert_eq!(store.row(runs[0]).await.expect("the rows are sound").seq, 5);
}
