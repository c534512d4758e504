//! Locks that runs share: who waits for which, and who goes next.
//!
//! Who holds a lock is a fact of the store. Who waits is known here alone: a run that comes back asks again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::plan::WhenBusy;
use jackfield_flow::run::{Fence, Input, LockToken, Millis, Place, RunId};
use jackfield_store::{Acquired, LockHolder, LockRequest, StoreError};

use crate::again::Again;
use crate::run_task::Message;
use crate::slots::Rank;
use crate::worker::Worker;

/// Somebody who waits for a lock.
#[derive(Clone, Debug)]
pub(crate) struct Waiter {
    pub(crate) run: RunId,
    pub(crate) fence: Fence,
    /// For which place; nothing for the run as a whole.
    pub(crate) place: Option<Place>,
    pub(crate) permits: u32,
    pub(crate) when_busy: WhenBusy,
}

/// All locks that somebody waits for.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    queues: Mutex<Queues>,
}

#[derive(Debug, Default)]
struct Queues {
    by_name: BTreeMap<Arc<str>, Queue>,
}

/// Where somebody stands: those who came in one instant by their numbers, so that a worker that takes them over keeps the order.
type Turn = (Rank, Option<Place>);

#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeMap<Turn, Waiter>,
    /// Held by whoever asks the store for the next in the queue, so that nobody overtakes and no release is missed.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Locks {
    /// Puts somebody into the queue of a lock. [`Worker::serve_lock`] must follow.
    pub(crate) fn wait(&self, name: &Arc<str>, waiter: Waiter, priority: i32, since: Millis) {
        let mut queues = self.queues();
        let turn = (Rank::new(priority, since, waiter.run.0), waiter.place);
        let waiting = &mut queues.by_name.entry(Arc::clone(name)).or_default().waiting;
        if !waiting.values().any(|other| (other.run, other.place) == (waiter.run, waiter.place)) {
            waiting.insert(turn, waiter);
        }
    }

    /// Takes somebody out who waits no more.
    pub(crate) fn leave(&self, name: &str, run: RunId, place: Option<Place>) {
        if let Some(queue) = self.queues().by_name.get_mut(name) {
            queue.waiting.retain(|_, waiter| (waiter.run, waiter.place) != (run, place));
        }
    }

    /// Takes a run out of all queues, because it is no longer here.
    pub(crate) fn forget(&self, run: RunId) {
        let mut queues = self.queues();
        if queues.by_name.is_empty() {
            return;
        }
        for queue in queues.by_name.values_mut() {
            queue.waiting.retain(|_, waiter| waiter.run != run);
        }
        queues.by_name.retain(|_, queue| !queue.waiting.is_empty());
    }

    /// Whether anybody waits for a lock.
    fn is_wanted(&self, name: &str) -> bool {
        self.queues().by_name.contains_key(name)
    }

    fn turn(&self, name: &str) -> Option<Arc<tokio::sync::Mutex<()>>> {
        self.queues().by_name.get(name).map(|queue| Arc::clone(&queue.turn))
    }

    fn first(&self, name: &str) -> Option<(Turn, Waiter)> {
        let mut queues = self.queues();
        let first = queues.by_name.get(name)?.waiting.first_key_value().map(|(rank, waiter)| (*rank, waiter.clone()));
        if first.is_none() {
            queues.by_name.remove(name);
        }
        first
    }

    fn remove(&self, name: &str, rank: Turn) {
        if let Some(queue) = self.queues().by_name.get_mut(name) {
            queue.waiting.remove(&rank);
        }
    }

    /// Those who do not want to wait for a busy lock: taken out, with those who want its holders cancelled left in.
    fn impatient(&self, name: &str) -> (Vec<Waiter>, bool) {
        let mut queues = self.queues();
        let Some(queue) = queues.by_name.get_mut(name) else { return (Vec::new(), false) };
        let gone = queue.waiting.extract_if(.., |_, waiter| waiter.when_busy == WhenBusy::Skip).map(|(_, waiter)| waiter).collect();
        (gone, queue.waiting.values().any(|waiter| waiter.when_busy == WhenBusy::CancelRunning))
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Gives a lock to those who wait for it, in their order, for as long as there is room.
    ///
    /// To be called after somebody came and after somebody released it: one of the two calls sees both.
    pub(crate) async fn serve_lock(&self, name: Arc<str>) {
        let mut again = Again::default();
        while self.shared.locks.is_wanted(&name) {
            let Some(turn) = self.shared.locks.turn(&name) else { return };
            let turn = turn.lock().await;
            let Some((rank, waiter)) = self.shared.locks.first(&name) else { return };
            let request = LockRequest {
                name: Arc::clone(&name),
                permits: waiter.permits,
                run: waiter.run,
                fence: waiter.fence,
                place: waiter.place,
                at: self.shared.clock.now(),
            };
            match self.shared.store.acquire(request).await {
                Ok(Acquired::Held { token }) => {
                    self.shared.locks.remove(&name, rank);
                    let granted = Message::Granted { place: waiter.place, name: Arc::clone(&name), token: LockToken(token) };
                    self.tell(waiter.run, granted).await;
                }
                Ok(Acquired::Busy { holders }) => {
                    let (gone, cancels) = self.shared.locks.impatient(&name);
                    drop(turn);
                    for waiter in gone {
                        self.tell(waiter.run, Message::Input(Input::ConcurrencyRefused)).await;
                    }
                    if cancels {
                        self.cancel_holders(&holders);
                    }
                    return;
                }
                // The run has ended, or somebody else has it now: it waits here no more.
                Err(StoreError::StaleFence { .. } | StoreError::NotFound { .. } | StoreError::AlreadyFinished { .. }) => {
                    self.shared.locks.remove(&name, rank);
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(lock = %name, run = %waiter.run, %error, "a lock cannot be asked for; it is tried again");
                    again.wait().await;
                }
            }
        }
    }

    /// Cancels the runs that hold a lock; those who wait for it are served when they have ended.
    fn cancel_holders(&self, holders: &[LockHolder]) {
        for run in holders.iter().map(|holder| holder.run) {
            let worker = self.clone();
            tokio::spawn(async move {
                if let Err(error) = worker.cancel(run, "a newer run with the same key takes its place").await {
                    tracing::info!(%run, %error, "a run that is in the way cannot be cancelled");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiter(run: u64, when_busy: WhenBusy) -> Waiter {
        Waiter { run: RunId(run), fence: Fence(1), place: None, permits: 1, when_busy }
    }

    #[test]
    fn the_queue_is_by_priority_with_ageing_and_each_place_stands_in_it_once() {
        let (locks, name) = (Locks::default(), Arc::from("l"));
        locks.wait(&name, waiter(1, WhenBusy::Queue), 0, Millis(0));
        locks.wait(&name, waiter(2, WhenBusy::Queue), 1, Millis(59_999));
        locks.wait(&name, waiter(1, WhenBusy::Queue), 100, Millis(0));
        let mut order = Vec::new();
        while let Some((rank, waiter)) = locks.first(&name) {
            order.push(waiter.run.0);
            locks.remove(&name, rank);
        }
        assert_eq!(order, [2, 1]);
        assert!(!locks.is_wanted(&name), "an empty queue is gone");
    }

    #[test]
    fn who_leaves_is_not_served() {
        let (locks, name) = (Locks::default(), Arc::from("l"));
        locks.wait(&name, waiter(1, WhenBusy::Queue), 0, Millis(0));
        locks.wait(&name, waiter(2, WhenBusy::Skip), 0, Millis(1));
        locks.wait(&name, waiter(3, WhenBusy::CancelRunning), 0, Millis(2));
        locks.leave(&name, RunId(1), None);
        let (gone, cancels) = locks.impatient(&name);
        assert_eq!((gone.len(), gone[0].run, cancels), (1, RunId(2), true));
        locks.forget(RunId(3));
        assert!(!locks.is_wanted(&name));
    }
}
