//! From one version of the tables to the next, in one transaction.

use rusqlite::Connection;

use super::schema;

/// From version 1: columns and tables are added. A run that had no wake-up time might have been waiting for anything; it is
/// taken for ready, and whoever claims it finds out.
const FROM_1: &str = "
ALTER TABLE runs ADD COLUMN parent INTEGER;
ALTER TABLE runs ADD COLUMN retain_ms INTEGER;
ALTER TABLE runs ADD COLUMN ended_at INTEGER;
ALTER TABLE runs ADD COLUMN expires_at INTEGER;
UPDATE runs SET wake_at = -9223372036854775808 WHERE state < 10 AND wake_at IS NULL;
UPDATE runs SET ended_at = changed_at WHERE state >= 10;
";

/// Brings the tables from version 1 to the present. After an error, or a crash, they are as they were.
pub(super) fn upgrade(conn: &Connection) -> rusqlite::Result<()> {
    let (added, version) = (schema::ADDED_IN_2, schema::VERSION);
    let done = conn.execute_batch(&format!("BEGIN IMMEDIATE; {FROM_1} {added} PRAGMA user_version = {version}; COMMIT;"));
    if done.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    done
}
