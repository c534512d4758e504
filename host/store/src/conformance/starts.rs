//! Starting runs.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, RunId};

use super::{RUNNING, T0, events, is_new, new_run, start, uid_of, worker};
use crate::{Blob, ClientKey, Created, NewRun, RunRow, Store, StoreError, Summary};

fn keyed(uid: u16, key: &str, input: &[u8]) -> NewRun {
    NewRun { client_key: Some(ClientKey { key: key.into(), input: Digest::of(input) }), ..new_run(uid) }
}

/// Row, plan, first batch and payloads come back as they went in.
pub async fn a_start_is_stored_whole(store: Arc<dyn Store>) {
    let payload = Blob::new(*b"a payload");
    let parent = start(&*store, new_run(1)).await;
    let new = NewRun {
        worker: None,
        blobs: vec![payload.clone()],
        labels: vec![("b".into(), "2".into()), ("a".into(), "1".into())],
        parent: Some(parent),
        retain_ms: Some(5),
        ..new_run(7)
    };
    let run = start(&*store, new).await;
    let stored = store.load(run).await.expect("it loads");
    let row = RunRow {
        run,
        uid: uid_of(7),
        workflow: "daily".into(),
        plan: Digest::of(b"the plan"),
        summary: RUNNING,
        fence: Fence(0),
        seq: 1,
        worker: None,
        labels: vec![("a".into(), "1".into()), ("b".into(), "2".into())],
        parent: Some(parent),
        retain_ms: Some(5),
        created_at: T0,
        changed_at: T0,
    };
    assert_eq!(stored.row, row);
    assert_eq!(&*stored.plan, b"the plan");
    assert_eq!(events(&*store, run).await, ["1: started"]);
    assert_eq!(store.blob(payload.digest()).await.as_deref(), Ok(&b"a payload"[..]));
    assert_eq!(store.row(run).await, Ok(row));
}

/// The creator is the first owner.
pub async fn a_start_may_be_claimed_at_once(store: Arc<dyn Store>) {
    let created = store.create(new_run(1)).await.expect("it starts");
    assert_eq!(created, Created::New { run: created.run(), fence: Fence(1) });
    let row = store.row(created.run()).await.expect("it is there");
    assert_eq!((row.fence, row.worker), (Fence(1), Some(worker("w1"))));
}

/// A later run has a higher number.
pub async fn runs_are_numbered_in_order(store: Arc<dyn Store>) {
    let mut last = RunId(0);
    for uid in 0..5 {
        let run = start(&*store, new_run(uid)).await;
        assert!(run > last);
        last = run;
    }
}

/// P7: same key and input, same run.
pub async fn a_client_key_starts_once(store: Arc<dyn Store>) {
    let first = store.create(keyed(1, "order-1", b"x")).await.expect("it starts");
    assert!(is_new(first));
    assert_eq!(store.create(keyed(2, "order-1", b"x")).await, Ok(Created::Existing { run: first.run() }));
    assert_eq!(store.row(first.run()).await.expect("it is there").uid, uid_of(1), "the second start changes nothing");
    assert!(is_new(store.create(keyed(3, "order-2", b"x")).await.expect("another key starts another run")));
}

/// P7: same key and other input, refused.
pub async fn a_client_key_with_another_input_is_refused(store: Arc<dyn Store>) {
    let run = start(&*store, keyed(1, "order-1", b"x")).await;
    let refused = store.create(keyed(2, "order-1", b"y")).await;
    assert_eq!(refused, Err(StoreError::KeyConflict { key: "order-1".into(), run }));
    assert_eq!(store.wakeups().await.expect("they are listed").len(), 1, "nothing was started");
}

/// P7 holds for starts that meet in one transaction, too.
pub async fn starts_with_one_key_at_once_are_one(store: Arc<dyn Store>) {
    let waiting: Vec<_> = (0..20).map(|uid| store.create(keyed(uid, "order-1", b"x"))).collect();
    let (mut new, mut runs) = (0, Vec::new());
    for reply in waiting {
        let created = reply.await.expect("each is answered with the run");
        new += usize::from(is_new(created));
        runs.push(created.run());
    }
    runs.dedup();
    assert_eq!((new, runs.len()), (1, 1));
}

/// What no caller should send is refused before it is written.
pub async fn a_malformed_start_writes_nothing(store: Arc<dyn Store>) {
    let bad = [
        NewRun { events: Vec::new(), ..new_run(1) },
        NewRun { summary: Summary { steps_done: 4, ..RUNNING }, ..new_run(1) },
        NewRun { summary: Summary { wake: None, ..RUNNING }, ..new_run(1) },
        NewRun { workflow: "w".repeat(1025).into(), ..new_run(1) },
        NewRun { worker: Some("w".repeat(1025).into()), ..new_run(1) },
        keyed(1, &"k".repeat(1025), b""),
    ];
    for new in bad {
        let refused = store.create(new).await;
        assert!(matches!(refused, Err(StoreError::Malformed(_) | StoreError::TooLarge { limit: 1024, size: 1025, .. })), "{refused:?}");
    }
    assert_eq!(store.wakeups().await, Ok(Vec::new()));
}

/// A start that is told to go again after an unknown outcome finds what it started; P6 rests on it.
pub async fn a_uid_names_one_run(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    assert_eq!(store.create(NewRun { workflow: "other".into(), ..new_run(1) }).await, Err(StoreError::UidTaken { run }));
    let keyed = store.create(keyed(1, "a key", b"x")).await;
    assert_eq!(keyed, Err(StoreError::UidTaken { run }), "and the key is not used up");
    start(&*store, self::keyed(2, "a key", b"y")).await;
    assert_eq!(store.wakeups().await.expect("they are listed").len(), 2);
}

/// A run below a run that nobody knows would never be forgotten.
pub async fn a_child_needs_its_parent(store: Arc<dyn Store>) {
    let parent = Some(RunId(99));
    assert_eq!(store.create(NewRun { parent, ..new_run(1) }).await, Err(StoreError::NotFound { run: RunId(99) }));
    assert_eq!(store.wakeups().await, Ok(Vec::new()));
}
