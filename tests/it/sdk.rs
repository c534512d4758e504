//! The SDKs outside WebAssembly: their own tests, and those of a new plugin.

use std::path::Path;
use std::process::Command;

use kit::world::World;

/// Runs a language's own test runner. Where its program is not installed nothing is run, except on CI, where that is a failure.
#[track_caller]
fn runs(program: &str, arguments: &[&str], folder: &Path) {
    match Command::new(program).args(arguments).current_dir(folder).env("PYTHONDONTWRITEBYTECODE", "1").output() {
        Ok(output) => assert!(
            output.status.success(),
            "{program} {arguments:?} in {}:\n{}{}",
            folder.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => assert!(std::env::var_os("CI").is_none(), "{program}: {error}"),
    }
}

/// A new plugin in a language, in a directory of its own.
fn new_plugin(language: &str) -> World {
    let world = World::new();
    world.jackfield(&["plugin", "new", "--lang", language, "hello"]).expect(0);
    world
}

#[test]
fn python() {
    runs("python3", &["-m", "unittest", "discover", "-s", "tests"], &kit::file("sdk/python"));
    let world = new_plugin("python");
    runs("python3", &["-m", "unittest"], &world.path().join("hello"));
}

#[test]
fn javascript() {
    runs("node", &["--test", "tests/"], &kit::file("sdk/js"));
    let world = new_plugin("javascript");
    runs("node", &["--test"], &world.path().join("hello"));
}

/// The types of the SDK are right: the compiler accepts the template, the conformance plugin, and nothing that is wrong.
#[test]
fn typescript() {
    let world = new_plugin("typescript");
    let folder = world.path().join("hello");
    std::fs::copy(kit::file("tests/guests/conformance/typescript/plugin.ts"), folder.join("conformance.ts")).expect("a copy");
    std::fs::copy(kit::file("sdk/js/tests/types.ts"), folder.join("types.ts")).expect("a copy");
    runs("npm", &["install", "--no-audit", "--no-fund", "--loglevel=error"], &folder);
    runs("npm", &["run", "check"], &folder);
    runs("npm", &["test"], &folder);
}

/// The tests of C and C++ need a compiler of the machine, as every build of the engine does.
#[test]
fn c_and_cpp() {
    for language in ["c", "cpp"] {
        let world = new_plugin(language);
        runs("make", &["test"], &world.path().join("hello"));
    }
}
