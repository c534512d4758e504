//! Strict reading of mappings: every key is known, and stands once.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic, Problems};
use super::scalar::is_name;
use super::source::{Source, Span, Spanned};
use super::tree::{Node, NodeKind};
use crate::types::did_you_mean;

/// Reads nodes and collects what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: Problems,
}

/// A mapping with known keys.
pub(super) struct Keys<'n> {
    pub(super) span: Span,
    pairs: Vec<(&'n str, Span, &'n Node)>,
}

impl<'n> Keys<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.pairs.iter().find(|(name, _, _)| *name == key).map(|(_, _, node)| *node)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, problems: Problems::default() }
    }

    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// Says that a node is not what is expected here.
    pub(super) fn wrong_shape(&mut self, node: &Node, expected: &str) {
        self.problem(Diagnostic::new(Code::WrongShape, node.span, format!("expected {expected}, found {}", node.what())));
    }

    /// A mapping all of whose keys are among `known`; `of` says what it describes.
    pub(super) fn keys<'n>(&mut self, node: &'n Node, of: &str, known: &[&str]) -> Option<Keys<'n>> {
        let pairs = self.pairs(node, &format!("a mapping ({of})"))?;
        for (key, span, _) in &pairs {
            if !known.contains(key) {
                let near = did_you_mean(key, known.iter().copied());
                let help = near.map_or_else(|| format!("{of} has: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
                self.problem(Diagnostic::new(Code::UnknownKey, *span, format!("unknown key `{}` in {of}", shorten(key))).help(help));
            }
        }
        Some(Keys { span: node.span, pairs })
    }

    /// A mapping from names of the author's choosing; `of` says what they name.
    pub(super) fn named<'n>(&mut self, node: &'n Node, of: &str) -> Vec<(Spanned<Arc<str>>, &'n Node)> {
        let Some(pairs) = self.pairs(node, &format!("a mapping from names to {of}s")) else { return Vec::new() };
        let mut named = Vec::with_capacity(pairs.len());
        for (key, span, value) in pairs {
            if self.check_name(key, span, of) {
                named.push((Spanned::new(Arc::from(key), span), value));
            }
        }
        named
    }

    /// Whether a name is one; says what a name looks like when it is not.
    pub(super) fn check_name(&mut self, name: &str, span: Span, of: &str) -> bool {
        let good = is_name(name);
        if !good {
            let article = if of.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let characters = name.chars().count();
            let plural = if characters == 1 { "" } else { "s" };
            let message = format!("`{}` cannot name {article} {of} ({characters} character{plural})", shorten(name));
            let help = "a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter";
            self.problem(Diagnostic::new(Code::BadName, span, message).help(help));
        }
        good
    }

    /// The pairs of a mapping, in order, each key once.
    pub(super) fn pairs<'n>(&mut self, node: &'n Node, expected: &str) -> Option<Vec<(&'n str, Span, &'n Node)>> {
        let NodeKind::Map(entries) = &node.kind else {
            self.wrong_shape(node, expected);
            return None;
        };
        let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
        let mut pairs: Vec<(&str, Span, &Node)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let NodeKind::Scalar { text, .. } = &key.kind else { continue };
            if let Some(first) = seen.get(text.as_str()) {
                let message = format!("`{}` stands twice", shorten(text));
                let line = self.source.position(first.start).line;
                self.problem(
                    Diagnostic::new(Code::DuplicateKey, key.span, message)
                        .help(format!("it is already in line {line}"))
                        .label(*first, "first here"),
                );
                continue;
            }
            seen.insert(text.as_str(), key.span);
            pairs.push((text, key.span, value));
        }
        Some(pairs)
    }

    /// The text of a scalar that must be one, such as a name.
    pub(super) fn text(&mut self, node: &Node, expected: &str) -> Option<Spanned<Arc<str>>> {
        match &node.kind {
            NodeKind::Scalar { text, quoted } if *quoted || !text.is_empty() => Some(Spanned::new(Arc::from(text.as_str()), node.span)),
            _ => {
                self.wrong_shape(node, expected);
                None
            }
        }
    }

    /// A list, or a single value that stands for a list of one.
    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            NodeKind::List(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// A whole number within a range; `of` names it.
    pub(super) fn integer(&mut self, node: &Node, of: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        use crate::types::Value;
        let seen = match node.scalar() {
            Value::Int(number) if u64::try_from(number).is_ok_and(|number| range.contains(&number)) => return u64::try_from(number).ok(),
            Value::Null | Value::Bool(_) => {
                self.wrong_shape(node, "a whole number");
                return None;
            }
            _ => shorten(self.source.slice(node.span)),
        };
        let message = format!("{of} is {seen}; it may be {} to {}", range.start(), range.end());
        self.problem(Diagnostic::new(Code::OutOfRange, node.span, message));
        None
    }
}

/// A text as far as a message shows it.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    let clean: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN { format!("{clean}…") } else { clean }
}
