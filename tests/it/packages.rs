//! Plugins shared between teams: published, locked, used elsewhere; and every way in which that must not go wrong.

mod folder;
mod oci;
mod trust;
mod update;

use std::path::{Path, PathBuf};
use std::process::Command;

use kit::cli::{Answer, finish};
use kit::world::World;

/// People with a project, and with a cache of their own.
struct Team {
    world: World,
    /// What their environment has beside.
    env: Vec<(&'static str, String)>,
}

impl Team {
    fn new() -> Self {
        Self { world: World::new(), env: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    fn call(&self, words: &[&str]) -> Command {
        let mut call = self.world.call(words);
        call.env_remove("CI").env_remove("DOCKER_CONFIG").env("HOME", self.world.path());
        call.env("JACKFIELD_CACHE", self.world.file("cache")).envs(self.env.iter().map(|(name, value)| (name, value)));
        call
    }

    /// Calls the binary and waits.
    fn jackfield(&self, words: &[&str]) -> Answer {
        finish(self.call(words).spawn().expect("it starts"))
    }

    /// Publishes version after version of a package.
    fn publish(&self, package: &str, versions: &[&str]) {
        for version in versions {
            let file = self.component(version);
            self.jackfield(&["plugin", "push", &file.display().to_string(), &format!("{package}:{version}")]).expect(0);
        }
    }

    /// A component whose bytes are those of no other version.
    fn component(&self, version: &str) -> PathBuf {
        self.world.write(&format!("build/{version}.wasm"), stamped(version))
    }

    /// Writes a workflow that uses a package.
    fn workflow(&self, package: &str) {
        let text = format!(
            "workflow: w\nplugins: {{ tool: \"{package}\" }}\nsteps: {{ a: {{ task: tool.inc, with: {{ v: 1 }} }} }}\noutputs: {{ n: \"${{ steps.a.v }}\" }}\n"
        );
        self.world.write("w.yaml", text);
    }

    fn lock(&self) -> String {
        self.world.read("jackfield.lock")
    }

    /// The files of a folder of the cache or the project, by name.
    fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.world.file(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// The smallest plugin, with a section that only says which version it is.
fn stamped(version: &str) -> Vec<u8> {
    let mut bytes = handwritten::noop();
    let name = b"version";
    let length = |count: usize| u8::try_from(count).expect("it is short");
    bytes.extend([0, length(1 + name.len() + version.len()), length(name.len())]);
    bytes.extend(name);
    bytes.extend(version.as_bytes());
    bytes
}

/// The component that a lock file has, without `sha256:`.
fn locked_digest(lock: &str) -> String {
    let line = lock.lines().find_map(|line| line.strip_prefix("component = \"sha256:")).expect("it has one");
    line.trim_end_matches('"').to_owned()
}

/// Copies a file or folder.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.is_ok_and(|status| status.success()), "{} → {}", from.display(), to.display());
}
