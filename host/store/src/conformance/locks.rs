//! Named locks.

use std::sync::Arc;

use jackfield_flow::run::{Fence, RunId};

use super::{DONE, OWNER, T0, new_run, start, start_and_end, step, worker};
use crate::limits::{LOCKS_OF_RUN_MAX, PERMITS_MAX};
use crate::{Acquired, Commit, LockHolder, LockQuery, LockRequest, Place, Store, StoreError};

const STEP: Option<Place> = Some(Place { step: 1, item: None });
const ITEM: Option<Place> = Some(Place { step: 1, item: Some(0) });

/// A mutex for a run as a whole.
fn request(name: &str, run: RunId) -> LockRequest {
    LockRequest { name: name.into(), permits: 1, run, fence: OWNER, place: None, at: T0 }
}

/// Acquires what must be free.
async fn hold(store: &dyn Store, request: LockRequest) -> u64 {
    match store.acquire(request).await {
        Ok(Acquired::Held { token }) => token,
        other => panic!("it is not held: {other:?}"),
    }
}

/// The runs and places that are in the way.
async fn busy(store: &dyn Store, request: LockRequest) -> Vec<(RunId, Option<Place>)> {
    match store.acquire(request).await {
        Ok(Acquired::Busy { holders }) => holders.into_iter().map(|holder| (holder.run, holder.place)).collect(),
        other => panic!("it is not busy: {other:?}"),
    }
}

async fn three_runs(store: &dyn Store) -> [RunId; 3] {
    [start(store, new_run(1)).await, start(store, new_run(2)).await, start(store, new_run(3)).await]
}

/// And whoever is turned away is told who it is, since when and with which token.
pub async fn a_mutex_has_one_holder(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    let token = hold(&*store, LockRequest { place: ITEM, at: T0.after(3), ..request("m", a) }).await;
    let holder = LockHolder { name: "m".into(), run: a, place: ITEM, permits: 1, since: T0.after(3), token };
    assert_eq!(store.acquire(request("m", b)).await, Ok(Acquired::Busy { holders: vec![holder] }));
    assert_eq!(busy(&*store, request("m", a)).await, [(a, ITEM)], "another place of the same run is another asker");
    hold(&*store, request("n", b)).await;
    hold(&*store, LockRequest { place: ITEM, ..request("n2", a) }).await;
}

/// Also from a later owner of the run, and with other permits.
pub async fn asking_again_gives_the_token_again(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    let token = hold(&*store, LockRequest { place: STEP, ..request("m", a) }).await;
    assert_eq!(hold(&*store, LockRequest { place: STEP, at: T0.after(9), ..request("m", a) }).await, token);
    store.claim(a, worker("w2"), T0).await.expect("it is claimed");
    let again = LockRequest { place: STEP, fence: Fence(2), permits: 5, ..request("m", a) };
    assert_eq!(hold(&*store, again).await, token);
    let holders = store.locks(LockQuery::All).await.expect("they are listed");
    assert_eq!((holders.len(), holders[0].since, holders[0].permits), (1, T0, 1), "it holds what it held");
    assert_eq!(busy(&*store, LockRequest { permits: 5, ..request("m", b) }).await, [(a, STEP)]);
}

/// However often a lock was free in between.
pub async fn tokens_only_grow(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    let mut last = 0;
    for seq in 2..6 {
        for (run, seq) in [(a, seq), (b, seq)] {
            let token = hold(&*store, request("m", run)).await;
            assert!(token > last, "{token} after {last}");
            last = token;
            store.commit(Commit { release: vec![None], ..step(run, seq) }).await.expect("it lets go");
            assert_eq!(store.locks(LockQuery::All).await, Ok(Vec::new()));
        }
    }
}

/// Nobody is among more holders than it said, whoever comes first.
pub async fn everybody_is_heard_about_permits(store: Arc<dyn Store>) {
    let [a, b, c] = three_runs(&*store).await;
    let with = |permits, run| LockRequest { permits, ..request("s", run) };
    hold(&*store, with(3, a)).await;
    assert_eq!(busy(&*store, with(1, b)).await, [(a, None)], "it wants to be alone");
    hold(&*store, with(2, b)).await;
    assert_eq!(busy(&*store, with(9, c)).await, [(a, None), (b, None)], "the second wants to be one of two");
    store.commit(Commit { release: vec![None], ..step(b, 2) }).await.expect("it lets go");
    hold(&*store, with(9, c)).await;
    hold(&*store, with(3, b)).await;
    assert_eq!(
        busy(&*store, LockRequest { place: STEP, ..with(9, b) }).await,
        [(a, None), (c, None), (b, None)],
        "in the order in which they came"
    );
}

/// All that it holds, and nothing of other places and runs.
pub async fn a_release_lets_go_of_a_place(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    for (name, place) in [("m", STEP), ("n", STEP), ("o", ITEM), ("p", None)] {
        hold(&*store, LockRequest { place, ..request(name, a) }).await;
    }
    hold(&*store, LockRequest { place: STEP, ..request("q", b) }).await;
    let names = async || {
        let holders = store.locks(LockQuery::All).await.expect("they are listed");
        holders.into_iter().map(|holder| holder.name.to_string()).collect::<Vec<_>>()
    };
    store.commit(Commit { release: vec![STEP, Some(Place { step: 9, item: None })], ..step(a, 2) }).await.expect("it lets go");
    assert_eq!(names().await, ["o", "p", "q"]);
    store.commit(Commit { release: vec![None], ..step(a, 3) }).await.expect("it lets go");
    assert_eq!(names().await, ["o", "q"]);
    hold(&*store, LockRequest { place: STEP, ..request("m", b) }).await;
}

/// In the same commit, so that a lock never outlives its holder.
pub async fn an_end_releases_everything(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    for (name, place) in [("m", STEP), ("o", ITEM), ("p", None)] {
        hold(&*store, LockRequest { place, ..request(name, a) }).await;
    }
    hold(&*store, request("q", b)).await;
    store.commit(Commit { summary: DONE, ..step(a, 2) }).await.expect("it ends");
    assert_eq!(store.locks(LockQuery::Run(a)).await, Ok(Vec::new()));
    assert_eq!(store.locks(LockQuery::All).await.expect("they are listed").len(), 1);
    hold(&*store, request("p", b)).await;
}

/// The lock goes with the step that no longer needs it, or stays with it.
pub async fn a_refused_commit_releases_nothing(store: Arc<dyn Store>) {
    let [a, b, _] = three_runs(&*store).await;
    hold(&*store, request("m", a)).await;
    assert!(store.commit(Commit { release: vec![None], ..step(a, 7) }).await.is_err());
    assert!(store.commit(Commit { summary: DONE, fence: Fence(9), ..step(a, 2) }).await.is_err());
    assert_eq!(busy(&*store, request("m", b)).await, [(a, None)]);
}

/// Like every write, and in the same order of refusals.
pub async fn locks_are_fenced(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let token = hold(&*store, request("m", run)).await;
    store.claim(run, worker("w2"), T0).await.expect("it is claimed");
    assert_eq!(store.acquire(request("m", run)).await, Err(StoreError::StaleFence { run, fence: OWNER, current: Fence(2) }));
    assert_eq!(hold(&*store, LockRequest { fence: Fence(2), ..request("m", run) }).await, token);
    assert_eq!(store.acquire(request("m", RunId(99))).await, Err(StoreError::NotFound { run: RunId(99) }));
    let run = start_and_end(&*store, new_run(2), 1).await;
    let stale = LockRequest { fence: Fence(0), ..request("m", run) };
    assert_eq!(store.acquire(stale).await, Err(StoreError::StaleFence { run, fence: Fence(0), current: OWNER }));
    assert_eq!(store.acquire(request("m", run)).await, Err(StoreError::AlreadyFinished { run, state: DONE.state }));
}

/// Beside its steps, and told apart from step 0.
pub async fn a_run_as_a_whole_holds_locks(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let first = Some(Place { step: 0, item: None });
    let last = Some(Place { step: u32::MAX, item: Some(u32::MAX) });
    let mut tokens = Vec::new();
    for place in [None, first, last] {
        tokens.push(hold(&*store, LockRequest { place, permits: 3, ..request("s", run) }).await);
    }
    assert!(tokens.is_sorted_by(|a, b| a < b));
    store.commit(Commit { release: vec![first], ..step(run, 2) }).await.expect("it lets go");
    let holders = store.locks(LockQuery::All).await.expect("they are listed");
    assert_eq!(holders.iter().map(|holder| holder.place).collect::<Vec<_>>(), [None, last]);
}

/// By name, by run, or all.
pub async fn locks_are_listed(store: Arc<dyn Store>) {
    let [a, b, c] = three_runs(&*store).await;
    for (name, run) in [("m", a), ("s", b), ("n", b), ("s", a)] {
        hold(&*store, LockRequest { permits: 2, ..request(name, run) }).await;
    }
    let list = async |query| {
        let holders = store.locks(query).await.expect("they are listed");
        holders.into_iter().map(|holder| (holder.name.to_string(), holder.run)).collect::<Vec<_>>()
    };
    let [m, s, n, s2] = [("m", a), ("s", b), ("n", b), ("s", a)].map(|(name, run)| (name.to_owned(), run));
    assert_eq!(list(LockQuery::All).await, [m.clone(), s.clone(), n.clone(), s2.clone()]);
    assert_eq!(list(LockQuery::Name("s".into())).await, [s.clone(), s2.clone()]);
    assert_eq!(list(LockQuery::Name("unknown".into())).await, []);
    assert_eq!(list(LockQuery::Run(a)).await, [m, s2]);
    assert_eq!(list(LockQuery::Run(b)).await, [s, n]);
    assert_eq!(list(LockQuery::Run(c)).await, []);
}

/// No permits, too many, or a name without end.
pub async fn a_malformed_lock_is_refused(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let with = |permits| LockRequest { permits, ..request("m", run) };
    assert!(matches!(store.acquire(with(0)).await, Err(StoreError::Malformed(_))));
    assert!(matches!(store.acquire(with(PERMITS_MAX + 1)).await, Err(StoreError::TooLarge { size: 1_001, limit: 1_000, .. })));
    let long = LockRequest { name: "n".repeat(1_025).into(), ..request("m", run) };
    assert!(matches!(store.acquire(long).await, Err(StoreError::TooLarge { size: 1_025, .. })));
    hold(&*store, with(PERMITS_MAX)).await;
}

/// However they are called.
pub async fn a_run_holds_only_so_many_locks(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let names: Vec<_> = (0..=LOCKS_OF_RUN_MAX).map(|at| store.acquire(request(&format!("lock-{at}"), run))).collect();
    let mut held = 0;
    for reply in names {
        match reply.await {
            Ok(_) => held += 1,
            Err(error) => assert!(matches!(error, StoreError::TooLarge { size: 4_097, limit: 4_096, .. }), "{error}"),
        }
    }
    assert_eq!(held, LOCKS_OF_RUN_MAX);
    hold(&*store, request("lock-7", run)).await;
}
