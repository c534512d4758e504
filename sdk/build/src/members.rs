//! Which packages of a folder are plugins: those with a library of the kind `cdylib`.

use std::path::Path;

use serde_json::Value;

use crate::command::{ask, words};
use crate::compile::Network;
use crate::error::BuildError;
use crate::toolchain::Toolchain;

/// A package that is a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Cargo's own name for it. A plugin may well be called like a crate that it depends on; its id is its alone.
    pub(crate) id: String,
}

/// The packages to build: the package of the folder, or all members of a workspace that has none.
pub(crate) fn plugins(dir: &Path, toolchain: &Toolchain, network: Network) -> Result<Vec<Member>, BuildError> {
    let manifest = dir.join("Cargo.toml");
    let manifest = manifest.canonicalize().map_err(|_| BuildError::NoManifest(dir.to_owned()))?;
    let mut command = toolchain.cargo(dir);
    command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(&manifest);
    if network == Network::Offline {
        command.arg("--offline");
    }
    let answer = ask(&mut command)?;
    let metadata =
        serde_json::from_str(&answer).map_err(|error| BuildError::Unreadable { command: words(&command), reason: error.to_string() })?;
    let members = plugins_of(&metadata, &manifest);
    if members.is_empty() { Err(BuildError::NoPlugin(dir.to_owned())) } else { Ok(members) }
}

fn plugins_of(metadata: &Value, manifest: &Path) -> Vec<Member> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let own = packages.iter().find(|package| package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest));
    let wanted = own.map_or(packages, std::slice::from_ref);
    let text = |package: &Value, name: &str| Some(package[name].as_str()?.to_owned());
    wanted
        .iter()
        .filter(|package| is_plugin(package))
        .filter_map(|package| Some(Member { name: text(package, "name")?, id: text(package, "id")? }))
        .collect()
}

fn is_plugin(package: &Value) -> bool {
    let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    targets.iter().filter_map(|target| target["crate_types"].as_array()).flatten().any(|kind| kind == "cdylib")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata() -> Value {
        let package = |name: &str, kinds: &[&str]| json!({ "name": name, "id": format!("path+file:///w/{name}#0.1.0"), "manifest_path": format!("/w/{name}/Cargo.toml"), "targets": [{ "crate_types": kinds }] });
        json!({ "packages": [package("csv", &["cdylib", "rlib"]), package("shared", &["lib"]), package("text", &["cdylib"])] })
    }

    fn names(manifest: &str) -> Vec<String> {
        plugins_of(&metadata(), Path::new(manifest)).into_iter().map(|member| member.name).collect()
    }

    #[test]
    fn a_workspace_gives_its_plugins_and_nothing_else() {
        assert_eq!(names("/w/Cargo.toml"), ["csv", "text"]);
    }

    #[test]
    fn a_member_gives_itself() {
        assert_eq!(names("/w/text/Cargo.toml"), ["text"]);
        assert!(names("/w/shared/Cargo.toml").is_empty());
    }
}
