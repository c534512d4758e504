//! Workflow files: reading, checking, showing what is wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_flow::definition::{self, Source};
use jackfield_flow::plan::Plan;
use jackfield_worker::{Plugins, WorkflowFile};

use crate::error::CliError;
use crate::home::Home;
use crate::output::{Format, Talk};
use crate::{inputs, packages, problems};

/// A workflow's text, and where relative paths in it start.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The text.
    pub(crate) source: Source,
    /// The directory of the file.
    pub(crate) directory: PathBuf,
}

impl Written {
    /// Reads a workflow file, or standard input for `-`, whose paths start in the current directory.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or is not text.
    pub(crate) fn read(file: &Path) -> Result<Self, CliError> {
        let (shown, beside) = if file == Path::new("-") {
            ("standard input".to_owned(), Path::new("."))
        } else {
            (file.display().to_string(), file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
        };
        let text = inputs::utf8(&shown, inputs::read(file)?)?;
        let directory = std::path::absolute(beside).map_err(|error| CliError::file(beside, error))?;
        Ok(Self { source: Source::new(shown, text), directory })
    }

    /// Whether the text alone has errors already.
    pub(crate) fn is_malformed(&self) -> bool {
        let (definition, found) = definition::read(&self.source);
        definition.is_none() || problems::errors(&found) > 0
    }

    /// Checks it with everything its plugins say.
    pub(crate) async fn check(&self, plugins: &Plugins) -> WorkflowFile {
        WorkflowFile::check(self.source.clone(), &self.directory, plugins).await
    }
}

/// The plan of a checked workflow. Its problems are shown on the way; to those who want quiet, errors only.
///
/// # Errors
/// When it has errors.
pub(crate) fn planned(home: &Home, checked: WorkflowFile) -> Result<Arc<Plan>, CliError> {
    packages::tell(home, &checked);
    let WorkflowFile { source, plan, diagnostics, .. } = checked;
    let wanted = plan.is_none() || home.output.talk() > Talk::Quiet;
    if !diagnostics.is_empty() && wanted && home.output.format() == Format::Text {
        home.output.talk_line(&problems::for_people(&source, &diagnostics, home.output.width()));
    }
    plan.map(Arc::new).ok_or_else(|| refused(&source, &diagnostics))
}

/// The error of a workflow with errors.
pub(crate) fn refused(source: &Source, diagnostics: &[definition::Diagnostic]) -> CliError {
    CliError::Workflow {
        file: source.name.to_string(),
        errors: problems::errors(diagnostics),
        problems: problems::for_programs(source, diagnostics),
    }
}
