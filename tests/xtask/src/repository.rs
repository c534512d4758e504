//! The repository and its cargo.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Repository {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Repository {
    /// The repository that this program was built from.
    pub(crate) fn here() -> Self {
        let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = crate_dir.ancestors().nth(2).unwrap_or(crate_dir).to_owned();
        let target = jackfield_build::target_dir(&root);
        Self { root, target }
    }

    /// A call of cargo in the root, with the target folder that all commands share.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).args(arguments);
        jackfield_build::forget_caller(&mut command);
        command
    }

    /// A call of cargo in a workspace of plugins, natively. Its target folder is its own: the two workspaces would
    /// otherwise build each other's crates anew, with other features.
    pub(crate) fn cargo_in(&self, workspace: &str, arguments: &[&str]) -> Command {
        let mut command = self.cargo(arguments);
        command.arg("--manifest-path").arg(self.root.join(workspace).join("Cargo.toml"));
        command.env("CARGO_TARGET_DIR", self.target.join("native"));
        command
    }

    /// Whether a workspace of plugins is there.
    pub(crate) fn has(&self, workspace: &str) -> bool {
        self.root.join(workspace).join("Cargo.toml").is_file()
    }
}
