//! Problems of a workflow file, as people and programs see them.

use std::ops;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use jackfield_flow::definition::{Diagnostic, Severity, Source, Span};
use serde::Serialize;

use crate::output::escape;

/// Problems shown with their source; of the rest a person sees one line each.
const SNIPPETS_MAX: usize = 50;
/// Around a place in a longer file only so many bytes are given to the renderer, so that its work stays small.
const CONTEXT_BYTES: usize = 4 << 10;
/// Columns where the terminal does not say.
const COLUMNS_DEFAULT: usize = 140;
/// Fewer columns than the renderer can work with.
const COLUMNS_MIN: usize = 40;

/// One problem for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    code: &'static str,
    severity: &'static str,
    message: String,
    file: String,
    #[serde(flatten)]
    range: Range,
    help: Option<String>,
}

/// The place of a problem for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Range {
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    end: End,
}

/// Where the place of a problem ends: the position after its last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct End {
    line: usize,
    column: usize,
}

impl Range {
    /// A place in a text.
    pub(crate) fn of(source: &Source, span: Span) -> Self {
        let (start, end) = (source.position(span.start), source.position(span.end));
        Self { line: start.line, column: start.column, end: End { line: end.line, column: end.column } }
    }
}

/// The problems for programs.
pub(crate) fn for_programs(source: &Source, diagnostics: &[Diagnostic]) -> Vec<Problem> {
    let one = |problem: &Diagnostic| Problem {
        code: problem.code.id(),
        severity: severity_word(problem.code.severity()),
        message: problem.message.clone(),
        file: source.name.to_string(),
        range: Range::of(source, problem.span),
        help: problem.help.clone(),
    };
    diagnostics.iter().map(one).collect()
}

/// How many of the problems are errors.
pub(crate) fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|problem| problem.code.severity() == Severity::Error).count()
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The problems for people, each with its place in the text.
pub(crate) fn for_people(source: &Source, diagnostics: &[Diagnostic], width: Option<usize>) -> String {
    let mut out = String::new();
    for (at, problem) in diagnostics.iter().enumerate() {
        if at < SNIPPETS_MAX {
            out.push_str(&with_source(source, problem, width));
            out.push_str("\n\n");
        } else {
            out.push_str(&escape::line(&problem.line(source)));
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn with_source(source: &Source, problem: &Diagnostic, width: Option<usize>) -> String {
    let level = match problem.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let window = Window::around(&source.text, problem.span.start);
    let place = |start, end| window.place(&source.text, start, end);
    let labels = problem.labels.iter().filter_map(|(span, text)| {
        let place = place(span.start, span.end)?;
        Some(AnnotationKind::Context.span(place).label(escape::line(text).into_owned()))
    });
    let mut snippet = Snippet::source(window.text(&source.text)).line_start(window.line).path(escape::line(&source.name).into_owned());
    if let Some(place) = place(problem.span.start, problem.span.end) {
        snippet = snippet.annotation(AnnotationKind::Primary.span(place));
    }
    let title = level.primary_title(escape::line(&problem.message).into_owned()).id(problem.code.id());
    let mut group = title.element(snippet.annotations(labels));
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(escape::line(help).into_owned()));
    }
    let columns = width.unwrap_or(COLUMNS_DEFAULT).max(COLUMNS_MIN);
    Renderer::styled().term_width(columns).render(&[group])
}

/// Something that is not as it should be, and has no code.
pub(crate) struct Remark<'a> {
    /// What.
    pub(crate) title: &'a str,
    /// Where; of many lines the first is shown.
    pub(crate) span: Span,
    /// What stands at the place.
    pub(crate) label: &'a str,
    /// Why.
    pub(crate) note: Option<&'a str>,
}

/// A remark for people, with its place in the text.
pub(crate) fn remark(source: &Source, remark: &Remark<'_>, width: Option<usize>) -> String {
    let window = Window::around(&source.text, remark.span.start);
    let line =
        source.text.get(remark.span.start..).and_then(|rest| rest.find('\n')).map_or(source.text.len(), |end| remark.span.start + end);
    let mut snippet = Snippet::source(window.text(&source.text)).line_start(window.line).path(escape::line(&source.name).into_owned());
    if let Some(place) = window.place(&source.text, remark.span.start, remark.span.end.min(line)) {
        snippet = snippet.annotation(AnnotationKind::Primary.span(place).label(escape::line(remark.label).into_owned()));
    }
    let mut group = Level::ERROR.primary_title(escape::line(remark.title).into_owned()).element(snippet);
    if let Some(note) = remark.note {
        group = group.element(Level::NOTE.message(escape::line(note).into_owned()));
    }
    let columns = width.unwrap_or(COLUMNS_DEFAULT).max(COLUMNS_MIN);
    Renderer::styled().term_width(columns).render(&[group])
}

/// A part of a text that ends at line ends, or at [`CONTEXT_BYTES`] where a line is longer.
struct Window {
    range: ops::Range<usize>,
    /// Number of its first line.
    line: usize,
}

impl Window {
    fn around(text: &str, at: usize) -> Self {
        let at = text.floor_char_boundary(at.min(text.len()));
        let from = text.floor_char_boundary(at.saturating_sub(CONTEXT_BYTES));
        let to = text.floor_char_boundary((at + CONTEXT_BYTES).min(text.len()));
        let start = if from == 0 { 0 } else { text[from..at].find('\n').map_or(from, |end| from + end + 1) };
        let end = if to == text.len() { to } else { text[at..to].rfind('\n').map_or(to, |end| at + end) };
        Self { range: start..end, line: text[..start].matches('\n').count() + 1 }
    }

    fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.range.clone()]
    }

    /// A place within the window, when it begins there.
    fn place(&self, text: &str, start: usize, end: usize) -> Option<ops::Range<usize>> {
        let start = text.floor_char_boundary(start.min(text.len()));
        let end = text.floor_char_boundary(end.clamp(start, text.len())).min(self.range.end);
        self.range
            .contains(&start)
            .then(|| start - self.range.start..end.max(start) - self.range.start)
            .or_else(|| (start == self.range.end).then(|| start - self.range.start..start - self.range.start))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_flow::definition::{Code, Span};

    use super::*;

    fn shown(text: &str, problem: Diagnostic, width: usize) -> String {
        let source = Source::new("w.yaml", text);
        anstream::adapter::strip_str(&for_people(&source, &[problem], Some(width))).to_string()
    }

    #[test]
    fn a_problem_is_shown_with_its_place_and_what_to_do() {
        let text = "workflow: a\nstpes: {}\n";
        let problem = Diagnostic::new(Code::UnknownKey, Span { start: 12, end: 17 }, "unknown key `stpes`").help("did you mean `steps`?");
        let shown = shown(text, problem, 100);
        for part in ["error[E002]: unknown key `stpes`", "w.yaml:2:1", "^^^^^", "did you mean `steps`?"] {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
    }

    #[test]
    fn hostile_text_is_harmless_and_places_outside_do_not_panic() {
        let text = format!("a\x1b[2J\u{202e}é\n{}", "x".repeat(100_000));
        for (start, end) in [(0, 3), (7, 8), (8, 9), (50_000, 60_000), (100_012, 100_020), (usize::MAX, usize::MAX), (9, 2)] {
            let problem =
                Diagnostic::new(Code::Syntax, Span { start, end }, "bad \x1b]0;t\x07").label(Span { start: 1, end: 99_999_999 }, "here \r");
            let shown = shown(&text, problem, 20);
            assert!(!shown.contains(['\x1b', '\x07', '\r', '\u{202e}']), "{shown:?}");
            assert!(shown.len() < 20_000, "{}", shown.len());
        }
        assert!(!shown("", Diagnostic::new(Code::Syntax, Span { start: 0, end: 0 }, "empty"), 80).is_empty());
    }

    #[test]
    fn programs_get_lines_and_columns() {
        let source = Source::new("w.yaml", "é: 1\nb: 2\n");
        let problem = Diagnostic::new(Code::UnusedInput, Span { start: 6, end: 7 }, "m");
        let json = serde_json::to_string(&for_programs(&source, &[problem])).unwrap();
        let expected = r#"[{"code":"W104","severity":"warning","message":"m","file":"w.yaml","line":2,"column":1,"end":{"line":2,"column":2},"help":null}]"#;
        assert_eq!(json, expected);
    }
}
