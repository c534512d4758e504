//! What a run wants of the worker beside attempts: sub-workflows, locks, reserved starts.

use std::sync::Arc;

use jackfield_flow::plan::{Rate, WhenBusy};
use jackfield_flow::run::{ChildEnd, Input, Millis, Parent, Place, Release};
use jackfield_store::RateRequest;
use tokio::sync::watch;

use super::{Message, Outside, RunTask};
use crate::again::Again;
use crate::children::ChildOrder;
use crate::locks::Waiter;
use crate::news::News;
use crate::worker::Worker;

impl RunTask {
    fn worker(&self) -> Worker {
        Worker { shared: Arc::clone(&self.shared) }
    }

    /// Something that was wanted has come in.
    pub(super) fn came_in(&mut self, input: &Input) {
        match input {
            Input::AttemptEnded { place, attempt, .. } | Input::PluginMissing { place, attempt, .. } => self.attempt_over(*place, *attempt),
            Input::ChildEnded { place, attempt, .. } => {
                self.children.remove(&(*place, *attempt));
                self.outside.remove(&Outside::ChildStart(*place, *attempt));
                self.outside.remove(&Outside::ChildCancel(*place, *attempt));
            }
            Input::ConcurrencyRefused => drop(self.outside.remove(&Outside::Lock(None))),
            Input::RateGranted { place, .. } => drop(self.outside.remove(&Outside::Rate(*place))),
            _ => {}
        }
    }

    pub(super) fn start_child(&mut self, place: Place, attempt: u32) {
        let (worker, sender, teller, run) = (self.worker(), self.sender.clone(), self.teller.clone(), self.run.id());
        let order = ChildOrder::new(&self.run, place, attempt);
        let (tell, known) = watch::channel(None);
        self.children.insert((place, attempt), known);
        let outside = Outside::ChildStart(place, attempt);
        self.outside.insert(outside);
        tokio::spawn(async move {
            let started = match order {
                Ok(order) => worker.start_child(order).await,
                Err(failure) => Err(failure),
            };
            match started {
                Ok(child) => {
                    teller.tell(0, || News::Child { place, run: child });
                    // The parent may have ended by now.
                    let _ = tell.send(Some(child));
                    let _ = sender.send(Message::ChildSeenTo { outside }).await;
                }
                Err(failure) => worker.deliver(run, Input::ChildEnded { place, attempt, end: ChildEnd::Failed(failure) }).await,
            }
        });
    }

    pub(super) fn cancel_child(&mut self, place: Place, attempt: u32) {
        let (worker, sender) = (self.worker(), self.sender.clone());
        let known = self.children.get(&(place, attempt)).cloned();
        let (run, uid) = (self.run.id(), self.run.child_uid(place, attempt));
        let parent = Parent { run, uid: self.run.uid(), place, attempt, depth: 0 };
        let outside = Outside::ChildCancel(place, attempt);
        self.outside.insert(outside);
        tokio::spawn(async move {
            let child = match known {
                // One that is on its way is cancelled once it is there.
                Some(mut known) => known.wait_for(Option::is_some).await.ok().and_then(|child| *child),
                None => None,
            };
            if let Err(error) = worker.cancel_child(child, uid, parent).await {
                tracing::error!(%run, %error, "a sub-workflow cannot be cancelled");
            }
            let _ = sender.send(Message::ChildSeenTo { outside }).await;
        });
    }

    pub(super) fn acquire(&mut self, name: &Arc<str>, place: Option<Place>, permits: u32, when_busy: WhenBusy, since: Millis) {
        let priority = self.run.priority(place);
        let waiter = Waiter { run: self.run.id(), fence: self.fence, place, permits, when_busy };
        self.shared.locks.wait(name, waiter, priority, since);
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

    /// Reserves starts, in their order.
    pub(super) fn reserve(&mut self, mut starts: Vec<(Place, Rate)>) {
        if starts.is_empty() {
            return;
        }
        self.outside.extend(starts.iter().map(|(place, _)| Outside::Rate(*place)));
        let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
        tokio::spawn(async move {
            let mut again = Again::default();
            while !starts.is_empty() && !sender.is_closed() {
                // All are queued before any is waited for: that keeps their order, and they are written together.
                let asked: Vec<_> = starts.iter().map(|(_, rate)| shared.store.reserve(request(rate, shared.clock.now()))).collect();
                let mut refused = Vec::new();
                for (reply, (place, rate)) in asked.into_iter().zip(starts) {
                    match reply.await {
                        Ok(at) => drop(sender.send(Message::Input(Input::RateGranted { place, at })).await),
                        Err(error) => {
                            tracing::warn!(rate = %rate.name, %error, "a start cannot be reserved; it is tried again");
                            refused.push((place, rate));
                        }
                    }
                }
                starts = refused;
                if !starts.is_empty() {
                    again.wait().await;
                }
            }
        });
    }
}

fn request(rate: &Rate, at: Millis) -> RateRequest {
    RateRequest { name: Arc::clone(&rate.name), limit: rate.limit, per_ms: rate.per_ms, burst: 1, at }
}
