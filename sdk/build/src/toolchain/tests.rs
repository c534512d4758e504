//! Machines of different kinds, made of stubs: which tools are called, what is said, and what comes of it.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::*;

/// The user's own compiler. Its sysroot lies in `rust/`; rustup adds the target there.
const RUSTC: (&str, &str) = ("bin/rustc", r#"[ "$1" = --print ] && echo "$DIR/rust" || echo "rustc 1.95.0 (stub)""#);
const RUSTUP_WORKS: (&str, &str) = ("bin/rustup", "note rustup $*; add_target");
const RUSTUP_REFUSES: (&str, &str) = ("bin/rustup", "note rustup $*; echo 'info: downloading' >&2; echo 'error: no such host' >&2; exit 1");
/// It waits for ever, as for a network that answers nothing. It notes no call: it may be stopped before it could.
const RUSTUP_HANGS: (&str, &str) = ("bin/rustup", "exec /bin/sleep 3600");
/// It does its work for a compiler that is not the one in use.
const RUSTUP_OF_ANOTHER: (&str, &str) = ("bin/rustup", "note rustup $*");
const ROOT: (&str, &str) = ("bin/id", "echo 0");
const USER: (&str, &str) = ("bin/id", "echo 1000");
const SUDO: (&str, &str) = ("bin/sudo", "note sudo $*");
const APT_WORKS: (&str, &str) = ("usr/bin/apt-get", r#"note apt-get $*; [ "$2" = update ] || debian"#);
const APT_FAILS: (&str, &str) = ("usr/bin/apt-get", "note apt-get $*; echo 'E: Unable to locate package' >&2; exit 100");
/// One source of packages of many does not answer; the one that matters does.
const APT_WITHOUT_LISTS: (&str, &str) =
    ("usr/bin/apt-get", r#"note apt-get $*; [ "$2" != update ] || { echo 'E: a source is gone' >&2; exit 100; }; debian"#);

/// What every stub begins with. It calls nothing of the real machine by name.
const PRELUDE: &str = include_str!("tests/stubs.sh");

/// A machine that has only what a test gives it.
struct Stubs {
    dir: TempDir,
    machine: Machine,
}

impl Stubs {
    fn new(programs: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["bin", "usr/bin", "plugin", "rust"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let machine = Machine {
            path: dir.path().join("bin").into(),
            rustc: "rustc".into(),
            cargo: "cargo".into(),
            usr: dir.path().join("usr"),
            cache: Some(dir.path().join("cache")),
            ..Machine::this()
        };
        fs::write(dir.path().join("stubs.sh"), PRELUDE).unwrap();
        let stubs = Self { dir, machine };
        for (path, script) in programs {
            stubs.shell(&format!("stub \"$DIR/{path}\" <<'END'\n{script}\nEND"));
        }
        stubs
    }

    /// Runs a script that knows the prelude. A child writes the stubs: were they written by this process, a child that
    /// another test makes at that moment would hold the file open, and it could not be run.
    fn shell(&self, script: &str) {
        let mut shell = Command::new("/bin/sh");
        shell.env("DIR", self.dir.path()).stdin(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!(". \"$DIR/stubs.sh\"\n{script}").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Looks for a toolchain: what was called and said, and what came of it.
    fn find(&self, wish: Wish) -> String {
        let mut told = String::new();
        let found = Toolchain::find_on(&self.machine, wish, &self.dir.path().join("plugin"), &mut |step| {
            told.push_str(&match step {
                Step::Finished { what, .. } => format!("{what}: done\n"),
                step => format!("{step}\n"),
            });
        });
        let log = self.dir.path().join("called");
        let called = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        let end = match found {
            Ok(toolchain) => format!("found {}", toolchain.description()),
            Err(error) => error.to_string(),
        };
        let text = format!("called:\n{called}said:\n{told}{end}\n").replace(&self.dir.path().display().to_string(), "DIR");
        text.replace(&format!(".half-{}", std::process::id()), ".half-PID")
    }

    fn check(&self, wish: Wish, expected: &Expect) {
        expected.assert_eq(&self.find(wish));
    }
}

fn check(programs: &[(&str, &str)], expected: &Expect) {
    Stubs::new(programs).check(Wish::Auto, expected);
}

/// What the second call says where the first one made something: nothing is done twice.
fn check_second(programs: &[(&str, &str)], expected: &Expect) {
    let stubs = Stubs::new(programs);
    stubs.find(Wish::Auto);
    stubs.check(Wish::Auto, expected);
}

#[test]
fn a_target_that_is_there_is_used_and_nothing_is_called() {
    let stubs = Stubs::new(&[RUSTC, RUSTUP_WORKS, ROOT, APT_WORKS]);
    stubs.shell("add_target");
    stubs.check(
        Wish::Auto,
        &expect![[r#"
        called:
        said:
        found rustc 1.95.0 (stub)
    "#]],
    );
}

#[test]
fn rustup_adds_the_target_once() {
    check(
        &[RUSTC, RUSTUP_WORKS, ROOT, APT_WORKS],
        &expect![[r#"
        called:
        rustup target add wasm32-wasip2
        said:
        rustup target add wasm32-wasip2 …
        rustup target add wasm32-wasip2: done
        found rustc 1.95.0 (stub)
    "#]],
    );
    check_second(
        &[RUSTC, RUSTUP_WORKS, ROOT, APT_WORKS],
        &expect![[r#"
        called:
        said:
        found rustc 1.95.0 (stub)
    "#]],
    );
}

#[test]
fn root_without_rustup_gets_debians_packages_and_a_library_built_once() {
    check(
        &[ROOT, APT_WORKS],
        &expect![[r#"
            called:
            apt-get --quiet update
            apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
            cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
            said:
            note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19: done
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
            found Debian's rustc 1.96.0 (debian)
        "#]],
    );
    check_second(
        &[ROOT, APT_WORKS],
        &expect![[r#"
        called:
        said:
        found Debian's rustc 1.96.0 (debian)
    "#]],
    );
}

#[test]
fn packages_that_are_there_are_not_installed_again() {
    let stubs = Stubs::new(&[USER, APT_FAILS]);
    stubs.shell("debian");
    stubs.check(Wish::Auto, &expect![[r#"
        called:
        cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
        said:
        note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
        found Debian's rustc 1.96.0 (debian)
    "#]]);
}

#[test]
fn a_rustup_that_refuses_is_quoted_and_passed_by() {
    check(
        &[RUSTC, RUSTUP_REFUSES, ROOT, APT_WORKS],
        &expect![[r#"
            called:
            rustup target add wasm32-wasip2
            apt-get --quiet update
            apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
            cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
            said:
            rustup target add wasm32-wasip2 …
                info: downloading
                error: no such host
            note: no wasm32-wasip2 by rustup (error: no such host); going on with Debian's packages
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19: done
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
            found Debian's rustc 1.96.0 (debian)
        "#]],
    );
}

#[test]
fn a_rustup_that_hangs_is_given_up_and_not_asked_again() {
    let mut stubs = Stubs::new(&[RUSTC, RUSTUP_HANGS, ROOT, APT_WORKS]);
    stubs.machine.rustup_limit = Duration::from_millis(50);
    stubs.check(Wish::Auto, &expect![[r#"
        called:
        apt-get --quiet update
        apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
        cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
        said:
        rustup target add wasm32-wasip2 …
        note: no wasm32-wasip2 by rustup (`rustup target add wasm32-wasip2` was stopped: it took longer than 50ms); going on with Debian's packages
        apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
        apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19: done
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
        found Debian's rustc 1.96.0 (debian)
    "#]]);
    stubs.check(
        Wish::Auto,
        &expect![[r#"
        called:
        said:
        found Debian's rustc 1.96.0 (debian)
    "#]],
    );
}

#[test]
fn a_rustup_of_another_compiler_is_told() {
    let stubs = Stubs::new(&[RUSTC, RUSTUP_OF_ANOTHER]);
    stubs.check(
        Wish::Rustup,
        &expect![[r#"
        called:
        rustup target add wasm32-wasip2
        said:
        rustup target add wasm32-wasip2 …
        rustup target add wasm32-wasip2: done
        there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
          rustup: it added wasm32-wasip2, but the compiler that is used in DIR/plugin is not rustup's: see `which rustc` and RUSTC
    "#]],
    );
}

#[test]
fn who_is_not_root_is_told_what_to_type() {
    check(
        &[USER, SUDO, APT_WORKS, RUSTC, RUSTUP_REFUSES],
        &expect![[r#"
            called:
            rustup target add wasm32-wasip2
            said:
            rustup target add wasm32-wasip2 …
                info: downloading
                error: no such host
            note: no wasm32-wasip2 by rustup (error: no such host); going on with Debian's packages
            there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
              rustup: `rustup target add wasm32-wasip2` failed (exit code 1):
                  info: downloading
                  error: no such host
              Debian: cannot find DIR/usr/bin/rustc: No such file or directory (os error 2); only root may install what is missing. Run this, then try again:
                  sudo apt-get update && sudo apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
        "#]],
    );
    check(
        &[USER, APT_WORKS],
        &expect![[r#"
            called:
            said:
            note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
            there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
              rustup: there is no program `rustup`; it comes from https://rustup.rs
              Debian: cannot find DIR/usr/bin/rustc: No such file or directory (os error 2); only root may install what is missing. Run this, then try again:
                  su - -c 'apt-get update && apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19'
        "#]],
    );
}

#[test]
fn apt_get_says_itself_why_it_fails() {
    check(
        &[ROOT, APT_FAILS],
        &expect![[r#"
            called:
            apt-get --quiet update
            apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
            said:
            note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
                E: Unable to locate package
            note: apt-get update failed (E: Unable to locate package); going on with the lists of packages as they are
                E: Unable to locate package
            there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
              rustup: there is no program `rustup`; it comes from https://rustup.rs
              Debian: `DIR/usr/bin/apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19` failed (exit code 100):
                  E: Unable to locate package
        "#]],
    );
}

#[test]
fn a_source_of_packages_that_is_gone_stops_nothing() {
    check(
        &[ROOT, APT_WITHOUT_LISTS],
        &expect![[r#"
            called:
            apt-get --quiet update
            apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
            cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
            said:
            note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
                E: a source is gone
            note: apt-get update failed (E: a source is gone); going on with the lists of packages as they are
            apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19: done
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
            building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
            found Debian's rustc 1.96.0 (debian)
        "#]],
    );
}

#[test]
fn where_there_is_neither_rustup_nor_apt_get_both_are_named() {
    check(
        &[ROOT],
        &expect![[r#"
            called:
            said:
            note: no wasm32-wasip2 by rustup (there is no program `rustup`; it comes from https://rustup.rs); going on with Debian's packages
            there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
              rustup: there is no program `rustup`; it comes from https://rustup.rs
              Debian: cannot find DIR/usr/bin/rustc: No such file or directory (os error 2); and there is no apt-get, so this is no Debian
        "#]],
    );
}

#[test]
fn a_wish_closes_the_other_way() {
    let stubs = Stubs::new(&[RUSTC, RUSTUP_WORKS, ROOT, APT_WORKS]);
    stubs.check(Wish::Debian, &expect![[r#"
        called:
        apt-get --quiet update
        apt-get --quiet install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=60 rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19
        cargo build --release -Zbuild-std=std,panic_abort --target wasm32-wasip2 --target-dir DIR/cache/sysroot-1.96.0-012345678-1.half-PID/target
        said:
        apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19 …
        apt-get install rustc-web cargo-web rust-web-src rust-web-llvm wasi-libc lld-19: done
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1 …
        building Rust's standard library for wasm32-wasip2, once, into DIR/cache/sysroot-1.96.0-012345678-1: done
        found Debian's rustc 1.96.0 (debian)
    "#]]);
    let stubs = Stubs::new(&[RUSTC, RUSTUP_REFUSES, ROOT, APT_WORKS]);
    stubs.check(
        Wish::Rustup,
        &expect![[r#"
        called:
        rustup target add wasm32-wasip2
        said:
        rustup target add wasm32-wasip2 …
            info: downloading
            error: no such host
        there is no Rust toolchain for wasm32-wasip2; make one of these ways work:
          rustup: `rustup target add wasm32-wasip2` failed (exit code 1):
              info: downloading
              error: no such host
    "#]],
    );
}

#[test]
fn a_folder_has_a_standard_library_only_with_its_file() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!has_std(&dir.path().join("none")));
    fs::write(dir.path().join("libcore-1.rlib"), "").unwrap();
    assert!(!has_std(dir.path()));
    fs::write(dir.path().join("libstd-1.rlib"), "").unwrap();
    assert!(has_std(dir.path()));
}
