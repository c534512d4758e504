//! The thread that makes time pass for guests.
//!
//! Compiled code looks at the engine's epoch in every loop and call. While an attempt is active this thread raises the
//! epoch once a tick; while none is, it sleeps without a timeout, so an idle engine wakes nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// How often running code is interrupted: to look at its deadline, and to let others use its thread.
pub(crate) const TICK: Duration = Duration::from_millis(20);

/// The ticking thread. It ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Debug, Default)]
struct Shared {
    active: AtomicUsize,
    asleep: AtomicBool,
    stopped: AtomicBool,
    ticks: AtomicU64,
}

impl Ticker {
    /// Starts the thread, asleep.
    ///
    /// # Errors
    /// When the operating system has no more threads.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        // A weak handle, so that the thread never keeps the engine's memory pool alive.
        let (weak, seen) = (engine.weak(), Arc::clone(&shared));
        let handle = thread::Builder::new().name("sandbox-ticker".into()).spawn(move || {
            while !seen.stopped.load(SeqCst) {
                seen.sleep_while_idle();
                thread::park_timeout(TICK);
                seen.ticks.fetch_add(1, SeqCst);
                let Some(engine) = weak.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Marks an attempt as active until the answer is dropped.
    pub(crate) fn activate(&self) -> Active {
        self.shared.active.fetch_add(1, SeqCst);
        if self.shared.asleep.load(SeqCst) {
            self.thread.unpark();
        }
        Active { shared: Arc::clone(&self.shared) }
    }

    /// How often the thread has woken up.
    #[cfg(test)]
    pub(crate) fn ticks(&self) -> u64 {
        self.shared.ticks.load(SeqCst)
    }

    /// Whether the thread sleeps without a timeout.
    #[cfg(test)]
    pub(crate) fn is_asleep(&self) -> bool {
        self.shared.asleep.load(SeqCst)
    }
}

impl Shared {
    /// Returns when an attempt is active or the ticker was stopped.
    ///
    /// `asleep` is stored before `active` is read, and [`Ticker::activate`] does it the other way around: one of the two
    /// always sees the other, so no wake-up is lost.
    fn sleep_while_idle(&self) {
        self.asleep.store(true, SeqCst);
        while self.active.load(SeqCst) == 0 && !self.stopped.load(SeqCst) {
            thread::park();
        }
        self.asleep.store(false, SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, SeqCst);
        self.thread.unpark();
    }
}

/// An attempt that runs.
#[derive(Debug)]
pub(crate) struct Active {
    shared: Arc<Shared>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.shared.active.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests;
