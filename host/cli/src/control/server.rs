//! The serving side.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jackfield_store::{PruneQuery, Relabel, Store};
use jackfield_worker::Worker;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::wire::{Answer, Forgotten, Refusal, Request, Status};
use super::{Address, PATIENCE, REQUEST_BYTES_MAX, address};
use crate::error::CliError;

/// Connections that are answered at a time; more wait.
const CONNECTIONS_MAX: usize = 16;

/// How long clients have to hear their answer when the engine ends.
const PARTING: Duration = Duration::from_secs(2);

/// The served socket; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    path: PathBuf,
    task: JoinHandle<()>,
    room: Arc<Semaphore>,
}

impl Server {
    /// Takes no more requests, and lets those that are being answered hear their answer: what they asked may have ended the run
    /// that this process was there for.
    pub(crate) async fn close(self) {
        self.task.abort();
        let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
        // A client that does not go is left alone.
        let _ = tokio::time::timeout(PARTING, self.room.acquire_many(all)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        // One that stays behind is found dead by the next client, and removed by the next engine.
        let _ = fs::remove_file(&self.path);
    }
}

/// Serves the socket of a data directory whose lock this process has. Must be called within a Tokio runtime.
///
/// # Errors
/// When the socket cannot be made; the engine works without it.
pub(crate) fn serve(data: &Path, name: &Arc<str>, worker: Worker, store: Arc<dyn Store>) -> io::Result<Server> {
    let address = address(data)?;
    // Whoever left it has lost the lock to us.
    match fs::remove_file(&address.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&address.path)?;
    fs::set_permissions(&address.path, Permissions::from_mode(0o600))?;
    let me = fs::metadata(&address.path)?.uid();
    let served = Served { name: Arc::clone(name), worker, store };
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let places = Arc::clone(&room);
    let task = tokio::spawn(async move { accept(listener, address, me, served, places).await });
    Ok(Server { path: data.join("engine.sock"), task, room })
}

/// What the socket gives access to.
#[derive(Clone)]
struct Served {
    name: Arc<str>,
    worker: Worker,
    store: Arc<dyn Store>,
}

async fn accept(listener: UnixListener, _address: Address, me: u32, served: Served, room: Arc<Semaphore>) {
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the engine's socket is no longer served");
                return;
            }
        };
        // Between making the socket and closing it to others there is a moment; who connects is what counts.
        if stream.peer_cred().ok().map(|peer| peer.uid()) != Some(me) {
            continue;
        }
        let served = served.clone();
        tokio::spawn(async move {
            // A client that left or sends nonsense harms itself alone.
            let _ = tokio::time::timeout(PATIENCE, converse(stream, &served)).await;
            drop(place);
        });
    }
}

async fn converse(mut stream: UnixStream, served: &Served) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = Vec::new();
    let mut bounded = BufReader::new(read.take(REQUEST_BYTES_MAX as u64));
    bounded.read_until(b'\n', &mut line).await?;
    let answer = match serde_json::from_slice(&line) {
        _ if line.len() >= REQUEST_BYTES_MAX => Err(CliError::Refused(format!("the request is longer than {REQUEST_BYTES_MAX} bytes"))),
        Ok(request) => served.answer(request).await,
        Err(error) => Err(CliError::Usage(format!("the request is not understood: {error}"))),
    };
    let answer = answer.map_or_else(|error| Answer::Error(Refusal::from(&error)), Answer::Ok);
    let mut text = serde_json::to_vec(&answer)?;
    text.push(b'\n');
    write.write_all(&text).await
}

impl Served {
    async fn answer(&self, request: Request) -> Result<Status, CliError> {
        let mut pruned = None;
        match request {
            Request::Cancel { run, reason } => self.worker.cancel(run, &reason).await?,
            Request::Ask { run, ask } => self.worker.ask(run, ask).await?,
            Request::Label { run, set, remove } => {
                self.store.relabel(Relabel { run, set: set.into_iter().collect(), remove }).await?;
            }
            Request::Prune { finished_before, expired_at, workflow, limit } => {
                let query = PruneQuery { finished_before, expired_at, workflow, limit };
                let done = self.store.prune(query).await?;
                pruned = Some(Forgotten { runs: done.runs, bytes: done.bytes });
            }
            Request::Status {} => {}
        }
        let (active, sleeping) = self.worker.load();
        Ok(Status { engine: self.name.to_string(), pid: std::process::id(), active, sleeping, pruned })
    }
}
