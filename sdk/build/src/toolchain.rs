//! Finding, or making, a Rust that builds for `wasm32-wasip2`.

mod debian;
mod gaps;
mod rustup;
mod sysroot;

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::ask;
use crate::error::BuildError;
use crate::step::Step;

/// The target of plugins.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Which toolchain the user wishes for; the environment variable `JACKFIELD_TOOLCHAIN` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wish {
    /// The first that works.
    #[default]
    Auto,
    /// The user's own Rust, to which `rustup` may add the target.
    Rustup,
    /// Debian's packages.
    Debian,
}

impl Wish {
    /// What `JACKFIELD_TOOLCHAIN` says: `auto` (also when it is not set), `rustup` or `debian`.
    ///
    /// # Errors
    /// [`BuildError::UnknownWish`] for any other word.
    pub fn from_env() -> Result<Self, BuildError> {
        let word = env::var_os("JACKFIELD_TOOLCHAIN").unwrap_or_default();
        match word.to_str() {
            Some("" | "auto") => Ok(Self::Auto),
            Some("rustup") => Ok(Self::Rustup),
            Some("debian") => Ok(Self::Debian),
            _ => Err(BuildError::UnknownWish(word.to_string_lossy().into_owned())),
        }
    }
}

/// How a toolchain was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The user's own Rust, with the target `wasm32-wasip2`.
    Installed,
    /// Debian's Rust, with a standard library built on this machine.
    Debian,
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Installed => "installed",
            Self::Debian => "Debian",
        })
    }
}

/// A Rust that builds for `wasm32-wasip2`.
#[derive(Debug, Clone)]
pub struct Toolchain {
    way: Way,
    /// `rustc 1.95.0 (59807616e 2026-04-14)`.
    version: String,
    cargo: PathBuf,
    /// Set for each call of cargo.
    set: Vec<(&'static str, OsString)>,
    /// Not handed on to cargo, because it would choose another compiler, or other flags.
    unset: &'static [&'static str],
}

impl Toolchain {
    /// The first toolchain that `wish` allows, made where need be. Says what it does; takes a minute or three when
    /// Debian's packages must be installed and the standard library built, and no time when that was done before.
    ///
    /// # Errors
    /// [`BuildError::NoToolchain`] with what was tried and what to do.
    pub fn find(wish: Wish, dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<Self, BuildError> {
        let mut tried = Vec::new();
        if wish != Wish::Debian {
            if let Some(found) = Self::installed(dir) {
                return Ok(found);
            }
            match rustup::add_target(dir, tell) {
                Ok(()) => {
                    if let Some(found) = Self::installed(dir) {
                        return Ok(found);
                    }
                    tried.push(format!("  rustup: it added {TARGET}, but the compiler of {} is not rustup's", dir.display()));
                }
                Err(error) => tried.push(format!("  rustup: {error}")),
            }
        }
        if wish != Wish::Rustup {
            if let Some(reason) = tried.last() {
                tell(Step::Note(format!("no {TARGET} by rustup, going on with Debian's packages ({})", first_line(reason))));
            }
            match debian::find(tell) {
                Ok(found) => return Ok(found),
                Err(error) => tried.push(format!("  Debian: {error}")),
            }
        }
        Err(BuildError::NoToolchain { tried })
    }

    /// The user's own Rust as it is used in `dir`, if it has the target. Changes nothing.
    pub fn installed(dir: &Path) -> Option<Self> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let rustc = || {
            let mut command = Command::new(&rustc);
            command.current_dir(dir);
            command
        };
        let sysroot = ask(rustc().args(["--print", "sysroot"])).ok()?;
        if !has_std(&Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib")) {
            return None;
        }
        let version = ask(rustc().arg("--version")).ok()?.trim().to_owned();
        let cargo = env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
        Some(Self { way: Way::Installed, version, cargo, set: Vec::new(), unset: &[] })
    }

    /// Debian's Rust, if it is installed and its standard library was built before. Changes nothing.
    pub fn debian() -> Option<Self> {
        debian::look().ok()?.ready()
    }

    /// How it was come by.
    pub fn way(&self) -> Way {
        self.way
    }

    /// The compiler's version, and where it comes from when that is not the user's own.
    pub fn description(&self) -> String {
        match self.way {
            Way::Installed => self.version.clone(),
            Way::Debian => format!("Debian's {}", self.version),
        }
    }

    /// A call of this toolchain's cargo in `dir`.
    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(dir).envs(self.set.iter().map(|(name, value)| (name, value)));
        for name in self.unset {
            command.env_remove(name);
        }
        command
    }
}

/// Whether a folder of libraries holds a standard library.
fn has_std(dir: &Path) -> bool {
    let Ok(entries) = dir.read_dir() else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_standard_library_only_with_its_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!has_std(&dir.path().join("none")));
        std::fs::write(dir.path().join("libcore-1.rlib"), "").unwrap();
        assert!(!has_std(dir.path()));
        std::fs::write(dir.path().join("libstd-1.rlib"), "").unwrap();
        assert!(has_std(dir.path()));
    }
}
