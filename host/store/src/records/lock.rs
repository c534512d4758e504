//! Named locks: mutexes and semaphores that runs share.

use std::sync::Arc;

use jackfield_flow::run::{Fence, Millis, RunId};

use crate::Place;

/// Somebody wants to hold a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockRequest {
    /// The lock's name. It need not exist before, and is gone when nobody holds it.
    pub name: Arc<str>,
    /// Beside how many holders at most, itself included, the asker wants to be: 1 for a mutex, more for a semaphore. Never 0.
    pub permits: u32,
    /// The run.
    pub run: RunId,
    /// The owner's fence.
    pub fence: Fence,
    /// For whom in the run; `None` for the run as a whole.
    pub place: Option<Place>,
    /// The time.
    pub at: Millis,
}

/// The answer to a [`LockRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// The asker holds the lock, since now or since it asked before.
    Held {
        /// Higher than every token that was given for this name before: what is guarded can tell an old holder by it.
        token: u64,
    },
    /// The asker has to wait for one of these. Nothing was written.
    Busy {
        /// Who holds the lock, in the order in which they came.
        holders: Vec<LockHolder>,
    },
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// The lock's name.
    pub name: Arc<str>,
    /// The run.
    pub run: RunId,
    /// For whom in the run; `None` for the run as a whole.
    pub place: Option<Place>,
    /// The permits it asked with.
    pub permits: u32,
    /// Since when.
    pub since: Millis,
    /// Its token.
    pub token: u64,
}

/// Which locks to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LockQuery {
    /// All that are held.
    #[default]
    All,
    /// Those of this name.
    Name(Arc<str>),
    /// Those that this run holds.
    Run(RunId),
}

impl LockRequest {
    /// The answer, as far as the holders of the name decide it; `None` when the asker is to be let in.
    ///
    /// Everybody says beside how many it wants to be, and everybody is heard: a newcomer is let in when with it there are no
    /// more holders than it and each of them said. So a mutex excludes everybody, whatever the others say, and in whatever
    /// order they come.
    pub(crate) fn judge(&self, holders: Vec<LockHolder>) -> Option<Acquired> {
        if let Some(own) = holders.iter().find(|holder| holder.run == self.run && holder.place == self.place) {
            return Some(Acquired::Held { token: own.token });
        }
        let permits = holders.iter().map(|holder| holder.permits).fold(self.permits, u32::min);
        if holders.len() < permits as usize { None } else { Some(Acquired::Busy { holders }) }
    }
}

impl LockQuery {
    /// Whether a holder is to be shown.
    pub(crate) fn wants(&self, holder: &LockHolder) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => *name == holder.name,
            Self::Run(run) => *run == holder.run,
        }
    }
}
