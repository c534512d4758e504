//! What a step costs, in statements, pages and bytes: these do not depend on the machine.

use std::sync::Mutex;

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};

use super::*;
use crate::sqlite::sql;

/// Collects what a connection executes.
fn traced(conn: &mut Connection) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let into = seen.clone();
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            let text = statement.sql();
            let verb: Vec<&str> = text.split_whitespace().take(3).collect();
            into.lock().expect("one thread").push(verb.join(" "));
        }
    };
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).expect("tracing");
    seen
}

fn take(seen: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut seen.lock().expect("one thread"))
}

#[test]
fn a_step_is_two_statements_and_one_commit() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    let seen = traced(writer.conn());
    for seq in 2..5 {
        assert_eq!(group(&mut writer, [op_commit(step(run, seq))]), [Ok(())]);
        assert_eq!(take(&seen), ["BEGIN IMMEDIATE", "UPDATE runs SET", "INSERT INTO events", "COMMIT"]);
    }
    let last = Commit { summary: DONE, ..step(run, 5) };
    assert_eq!(group(&mut writer, [op_commit(last)]), [Ok(())]);
    assert_eq!(take(&seen), ["BEGIN IMMEDIATE", "UPDATE runs SET", "INSERT INTO events", "COMMIT"]);
}

#[test]
fn a_group_is_one_commit_even_with_refused_members() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let runs: Vec<RunId> = (0..20).map(|uid| create(&mut writer, uid)).collect();
    let seen = traced(writer.conn());
    let answers = group(&mut writer, runs.iter().map(|run| op_commit(step(*run, if run.0 == 7 { 9 } else { 2 }))));
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
    let seen = take(&seen);
    assert_eq!(seen.iter().filter(|text| *text == "COMMIT").count(), 1);
    assert!(!seen.iter().any(|text| text.contains("SAVEPOINT")));
    // The refused one tries twice to change the row, and asks why it could not.
    assert_eq!(seen.len(), 2 + 19 * 2 + 3);
}

#[test]
fn idle_is_idle() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    group(&mut writer, [op_commit(step(run, 2))]);
    writer.tend();
    let seen = traced(writer.conn());
    writer.tend();
    assert_eq!(take(&seen), [""; 0], "with little in the log there is nothing to tend");
}

#[test]
fn no_hot_statement_scans() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let conn = writer.conn();
    let hot = [
        sql::STEP,
        sql::TURN,
        sql::END,
        sql::APPEND,
        sql::STANDING,
        sql::CREATE,
        sql::UID_FIND,
        sql::UID_OF,
        sql::BEGAN,
        sql::KEY_FIND,
        sql::KEY_ADD,
        sql::KEY_DROP,
        sql::CLAIM,
        sql::DUE,
        sql::BLOB_ID,
        sql::BLOB_ADD,
        sql::BLOB_USE,
        sql::BLOB_REF,
        sql::BLOB_UNREF,
        sql::BLOB_DROP,
        sql::BLOB_READ,
        sql::LOG_ADD,
        sql::LOGS,
        sql::SAVEPOINT_PUT,
        sql::SAVEPOINT_DROP,
        sql::SAVEPOINT_READ,
        sql::LABELS,
        sql::LABEL_HAS,
        sql::LABEL_PUT,
        sql::LABEL_DROP,
        sql::LABELS_DROP,
        sql::LOCKS_NAMED,
        sql::LOCK_ADD,
        sql::LOCK_HAS,
        sql::LOCKS_RELEASE,
        sql::LOCKS_RELEASE_ALL,
        sql::RATE_READ,
        sql::RATE_PUT,
        sql::RATES_FORGET,
        sql::CACHE_READ,
        sql::CACHE_ADD,
        sql::CACHE_DROP,
        sql::CACHE_OLDEST_DROP,
        sql::CACHE_TOTAL,
        sql::CACHE_TOTAL_PUT,
        sql::ROW,
        sql::POSITION,
        sql::LIST_TOP,
        sql::LIST_CHILDREN,
        sql::LIST_WORKFLOW,
        sql::LIST_FAILED,
        sql::LIST_LABELLED,
        sql::BATCHES,
        sql::EXPORT_LOGS,
        sql::EXPORT_SAVEPOINTS,
        sql::OLD_RUNS,
        sql::EXPIRED_RUNS,
        sql::CHILDREN,
        sql::RUN_DROP,
        sql::RUN_BLOBS,
        sql::RUN_BLOB_DROP,
        sql::TRASH_DROP,
        sql::PARTS_DROP[0],
        sql::PARTS_DROP[1],
        sql::PARTS_DROP[2],
    ];
    for text in hot {
        let plan = plan(conn, text);
        // The one constant row of a subquery that has no table is not a scan of anything.
        let scans = plan.replace("SCAN CONSTANT ROW", "").contains("SCAN");
        assert!(!scans && !plan.contains("TEMP B-TREE"), "{text}\n{plan}");
    }
    // These want everything that is unfinished, and look at nothing else.
    for text in [sql::WAKEUPS, sql::LIST_UNFINISHED, sql::UNFINISHED] {
        assert!(plan(conn, text).contains("INDEX runs_unfinished"), "{text}");
    }
    // What belongs to one run is small, and may be sorted or added up.
    for text in [sql::LOCKS_OF_RUN, sql::LOCKS_COUNT, sql::EXPORT_BLOBS, sql::RUN_SIZE, sql::OPEN_BELOW] {
        let plan = plan(conn, text);
        let tables = ["runs", "r", "blobs", "b", "events", "logs", "savepoints", "run_blobs", "u", "locks"];
        assert!(!tables.iter().any(|table| plan.lines().any(|line| line.starts_with(&format!("SCAN {table} ")))), "{text}\n{plan}");
    }
}

#[test]
fn a_page_begins_where_the_one_before_ended() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let conn = writer.conn();
    // Of the runs of one millisecond, those of the page before are passed over one by one.
    let pages = [
        (sql::LIST_TOP, "USING INDEX runs_top (created_at>? AND created_at<?)"),
        (sql::LIST_WORKFLOW, "USING INDEX runs_workflow (workflow=? AND created_at>? AND created_at<?)"),
        (sql::LIST_CHILDREN, "USING INDEX runs_children (parent=? AND created_at>? AND created_at<?)"),
        (sql::LIST_FAILED, "USING INDEX runs_failed (created_at>? AND created_at<?)"),
        (sql::LIST_LABELLED, "USING COVERING INDEX labels_value (key=? AND value=? AND began>? AND (began,run)<(?,?))"),
        (sql::OLD_RUNS, "USING INDEX runs_ended (ended_at>? AND ended_at<?)"),
        (sql::EXPIRED_RUNS, "USING INDEX runs_expiring (expires_at>? AND expires_at<?)"),
    ];
    for (text, expected) in pages {
        let plan = plan(conn, text);
        assert!(plan.contains(expected), "{text}\n{plan}");
    }
    let all = plan(conn, sql::LIST_ALL);
    assert!(all.contains("MERGE (UNION ALL)") && all.contains("runs_top") && all.contains("runs_nested"), "{all}");
    assert!(!all.contains("SCAN") && !all.contains("TEMP B-TREE"), "{all}");
}

fn plan(conn: &Connection, text: &str) -> String {
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {text}")).expect(text);
    let mut rows = explain.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().expect(text) {
        plan.push_str(&row.get::<_, String>(3).expect("a line"));
        plan.push('\n');
    }
    plan
}

/// The tables and indexes that a statement opens for writing.
fn written(conn: &Connection, text: &str) -> Vec<String> {
    let mut explain = conn.prepare(&format!("EXPLAIN {text}")).expect(text);
    let mut rows = explain.raw_query();
    let mut written = Vec::new();
    while let Some(row) = rows.next().expect(text) {
        if row.get::<_, String>(1).expect("an opcode") == "OpenWrite" {
            let root: i64 = row.get(3).expect("a page");
            let name = "SELECT name FROM sqlite_schema WHERE rootpage = ?1";
            written.push(conn.query_row(name, [root], |row| row.get(0)).expect("a table or an index"));
        }
    }
    written.sort();
    written
}

#[test]
fn a_step_writes_no_index() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let conn = writer.conn();
    assert_eq!(written(conn, sql::STEP), ["runs"]);
    assert_eq!(written(conn, sql::APPEND), ["events"]);
    assert_eq!(written(conn, sql::CLAIM), ["runs"]);
    // Of these only the last gets an entry from a run that goes on: the other holds runs that failed.
    assert_eq!(written(conn, sql::TURN), ["runs", "runs_failed", "runs_unfinished"]);
}

/// Virtual machine steps, pages of log and milliseconds of nothing: what 50 steps of a fresh run cost.
fn fifty_steps(writer: &mut Writer, uid: u8) -> (i32, u64) {
    let run = create(writer, uid);
    crate::sqlite::wal::checkpoint(writer.conn(), "TRUNCATE").expect("an empty log");
    for text in [sql::STEP, sql::APPEND] {
        writer.conn().prepare_cached(text).expect(text).reset_status(StatementStatus::VmStep);
    }
    for seq in 2..52 {
        assert_eq!(group(writer, [op_commit(step(run, seq))]), [Ok(())]);
    }
    let steps = [sql::STEP, sql::APPEND].map(|text| writer.conn().prepare_cached(text).expect(text).get_status(StatementStatus::VmStep));
    (steps.iter().sum(), std::fs::metadata(writer.wal_path()).expect("a log").len())
}

#[test]
fn a_step_costs_the_same_after_100_000_runs() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    fifty_steps(&mut writer, 1);
    let (steps, bytes) = fifty_steps(&mut writer, 2);
    let finished = "
        BEGIN;
        WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 101000)
        INSERT INTO runs SELECT i, 1, 9, 10, NULL, 9, 9, 1, 1, 1, randomblob(16), 'daily', 'w1', NULL, NULL, 9, 1, 9 FROM n;
        INSERT INTO labels SELECT i, 'team', 'blue', 1 FROM (SELECT id AS i FROM runs WHERE id >= 1000);
        INSERT INTO events SELECT id, s.seq, randomblob(80) FROM runs, (SELECT 1 AS seq UNION SELECT 2) s WHERE id >= 1000;
        COMMIT;";
    writer.conn().execute_batch(finished).expect("100,001 finished runs");
    fifty_steps(&mut writer, 3);
    let (steps_later, bytes_later) = fifty_steps(&mut writer, 4);
    assert_eq!(steps, steps_later, "the same work");
    assert!(bytes_later <= bytes + bytes / 10, "{bytes} bytes of log became {bytes_later}");
    let explain = plan(writer.conn(), sql::STEP);
    assert!(explain.contains("INTEGER PRIMARY KEY"), "{explain}");
}

/// Bytes of the database file.
fn file_bytes(writer: &mut Writer) -> u64 {
    let pages: i64 = writer.conn().pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    pages.cast_unsigned() * u64::from(open::PAGE_SIZE)
}

#[test]
fn a_small_step_takes_at_most_300_bytes() {
    let small = |run, seq| Commit { events: noise(120), ..step(run, seq) };
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    let empty = file_bytes(&mut writer);
    let answers = group(&mut writer, (2..2_002).map(|seq| op_commit(small(run, seq))));
    assert!(answers.iter().all(Result::is_ok));
    let alone = (file_bytes(&mut writer) - empty) / 2_000;
    assert!(alone <= 300, "{alone} bytes a step of one run");
    let runs: Vec<RunId> = (2..202).map(|uid| create(&mut writer, uid)).collect();
    let before = file_bytes(&mut writer);
    for seq in 2..12 {
        let answers = group(&mut writer, runs.iter().map(|run| op_commit(small(*run, seq))));
        assert!(answers.iter().all(Result::is_ok));
    }
    let mixed = (file_bytes(&mut writer) - before) / 2_000;
    assert!(mixed <= 300, "{mixed} bytes a step of many runs in turn");
}

#[tokio::test]
async fn what_waits_is_committed_together() {
    let dir = Dir::new();
    let store = dir.engine();
    let mut runs = Vec::new();
    for uid in 0..100 {
        runs.push(run_with(&store, uid, 0).await);
    }
    let before = store.health(crate::Depth::Glance).await.expect("it is well");
    let replies: Vec<_> =
        (2..12).flat_map(|seq| runs.iter().map(move |run| (*run, seq))).map(|(run, seq)| store.commit(step(run, seq))).collect();
    for reply in replies {
        reply.await.expect("it commits");
    }
    let after = store.health(crate::Depth::Glance).await.expect("it is well");
    assert_eq!(after.writes - before.writes, 1_000);
    let transactions = after.transactions - before.transactions;
    assert!(transactions <= 500, "{transactions} transactions for 1,000 commits");
}

#[test]
fn the_log_is_started_over_and_never_cut() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    let (mut longest, mut lengths) = (0, Vec::new());
    for seq in 2..1_500 {
        group(&mut writer, [op_commit(step(run, seq))]);
        writer.tend();
        let length = std::fs::metadata(writer.wal_path()).expect("a log").len();
        assert!(length >= longest, "cut from {longest} to {length}");
        longest = length;
        lengths.push(length);
    }
    lengths.dedup();
    assert!(lengths.len() <= 4, "it grows in few steps, ahead of use: {lengths:?}");
    assert!(longest < 6 << 20, "3,000 pages went through a log of {longest} bytes");
}

#[test]
fn an_existing_store_opens_with_few_statements_and_no_write() {
    let dir = Dir::new();
    drop(dir.engine());
    let bytes = std::fs::read(dir.db()).expect("the file");
    let store = dir.engine();
    assert_eq!(std::fs::metadata(dir.wal()).expect("a log").len(), 0, "opening wrote nothing");
    assert_eq!(std::fs::read(dir.db()).expect("the file"), bytes);
    drop(store);
}

#[test]
fn a_hopeless_group_is_refused_whole() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let runs: Vec<RunId> = (0..100).map(|uid| create(&mut writer, uid)).collect();
    let pages: u32 = writer.conn().pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    failures::limit_pages(&mut writer, pages);
    let large = |run: &RunId| op_commit(Commit { events: noise(50_000), ..step(*run, 2) });
    let seen = traced(writer.conn());
    let answers = group(&mut writer, runs.iter().map(large));
    let tries = take(&seen).iter().filter(|text| *text == "BEGIN IMMEDIATE").count();
    assert!(tries < 20, "{tries} transactions were tried on a full disk");
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Full { .. }))));
    failures::limit_pages(&mut writer, 1_000_000);
    let answers = group(&mut writer, runs.iter().map(large));
    assert!(answers.iter().all(Result::is_ok), "nothing was lost");
}
