//! Problems as editors show them.

use std::path::PathBuf;

use jackfield_flow::definition::{Code, Diagnostic, Severity};
use lsp_types::{CodeDescription, Diagnostic as Shown, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Uri};

use super::document::{Document, uri_of};

/// Where the pages lie that explain codes; each is written when it is needed for the first time.
#[derive(Clone, Debug)]
pub(crate) struct Explanations {
    /// The folder; nothing when there is none, or when the editor shows no links.
    pub(crate) folder: Option<PathBuf>,
}

impl Explanations {
    /// The page of a code.
    fn page(&self, code: Code) -> Option<Uri> {
        let folder = std::path::absolute(self.folder.as_ref()?).ok()?;
        let (page, text) = (folder.join(format!("{code}.md")), explanation(code));
        if std::fs::read_to_string(&page).ok().as_deref() != Some(&text) {
            std::fs::create_dir_all(&folder).ok()?;
            std::fs::write(&page, text).ok()?;
        }
        uri_of(&page)
    }
}

/// What a code means, as Markdown.
fn explanation(code: Code) -> String {
    let severity = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let sentences: Vec<&str> = code.explanation().lines().map(str::trim).collect();
    format!("# {code} ({severity})\n\n{}\n", sentences.join(" ").trim())
}

/// The problems of a document.
pub(crate) fn shown(document: &Document, problems: &[Diagnostic], explanations: &Explanations) -> Vec<Shown> {
    problems.iter().map(|problem| one(document, problem, explanations)).collect()
}

fn one(document: &Document, problem: &Diagnostic, explanations: &Explanations) -> Shown {
    let related = problem.labels.iter().map(|(span, text)| DiagnosticRelatedInformation {
        location: Location { uri: document.uri.clone(), range: document.range(*span) },
        message: text.clone(),
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let message = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    Shown {
        range: document.range(problem.span),
        severity: Some(match problem.code.severity() {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(problem.code.id().to_owned())),
        code_description: explanations.page(problem.code).map(|href| CodeDescription { href }),
        source: Some("jackfield".to_owned()),
        message,
        related_information: Some(related).filter(|related| !related.is_empty()),
        tags: None,
        data: None,
    }
}
