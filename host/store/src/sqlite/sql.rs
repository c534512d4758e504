//! The statements of the hot paths, in one place, so that a test can look at how each will be executed.

/// A step whose run goes on as it was: the usual case. State and wake-up time are compared and not set, and so the index of
/// unfinished runs is not touched.
pub(super) const STEP: &str = "UPDATE runs SET seq = ?3, steps_done = ?4, steps_total = ?5, changed_at = ?6
    WHERE id = ?1 AND fence = ?2 AND seq = ?3 - 1 AND state = ?7 AND state < 10 AND wake_at IS ?8";
/// A step that changes the state or the wake-up time.
pub(super) const TURN: &str = "UPDATE runs SET seq = ?3, steps_done = ?4, steps_total = ?5, changed_at = ?6, state = ?7, wake_at = ?8
    WHERE id = ?1 AND fence = ?2 AND seq = ?3 - 1 AND state < 10";
pub(super) const APPEND: &str = "INSERT INTO events (run, seq, data) VALUES (?1, ?2, ?3)";
/// Why a step was refused.
pub(super) const STANDING: &str = "SELECT fence, seq, state FROM runs WHERE id = ?1";

pub(super) const CREATE: &str = "INSERT INTO runs (fence, seq, state, wake_at, steps_done, steps_total, created_at, changed_at, plan, uid,
    workflow, worker, client_key) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11)";
pub(super) const KEY_FIND: &str = "SELECT run, input FROM client_keys WHERE key = ?1";
pub(super) const KEY_ADD: &str = "INSERT INTO client_keys (key, input, run) VALUES (?1, ?2, ?3)";
pub(super) const KEY_DROP: &str = "DELETE FROM client_keys WHERE key = ?1";

pub(super) const CLAIM: &str =
    "UPDATE runs SET fence = fence + 1, worker = ?2, changed_at = ?3 WHERE id = ?1 AND state < 10 RETURNING fence";
pub(super) const DUE: &str = "SELECT id FROM runs WHERE state < 10 AND wake_at <= ?3 AND worker IS NOT ?1 ORDER BY wake_at, id LIMIT ?2";

pub(super) const BLOB_ID: &str = "SELECT id FROM blobs WHERE digest = ?1";
pub(super) const BLOB_ADD: &str = "INSERT INTO blobs (digest, refs, data) VALUES (?1, 0, ?2)";
pub(super) const BLOB_USE: &str = "INSERT OR IGNORE INTO run_blobs (run, blob) VALUES (?1, ?2)";
pub(super) const BLOB_REF: &str = "UPDATE blobs SET refs = refs + 1 WHERE id = ?1";
pub(super) const BLOB_UNREF: &str = "UPDATE blobs SET refs = refs - 1 WHERE id = ?1 RETURNING refs";
pub(super) const BLOB_DROP: &str = "DELETE FROM blobs WHERE id = ?1";
pub(super) const BLOB_READ: &str = "SELECT data FROM blobs WHERE digest = ?1";

pub(super) const LOG_ADD: &str = "INSERT INTO logs (run, step, item, attempt, seq, part, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
pub(super) const SAVEPOINT_PUT: &str = "INSERT INTO savepoints (run, step, item, attempt, data) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (run, step, item) DO UPDATE SET attempt = excluded.attempt, data = excluded.data";
pub(super) const SAVEPOINT_DROP: &str = "DELETE FROM savepoints WHERE run = ?1 AND step = ?2 AND item = ?3";
pub(super) const SAVEPOINT_READ: &str = "SELECT attempt, data FROM savepoints WHERE run = ?1 AND step = ?2 AND item = ?3";

pub(super) const ROW: &str = "SELECT r.id, r.uid, r.workflow, b.digest, r.state, r.wake_at, r.steps_done, r.steps_total, r.fence, r.seq,
    r.worker, r.created_at, r.changed_at FROM runs r JOIN blobs b ON b.id = r.plan WHERE r.id = ?1";
/// One window of ids, so that a rare state or workflow needs no index and yet costs a bounded time.
pub(super) const LIST: &str = "SELECT id FROM runs
    WHERE id >= ?1 AND id < ?2 AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR workflow = ?4) ORDER BY id DESC LIMIT ?5";
/// A list of unfinished runs comes from their index, which is small.
pub(super) const LIST_UNFINISHED: &str = "SELECT id FROM runs INDEXED BY runs_unfinished
    WHERE state < 10 AND id < ?1 AND state = ?2 AND (?3 IS NULL OR workflow = ?3) ORDER BY id DESC LIMIT ?4";
pub(super) const BOUNDS: &str = "SELECT coalesce((SELECT min(id) FROM runs), 0), coalesce((SELECT max(id) FROM runs), 0)";
/// Without the hint, the order would make it walk over all that ever finished.
pub(super) const WAKEUPS: &str = "SELECT id, wake_at FROM runs INDEXED BY runs_unfinished WHERE state < 10 ORDER BY id";
pub(super) const UNFINISHED: &str = "SELECT count(*) FROM runs INDEXED BY runs_unfinished WHERE state < 10";
pub(super) const BATCHES: &str = "SELECT seq, data FROM events WHERE run = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4";
pub(super) const LOGS: &str = "SELECT step, item, attempt, seq, part, data FROM logs
    WHERE run = ?1 AND (step, item, attempt, seq, part) > (?2, ?3, ?4, ?5, ?6) AND step <= ?7 ORDER BY step, item, attempt, seq, part";

pub(super) const OLD_RUNS: &str = "SELECT id, state, created_at, changed_at, client_key FROM runs WHERE id > ?1 ORDER BY id LIMIT ?2";
pub(super) const RUN_DROP: &str = "DELETE FROM runs WHERE id = ?1";
pub(super) const TRASH_ADD: &str = "INSERT INTO trash (run) VALUES (?1)";
pub(super) const TRASH_NEXT: &str = "SELECT run FROM trash LIMIT 1";
pub(super) const TRASH_DROP: &str = "DELETE FROM trash WHERE run = ?1";
/// Deletes at most so many parts of a run; one for each table that has parts.
pub(super) const PARTS_DROP: [&str; 3] = [
    "DELETE FROM events WHERE run = ?1 AND seq IN (SELECT seq FROM events WHERE run = ?1 LIMIT ?2)",
    "DELETE FROM logs WHERE run = ?1 AND (step, item, attempt, seq, part) IN
        (SELECT step, item, attempt, seq, part FROM logs WHERE run = ?1 LIMIT ?2)",
    "DELETE FROM savepoints WHERE run = ?1 AND (step, item) IN (SELECT step, item FROM savepoints WHERE run = ?1 LIMIT ?2)",
];
pub(super) const RUN_BLOBS: &str = "SELECT blob FROM run_blobs WHERE run = ?1 LIMIT ?2";
pub(super) const RUN_BLOB_DROP: &str = "DELETE FROM run_blobs WHERE run = ?1 AND blob = ?2";
