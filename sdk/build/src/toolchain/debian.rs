//! Debian's Rust: the packages of the compiler that Debian keeps new for its web browsers, and their library sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Toolchain, Way, sysroot};
use crate::command::{self, ask};
use crate::error::BuildError;
use crate::places::cache_dir;
use crate::step::Step;

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
const PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "wasi-libc", "lld-19"];
/// 600 MB of packages, over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(900);
/// The oldest compiler that builds the SDK, as in its `rust-version`.
const MINOR_MIN: u32 = 95;

/// Debian's tools as they lie on this machine.
#[derive(Debug)]
pub(super) struct Tools {
    /// `rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)`.
    pub(super) version: String,
    /// `x86_64-unknown-linux-gnu`.
    pub(super) host: String,
    /// Where the host's own libraries and the component linker lie.
    pub(super) rustlib: PathBuf,
    pub(super) wasm_ld: PathBuf,
    pub(super) sysroot: PathBuf,
}

impl Tools {
    /// The toolchain, if its standard library was built before.
    pub(super) fn ready(&self) -> Option<Toolchain> {
        sysroot::is_complete(&self.sysroot).then(|| self.toolchain())
    }

    fn toolchain(&self) -> Toolchain {
        let mut flags = std::ffi::OsString::from("--sysroot\u{1f}");
        flags.push(&self.sysroot);
        flags.push("\u{1f}-Clink-arg=--wasm-ld-path=");
        flags.push(&self.wasm_ld);
        flags.push("\u{1f}-Clink-arg=");
        flags.push(sysroot::gaps_archive(&self.sysroot));
        Toolchain {
            way: Way::Debian,
            version: self.version.clone(),
            cargo: CARGO.into(),
            set: vec![("RUSTC", RUSTC.into()), ("CARGO_ENCODED_RUSTFLAGS", flags)],
            unset: &["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"],
        }
    }

    /// A call of Debian's cargo that no setting of the user's own toolchain reaches.
    pub(super) fn plain_cargo(&self) -> Command {
        let mut command = Command::new(CARGO);
        command.env("RUSTC", RUSTC);
        for name in self.toolchain().unset {
            command.env_remove(name);
        }
        command
    }

    pub(super) fn libc_dir() -> &'static Path {
        Path::new(WASI_LIBC)
    }
}

/// The toolchain, made where need be.
pub(super) fn find(tell: &mut dyn FnMut(Step)) -> Result<Toolchain, BuildError> {
    let tools = match look() {
        Ok(tools) => tools,
        Err(missing) => {
            install(missing, tell)?;
            look()?
        }
    };
    if let Some(ready) = tools.ready() {
        return Ok(ready);
    }
    sysroot::build(&tools, tell)?;
    Ok(tools.toolchain())
}

/// Debian's tools, if all of them are there; the error names the first that is not.
pub(super) fn look() -> Result<Tools, BuildError> {
    for path in [RUSTC, CARGO] {
        present(Path::new(path))?;
    }
    present(&Path::new(WASI_LIBC).join("libc.a"))?;
    let verbose = ask(Command::new(RUSTC).arg("-vV"))?;
    let version = verbose.lines().next().unwrap_or_default().to_owned();
    check_version(&version)?;
    let line = |name: &str| verbose.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let (Some(host), Some(commit)) = (line("host:"), line("commit-hash:")) else {
        return Err(BuildError::Unreadable { command: format!("{RUSTC} -vV"), reason: "it names no host or no commit".to_owned() });
    };
    let lib = Path::new(ask(Command::new(RUSTC).args(["--print", "sysroot"]))?.trim()).join("lib/rustlib");
    let rustlib = lib.join(&host);
    present(&rustlib.join("bin/wasm-component-ld"))?;
    present(&lib.join("src/rust/library/std/Cargo.toml"))?;
    let wasm_ld = wasm_ld()?;
    let number = version.split(' ').nth(1).unwrap_or("unknown");
    let sysroot = cache_dir()?.join(format!("sysroot-{number}-{}-{}", commit.get(..9).unwrap_or(&commit), sysroot::FORMAT));
    Ok(Tools { version, host, rustlib, wasm_ld, sysroot })
}

fn present(path: &Path) -> Result<(), BuildError> {
    fs::metadata(path).map(|_| ()).map_err(BuildError::file("cannot find", path))
}

fn check_version(version: &str) -> Result<(), BuildError> {
    let mut numbers = version.split(' ').nth(1).unwrap_or_default().split('.').map(|part| part.parse::<u32>());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(1)), Some(Ok(minor))) if minor >= MINOR_MIN => Ok(()),
        _ => Err(BuildError::Unreadable {
            command: format!("{RUSTC} --version"),
            reason: format!(
                "it is `{version}`, and plugins need 1.{MINOR_MIN}; the package rustc-web is new enough where Debian's security updates are on"
            ),
        }),
    }
}

/// The newest `wasm-ld`: its name has no version only inside LLVM's own folders.
fn wasm_ld() -> Result<PathBuf, BuildError> {
    let folder = Path::new("/usr/lib");
    let entries = folder.read_dir().map_err(BuildError::file("cannot read", folder))?;
    let versions = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.strip_prefix("llvm-")?.parse::<u32>().ok());
    let found =
        versions.map(|version| (version, folder.join(format!("llvm-{version}/bin/wasm-ld")))).filter(|(_, path)| path.exists()).max();
    match found {
        Some((_, path)) => Ok(path),
        None => present(&folder.join("llvm-19/bin/wasm-ld")).map(|()| PathBuf::new()),
    }
}

/// Installs the packages, when this user may.
fn install(missing: BuildError, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    present(Path::new("/usr/bin/apt-get"))?;
    if ask(Command::new("id").arg("-u"))?.trim() != "0" {
        tell(Step::Note(format!("as root, this would help: apt-get install {}", PACKAGES.join(" "))));
        return Err(missing);
    }
    let what = format!("apt-get install {}", PACKAGES.join(" "));
    tell(Step::Started(what.clone()));
    let start = Instant::now();
    apt_get(&["update"], tell)?;
    let mut words = vec!["install", "--yes", "--no-install-recommends"];
    words.extend(PACKAGES);
    apt_get(&words, tell)?;
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(())
}

fn apt_get(words: &[&str], tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    let mut command = Command::new("/usr/bin/apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(words);
    command::run(&mut command, INSTALL_LIMIT, tell).map(|_| ())
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
