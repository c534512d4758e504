//! What a run wants of the worker beside attempts: sub-workflows, locks, reserved starts.

use std::sync::Arc;

use jackfield_flow::plan::{Rate, WhenBusy};
use jackfield_flow::run::{ChildEnd, Input, Parent, Place, Platform, Release};
use jackfield_store::RateRequest;
use tokio::sync::watch;

use super::{Message, Outside, RunTask};
use crate::children::ChildOrder;
use crate::locks::Waiter;
use crate::news::News;
use crate::worker::Worker;

/// How long a store that cannot reserve a start is left alone, in milliseconds.
const RESERVE_AGAIN_MS: u64 = 1_000;

impl RunTask {
    fn worker(&self) -> Worker {
        Worker { shared: Arc::clone(&self.shared) }
    }

    /// Something that was wanted has come in.
    pub(super) fn came_in(&mut self, input: &Input) {
        match input {
            Input::ChildEnded { place, attempt, .. } => {
                self.children.remove(&(*place, *attempt));
                self.outside.remove(&Outside::Child(*place, *attempt));
            }
            Input::LockGranted { place, .. } => drop(self.outside.remove(&Outside::Lock(*place))),
            Input::ConcurrencyRefused => drop(self.outside.remove(&Outside::Lock(None))),
            Input::RateGranted { place, .. } => drop(self.outside.remove(&Outside::Rate(*place))),
            _ => {}
        }
    }

    pub(super) fn start_child(&mut self, place: Place, attempt: u32) {
        let (worker, sender, teller) = (self.worker(), self.sender.clone(), self.teller.clone());
        let order = ChildOrder::new(&self.run, place, attempt);
        let (tell, known) = watch::channel(None);
        self.children.insert((place, attempt), known);
        self.outside.insert(Outside::Child(place, attempt));
        tokio::spawn(async move {
            let started = match order {
                Ok(order) => worker
                    .start_child(order)
                    .await
                    .map_err(|error| Platform::HostInternal.failure(format!("the sub-workflow cannot be started: {error}"))),
                Err(failure) => Err(failure),
            };
            match started {
                // The parent may have left by now.
                Ok(child) => {
                    teller.tell(0, || News::Child { place, run: child });
                    let _ = tell.send(Some(child));
                }
                Err(failure) => {
                    let end = ChildEnd::Failed(failure);
                    let _ = sender.send(Message::Input(Input::ChildEnded { place, attempt, end })).await;
                }
            }
        });
    }

    pub(super) fn cancel_child(&mut self, place: Place, attempt: u32) {
        let worker = self.worker();
        let known = self.children.get(&(place, attempt)).cloned();
        let (run, uid) = (self.run.id(), self.run.child_uid(place, attempt));
        let parent = Parent { run, uid: self.run.uid(), place, attempt, depth: 0 };
        self.outside.insert(Outside::Child(place, attempt));
        tokio::spawn(async move {
            let child = match known {
                // One that is on its way is cancelled once it is there.
                Some(mut known) => known.wait_for(Option::is_some).await.ok().and_then(|child| *child),
                None => None,
            };
            if let Err(error) = worker.cancel_child(child, uid, parent).await {
                tracing::error!(%run, %error, "a sub-workflow cannot be cancelled");
            }
        });
    }

    pub(super) fn acquire(&mut self, place: Option<Place>, name: &Arc<str>, permits: u32, when_busy: WhenBusy) {
        let plan = self.run.plan();
        let priority = place.map_or(plan.priority, |place| plan.steps[place.index()].priority);
        let waiter = Waiter { run: self.run.id(), fence: self.fence, place, permits, when_busy };
        self.shared.locks.wait(name, waiter, priority, self.shared.clock.now());
        self.outside.insert(Outside::Lock(place));
        let (worker, name) = (self.worker(), Arc::clone(name));
        tokio::spawn(async move { worker.serve_lock(name).await });
    }

    /// Locks that a commit released go to whoever is next.
    pub(super) fn let_go(&mut self, releases: &[Release]) {
        for release in releases {
            self.outside.remove(&Outside::Lock(release.place));
            self.shared.locks.leave(&release.name, self.run.id(), release.place);
            let (worker, name) = (self.worker(), Arc::clone(&release.name));
            tokio::spawn(async move { worker.serve_lock(name).await });
        }
    }

    pub(super) fn reserve(&mut self, place: Place, rate: Rate) {
        self.outside.insert(Outside::Rate(place));
        let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
        tokio::spawn(async move {
            loop {
                let at = shared.clock.now();
                let request = RateRequest { name: Arc::clone(&rate.name), limit: rate.limit, per_ms: rate.per_ms, burst: 1, at };
                match shared.store.reserve(request).await {
                    Ok(at) => return drop(sender.send(Message::Input(Input::RateGranted { place, at })).await),
                    Err(error) => {
                        tracing::warn!(rate = %rate.name, %error, "a start cannot be reserved; it is tried again");
                        shared.clock.sleep_until(at.after(RESERVE_AGAIN_MS)).await;
                    }
                }
                if sender.is_closed() {
                    return;
                }
            }
        });
    }
}
