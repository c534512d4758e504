//! The auditor: whether every unfinished run has something that wakes it, and every lock somebody who lets go of it.
//!
//! A run's row names what wakes it, so that a worker need not load it. Here each run is loaded and asked for itself, and the two
//! are compared: a run that its row calls asleep and that nothing would ever wake is an error of the engine, and is found.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::{Input, Millis, Ownership, Reason, Run, RunId, Status};
use jackfield_store::{LockQuery, RunRow, Store, StoreError, Wake};
use jackfield_worker::load_run;

/// Runs that are looked at one by one.
const RUNS_LOOKED_AT: usize = 10_000;

/// What the auditor says of an unfinished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// An engine that is alive has it.
    UnderWay,
    /// Its time will come.
    Asleep,
    /// A message will wake it: a signal, a child's end, a lock's release.
    Listening,
    /// It could go on at once, and nobody has it.
    Ready,
    /// Its time has come, and nobody has it.
    Overdue,
    /// It waits for a plugin or a decision.
    Blocked,
    /// Nothing would ever wake it.
    Stuck,
    /// It cannot be loaded.
    Unreadable,
}

impl Verdict {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 8] =
        [Self::UnderWay, Self::Asleep, Self::Listening, Self::Ready, Self::Overdue, Self::Blocked, Self::Stuck, Self::Unreadable];
}

/// All that the auditor found.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// Unfinished runs, by what is said of them.
    pub(crate) runs: BTreeMap<Verdict, Vec<RunId>>,
    /// Unfinished runs beside these.
    pub(crate) not_looked_at: Option<usize>,
    /// Locks whose holder nobody has.
    pub(crate) locks: Vec<AbandonedLock>,
}

/// A lock whose holder nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AbandonedLock {
    /// The lock.
    pub(crate) name: Arc<str>,
    /// The run that holds it.
    pub(crate) run: RunId,
    /// Since when.
    pub(crate) since: Millis,
    /// Why nobody lets go of it.
    pub(crate) holder: Holder,
}

/// What became of the holder of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// It could go on, and nobody has it.
    Idle,
    /// It has ended, and should have let go.
    Ended,
    /// There is no such run.
    Gone,
}

impl Audit {
    /// Looks at all unfinished runs and held locks. `engine` is the one that is alive, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn of(store: &dyn Store, engine: Option<&str>, now: Millis) -> Result<Self, StoreError> {
        let mut audit = Self::default();
        let wakeups = store.wakeups().await?;
        for wakeup in wakeups.iter().take(RUNS_LOOKED_AT) {
            let verdict = match load_run(store, wakeup.run).await {
                // It has ended since.
                Ok(loaded) if loaded.row.summary.state.is_finished() => continue,
                Ok(loaded) => judge(&loaded.run, &loaded.row, engine, now),
                Err(_) => Verdict::Unreadable,
            };
            audit.runs.entry(verdict).or_default().push(wakeup.run);
        }
        audit.not_looked_at = wakeups.len().checked_sub(RUNS_LOOKED_AT).filter(|left| *left > 0);
        for held in store.locks(LockQuery::All).await? {
            let holder = match store.row(held.run).await {
                Ok(row) if row.summary.state.is_finished() => Holder::Ended,
                Ok(row) if is_owned(&row, engine) => continue,
                // It is taken up by itself when its time comes, or its message.
                Ok(row) if engine.is_some() && row.summary.wake != Some(Wake::Ready) => continue,
                Ok(_) => Holder::Idle,
                Err(StoreError::NotFound { .. }) => Holder::Gone,
                Err(error) => return Err(error),
            };
            audit.locks.push(AbandonedLock { name: held.name, run: held.run, since: held.since, holder });
        }
        Ok(audit)
    }
}

/// Whether the engine that is alive is the one that claimed the run last.
fn is_owned(row: &RunRow, engine: Option<&str>) -> bool {
    engine.is_some() && row.worker.as_deref() == engine
}

/// What the run says for itself, beside what its row says.
fn judge(run: &Run, row: &RunRow, engine: Option<&str>, now: Millis) -> Verdict {
    if run.status() == Status::Blocked {
        return Verdict::Blocked;
    }
    match (row.summary.wake, can_move(run, now)) {
        // An end that its row does not know; or nothing at all that it waits for.
        (_, Moves::Never) => Verdict::Stuck,
        (None, _) => Verdict::Stuck,
        // It would go on if somebody asked, and nobody is going to: its row waits for a message that it does not.
        (Some(Wake::Message), Moves::AtOnce) if !is_owned(row, engine) => Verdict::Stuck,
        (Some(Wake::Ready | Wake::Message | Wake::At(_)), _) if is_owned(row, engine) => Verdict::UnderWay,
        (Some(Wake::At(at)), _) if at > now => Verdict::Asleep,
        (Some(Wake::At(_)), _) => Verdict::Overdue,
        (Some(Wake::Ready), _) => Verdict::Ready,
        (Some(Wake::Message), _) => Verdict::Listening,
    }
}

/// What would move a run that is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moves {
    /// It goes on at once.
    AtOnce,
    /// A time, or a message.
    Later,
    /// Nothing.
    Never,
}

/// Takes the run over, in thought.
fn can_move(run: &Run, now: Millis) -> Moves {
    if run.status().is_end() {
        return Moves::Never;
    }
    let mut taken = run.clone();
    match taken.turn(Input::Recovered, now) {
        Err(_) => Moves::Never,
        Ok(_) if taken.status().is_end() || taken.status() == Status::Blocked || taken.is_busy() => Moves::AtOnce,
        Ok(_) if taken.next_wakeup().is_some() || taken.why(Ownership::Worker).iter().any(is_from_outside) => Moves::Later,
        Ok(_) => Moves::Never,
    }
}

/// Whether something that a run waits for comes from outside. The others follow on something else that it does itself.
fn is_from_outside(reason: &Reason) -> bool {
    !matches!(reason, Reason::Steps { .. } | Reason::Room { .. } | Reason::Ending { .. } | Reason::Worker)
}
