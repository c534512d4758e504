//! The tables.

/// `jkfd`: says that a database is ours.
pub(super) const APPLICATION_ID: i64 = 0x6a6b_6664;
/// Raised with every change of the tables.
pub(super) const VERSION: i64 = 1;

/// Version 1.
///
/// What every step touches is `runs` and `events`, and nothing else: one row changed, one row appended. `runs` has the only
/// secondary index, and it holds unfinished runs alone, so that the cost of a step does not depend on how much ever finished.
/// A state is below 10 exactly when the run is unfinished.
///
/// - `events`: one row a batch. `data` is packed and checked against its key.
/// - `blobs`: payloads and plans by digest; `refs` counts the rows of `run_blobs`, and the last one takes the payload with it.
/// - `logs`, `savepoints`: `item` is -1 for a step that is not a for-each.
/// - `trash`: runs whose row is gone and whose parts are being deleted, a bite at a time.
pub(super) const TABLES: &str = "
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
