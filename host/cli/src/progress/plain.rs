//! Plain lines, for pipes and files.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jackfield_flow::run::{Place, Run};

use super::{Notice, Report, Tracker, place_name};
use crate::home::Home;
use crate::output::escape;

/// The shortest time between two lines about the progress of one step.
const BETWEEN: Duration = Duration::from_secs(1);

/// One line per event; counts and reports at most once a second for each step.
pub(super) struct Plain<'a> {
    pub(super) home: &'a Home,
    last: BTreeMap<usize, Instant>,
}

impl<'a> Plain<'a> {
    pub(super) fn new(home: &'a Home) -> Self {
        Self { home, last: BTreeMap::new() }
    }

    pub(super) fn notice(&mut self, run: &Run, tracker: &Tracker, notice: &Notice) {
        if let Notice::Items { step } = notice
            && !self.is_time_for(*step)
        {
            return;
        }
        if let Some(line) = notice.line(run, tracker, &self.home.settings) {
            self.home.output.say(&line);
        }
    }

    pub(super) fn report(&mut self, run: &Run, place: Place, report: &Report<'_>) {
        if !self.is_time_for(place.index()) {
            return;
        }
        let total = report.total.map_or_else(String::new, |total| format!("/{total}"));
        let message = escape::brief(report.message, 200);
        self.home.output.say(format!("step {}: {}{total} {message}", place_name(run, place), report.done).trim_end());
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
