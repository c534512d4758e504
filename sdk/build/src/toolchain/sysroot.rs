//! The standard library for `wasm32-wasip2`, built once from the compiler's own sources and kept in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::debian::Tools;
use super::{TARGET, gaps, has_std};
use crate::command::{self, BUILD_LIMIT};
use crate::error::BuildError;
use crate::step::Step;

/// Raised whenever this file puts something else into a sysroot, so that an older one is not taken for a new one.
pub(super) const FORMAT: u32 = 1;

const MANIFEST: &str = "\
[package]
name = \"gaps\"
version = \"0.0.0\"
edition = \"2021\"

[lib]
path = \"lib.rs\"

[workspace]
";

/// Whether a sysroot is there. It appears by a rename, so it is whole or not there at all.
pub(super) fn is_complete(sysroot: &Path) -> bool {
    has_std(&lib_dir(sysroot)) && gaps_archive(sysroot).is_file()
}

/// The archive of what wasi-libc lacks.
pub(super) fn gaps_archive(sysroot: &Path) -> PathBuf {
    sysroot.join("libgaps.a")
}

fn lib_dir(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

/// Builds the standard library and puts it where `tools` will look for it.
pub(super) fn build(tools: &Tools<'_>, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    let what = format!("building Rust's standard library for {TARGET}, once, into {}", tools.sysroot.display());
    tell(Step::Started(what.clone()));
    let start = Instant::now();
    // Beside its place, so that the rename stays on one disk; named by the process, so that two builds do not meet.
    let mut work = tools.sysroot.clone().into_os_string();
    work.push(format!(".half-{}", std::process::id()));
    let work = PathBuf::from(work);
    let built = build_in(tools, &work, tell);
    // What is left over is worth nothing to anybody, and its removal no reason to fail.
    let _ = fs::remove_dir_all(&work);
    built?;
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(())
}

fn build_in(tools: &Tools<'_>, work: &Path, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    let source = work.join("source");
    make_dir(&source)?;
    write(&source.join("Cargo.toml"), MANIFEST)?;
    write(&source.join("lib.rs"), gaps::SOURCE)?;
    let mut cargo = tools.plain_cargo();
    // The bitcode is for plugins with link-time optimization. `RUSTC_BOOTSTRAP` allows `-Zbuild-std` for this one build.
    let flags = format!("-Cembed-bitcode=yes\u{1f}-L{}", tools.libc_dir().display());
    cargo.current_dir(&source).env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags);
    cargo.args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET, "--target-dir"]).arg(work.join("target"));
    command::run(&mut cargo, BUILD_LIMIT, tell)?;

    let sysroot = work.join("sysroot");
    collect(tools, &work.join("target").join(TARGET).join("release/deps"), &sysroot)?;
    match fs::rename(&sysroot, &tools.sysroot) {
        // Another process was faster: its sysroot is as good as ours.
        Err(_) if is_complete(&tools.sysroot) => Ok(()),
        renamed => renamed.map_err(BuildError::file("cannot write", &tools.sysroot)),
    }
}

/// Lays out a sysroot: the libraries, wasi-libc, and a link to the host's own half, where the component linker lies.
fn collect(tools: &Tools<'_>, deps: &Path, sysroot: &Path) -> Result<(), BuildError> {
    let lib = lib_dir(sysroot);
    make_dir(&lib.join("self-contained"))?;
    for entry in deps.read_dir().map_err(BuildError::file("cannot read", deps))? {
        let path = entry.map_err(BuildError::file("cannot read", deps))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".rlib")) else { continue };
        let to = if name.starts_with("libgaps-") { gaps_archive(sysroot) } else { lib.join(name) };
        copy(&path, &to)?;
    }
    for name in ["libc.a", "crt1-command.o", "crt1-reactor.o"] {
        copy(&tools.libc_dir().join(name), &lib.join("self-contained").join(name))?;
    }
    let link = sysroot.join("lib/rustlib").join(&tools.host);
    std::os::unix::fs::symlink(&tools.rustlib, &link).map_err(BuildError::file("cannot write", &link))?;
    if is_complete(sysroot) {
        return Ok(());
    }
    let reason = format!("it left no standard library in {}", deps.display());
    Err(BuildError::Unreadable { command: "cargo build -Zbuild-std".to_owned(), reason })
}

fn make_dir(path: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(path).map_err(BuildError::file("cannot make", path))
}

fn write(path: &Path, text: &str) -> Result<(), BuildError> {
    fs::write(path, text).map_err(BuildError::file("cannot write", path))
}

fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    fs::copy(from, to).map(|_| ()).map_err(BuildError::file("cannot copy", from))
}
