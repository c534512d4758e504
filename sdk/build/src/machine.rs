//! The machine as this crate sees it: where programs lie, whose rights it has, how long to wait. Tests make one of stubs.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::ask;
use crate::error::BuildError;
use crate::places::cache_dir;

/// Where programs are looked for when the environment has no `PATH`.
const PATH_DEFAULT: &str = "/usr/local/bin:/usr/bin:/bin";
/// The target is 20 MB; where its server cannot be reached, waiting longer does not help.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);
/// 600 MB of packages, over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(900);

/// A machine, and the user's settings on it.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// The folders in which programs are looked for, as in `PATH`.
    pub(crate) path: OsString,
    /// The user's own compiler: a name on the path, or a path.
    pub(crate) rustc: OsString,
    /// The user's own cargo: a name on the path, or a path.
    pub(crate) cargo: OsString,
    /// Below it lies what Debian's packages install.
    pub(crate) usr: PathBuf,
    /// Where what is built once is kept; `None` when nothing says so.
    pub(crate) cache: Option<PathBuf>,
    /// How long `rustup` may take.
    pub(crate) rustup_limit: Duration,
    /// How long one call of `apt-get` may take.
    pub(crate) install_limit: Duration,
}

impl Machine {
    /// The machine that this program runs on.
    pub(crate) fn this() -> Self {
        let set = |name: &str, default: &str| env::var_os(name).unwrap_or_else(|| default.into());
        Self {
            path: set("PATH", PATH_DEFAULT),
            rustc: set("RUSTC", "rustc"),
            cargo: set("CARGO", "cargo"),
            usr: PathBuf::from("/usr"),
            cache: cache_dir().ok(),
            rustup_limit: RUSTUP_LIMIT,
            install_limit: INSTALL_LIMIT,
        }
    }

    /// A call of a program, which is looked for on this machine's path.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("PATH", &self.path);
        command
    }

    /// Whether there is a program of this name on the path.
    pub(crate) fn has(&self, program: &str) -> bool {
        env::split_paths(&self.path).any(|folder| folder.join(program).is_file())
    }

    /// Whether this user may install packages.
    pub(crate) fn is_root(&self) -> Result<bool, BuildError> {
        Ok(ask(self.command("id").arg("-u"))?.trim() == "0")
    }

    pub(crate) fn cache(&self) -> Result<&Path, BuildError> {
        self.cache.as_deref().ok_or(BuildError::NoCacheDir)
    }
}
