//! A clock that the test moves.

use std::future::Future;
use std::pin::Pin;

use jackfield_flow::run::Millis;
use jackfield_worker::Clock;
use tokio::sync::watch;

/// Stands still until it is told otherwise.
pub struct TestClock {
    now: watch::Sender<Millis>,
}

impl TestClock {
    /// A clock at a time.
    pub fn at(now: Millis) -> Self {
        Self { now: watch::Sender::new(now) }
    }

    /// Moves it forward.
    pub fn advance(&self, ms: u64) {
        self.now.send_modify(|now| *now = now.after(ms));
    }

    /// Moves it to any time, also back.
    pub fn set(&self, now: Millis) {
        self.now.send_replace(now);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // It fails only when the clock is gone, and then nobody waits.
            let _ = now.wait_for(|now| *now >= at).await;
        })
    }

    fn until_set_back(&self, shown: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            let _ = now.wait_for(|now| *now < shown).await;
        })
    }
}
