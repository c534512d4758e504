//! Results that are remembered beyond their runs.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::RunId;

use super::{DONE, new_run, start, step};
use crate::limits::{CACHE_BITE, CACHE_BYTES_MAX, CACHE_ENTRIES_MAX, CACHE_VALUE_BYTES_MAX, CACHE_WRITES_MAX};
use crate::{CacheWrite, Commit, PruneQuery, Store, StoreError};

fn key(number: usize) -> Digest {
    Digest::of(&number.to_le_bytes())
}

fn write(number: usize, value: impl Into<Arc<[u8]>>) -> CacheWrite {
    CacheWrite { key: key(number), value: value.into() }
}

async fn keep(store: &dyn Store, run: RunId, seq: u64, cache: Vec<CacheWrite>) {
    store.commit(Commit { cache, ..step(run, seq) }).await.expect("it commits");
}

async fn read(store: &dyn Store, number: usize) -> Option<Vec<u8>> {
    store.cached(key(number)).await.expect("it is read").map(|value| value.to_vec())
}

/// With the commit that found it.
pub async fn a_result_is_remembered(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    assert_eq!(read(&*store, 1).await, None);
    keep(&*store, run, 2, vec![write(1, *b"one"), write(2, vec![b'x'; 5_000]), write(3, *b"")]).await;
    assert_eq!(read(&*store, 1).await.as_deref(), Some(&b"one"[..]));
    assert_eq!(read(&*store, 2).await, Some(vec![b'x'; 5_000]));
    assert_eq!(read(&*store, 3).await.as_deref(), Some(&b""[..]));
    assert_eq!(read(&*store, 4).await, None);
}

/// P7's rule 7 for the cache: the later ones adopt it.
pub async fn the_first_result_wins(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    keep(&*store, run, 2, vec![write(1, *b"first"), write(1, *b"second")]).await;
    keep(&*store, run, 3, vec![write(1, *b"third")]).await;
    assert_eq!(read(&*store, 1).await.as_deref(), Some(&b"first"[..]));
}

/// Nor when there are too many.
pub async fn a_refused_commit_caches_nothing(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    assert!(store.commit(Commit { cache: vec![write(1, *b"x")], ..step(run, 9) }).await.is_err());
    let many = (0..=CACHE_WRITES_MAX).map(|number| write(number, *b"x")).collect();
    let refused = store.commit(Commit { cache: many, ..step(run, 2) }).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { size: 1_001, .. })), "{refused:?}");
    assert_eq!(read(&*store, 1).await, None);
}

/// That is what it is for.
pub async fn a_cache_outlives_its_run(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    store.commit(Commit { summary: DONE, cache: vec![write(1, *b"x")], ..step(run, 2) }).await.expect("it ends");
    let all = PruneQuery { finished_before: Some(super::T0.after(1)), limit: 9, ..PruneQuery::default() };
    assert_eq!(store.prune(all).await.expect("it prunes").runs, 1);
    assert_eq!(read(&*store, 1).await.as_deref(), Some(&b"x"[..]));
}

/// One in, one out, those first that came first.
pub async fn old_results_make_room_for_new_ones(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let mut seq = 1;
    for first in (0..CACHE_ENTRIES_MAX).step_by(CACHE_WRITES_MAX) {
        seq += 1;
        keep(&*store, run, seq, (first..first + CACHE_WRITES_MAX).map(|number| write(number, *b"x")).collect()).await;
    }
    assert!(read(&*store, 0).await.is_some() && read(&*store, CACHE_ENTRIES_MAX - 1).await.is_some());
    let new = CACHE_ENTRIES_MAX..CACHE_ENTRIES_MAX + CACHE_BITE + 1;
    keep(&*store, run, seq + 1, new.map(|number| write(number, *b"new")).collect()).await;
    assert_eq!(read(&*store, CACHE_BITE - 1).await, None);
    assert!(read(&*store, CACHE_BITE).await.is_some());
    assert!(read(&*store, CACHE_ENTRIES_MAX + CACHE_BITE - 1).await.is_some());
    assert_eq!(read(&*store, CACHE_ENTRIES_MAX + CACHE_BITE).await, None, "one commit makes room for so many and no more");
}

/// A large one waits until enough small ones are gone, and is not kept before.
pub async fn bytes_make_room_in_small_bites(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let small = CACHE_BITE + 10;
    keep(&*store, run, 2, (0..small).map(|number| write(number, *b"x")).collect()).await;
    let large: Arc<[u8]> = vec![b'a'; CACHE_VALUE_BYTES_MAX].into();
    let fits = CACHE_BYTES_MAX / CACHE_VALUE_BYTES_MAX - 1;
    for (at, seq) in (0..fits).zip(3..) {
        keep(&*store, run, seq, vec![write(1_000 + at, large.clone())]).await;
    }
    assert!(read(&*store, 0).await.is_some(), "so far there was room");
    let seq = fits as u64 + 3;
    keep(&*store, run, seq, vec![write(2_000, large.clone())]).await;
    assert!(read(&*store, 2_000).await.is_none() && read(&*store, CACHE_BITE - 1).await.is_none());
    assert!(read(&*store, CACHE_BITE).await.is_some());
    keep(&*store, run, seq + 1, vec![write(2_000, large.clone())]).await;
    assert!(read(&*store, 2_000).await.is_some() && read(&*store, small - 1).await.is_none());
    assert!(read(&*store, 1_000).await.is_some(), "no more than needed");
}

/// It would cost too many others their place.
pub async fn a_large_result_is_not_kept(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let writes = vec![write(1, vec![0; CACHE_VALUE_BYTES_MAX + 1]), write(2, vec![0; CACHE_VALUE_BYTES_MAX])];
    keep(&*store, run, 2, writes).await;
    assert_eq!(read(&*store, 1).await, None);
    assert!(read(&*store, 2).await.is_some());
}
