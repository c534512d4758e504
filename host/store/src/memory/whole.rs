//! Runs as a whole: lists, labels, exports, and forgetting.

use jackfield_flow::run::{Fence, Millis, RunId};

use super::{Inner, Kept};
use crate::records::limits;
use crate::{
    Batch, ExportedBlob, ExportedLog, ExportedRun, ListPage, ListQuery, LogPos, PruneQuery, Pruned, Relabel, RunRow, Savepoint,
    SavepointWrite, StoreError,
};

impl Inner {
    pub(super) fn list(&self, query: &ListQuery) -> ListPage {
        let limit = query.page_size() as usize;
        let end = query.before.map(|before| self.position(before));
        let mut rows: Vec<&RunRow> = self.runs.values().map(|kept| &kept.row).filter(|row| query.wants(row)).collect();
        rows.retain(|row| end.is_none_or(|end| (row.created_at, row.run) < end));
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.run)));
        let next = if rows.len() > limit { Some(rows[limit - 1].run) } else { None };
        rows.truncate(limit);
        ListPage { rows: rows.into_iter().cloned().collect(), next }
    }

    /// Where a run is listed, or was.
    fn position(&self, run: RunId) -> (Millis, RunId) {
        match self.runs.range(..=run).next_back() {
            Some((found, kept)) if *found == run => (kept.row.created_at, run),
            Some((found, kept)) => (kept.row.created_at, RunId(found.0 + 1)),
            None => (Millis(i64::MIN), RunId(0)),
        }
    }

    pub(super) fn relabel(&mut self, change: &Relabel) -> Result<(), StoreError> {
        limits::check_relabel(change)?;
        let row = &mut self.kept(change.run)?.row;
        row.labels = change.apply(row.labels.iter().cloned().collect())?.into_iter().collect();
        self.writes += 1;
        Ok(())
    }

    pub(super) fn export(&mut self, run: RunId) -> Result<ExportedRun, StoreError> {
        let parent = self.kept(run)?.row.parent;
        let parent = parent.and_then(|parent| self.runs.get(&parent)).map(|kept| kept.row.uid);
        let Kept { row, batches, logs, savepoints, blobs } = &self.runs[&run];
        let blob = |digest| ExportedBlob { digest, bytes: self.blobs[&digest].clone() };
        let mut digests = blobs.clone();
        digests.sort_unstable();
        digests.dedup();
        let exported = ExportedRun {
            uid: row.uid,
            workflow: row.workflow.clone(),
            summary: row.summary,
            created_at: row.created_at,
            changed_at: row.changed_at,
            retain_ms: row.retain_ms,
            parent,
            labels: row.labels.clone(),
            plan: blob(row.plan),
            batches: batches.clone(),
            blobs: digests.into_iter().map(blob).collect(),
            logs: logs.iter().map(|(pos, bytes)| exported_log(*pos, bytes)).collect(),
            savepoints: savepoints
                .iter()
                .map(|(place, Savepoint { attempt, data })| SavepointWrite { place: *place, attempt: *attempt, data: data.clone() })
                .collect(),
        };
        limits::within("a run to export", exported.size(), limits::RUN_BYTES_MAX)?;
        Ok(exported)
    }

    pub(super) fn import(&mut self, run: ExportedRun) -> Result<RunId, StoreError> {
        limits::check_import(&run)?;
        let blobs = run.blobs.iter().chain([&run.plan]).map(ExportedBlob::check).collect::<Result<Vec<_>, _>>()?;
        if let Some(kept) = self.runs.values().find(|kept| kept.row.uid == run.uid) {
            return Err(StoreError::UidTaken { run: kept.row.run });
        }
        let parent = run.parent.and_then(|uid| self.runs.values().find(|kept| kept.row.uid == uid)).map(|kept| kept.row.run);
        let mut labels = run.labels;
        labels.sort_unstable();
        self.last_run += 1;
        self.writes += 1;
        let row = RunRow {
            run: RunId(self.last_run),
            uid: run.uid,
            workflow: run.workflow,
            plan: run.plan.digest,
            summary: run.summary,
            fence: Fence(0),
            seq: run.batches.len() as u64,
            worker: None,
            labels,
            parent,
            retain_ms: run.retain_ms,
            created_at: run.created_at,
            changed_at: run.changed_at,
        };
        let blobs = self.keep_blobs(blobs);
        let logs =
            run.logs.into_iter().map(|log| (LogPos { place: log.place, attempt: log.attempt, seq: log.seq, part: log.part }, log.bytes));
        let savepoints = run.savepoints.into_iter().map(|write| (write.place, Savepoint { attempt: write.attempt, data: write.data }));
        let batches: Vec<Batch> = run.batches;
        let kept = Kept { row, batches, logs: logs.collect(), savepoints: savepoints.collect(), blobs };
        self.runs.insert(RunId(self.last_run), kept);
        Ok(RunId(self.last_run))
    }

    pub(super) fn prune(&mut self, query: &PruneQuery) -> Pruned {
        let mut old: Vec<_> = self.runs.values().filter_map(|kept| due_to_go(&kept.row, query)).collect();
        old.sort_unstable();
        let mut roots: Vec<RunId> = old.into_iter().map(|(_, _, run)| run).collect();
        roots.retain(|root| self.below(*root).iter().all(|run| self.runs[run].row.summary.state.is_finished()));
        roots.truncate(query.limit as usize);
        let gone: Vec<RunId> = roots.iter().flat_map(|root| self.below(*root)).collect();
        for run in &gone {
            self.runs.remove(run);
            self.keys.retain(|_, (_, of)| of != run);
        }
        let runs = &self.runs;
        self.blobs.retain(|digest, _| runs.values().any(|kept| kept.blobs.contains(digest)));
        self.writes += 1;
        // Runs are numbered, and there are not so many in memory.
        Pruned { runs: u32::try_from(gone.len()).unwrap_or(u32::MAX), bytes: 0 }
    }

    /// A run and every run below it. Parents have lower numbers than their children.
    fn below(&self, root: RunId) -> Vec<RunId> {
        let mut tree = vec![root];
        for (run, kept) in self.runs.range(root..) {
            if kept.row.parent.is_some_and(|parent| tree.contains(&parent)) {
                tree.push(*run);
            }
        }
        tree
    }
}

/// Why and since when a run is to go, for the order: those that are old come before those that have expired.
fn due_to_go(row: &RunRow, query: &PruneQuery) -> Option<(u8, Millis, RunId)> {
    let concerned =
        row.summary.state.is_finished() && row.parent.is_none() && query.workflow.as_ref().is_none_or(|name| *name == row.workflow);
    if !concerned {
        return None;
    }
    let expires_at = row.retain_ms.map(|retain_ms| row.changed_at.after(retain_ms));
    if query.finished_before.is_some_and(|time| row.changed_at < time) {
        return Some((0, row.changed_at, row.run));
    }
    expires_at.filter(|expires_at| query.expired_at.is_some_and(|now| *expires_at <= now)).map(|at| (1, at, row.run))
}

fn exported_log(pos: LogPos, bytes: &[u8]) -> ExportedLog {
    ExportedLog { place: pos.place, attempt: pos.attempt, seq: pos.seq, part: pos.part, bytes: bytes.to_vec() }
}
