//! Where things lie: one function for each place, so that those who write and those who read agree.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::BuildError;

/// Cargo's target folder of the repository at `root`: `CARGO_TARGET_DIR`, or else `target`.
pub fn target_dir(root: &Path) -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        // A relative path counts from where cargo was called, which is the current folder.
        Some(dir) if !dir.is_empty() => env::current_dir().map_or_else(|_| PathBuf::from(&dir), |current| current.join(&dir)),
        _ => root.join("target"),
    }
}

/// Where the standard plugins lie once they are built: `NAME.wasm`.
pub fn plugins_dir(target: &Path) -> PathBuf {
    target.join("plugins")
}

/// Where Jackfield keeps what can be made again: `$XDG_CACHE_HOME/jackfield`, or `~/.cache/jackfield`.
///
/// # Errors
/// [`BuildError::NoCacheDir`] when neither variable is set.
pub fn cache_dir() -> Result<PathBuf, BuildError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The base directory specification: a relative path is to be ignored.
    let base = set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| Some(set("HOME")?.join(".cache")));
    base.map(|base| base.join("jackfield")).ok_or(BuildError::NoCacheDir)
}
