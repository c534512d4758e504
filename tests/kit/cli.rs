//! The binary, called as a person calls it.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// After so long a process hangs: no test waits for it for ever.
const HANGS: Duration = Duration::from_mins(10);

/// The binary `jackfield` of the profile that the tests were built with, built when it is not there.
pub fn binary() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let here = std::env::current_exe().expect("a test has a path");
        let profile = here.ancestors().nth(2).expect("it lies in TARGET/PROFILE/deps");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        // The whole workspace with examples, because cargo then chooses the same features as for the tests, and builds nothing twice.
        build.current_dir(crate::repository()).args(["build", "--quiet", "--workspace", "--bins", "--examples"]);
        jackfield_build::forget_caller(&mut build);
        build.env("CARGO_TARGET_DIR", profile.parent().expect("a target folder"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "jackfield cannot be built");
        profile.join("jackfield")
    })
}

/// What a call came to.
#[derive(Debug)]
pub struct Answer {
    /// The exit code; 128 and the signal when it was killed.
    pub code: i32,
    /// What it printed as data.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl Answer {
    /// From a finished process.
    pub fn of(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
        Self {
            code,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The data as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }
}

/// Waits for a process. One that hangs is ended.
pub fn finish(child: Child) -> Answer {
    let leash = Leash::of(&child);
    let output = child.wait_with_output().expect("it ends");
    leash.let_go();
    Answer::of(output)
}

/// Ends a process that hangs, or that a failed test leaves behind: it would compute for hours.
pub struct Leash {
    pid: Option<Pid>,
    ends: Option<mpsc::Sender<()>>,
}

impl Leash {
    /// Of a process that runs.
    pub fn of(child: &Child) -> Self {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (ends, ended) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(HANGS) == Err(mpsc::RecvTimeoutError::Timeout) {
                kill(pid);
            }
        });
        Self { pid, ends: Some(ends) }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid.expect("a process"), signal).expect("it is there");
    }

    /// The process has ended, and its number may be another's.
    pub fn let_go(mut self) {
        self.pid = None;
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.ends = None;
        kill(self.pid);
    }
}

fn kill(pid: Option<Pid>) {
    if let Some(pid) = pid {
        // It may have ended, and waits to be looked at.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// A call with nothing inherited that could change what it prints.
pub fn command() -> Command {
    let mut command = Command::new(binary());
    command.env_remove("JACKFIELD_DATA").env("NO_COLOR", "1").env("COLUMNS", "100");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
