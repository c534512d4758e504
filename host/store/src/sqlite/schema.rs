//! The tables.

/// `jkfd`: says that a database is ours.
pub(super) const APPLICATION_ID: i64 = 0x6a6b_6664;
/// Raised with every change of the tables. What became of the versions before: `upgrade.rs`.
pub(super) const VERSION: i64 = 2;

/// The row of a run.
///
/// What every step touches is `runs` and `events`, and nothing else: one row changed, one row appended. A step that leaves
/// state and wake-up as they were touches no index; one that changes them touches `runs_unfinished`, which holds unfinished
/// runs alone. All other indexes are written when a run starts or ends, so that the cost of a step does not depend on how much
/// ever finished.
///
/// - `state` is below 10 exactly when the run is unfinished, and above 10 when it ended without its outputs.
/// - `wake_at`: the beginning of time for a run that is ready, and nothing for one that only a message wakes or that has ended.
/// - `ended_at`: set with the end. `expires_at`: set with it when the run said for how long it wants to be kept.
pub(super) const RUNS: &str = "
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
    client_key  TEXT,
    parent      INTEGER,
    retain_ms   INTEGER,
    ended_at    INTEGER,
    expires_at  INTEGER
) STRICT;
CREATE INDEX runs_unfinished ON runs (wake_at) WHERE state < 10;
";

/// The parts of a run.
///
/// - `events`: one row a batch. `data` is packed and checked against its key.
/// - `blobs`: payloads and plans by digest; `refs` counts the rows of `run_blobs`, and the last one takes the payload with it.
/// - `logs`, `savepoints`: `item` is -1 for a step that is not a for-each.
/// - `trash`: runs whose row is gone and whose parts are being deleted, a bite at a time.
pub(super) const PARTS: &str = "
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

/// What version 2 added.
///
/// The indexes of `runs` are in the order in which lists are read, newest first; those that not every run needs hold only the
/// runs that need them.
///
/// - `labels`: `began` repeats the run's `created_at`, so that the runs with a label are found in the order of a list.
/// - `locks`: one row a holder. The token is the row's own number: it is never given twice, also not after the row is gone.
///   `step` and `item` are -1 when the run holds the lock as a whole.
/// - `rates`: `tat` is the theoretical arrival time in microseconds.
/// - `cache`: results by the digest of what led to them, oldest first; `cache_total` is one row that adds them up.
pub(super) const ADDED_IN_2: &str = "
CREATE INDEX runs_top ON runs (created_at) WHERE parent IS NULL;
CREATE INDEX runs_nested ON runs (created_at) WHERE parent IS NOT NULL;
CREATE INDEX runs_children ON runs (parent, created_at) WHERE parent IS NOT NULL;
CREATE INDEX runs_workflow ON runs (workflow, created_at);
CREATE INDEX runs_failed ON runs (created_at) WHERE state > 10;
CREATE INDEX runs_uid ON runs (uid);
CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL AND parent IS NULL;
CREATE INDEX runs_expiring ON runs (expires_at) WHERE expires_at IS NOT NULL AND parent IS NULL;
CREATE TABLE labels (
    run   INTEGER NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    began INTEGER NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_value ON labels (key, value, began, run);
CREATE TABLE locks (
    token   INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL,
    run     INTEGER NOT NULL,
    step    INTEGER NOT NULL,
    item    INTEGER NOT NULL,
    permits INTEGER NOT NULL,
    since   INTEGER NOT NULL
) STRICT;
CREATE INDEX locks_name ON locks (name);
CREATE INDEX locks_run ON locks (run, step, item);
CREATE TABLE rates (
    name TEXT PRIMARY KEY,
    tat  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rates_tat ON rates (tat);
CREATE TABLE cache (
    id   INTEGER PRIMARY KEY,
    key  BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE cache_total (
    id      INTEGER PRIMARY KEY,
    entries INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
) STRICT;
INSERT INTO cache_total (id, entries, bytes) VALUES (1, 0, 0);
";
