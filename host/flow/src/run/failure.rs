//! Why an attempt failed, and whether trying again makes sense.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How one attempt failed: what the task answered, or what the platform had to stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whether another attempt makes sense. Nothing is ever read out of `code` or `message`.
    pub kind: FailureKind,
    /// A stable word: the task's own (`[a-z0-9-]{1,64}`), or a platform code such as `limit.time`, which has a dot.
    pub code: Arc<str>,
    /// Sentences for a person.
    pub message: Arc<str>,
    /// More for programs, as JSON text.
    pub data: Option<Arc<str>>,
    /// The Wasm backtrace of a trap, at most 64 frames, one a line.
    pub trace: Option<Arc<str>>,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// It may go well the next time.
    Transient,
    /// It may go well, but not before so many milliseconds have passed.
    RetryAfter(u64),
    /// It will fail again with the same input.
    Permanent,
    /// Nobody knows whether the effect happened.
    UnknownOutcome,
}

/// The platform's own failures. The word before the dot says who is to blame: `limit` (the task used too much),
/// `guest` (the task broke), `denied` (the grant says no), `value` (what it answered is not what it promised),
/// `host` (we broke), `plugin` (its code cannot be had), `wait`, `approval`, `repeat`, `flow` (what the kind of step is about).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// The attempt's deadline passed.
    LimitTime,
    /// More memory, table elements or instances than the limits allow.
    LimitMemory,
    /// A result larger than the limit.
    LimitResultSize,
    /// An input larger than the limit.
    LimitInputSize,
    /// The Wasm stack is exhausted.
    LimitStack,
    /// More handles, copies or random bytes in host calls than the limits allow.
    LimitHostCalls,
    /// A Wasm trap: unreachable, out of bounds, division by zero …
    GuestTrap,
    /// The task ended the program instead of answering.
    GuestExit,
    /// It broke the canonical ABI: bad UTF-8, a discriminant out of range …
    GuestAbi,
    /// The task's answer is not JSON, or not of the type it declares.
    ValueOutput,
    /// The input is not of the type the task declares.
    ValueInput,
    /// The plugin has no such task.
    PluginNoTask,
    /// A host function panicked, or the host failed otherwise.
    HostInternal,
    /// The attempt was interrupted because its step was cancelled.
    Cancelled,
    /// The worker died while the attempt ran.
    HostLost,
    /// A step's time in all is over.
    LimitTotalTime,
    /// More sub-workflows of one run, or deeper ones, than there may be.
    LimitChildren,
    /// Nobody sent the signal, or decided, in time.
    WaitTimeout,
    /// Somebody said no.
    ApprovalDenied,
    /// A `repeat` has had all its iterations.
    RepeatMax,
    /// The sub-workflow failed.
    FlowFailed,
    /// The sub-workflow was cancelled.
    FlowCancelled,
}

impl Platform {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LimitTime => "limit.time",
            Self::LimitMemory => "limit.memory",
            Self::LimitResultSize => "limit.result-size",
            Self::LimitInputSize => "limit.input-size",
            Self::LimitStack => "limit.stack",
            Self::LimitHostCalls => "limit.host-calls",
            Self::GuestTrap => "guest.trap",
            Self::GuestExit => "guest.exit",
            Self::GuestAbi => "guest.abi",
            Self::ValueOutput => "value.output",
            Self::ValueInput => "value.input",
            Self::PluginNoTask => "plugin.no-task",
            Self::HostInternal => "host.internal",
            Self::Cancelled => "host.cancelled",
            Self::HostLost => "host.lost",
            Self::LimitTotalTime => "limit.total-time",
            Self::LimitChildren => "limit.children",
            Self::WaitTimeout => "wait.timeout",
            Self::ApprovalDenied => "approval.denied",
            Self::RepeatMax => "repeat.max",
            Self::FlowFailed => "flow.failed",
            Self::FlowCancelled => "flow.cancelled",
        }
    }

    /// The failure that has a code, if one of these has it.
    pub fn of_code(code: &str) -> Option<Self> {
        let all = [
            Self::LimitTime,
            Self::LimitMemory,
            Self::LimitResultSize,
            Self::LimitInputSize,
            Self::LimitStack,
            Self::LimitHostCalls,
            Self::GuestTrap,
            Self::GuestExit,
            Self::GuestAbi,
            Self::ValueOutput,
            Self::ValueInput,
            Self::PluginNoTask,
            Self::HostInternal,
            Self::Cancelled,
            Self::HostLost,
            Self::LimitTotalTime,
            Self::WaitTimeout,
            Self::ApprovalDenied,
            Self::RepeatMax,
            Self::FlowFailed,
            Self::FlowCancelled,
        ];
        all.into_iter().find(|platform| platform.code() == code)
    }

    /// The stated default for another attempt.
    ///
    /// A slow or crashed attempt may go well the next time; what depends on the input alone will not.
    pub fn kind(self) -> FailureKind {
        match self {
            Self::LimitTime | Self::GuestTrap | Self::GuestExit | Self::HostInternal | Self::HostLost | Self::FlowFailed => {
                FailureKind::Transient
            }
            Self::LimitMemory
            | Self::LimitResultSize
            | Self::LimitInputSize
            | Self::LimitStack
            | Self::LimitHostCalls
            | Self::GuestAbi
            | Self::ValueOutput
            | Self::ValueInput
            | Self::PluginNoTask
            | Self::Cancelled
            | Self::LimitTotalTime
            | Self::LimitChildren
            | Self::WaitTimeout
            | Self::ApprovalDenied
            | Self::RepeatMax
            | Self::FlowCancelled => FailureKind::Permanent,
        }
    }

    /// A failure of this kind with a message.
    pub fn failure(self, message: impl Into<Arc<str>>) -> Failure {
        Failure { kind: self.kind(), code: self.code().into(), message: message.into(), data: None, trace: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
