//! A database of an older version, and how it goes on.

use rusqlite::{Connection, params};

use super::*;
use crate::sqlite::apply::{batch_key, blob_key};
use crate::sqlite::packed::pack;
use crate::sqlite::schema;
use crate::{Depth, ListQuery, Wake};

/// The tables as version 1 made them. This text never changes.
const VERSION_1: &str = "
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fence       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    wake_at     INTEGER,
    steps_done  INTEGER NOT NULL,
    steps_total INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    plan        INTEGER NOT NULL,
    uid         BLOB NOT NULL,
    workflow    TEXT NOT NULL,
    worker      TEXT,
    client_key  TEXT
) STRICT;
CREATE INDEX runs_unfinished ON runs (wake_at) WHERE state < 10;
CREATE TABLE events (
    run  INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE blobs (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    refs   INTEGER NOT NULL,
    data   BLOB NOT NULL
) STRICT;
CREATE TABLE run_blobs (
    run  INTEGER NOT NULL,
    blob INTEGER NOT NULL,
    PRIMARY KEY (run, blob)
) STRICT, WITHOUT ROWID;
CREATE TABLE logs (
    run     INTEGER NOT NULL,
    step    INTEGER NOT NULL,
    item    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    data    BLOB NOT NULL,
    PRIMARY KEY (run, step, item, attempt, seq, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE savepoints (
    run     INTEGER NOT NULL,
    step    INTEGER NOT NULL,
    item    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    data    BLOB NOT NULL,
    PRIMARY KEY (run, step, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE client_keys (
    key   TEXT PRIMARY KEY,
    input BLOB NOT NULL,
    run   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE trash (
    run INTEGER PRIMARY KEY
) STRICT;
";

const T0: i64 = 1_700_000_000_000;

/// A closed database of version 1 with four runs: one under way, one asleep, one blocked, one done. Each has two batches.
fn version_1() -> Dir {
    let dir = Dir::new();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("the mode is set");
    let conn = Connection::open(dir.db()).expect("it opens");
    let head = "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;";
    conn.execute_batch(&format!("{head} {VERSION_1} PRAGMA application_id = {}; PRAGMA user_version = 1;", schema::APPLICATION_ID))
        .expect("a database of version 1");
    let plan = Blob::new(*b"the old plan");
    let packed = pack(blob_key(plan.digest()), plan.bytes());
    conn.execute("INSERT INTO blobs VALUES (1, ?1, 4, ?2)", params![plan.digest().0, packed]).expect("a plan");
    for (run, state, wake_at) in [(1_u8, 1, None), (2, 1, Some(T0 + 500)), (3, 2, None), (4, 10, None)] {
        let row = "INSERT INTO runs VALUES (?1, 1, 2, ?2, ?3, 0, 9, ?4, ?5, 1, ?6, 'daily', 'w1', NULL)";
        conn.execute(row, params![run, state, wake_at, T0, T0 + 10, [run; 16]]).expect("a run");
        conn.execute("INSERT INTO run_blobs VALUES (?1, 1)", [run]).expect("it needs its plan");
        for seq in 1..3_u64 {
            let data = pack(batch_key(RunId(u64::from(run)), seq), format!("old {seq}").as_bytes());
            conn.execute("INSERT INTO events VALUES (?1, ?2, ?3)", params![run, seq.cast_signed(), data]).expect("a batch");
        }
    }
    conn.close().expect("it closes");
    dir
}

#[tokio::test]
async fn runs_of_version_1_go_on() {
    let dir = version_1();
    let store = dir.engine();
    assert_eq!(store.health(Depth::Check).await.expect("it is well").schema, schema::VERSION);
    let wakeups = store.wakeups().await.expect("they are listed");
    let wakeups: Vec<_> = wakeups.into_iter().map(|wakeup| (wakeup.run.0, wakeup.wake)).collect();
    assert_eq!(wakeups, [(1, Wake::Ready), (2, Wake::At(Millis(T0 + 500))), (3, Wake::Ready)]);
    let stored = store.load(RunId(1)).await.expect("it loads");
    assert_eq!((&*stored.plan, &*stored.batches[1].events), (&b"the old plan"[..], &b"old 2"[..]));
    store.commit(step(RunId(1), 3)).await.expect("it goes on");
    let claimed = store.claim_due("w2".into(), Millis(T0), 10).await.expect("they are claimed");
    assert_eq!(claimed.iter().map(|one| one.run.0).collect::<Vec<_>>(), [1, 3]);
    assert!(store.create(new_run(9)).await.expect("it starts").run() > RunId(4));
    assert_eq!(store.list(ListQuery::default()).await.expect("a page").rows.len(), 5);
    drop(store);
    assert_eq!(dir.engine().load(RunId(1)).await.expect("it loads").batches.len(), 3, "once is enough");
}

#[tokio::test]
async fn a_reader_does_not_upgrade() {
    let dir = version_1();
    let before = std::fs::read(dir.db()).expect("the file");
    let refused = dir.reader().expect_err("it cannot read these tables");
    assert_eq!(refused, StoreError::Older { path: dir.db(), found: 1, needed: schema::VERSION });
    assert!(std::fs::read(dir.db()).expect("the file") == before);
    let store = dir.engine();
    // The file itself still says 1, and its log says 2.
    assert_eq!(dir.reader().expect("it opens").load(RunId(4)).await.expect("it loads").batches.len(), 2);
    drop(store);
}

#[tokio::test]
async fn a_kill_after_an_upgrade_loses_nothing() {
    let dir = version_1();
    let store = dir.engine();
    let killed = dir.as_after_a_kill();
    let without_log = dir.as_after_a_kill();
    std::fs::remove_file(without_log.wal()).expect("it is removed");
    drop(store);
    for dir in [killed, without_log] {
        assert_eq!(dir.engine().load(RunId(1)).await.expect("it loads").batches.len(), 2);
    }
}

#[test]
fn a_failed_upgrade_leaves_everything_as_it_was() {
    let dir = version_1();
    dir.meddle("CREATE TABLE rates (in_the_way)");
    let before = std::fs::read(dir.db()).expect("the file");
    for _ in 0..2 {
        assert!(matches!(dir.try_engine(), Err(StoreError::Io { .. })), "the table is in the way");
    }
    assert!(std::fs::read(dir.db()).expect("the file") == before);
    dir.meddle("DROP TABLE rates");
    drop(dir.engine());
}

/// Tables and indexes: their names, what they say of themselves, and their columns.
fn shape(dir: &Dir) -> Vec<String> {
    let conn = Connection::open(dir.db()).expect("it opens");
    let text = "SELECT s.type || ' ' || s.name || ' ' || coalesce(iif(s.type = 'index', s.sql, ''), '') || ' ' || coalesce(
        (SELECT group_concat(c.cid || c.name || c.type || c.\"notnull\" || c.pk) FROM pragma_table_xinfo(s.name) c), '')
        FROM sqlite_schema s ORDER BY 1";
    let mut find = conn.prepare(text).expect("a query");
    find.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows")
}

#[test]
fn an_upgraded_database_is_like_a_new_one() {
    let (old, new) = (version_1(), Dir::new());
    drop((old.engine(), new.engine()));
    let shape_of_new = shape(&new);
    assert!(shape_of_new.len() > 20, "{shape_of_new:?}");
    assert_eq!(shape(&old), shape_of_new);
}
