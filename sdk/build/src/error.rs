//! Why there is no component.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no component. The text says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The folder holds no Rust package.
    #[error("{} is no folder of a Rust plugin: it has no Cargo.toml", .0.display())]
    NoManifest(PathBuf),
    /// The package, or no package of the workspace, is a plugin.
    #[error(
        "{} has no plugin: no library there is built as a component; add this to its Cargo.toml:\n\n    [lib]\n    crate-type = [\"cdylib\"]\n",
        .0.display()
    )]
    NoPlugin(PathBuf),
    /// A tool is not installed.
    #[error("there is no program `{program}`; {advice}")]
    NoProgram {
        /// Its name.
        program: String,
        /// Where it comes from.
        advice: &'static str,
    },
    /// A tool ran longer than it may.
    #[error("`{command}` was stopped: it took longer than {} s", .limit.as_secs())]
    TimedOut {
        /// The command line.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// A tool failed.
    #[error("`{command}` failed ({status}):\n{output}")]
    Failed {
        /// The command line.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote to stderr.
        output: String,
    },
    /// A tool answered something that it never should.
    #[error("`{command}` answered what cannot be read: {reason}")]
    Unreadable {
        /// The command line.
        command: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// Every way to a toolchain is closed.
    #[error("there is no Rust toolchain for wasm32-wasip2:\n{}\n{}", .tried.join("\n"), ADVICE)]
    NoToolchain {
        /// One line for each way: why it is closed.
        tried: Vec<String>,
    },
    /// `JACKFIELD_TOOLCHAIN` has a value that means nothing.
    #[error("JACKFIELD_TOOLCHAIN is `{0}`; it may be `auto`, `rustup` or `debian`")]
    UnknownWish(String),
    /// A file cannot be read or written.
    #[error("{action} {}: {source}", .path.display())]
    File {
        /// What was tried: "cannot write", say.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no place for what is built once.
    #[error("there is no cache folder: set HOME or XDG_CACHE_HOME")]
    NoCacheDir,
}

const ADVICE: &str = "Any one of these helps:
  rustup target add wasm32-wasip2
  (Debian, as root) apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19";

impl BuildError {
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
