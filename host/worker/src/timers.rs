//! Runs that sleep: not in memory, woken by one timer for all of them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use jackfield_flow::run::{Millis, RunId};
use tokio::sync::Notify;

use crate::clock::Clock;

/// A run that sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sleeper {
    pub(crate) at: Millis,
    pub(crate) run: RunId,
}

/// All runs that sleep, soonest first. One wait serves them all: idle is idle.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    sleepers: Mutex<BTreeSet<Sleeper>>,
    sooner: Notify,
}

impl Timers {
    pub(crate) fn add(&self, sleeper: Sleeper) {
        let first = {
            let mut sleepers = self.sleepers();
            sleepers.insert(sleeper);
            sleepers.first() == Some(&sleeper)
        };
        if first {
            self.sooner.notify_one();
        }
    }

    /// Takes one run out, because something else wakes it.
    pub(crate) fn remove(&self, sleeper: Sleeper) {
        self.sleepers().remove(&sleeper);
    }

    /// Waits until the next run is due and takes it out.
    pub(crate) async fn next(&self, clock: &dyn Clock) -> Sleeper {
        loop {
            let first = self.sleepers().first().copied();
            let Some(first) = first else {
                self.sooner.notified().await;
                continue;
            };
            if first.at <= clock.now() {
                if self.sleepers().remove(&first) {
                    return first;
                }
                continue;
            }
            tokio::select! {
                () = clock.sleep_until(first.at) => {}
                () = self.sooner.notified() => {}
            }
        }
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, BTreeSet<Sleeper>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
