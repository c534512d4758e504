//! What is written below the name of a step, line by line.

use super::super::model::{Node, Part};
use super::canvas::Ink;
use super::mark;

/// One line below a name.
pub(super) enum Entry {
    /// What the step does, how it stands, what holds for it.
    Words(String),
    /// Between the step and what belongs to it.
    Rule,
    /// What belongs to it; its state in front, when it has one.
    Part(String, Ink),
}

impl Entry {
    /// Its text; a rule has none.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Part(text, _) => text,
            Self::Rule => "",
        }
    }
}

/// All lines below the name of a step.
pub(super) fn entries(node: &Node) -> Vec<Entry> {
    let mut entries: Vec<Entry> = node.does.iter().map(|saying| Entry::Words(saying.text())).collect();
    entries.extend(more(node));
    let note = (!node.note.is_empty()).then(|| Entry::Words(node.note.clone()));
    let before = node.does.len() + node.inner.len();
    entries.splice(before..before, note);
    entries
}

/// The lines that even a list has: branches, badges, parts.
pub(super) fn more(node: &Node) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (at, inner) in node.inner.iter().enumerate() {
        let branch = if at + 1 == node.inner.len() { "╰" } else { "├" };
        entries.push(Entry::Words(format!("{branch} {}: {}", inner.label, inner.does.text())));
    }
    if !node.badges.is_empty() {
        let badges: Vec<String> = node.badges.iter().map(|badge| badge.text()).collect();
        entries.push(Entry::Words(badges.join("  ")));
    }
    if !node.parts.is_empty() {
        entries.push(Entry::Rule);
        entries.extend(node.parts.iter().map(part));
    }
    entries
}

fn part(part: &Part) -> Entry {
    let state = part.status.map_or_else(String::new, |status| format!("{} ", mark(status)));
    let text = format!("{state}{} {}", part.mark.glyph(), part.text(&part.does.text()));
    Entry::Part(text, part.status.map_or(Ink::Dim, Ink::Status))
}
