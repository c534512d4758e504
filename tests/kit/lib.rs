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

use jackfield_build::{BuildError, BuildOptions, Profile, build_plugin, build_rust_plugin};
use jackfield_sandbox::digest_of;

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

/// The conformance plugin in a language, built anew when a source of it, of its SDK or of its build changed.
///
/// # Errors
/// When the tools of the language cannot be had.
pub fn conformance(language: &str) -> Result<PathBuf, BuildError> {
    if language == "rust" {
        return Ok(guest("conformance-rust"));
    }
    let sdk = match language {
        "javascript" | "typescript" => "js",
        "cpp" => "c",
        other => other,
    };
    let (source, sdk) = (file("tests/guests/conformance").join(language), file("sdk").join(sdk));
    let output = file("tests/guests/build");
    let (component, stamp) = (output.join(format!("conformance-{language}.wasm")), output.join(format!("conformance-{language}.digest")));
    let mut sources = Vec::new();
    for place in [&source, &sdk, &file("sdk/build"), &file("wit")] {
        gather(place, &mut sources);
    }
    let digest = digest_of(&sources).to_string();
    if component.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == digest) {
        return Ok(component);
    }
    // As an author has it: the SDK lies in the plugin's folder.
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join(format!("conformance-{language}"));
    copy(&source, &folder);
    copy(&sdk.join("jackfield"), &folder.join("jackfield"));
    let options = BuildOptions { output_dir: Some(output), ..BuildOptions::default() };
    let built = build_plugin(&folder, &options, &mut |_| {})?;
    assert_eq!(built.iter().map(|built| &built.path).collect::<Vec<_>>(), [&component]);
    std::fs::write(&stamp, digest).unwrap_or_else(|error| panic!("{}: {error}", stamp.display()));
    Ok(component)
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let beside = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &beside);
        } else {
            std::fs::copy(&entry, &beside).unwrap_or_else(|error| panic!("{}: {error}", entry.display()));
        }
    }
}

/// The names and bytes of all sources in a folder, in the order of their names.
fn gather(folder: &Path, sources: &mut Vec<u8>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if entry.is_dir() && !["target", "__pycache__", "node_modules", "tests", "rust"].contains(&name.as_str()) {
            gather(&entry, sources);
        } else if entry.is_file() && !["md", "wasm"].iter().any(|end| name.ends_with(end)) {
            sources.extend(name.bytes());
            sources.extend(std::fs::read(&entry).expect("a file"));
        }
    }
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
