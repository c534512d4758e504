//! From a workflow file to a plan that can be started.

mod flows;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_flow::definition::{self, Definition, Diagnostic, Source};
use jackfield_flow::plan::{self, Digest, Plan, Plugins as PluginsByName};
use jackfield_flow::run::RunId;
use jackfield_flow::types::Value;
use jackfield_registry::Locked;

use crate::news::Watch;
use crate::plugins::Plugins;
use flows::Loader;

/// A workflow file, read and checked.
#[derive(Clone, Debug)]
pub struct WorkflowFile {
    /// Its text.
    pub source: Source,
    /// What could be read of it.
    pub definition: Option<Definition>,
    /// What is known of its plugins.
    pub plugins: PluginsByName,
    /// What is known of the sub-workflows that have files of their own, by their paths as the file writes them.
    pub flows: plan::Flows,
    /// The plan; nothing when there are errors.
    pub plan: Option<Plan>,
    /// All problems.
    pub diagnostics: Vec<Diagnostic>,
    /// The directory that relative paths start from.
    pub directory: PathBuf,
    /// The packages that were put into the lock file.
    pub locked: Vec<Locked>,
    /// Why the lock file could not be written.
    pub unsaved: Option<String>,
}

impl WorkflowFile {
    /// Reads and checks a workflow: all problems of the file, its plugins, sub-workflows, types and grants at once.
    ///
    /// `directory` is where the file lies: relative paths in it start there.
    pub async fn check(source: Source, directory: &Path, plugins: &Plugins) -> Self {
        let (definition, mut diagnostics) = definition::read(&source);
        let mut file = Self {
            source,
            definition,
            plugins: PluginsByName::new(),
            flows: plan::Flows::new(),
            plan: None,
            diagnostics: Vec::new(),
            directory: directory.to_owned(),
            locked: Vec::new(),
            unsaved: None,
        };
        if let Some(definition) = &file.definition {
            let mut loader = Loader::new(plugins, directory);
            file.plugins = loader.plugins(definition, directory).await;
            file.flows = loader.flows(definition, directory).await;
            match loader.save() {
                Ok(locked) => file.locked = locked,
                Err(why) => file.unsaved = Some(why),
            }
            let (plan, found) = plan::build(definition, &file.plugins, &file.flows);
            let readable = !diagnostics.iter().any(|problem| problem.code.severity() == definition::Severity::Error);
            file.plan = plan.filter(|_| readable);
            diagnostics.extend(found);
        }
        diagnostics.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
        file.diagnostics = diagnostics;
        file
    }
}

/// What starts a run.
#[derive(Clone, Debug)]
pub struct Start {
    /// What it executes.
    pub plan: Arc<Plan>,
    /// What it is given, by name.
    pub inputs: Value,
    /// The directory that relative paths of grants start from.
    pub directory: PathBuf,
    /// A name of the caller's choosing under which starting happens once.
    pub client_key: Option<Arc<str>>,
    /// Names with texts by which the run is found, beside those of the workflow.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    /// Its priority, −100 to 100, when it is not to be that of the workflow.
    pub priority: Option<i32>,
}

/// A run that was started.
#[derive(Debug)]
pub struct Started {
    /// Which.
    pub run: RunId,
    /// Watches it from its very beginning; nothing when it had been started before with the same key.
    pub watch: Option<Watch>,
}

impl Start {
    /// What must be the same for two starts with one key to be the same start.
    pub(crate) fn key_digest(&self, plan: Digest) -> Digest {
        Digest::of(format!("{plan}\n{}\n{}", self.inputs.to_canonical_json(), self.directory.display()).as_bytes())
    }
}
