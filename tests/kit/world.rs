//! A project folder of one test: workflow files, a data directory, and the binary called in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::cli::{Answer, command, finish};

/// A folder that is gone when the test ends.
pub struct World {
    folder: tempfile::TempDir,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("jackfield-test-").tempdir().expect("a folder") }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        path
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a workflow whose plugins `probe` and `noop` are the guests of the tests.
    pub fn workflow(&self, body: &str) -> PathBuf {
        let plugins = ["probe", "noop"].into_iter().filter(|name| body.contains(&format!("{name}.")));
        let lines: Vec<String> = plugins.map(|name| format!("  {name}: {}\n", crate::guest(name).display())).collect();
        self.write("w.yaml", format!("workflow: w\nplugins:\n{}{body}", lines.concat()))
    }

    /// A call of the binary in this folder.
    pub fn call(&self, arguments: &[&str]) -> Command {
        let mut command = command();
        command.current_dir(self.path()).args(arguments);
        command
    }

    /// Calls the binary in this folder and waits.
    pub fn jackfield(&self, arguments: &[&str]) -> Answer {
        finish(self.start(arguments))
    }

    /// Calls the binary in this folder and goes on.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.call(arguments).spawn().expect("it starts")
    }
}
