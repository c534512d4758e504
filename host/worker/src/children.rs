//! Sub-workflows: runs that other runs start and wait for.
//!
//! A child's name in the world derives from its parent's and the place that starts it, so that it is started once, however
//! often that is asked for. Its end reaches the parent wherever that is: in this worker, or in the store.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jackfield_flow::plan::Plan;
use jackfield_flow::run::{Beginning, ChildEnd, Failure, Input, Parent, Place, Platform, Run, RunId, RunUid, Status};
use jackfield_flow::types::Value;
use jackfield_store::{Family, ListQuery, StoreError};

use crate::again::Again;
use crate::error::WorkerError;
use crate::start::Start;
use crate::worker::Worker;

/// A sub-workflow to start.
pub(crate) struct ChildOrder {
    uid: RunUid,
    plan: Arc<Plan>,
    inputs: Value,
    directory: Arc<str>,
    parent: Parent,
    priority: Option<i32>,
}

/// Boxed, because a child's task may start children of its own.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl ChildOrder {
    /// The order for the sub-workflow at a place, or why there is none: its inputs cannot be computed, or there are too many.
    pub(crate) fn new(run: &Run, place: Place, attempt: u32) -> Result<Self, Failure> {
        let plan = run.flow_of(place).ok_or_else(|| Platform::HostInternal.failure("the step starts no sub-workflow"))?;
        let depth = run.parent().map_or(1, |parent| parent.depth + 1);
        let parent = Parent { run: run.id(), uid: run.uid(), place, attempt, depth };
        let inputs = run.child_inputs(place)?;
        let (uid, priority) = (run.child_uid(place, attempt), run.priority_given());
        Ok(Self { uid, plan: Arc::clone(plan), inputs, directory: Arc::clone(run.directory()), parent, priority })
    }
}

/// How a run that has ended ended, as its parent hears it.
pub(crate) fn end_of(run: &Run) -> Option<ChildEnd> {
    match run.status() {
        Status::Done => Some(ChildEnd::Done(run.outputs().map_or_else(String::new, Value::to_json).into())),
        Status::Failed => run.failure().map(|(_, failure)| ChildEnd::Failed(failure.clone())),
        Status::Cancelled => Some(ChildEnd::Cancelled),
        _ => None,
    }
}

impl Worker {
    /// Starts a sub-workflow, or finds the one that was started before: then sees to it that it goes on, or tells its end.
    ///
    /// Answers why it cannot be started, for the step that wants it. While the store is in trouble it is tried again; what was
    /// stored without anybody knowing is found by its name.
    pub(crate) fn start_child(&self, order: ChildOrder) -> Boxed<'_, Result<RunId, Failure>> {
        Box::pin(async move {
            let ChildOrder { uid, plan, inputs, directory, parent, priority } = order;
            let beginning = Beginning { parent: Some(parent), priority, ..Beginning::new(uid, inputs.clone(), Arc::clone(&directory)) };
            let start = Start { plan, inputs, directory: (*directory).into(), client_key: None, labels: Vec::new(), priority };
            let mut again = Again::default();
            loop {
                let started = match self.begin(&start, beginning.clone()).await {
                    Ok(started) => Ok(started.run),
                    Err(WorkerError::Store(StoreError::UidTaken { run, .. })) => self.attend(run, parent).await.map(|()| run),
                    Err(error) => Err(error),
                };
                match started {
                    Ok(run) => return Ok(run),
                    Err(error) if error.passes() && !self.is_stopping() => again.wait().await,
                    Err(error) => return Err(Platform::HostInternal.failure(format!("the sub-workflow cannot be started: {error}"))),
                }
            }
        })
    }

    /// A child that is there already goes on, or its parent hears how it ended.
    async fn attend(&self, child: RunId, parent: Parent) -> Result<(), WorkerError> {
        match self.see_to(child).await {
            Err(WorkerError::Ended { .. }) => {
                let run = self.load_run(child).await?.run;
                if let Some(end) = end_of(&run) {
                    self.deliver(parent.run, Input::ChildEnded { place: parent.place, attempt: parent.attempt, end }).await;
                }
                Ok(())
            }
            seen => seen,
        }
    }

    /// Cancels a child; its end is told as any end of a child. One that was never started has ended with that.
    pub(crate) fn cancel_child(&self, known: Option<RunId>, uid: RunUid, parent: Parent) -> Boxed<'_, Result<(), WorkerError>> {
        Box::pin(async move {
            let mut again = Again::default();
            loop {
                match self.try_cancel(known, uid, parent).await {
                    Err(error) if error.passes() && !self.is_stopping() => again.wait().await,
                    tried => return tried,
                }
            }
        })
    }

    async fn try_cancel(&self, known: Option<RunId>, uid: RunUid, parent: Parent) -> Result<(), WorkerError> {
        let child = match known {
            Some(child) => Some(child),
            None => self.child_named(parent.run, uid).await?,
        };
        let Some(child) = child else {
            let end = ChildEnd::Cancelled;
            self.deliver(parent.run, Input::ChildEnded { place: parent.place, attempt: parent.attempt, end }).await;
            return Ok(());
        };
        match self.cancel(child, "the run that started it was cancelled or has ended").await {
            Err(WorkerError::Ended { .. }) => self.attend(child, parent).await,
            cancelled => cancelled,
        }
    }

    async fn child_named(&self, parent: RunId, uid: RunUid) -> Result<Option<RunId>, WorkerError> {
        let mut query = ListQuery { family: Family::ChildrenOf(parent), ..ListQuery::default() };
        loop {
            let page = self.shared.store.list(query.clone()).await?;
            if let Some(row) = page.rows.iter().find(|row| row.uid == uid) {
                return Ok(Some(row.run));
            }
            match page.next {
                Some(next) => query.before = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// Tells the parent of a run that has ended how it ended.
    pub(crate) async fn report_to_parent(&self, run: &Run) {
        if let (Some(parent), Some(end)) = (run.parent().copied(), end_of(run)) {
            self.deliver(parent.run, Input::ChildEnded { place: parent.place, attempt: parent.attempt, end }).await;
        }
    }
}
