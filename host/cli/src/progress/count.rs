//! How far something that is about many things has come: a bar on a terminal, nothing elsewhere.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{Output, Talk};

/// Counts up to a number.
pub(crate) struct Count<'a> {
    output: &'a Output,
    bar: Option<ProgressBar>,
}

impl<'a> Count<'a> {
    /// Begins at 0. `what` is shown beside the numbers.
    pub(crate) fn new(output: &'a Output, total: u64, what: &'static str) -> Self {
        let shown = output.talk() != Talk::Quiet && output.talks_to_terminal();
        let bar = shown.then(|| {
            let display = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = display.add(ProgressBar::new(total).with_style(style).with_message(what));
            output.begin_live(&display);
            bar
        });
        Self { output, bar }
    }

    /// So many so far.
    pub(crate) fn at(&self, count: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(count);
        }
    }
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            self.output.end_live();
        }
    }
}
