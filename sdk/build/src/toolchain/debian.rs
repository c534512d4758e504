//! Debian's Rust: the packages of the compiler that Debian keeps new for its web browsers, and their library sources.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::{Toolchain, Way, sysroot};
use crate::command::{self, ask};
use crate::error::BuildError;
use crate::machine::Machine;
use crate::step::Step;

const PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "wasi-libc", "lld-19"];
/// `rustc-web` conflicts with the packages `rustc`, `cargo` and `rustup`: whoever has one of these shall keep it. And where
/// another program is installing, waiting a little is all that is needed.
const INSTALL: [&str; 6] = ["install", "--yes", "--no-install-recommends", "--no-remove", "-o", "DPkg::Lock::Timeout=60"];
/// The oldest compiler that builds the SDK, as in its `rust-version`.
const MINOR_MIN: u32 = 95;

/// Debian's tools as they lie on this machine.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    machine: &'a Machine,
    /// `rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)`.
    version: String,
    /// `x86_64-unknown-linux-gnu`.
    pub(super) host: String,
    /// Where the host's own libraries and the component linker lie.
    pub(super) rustlib: PathBuf,
    wasm_ld: PathBuf,
    pub(super) sysroot: PathBuf,
}

impl Tools<'_> {
    /// The toolchain, if its standard library was built before.
    pub(super) fn ready(&self) -> Option<Toolchain> {
        sysroot::is_complete(&self.sysroot).then(|| self.toolchain())
    }

    fn toolchain(&self) -> Toolchain {
        let mut flags = OsString::from("--sysroot\u{1f}");
        flags.push(&self.sysroot);
        flags.push("\u{1f}-Clink-arg=--wasm-ld-path=");
        flags.push(&self.wasm_ld);
        flags.push("\u{1f}-Clink-arg=");
        flags.push(sysroot::gaps_archive(&self.sysroot));
        Toolchain {
            way: Way::Debian,
            version: self.version.clone(),
            cargo: cargo(self.machine),
            set: vec![("RUSTC", rustc(self.machine).into()), ("CARGO_ENCODED_RUSTFLAGS", flags)],
            unset: &["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"],
        }
    }

    /// A call of Debian's cargo that no setting of the user's own toolchain reaches, with LLVM's tools on its path.
    pub(super) fn plain_cargo(&self) -> Command {
        let mut command = self.machine.command(cargo(self.machine));
        let mut path = self.wasm_ld.parent().unwrap_or(Path::new("/usr/bin")).as_os_str().to_owned();
        path.push(":");
        path.push(&self.machine.path);
        command.env("PATH", path).env("RUSTC", rustc(self.machine));
        for name in self.toolchain().unset {
            command.env_remove(name);
        }
        command
    }

    pub(super) fn libc_dir(&self) -> PathBuf {
        libc_dir(self.machine)
    }
}

fn rustc(machine: &Machine) -> PathBuf {
    machine.usr.join("bin/rustc")
}

fn cargo(machine: &Machine) -> PathBuf {
    machine.usr.join("bin/cargo")
}

fn apt_get(machine: &Machine) -> PathBuf {
    machine.usr.join("bin/apt-get")
}

fn libc_dir(machine: &Machine) -> PathBuf {
    machine.usr.join("lib/wasm32-wasi")
}

/// The toolchain, made where need be.
pub(super) fn find(machine: &Machine, tell: &mut dyn FnMut(Step)) -> Result<Toolchain, BuildError> {
    let tools = match look(machine) {
        Ok(tools) => tools,
        Err(missing) => {
            install(machine, &missing, tell)?;
            look(machine)?
        }
    };
    if let Some(ready) = tools.ready() {
        return Ok(ready);
    }
    sysroot::build(&tools, tell)?;
    Ok(tools.toolchain())
}

/// Debian's tools, if all of them are there; the error names the first that is not.
pub(super) fn look(machine: &Machine) -> Result<Tools<'_>, BuildError> {
    let rustc = rustc(machine);
    for path in [&rustc, &cargo(machine), &libc_dir(machine).join("libc.a")] {
        present(path)?;
    }
    let verbose = ask(machine.command(&rustc).arg("-vV"))?;
    let version = verbose.lines().next().unwrap_or_default().to_owned();
    check_version(&version)?;
    let line = |name: &str| verbose.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let (Some(host), Some(commit)) = (line("host:"), line("commit-hash:")) else {
        let command = format!("{} -vV", rustc.display());
        return Err(BuildError::Unreadable { command, reason: "it names no host or no commit".to_owned() });
    };
    let lib = Path::new(ask(machine.command(&rustc).args(["--print", "sysroot"]))?.trim()).join("lib/rustlib");
    let rustlib = lib.join(&host);
    present(&rustlib.join("bin/wasm-component-ld"))?;
    present(&lib.join("src/rust/library/std/Cargo.toml"))?;
    let wasm_ld = wasm_ld(machine)?;
    let number = version.split(' ').nth(1).unwrap_or("unknown");
    let commit = commit.get(..9).unwrap_or(&commit);
    let sysroot = machine.cache()?.join(format!("sysroot-{number}-{commit}-{}", sysroot::FORMAT));
    Ok(Tools { machine, version, host, rustlib, wasm_ld, sysroot })
}

fn present(path: &Path) -> Result<(), BuildError> {
    fs::metadata(path).map(|_| ()).map_err(BuildError::file("cannot find", path))
}

fn check_version(version: &str) -> Result<(), BuildError> {
    let mut numbers = version.split(' ').nth(1).unwrap_or_default().split('.').map(|part| part.parse::<u32>());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(1)), Some(Ok(minor))) if minor >= MINOR_MIN => Ok(()),
        _ => Err(BuildError::Unreadable {
            command: "rustc --version".to_owned(),
            reason: format!(
                "Debian's is `{version}`, and plugins need 1.{MINOR_MIN}; the package rustc-web is new enough where Debian's security updates are on"
            ),
        }),
    }
}

/// The newest `wasm-ld`: its name has no version only inside LLVM's own folders.
fn wasm_ld(machine: &Machine) -> Result<PathBuf, BuildError> {
    let folder = machine.usr.join("lib");
    let entries = folder.read_dir().map_err(BuildError::file("cannot read", &folder))?;
    let versions = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.strip_prefix("llvm-")?.parse::<u32>().ok());
    let found =
        versions.map(|version| (version, folder.join(format!("llvm-{version}/bin/wasm-ld")))).filter(|(_, path)| path.exists()).max();
    match found {
        Some((_, path)) => Ok(path),
        None => present(&folder.join("llvm-19/bin/wasm-ld")).map(|()| PathBuf::new()),
    }
}

/// Installs the packages when this user may, and otherwise says how to.
fn install(machine: &Machine, missing: &BuildError, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    if !apt_get(machine).is_file() {
        return Err(BuildError::NotDebian { missing: missing.to_string() });
    }
    if !machine.is_root()? {
        return Err(BuildError::NotRoot { missing: missing.to_string(), command: by_hand(machine) });
    }
    let what = format!("apt-get install {}", PACKAGES.join(" "));
    tell(Step::Started(what.clone()));
    let start = Instant::now();
    // It fails as soon as one source of many does; whether that source matters, the next call finds out.
    if let Err(error) = run_apt_get(machine, &["update"], tell) {
        tell(Step::Note(format!("apt-get update failed ({}); going on with the lists of packages as they are", error.brief())));
    }
    run_apt_get(machine, &[INSTALL.as_slice(), PACKAGES.as_slice()].concat(), tell)?;
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(())
}

fn run_apt_get(machine: &Machine, words: &[&str], tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    let mut command = machine.command(apt_get(machine));
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(words);
    command::run(&mut command, machine.install_limit, tell).map(|_| ())
}

/// What somebody who is not root types, to be copied as it stands.
fn by_hand(machine: &Machine) -> String {
    let packages = PACKAGES.join(" ");
    if machine.has("sudo") {
        format!("sudo apt-get update && sudo apt-get install --no-install-recommends {packages}")
    } else {
        format!("su - -c 'apt-get update && apt-get install --no-install-recommends {packages}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_compiler_is_refused() {
        assert!(check_version("rustc 1.96.0 (ac68faa20 2026-05-25)").is_ok());
        for version in ["rustc 1.63.0", "rustc 0.99.0", "", "rustc", "gcc 12.2.0"] {
            assert!(check_version(version).is_err(), "{version}");
        }
    }
}
