//! The books of locks and rates in a world in which there is nothing but the test: first come, first served.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::{Rate, WhenBusy};
use crate::run::{Input, LockToken, Millis, Place, Release};

/// A run and the place in it that wants or has something; without a place the run as a whole.
type Holder = (usize, Option<Place>);

/// Locks that are held and asked for, and when the next start under each rate may be.
#[derive(Debug, Default)]
pub(super) struct Books {
    locks: BTreeMap<Arc<str>, Lock>,
    /// Names of locks where something may have changed.
    changed: BTreeSet<Arc<str>>,
    /// The next start under each rate, in microseconds.
    rates: BTreeMap<Arc<str>, i64>,
    count: u64,
}

#[derive(Debug, Default)]
struct Lock {
    held: BTreeSet<Holder>,
    line: BTreeMap<u64, Want>,
    /// Where in the line each waits.
    waits: BTreeMap<Holder, u64>,
}

#[derive(Debug)]
struct Want {
    holder: Holder,
    permits: u32,
    when_busy: WhenBusy,
}

impl Books {
    /// Somebody asks for a lock.
    pub(super) fn ask(&mut self, holder: Holder, name: Arc<str>, permits: u32, when_busy: WhenBusy) {
        self.count += 1;
        let lock = self.locks.entry(Arc::clone(&name)).or_default();
        lock.line.insert(self.count, Want { holder, permits, when_busy });
        lock.waits.insert(holder, self.count);
        self.changed.insert(name);
    }

    /// Somebody needs a lock no longer, or does not wait for it any more.
    pub(super) fn release(&mut self, run: usize, release: &Release) {
        let holder = (run, release.place);
        if let Some(lock) = self.locks.get_mut(&release.name) {
            lock.held.remove(&holder);
            if let Some(place) = lock.waits.remove(&holder) {
                lock.line.remove(&place);
            }
            self.changed.insert(Arc::clone(&release.name));
        }
    }

    /// What the runs hear of their locks now.
    pub(super) fn grant(&mut self) -> Vec<(usize, Input)> {
        let mut told = Vec::new();
        for name in std::mem::take(&mut self.changed) {
            let Some(lock) = self.locks.get_mut(&name) else { continue };
            while let Some((place, want)) = lock.line.pop_first() {
                let (run, at) = want.holder;
                if lock.held.len() < want.permits as usize {
                    self.count += 1;
                    lock.waits.remove(&want.holder);
                    lock.held.insert(want.holder);
                    told.push((run, Input::LockGranted { place: at, token: LockToken(self.count) }));
                    continue;
                }
                match want.when_busy {
                    WhenBusy::Skip => {
                        lock.waits.remove(&want.holder);
                        told.push((run, Input::ConcurrencyRefused));
                    }
                    when_busy => {
                        if when_busy == WhenBusy::CancelRunning {
                            let others = lock.held.iter().filter(|(holder, _)| *holder != run);
                            let reason = Arc::from("another run takes its place");
                            told.extend(others.map(|(holder, _)| (*holder, Input::Cancel { reason: Arc::clone(&reason) })));
                        }
                        lock.line.insert(place, Want { when_busy: WhenBusy::Queue, ..want });
                        break;
                    }
                }
            }
        }
        told
    }

    /// When a start under a rate may be: starts are spaced evenly, as they are for real.
    pub(super) fn reserve(&mut self, rate: &Rate, now: Millis) -> Millis {
        let now_us = now.0.saturating_mul(1_000);
        let interval = rate.per_ms.saturating_mul(1_000).div_ceil(u64::from(rate.limit.max(1)));
        let next = self.rates.entry(Arc::clone(&rate.name)).or_insert(now_us);
        let start = now_us.max(*next);
        *next = start.saturating_add(i64::try_from(interval).unwrap_or(i64::MAX));
        Millis(start.div_euclid(1_000) + i64::from(start.rem_euclid(1_000) != 0)).max(now)
    }
}
