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
use crate::machine::Machine;
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
    /// [`BuildError::NoToolchain`] with what was tried, why it did not work, and what to do.
    pub fn find(wish: Wish, dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<Self, BuildError> {
        Self::find_on(&Machine::this(), wish, dir, tell)
    }

    fn find_on(machine: &Machine, wish: Wish, dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<Self, BuildError> {
        if let Some(found) = Self::at_hand(machine, wish, dir) {
            return Ok(found);
        }
        let mut tried = Vec::new();
        if wish != Wish::Debian {
            match Self::by_rustup(machine, dir, tell) {
                Ok(found) => return Ok(found),
                Err(error) => {
                    if wish == Wish::Auto {
                        tell(Step::Note(format!("no {TARGET} by rustup ({}); going on with Debian's packages", error.brief())));
                    }
                    tried.push(("rustup", error));
                }
            }
        }
        if wish != Wish::Rustup {
            match debian::find(machine, tell) {
                Ok(found) => return Ok(found),
                Err(error) => tried.push(("Debian", error)),
            }
        }
        Err(BuildError::no_toolchain(&tried))
    }

    /// What is there already. Asks no network, so that what one build waited for, the next does not.
    fn at_hand(machine: &Machine, wish: Wish, dir: &Path) -> Option<Self> {
        let installed = || Self::installed_on(machine, dir);
        let debian = || debian::look(machine).ok()?.ready();
        match wish {
            Wish::Auto => installed().or_else(debian),
            Wish::Rustup => installed(),
            Wish::Debian => debian(),
        }
    }

    fn by_rustup(machine: &Machine, dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<Self, BuildError> {
        rustup::add_target(machine, dir, tell)?;
        Self::installed_on(machine, dir).ok_or_else(|| BuildError::NotOfRustup { dir: dir.to_owned() })
    }

    /// The user's own Rust as it is used in `dir`, if it has the target. Changes nothing.
    pub fn installed(dir: &Path) -> Option<Self> {
        Self::installed_on(&Machine::this(), dir)
    }

    fn installed_on(machine: &Machine, dir: &Path) -> Option<Self> {
        let rustc = || {
            let mut command = machine.command(&machine.rustc);
            command.current_dir(dir);
            command
        };
        let sysroot = ask(rustc().args(["--print", "sysroot"])).ok()?;
        if !has_std(&Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib")) {
            return None;
        }
        let version = ask(rustc().arg("--version")).ok()?.trim().to_owned();
        Some(Self { way: Way::Installed, version, cargo: PathBuf::from(&machine.cargo), set: Vec::new(), unset: &[] })
    }

    /// Debian's Rust, if it is installed and its standard library was built before. Changes nothing.
    pub fn debian() -> Option<Self> {
        debian::look(&Machine::this()).ok()?.ready()
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

#[cfg(test)]
mod tests;
