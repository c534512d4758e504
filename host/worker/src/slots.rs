//! How many attempts run at once in this process, and who goes next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::run::Millis;
use tokio::sync::oneshot;

/// How long one waits to gain one step of priority, in milliseconds.
const AGEING_MS: i64 = 60_000;

/// Where somebody stands in a queue: the least goes first.
///
/// With ageing at one rate for all, who is ahead of whom never changes: `priority + waited / AGEING_MS` compares like
/// `priority * AGEING_MS - since`, and that stays what it is. So the queue is an ordered map, and nothing has to be counted up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    behind: i64,
    /// Those of one rank go in the order in which they came.
    ticket: u64,
}

impl Rank {
    /// The rank of somebody of a priority who waits since a time.
    pub(crate) fn new(priority: i32, since: Millis, ticket: u64) -> Self {
        Self { behind: since.0.saturating_sub(i64::from(priority).saturating_mul(AGEING_MS)), ticket }
    }
}

/// Places for attempts.
#[derive(Debug)]
pub(crate) struct Slots {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    tickets: u64,
    waiting: BTreeMap<Rank, oneshot::Sender<Slot>>,
}

/// A place for one attempt; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Option<Arc<Slots>>,
}

impl Slots {
    /// So many places.
    pub(crate) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { free: places, tickets: 0, waiting: BTreeMap::new() }) })
    }

    /// Waits for a place.
    pub(crate) async fn take(self: &Arc<Self>, priority: i32, now: Millis) -> Slot {
        let given = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Slot { slots: Some(Arc::clone(self)) };
            }
            state.tickets += 1;
            let (give, given) = oneshot::channel();
            let rank = Rank::new(priority, now, state.tickets);
            state.waiting.insert(rank, give);
            given
        };
        // The sender is kept until it is used; were it lost, an attempt without a place harms less than one that never starts.
        given.await.unwrap_or(Slot { slots: None })
    }

    /// Gives a place to whoever goes next.
    fn give(self: &Arc<Self>) {
        let mut slot = Slot { slots: Some(Arc::clone(self)) };
        loop {
            let next = {
                let mut state = self.state();
                match state.waiting.pop_first() {
                    Some((_, next)) => next,
                    None => {
                        state.free += 1;
                        slot.slots = None;
                        return;
                    }
                }
            };
            match next.send(slot) {
                Ok(()) => return,
                // Whoever waited has gone; the place is for the next.
                Err(back) => slot = back,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(slots) = self.slots.take() {
            slots.give();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody of each priority and arrival waits for the one place; the order in which they get it.
    async fn order(waiting: &[(i32, i64)]) -> Vec<usize> {
        let slots = Slots::new(1);
        let first = slots.take(0, Millis(0)).await;
        let got: Arc<Mutex<Vec<usize>>> = Arc::default();
        let mut tasks = Vec::new();
        for (at, (priority, since)) in waiting.iter().copied().enumerate() {
            let (slots, got) = (Arc::clone(&slots), Arc::clone(&got));
            tasks.push(tokio::spawn(async move {
                let _slot = slots.take(priority, Millis(since)).await;
                got.lock().unwrap().push(at);
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        Arc::into_inner(got).expect("all tasks have ended").into_inner().unwrap()
    }

    #[tokio::test]
    async fn the_higher_priority_goes_first_and_waiting_makes_up_for_it() {
        assert_eq!(order(&[(0, 0), (5, 0), (-5, 0), (5, 1)]).await, [1, 3, 0, 2]);
        // One minute of waiting is worth one step.
        assert_eq!(order(&[(0, 0), (2, 120_001), (2, 119_999)]).await, [2, 0, 1]);
    }

    #[tokio::test]
    async fn a_place_goes_past_those_who_left_and_is_never_lost() {
        let slots = Slots::new(1);
        let first = slots.take(0, Millis(0)).await;
        let waiting = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { slots.take(9, Millis(0)).await }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        let _ = waiting.await;
        drop(first);
        drop(slots.take(0, Millis(0)).await);
        assert_eq!(slots.state().free, 1);
    }
}
