//! What happens to schedules, for people and for programs.

use std::sync::Arc;

use jackfield_flow::run::{Millis, Run, RunId};
use jackfield_worker::Upcoming;
use serde_json::{Value, json};

use super::next::local;
use crate::command::run::tell;
use crate::error::CliError;
use crate::home::Home;
use crate::output::time::{rfc3339, utc};
use crate::output::{Format, escape};

/// Something that happened. For programs each is a line of JSON with `event`.
pub(super) enum Told<'r> {
    /// A schedule fires next at an instant.
    Next { next: Upcoming },
    /// A run of an earlier process goes on.
    Resumed { run: RunId },
    /// An instant started a run.
    Started { schedule: Arc<str>, at: Millis, run: RunId },
    /// The run of an instant had been started before.
    Before { schedule: Arc<str>, at: Millis, run: RunId },
    /// An instant was left out.
    Overlaps { schedule: Arc<str>, at: Millis, run: RunId },
    /// Nothing could be started; it is tried again.
    Failed { schedule: Arc<str>, at: Millis, error: String },
    /// A run ended or is blocked.
    Ended { run: &'r Run },
    /// The worker cannot go on with a run.
    SetAside { run: RunId, detail: String },
}

impl Told<'_> {
    pub(super) fn tell(&self, home: &Home) -> Result<(), CliError> {
        match home.output.format() {
            Format::Json => home.output.json_line(&self.for_programs()),
            Format::Text => {
                self.for_people(home);
                Ok(())
            }
        }
    }

    fn for_people(&self, home: &Home) {
        let output = &home.output;
        match self {
            Self::Next { next: Upcoming { schedule, at, time_zone } } => {
                let local = local(*at, time_zone).map_or_else(String::new, |local| format!(" ({local})"));
                output.say(&format!("{schedule}: next at {}{local}", utc(*at)));
            }
            Self::Resumed { run } => output.say(&format!("run {run}: resumed")),
            Self::Started { schedule, at, run } => output.say(&format!("{schedule}: run {run} started for {}", utc(*at))),
            Self::Before { schedule, at, run } => {
                output.say(&format!("{schedule}: nothing to start for {}, which run {run} was started for before", utc(*at)));
            }
            Self::Overlaps { schedule, at, run } => {
                output.say(&format!("{schedule}: {} is left out, because run {run} has not ended (`overlap: skip`)", utc(*at)));
            }
            Self::Failed { schedule, at, error } => {
                let error = escape::block(error, "  ");
                output.warn(&format!("{schedule}: no run for {} yet, it is tried again: {}", utc(*at), error.trim_start()));
            }
            Self::Ended { run } => tell(home, run),
            Self::SetAside { run, detail } => {
                output.warn(&format!("run {run} is set aside: {}", escape::block(detail, "  ").trim_start()));
            }
        }
    }

    fn for_programs(&self) -> Value {
        let of = |event: &str, schedule: &Arc<str>, at: Millis| json!({ "event": event, "schedule": schedule, "at": rfc3339(at) });
        let with = |mut object: Value, key: &str, value: Value| {
            object[key] = value;
            object
        };
        match self {
            Self::Next { next: Upcoming { schedule, at, time_zone } } => {
                let next = with(of("next", schedule, *at), "time_zone", json!(time_zone));
                with(next, "local", json!(local(*at, time_zone)))
            }
            Self::Resumed { run } => json!({ "event": "resumed", "run": run }),
            Self::Started { schedule, at, run } => with(of("started", schedule, *at), "run", json!(run)),
            Self::Before { schedule, at, run } => with(of("started-before", schedule, *at), "run", json!(run)),
            Self::Overlaps { schedule, at, run } => with(of("left-out", schedule, *at), "run", json!(run)),
            Self::Failed { schedule, at, error } => with(of("start-failed", schedule, *at), "error", json!(error)),
            Self::Ended { run } => {
                let failure = run.failure().map(|(_, failure)| json!({ "code": failure.code, "message": failure.message }));
                json!({ "event": "ended", "run": run.id(), "status": run.status(), "failure": failure })
            }
            Self::SetAside { run, detail } => json!({ "event": "set-aside", "run": run, "error": detail }),
        }
    }
}
