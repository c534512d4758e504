//! Trying again what the store could not do just now.

use std::time::Duration;

/// The first wait and the longest, in milliseconds.
const WAIT_MS: (u64, u64) = (50, 5_000);

/// Waits between tries, each twice as long as the one before.
#[derive(Debug)]
pub(crate) struct Again {
    wait_ms: u64,
}

impl Default for Again {
    fn default() -> Self {
        Self { wait_ms: WAIT_MS.0 }
    }
}

impl Again {
    /// Waits for the next try. The time is that of the machine: a store recovers by it, whatever the runs' clock says.
    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.wait_ms)).await;
        self.wait_ms = (self.wait_ms * 2).min(WAIT_MS.1);
    }
}
