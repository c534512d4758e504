//! What the commands tell: what begins, what ended after how long, and what failed.

use std::fmt::Display;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use jackfield_build::Step;

/// Why a command failed, for people.
pub(crate) type Failure = String;

pub(crate) struct Report {
    start: Instant,
    done: Vec<(String, Duration)>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), done: Vec::new() }
    }

    /// Says something. To stderr: stdout belongs to what the commands run.
    #[expect(clippy::print_stderr, reason = "telling people is what this program is for")]
    pub(crate) fn say(&self, text: impl Display) {
        eprintln!("{text}");
    }

    pub(crate) fn step(&self, step: &Step) {
        self.say(format_args!("xtask: {step}"));
    }

    /// Runs `command`, with the terminal's own stdin, stdout and stderr.
    pub(crate) fn run(&mut self, what: &str, command: &mut Command) -> Result<(), Failure> {
        self.say(format_args!("xtask: {what} …\n       {}", words(command)));
        let start = Instant::now();
        let status = command.status().map_err(|error| format!("cannot run `{}`: {error}", words(command)))?;
        let took = start.elapsed();
        if !status.success() {
            return Err(format!("{what} failed after {:.1} s ({status}): {}", took.as_secs_f64(), words(command)));
        }
        self.done(what, took);
        Ok(())
    }

    /// Remembers that something is done.
    pub(crate) fn done(&mut self, what: &str, took: Duration) {
        self.say(format_args!("xtask: {what}: {:.1} s", took.as_secs_f64()));
        self.done.push((what.to_owned(), took));
    }

    /// Says how it all ended.
    pub(crate) fn finish(self, result: Result<(), Failure>) -> ExitCode {
        if self.done.len() > 1 {
            self.say("");
            for (what, took) in &self.done {
                self.say(format_args!("{:>8.1} s  {what}", took.as_secs_f64()));
            }
        }
        let took = self.start.elapsed().as_secs_f64();
        match result {
            Ok(()) => {
                self.say(format_args!("{took:>8.1} s  in all: ok"));
                ExitCode::SUCCESS
            }
            Err(failure) => {
                self.say(format_args!("{took:>8.1} s  in all: FAILED\nxtask: {failure}"));
                ExitCode::FAILURE
            }
        }
    }
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
