//! Checks documents beside the server: the same check as `jackfield check`, on a thread of its own.
//!
//! Of a document that changes while it is checked, only the newest text is looked at next: what waits in the queue is replaced by
//! what comes after it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use jackfield_flow::definition::{Diagnostic, Source};
use jackfield_flow::types::Value;
use jackfield_worker::{Plugins, WorkflowFile};
use tokio::runtime::Runtime;

use super::document::{Document, Sort};
use super::known::Known;
use super::view::value_of;
use crate::error::CliError;
use crate::home::small_runtime;

/// A document to be checked.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The document.
    pub(crate) document: Document,
    /// Where its relative paths start.
    pub(crate) directory: PathBuf,
}

/// What a check found out.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// The document that was checked.
    pub(crate) document: Document,
    /// Its problems.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What is known of it; nothing when the check broke.
    pub(crate) known: Option<Arc<Known>>,
}

/// The thread that checks.
#[derive(Debug)]
pub(crate) struct Checker {
    jobs: Sender<Job>,
    /// What it found out.
    pub(crate) answers: Receiver<Checked>,
}

impl Checker {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(plugins: Plugins) -> Result<Self, CliError> {
        let ((jobs, waiting), (found, answers)) = (unbounded(), unbounded());
        let runtime = small_runtime()?;
        let work = move || work(&plugins, &runtime, &waiting, &found);
        let started = thread::Builder::new().name("checker".to_owned()).spawn(work);
        started.map_err(|error| CliError::System { what: "the thread that checks cannot be started", error })?;
        Ok(Self { jobs, answers })
    }

    /// Wants a document to be checked.
    pub(crate) fn want(&self, job: Job) {
        // Nobody takes it when the thread has gone, and then nothing is known of anything any more.
        let _ = self.jobs.send(job);
    }
}

fn work(plugins: &Plugins, runtime: &Runtime, waiting: &Receiver<Job>, found: &Sender<Checked>) {
    while let Ok(first) = waiting.recv() {
        let mut newest = BTreeMap::new();
        for job in std::iter::once(first).chain(waiting.try_iter()) {
            newest.insert(job.document.uri.as_str().to_owned(), job);
        }
        for job in newest.into_values() {
            let document = job.document.clone();
            let checked = catch_unwind(AssertUnwindSafe(|| runtime.block_on(check(job, plugins))));
            let checked = checked.unwrap_or(Checked { document, diagnostics: Vec::new(), known: None });
            if found.send(checked).is_err() {
                return;
            }
        }
    }
}

/// Checks one document.
pub(crate) async fn check(job: Job, plugins: &Plugins) -> Checked {
    let Job { document, directory } = job;
    if document.sort() != Sort::Workflow || document.text.trim().is_empty() {
        return Checked { document, diagnostics: Vec::new(), known: Some(Arc::default()) };
    }
    let name = document.path().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let source = Source::new(name.unwrap_or_else(|| document.uri.as_str().to_owned()), Arc::clone(&document.text));
    let file = WorkflowFile::check(source, &directory, plugins).await;
    let diagnostics = file.diagnostics.clone();
    let known = match known(&file) {
        Some(known) => known,
        None => known(&mended(&document, &directory, plugins).await).unwrap_or_default(),
    };
    Checked { document, diagnostics, known: Some(Arc::new(known)) }
}

/// What a file tells of its plugins and steps, if it could be read.
fn known(file: &WorkflowFile) -> Option<Known> {
    let definition = file.definition.as_ref()?;
    Some(Known::of(definition, file.plugins.clone(), file.flows.clone()))
}

/// The parts of a text that are whole, checked for what they tell; its problems are those of another text, and nobody's business.
async fn mended(document: &Document, directory: &Path, plugins: &Plugins) -> WorkflowFile {
    let mut value = value_of(&document.root);
    if let Value::Map(fields) = &mut value {
        let named = fields.get("workflow").is_some_and(|name| matches!(name, Value::String(_)));
        if !named {
            Arc::make_mut(fields).insert("workflow".into(), Value::string("w"));
        }
    }
    WorkflowFile::check(Source::new("mended", value.to_json()), directory, plugins).await
}
