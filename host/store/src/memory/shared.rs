//! What runs share: locks, rates and the cache.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use super::Inner;
use crate::records::{idle_before, limits, reserve};
use crate::{Acquired, CacheWrite, LockHolder, LockQuery, LockRequest, Place, RateRequest, StoreError};

/// Who holds which locks, by token.
#[derive(Debug, Default)]
pub(super) struct Locks {
    last_token: u64,
    held: BTreeMap<u64, LockHolder>,
}

/// Results by key, and the keys in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Cache {
    last: u64,
    bytes: usize,
    values: BTreeMap<Digest, Arc<[u8]>>,
    order: BTreeMap<u64, Digest>,
}

impl Locks {
    pub(super) fn release(&mut self, run: RunId, places: &[Option<Place>]) {
        self.held.retain(|_, holder| holder.run != run || !places.contains(&holder.place));
    }

    pub(super) fn release_all(&mut self, run: RunId) {
        self.held.retain(|_, holder| holder.run != run);
    }

    pub(super) fn list(&self, query: &LockQuery) -> Vec<LockHolder> {
        self.held.values().filter(|holder| query.wants(holder)).take(limits::LOCKS_LISTED_MAX).cloned().collect()
    }
}

impl Cache {
    pub(super) fn get(&self, key: Digest) -> Option<Arc<[u8]>> {
        self.values.get(&key).cloned()
    }

    pub(super) fn keep(&mut self, writes: Vec<CacheWrite>) {
        let mut bite = limits::CACHE_BITE;
        for CacheWrite { key, value } in writes {
            if value.len() > limits::CACHE_VALUE_BYTES_MAX || self.values.contains_key(&key) {
                continue;
            }
            while !self.has_room(value.len()) && bite > 0 {
                self.forget_oldest();
                bite -= 1;
            }
            if self.has_room(value.len()) {
                self.last += 1;
                self.bytes += value.len();
                self.order.insert(self.last, key);
                self.values.insert(key, value);
            }
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.values.len() < limits::CACHE_ENTRIES_MAX && self.bytes + bytes <= limits::CACHE_BYTES_MAX
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_first() {
            let gone = self.values.remove(&key).expect("every key in the order has a value");
            self.bytes -= gone.len();
        }
    }
}

impl Inner {
    pub(super) fn acquire(&mut self, request: LockRequest) -> Result<Acquired, StoreError> {
        limits::check_lock(&request)?;
        self.fenced(request.run, request.fence)?;
        self.writes += 1;
        if let Some(answer) = request.judge(self.locks.list(&LockQuery::Name(request.name.clone()))) {
            return Ok(answer);
        }
        let own = self.locks.held.values().filter(|holder| holder.run == request.run).count();
        limits::within("the number of locks of a run", own + 1, limits::LOCKS_OF_RUN_MAX)?;
        self.locks.last_token += 1;
        let token = self.locks.last_token;
        let LockRequest { name, permits, run, place, at, .. } = request;
        self.locks.held.insert(token, LockHolder { name, run, place, permits, since: at, token });
        Ok(Acquired::Held { token })
    }

    pub(super) fn reserve(&mut self, request: &RateRequest) -> Result<Millis, StoreError> {
        limits::check_rate(request)?;
        self.writes += 1;
        let idle = idle_before(request.at);
        self.rates.retain(|_, tat| *tat >= idle);
        let (start, tat) = reserve(self.rates.get(&request.name).copied(), request);
        self.rates.insert(request.name.clone(), tat);
        Ok(start)
    }
}
