//! `list`: what is in a directory.

use std::fs::{self, DirEntry};
use std::path::Path;

use jackfield_sdk::prelude::*;

use crate::error::{Action, FilesError, check_path};
use crate::glob::Glob;

#[cfg(test)]
mod tests;

/// The most entries one answer lists unless the task is told otherwise.
const LIMIT_DEFAULT: u64 = 10_000;
/// The most entries one answer can list.
const LIMIT_MAX: u64 = 30_000;
/// How many entries are looked at for each one that may be listed, before the walk is given up.
const LOOKED_AT_PER_LISTED: u64 = 100;
/// How deep a walk goes; a real tree is shallower, and a deeper one would exhaust the open directories.
const DEPTH_MAX: usize = 64;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; it is never followed.
    Link,
    /// Anything else, such as a socket.
    Other,
}

/// One entry of a directory.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// Its path: the directory as given, and its name below it. Other tasks of this plugin take it as it is.
    pub(crate) path: String,
    /// Its path below the directory, with `/` between names.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// A file's size in bytes, 0 for anything else.
    pub(crate) bytes: u64,
}

/// Lists a directory, sorted by name.
///
/// Names that are not UTF-8 are an error, because no other task could be given them.
#[task(
    effect = reads,
    asks(files_read),
    title = "List a directory",
    example_input = r#"{"path":"data","glob":"**/*.csv","recursive":true}"#,
    example_output = r#"[{"path":"data/2024/a.csv","name":"2024/a.csv","kind":"file","bytes":120}]"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn list(
    /// The directory.
    path: String,
    /// Which entries, by their name below the directory: `*` is any text without `/`, `?` one character, `**` any number of directories. All unless given.
    glob: Option<String>,
    /// Walk into directories, except through links.
    #[serde(default)]
    recursive: bool,
    /// The most entries to list; more are the error `too-large`. 10,000 unless given, 30,000 at most.
    limit: Option<u64>,
) -> Result<Vec<Entry>, FilesError> {
    check_path(&path)?;
    let glob = glob.as_deref().map(Glob::parse).transpose()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    let mut walk = Walk { root: &path, glob, limit, looked_at: 0, entries: Vec::new() };
    // A list of directories to visit instead of recursion: a deep tree uses no stack.
    let mut directories = vec![(String::new(), 0)];
    while let Some((directory, depth)) = directories.pop() {
        for name in walk.visit(&directory)? {
            if recursive && depth + 1 >= DEPTH_MAX {
                let instead = "list a directory further down";
                return Err(FilesError::TooLarge { path, limit: DEPTH_MAX as u64, most: DEPTH_MAX as u64, unit: "levels", instead });
            }
            if recursive {
                directories.push((name, depth + 1));
            }
        }
    }
    let mut entries = walk.entries;
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

struct Walk<'a> {
    root: &'a str,
    glob: Option<Glob>,
    limit: u64,
    looked_at: u64,
    entries: Vec<Entry>,
}

impl Walk<'_> {
    /// Takes in one directory, given by its name below the root; answers the names of the directories in it.
    fn visit(&mut self, directory: &str) -> Result<Vec<String>, FilesError> {
        let path = if directory.is_empty() { self.root.to_owned() } else { join(self.root, directory) };
        let failed = |error| Action::Reading.failed(&path, &error);
        let mut directories = Vec::new();
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().into_string().map_err(|name| {
                let reason = format!("the name of the entry `{}` is not UTF-8", name.to_string_lossy());
                FilesError::BadPath { path: path.clone(), reason }
            })?;
            let name = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            let (kind, bytes) = describe(&entry).map_err(failed)?;
            self.count(self.looked_at + 1, self.limit.saturating_mul(LOOKED_AT_PER_LISTED))?;
            self.looked_at += 1;
            if kind == Kind::Directory {
                directories.push(name.clone());
            }
            if self.glob.as_ref().is_none_or(|glob| glob.matches(&name)) {
                self.count(self.entries.len() as u64 + 1, self.limit)?;
                self.entries.push(Entry { path: join(self.root, &name), name, kind, bytes });
            }
        }
        Ok(directories)
    }

    fn count(&self, number: u64, limit: u64) -> Result<(), FilesError> {
        if number <= limit {
            return Ok(());
        }
        let instead = "name fewer of them with `glob`, or list a directory further down";
        Err(FilesError::TooLarge { path: self.root.to_owned(), limit, most: LIMIT_MAX, unit: "entries", instead })
    }
}

fn describe(entry: &DirEntry) -> std::io::Result<(Kind, u64)> {
    let kind = entry.file_type()?;
    Ok(match kind {
        _ if kind.is_symlink() => (Kind::Link, 0),
        _ if kind.is_dir() => (Kind::Directory, 0),
        _ if kind.is_file() => (Kind::File, entry.metadata()?.len()),
        _ => (Kind::Other, 0),
    })
}

fn join(root: &str, name: &str) -> String {
    match root.trim_end_matches('/') {
        "" => format!("/{name}"),
        "." => name.to_owned(),
        root => Path::new(root).join(name).to_string_lossy().into_owned(),
    }
}
