//! Labels, and how long a run is kept.

use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};

use super::{T0, new_run, start, start_and_end, step};
use crate::limits::RETAIN_MS_MAX;
use crate::{Family, Label, ListQuery, NewRun, Relabel, Store, StoreError};

fn labels(labels: &[(&str, &str)]) -> Vec<Label> {
    labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn relabel(run: RunId, set: &[(&str, &str)], remove: &[&str]) -> Relabel {
    Relabel { run, set: labels(set), remove: remove.iter().map(|key| (*key).into()).collect() }
}

async fn labels_of(store: &dyn Store, run: RunId) -> Vec<Label> {
    store.row(run).await.expect("it is there").labels
}

/// The row shows them by key, also when the run is loaded.
pub async fn labels_are_stored_and_changed(store: Arc<dyn Store>) {
    let run = start(&*store, NewRun { labels: labels(&[("team", "blue"), ("env", "prod")]), ..new_run(1) }).await;
    let other = start(&*store, new_run(2)).await;
    assert_eq!(labels_of(&*store, run).await, labels(&[("env", "prod"), ("team", "blue")]));
    store.relabel(relabel(run, &[("team", "red"), ("a/b.c-d_1", "")], &["env", "unknown"])).await.expect("it is changed");
    assert_eq!(labels_of(&*store, run).await, labels(&[("a/b.c-d_1", ""), ("team", "red")]));
    assert_eq!(store.load(run).await.expect("it loads").row.labels.len(), 2);
    store.relabel(relabel(run, &[("team", "green")], &["team"])).await.expect("removing comes before setting");
    assert_eq!(labels_of(&*store, run).await, labels(&[("a/b.c-d_1", ""), ("team", "green")]));
    assert_eq!(labels_of(&*store, other).await, []);
    assert_eq!(store.relabel(relabel(RunId(99), &[], &[])).await, Err(StoreError::NotFound { run: RunId(99) }));
}

/// Labels are what people say of a run, not what it did.
pub async fn a_finished_run_is_relabelled(store: Arc<dyn Store>) {
    let run = start_and_end(&*store, new_run(1), 5).await;
    let before = store.row(run).await.expect("it is there");
    store.relabel(relabel(run, &[("seen", "yes")], &[])).await.expect("it is changed");
    let after = store.row(run).await.expect("it is there");
    assert_eq!(after, crate::RunRow { labels: labels(&[("seen", "yes")]), ..before });
    let open = start(&*store, new_run(2)).await;
    store.relabel(relabel(open, &[("seen", "no")], &[])).await.expect("without a fence");
    store.commit(step(open, 2)).await.expect("its owner notices nothing");
}

/// Too many, too long, of other characters, or one twice.
pub async fn bad_labels_are_refused(store: Arc<dyn Store>) {
    let many: Vec<Label> = (0..33).map(|at| (format!("k{at}").into(), "v".into())).collect();
    let run = start(&*store, NewRun { labels: many[..32].to_vec(), ..new_run(1) }).await;
    let (long_key, long_value) = ("k".repeat(65), "v".repeat(257));
    let bad = [
        many.clone(),
        labels(&[(&long_key, "v")]),
        labels(&[("k", &long_value)]),
        labels(&[("", "v")]),
        labels(&[("Team", "v")]),
        labels(&[("a b", "v")]),
        labels(&[("é", "v")]),
        labels(&[("k", "1"), ("k", "2")]),
    ];
    for set in bad {
        let refused = store.create(NewRun { labels: set.clone(), ..new_run(2) }).await;
        assert!(matches!(refused, Err(StoreError::BadLabel { .. } | StoreError::TooLarge { .. })), "{refused:?}");
        let refused = store.relabel(Relabel { run, set, remove: Vec::new() }).await;
        assert!(matches!(refused, Err(StoreError::BadLabel { .. } | StoreError::TooLarge { .. })), "{refused:?}");
    }
    let one_more = store.relabel(relabel(run, &[("one-more", "v")], &[])).await;
    assert!(matches!(one_more, Err(StoreError::TooLarge { size: 33, limit: 32, .. })), "{one_more:?}");
    assert_eq!(labels_of(&*store, run).await.len(), 32);
    store.relabel(relabel(run, &[("one-more", "v")], &["k0"])).await.expect("one goes, one comes");
    let largest = labels(&[(&long_key[1..], &long_value[1..])]);
    start(&*store, NewRun { labels: largest, ..new_run(3) }).await;
    assert_eq!(store.wakeups().await.expect("they are listed").len(), 2);
}

/// All that are asked for, in the order of every list, with the other filters.
pub async fn lists_are_filtered_by_label(store: Arc<dyn Store>) {
    let with = |uid, set: &[(&str, &str)]| NewRun { labels: labels(set), ..new_run(uid) };
    let a = start(&*store, with(1, &[("team", "blue"), ("env", "prod")])).await;
    let b = start(&*store, with(2, &[("team", "blue"), ("env", "test")])).await;
    let c = start(&*store, with(3, &[("team", "red"), ("env", "prod")])).await;
    let d = start(&*store, NewRun { at: Millis(T0.0 - 9), ..with(4, &[("team", "blue"), ("env", "prod")]) }).await;
    let child = start(&*store, NewRun { parent: Some(a), ..with(5, &[("team", "blue")]) }).await;
    let list = async |set: &[(&str, &str)], query: ListQuery| {
        let (mut query, mut runs) = (ListQuery { labels: labels(set), limit: 1, ..query }, Vec::new());
        loop {
            let page = store.list(query.clone()).await.expect("a page");
            runs.extend(page.rows.into_iter().map(|row| row.run));
            query.before = page.next;
            if query.before.is_none() {
                return runs;
            }
        }
    };
    let all = ListQuery::default;
    assert_eq!(list(&[("team", "blue")], all()).await, [b, a, d]);
    assert_eq!(list(&[("env", "prod"), ("team", "blue")], all()).await, [a, d]);
    assert_eq!(list(&[("team", "blue"), ("env", "prod")], all()).await, [a, d]);
    assert_eq!(list(&[("team", "blue"), ("team", "red")], all()).await, []);
    assert_eq!(list(&[("team", "blu")], all()).await, []);
    assert_eq!(list(&[("team", "blue")], ListQuery { family: Family::All, ..all() }).await, [child, b, a, d]);
    assert_eq!(list(&[("team", "blue")], ListQuery { family: Family::ChildrenOf(a), ..all() }).await, [child]);
    assert_eq!(list(&[("team", "blue")], ListQuery { began_from: Some(T0), ..all() }).await, [b, a]);
    assert_eq!(list(&[("team", "blue")], ListQuery { workflow: Some("weekly".into()), ..all() }).await, []);
    store.relabel(relabel(d, &[("team", "red")], &[])).await.expect("it is changed");
    store.relabel(relabel(a, &[], &["team"])).await.expect("it is changed");
    assert_eq!(list(&[("team", "blue")], all()).await, [b]);
    assert_eq!(list(&[("team", "red")], all()).await, [c, d]);
    let many: Vec<(&str, &str)> = vec![("team", "red"); 100];
    assert_eq!(list(&many, all()).await, [], "no run has so many");
}

/// Longer is a mistake in the unit.
pub async fn a_run_is_kept_for_a_thousand_years_at_most(store: Arc<dyn Store>) {
    let keeping = |uid, retain_ms| NewRun { retain_ms: Some(retain_ms), ..new_run(uid) };
    let refused = store.create(keeping(1, RETAIN_MS_MAX + 1)).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { limit: RETAIN_MS_MAX, .. })), "{refused:?}");
    let run = start_and_end(&*store, keeping(1, RETAIN_MS_MAX), i64::MAX - T0.0).await;
    assert_eq!(store.row(run).await.expect("it is there").retain_ms, Some(RETAIN_MS_MAX));
}
