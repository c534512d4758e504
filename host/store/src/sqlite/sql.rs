//! The statements of the hot paths, in one place, so that a test can look at how each will be executed.

/// A step whose run goes on as it was: the usual case. State and wake-up time are compared and not set, and so the index of
/// unfinished runs is not touched.
pub(super) const STEP: &str = "UPDATE runs SET seq = ?3, steps_done = ?4, steps_total = ?5, changed_at = ?6
    WHERE id = ?1 AND fence = ?2 AND seq = ?3 - 1 AND state = ?7 AND state < 10 AND wake_at IS ?8";
/// A step that changes the state or the wake-up time.
pub(super) const TURN: &str = "UPDATE runs SET seq = ?3, steps_done = ?4, steps_total = ?5, changed_at = ?6, state = ?7, wake_at = ?8
    WHERE id = ?1 AND fence = ?2 AND seq = ?3 - 1 AND state < 10";
/// A step that ends its run. It says whether the run held locks, so that one that held none costs no second statement.
pub(super) const END: &str = "UPDATE runs SET seq = ?3, steps_done = ?4, steps_total = ?5, changed_at = ?6, state = ?7, wake_at = NULL,
    ended_at = ?6, expires_at = min(?6, 9223372036854775807 - retain_ms) + retain_ms
    WHERE id = ?1 AND fence = ?2 AND seq = ?3 - 1 AND state < 10 RETURNING EXISTS (SELECT 1 FROM locks WHERE run = ?1)";
pub(super) const APPEND: &str = "INSERT INTO events (run, seq, data) VALUES (?1, ?2, ?3)";
/// Why a step was refused.
pub(super) const STANDING: &str = "SELECT fence, seq, state FROM runs WHERE id = ?1";

pub(super) const CREATE: &str = "INSERT INTO runs (fence, seq, state, wake_at, steps_done, steps_total, created_at, changed_at, plan, uid,
    workflow, worker, client_key, parent, retain_ms, ended_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
pub(super) const UID_FIND: &str = "SELECT id FROM runs WHERE uid = ?1";
pub(super) const UID_OF: &str = "SELECT uid FROM runs WHERE id = ?1";
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

pub(super) const BEGAN: &str = "SELECT created_at FROM runs WHERE id = ?1";
pub(super) const LABELS: &str = "SELECT key, value FROM labels WHERE run = ?1 ORDER BY key";
pub(super) const LABEL_HAS: &str = "SELECT 1 FROM labels WHERE run = ?1 AND key = ?2 AND value = ?3";
pub(super) const LABEL_PUT: &str = "INSERT INTO labels (run, key, value, began) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (run, key) DO UPDATE SET value = excluded.value";
pub(super) const LABEL_DROP: &str = "DELETE FROM labels WHERE run = ?1 AND key = ?2";

pub(super) const LOCKS_NAMED: &str =
    "SELECT token, name, run, step, item, permits, since FROM locks WHERE name = ?1 ORDER BY token LIMIT ?2";
/// The few locks of a run are sorted.
pub(super) const LOCKS_OF_RUN: &str =
    "SELECT token, name, run, step, item, permits, since FROM locks WHERE run = ?1 ORDER BY token LIMIT ?2";
pub(super) const LOCKS_ALL: &str = "SELECT token, name, run, step, item, permits, since FROM locks ORDER BY token LIMIT ?1";
pub(super) const LOCKS_COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM locks WHERE run = ?1 LIMIT ?2)";
pub(super) const LOCK_ADD: &str = "INSERT INTO locks (name, run, step, item, permits, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
pub(super) const LOCK_HAS: &str = "SELECT 1 FROM locks WHERE token = ?1";
pub(super) const LOCKS_RELEASE: &str = "DELETE FROM locks WHERE run = ?1 AND step = ?2 AND item = ?3";
pub(super) const LOCKS_RELEASE_ALL: &str = "DELETE FROM locks WHERE run = ?1";

pub(super) const RATE_READ: &str = "SELECT tat FROM rates WHERE name = ?1";
pub(super) const RATE_PUT: &str = "INSERT INTO rates (name, tat) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET tat = excluded.tat";
pub(super) const RATES_FORGET: &str = "DELETE FROM rates WHERE name IN (SELECT name FROM rates WHERE tat < ?1 ORDER BY tat LIMIT ?2)";

pub(super) const CACHE_READ: &str = "SELECT data FROM cache WHERE key = ?1";
pub(super) const CACHE_ADD: &str = "INSERT INTO cache (key, size, data) VALUES (?1, ?2, ?3)";
pub(super) const CACHE_DROP: &str = "DELETE FROM cache WHERE key = ?1 RETURNING size";
pub(super) const CACHE_OLDEST_DROP: &str = "DELETE FROM cache WHERE id = (SELECT min(id) FROM cache) RETURNING size";
pub(super) const CACHE_TOTAL: &str = "SELECT entries, bytes FROM cache_total WHERE id = 1";
pub(super) const CACHE_TOTAL_PUT: &str = "UPDATE cache_total SET entries = ?1, bytes = ?2 WHERE id = 1";

pub(super) const ROW: &str = "SELECT r.id, r.uid, r.workflow, b.digest, r.state, r.wake_at, r.steps_done, r.steps_total, r.fence, r.seq,
    r.worker, r.created_at, r.changed_at, r.parent, r.retain_ms FROM runs r JOIN blobs b ON b.id = r.plan WHERE r.id = ?1";

/// A list from one index, newest first: which runs, and whether each is wanted. The index gives those that began from ?3 on and
/// come before the position ?1, ?2; the rest is told of every run: states as a mask in ?4, workflow in ?5, and in ?6 the parent, 0
/// for none and -1 for any. Whoever asks stops when enough were wanted or too many were looked at.
macro_rules! list {
    ($from:literal, $began:literal, $run:literal) => {
        concat!(
            "SELECT r.id, ((?4 >> r.state) & 1) AND (?5 IS NULL OR r.workflow = ?5) AND (?6 < 0 OR coalesce(r.parent, 0) = ?6),
                r.created_at FROM ",
            $from,
            " AND (",
            $began,
            ", ",
            $run,
            ") < (?1, ?2) AND ",
            $began,
            " >= ?3"
        )
    };
    ($from:literal) => {
        list!($from, "r.created_at", "r.id")
    };
}
macro_rules! newest_first {
    ($list:expr) => {
        concat!($list, " ORDER BY r.created_at DESC, r.id DESC")
    };
}
pub(super) const LIST_TOP: &str = newest_first!(list!("runs r INDEXED BY runs_top WHERE r.parent IS NULL"));
/// Every run is in one of the two indexes, and they are merged as they are read.
pub(super) const LIST_ALL: &str = concat!(
    list!("runs r INDEXED BY runs_top WHERE r.parent IS NULL"),
    " UNION ALL ",
    list!("runs r INDEXED BY runs_nested WHERE r.parent IS NOT NULL"),
    " ORDER BY 3 DESC, 1 DESC"
);
pub(super) const LIST_CHILDREN: &str = newest_first!(list!("runs r INDEXED BY runs_children WHERE r.parent = ?6"));
pub(super) const LIST_WORKFLOW: &str = newest_first!(list!("runs r INDEXED BY runs_workflow WHERE r.workflow = ?5"));
pub(super) const LIST_FAILED: &str = newest_first!(list!("runs r INDEXED BY runs_failed WHERE r.state > 10"));
/// The index of unfinished runs is small, and so they are sorted.
pub(super) const LIST_UNFINISHED: &str = newest_first!(list!("runs r INDEXED BY runs_unfinished WHERE r.state < 10"));
pub(super) const LIST_LABELLED: &str = concat!(
    list!("labels l INDEXED BY labels_value CROSS JOIN runs r ON r.id = l.run WHERE l.key = ?7 AND l.value = ?8", "l.began", "l.run"),
    " ORDER BY l.began DESC, l.run DESC"
);
/// The run with this number, or the one before.
pub(super) const POSITION: &str = "SELECT created_at, id FROM runs WHERE id <= ?1 ORDER BY id DESC LIMIT 1";
/// Without the hint, the order would make it walk over all that ever finished.
pub(super) const WAKEUPS: &str = "SELECT id, wake_at FROM runs INDEXED BY runs_unfinished WHERE state < 10 ORDER BY id";
pub(super) const UNFINISHED: &str = "SELECT count(*) FROM runs INDEXED BY runs_unfinished WHERE state < 10";
pub(super) const BATCHES: &str = "SELECT seq, data FROM events WHERE run = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4";
pub(super) const LOGS: &str = "SELECT step, item, attempt, seq, part, data FROM logs
    WHERE run = ?1 AND (step, item, attempt, seq, part) > (?2, ?3, ?4, ?5, ?6) AND step <= ?7 ORDER BY step, item, attempt, seq, part";

/// What packed parts of a run take.
pub(super) const RUN_SIZE: &str = "SELECT
    (SELECT coalesce(sum(length(data)), 0) FROM events WHERE run = ?1) + (SELECT coalesce(sum(length(data)), 0) FROM logs WHERE run = ?1)
    + (SELECT coalesce(sum(length(data)), 0) FROM savepoints WHERE run = ?1)
    + (SELECT coalesce(sum(length(b.data)), 0) FROM run_blobs u CROSS JOIN blobs b ON b.id = u.blob WHERE u.run = ?1)";
/// The few payloads of a run are sorted.
pub(super) const EXPORT_BLOBS: &str =
    "SELECT b.digest FROM run_blobs u CROSS JOIN blobs b ON b.id = u.blob WHERE u.run = ?1 ORDER BY b.digest";
pub(super) const EXPORT_LOGS: &str =
    "SELECT step, item, attempt, seq, part, data FROM logs WHERE run = ?1 ORDER BY step, item, attempt, seq, part";
pub(super) const EXPORT_SAVEPOINTS: &str = "SELECT step, item, attempt, data FROM savepoints WHERE run = ?1 ORDER BY step, item";

/// Runs that ended after a position and before a time, oldest first, and whether each is of the workflow in question.
pub(super) const OLD_RUNS: &str = "SELECT id, ended_at, ?4 IS NULL OR workflow = ?4 FROM runs INDEXED BY runs_ended
    WHERE ended_at IS NOT NULL AND parent IS NULL AND (ended_at, id) > (?1, ?2) AND ended_at < ?3 ORDER BY ended_at, id LIMIT ?5";
/// The same for runs whose own time is over.
pub(super) const EXPIRED_RUNS: &str = "SELECT id, expires_at, ?4 IS NULL OR workflow = ?4 FROM runs INDEXED BY runs_expiring
    WHERE expires_at IS NOT NULL AND parent IS NULL AND (expires_at, id) > (?1, ?2) AND expires_at <= ?3 ORDER BY expires_at, id LIMIT ?5";
/// Whether a run below this one is unfinished.
pub(super) const OPEN_BELOW: &str = "WITH RECURSIVE below (run) AS (SELECT ?1 UNION ALL
    SELECT r.id FROM below CROSS JOIN runs r INDEXED BY runs_children ON r.parent = below.run)
    SELECT 1 FROM below CROSS JOIN runs r ON r.id = below.run WHERE r.state < 10 LIMIT 1";
pub(super) const CHILDREN: &str = "SELECT id FROM runs INDEXED BY runs_children WHERE parent = ?1 AND state >= 10 LIMIT ?2";
pub(super) const LABELS_DROP: &str = "DELETE FROM labels WHERE run = ?1";
pub(super) const RUN_DROP: &str = "DELETE FROM runs WHERE id = ?1 RETURNING client_key";
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
