//! Open documents, as the editor has them.

use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::definition::FILE_BYTES_MAX;
use lsp_types::{Position, Range, TextDocumentContentChangeEvent, Uri};

use super::outline::{self, Node};
use super::place::LineIndex;

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// What the editor calls it.
    pub(crate) uri: Uri,
    /// The editor's number of this state of the text.
    pub(crate) version: i32,
    /// The text.
    pub(crate) text: Arc<str>,
    /// Its lines.
    pub(crate) lines: LineIndex,
    /// What stands in it; nothing where the text is longer than a workflow may be.
    pub(crate) root: Node,
}

/// What a document is, as far as its first keys tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A workflow, or what may become one.
    Workflow,
    /// Tests of a workflow.
    Tests,
    /// Another YAML file, of which nothing is said.
    Other,
}

impl Document {
    /// A document as it was opened.
    pub(crate) fn new(uri: Uri, version: i32, text: String) -> Self {
        let lines = LineIndex::new(&text);
        let root = if text.len() <= FILE_BYTES_MAX { outline::parse(&text) } else { outline::parse("") };
        Self { uri, version, text: text.into(), lines, root }
    }

    /// The document after changes.
    #[must_use]
    pub(crate) fn changed(&self, version: i32, changes: &[TextDocumentContentChangeEvent]) -> Self {
        let mut text = self.text.to_string();
        for change in changes {
            match change.range {
                None => text.clone_from(&change.text),
                Some(range) => {
                    let lines = LineIndex::new(&text);
                    let (start, end) = (lines.byte(&text, range.start), lines.byte(&text, range.end));
                    text.replace_range(start.min(end)..end.max(start), &change.text);
                }
            }
        }
        Self::new(self.uri.clone(), version, text)
    }

    /// Whether it is a workflow.
    pub(crate) fn sort(&self) -> Sort {
        let has = |key: &str| self.root.entry(key).is_some();
        if has("tests") && !has("steps") {
            return Sort::Tests;
        }
        let known = |key: &str| jackfield_flow::definition::keys::Place::Workflow.key(key).is_some();
        let entries = self.root.entries();
        let too_long = self.text.len() > FILE_BYTES_MAX;
        let begun = entries.iter().all(|entry| !entry.colon || known(&entry.key));
        if has("workflow") || has("steps") || too_long || begun { Sort::Workflow } else { Sort::Other }
    }

    /// The byte of a position.
    pub(crate) fn byte(&self, position: Position) -> usize {
        self.lines.byte(&self.text, position)
    }

    /// The range of a span.
    pub(crate) fn range(&self, span: jackfield_flow::definition::Span) -> Range {
        self.lines.range(&self.text, span)
    }

    /// The file, if it is one.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        path_of(&self.uri)
    }
}

/// The file that a URI names.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    url::Url::parse(uri.as_str()).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// The URI of an absolute path.
pub(crate) fn uri_of(path: &std::path::Path) -> Option<Uri> {
    url::Url::from_file_path(path).ok()?.as_str().parse().ok()
}
