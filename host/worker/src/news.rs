//! What somebody watching a run is told.

use std::sync::Arc;

use jackfield_flow::run::{Event, Millis, Place, Run};
use jackfield_sandbox::LogLine;
use tokio::sync::broadcast;

/// One piece of news about a run.
#[derive(Clone, Debug)]
pub enum News {
    /// Events became durable. Apply them to the run of the [`Watch`] to see what it became.
    Events {
        /// When they became true.
        at: Millis,
        /// The events, in order.
        events: Arc<[Event]>,
    },
    /// A task says how far it is. Live only, not durable.
    Progress {
        /// Where.
        place: Place,
        /// How much is done.
        done: u64,
        /// Of how much.
        total: Option<u64>,
        /// A sentence.
        message: String,
    },
    /// A task logged a line. Live; what is kept of it is stored when the attempt ends.
    Log {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// The line.
        line: LogLine,
    },
    /// The store has no room; the worker keeps what it has and tries again.
    WaitingForDisk {
        /// What the store said.
        detail: String,
    },
    /// The worker no longer has the run: it ended, sleeps, was given back, or failed.
    Left {
        /// Why, when it is not simply that the run ended or sleeps.
        error: Option<String>,
    },
}

/// Somebody's view of a run: how it stood, and what has happened since.
#[derive(Debug)]
pub struct Watch {
    /// The run as it stood when the watch began.
    pub run: Run,
    /// What happened since, in order.
    pub news: broadcast::Receiver<News>,
}

/// News that wait for a slow watcher; one that is further behind has to begin anew.
const NEWS_MAX: usize = 4_096;

/// Where news are told.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    sender: broadcast::Sender<News>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(NEWS_MAX) }
    }

    /// Tells the news, made only when somebody listens.
    pub(crate) fn tell(&self, news: impl FnOnce() -> News) {
        if self.sender.receiver_count() > 0 {
            // It fails only when the last listener left meanwhile.
            let _ = self.sender.send(news());
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.sender.subscribe()
    }
}
