//! Runs a tool: with a time limit, telling what it writes, keeping the end of it for the error.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::BuildError;
use crate::step::Step;

/// How many lines of stderr are worth showing when a tool failed.
const LINES_KEPT: usize = 200;
/// More than any tool of ours answers: the metadata of a workspace with a thousand packages is a tenth of it.
const STDOUT_BYTES_MAX: u64 = 64 << 20;
/// How long a cold build of plugins may take on a slow machine.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_secs(3_600);
/// How long a question to a tool may take.
pub(crate) const QUESTION_LIMIT: Duration = Duration::from_secs(60);

enum Line {
    Stderr(String),
    Stdout(io::Result<String>),
}

/// Runs `command` to its end and gives back its stdout. Each line of its stderr is told as a [`Step::Output`].
///
/// # Errors
/// When it is not there, fails, or runs longer than `limit`; it is then killed.
pub(crate) fn run(command: &mut Command, limit: Duration, tell: &mut dyn FnMut(Step)) -> Result<String, BuildError> {
    let deadline = Instant::now() + limit;
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| missing(command, error))?;
    let lines = read_lines(&mut child);
    let mut stdout = String::new();
    let mut kept = VecDeque::new();
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Line::Stderr(line)) => {
                if kept.len() == LINES_KEPT {
                    kept.pop_front();
                }
                kept.push_back(line.clone());
                tell(Step::Output(line));
            }
            Ok(Line::Stdout(text)) => {
                stdout = text.map_err(|error| BuildError::Unreadable { command: words(command), reason: error.to_string() })?;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // It may have ended by itself in this moment; then there is nothing to kill.
                let _ = child.kill();
                let _ = child.wait();
                return Err(BuildError::TimedOut { command: words(command), limit });
            }
        }
    }
    let status = child.wait().map_err(|error| missing(command, error))?;
    if status.success() {
        return Ok(stdout);
    }
    Err(BuildError::Failed { command: words(command), status: describe(status), output: kept.make_contiguous().join("\n") })
}

/// As [`run`], without telling: a short question.
pub(crate) fn ask(command: &mut Command) -> Result<String, BuildError> {
    run(command, QUESTION_LIMIT, &mut |_| {})
}

fn read_lines(child: &mut Child) -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if sender.send(Line::Stderr(line)).is_err() {
                    return;
                }
            }
        });
    }
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(STDOUT_BYTES_MAX).read_to_string(&mut text);
            // Nobody listens any more when the tool was stopped.
            let _ = sender.send(Line::Stdout(read.map(|_| text)));
        });
    }
    receiver
}

fn missing(command: &Command, source: io::Error) -> BuildError {
    let program = command.get_program().to_string_lossy().into_owned();
    if source.kind() == io::ErrorKind::NotFound {
        return BuildError::NoProgram { program, advice: "install Rust from https://rustup.rs, or see that it is on the PATH" };
    }
    BuildError::File { action: "cannot run", path: program.into(), source }
}

fn describe(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

/// The command line, for people.
pub(crate) fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Takes out of a call of cargo what the cargo that runs this program has set for it.
///
/// Inherited, it would name this crate to those below; and build scripts that read such a variable would run again, with all
/// that depends on them, whenever calls from a shell and from within another program take turns.
pub fn forget_caller(command: &mut Command) {
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start))) {
        command.env_remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn stdout_comes_back_and_stderr_is_told() {
        let mut told = Vec::new();
        let stdout =
            run(&mut shell("echo answer; echo one >&2; echo two >&2"), QUESTION_LIMIT, &mut |step| told.push(step.to_string())).unwrap();
        assert_eq!((stdout.as_str(), told), ("answer\n", vec!["    one".to_owned(), "    two".to_owned()]));
    }

    #[test]
    fn a_failure_keeps_the_end_of_stderr() {
        let error = ask(&mut shell("seq 1000 >&2; exit 3")).unwrap_err();
        let BuildError::Failed { status, output, .. } = error else { panic!("{error}") };
        assert_eq!((status.as_str(), output.lines().next(), output.lines().last()), ("exit code 3", Some("801"), Some("1000")));
    }

    #[test]
    fn a_tool_that_hangs_is_stopped() {
        let before = Instant::now();
        let error = run(shell("exec sleep 60").arg("x"), Duration::from_millis(50), &mut |_| {}).unwrap_err();
        assert!(matches!(error, BuildError::TimedOut { .. }), "{error}");
        assert!(before.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_missing_tool_is_named() {
        let error = ask(&mut Command::new("no-such-tool-here")).unwrap_err();
        assert!(matches!(&error, BuildError::NoProgram { program, .. } if program == "no-such-tool-here"), "{error}");
    }
}
