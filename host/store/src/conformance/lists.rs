//! Rows and lists.

use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};

use super::{DONE, RUNNING, T0, new_run, start, start_and_end, start_as, step, wake_after};
use crate::{Commit, Depth, Family, ListQuery, NewRun, PruneQuery, RunState, Store, Summary, Wake};

/// What a commit says of the run is what the row shows.
pub async fn rows_follow_commits(store: Arc<dyn Store>) {
    let run = start(&*store, new_run(1)).await;
    let turns = [
        RUNNING,
        Summary { steps_done: 1, ..RUNNING },
        Summary { steps_done: 1, wake: Some(wake_after(50)), ..RUNNING },
        Summary { steps_done: 2, wake: Some(wake_after(50)), ..RUNNING },
        Summary { state: RunState::Blocked, wake: Some(Wake::Message), steps_total: 9, ..RUNNING },
        RUNNING,
        DONE,
    ];
    for (seq, summary) in (2..).zip(turns) {
        let at = T0.after(seq);
        store.commit(Commit { summary, at, ..step(run, seq) }).await.expect("it commits");
        let row = store.row(run).await.expect("it is there");
        assert_eq!((row.summary, row.seq, row.changed_at, row.created_at), (summary, seq, at, T0));
    }
}

/// All runs of a query, page by page.
async fn pages(store: &dyn Store, mut query: ListQuery) -> Vec<RunId> {
    let mut runs = Vec::new();
    loop {
        let page = store.list(query.clone()).await.expect("a page");
        assert!(page.rows.len() <= query.limit as usize);
        runs.extend(page.rows.into_iter().map(|row| row.run));
        query.before = page.next;
        if query.before.is_none() {
            return runs;
        }
    }
}

/// Whatever the size of the page.
pub async fn lists_are_newest_first_and_paged(store: Arc<dyn Store>) {
    assert_eq!(pages(&*store, ListQuery { limit: 3, ..ListQuery::default() }).await, []);
    let mut runs = Vec::new();
    for uid in 0..10 {
        runs.push(start(&*store, new_run(uid)).await);
    }
    runs.reverse();
    for limit in [1, 3, 9, 10, 11] {
        assert_eq!(pages(&*store, ListQuery { limit, ..ListQuery::default() }).await, runs, "pages of {limit}");
    }
    let whole = store.list(ListQuery::default()).await.expect("a page");
    assert_eq!((whole.rows.len(), whole.next), (10, None), "no limit is the largest");
    assert_eq!(whole.rows[0], store.row(runs[0]).await.expect("it is there"), "a row is the same in a list");
    let beyond = ListQuery { before: Some(RunId(u64::MAX)), limit: 500, ..ListQuery::default() };
    assert_eq!(pages(&*store, beyond).await, runs);
}

/// By state, by workflow, by both.
pub async fn lists_are_filtered(store: Arc<dyn Store>) {
    let weekly = |uid| NewRun { workflow: "weekly".into(), ..new_run(uid) };
    let a = start(&*store, new_run(1)).await;
    let b = start_and_end(&*store, new_run(2), 1).await;
    let c = start(&*store, weekly(3)).await;
    let d = start_and_end(&*store, weekly(4), 1).await;
    let e = start_as(&*store, 5, RunState::Waiting, Wake::Ready).await;
    let list = async |state: Option<RunState>, workflow: Option<&str>| {
        let states = state.into_iter().collect();
        pages(&*store, ListQuery { states, workflow: workflow.map(Into::into), limit: 2, ..ListQuery::default() }).await
    };
    assert_eq!(list(Some(RunState::Running), None).await, [c, a]);
    assert_eq!(list(Some(RunState::Done), None).await, [d, b]);
    assert_eq!(list(Some(RunState::Failed), None).await, []);
    assert_eq!(list(Some(RunState::Waiting), None).await, [e]);
    assert_eq!(list(None, Some("weekly")).await, [d, c]);
    assert_eq!(list(None, Some("daily")).await, [e, b, a]);
    assert_eq!(list(Some(RunState::Running), Some("weekly")).await, [c]);
    assert_eq!(list(Some(RunState::Done), Some("daily")).await, [b]);
    assert_eq!(list(None, Some("week")).await, []);
    for (uid, state) in [(6, RunState::Failed), (7, RunState::Cancelled)] {
        start(&*store, NewRun { summary: Summary { state, ..DONE }, worker: None, ..new_run(uid) }).await;
    }
    let failed = RunId(e.0 + 1);
    let cancelled = RunId(e.0 + 2);
    for (states, found) in [
        (vec![RunState::Failed], vec![failed]),
        (vec![RunState::Failed, RunState::Cancelled], vec![cancelled, failed]),
        (vec![RunState::Waiting, RunState::Running], vec![e, c, a]),
        (vec![RunState::Waiting, RunState::Failed], vec![failed, e]),
        (RunState::ALL.to_vec(), vec![cancelled, failed, e, d, c, b, a]),
    ] {
        assert_eq!(pages(&*store, ListQuery { states: states.clone(), limit: 2, ..ListQuery::default() }).await, found, "{states:?}");
    }
}

/// A06: `limit=10⁹` is the largest page.
pub async fn a_list_has_a_largest_page(store: Arc<dyn Store>) {
    let replies: Vec<_> = (0..510).map(|uid| store.create(new_run(uid))).collect();
    for reply in replies {
        reply.await.expect("it starts");
    }
    for limit in [0, 500, 501, u32::MAX] {
        let page = store.list(ListQuery { limit, ..ListQuery::default() }).await.expect("a page");
        assert_eq!(page.rows.len(), 500);
        assert_eq!(page.next, page.rows.last().map(|row| row.run));
    }
}

/// Top-level runs, all runs, or the children of one, each with the other filters.
pub async fn lists_show_families(store: Arc<dyn Store>) {
    let below = |uid, parent| NewRun { parent: Some(parent), ..new_run(uid) };
    let a = start(&*store, new_run(1)).await;
    let b = start(&*store, below(2, a)).await;
    let c = start(&*store, new_run(3)).await;
    let d = start_and_end(&*store, below(4, a), 1).await;
    let e = start(&*store, below(5, b)).await;
    let list = async |family, states: &[RunState]| {
        pages(&*store, ListQuery { family, states: states.to_vec(), limit: 1, ..ListQuery::default() }).await
    };
    assert_eq!(list(Family::TopLevel, &[]).await, [c, a]);
    assert_eq!(list(Family::All, &[]).await, [e, d, c, b, a]);
    assert_eq!(list(Family::ChildrenOf(a), &[]).await, [d, b]);
    assert_eq!(list(Family::ChildrenOf(b), &[]).await, [e]);
    assert_eq!(list(Family::ChildrenOf(c), &[]).await, []);
    assert_eq!(list(Family::ChildrenOf(RunId(0)), &[]).await, []);
    assert_eq!(list(Family::ChildrenOf(RunId(u64::MAX)), &[]).await, []);
    assert_eq!(list(Family::All, &[RunState::Done]).await, [d]);
    assert_eq!(list(Family::TopLevel, &[RunState::Done]).await, []);
    assert_eq!(list(Family::TopLevel, &[RunState::Running]).await, [c, a]);
    assert_eq!(list(Family::ChildrenOf(a), &[RunState::Running]).await, [b]);
}

/// By when they began, which need not be the order of their numbers.
pub async fn lists_are_filtered_by_time(store: Arc<dyn Store>) {
    let mut runs = Vec::new();
    for (uid, began) in [(1, 10), (2, 30), (3, 20), (4, 20), (5, 40)] {
        runs.push(start(&*store, NewRun { at: Millis(T0.0 + began), ..new_run(uid) }).await);
    }
    let [a, b, c, d, e] = runs[..] else { unreachable!("five were started") };
    let at = |ms: i64| Some(Millis(T0.0 + ms));
    for (began_from, began_until, found) in [
        (None, None, vec![e, b, d, c, a]),
        (at(20), None, vec![e, b, d, c]),
        (at(21), None, vec![e, b]),
        (None, at(20), vec![a]),
        (at(10), at(30), vec![d, c, a]),
        (at(31), at(31), vec![]),
        (Some(Millis(i64::MIN)), Some(Millis(i64::MAX)), vec![e, b, d, c, a]),
    ] {
        for limit in [1, 2, 9] {
            for (family, workflow) in [(Family::TopLevel, None), (Family::All, None), (Family::All, Some("daily".into()))] {
                let query = ListQuery { began_from, began_until, family, workflow, limit, ..ListQuery::default() };
                assert_eq!(pages(&*store, query.clone()).await, found, "{query:?}");
            }
        }
    }
}

/// The page after a run that is gone begins where it was.
pub async fn lists_go_on_after_a_pruned_run(store: Arc<dyn Store>) {
    let a = start(&*store, new_run(1)).await;
    let b = start(&*store, new_run(2)).await;
    let gone = start_and_end(&*store, new_run(3), 1).await;
    let c = start(&*store, new_run(4)).await;
    let first = store.list(ListQuery { limit: 2, ..ListQuery::default() }).await.expect("a page");
    assert_eq!((first.rows[0].run, first.next), (c, Some(gone)));
    store.prune(PruneQuery { finished_before: Some(T0.after(9)), limit: 1, ..PruneQuery::default() }).await.expect("it prunes");
    assert_eq!(pages(&*store, ListQuery { before: first.next, limit: 2, ..ListQuery::default() }).await, [b, a]);
    assert_eq!(pages(&*store, ListQuery { before: Some(RunId(0)), limit: 2, ..ListQuery::default() }).await, []);
}

/// And a check of a sound store finds nothing.
pub async fn health_counts_the_unfinished(store: Arc<dyn Store>) {
    start(&*store, new_run(1)).await;
    start_as(&*store, 2, RunState::Blocked, Wake::Message).await;
    start_and_end(&*store, new_run(3), 1).await;
    for depth in [Depth::Glance, Depth::Check] {
        let health = store.health(depth).await.expect("it is well");
        assert_eq!((health.unfinished, health.damaged), (2, Vec::new()));
        assert_eq!(health.writes, 4);
        assert!(health.transactions > 0 && health.transactions <= health.writes);
    }
}
