//! Payloads, savepoints and logs.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::RunId;

use super::{new_run, start, step};
use crate::{Blob, Commit, LogChunk, LogQuery, Place, Savepoint, SavepointWrite, Store, StoreError};

const STEP: Place = Place { step: 1, item: None };
const ITEM: Place = Place { step: 1, item: Some(0) };

/// Empty, small, compressible and large; twice in one commit and again in another.
pub async fn payloads_come_back(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let blobs = [Blob::new(Vec::new()), Blob::new(*b"small"), Blob::new(vec![b'a'; 5_000]), Blob::new(vec![1; 3 << 20])];
    let twice: Vec<Blob> = blobs.iter().chain(&blobs).cloned().collect();
    store.commit(Commit { blobs: twice, ..step(run, 2) }).await.expect("it commits");
    store.commit(Commit { blobs: blobs.to_vec(), ..step(run, 3) }).await.expect("it commits again");
    for blob in blobs {
        assert_eq!(store.blob(blob.digest()).await.as_ref(), Ok(blob.bytes()));
    }
}

/// A digest that nothing has.
pub async fn an_unknown_payload_is_not_found(store: Arc<dyn Store>) {
    let digest = Digest::of(b"nobody stored this");
    assert_eq!(store.blob(digest).await, Err(StoreError::NoBlob { digest }));
}

/// A step and its items have each their own.
pub async fn savepoints_are_replaced_and_dropped(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let other = start(&*store, new_run(2)).await;
    let save = |place, attempt, data: &[u8]| Some(SavepointWrite { place, attempt, data: data.to_vec() });
    let read = async |place| {
        let savepoint = store.savepoint(run, place).await.expect("it is read");
        savepoint.map(|Savepoint { attempt, data }| (attempt, String::from_utf8_lossy(&data).into_owned()))
    };
    store.commit(Commit { savepoint: save(STEP, 1, b"a"), ..step(run, 2) }).await.expect("it commits");
    store.commit(Commit { savepoint: save(ITEM, 1, b"b"), ..step(run, 3) }).await.expect("it commits");
    store.commit(Commit { savepoint: save(STEP, 2, b""), ..step(run, 4) }).await.expect("it commits");
    assert_eq!((read(STEP).await, read(ITEM).await), (Some((2, String::new())), Some((1, "b".to_owned()))));
    assert_eq!(store.savepoint(other, STEP).await, Ok(None), "another run has its own");
    let drop_savepoints = vec![STEP, Place { step: 7, item: Some(7) }];
    store.commit(Commit { drop_savepoints, ..step(run, 5) }).await.expect("it commits");
    assert_eq!((read(STEP).await, read(ITEM).await), (None, Some((1, "b".to_owned()))));
    let both = Commit { drop_savepoints: vec![ITEM], savepoint: save(ITEM, 3, b"new"), ..step(run, 6) };
    store.commit(both).await.expect("it commits");
    assert_eq!(read(ITEM).await, Some((3, "new".to_owned())), "dropping comes before keeping");
}

fn chunk(place: Place, attempt: u32, text: &str) -> LogChunk {
    LogChunk { place, attempt, bytes: text.as_bytes().to_vec() }
}

async fn read(store: &dyn Store, run: RunId, step: Option<u32>) -> Vec<String> {
    let page = store.logs(LogQuery { run, step, after: None }).await.expect("logs are read");
    assert_eq!(page.next, None);
    page.chunks.into_iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect()
}

/// By step, item and attempt, and within one attempt by time.
pub async fn logs_are_ordered_and_filtered(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let other = start(&*store, new_run(2)).await;
    let last = Place { step: u32::MAX, item: Some(u32::MAX) };
    let first = Place { step: 0, item: None };
    let logs = vec![chunk(last, 1, "last"), chunk(ITEM, 1, "item"), chunk(STEP, 2, "again"), chunk(STEP, 1, "one")];
    store.commit(Commit { logs, ..step(run, 2) }).await.expect("it commits");
    let logs = vec![chunk(STEP, 1, "two"), chunk(STEP, 1, "three"), chunk(first, 1, "first")];
    store.commit(Commit { logs, ..step(run, 3) }).await.expect("it commits");
    store.commit(Commit { logs: vec![chunk(STEP, 1, "other")], ..step(other, 2) }).await.expect("it commits");
    assert_eq!(read(&*store, run, None).await, ["first", "one", "two", "three", "again", "item", "last"]);
    assert_eq!(read(&*store, run, Some(1)).await, ["one", "two", "three", "again", "item"]);
    assert_eq!(read(&*store, run, Some(0)).await, ["first"]);
    assert_eq!(read(&*store, run, Some(2)).await, [""; 0]);
    assert_eq!(read(&*store, other, None).await, ["other"]);
    assert_eq!(read(&*store, RunId(99), None).await, [""; 0]);
}

/// A reader never holds more than a few MiB, and loses nothing between two pages.
pub async fn logs_are_paged(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    for seq in 2..14 {
        let place = Place { step: 0, item: u32::try_from(seq).ok() };
        let logs = vec![LogChunk { place, attempt: 1, bytes: vec![b'x'; 1 << 20] }];
        store.commit(Commit { logs, ..step(run, seq) }).await.expect("it commits");
    }
    let (mut items, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = store.logs(LogQuery { run, step: Some(0), after }).await.expect("logs are read");
        assert!(page.chunks.len() <= 5);
        items.extend(page.chunks.iter().filter_map(|chunk| chunk.place.item));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(items.into_iter().eq(2..14));
    assert_eq!(pages, 3);
}
