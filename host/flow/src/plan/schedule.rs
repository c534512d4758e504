//! Schedules of a plan: when it starts by itself, and what is then done.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::{Plan, WhenBusy};
use crate::schedule::{CatchUp, Cron, CronError, Timetable, UnknownTimeZone, time_zone};
use crate::types::Value;

/// When a workflow starts by itself.
///
/// Texts are kept, and not what they mean: a run does not become unreadable because a time zone has got another name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its cron expression.
    pub cron: Arc<str>,
    /// The time zone whose clocks it goes by.
    pub time_zone: Arc<str>,
    /// What is done when its last run has not ended.
    pub overlap: Overlap,
    /// What is done about instants that were missed.
    pub catch_up: CatchUp,
    /// What its runs are given, as it was written.
    pub inputs: Value,
}

/// What is done when a schedule fires and its last run has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// The instant is left out.
    Skip,
    /// The new run waits for the end of the others.
    Queue,
    /// The new run cancels the others, and takes their place.
    CancelRunning,
    /// Both run.
    #[default]
    Allow,
}

impl Overlap {
    /// What a run of the schedule does that finds another one; nothing when it does not look, because whoever starts it has.
    pub fn when_busy(self) -> Option<WhenBusy> {
        match self {
            Self::Queue => Some(WhenBusy::Queue),
            Self::CancelRunning => Some(WhenBusy::CancelRunning),
            Self::Skip | Self::Allow => None,
        }
    }
}

/// A schedule that this engine cannot keep: it was stored by another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Its cron expression cannot be read.
    #[error("the cron expression `{0}` cannot be read: {1}")]
    Cron(Arc<str>, CronError),
    /// Its time zone is not known.
    #[error(transparent)]
    Zone(#[from] UnknownTimeZone),
}

impl Schedule {
    /// The instants at which it fires.
    ///
    /// # Errors
    /// Never for a plan that this engine made.
    pub fn timetable(&self) -> Result<Timetable, ScheduleError> {
        let cron = Cron::parse(&self.cron).map_err(|error| ScheduleError::Cron(Arc::clone(&self.cron), error))?;
        Ok(Timetable::new(cron, time_zone(&self.time_zone)?))
    }
}

impl Plan {
    /// The name of a schedule by its index: `WORKFLOW/N`, where the first of the file is 1.
    pub fn schedule_name(&self, index: usize) -> String {
        format!("{}/{}", self.workflow, index + 1)
    }
}
