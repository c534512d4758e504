//! Who owns a run.

use std::sync::Arc;

use jackfield_flow::run::{Fence, Millis, RunId};

use super::{DONE, RUNNING, T0, new_run, start, start_and_end, start_as, step, wake_after, worker};
use crate::{Claimed, Commit, NewRun, RunState, Store, StoreError, Summary, Wake, Wakeup};

const FAR: i64 = 1_000_000;

/// Each claim makes the fence higher and names the owner.
pub async fn a_claim_raises_the_fence(store: Arc<dyn Store>) {
    let run = start(&*store, NewRun { worker: None, ..new_run(1) }).await;
    for (name, fence) in [("w1", 1), ("w2", 2), ("w2", 3)] {
        let claimed = store.claim(run, worker(name), Millis(T0.0 + 5)).await;
        assert_eq!(claimed, Ok(Claimed { run, fence: Fence(fence) }));
        let row = store.row(run).await.expect("it is there");
        assert_eq!((row.fence, row.worker, row.seq), (Fence(fence), Some(worker(name)), 1));
    }
}

/// Nobody can own what has ended.
pub async fn a_finished_run_cannot_be_claimed(store: Arc<dyn Store>) {
    let run = start_and_end(&*store, new_run(1), 1).await;
    let refused = store.claim(run, worker("w2"), T0).await;
    assert_eq!(refused, Err(StoreError::AlreadyFinished { run, state: RunState::Done }));
    assert_eq!(store.row(run).await.expect("it is there").fence, Fence(1));
}

/// Every operation says so, also for numbers that no store can have given.
pub async fn an_unknown_run_is_not_found(store: Arc<dyn Store>) {
    start(&*store, new_run(1)).await;
    for run in [RunId(0), RunId(99), RunId(u64::MAX)] {
        assert_eq!(store.claim(run, worker("w1"), T0).await, Err(StoreError::NotFound { run }));
        assert_eq!(store.load(run).await, Err(StoreError::NotFound { run }));
        assert_eq!(store.row(run).await, Err(StoreError::NotFound { run }));
        assert_eq!(store.commit(step(run, 2)).await, Err(StoreError::NotFound { run }));
    }
}

/// Those that are ready come first, then by time.
pub async fn due_runs_are_claimed_longest_due_first(store: Arc<dyn Store>) {
    let late = start_as(&*store, 1, RunState::Running, wake_after(-10)).await;
    let later = start_as(&*store, 2, RunState::Running, wake_after(-20)).await;
    let lost = start_as(&*store, 3, RunState::Waiting, Wake::Ready).await;
    let now = start_as(&*store, 4, RunState::Running, wake_after(0)).await;
    let claim = async |limit| {
        let claimed = store.claim_due(worker("w1"), T0, limit).await.expect("they are claimed");
        claimed.into_iter().map(|one| (one.run, one.fence)).collect::<Vec<_>>()
    };
    assert_eq!(claim(0).await, []);
    assert_eq!(claim(2).await, [(lost, Fence(1)), (later, Fence(1))]);
    assert_eq!(claim(10).await, [(late, Fence(1)), (now, Fence(1))]);
    assert_eq!(claim(10).await, [], "all are its own by now");
    let other = store.claim_due(worker("w2"), T0, 10).await.expect("another worker claims");
    assert_eq!(other.iter().map(|one| one.fence).collect::<Vec<_>>(), [Fence(2); 4]);
}

/// A worker is not given what it has, nor what is not due.
pub async fn own_and_future_runs_are_not_due(store: Arc<dyn Store>) {
    start(&*store, new_run(1)).await;
    let future = start_as(&*store, 2, RunState::Running, wake_after(1)).await;
    assert_eq!(store.claim_due(worker("w1"), T0, 10).await, Ok(Vec::new()));
    let claimed = store.claim_due(worker("w1"), T0.after(1), 10).await;
    assert_eq!(claimed, Ok(vec![Claimed { run: future, fence: Fence(1) }]));
}

/// However late it is: what it waits for has not come. A message's bearer claims it by name.
pub async fn a_run_that_waits_for_a_message_is_not_due(store: Arc<dyn Store>) {
    let waiting = start_as(&*store, 1, RunState::Running, Wake::Message).await;
    assert_eq!(store.claim_due(worker("w1"), Millis(i64::MAX), 10).await, Ok(Vec::new()));
    let claimed = store.claim(waiting, worker("w1"), T0).await;
    assert_eq!(claimed, Ok(Claimed { run: waiting, fence: Fence(1) }));
    let ready = Commit { summary: RUNNING, ..step(waiting, 2) };
    store.commit(ready).await.expect("the message made it ready");
    let claimed = store.claim_due(worker("w2"), T0, 10).await;
    assert_eq!(claimed, Ok(vec![Claimed { run: waiting, fence: Fence(2) }]));
}

/// However long ago they wanted to be woken.
pub async fn finished_runs_are_never_due(store: Arc<dyn Store>) {
    for (uid, state) in [(1, RunState::Done), (2, RunState::Failed), (3, RunState::Cancelled)] {
        let run = start(&*store, new_run(uid)).await;
        let summary = Summary { state, ..DONE };
        store.commit(Commit { summary, ..step(run, 2) }).await.expect("it ends");
    }
    assert_eq!(store.claim_due(worker("w2"), Millis(T0.0 + FAR), 10).await, Ok(Vec::new()));
    assert_eq!(store.wakeups().await, Ok(Vec::new()));
}

/// Rule 13 of the promise: all of them, with what wakes them as of the last commit.
pub async fn unfinished_runs_have_wakeups(store: Arc<dyn Store>) {
    let sleeping = start_as(&*store, 1, RunState::Running, wake_after(500)).await;
    let blocked = start_as(&*store, 2, RunState::Blocked, Wake::Message).await;
    start_and_end(&*store, new_run(3), 1).await;
    let moved = start(&*store, new_run(4)).await;
    for (seq, wake) in [(2, wake_after(900)), (3, Wake::Message), (4, Wake::Ready), (5, wake_after(-1))] {
        store.commit(Commit { summary: Summary { wake: Some(wake), ..RUNNING }, ..step(moved, seq) }).await.expect("it commits");
        let wakeups = vec![
            Wakeup { run: sleeping, wake: wake_after(500) },
            Wakeup { run: blocked, wake: Wake::Message },
            Wakeup { run: moved, wake },
        ];
        assert_eq!(store.wakeups().await, Ok(wakeups));
    }
}
