//! A stand-in for the host in native unit tests.
//!
//! A task is an ordinary function, so a unit test calls it. Without more, the host functions fall back: log and
//! progress go to stderr, a savepoint stays in the thread's memory, configuration and secrets are empty, HTTP is
//! refused. A [`Host`] gives them something to answer, and tells afterwards what the task did.
//!
//! ```
//! use jackfield_sdk::prelude::*;
//! use jackfield_sdk::testing::Host;
//! use jackfield_sdk::http::{self, Response};
//!
//! fn fetch(url: &str) -> Result<String, TaskError> {
//!     jackfield_sdk::log::info!("fetching"; url = url);
//!     Ok(http::get(url).send()?.check()?.text()?)
//! }
//!
//! let host = Host::new().http(|request| {
//!     assert_eq!(request.method(), "GET");
//!     Ok(Response::new(200, vec![], b"hello".to_vec()))
//! });
//! let (answer, seen) = host.run(|| fetch("https://shop.example/"));
//! assert_eq!(answer.unwrap(), "hello");
//! assert_eq!(seen.log[0].message, "fetching");
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use crate::http::{HttpError, Request, Response};
use crate::log::Level;

type Answer = Rc<dyn Fn(&Request) -> Result<Response, HttpError>>;

/// What the host functions answer in [`Host::run`].
#[derive(Clone)]
pub struct Host {
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) secrets: BTreeSet<String>,
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) item: Option<u64>,
    pub(crate) http: Option<Answer>,
    pub(crate) seen: Seen,
}

/// What a task did to its host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The lines it logged.
    pub log: Vec<Line>,
    /// The progress it reported.
    pub reports: Vec<Report>,
    /// The savepoint that the next attempt would find.
    pub savepoint: Option<Vec<u8>>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// Its text.
    pub message: String,
    /// Its named values, in the order they were written.
    pub fields: Vec<(String, String)>,
}

/// One report of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How much is done.
    pub done: u64,
    /// Of how much, if that is known.
    pub total: Option<u64>,
    /// In words.
    pub message: String,
}

impl Host {
    /// A host that refuses everything: attempt 1 of 1, no item, nothing kept.
    pub fn new() -> Self {
        let (config, secrets, seen) = (BTreeMap::new(), BTreeSet::new(), Seen::default());
        Self { config, secrets, attempt: 1, max_attempts: 1, item: None, http: None, seen }
    }

    /// Grants and sets a configuration value.
    #[must_use]
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Grants and sets a secret; its placeholder is `<secret NAME>`.
    #[must_use]
    pub fn secret(mut self, name: &str) -> Self {
        self.secrets.insert(name.to_owned());
        self
    }

    /// The task is on its `attempt`th attempt of `max_attempts`.
    #[must_use]
    pub fn attempt(mut self, attempt: u32, max_attempts: u32) -> Self {
        (self.attempt, self.max_attempts) = (attempt, max_attempts);
        self
    }

    /// The task works on the item with this index of a `for-each`.
    #[must_use]
    pub fn item(mut self, index: u64) -> Self {
        self.item = Some(index);
        self
    }

    /// An earlier attempt kept this savepoint.
    #[must_use]
    pub fn savepoint(mut self, data: &[u8]) -> Self {
        self.seen.savepoint = Some(data.to_vec());
        self
    }

    /// Answers HTTP requests.
    #[must_use]
    pub fn http(mut self, answer: impl Fn(&Request) -> Result<Response, HttpError> + 'static) -> Self {
        self.http = Some(Rc::new(answer));
        self
    }

    /// Calls `task` with this host under it, on this thread, and tells what it answered and what it did.
    pub fn run<T>(self, task: impl FnOnce() -> T) -> (T, Seen) {
        let mut outer = Restore(Some(crate::host::native::replace(self)));
        let answer = task();
        let before = outer.0.take().unwrap_or_default();
        (answer, crate::host::native::replace(before).seen)
    }
}

/// Puts the outer host back when the task panics, so that the next test of this thread does not meet this one's.
struct Restore(Option<Host>);

impl Drop for Restore {
    fn drop(&mut self) {
        if let Some(host) = self.0.take() {
            crate::host::native::replace(host);
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").field("config", &self.config).field("secrets", &self.secrets).finish_non_exhaustive()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.level, self.message)?;
        self.fields.iter().try_for_each(|(name, value)| write!(formatter, " {name}={value}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(formatter, "progress: {}/{total} {}", self.done, self.message),
            None => write!(formatter, "progress: {} {}", self.done, self.message),
        }
    }
}
