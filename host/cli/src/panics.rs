//! Defects: told in one sentence, and never as a success.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::error::CliError;

/// What the last panic of this thread or another said, and where.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Does the work; a panic in it becomes an error.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message");
        let place = panic.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        // Panics of other threads are caught where they matter, and show up in what failed by them. The one of this thread
        // is the last thing it says.
        if std::thread::current().name() != Some("main") {
            tracing::error!("{message}{place}");
        }
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{message}{place}"));
    }));
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) => {
            let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err(CliError::Panic(last.unwrap_or_else(|| "a panic".to_owned())))
        }
    }
}
