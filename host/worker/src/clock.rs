//! Time. Everywhere else it is a parameter.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jackfield_flow::run::Millis;

/// A clock that can be asked and waited for. Tests have one that they move themselves.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Millis;

    /// Ends when the time has come; perhaps a little later, never earlier.
    fn sleep_until(&self, at: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Ends when the clock is seen to show an earlier time than one that it has shown.
    fn until_set_back(&self, shown: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The longest sleep without a look at the clock: when it is set, what is due fires within this time.
const SLEEP_MAX: Duration = Duration::from_secs(60);

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        // A clock before 1970 reads as 1970; nothing fires early by it, since times only compare with each other.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let left = at.since(self.now());
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left).min(SLEEP_MAX)).await;
            }
        })
    }

    fn until_set_back(&self, shown: Millis) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while self.now() >= shown {
                tokio::time::sleep(SLEEP_MAX).await;
            }
        })
    }
}
