//! What is shown while a run runs.
//!
//! [`Tracker`] turns durable events into [`Notice`]s; a [`Display`] shows them: lines that change on a terminal, plain
//! lines everywhere else, nothing for those who want quiet.

mod count;
mod live;
mod notice;
mod plain;
mod tracker;
mod words;

use jackfield_flow::run::{Place, Run, RunId};
use jackfield_sandbox::LogLine;
use jackfield_worker::{Clock as _, SystemClock};

pub(crate) use count::Count;
pub(crate) use notice::Notice;
pub(crate) use tracker::Tracker;
pub(crate) use words::{blocked_line, failure_line, place_name};

use self::live::Live;
use self::plain::Plain;
use crate::home::Home;
use crate::output::Talk;

/// Whether log lines are shown as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logs {
    /// They are.
    Shown,
    /// They can be looked up afterwards.
    Hidden,
}

/// Shows a run to a person.
pub(crate) struct Display<'a> {
    kind: Kind<'a>,
    logs: Logs,
    /// Whether what the run waits for has been told: once it is, its events tell it.
    begun: bool,
}

enum Kind<'a> {
    Silent,
    Plain(Plain<'a>),
    Live(Live<'a>),
}

impl<'a> Display<'a> {
    /// The display that fits the stream and the wish.
    pub(crate) fn new(home: &'a Home, logs: Logs) -> Self {
        let output = &home.output;
        let kind = match output.talk() {
            Talk::Quiet => Kind::Silent,
            _ if output.talks_to_terminal() => Kind::Live(Live::new(home)),
            _ => Kind::Plain(Plain::new(home)),
        };
        Self { kind, logs, begun: false }
    }

    /// Shows what is under way in a run that did not begin just now, before the first notice.
    pub(crate) fn begin(&mut self, run: &Run, tracker: &Tracker) {
        if let Kind::Live(live) = &mut self.kind {
            live.begin(run, tracker);
        }
        // An attempt that ran runs no more, or is told when it starts again; a count of items goes on.
        for notice in tracker.so_far(run, SystemClock.now()) {
            if !(self.begun && matches!(notice, Notice::Waits { .. })) {
                self.notice(run, tracker, &notice);
            }
        }
        self.begun = true;
    }

    /// Shows the number of a sub-workflow.
    pub(crate) fn child(&mut self, run: &Run, place: Place, child: RunId) {
        self.say(&format!("step {}: the sub-workflow is run {child}", place_name(run, place)));
    }

    /// Says that nobody but a person moves the run.
    pub(crate) fn rests(&mut self, run: &Run) {
        self.say(&format!("run {} waits until somebody says so; Ctrl-C gives it back", run.id()));
    }

    fn say(&self, text: &str) {
        match &self.kind {
            Kind::Silent => {}
            Kind::Plain(Plain { home, .. }) | Kind::Live(Live { home, .. }) => home.output.say(text),
        }
    }

    /// Shows what happened.
    pub(crate) fn notice(&mut self, run: &Run, tracker: &Tracker, notice: &Notice) {
        match &mut self.kind {
            Kind::Silent => {}
            Kind::Plain(plain) => plain.notice(run, tracker, notice),
            Kind::Live(live) => live.notice(run, tracker, notice),
        }
    }

    /// Shows how far a task says it is.
    pub(crate) fn report(&mut self, run: &Run, tracker: &Tracker, place: Place, report: &Report<'_>) {
        match &mut self.kind {
            Kind::Silent => {}
            Kind::Plain(plain) => plain.report(run, place, report),
            Kind::Live(live) => live.report(run, tracker, place, report),
        }
    }

    /// Shows a line that a task logged.
    pub(crate) fn log(&mut self, run: &Run, place: Place, line: &LogLine) {
        if self.logs == Logs::Shown {
            self.say(&words::log_line(run, place, line));
        }
    }

    /// Takes away what changes, so that other things can be written.
    pub(crate) fn end(&mut self) {
        if let Kind::Live(live) = &mut self.kind {
            live.end();
        }
    }
}

/// How far a task says it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    /// How much is done.
    pub(crate) done: u64,
    /// Of how much.
    pub(crate) total: Option<u64>,
    /// A sentence of the task's.
    pub(crate) message: &'a str,
}

#[cfg(test)]
pub(crate) mod tests;
