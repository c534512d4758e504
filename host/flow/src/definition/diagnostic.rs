//! Problems of a workflow file, as data: what, where, and what to do.

use std::fmt;

use super::source::{Source, Span};

/// Whether a problem stops the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The workflow cannot run.
    Error,
    /// It can run, and probably does not do what was meant.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its number.
    pub code: Code,
    /// What is wrong, with the value seen.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Other places that belong to it, each with a word about why.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what to do, if there is something.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = self.help.or(help);
        self
    }

    /// The same with another place that belongs to it.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// The problem in one line: `file:line:column: error[E012]: message (help)`.
    pub fn line(&self, source: &Source) -> String {
        let severity = match self.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let help = self.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}:{}: {severity}[{}]: {}{help}", source.name, source.position(self.span.start), self.code, self.message)
    }
}

/// Collects problems, bounded: a hostile file cannot make the list grow without end.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

/// After so many a person reads no further, and the list stays small.
const PROBLEMS_MAX: usize = 200;

impl Problems {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(diagnostic);
        }
    }

    /// Whether one of them stops the workflow.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.code.severity() == Severity::Error)
    }

    /// All of them, by place.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
        self.list.dedup();
        self.list
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal $severity:ident,)+) => {
        /// The kinds of problems. A number is never used again for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, in order of number.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// Its number, such as `E012`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)+ }
            }

            /// Whether it stops the workflow.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            /// What it means, an example, and what to do: paragraphs of Markdown.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}

mod codes;

pub use codes::Code;

impl Code {
    /// What it means, in a sentence or two: the first paragraph of its explanation.
    pub fn summary(self) -> String {
        let lines = self.explanation().lines().map(str::trim).take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        let mut ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        for code in Code::ALL {
            let page = code.explanation();
            for part in ["```yaml", "# wrong", "# right"] {
                assert!(page.contains(part), "{code} has no {part}");
            }
            assert!(page.trim_end().ends_with('.') && code.summary().ends_with('.'), "{code}");
            let letter = if code.severity() == Severity::Error { 'E' } else { 'W' };
            assert!(code.id().starts_with(letter), "{code}");
        }
        ids.dedup();
        assert_eq!(ids.len(), Code::ALL.len());
    }
}
