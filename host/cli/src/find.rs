//! Where workflows are, and their tests: `NAME.test.yaml` beside `NAME.yaml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::CliError;

/// How deep directories are looked into.
const DEPTH_MAX: usize = 16;
/// How many entries of directories are looked at.
const ENTRIES_MAX: usize = 200_000;
/// What a test file's name ends with, and that of its workflow.
const ENDINGS: [(&str, &str); 2] = [(".test.yaml", ".yaml"), (".test.yml", ".yml")];
/// Directories of other tools, which may be very large.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// The test files that were named, or that lie below the directories that were; each once, in order.
///
/// # Errors
/// When something that was named is not there or has no tests, when there are none at all, or too much to look at.
pub(crate) fn test_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let here = [PathBuf::from(".")];
    let named = if named.is_empty() { &here[..] } else { named };
    let mut found = Found::new(|path| workflow_of(path).is_some());
    for path in named {
        let meta = fs::metadata(path).map_err(|error| CliError::file(path, error))?;
        if meta.is_dir() {
            found.below(path, 0)?;
        } else {
            found.add(of_file(path)?);
        }
    }
    if found.files.is_empty() {
        let places: Vec<String> = named.iter().map(|path| path.display().to_string()).collect();
        return Err(CliError::Usage(format!("there are no test files (NAME.test.yaml) below {}", places.join(", "))));
    }
    Ok(found.files)
}

/// The files below the current directory that may be workflows: whatever YAML is no test file.
///
/// # Errors
/// When a directory cannot be read, or there is too much to look at.
pub(crate) fn workflow_files() -> Result<Vec<PathBuf>, CliError> {
    let mut found = Found::new(|path| workflow_of(path).is_none() && path.extension().is_some_and(|end| end == "yaml" || end == "yml"));
    found.below(Path::new("."), 0)?;
    Ok(found.files)
}

/// The workflow of which a test file has the name.
pub(crate) fn workflow_of(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    ENDINGS.iter().find_map(|(ending, plain)| Some(file.with_file_name(format!("{}{plain}", name.strip_suffix(ending)?))))
}

/// A path without `.` in it.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let tidy: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if tidy.as_os_str().is_empty() { path.to_owned() } else { tidy }
}

/// The test file that was named, or that lies beside the workflow that was.
fn of_file(path: &Path) -> Result<PathBuf, CliError> {
    if workflow_of(path).is_some() {
        return Ok(path.to_owned());
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let beside = ENDINGS.map(|(ending, _)| path.with_file_name(format!("{stem}{ending}")));
    let found = beside.iter().find(|file| file.is_file()).cloned();
    found.ok_or_else(|| CliError::Usage(format!("{} has no test file beside it: {} is not there", path.display(), beside[0].display())))
}

struct Found {
    /// Whether a file of this name is looked for.
    wanted: fn(&Path) -> bool,
    files: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
    entries: usize,
}

impl Found {
    fn new(wanted: fn(&Path) -> bool) -> Self {
        Self { wanted, files: Vec::new(), seen: BTreeSet::new(), entries: 0 }
    }

    fn add(&mut self, file: PathBuf) {
        let file = tidy(&file);
        if self.seen.insert(file.clone()) {
            self.files.push(file);
        }
    }

    /// Looks into a directory, in the order of names; links to directories are not followed.
    fn below(&mut self, directory: &Path, depth: usize) -> Result<(), CliError> {
        let refused = |error| CliError::file(directory, error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(directory).map_err(refused)? {
            self.entries += 1;
            if self.entries > ENTRIES_MAX {
                let message = format!("there are more than {ENTRIES_MAX} files below {}: name those that are meant", directory.display());
                return Err(CliError::Refused(message));
            }
            let entry = entry.map_err(refused)?;
            entries.push((entry.file_name(), entry.file_type().map_err(refused)?));
        }
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, kind) in entries {
            let (path, name) = (directory.join(&name), name.to_string_lossy());
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < DEPTH_MAX && !SKIPPED.contains(&&*name) {
                self.below(&path, depth + 1)?;
            } else if !kind.is_dir() && (self.wanted)(&path) && path.is_file() {
                self.add(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn test_files_are_found_in_order_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            ["b.test.yaml", "a/x.test.yml", "a/x.yml", "b.yaml", ".git/c.test.yaml", "target/d.test.yaml", "e.test.json", "c/d.yaml"];
        names.iter().for_each(|name| write(folder.path(), name));
        let deep = "d/".repeat(DEPTH_MAX + 1);
        write(folder.path(), &format!("{deep}z.test.yaml"));
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let shown = |named: &[&str]| {
            let named: Vec<PathBuf> = named.iter().map(|name| folder.path().join(name)).collect();
            let files = test_files(&named).map_err(|error| error.to_string())?;
            Ok::<_, String>(files.iter().map(|file| file.strip_prefix(folder.path()).unwrap().display().to_string()).collect::<Vec<_>>())
        };
        assert_eq!(shown(&["."]).unwrap(), ["a/x.test.yml", "b.test.yaml"]);
        assert_eq!(shown(&["b.yaml", ".", "./b.test.yaml"]).unwrap(), ["b.test.yaml", "a/x.test.yml"]);
        assert!(shown(&["c"]).unwrap_err().contains("no test files"));
        assert!(shown(&["c/d.yaml"]).unwrap_err().contains("has no test file beside it"));
        assert!(shown(&["none"]).is_err());
    }

    #[test]
    fn a_test_file_names_its_workflow() {
        assert_eq!(workflow_of(Path::new("x/a.test.yaml")), Some(PathBuf::from("x/a.yaml")));
        assert_eq!(workflow_of(Path::new("a.yaml")), None);
        assert_eq!(tidy(Path::new("./a/./b")), Path::new("a/b"));
        assert_eq!(tidy(Path::new(".")), Path::new("."));
    }
}
