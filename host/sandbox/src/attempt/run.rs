//! Running one attempt: a fresh store, an instance, a call, and an account of it, whatever happens inside.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jackfield_flow::run::{Failure, FailureKind, Platform, Receipt};
use wasmtime::{Store, UpdateDeadline};

use super::failure::{Facts, Phase, of_error, of_task_error};
use super::{Attempt, AttemptEnd, Capture};
use crate::bindings::TaskPre;
use crate::bindings::jackfield::task::types::TaskError;
use crate::host::files;
use crate::limits::{HANDLES_MAX, Limits};
use crate::plugin::{Calls, is_task_name};
use crate::redact::Redactor;
use crate::sandbox::{Metering, Shared};
use crate::state::{Parts, State};
use crate::ticker::TICK;
use crate::typed::{self, CallError};

/// How many of the last lines on standard error a trap's message shows.
const LAST_WORDS: usize = 5;

/// The attempt's deadline passed while the guest was computing.
#[derive(Debug, thiserror::Error)]
#[error("the task ran longer than its {} ms", timeout.as_millis())]
pub(crate) struct TimeUp {
    timeout: Duration,
}

/// Runs an attempt to its end. Never panics and never fails: what goes wrong is the outcome.
pub(crate) async fn run(shared: &Arc<Shared>, attempt: Attempt) -> AttemptEnd {
    let started = Instant::now();
    let bytes_in = attempt.input.len() as u64;
    let granted = attempt.grant.secrets.iter().filter_map(|rule| Some((rule.name.as_ref(), shared.secrets.get(&rule.name)?)));
    let redactor = Arc::new(Redactor::new(granted));
    let capture = Capture::new(attempt.limits.log_bytes_max, Arc::clone(&redactor), Arc::clone(&attempt.host));
    let mut receipt = Receipt { bytes_in, ..Receipt::default() };

    let outcome = match prepare(shared, attempt, &capture).await {
        Ok(prepared) => call(prepared, &mut receipt).await,
        Err(failure) => Err(failure),
    };

    let outcome = outcome.map(|answer| clean(&redactor, answer)).map_err(|failure| clean_failure(&redactor, failure));
    let output = capture.finish();
    receipt.bytes_out = outcome.as_ref().map_or(0, |answer| answer.len() as u64);
    receipt.log_dropped = output.dropped_bytes;
    receipt.wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    AttemptEnd { outcome, receipt, output }
}

/// A store that is ready to call the task.
struct Prepared {
    store: Store<State>,
    attempt: Call,
}

/// What is left of the attempt once the store has taken the rest.
struct Call {
    plugin: crate::plugin::Plugin,
    task: String,
    input: String,
    timeout: Duration,
    deadline: Instant,
    limits: Limits,
}

async fn prepare(shared: &Arc<Shared>, attempt: Attempt, capture: &Capture) -> Result<Prepared, Failure> {
    check(&attempt)?;
    let Attempt { plugin, task, input, context, timeout, grant, base_dir, scratch_dir, limits, savepoint, host } = attempt;
    let mounts = if grant.files.is_empty() && !grant.scratch {
        Vec::new()
    } else {
        let wanted = grant.clone();
        let resolving = tokio::task::spawn_blocking(move || files::resolve(&wanted, &base_dir, scratch_dir.as_deref()));
        resolving
            .await
            .map_err(|error| Platform::HostInternal.failure(error.to_string()))?
            .map_err(|error| denied("files", &error.to_string()))?
    };
    let deadline = Instant::now() + timeout;
    let memory_bytes_max = grant.memory.unwrap_or(limits.memory_bytes).min(shared.operator.memory_bytes_max);
    let parts =
        Parts { shared: Arc::clone(shared), context, grant, deadline, host, capture: capture.clone(), memory_bytes_max, savepoint, mounts };
    let mut store = Store::new(&shared.engine, State::new(parts));
    arm(&mut store, timeout, &limits);
    if shared.metering == Metering::Fuel {
        store.set_fuel(limits.fuel.unwrap_or(u64::MAX)).map_err(|error| Platform::HostInternal.failure(format!("{error:#}")))?;
    }
    Ok(Prepared { store, attempt: Call { plugin, task, input, timeout, deadline, limits } })
}

/// Sets what a store may use.
pub(crate) fn arm(store: &mut Store<State>, timeout: Duration, limits: &Limits) {
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(limits.copy_bytes_max());
    store.set_max_component_handles(HANDLES_MAX);
    // At each tick a guest that computes stops at its deadline, or lets others use the thread. It is there too that a
    // dropped future ends it.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |store| {
        if Instant::now() >= store.data().deadline {
            return Err(TimeUp { timeout }.into());
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
}

fn check(attempt: &Attempt) -> Result<(), Failure> {
    if !is_task_name(&attempt.task) {
        let name = attempt.task.chars().take(80).collect::<String>();
        return Err(Platform::PluginNoTask.failure(format!("`{}` cannot be the name of a task", name.escape_debug())));
    }
    let (size, limit) = (attempt.input.len(), attempt.limits.input_bytes_max);
    if size > limit {
        return Err(Platform::LimitInputSize.failure(format!("the input has {size} bytes, the limit is {limit}")));
    }
    Ok(())
}

/// A grant that cannot be kept is no reason to try again with the same workflow.
fn denied(capability: &str, message: &str) -> Failure {
    Failure { kind: FailureKind::Permanent, code: format!("denied.{capability}").into(), message: message.into(), data: None, trace: None }
}

async fn call(prepared: Prepared, receipt: &mut Receipt) -> Result<String, Failure> {
    let Prepared { mut store, mut attempt } = prepared;
    // A guest that computes is stopped by the epoch, with a backtrace; one that waits in a host call is stopped here.
    let give_up = tokio::time::Instant::from_std(attempt.deadline + 2 * TICK);
    let calling = AssertUnwindSafe(enter(&mut store, &mut attempt)).catch_unwind();
    let ended = tokio::time::timeout_at(give_up, calling).await;
    let outcome = match ended {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(Platform::HostInternal.failure(format!("a host function panicked: {}", panic_text(&*panic)))),
        Err(_) => {
            let message = format!("{}; it was waiting for the host, such as for a request or a timer", TimeUp { timeout: attempt.timeout });
            Err(Platform::LimitTime.failure(message))
        }
    };
    receipt.memory_peak = store.data().meter.memory_bytes_peak();
    // Asked only where it is counted: the refusal would be an error with a backtrace, for each attempt.
    if store.data().shared.metering == Metering::Fuel {
        receipt.fuel = store.get_fuel().ok().map(|left| attempt.limits.fuel.unwrap_or(u64::MAX) - left);
    }
    receipt.hosts = store.data().contacted.lock().unwrap_or_else(PoisonError::into_inner).take();
    if !store.data().grant.is_empty() {
        receipt.used = Some(Box::new(std::mem::take(&mut *store.data().used())));
    }
    outcome
}

async fn enter(store: &mut Store<State>, call: &mut Call) -> Result<String, Failure> {
    match call.plugin.calls() {
        Calls::World(pre) => enter_world(store, pre, call).await,
        Calls::Typed(typed) => {
            let input = std::mem::take(&mut call.input);
            typed::call(typed, store, &call.task, input, &call.limits).await.map_err(|error| match error {
                CallError::Guest(error, phase) => explain(store, &error, phase, &call.limits),
                CallError::Failed(failure) => with_host_words(failure, store.data().capture.last_host_line()),
            })
        }
    }
}

async fn enter_world(store: &mut Store<State>, pre: &TaskPre<State>, call: &Call) -> Result<String, Failure> {
    let task = match pre.instantiate_async(&mut *store).await {
        Ok(task) => task,
        Err(error) => return Err(explain(store, &error, Phase::Instantiate, &call.limits)),
    };
    let answered = task.jackfield_task_tasks().call_run(&mut *store, &call.task, &call.input).await;
    let answered: Result<String, TaskError> = match answered {
        Ok(answered) => answered,
        Err(error) => return Err(explain(store, &error, Phase::Call, &call.limits)),
    };
    let answer = answered.map_err(|error| with_host_words(of_task_error(error), store.data().capture.last_host_line()))?;
    let limit = call.limits.output_bytes_max.min(Limits::PAYLOAD_BYTES_CEILING);
    if answer.len() > limit {
        return Err(Platform::LimitResultSize.failure(format!("the answer has {} bytes, the limit is {limit}", answer.len())));
    }
    Ok(answer)
}

/// A task knows only that something was denied; the host knows why, and what would allow it.
fn with_host_words(failure: Failure, words: Option<String>) -> Failure {
    match words {
        Some(words) => Failure { message: format!("{}\n{words}", failure.message).into(), ..failure },
        None => failure,
    }
}

fn explain(store: &Store<State>, error: &wasmtime::Error, phase: Phase, limits: &Limits) -> Failure {
    let facts = Facts {
        phase,
        refused: store.data().meter.refused(),
        last_words: store.data().capture.last_stderr(LAST_WORDS),
        copy_bytes_max: limits.copy_bytes_max(),
    };
    of_error(error, &facts)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn clean(redactor: &Redactor, answer: String) -> String {
    match redactor.clean(&answer) {
        std::borrow::Cow::Borrowed(_) => answer,
        std::borrow::Cow::Owned(cleaned) => cleaned,
    }
}

fn clean_failure(redactor: &Redactor, failure: Failure) -> Failure {
    let clean = |text: &str| redactor.clean(text).into();
    Failure {
        kind: failure.kind,
        code: clean(&failure.code),
        message: clean(&failure.message),
        data: failure.data.as_deref().map(clean),
        trace: failure.trace.as_deref().map(clean),
    }
}
