//! Lines that change, for terminals.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jackfield_flow::run::{Place, Reason, Run, Status};
use jackfield_worker::{Clock as _, SystemClock};

use super::tracker::main_of;
use super::words::{items_words, wait_words};
use super::{Notice, Report, Tracker};
use crate::home::Home;
use crate::output::escape;
use crate::output::style::{DIM, of_status, paint, sign};
use crate::output::time::span;

/// Running steps with a line of their own; of more than that only the number is shown.
const LINES_MAX: usize = 12;
/// How often the lines are drawn, per second.
const HERTZ: u8 = 10;
/// Columns below which only the essence is shown.
const WIDE_FROM: usize = 48;
/// Columns of a bar of items.
const BAR_COLUMNS: usize = 16;

/// One changing line for each running step; a step that ended stays as a line above them.
pub(super) struct Live<'a> {
    pub(super) home: &'a Home,
    display: MultiProgress,
    lines: BTreeMap<usize, ProgressBar>,
    more: Option<ProgressBar>,
    messages: BTreeMap<usize, String>,
}

impl<'a> Live<'a> {
    pub(super) fn new(home: &'a Home) -> Self {
        let display = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(HERTZ));
        home.output.begin_live(&display);
        Self { home, display, lines: BTreeMap::new(), more: None, messages: BTreeMap::new() }
    }

    pub(super) fn begin(&mut self, run: &Run, tracker: &Tracker) {
        self.messages.clear();
        for step in tracker.running() {
            self.show(run, tracker, step);
        }
    }

    pub(super) fn notice(&mut self, run: &Run, tracker: &Tracker, notice: &Notice) {
        if let Some((step, status, took_ms)) = notice.ended_step() {
            self.finish(run, tracker, step, status, took_ms);
            if let Notice::StepFailed { failure: None, .. } = notice {
                return;
            }
        }
        match notice {
            Notice::Started { place, .. } if run.plan().steps[place.index()].is_main() => self.refresh(run, tracker, place.index()),
            Notice::PartsOpened { step, .. } | Notice::Items { step } => self.refresh(run, tracker, *step),
            Notice::AttemptFailed { place, wait_ms, .. } => {
                self.say(run, tracker, notice);
                if let (Some(wait_ms), None) = (wait_ms, place.item) {
                    self.messages.insert(place.index(), format!("tried again in {}", span(*wait_ms)));
                    self.show(run, tracker, place.index());
                }
            }
            Notice::Waits { place: Some(place), reason, .. } => self.waits(run, tracker, *place, reason, notice),
            Notice::StepDone { .. } | Notice::StepCancelled { .. } | Notice::Skipped { .. } | Notice::Adopted { .. } | Notice::Ended => {}
            _ => self.say(run, tracker, notice),
        }
    }

    fn refresh(&mut self, run: &Run, tracker: &Tracker, step: usize) {
        self.messages.remove(&step);
        if tracker.step(step).status.is_none() {
            self.show(run, tracker, step);
        }
    }

    /// What only time or others end is a word on the step's line; what a person is asked for stays readable as well.
    fn waits(&mut self, run: &Run, tracker: &Tracker, place: Place, reason: &Reason, notice: &Notice) {
        if matches!(reason, Reason::Signal { .. } | Reason::Approval { .. }) {
            self.say(run, tracker, notice);
        }
        let step = main_of(run, place.index());
        if let (Some(words), None) = (wait_words(reason), tracker.step(step).status) {
            self.messages.insert(step, words);
            self.show(run, tracker, step);
        }
    }

    pub(super) fn report(&mut self, run: &Run, tracker: &Tracker, place: Place, report: &Report<'_>) {
        // Of many items one message would chase the other.
        if place.item.is_some() || tracker.step(place.index()).status.is_some() {
            return;
        }
        let bar = report.total.filter(|total| *total > 0).map(|total| format!("{} {}/{total} ", bar(report.done, total), report.done));
        let message = escape::brief(report.message, 200);
        self.messages.insert(place.index(), format!("{}{message}", bar.unwrap_or_default()));
        self.show(run, tracker, place.index());
    }

    pub(super) fn end(&mut self) {
        self.lines.values().chain(&self.more).for_each(ProgressBar::finish_and_clear);
        self.lines.clear();
        // What cannot be cleared stays visible, and harms nothing.
        let _ = self.display.clear();
        self.home.output.end_live();
    }

    fn say(&self, run: &Run, tracker: &Tracker, notice: &Notice) {
        if let Some(line) = notice.line(run, tracker, &self.home.settings) {
            self.home.output.say(&line);
        }
    }

    fn show(&mut self, run: &Run, tracker: &Tracker, step: usize) {
        if !self.lines.contains_key(&step) {
            if self.lines.len() >= LINES_MAX {
                self.count_more(tracker);
                return;
            }
            let line = self.new_line(tracker, step);
            self.lines.insert(step, line);
        }
        let text = self.text(run, tracker, step);
        if let Some(line) = self.lines.get(&step) {
            line.set_message(text);
        }
    }

    fn new_line(&self, tracker: &Tracker, step: usize) -> ProgressBar {
        let line = ProgressBar::new_spinner().with_style(style(self.width()));
        let line = match &self.more {
            Some(more) => self.display.insert_before(more, line),
            None => self.display.add(line),
        };
        let since = tracker.step(step).began.map_or(0, |began| SystemClock.now().since(began));
        let line = line.with_elapsed(Duration::from_millis(since));
        line.enable_steady_tick(Duration::from_millis(1_000 / u64::from(HERTZ)));
        line
    }

    fn text(&self, run: &Run, tracker: &Tracker, step: usize) -> String {
        let name = run.plan().steps.get(step).map_or("?", |step| &step.name);
        let track = tracker.step(step);
        let mut text = name.to_owned();
        if let Some(items) = track.items {
            if self.width() >= WIDE_FROM {
                text.push_str(&format!(" {}", bar(u64::from(items.done + items.failed), u64::from(items.total))));
            }
            text.push_str(&format!(" {}", items_words(run, step, items)));
        } else if track.attempt > 1 {
            text.push_str(&format!(" attempt {}", track.attempt));
        }
        match self.messages.get(&step) {
            Some(message) => format!("{text} {}", self.painted(DIM, message)),
            None => text,
        }
    }

    fn count_more(&mut self, tracker: &Tracker) {
        let hidden = tracker.running().filter(|step| !self.lines.contains_key(step)).count();
        if hidden == 0 {
            if let Some(more) = self.more.take() {
                more.finish_and_clear();
            }
            return;
        }
        let display = &self.display;
        let more = self.more.get_or_insert_with(|| display.add(ProgressBar::new_spinner().with_style(plain_style())));
        more.set_message(format!("  … and {hidden} more running"));
    }

    fn finish(&mut self, run: &Run, tracker: &Tracker, step: usize, status: Status, took_ms: u64) {
        self.messages.remove(&step);
        if let Some(line) = self.lines.remove(&step) {
            line.finish_and_clear();
            self.display.remove(&line);
        }
        let name = run.plan().steps.get(step).map_or("?", |step| &step.name);
        let items = tracker.step(step).items.map_or_else(String::new, |items| format!(" {}", items_words(run, step, items)));
        let took = if took_ms == 0 { String::new() } else { format!(" {}", paint(DIM, span(took_ms))) };
        self.home.output.say(&format!("{} {name}{items}{took}", paint(of_status(status), sign(status))));
        // A step that had no line may have one now.
        if let Some(next) = tracker.running().find(|step| !self.lines.contains_key(step)) {
            self.show(run, tracker, next);
        }
        if self.more.is_some() {
            self.count_more(tracker);
        }
    }

    fn width(&self) -> usize {
        self.home.output.width().unwrap_or(80)
    }

    fn painted(&self, style: anstyle::Style, text: &str) -> String {
        if self.home.output.colors_talk() { paint(style, text) } else { text.to_owned() }
    }
}

fn style(width: usize) -> ProgressStyle {
    let template = if width >= WIDE_FROM { "{spinner} {wide_msg} {elapsed:>4}" } else { "{wide_msg}" };
    ProgressStyle::with_template(template).expect("the template is well-formed").tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

fn plain_style() -> ProgressStyle {
    ProgressStyle::with_template("{wide_msg}").expect("the template is well-formed")
}

/// A bar of [`BAR_COLUMNS`] columns.
pub(super) fn bar(done: u64, total: u64) -> String {
    let columns = BAR_COLUMNS as u128;
    let filled = (u128::from(done.min(total)) * columns).checked_div(total.into()).unwrap_or(columns);
    (0..columns).map(|column| if column < filled { '█' } else { '░' }).collect()
}
