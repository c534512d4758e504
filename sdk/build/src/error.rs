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
    /// The folder holds no plugin in a known language.
    #[error("{} is no folder of a plugin; one has:\n{signs}", .dir.display())]
    NoLanguage {
        /// The folder.
        dir: PathBuf,
        /// One line for each language: the files that tell it.
        signs: String,
    },
    /// What was compiled cannot become a component.
    #[error("it cannot become a component: {0}")]
    Component(String),
    /// A tool is too old.
    #[error("`{program}` is of version {version}, which is too old; {advice}")]
    TooOld {
        /// Its name.
        program: String,
        /// Its version.
        version: String,
        /// Where a newer one comes from.
        advice: &'static str,
    },
    /// A tool is there, and a part of it is not.
    #[error("`{program}` {what}; {advice}")]
    Lacking {
        /// Its name.
        program: String,
        /// What it cannot do.
        what: &'static str,
        /// Where the missing part comes from.
        advice: &'static str,
    },
    /// Something would have to be fetched.
    #[error("{what} is not on this machine, and this build may fetch nothing")]
    Offline {
        /// What is missing.
        what: String,
    },
    /// A tool is not installed.
    #[error("there is no program `{program}`; {advice}")]
    NoProgram {
        /// Its name.
        program: String,
        /// Where it comes from.
        advice: &'static str,
    },
    /// A tool ran longer than it may.
    #[error("`{command}` was stopped: it took longer than {limit:?}")]
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
    /// rustup did as it was told, and the compiler is another one.
    #[error("it added wasm32-wasip2, but the compiler that is used in {} is not rustup's: see `which rustc` and RUSTC", .dir.display())]
    NotOfRustup {
        /// The plugin's folder.
        dir: PathBuf,
    },
    /// Debian's packages are missing where there are none to be had.
    #[error("{missing}; and there is no apt-get, so this is no Debian")]
    NotDebian {
        /// What is not there.
        missing: String,
    },
    /// Debian's packages are missing, and this user may not install them.
    #[error("{missing}; only root may install what is missing. Run this, then try again:\n{command}")]
    NotRoot {
        /// What is not there.
        missing: String,
        /// The command that installs it.
        command: String,
    },
    /// Every way to a toolchain is closed.
    #[error("there is no Rust toolchain for wasm32-wasip2; make one of these ways work:\n{}", .tried.join("\n"))]
    NoToolchain {
        /// One entry for each way: why it is closed.
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

impl BuildError {
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// Each way with its error, whose further lines are indented below it.
    pub(crate) fn no_toolchain(tried: &[(&str, Self)]) -> Self {
        let entry = |(way, error): &(&str, Self)| format!("  {way}: {}", error.to_string().trim_end().replace('\n', "\n      "));
        Self::NoToolchain { tried: tried.iter().map(entry).collect() }
    }

    /// One line: of a tool that failed, the last line that it wrote, which most often is the reason.
    pub(crate) fn brief(&self) -> String {
        let text = self.to_string();
        match self {
            Self::Failed { .. } => text.trim_end().lines().last().unwrap_or_default().to_owned(),
            _ => text.lines().next().unwrap_or_default().to_owned(),
        }
    }
}
