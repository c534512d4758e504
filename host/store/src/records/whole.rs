//! A run as a whole, to be written into a file and read elsewhere.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunUid};

use crate::{Batch, Blob, Label, Place, SavepointWrite, StoreError, Summary};

/// Everything a store knows of a run that means something elsewhere too. Its number, its owner, its fence, its client key and its
/// locks do not.
///
/// Nothing here is believed: an import checks every bound, every number and every digest. All of it together is at most
/// [`RUN_BYTES_MAX`](crate::limits::RUN_BYTES_MAX).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedRun {
    /// The run's name everywhere.
    pub uid: RunUid,
    /// The name of its workflow.
    pub workflow: Arc<str>,
    /// As of its last batch.
    pub summary: Summary,
    /// When it was created.
    pub created_at: Millis,
    /// The time of its last batch or claim.
    pub changed_at: Millis,
    /// How long it wants to be kept after its end.
    pub retain_ms: Option<u64>,
    /// The run that started it. It is its parent again where that run is known.
    pub parent: Option<RunUid>,
    /// Its labels, by key.
    pub labels: Vec<Label>,
    /// Its plan.
    pub plan: ExportedBlob,
    /// All batches, in order.
    pub batches: Vec<Batch>,
    /// The payloads that its batches name, and perhaps its plan once more, by digest.
    pub blobs: Vec<ExportedBlob>,
    /// Its logs, ordered by step, item, attempt and time.
    pub logs: Vec<ExportedLog>,
    /// Its savepoints, by place.
    pub savepoints: Vec<SavepointWrite>,
}

/// Bytes and the digest they are said to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedBlob {
    /// What the bytes should hash to.
    pub digest: Digest,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl ExportedBlob {
    /// Hashes the bytes (about 1 ms per MiB), which must have the digest they are said to have.
    pub(crate) fn check(&self) -> Result<Blob, StoreError> {
        let blob = Blob::new(self.bytes.clone());
        if blob.digest() == self.digest { Ok(blob) } else { Err(StoreError::DamagedBlob { digest: self.digest }) }
    }
}

/// A piece of a log, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedLog {
    /// Where it was written.
    pub place: Place,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The batch it came with.
    pub seq: u64,
    /// Its index in that commit.
    pub part: u32,
    /// The bytes, as they were written.
    pub bytes: Vec<u8>,
}

/// What one part of a run costs beside its bytes, so that many empty parts are not for nothing.
const PART_BYTES: usize = 64;

impl ExportedRun {
    /// The size that counts against the limit.
    pub(crate) fn size(&self) -> usize {
        let batches = self.batches.iter().map(|batch| batch.events.len());
        let blobs = self.blobs.iter().chain([&self.plan]).map(|blob| blob.bytes.len());
        let logs = self.logs.iter().map(|log| log.bytes.len());
        let savepoints = self.savepoints.iter().map(|savepoint| savepoint.data.len());
        batches.chain(blobs).chain(logs).chain(savepoints).map(part_size).sum()
    }
}

/// What a part of so many bytes adds to the size of its run.
pub(crate) fn part_size(bytes: usize) -> usize {
    bytes.saturating_add(PART_BYTES)
}
