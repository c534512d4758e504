//! The binary as a person calls it: words in, text and exit codes out.

mod again;
mod asks;
mod bulk;
mod carry;
mod control;
mod diff;
mod disk;
mod doctor;
mod flows;
mod forget;
mod grants;
mod inputs;
mod interrupt;
mod kinds;
mod look;
mod lsp;
mod many;
mod nobodys;
mod plans;
mod plugins;
mod run;
mod schedule;
mod store;
mod terminal;
mod trial;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command};
use std::sync::LazyLock;

use expect_test::Expect;
use kit::cli::{Answer, Leash};
use kit::world::World;
use regex::Regex;

/// What differs from one call to the next, and the word that stands for it.
static LIVELY: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, word| (Regex::new(pattern).expect("a pattern"), word);
    vec![
        rule(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "WHEN"),
        rule(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "WHEN"),
        rule(r"sha256:[0-9a-f]{64}", "DIGEST"),
        rule(r"jackfield-\d+-\d+", "ENGINE"),
        rule(r"process \d+ on \S+\)", "process PID on HOST)"),
        rule(r"sha256:[0-9a-f]{16}\b", "DIGEST"),
        rule(r"(?m)^took  .*$", "took TIME"),
        rule(r"TOOK +([A-Z])", "TOOK  $1"),
        rule(r"written to (\S+) \([^)]*B\)", "written to $1 (SIZE)"),
        rule(r"(\d+m \d\ds|\d+\.\ds|\d+ms)( → \S+)?  +(same|differs|another|only)", "TIME $3"),
        rule(r"WHEN  +(\d+m \d\ds|\d+\.\ds|\d+ms)  +", "WHEN  TIME  "),
        rule(r"(in|after|for|took|TOOK) (\d+m \d\ds|\d+\.\ds|\d+ms)", "$1 TIME"),
        rule(r"\d+ ms\b", "TIME"),
        rule(r"(?m)  +(\d+m \d\ds|\d+\.\ds|\d+ms)$", "  TIME"),
    ]
});

/// A text with what is never twice the same replaced by words.
fn frozen(world: &World, text: &str) -> String {
    let guests = kit::guest("probe").parent().expect("a folder").display().to_string();
    let text = text.replace(&guests, "GUESTS").replace(&world.path().display().to_string(), "WORLD");
    LIVELY.iter().fold(text, |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
}

/// Calls the binary; its exit code and both streams are these.
#[track_caller]
pub(crate) fn check(world: &World, words: &[&str], expected: Expect) -> Answer {
    let answer = world.jackfield(words);
    expected.assert_eq(&frozen(world, &format!("{}--- stderr\n{}--- exit {}\n", answer.stdout, answer.stderr, answer.code)));
    answer
}

/// A project whose workflow takes a text and answers it.
fn greeting() -> World {
    let world = World::new();
    world.workflow(GREETING);
    world
}

/// One pure step with an input and an output.
const GREETING: &str = r#"inputs:
  name: { type: string, default: Ada, description: Who. }
steps:
  greet:
    task: probe.echo
    with: { value: { hello: "${ inputs.name }" } }
outputs:
  answer: ${ steps.greet }
"#;

/// One step that computes for some seconds, and then a pure one.
const SLOW: &str = "steps:
  slow: { task: probe.spin, with: { rounds: 3000000000 }, timeout: 10m }
  after: { task: probe.echo, with: { value: \"${ steps.slow > 0 }\" } }
outputs: { answer: \"${ steps.after }\" }
";

/// One step that computes until somebody stops it.
const ENDLESS: &str = "steps:\n  spin: { task: probe.spin-forever, timeout: 1h }\n";

/// A process whose talk is read as it comes.
pub(crate) struct Live {
    child: Child,
    leash: Leash,
    talk: BufReader<ChildStderr>,
    said: String,
}

impl Live {
    fn start(world: &World, words: &[&str]) -> Self {
        Self::of(world.call(words))
    }

    pub(crate) fn of(mut call: Command) -> Self {
        let mut child = call.spawn().expect("it starts");
        let talk = BufReader::new(child.stderr.take().expect("it is piped"));
        let leash = Leash::of(&child);
        Self { child, leash, talk, said: String::new() }
    }

    /// Reads until a line has this in it; the process ending before is a failure.
    #[track_caller]
    pub(crate) fn until(&mut self, part: &str) {
        loop {
            let mut line = String::new();
            let read = self.talk.read_line(&mut line).expect("text");
            self.said.push_str(&line);
            assert!(read > 0, "it ended before `{part}`:\n{}", self.said);
            if line.contains(part) {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        self.leash.signal(signal);
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Answer {
        std::io::Read::read_to_string(&mut self.talk, &mut self.said).expect("text");
        self.leash.let_go();
        let mut answer = kit::cli::finish(self.child);
        answer.stderr = self.said;
        answer
    }
}

/// Runs the slow workflow until its first step computes, and stops it by Ctrl-C.
fn interrupted(world: &World) -> Answer {
    interrupt(world.call(&["run", "w.yaml"]))
}

/// Lets a call run until its first step computes, and stops it by Ctrl-C.
fn interrupt(call: Command) -> Answer {
    let mut live = Live::of(call);
    live.until("step slow: started");
    live.signal(rustix::process::Signal::INT);
    live.end().expect(5)
}
