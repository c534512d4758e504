//! Helpers of the tests: one for each boundary.

pub mod cli;
pub mod clock;
pub mod engine;
pub mod flaky;
pub mod registry;
pub mod stage;
pub mod world;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jackfield_build::{BuildOptions, Profile, build_rust_plugin};

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the repository")
}

/// A standard plugin as a component, built when it is not there.
pub fn plugin(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    component(BUILT.get_or_init(|| build("plugins")), name)
}

/// A guest of the tests as a component, built when it is not there.
pub fn guest(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let folder = build("tests/guests");
        keep(&folder, "noop", &handwritten::noop());
        folder
    });
    component(folder, name)
}

/// Writes a handwritten component beside the built ones, unless it is there.
fn keep(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(format!("{name}.wasm"));
    if std::fs::read(&path).is_ok_and(|kept| kept == bytes) {
        return;
    }
    // Written beside and renamed: tests run in several processes at once.
    let beside = folder.join(format!(".{name}-{}", std::process::id()));
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, &path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn component(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not there: run `cargo xtask plugins`", path.display());
    path
}

/// Builds a workspace of components; costs well under a second when nothing changed.
fn build(workspace: &str) -> PathBuf {
    let root = repository();
    let output = root.join(workspace).join("build");
    let options = BuildOptions {
        profile: Profile::Release,
        target_dir: Some(jackfield_build::target_dir(root)),
        output_dir: Some(output.clone()),
        ..BuildOptions::default()
    };
    build_rust_plugin(&root.join(workspace), &options, &mut |_| {}).unwrap_or_else(|error| panic!("{workspace}: {error}"));
    output
}

/// A file of the repository.
pub fn file(path: &str) -> PathBuf {
    repository().join(path)
}
