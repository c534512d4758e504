//! What every store has to do, whatever it is made of.
//!
//! [`conformance_suite!`](crate::conformance_suite) makes one test of each case. A case gets an empty store and panics when
//! the store is wrong.

mod caches;
mod claims;
mod commits;
mod exports;
mod labels;
mod lists;
mod locks;
mod parts;
mod prunes;
mod rates;
mod starts;

use std::sync::Arc;

use jackfield_flow::run::{Fence, Millis, RunId, RunUid};

use crate::{Blob, Commit, Created, NewRun, RunState, Store, Summary, Wake};

pub use self::{caches::*, claims::*, commits::*, exports::*, labels::*, lists::*, locks::*, parts::*, prunes::*, rates::*, starts::*};

/// Makes a module with one `#[tokio::test]` per case.
///
/// The second argument is an expression for a closure that makes an empty store as `Arc<dyn Store>`, together with whatever has
/// to live as long: `|| (store, guard)`.
#[macro_export]
macro_rules! conformance_suite {
    ($module:ident, $make:expr) => {
        $crate::conformance_suite!(@cases $module, $make,
            a_start_is_stored_whole, a_start_may_be_claimed_at_once, runs_are_numbered_in_order, a_client_key_starts_once,
            a_client_key_with_another_input_is_refused, starts_with_one_key_at_once_are_one, a_malformed_start_writes_nothing, a_uid_names_one_run, a_child_needs_its_parent,
            a_claim_raises_the_fence, a_finished_run_cannot_be_claimed, an_unknown_run_is_not_found, due_runs_are_claimed_longest_due_first,
            own_and_future_runs_are_not_due, a_run_that_waits_for_a_message_is_not_due, finished_runs_are_never_due, unfinished_runs_have_wakeups,
            batches_come_back_in_order, a_wrong_number_is_refused, an_old_fence_is_refused, refusals_have_an_order,
            the_first_end_wins, a_refused_write_leaves_nothing, queued_commits_keep_their_order, many_runs_commit_at_once,
            a_malformed_commit_writes_nothing, a_large_batch_comes_back, payloads_come_back, an_unknown_payload_is_not_found,
            savepoints_are_replaced_and_dropped, logs_are_ordered_and_filtered, logs_are_paged, rows_follow_commits,
            lists_are_newest_first_and_paged, lists_are_filtered, a_list_has_a_largest_page, old_finished_runs_are_pruned,
            a_prune_has_a_limit, a_large_run_is_pruned, shared_payloads_stay_until_the_last, numbers_are_not_given_twice,
            a_pruned_key_is_free_again, expired_runs_are_pruned,
            a_prune_keeps_to_its_workflow, children_go_with_their_parents, a_large_family_is_pruned, health_counts_the_unfinished,
            a_mutex_has_one_holder, asking_again_gives_the_token_again, tokens_only_grow, everybody_is_heard_about_permits,
            a_release_lets_go_of_a_place, an_end_releases_everything, a_refused_commit_releases_nothing, locks_are_fenced,
            a_run_as_a_whole_holds_locks, locks_are_listed, a_malformed_lock_is_refused, a_run_holds_only_so_many_locks,
            starts_keep_their_distance, a_burst_after_a_pause, rates_have_names_of_their_own, a_malformed_rate_is_refused,
            a_result_is_remembered, the_first_result_wins, a_refused_commit_caches_nothing, a_cache_outlives_its_run,
            old_results_make_room_for_new_ones, bytes_make_room_in_small_bites, a_large_result_is_not_kept,
            labels_are_stored_and_changed, a_finished_run_is_relabelled, bad_labels_are_refused, lists_are_filtered_by_label,
            lists_show_families, lists_are_filtered_by_time, lists_go_on_after_a_pruned_run, a_run_is_kept_for_a_thousand_years_at_most,
            a_run_travels_whole, an_unfinished_run_travels_and_goes_on, a_run_is_imported_once, a_parent_is_found_again,
            a_damaged_import_is_refused, a_malformed_import_is_refused, a_run_that_is_too_large_stays,
        );
    };
    (@cases $module:ident, $make:expr, $($case:ident),* $(,)?) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $case() {
                    let (store, _guard) = ($make)();
                    $crate::conformance::$case(store).await;
                }
            )*
        }
    };
}

/// Any time; later ones are counted from it.
const T0: Millis = Millis(1_700_000_000_000);
const OWNER: Fence = Fence(1);

/// The plainest state of a run that goes on.
const RUNNING: Summary = Summary { state: RunState::Running, wake: Some(Wake::Ready), steps_done: 0, steps_total: 3 };
const DONE: Summary = Summary { state: RunState::Done, wake: None, steps_done: 3, steps_total: 3 };

fn worker(name: &str) -> Arc<str> {
    name.into()
}

/// A run that `w1` owns from its start.
fn new_run(uid: u16) -> NewRun {
    NewRun {
        uid: uid_of(uid),
        workflow: "daily".into(),
        plan: Blob::new(*b"the plan"),
        events: b"started".to_vec(),
        blobs: Vec::new(),
        summary: RUNNING,
        at: T0,
        worker: Some(worker("w1")),
        client_key: None,
        labels: Vec::new(),
        parent: None,
        retain_ms: None,
    }
}

/// A uid that tells runs apart.
fn uid_of(number: u16) -> RunUid {
    let mut uid = [7; 16];
    uid[..2].copy_from_slice(&number.to_be_bytes());
    RunUid(uid)
}

/// A commit that carries nothing but its events.
fn step(run: RunId, seq: u64) -> Commit {
    Commit {
        run,
        fence: OWNER,
        seq,
        events: format!("batch {seq}").into_bytes(),
        blobs: Vec::new(),
        summary: RUNNING,
        logs: Vec::new(),
        savepoint: None,
        drop_savepoints: Vec::new(),
        release: Vec::new(),
        cache: Vec::new(),
        at: T0,
    }
}

/// Starts a run, which must work.
async fn start(store: &dyn Store, new: NewRun) -> RunId {
    store.create(new).await.expect("a run starts").run()
}

/// Starts a run in this state, owned by nobody.
async fn start_as(store: &dyn Store, uid: u16, state: RunState, wake: Wake) -> RunId {
    start(store, NewRun { summary: Summary { state, wake: Some(wake), ..RUNNING }, worker: None, ..new_run(uid) }).await
}

/// Starts a run and ends it at a time after [`T0`].
async fn start_and_end(store: &dyn Store, new: NewRun, after: i64) -> RunId {
    let run = start(store, new).await;
    store.commit(Commit { summary: DONE, at: Millis(T0.0 + after), ..step(run, 2) }).await.expect("a run ends");
    run
}

/// A wake-up so long after [`T0`].
fn wake_after(ms: i64) -> Wake {
    Wake::At(Millis(T0.0 + ms))
}

/// The events of a stored run, as text.
async fn events(store: &dyn Store, run: RunId) -> Vec<String> {
    let stored = store.load(run).await.expect("the run loads");
    let text = |batch: crate::Batch| format!("{}: {}", batch.seq, String::from_utf8_lossy(&batch.events));
    stored.batches.into_iter().map(text).collect()
}

/// A run that was started just now.
fn is_new(created: Created) -> bool {
    matches!(created, Created::New { .. })
}
