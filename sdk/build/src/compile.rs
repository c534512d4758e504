//! Builds the plugins of a folder and copies the components out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::command::{self, BUILD_LIMIT, words};
use crate::error::BuildError;
use crate::members::{self, Member};
use crate::places::{plugins_dir, target_dir};
use crate::step::Step;
use crate::toolchain::{TARGET, Toolchain, Wish};

/// How a plugin is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Small and fast, as the package's release profile says.
    #[default]
    Release,
    /// With debug information.
    Debug,
}

/// Whether a build may fetch what it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// It may.
    #[default]
    Allowed,
    /// Only what is already on this machine.
    Offline,
}

/// What a build may be told. The default is a release build into the folder's own target folder.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// How to build.
    pub profile: Profile,
    /// Whether to fetch.
    pub network: Network,
    /// Which toolchain to use; `None` is what `JACKFIELD_TOOLCHAIN` says.
    pub wish: Option<Wish>,
    /// Cargo's target folder; `None` is `CARGO_TARGET_DIR`, or `target` in the plugin's folder.
    pub target_dir: Option<PathBuf>,
    /// Where the components go; `None` is `plugins` in the target folder.
    pub output_dir: Option<PathBuf>,
}

/// A component that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The name of its package.
    pub package: String,
    /// Where it lies: `OUTPUT/PACKAGE.wasm`, with `-` for `_`.
    pub path: PathBuf,
}

/// Builds every plugin of the package or workspace in `dir`, with one call of cargo.
///
/// # Errors
/// When there is no plugin in the folder, no toolchain to be had, or the build fails; the error says what to do.
pub fn build_rust_plugin(dir: &Path, options: &BuildOptions, tell: &mut dyn FnMut(Step)) -> Result<Vec<Built>, BuildError> {
    if !dir.join("Cargo.toml").is_file() {
        return Err(BuildError::NoManifest(dir.to_owned()));
    }
    // Cargo is called from within the folder, where a path that counts from here would count from there.
    let dir = &std::path::absolute(dir).map_err(BuildError::file("cannot find", dir))?;
    let wish = options.wish.map_or_else(Wish::from_env, Ok)?;
    let toolchain = Toolchain::find(wish, dir, tell)?;
    let members = members::plugins(dir, &toolchain, options.network)?;
    let absolute = |path: PathBuf| std::path::absolute(&path).map_err(BuildError::file("cannot find", path));
    let target = absolute(options.target_dir.clone().unwrap_or_else(|| target_dir(dir)))?;
    let output = absolute(options.output_dir.clone().unwrap_or_else(|| plugins_dir(&target)))?;

    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let what = format!("building {} with {}", names.join(", "), toolchain.description());
    tell(Step::Started(what.clone()));
    let start = Instant::now();
    let mut command = cargo_build(dir, &toolchain, &members, &target, options);
    let messages = command::run(&mut command, BUILD_LIMIT, tell)?;
    let mut built = Vec::new();
    for member in members {
        let Some(file) = component(&messages, &member.id) else {
            let reason = format!("it told of no component of `{}`", member.name);
            return Err(BuildError::Unreadable { command: words(&command), reason });
        };
        built.push(copy(member.name, &file, &output)?);
    }
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(built)
}

fn cargo_build(dir: &Path, toolchain: &Toolchain, members: &[Member], target: &Path, options: &BuildOptions) -> std::process::Command {
    let mut command = toolchain.cargo(dir);
    // The components of a wasm build lie apart from those of the host, whose compiler may be another one.
    command.args(["build", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics", "--target-dir"]);
    command.arg(target.join("wasm")).arg("--manifest-path").arg(dir.join("Cargo.toml"));
    for member in members {
        command.args(["--package", &member.id]);
    }
    if options.profile == Profile::Release {
        command.arg("--release");
    }
    if options.network == Network::Offline {
        command.arg("--offline");
    }
    command
}

/// The component of a package that cargo's messages tell of, one JSON object a line.
fn component(messages: &str, package_id: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["package_id"] == package_id)
        .find_map(|message| {
            let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
            files.find(|name| name.ends_with(".wasm")).map(PathBuf::from)
        })
}

/// Copies a component so that whoever opens the place sees the old one or the new one, never half of one.
pub(crate) fn copy(package: String, file: &Path, output: &Path) -> Result<Built, BuildError> {
    fs::create_dir_all(output).map_err(BuildError::file("cannot make", output))?;
    let path = output.join(format!("{}.wasm", package.replace('_', "-")));
    let bytes = fs::read(file).map_err(BuildError::file("cannot read", file))?;
    // What did not change keeps its time, so that nobody downstream does work for nothing.
    if fs::read(&path).is_ok_and(|before| before == bytes) {
        return Ok(Built { package, path });
    }
    let half = output.join(format!(".{}.{}.half", package, std::process::id()));
    fs::write(&half, bytes).map_err(BuildError::file("cannot write", &half))?;
    fs::rename(&half, &path).map_err(BuildError::file("cannot write", &path))?;
    Ok(Built { package, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_found_among_the_messages() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"registry+https://x#csv@1.4.0","filenames":["/t/libcsv.rlib"]}
not JSON
{"reason":"compiler-artifact","package_id":"path+file:///w/csv#0.1.0","filenames":["/t/libcsv.rlib","/t/csv.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(component(messages, "path+file:///w/csv#0.1.0"), Some(PathBuf::from("/t/csv.wasm")));
        assert_eq!(component(messages, "registry+https://x#csv@1.4.0"), None);
        assert_eq!(component(messages, "path+file:///w/text#0.1.0"), None);
    }

    #[test]
    fn a_copy_replaces_only_what_changed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, output) = (dir.path().join("x.wasm"), dir.path().join("out"));
        let copy = || copy("my_x".to_owned(), &file, &output).unwrap();
        fs::write(&file, "one").unwrap();
        let built = copy();
        assert_eq!(built.path, output.join("my-x.wasm"));
        let before = fs::metadata(&built.path).unwrap().modified().unwrap();
        copy();
        assert_eq!(fs::metadata(&built.path).unwrap().modified().unwrap(), before);
        fs::write(&file, "two").unwrap();
        copy();
        assert_eq!(fs::read(&built.path).unwrap(), b"two");
        assert_eq!(fs::read_dir(&output).unwrap().count(), 1, "no half of a copy is left");
    }

    #[test]
    fn a_folder_without_a_package_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = build_rust_plugin(dir.path(), &BuildOptions::default(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, BuildError::NoManifest(_)), "{error}");
    }
}
