//! Plain lines, for pipes and files.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jackfield_flow::run::{Place, Run};

use super::notice::{Notice, place_name};
use super::{Report, Tracker};
use crate::output::{Output, escape};

/// The shortest time between two lines about the progress of one step.
const BETWEEN: Duration = Duration::from_secs(1);

/// One line per event; counts and reports at most once a second for each step.
pub(super) struct Plain<'a> {
    pub(super) output: &'a Output,
    last: BTreeMap<usize, Instant>,
}

impl<'a> Plain<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        Self { output, last: BTreeMap::new() }
    }

    pub(super) fn notice(&mut self, run: &Run, tracker: &Tracker, notice: &Notice) {
        if let Notice::Items { step } = notice
            && !self.is_time_for(*step)
        {
            return;
        }
        if let Some(line) = notice.line(run, tracker) {
            self.output.say(&line);
        }
    }

    pub(super) fn report(&mut self, run: &Run, place: Place, report: &Report<'_>) {
        if !self.is_time_for(place.index()) {
            return;
        }
        let total = report.total.map_or_else(String::new, |total| format!("/{total}"));
        let message = escape::brief(report.message, 200);
        self.output.say(format!("step {}: {}{total} {message}", place_name(run, place), report.done).trim_end());
    }

    fn is_time_for(&mut self, step: usize) -> bool {
        let now = Instant::now();
        let due = self.last.get(&step).is_none_or(|last| now.duration_since(*last) >= BETWEEN);
        if due {
            self.last.insert(step, now);
        }
        due
    }
}
