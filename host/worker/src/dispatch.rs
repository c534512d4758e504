//! Attempts: what a `Start` command becomes.

use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Failure, Input, Place, Platform, Receipt, Run};
use jackfield_sandbox::{Attempt, AttemptContext, AttemptEnd, AttemptHost, Limits, LogLine, SaveError, SaveFuture};
use jackfield_store::Store;
use tokio::sync::{mpsc, oneshot};

use crate::cache;
use crate::news::{News, Teller};
use crate::plugins::InstallError;
use crate::run_task::Message;
use crate::worker::Shared;

/// The largest savepoint, in bytes.
const SAVEPOINT_BYTES_MAX: usize = 4 << 20;

/// One attempt about to run: everything it needs, taken from the run while it stood still.
pub(crate) struct Order {
    place: Place,
    attempt: u32,
    digest: Digest,
    request: Request,
    wants_savepoint: bool,
    priority: i32,
    /// The key under which the result is remembered, when it may be.
    cache: Option<Digest>,
}

/// What the sandbox is asked, but for the plugin, which is loaded on the way.
struct Request {
    task: String,
    input: String,
    context: AttemptContext,
    timeout: Duration,
    grant: jackfield_flow::plan::Grant,
    base_dir: std::path::PathBuf,
    scratch_dir: Option<std::path::PathBuf>,
}

impl Order {
    /// The order for an attempt, or why it cannot be made: its input cannot be computed.
    pub(crate) fn new(shared: &Shared, run: &Run, place: Place, attempt: u32) -> Result<Self, Failure> {
        let plan = run.plan();
        let step = &plan.steps[place.index()];
        let call = run.call_of(place).ok_or_else(|| Platform::PluginNoTask.failure("the step calls no task"))?;
        let task = &plan.tasks[call.task];
        let context = AttemptContext {
            run_id: run.id().to_string(),
            workflow: plan.workflow.to_string(),
            step: step.name.to_string(),
            item: place.item.map(u64::from),
            attempt,
            max_attempts: step.retry.attempts,
            // Known when the attempt has its place.
            deadline_ms: 0,
            idempotency_key: run.idempotency_key(place),
            started_at: run.step_began(place),
        };
        let digest = plan.plugins[task.plugin].digest;
        let input = run.input_of(place)?;
        let cache = step.cache.then(|| cache::key(digest, &task.name, &input, &shared.plugins.sandbox().config_of(&call.grant)));
        let context = cache.map_or(context, |key| cache::context(&key));
        let scratch = call.grant.scratch.then(|| shared.scratch_of(run.id()));
        let request = Request {
            task: task.name.to_string(),
            input,
            context,
            timeout: Duration::from_millis(step.timeout.attempt_ms),
            grant: call.grant.clone(),
            base_dir: run.directory().as_ref().into(),
            scratch_dir: scratch,
        };
        // What is remembered must follow from its key alone.
        let wants_savepoint = attempt > 1 && cache.is_none();
        Ok(Self { place, attempt, digest, request, wants_savepoint, priority: run.priority(Some(place)), cache })
    }

    /// Runs the attempt and reports its end; stops at once when `cancel` ends.
    pub(crate) async fn run(self, shared: Arc<Shared>, inbox: mpsc::Sender<Message>, teller: Teller, cancel: oneshot::Receiver<()>) {
        let (place, attempt) = (self.place, self.attempt);
        let message = tokio::select! {
            biased;
            _ = cancel => Message::Input(Input::AttemptEnded { place, attempt, result: Err(interrupted()), receipt: Receipt::default() }),
            message = self.attempt(&shared, inbox.clone(), teller) => message,
        };
        // The run's task ends only when it wants no more messages.
        let _ = inbox.send(message).await;
    }

    async fn attempt(self, shared: &Shared, inbox: mpsc::Sender<Message>, teller: Teller) -> Message {
        let (place, attempt, digest) = (self.place, self.attempt, self.digest);
        if let Some(remembered) = self.remembered(shared).await {
            return remembered;
        }
        let _slot = shared.slots.take(self.priority, shared.clock.now()).await;
        let failed = |failure| Message::Input(Input::AttemptEnded { place, attempt, result: Err(failure), receipt: Receipt::default() });
        let plugin = match shared.plugins.loaded(digest) {
            Some(plugin) => plugin,
            None => match shared.plugins.load(digest).await {
                Ok(plugin) => plugin,
                Err(error @ (InstallError::Registry(_) | InstallError::Revoked(_))) => {
                    tracing::warn!(%digest, %error, "a pinned plugin cannot be had");
                    return Message::Input(Input::PluginMissing { place, attempt, digest });
                }
                Err(error) => return failed(Platform::HostInternal.failure(error.to_string())),
            },
        };
        let savepoint = match self.savepoint(shared.store.as_ref()).await {
            Ok(savepoint) => savepoint,
            Err(error) => return failed(Platform::HostInternal.failure(format!("the savepoint cannot be read: {error}"))),
        };
        let cache = self.cache;
        let Request { task, input, mut context, timeout, grant, base_dir, scratch_dir } = self.request;
        if cache.is_none() {
            context.deadline_ms =
                u64::try_from(shared.clock.now().0).unwrap_or(0).saturating_add(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        }
        let host = Arc::new(Host { place, attempt, inbox, teller });
        let limits = Limits::default();
        let request = Attempt { plugin, task, input, context, timeout, grant, base_dir, scratch_dir, limits, savepoint, host };
        let end = shared.plugins.sandbox().run(request).await;
        Message::Ended { place, attempt, end, cache }
    }

    /// The end of the attempt without an attempt, when its result is remembered.
    async fn remembered(&self, shared: &Shared) -> Option<Message> {
        let value = match shared.store.cached(self.cache?).await {
            Ok(value) => value?,
            Err(error) => {
                tracing::warn!(%error, "the cache of results cannot be read");
                return None;
            }
        };
        let result = std::str::from_utf8(&value).ok().map(Arc::from)?;
        let receipt = Receipt { cached: true, ..Receipt::default() };
        Some(Message::Input(Input::AttemptEnded { place: self.place, attempt: self.attempt, result: Ok(result), receipt }))
    }

    async fn savepoint(&self, store: &dyn Store) -> Result<Option<Vec<u8>>, jackfield_store::StoreError> {
        if !self.wants_savepoint {
            return Ok(None);
        }
        let run = self.request.context.run_id.parse().map(jackfield_flow::run::RunId).expect("a run's id is written as a number");
        Ok(store.savepoint(run, self.place).await?.map(|savepoint| savepoint.data))
    }
}

/// How an attempt ends that was interrupted because its step was cancelled.
fn interrupted() -> Failure {
    Platform::Cancelled.failure("interrupted, because the run was cancelled")
}

/// An attempt's end as the core's input, and the log to keep of it.
pub(crate) fn ended(place: Place, attempt: u32, end: AttemptEnd) -> (Input, Vec<u8>) {
    let log = crate::logs::encode_log(&end.output);
    (Input::AttemptEnded { place, attempt, result: end.outcome.map(Arc::from), receipt: end.receipt }, log)
}

/// The other side of what an attempt says while it runs.
struct Host {
    place: Place,
    attempt: u32,
    inbox: mpsc::Sender<Message>,
    teller: Teller,
}

impl AttemptHost for Host {
    fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        self.teller.tell(message.len(), || News::Progress { place: self.place, done, total, message: message.to_owned() });
    }

    fn save(&self, data: Vec<u8>) -> SaveFuture<'_> {
        Box::pin(async move {
            if data.len() > SAVEPOINT_BYTES_MAX {
                return Err(SaveError::TooLarge(SAVEPOINT_BYTES_MAX as u64));
            }
            let (reply, answer) = oneshot::channel();
            let message = Message::Save { place: self.place, attempt: self.attempt, data, reply };
            self.inbox.send(message).await.map_err(|_| SaveError::Stopped)?;
            answer.await.unwrap_or(Err(SaveError::Stopped))
        })
    }

    fn log(&self, line: &LogLine) {
        let fields: usize = line.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.teller.tell(line.text.len() + fields, || News::Log { place: self.place, attempt: self.attempt, line: line.clone() });
    }
}
