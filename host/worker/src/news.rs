//! What somebody watching a run is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::run::{Event, Millis, Place, Run, RunId};
use jackfield_sandbox::LogLine;
use tokio::sync::mpsc;

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
    /// A sub-workflow has a number, under which it can be looked at. Live only: whoever comes later finds it in the store.
    Child {
        /// The place that waits for it.
        place: Place,
        /// Its number.
        run: RunId,
    },
    /// The store has no room; the worker keeps what it has and tries again.
    WaitingForDisk {
        /// What the store said.
        detail: String,
    },
    /// The worker no longer has the run: it ended, is blocked, was given back, or failed. The last news of a watch.
    Left {
        /// Why, when it is not simply that the run ended or is blocked.
        error: Option<String>,
    },
}

/// Somebody's view of a run: how it stood, and what has happened since. It goes on while the run sleeps and wakes.
#[derive(Debug)]
pub struct Watch {
    /// The run as it stood when the watch began.
    pub run: Run,
    news: mpsc::Receiver<(usize, News)>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Watch {
    /// What happened next, in order. Nothing after the last news, or once the watch fell too far behind: then begin another.
    ///
    /// Nothing is lost when the call is dropped before it ends.
    pub async fn next(&mut self) -> Option<News> {
        let (bytes, news) = self.news.recv().await?;
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        Some(news)
    }
}

/// News that wait for a slow watcher. One that is further behind is told no more.
const WAITING_MAX: usize = 4_096;
/// The same in bytes: log lines and results may be large.
const WAITING_BYTES_MAX: usize = 4 << 20;

/// Where the news of a run are told. Costs next to nothing for as long as nobody listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Teller {
    listeners: Arc<Mutex<Vec<Listener>>>,
}

#[derive(Debug)]
struct Listener {
    news: mpsc::Sender<(usize, News)>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Teller {
    /// Tells news of about so many bytes, made only when somebody listens.
    pub(crate) fn tell(&self, bytes: usize, news: impl FnOnce() -> News) {
        let mut listeners = self.listeners();
        if listeners.is_empty() {
            return;
        }
        let news = news();
        listeners.retain(|listener| listener.hear(bytes, &news));
    }

    /// Whether anybody listens.
    pub(crate) fn is_heard(&self) -> bool {
        self.listeners().iter().any(|listener| !listener.news.is_closed())
    }

    /// A watch that begins with the run as it stands.
    pub(crate) fn listen(&self, run: Run) -> Watch {
        let (sender, news) = mpsc::channel(WAITING_MAX);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        self.listeners().push(Listener { news: sender, waiting_bytes: Arc::clone(&waiting_bytes) });
        Watch { run, news, waiting_bytes }
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Gives the news to the watcher. Says whether it still listens and keeps up.
    fn hear(&self, bytes: usize, news: &News) -> bool {
        // Counted before it is sent, because it may be received at once. Alone, any piece of news has room.
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        (waiting == 0 || waiting + bytes <= WAITING_BYTES_MAX) && self.news.try_send((bytes, news.clone())).is_ok()
    }
}

#[cfg(test)]
mod tests;
