//! A run as a whole: read for an export, and stored by an import.

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, RunId, RunUid};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::apply::{self, Applied, id, item, place_key};
use super::dir::DataDir;
use super::failure::sql_error;
use super::packed::{pack, unpack};
use super::{query, sql};
use crate::records::{limits, part_size};
use crate::{Blob, ExportedBlob, ExportedLog, ExportedRun, Place, RunRow, SavepointWrite, StoreError, StoredRun};

/// Reads a run in one snapshot. It is bounded in bytes, so that the log is held up for a second or two at most.
pub(super) fn export(conn: &Connection, dir: &DataDir, run: RunId) -> Result<ExportedRun, StoreError> {
    let failed = |error| sql_error("exporting", &dir.db, &error);
    let snapshot = conn.unchecked_transaction().map_err(failed)?;
    let exported = Exporter { conn, dir, run, size: 0 }.read();
    snapshot.finish().map_err(failed)?;
    exported
}

/// Reads the parts of a run, and counts their bytes.
struct Exporter<'a> {
    conn: &'a Connection,
    dir: &'a DataDir,
    run: RunId,
    size: usize,
}

impl Exporter<'_> {
    fn read(mut self) -> Result<ExportedRun, StoreError> {
        // Before anything large is read: packing makes nothing larger by as much as a part counts beside its bytes.
        let stored: i64 = self.ask(|conn| conn.query_row(sql::RUN_SIZE, [id(self.run)], |row| row.get(0)))?;
        limits::within("a run to export", usize::try_from(stored).unwrap_or(usize::MAX), limits::RUN_BYTES_MAX)?;
        let StoredRun { row, plan, batches } = query::load(self.conn, self.dir, self.run)?;
        self.count(plan.len())?;
        for batch in &batches {
            self.count(batch.events.len())?;
        }
        let parent = self.uid_of(row.parent)?;
        let blobs = self.blobs()?;
        let logs = self.logs()?;
        let savepoints = self.savepoints()?;
        let RunRow { uid, workflow, summary, created_at, changed_at, retain_ms, labels, .. } = row;
        let plan = ExportedBlob { digest: row.plan, bytes: plan };
        Ok(ExportedRun {
            uid,
            workflow,
            summary,
            created_at,
            changed_at,
            retain_ms,
            parent,
            labels,
            plan,
            batches,
            blobs,
            logs,
            savepoints,
        })
    }

    fn count(&mut self, bytes: usize) -> Result<(), StoreError> {
        self.size += part_size(bytes);
        limits::within("a run to export", self.size, limits::RUN_BYTES_MAX)
    }

    fn ask<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        ask(self.conn).map_err(|error| sql_error("exporting", &self.dir.db, &error))
    }

    fn uid_of(&self, parent: Option<RunId>) -> Result<Option<RunUid>, StoreError> {
        let Some(parent) = parent else { return Ok(None) };
        self.ask(|conn| conn.prepare_cached(sql::UID_OF)?.query_row([id(parent)], |row| Ok(RunUid(row.get(0)?))).optional())
    }

    fn blobs(&mut self) -> Result<Vec<ExportedBlob>, StoreError> {
        let read = |row: &Row<'_>| Ok(Digest(row.get(0)?));
        let digests: Vec<Digest> = self.ask(|conn| conn.prepare_cached(sql::EXPORT_BLOBS)?.query_map([id(self.run)], read)?.collect())?;
        let mut blobs = Vec::with_capacity(digests.len());
        for digest in digests {
            let bytes = query::blob(self.conn, self.dir, digest)?;
            self.count(bytes.len())?;
            blobs.push(ExportedBlob { digest, bytes });
        }
        Ok(blobs)
    }

    fn logs(&mut self) -> Result<Vec<ExportedLog>, StoreError> {
        let read = |row: &Row<'_>| {
            let place = Place { step: row.get(0)?, item: u32::try_from(row.get::<_, i64>(1)?).ok() };
            let log = ExportedLog {
                place,
                attempt: row.get(2)?,
                seq: row.get::<_, i64>(3)?.cast_unsigned(),
                part: row.get(4)?,
                bytes: row.get(5)?,
            };
            Ok(log)
        };
        let mut logs: Vec<ExportedLog> =
            self.ask(|conn| conn.prepare_cached(sql::EXPORT_LOGS)?.query_map([id(self.run)], read)?.collect())?;
        for log in &mut logs {
            log.bytes = self.unpacked(log.place, &log.bytes, "log")?;
        }
        Ok(logs)
    }

    fn savepoints(&mut self) -> Result<Vec<SavepointWrite>, StoreError> {
        let read = |row: &Row<'_>| {
            let place = Place { step: row.get(0)?, item: u32::try_from(row.get::<_, i64>(1)?).ok() };
            Ok(SavepointWrite { place, attempt: row.get(2)?, data: row.get(3)? })
        };
        let mut savepoints: Vec<SavepointWrite> =
            self.ask(|conn| conn.prepare_cached(sql::EXPORT_SAVEPOINTS)?.query_map([id(self.run)], read)?.collect())?;
        for savepoint in &mut savepoints {
            savepoint.data = self.unpacked(savepoint.place, &savepoint.data, "savepoint")?;
        }
        Ok(savepoints)
    }

    fn unpacked(&mut self, place: Place, stored: &[u8], what: &'static str) -> Result<Vec<u8>, StoreError> {
        let run = self.run;
        let raw = unpack(place_key(run, place), stored).map_err(|_| StoreError::DamagedPart { run, place, what })?;
        self.count(raw.len())?;
        Ok(raw)
    }
}

/// A run that was checked, and whose payloads have been hashed.
#[derive(Debug)]
pub(super) struct Checked {
    run: ExportedRun,
    plan: Blob,
    blobs: Vec<Blob>,
}

/// Checks a run from elsewhere. It hashes, which takes about 1 ms per MiB.
pub(super) fn check(mut run: ExportedRun) -> Result<Checked, StoreError> {
    limits::check_import(&run)?;
    let plan = run.plan.check()?;
    let blobs = std::mem::take(&mut run.blobs).iter().map(ExportedBlob::check).collect::<Result<_, _>>()?;
    Ok(Checked { run, plan, blobs })
}

impl Checked {
    pub(super) fn uid(&self) -> RunUid {
        self.run.uid
    }

    pub(super) fn bytes(&self) -> usize {
        self.run.size() + self.blobs.iter().map(|blob| blob.bytes().len()).sum::<usize>()
    }
}

pub(super) fn import(conn: &Connection, checked: &Checked) -> Applied<RunId> {
    let Checked { run, plan, blobs } = checked;
    if let Some(known) = apply::run_with_uid(conn, run.uid)? {
        return Ok(Err(StoreError::UidTaken { run: known }));
    }
    let parent = run.parent.map(|uid| apply::run_with_uid(conn, uid)).transpose()?.flatten();
    let plan = apply::keep_blob(conn, plan)?;
    let number = apply::insert(
        conn,
        &apply::NewRow {
            fence: Fence(0),
            seq: run.batches.len() as u64,
            summary: run.summary,
            created_at: run.created_at,
            changed_at: run.changed_at,
            plan,
            uid: run.uid,
            workflow: &run.workflow,
            worker: None,
            client_key: None,
            parent,
            retain_ms: run.retain_ms,
            labels: &run.labels,
        },
    )?;
    for batch in &run.batches {
        apply::append(conn, number, batch.seq, &batch.events)?;
    }
    apply::use_blob(conn, number, plan)?;
    apply::use_blobs(conn, number, blobs)?;
    for log in &run.logs {
        let data = pack(place_key(number, log.place), &log.bytes);
        let place = (log.place.step, item(log.place));
        let row = params![id(number), place.0, place.1, log.attempt, log.seq.cast_signed(), log.part, data];
        conn.prepare_cached(sql::LOG_ADD)?.execute(row)?;
    }
    for savepoint in &run.savepoints {
        apply::put_savepoint(conn, number, savepoint)?;
    }
    Ok(Ok(number))
}
