//! Reading a stored run without owning it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_flow::checkpoint::{self, Batch};
use jackfield_flow::plan::{Digest, Plan, PlanError};
use jackfield_flow::resume::resume;
use jackfield_flow::run::{Run, RunId};
use jackfield_store::{RunRow, Store, StoredRun};

use crate::WorkerError;

/// A stored run, brought back.
#[derive(Clone, Debug)]
pub struct LoadedRun {
    /// The run as it stood after its last durable event.
    pub run: Run,
    /// Its row.
    pub row: RunRow,
    /// Its history, in order.
    pub batches: Vec<Batch>,
}

/// Plans that were read not long ago: many runs of one workflow read and keep it once.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    known: Mutex<BTreeMap<Digest, Arc<Plan>>>,
}

/// How many plans are kept at hand.
const PLANS_MAX: usize = 64;

impl Plans {
    fn read(&self, stored: &StoredRun) -> Result<Arc<Plan>, PlanError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = known.get(&stored.row.plan) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::from_bytes(&stored.plan)?);
        if known.len() >= PLANS_MAX {
            known.clear();
        }
        known.insert(stored.row.plan, Arc::clone(&plan));
        Ok(plan)
    }
}

/// Loads a run and applies its events.
pub async fn load_run(store: &dyn Store, run: RunId) -> Result<LoadedRun, WorkerError> {
    load_run_with(store, run, &Plans::default()).await
}

/// The same with the plans that are at hand.
pub(crate) async fn load_run_with(store: &dyn Store, run: RunId, plans: &Plans) -> Result<LoadedRun, WorkerError> {
    let stored = store.load(run).await?;
    let plan = plans.read(&stored).map_err(|error| WorkerError::Plan { run, error })?;
    let blobs = blobs(store, &stored).await?;
    let mut batches = Vec::with_capacity(stored.batches.len());
    for batch in &stored.batches {
        let decoded = checkpoint::decode(&batch.events, &mut |digest| blobs.get(digest).cloned());
        batches.push(decoded.map_err(|error| WorkerError::Checkpoint { run, batch: batch.seq, error })?);
    }
    let run = resume(run, plan, &batches)?;
    Ok(LoadedRun { run, row: stored.row, batches })
}

/// The large values that the batches of a run refer to.
async fn blobs(store: &dyn Store, stored: &StoredRun) -> Result<BTreeMap<Digest, Arc<[u8]>>, WorkerError> {
    let mut blobs = BTreeMap::new();
    for batch in &stored.batches {
        let wanted = checkpoint::blobs_of(&batch.events).map_err(|error| WorkerError::Checkpoint {
            run: stored.row.run,
            batch: batch.seq,
            error,
        })?;
        for digest in wanted {
            if let Entry::Vacant(vacant) = blobs.entry(digest) {
                vacant.insert(store.blob(digest).await?);
            }
        }
    }
    Ok(blobs)
}
