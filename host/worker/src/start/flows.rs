//! The files of sub-workflows: found beside the file that names them, read and built once each, circles told.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use jackfield_flow::definition::{Definition, Diagnostic, Severity, Source, flow_files, read};
use jackfield_flow::plan::{self, FLOW_DEPTH_MAX, Flows, Plan, PluginInfo, Plugins as PluginsByName};
use jackfield_registry::{Location, LockFile, Locked};

use crate::plugins::{Plugins, blocking};

/// The largest file of a workflow that is read, in bytes; what is larger is refused by the reader of workflows with its limit.
const FILE_BYTES_MAX: u64 = 5 << 20;

/// Loads the sub-workflows of one file, and theirs.
pub(super) struct Loader<'a> {
    plugins: &'a Plugins,
    /// The files that are being read, each named by the one before it.
    chain: Vec<PathBuf>,
    /// What became of each file.
    done: BTreeMap<PathBuf, Result<Arc<Plan>, String>>,
    /// Which bytes packages are, for all files: the lock file beside the first one.
    lock: Result<LockFile, String>,
    /// Whether a plugin could not be had.
    failed: bool,
}

type Loading<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

impl<'a> Loader<'a> {
    /// A loader for a workflow that lies in a directory.
    pub(super) fn new(plugins: &'a Plugins, directory: &Path) -> Self {
        let lock = LockFile::read(directory).map_err(|error| error.to_string());
        Self { plugins, chain: Vec::new(), done: BTreeMap::new(), lock, failed: false }
    }

    /// Saves what was locked on the way: all of it, or nothing when a plugin could not be had.
    pub(super) fn save(self) -> Result<Vec<Locked>, String> {
        let Ok(mut lock) = self.lock else { return Ok(Vec::new()) };
        if self.failed {
            return Ok(Vec::new());
        }
        let new = lock.new_ones().to_vec();
        lock.save().map_err(|error| error.to_string())?;
        Ok(new)
    }

    /// The plugins that a definition names, by their names; paths start in `directory`.
    pub(super) async fn plugins(&mut self, definition: &Definition, directory: &Path) -> PluginsByName {
        let mut found = PluginsByName::new();
        for plugin in &definition.plugins {
            let info = self.plugin(&plugin.location.value, directory).await;
            self.failed |= info.is_err();
            found.insert(plugin.name.value.clone(), info);
        }
        found
    }

    async fn plugin(&mut self, location: &str, directory: &Path) -> Result<Arc<PluginInfo>, String> {
        let installed = match &mut self.lock {
            Ok(lock) => self.plugins.named(location, directory, lock).await,
            // What is no package needs no lock file.
            Err(why) if Location::parse(location).is_ok_and(|location| matches!(location, Location::Package(_))) => return Err(why.clone()),
            Err(_) => self.plugins.install(&directory.join(location)).await,
        };
        installed.map(|installed| installed.info).map_err(|error| error.to_string())
    }

    /// The plans of the files that a definition names, by path as it is written; paths start in `directory`.
    pub(super) fn flows<'f>(&'f mut self, definition: &'f Definition, directory: &'f Path) -> Loading<'f, Flows> {
        Box::pin(async move {
            let mut flows = Flows::new();
            for file in flow_files(definition) {
                let plan = self.file(&directory.join(&*file.value)).await;
                flows.insert(file.value, plan);
            }
            flows
        })
    }

    async fn file(&mut self, path: &Path) -> Result<Arc<Plan>, String> {
        let wanted = path.to_owned();
        let found = blocking(move || {
            let path = std::fs::canonicalize(&wanted).map_err(|error| format!("{}: {error}", wanted.display()))?;
            read_text(&path).map(|text| (path, text))
        });
        let (path, text) = found.await?;
        if let Some(known) = self.done.get(&path) {
            return known.clone();
        }
        if self.chain.contains(&path) {
            return Err(format!("it starts itself: {}", self.shown(&path)));
        }
        if self.chain.len() >= FLOW_DEPTH_MAX {
            return Err(format!("flows may lie {FLOW_DEPTH_MAX} deep in each other: {}", self.shown(&path)));
        }
        self.chain.push(path.clone());
        let plan = self.plan(&path, text).await;
        self.chain.pop();
        self.done.insert(path, plan.clone());
        plan
    }

    async fn plan(&mut self, path: &Path, text: String) -> Result<Arc<Plan>, String> {
        let source = Source::new(path.display().to_string(), text);
        let (definition, mut problems) = read(&source);
        let directory = path.parent().unwrap_or(Path::new("/"));
        let mut plan = None;
        if let Some(definition) = &definition {
            let plugins = self.plugins(definition, directory).await;
            let flows = self.flows(definition, directory).await;
            let (built, found) = plan::build(definition, &plugins, &flows);
            problems.extend(found);
            plan = built;
        }
        let errors: Vec<&Diagnostic> = problems.iter().filter(|problem| problem.code.severity() == Severity::Error).collect();
        match (plan, errors.first()) {
            (Some(plan), None) => Ok(Arc::new(plan)),
            (_, Some(first)) => {
                let more =
                    if errors.len() > 1 { format!(" (and {} more: `jackfield check` says all)", errors.len() - 1) } else { String::new() };
                Err(format!("{}{more}", first.line(&source)))
            }
            (None, None) => Err("it has no plan".to_owned()),
        }
    }

    /// The chain of files that leads to a path, as people read it.
    fn shown(&self, path: &Path) -> String {
        let start = self.chain.iter().position(|file| file == path).unwrap_or(0);
        let name = |file: &PathBuf| file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
        let names: Vec<String> = self.chain[start..].iter().map(name).chain([name(&path.to_owned())]).collect();
        names.join(" → ")
    }
}

/// The text of a regular file, bounded: a pipe would never end.
fn read_text(path: &Path) -> Result<String, String> {
    let refuse = |error: std::io::Error| format!("{}: {error}", path.display());
    let meta = std::fs::metadata(path).map_err(refuse)?;
    if !meta.is_file() {
        return Err(format!("{}: not a file", path.display()));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)).map_err(refuse)?;
    String::from_utf8(bytes).map_err(|error| format!("{}: not UTF-8 text (byte {})", path.display(), error.utf8_error().valid_up_to()))
}
