//! A few connections that only read, each query on a thread that may wait.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::dir::DataDir;
use super::open;
use crate::{Reply, StoreError};

/// Queries at a time. More would only wait for the same disk.
const READERS: usize = 4;

/// The connections, opened when they are first needed.
#[derive(Debug)]
pub(super) struct Readers {
    dir: Arc<DataDir>,
    idle: Arc<Mutex<Vec<Connection>>>,
    room: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(dir: Arc<DataDir>) -> Self {
        Self { dir, idle: Arc::default(), room: Arc::new(Semaphore::new(READERS)) }
    }

    /// Opens the first connection now, to see whether that is possible.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        let conn = open::reader(&self.dir)?;
        give_back(&self.idle, conn);
        Ok(())
    }

    /// Asks the database. The query must end its transaction: a connection that stays in one would keep the log from being
    /// started over, and so every query is one statement, or several that do not rely on each other.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &DataDir) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<'_, T> {
        Box::pin(async move {
            let permit = self.room.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let (dir, idle) = (self.dir.clone(), self.idle.clone());
            let asked = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let conn = kept.map_or_else(|| open::reader(&dir), Ok)?;
                let answer = query(&conn, &dir);
                // A connection on which something failed may be in doubt; a new one costs little.
                if answer.as_ref().err().is_none_or(|error| !matches!(error, StoreError::Io { .. } | StoreError::DamagedFile { .. })) {
                    debug_assert!(conn.is_autocommit(), "a query left its transaction open");
                    give_back(&idle, conn);
                }
                answer
            });
            asked.await.unwrap_or_else(|error| Err(StoreError::Io { what: "reading", detail: error.to_string() }))
        })
    }
}

fn give_back(idle: &Mutex<Vec<Connection>>, conn: Connection) {
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
}
