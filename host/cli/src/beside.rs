//! What stands beside a run in the store: the runs it started, the locks it holds, who holds those it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::{Event, Failure, Millis, Place, Run, RunId};
use jackfield_store::{Family, ListQuery, LockHolder, LockQuery, RunRow, SqliteStore, Store as _};
use jackfield_worker::{LoadedRun, load_run};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::error::CliError;
use crate::home::{Home, small_runtime};
use crate::output::time::rfc3339;
use crate::reason::lock_name;

/// A store to look around in.
pub(crate) struct Beside {
    runtime: Runtime,
    store: SqliteStore,
}

/// A run that a run started, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct ChildReport {
    /// Its number.
    pub(crate) run: RunId,
    /// Its workflow.
    pub(crate) workflow: Arc<str>,
    /// The step that started it.
    pub(crate) step: Option<Arc<str>>,
    /// The item of that step.
    pub(crate) item: Option<u32>,
    /// Which attempt.
    pub(crate) attempt: Option<u32>,
    /// Its state.
    pub(crate) status: &'static str,
}

/// A lock that a run holds, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct LockReport {
    /// Its name, as the workflow writes it.
    pub(crate) name: String,
    /// The step that holds it; nothing for the room of the run as a whole.
    pub(crate) step: Option<Arc<str>>,
    /// The item of that step.
    pub(crate) item: Option<u32>,
    /// Since when.
    pub(crate) since: Option<String>,
}

/// When the attempts of places began last, and why they failed last.
#[derive(Debug, Default)]
pub(crate) struct History {
    started: BTreeMap<Place, (u32, Millis)>,
    failed: BTreeMap<Place, Failure>,
}

impl Beside {
    /// Opens the store.
    pub(crate) fn open(home: &Home) -> Result<Self, CliError> {
        Ok(Self { store: home.reader()?, runtime: small_runtime()? })
    }

    /// A run as it stands.
    pub(crate) fn load(&self, run: RunId) -> Result<LoadedRun, CliError> {
        Ok(self.runtime.block_on(load_run(&self.store, run))?)
    }

    /// Who holds locks.
    pub(crate) fn holders(&self, query: LockQuery) -> Result<Vec<LockHolder>, CliError> {
        Ok(self.runtime.block_on(self.store.locks(query))?)
    }

    /// The run that a run started under a name in the world, 32 hexadecimal digits.
    pub(crate) fn child(&self, parent: RunId, key: &str) -> Result<Option<RunId>, CliError> {
        Ok(self.children_until(parent, |row| key_of(row) == key)?.pop().filter(|row| key_of(row) == key).map(|row| row.run))
    }

    /// The runs that a run started, the newest first.
    fn children_until(&self, parent: RunId, enough: impl Fn(&RunRow) -> bool) -> Result<Vec<RunRow>, CliError> {
        let mut query = ListQuery { family: Family::ChildrenOf(parent), ..ListQuery::default() };
        let mut rows = Vec::new();
        loop {
            let page = self.runtime.block_on(self.store.list(query.clone()))?;
            for row in page.rows {
                let last = enough(&row);
                rows.push(row);
                if last {
                    return Ok(rows);
                }
            }
            match page.next {
                Some(next) => query.before = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// The runs that a run started, in the order of their numbers.
    pub(crate) fn children(&self, loaded: &LoadedRun) -> Result<Vec<ChildReport>, CliError> {
        let run = &loaded.run;
        if run.plan().flows.is_empty() {
            return Ok(Vec::new());
        }
        let started = loaded.batches.iter().flat_map(|batch| &batch.events).filter_map(|event| match event {
            Event::Started { place, attempt } => {
                run.flow_of(*place)?;
                Some((run.child_uid(*place, *attempt), (*place, *attempt)))
            }
            _ => None,
        });
        let by_uid: Vec<_> = started.collect();
        let place_of = |row: &RunRow| by_uid.iter().find(|(uid, _)| *uid == row.uid).map(|(_, place)| *place);
        let report = |row: RunRow| {
            let place = place_of(&row);
            ChildReport {
                run: row.run,
                workflow: Arc::clone(&row.workflow),
                step: place.map(|(place, _)| step_name(run, place)),
                item: place.and_then(|(place, _)| place.item),
                attempt: place.map(|(_, attempt)| attempt),
                status: row.summary.state.name(),
            }
        };
        let mut children: Vec<ChildReport> = self.children_until(run.id(), |_| false)?.into_iter().map(report).collect();
        children.sort_by_key(|child| child.run);
        Ok(children)
    }

    /// The locks that a run holds.
    pub(crate) fn locks(&self, run: &Run) -> Result<Vec<LockReport>, CliError> {
        let report = |holder: LockHolder| LockReport {
            name: lock_name(&holder.name),
            step: holder.place.map(|place| step_name(run, place)),
            item: holder.place.and_then(|place| place.item),
            since: rfc3339(holder.since),
        };
        Ok(self.holders(LockQuery::Run(run.id()))?.into_iter().map(report).collect())
    }
}

impl History {
    /// What the batches of a run tell.
    pub(crate) fn of(loaded: &LoadedRun) -> Self {
        let mut history = Self::default();
        for batch in &loaded.batches {
            for event in &batch.events {
                match event {
                    Event::Started { place, attempt } => drop(history.started.insert(*place, (*attempt, batch.at))),
                    Event::AttemptFailed { place, failure, .. } => drop(history.failed.insert(*place, failure.clone())),
                    _ => {}
                }
            }
        }
        history
    }

    /// When an attempt began.
    pub(crate) fn began(&self, place: Place, attempt: u32) -> Option<Millis> {
        self.started.get(&place).filter(|(known, _)| *known == attempt).map(|(_, at)| *at)
    }

    /// Why the last attempt that failed did so.
    pub(crate) fn failure(&self, place: Place) -> Option<&Failure> {
        self.failed.get(&place)
    }
}

fn key_of(row: &RunRow) -> String {
    format!("{:032x}", u128::from_be_bytes(row.uid.0))
}

/// The name of the step of a place.
pub(crate) fn step_name(run: &Run, place: Place) -> Arc<str> {
    run.plan().steps.get(place.index()).map_or_else(|| Arc::from("?"), |step| Arc::clone(&step.name))
}
