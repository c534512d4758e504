//! Strict reading of mappings: every key is known, and stands once.

use std::sync::Arc;

use serde::de::value::StrDeserializer;

use super::diagnostic::{Code, Diagnostic, Problems};
use super::keys::{ACTIONS, Place, STRUCTURES};
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
        self.entry(key).map(|(_, node)| node)
    }

    /// Where a key stands, and what stands under it.
    pub(super) fn entry(&self, key: &str) -> Option<(Span, &'n Node)> {
        self.pairs.iter().find(|(name, _, _)| *name == key).map(|(_, span, node)| (*span, *node))
    }

    /// Those of the given keys that are here, in the order of the file.
    pub(super) fn among(&self, keys: &[&str]) -> Vec<(&'n str, Span)> {
        self.pairs.iter().filter(|(name, _, _)| keys.contains(name)).map(|(name, span, _)| (*name, *span)).collect()
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

    /// A mapping whose keys are those of a place.
    pub(super) fn keys<'n>(&mut self, node: &'n Node, place: Place) -> Option<Keys<'n>> {
        let of = place.what();
        let pairs = self.pairs(node, &format!("a mapping ({of})"))?;
        for (key, span, _) in &pairs {
            if place.key(key).is_none() {
                self.unknown_key(key, *span, place);
            }
        }
        let keys = Keys { span: node.span, pairs };
        self.refuse_misplaced(&keys, place);
        Some(keys)
    }

    fn unknown_key(&mut self, key: &str, span: Span, place: Place) {
        let of = place.what();
        let names = || place.keys().iter().map(|key| key.name);
        let help = if place == Place::InlineFlow && key == "plugins" {
            "it uses the plugins of the file it stands in".to_owned()
        } else if let Some(near) = did_you_mean(key, names()) {
            format!("did you mean `{near}`?")
        } else {
            let elsewhere = Place::ALL.iter().find(|other| other.key(key).is_some());
            let elsewhere = elsewhere.map_or_else(String::new, |other| format!("`{key}` is a key of {}; ", other.what()));
            format!("{elsewhere}{of} has: {}", names().collect::<Vec<_>>().join(", "))
        };
        self.problem(Diagnostic::new(Code::UnknownKey, span, format!("unknown key `{}` in {of}", shorten(key))).help(help));
    }

    /// A key that belongs to another one must stand beside it.
    fn refuse_misplaced(&mut self, keys: &Keys<'_>, place: Place) {
        let done: Vec<(&str, Span)> = keys.among(ACTIONS).into_iter().chain(keys.among(STRUCTURES)).collect();
        let holds_actions = done.iter().find(|(name, _)| ["choose", "race"].contains(name));
        for (name, span, _) in &keys.pairs {
            let Some(key) = place.key(name).filter(|key| !key.beside.is_empty()) else { continue };
            let of_action = key.beside.iter().all(|other| ACTIONS.contains(other));
            let of_step = ["retry", "cache", "effect"].contains(name);
            if key.beside.iter().any(|other| keys.get(other).is_some()) || (of_action && done.is_empty()) {
                continue;
            }
            match holds_actions {
                // What is said of all attempts of a step holds for whichever action is taken; whether one has attempts is looked at later.
                Some(_) if of_step => {}
                Some((structure, at)) if of_action => {
                    let message = format!("`{name}` belongs to one action, and `{structure}` has several");
                    self.problem(
                        Diagnostic::new(Code::MisplacedKey, *span, message)
                            .help(format!("write it within `{structure}`, beside the action it belongs to"))
                            .label(*at, "the actions stand under this"),
                    );
                }
                _ => self.misplaced(name, *span, key.beside, done.first()),
            }
        }
    }

    pub(super) fn misplaced(&mut self, name: &str, span: Span, beside: &[&str], done: Option<&(&str, Span)>) {
        let owners = beside.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
        let message = match done {
            Some((does, _)) => format!("`{name}` belongs to {owners}, and what stands here is `{does}`"),
            None => format!("`{name}` belongs to {owners}, which is not here"),
        };
        let add = beside.first().unwrap_or(&"task");
        let mut problem = Diagnostic::new(Code::MisplacedKey, span, message).help(format!("remove `{name}`, or write it where `{add}` is"));
        if let Some((does, at)) = done {
            problem = problem.label(*at, format!("`{does}` has no `{name}`"));
        }
        self.problem(problem);
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

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, node: &Node, of: &str, place: Place, key: &str) -> Option<u32> {
        self.integer(node, of, place, key).and_then(|number| u32::try_from(number).ok())
    }

    /// One of the words of a key.
    pub(super) fn word<'w, T: serde::Deserialize<'w>>(&mut self, node: &Node, place: Place, key: &str) -> Option<T> {
        let words = place.words(key);
        let text = self.text(node, "a word")?;
        let found = words.iter().find(|word| *word.name == *text.value);
        if found.is_none() {
            let names = || words.iter().map(|word| word.name);
            let help = did_you_mean(&text.value, names())
                .map_or_else(|| format!("one of: {}", names().collect::<Vec<_>>().join(", ")), |near| format!("did you mean `{near}`?"));
            let message = format!("`{key}` is `{}`", shorten(&text.value));
            self.problem(Diagnostic::new(Code::WrongShape, node.span, message).help(help));
        }
        // The words are those of the enum; a test reads each of them.
        found.and_then(|word| T::deserialize(StrDeserializer::<serde::de::value::Error>::new(word.name)).ok())
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, node: &Node, key: &str) -> Option<bool> {
        use crate::types::Value;
        match node.scalar() {
            Value::Bool(flag) => Some(flag),
            _ => {
                let message = format!("`{key}` is `{}`", shorten(self.source.slice(node.span)));
                self.problem(Diagnostic::new(Code::WrongShape, node.span, message).help("one of: true, false"));
                None
            }
        }
    }

    /// A text for people; empty when there is none.
    pub(super) fn description(&mut self, keys: &Keys<'_>) -> Arc<str> {
        keys.get("description").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from(""), |text| text.value)
    }

    /// Says that a key is missing that must be there.
    pub(super) fn missing(&mut self, keys: &Keys<'_>, place: Place, key: &str) {
        let docs = place.key(key).map_or("", |key| key.docs);
        let message = format!("{} needs `{key}`", place.what());
        self.problem(Diagnostic::new(Code::MissingKey, keys.span, message).help(format!("add `{key}:`. {docs}")));
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

    /// A whole number within the range of its key; `of` names it.
    pub(super) fn integer(&mut self, node: &Node, of: &str, place: Place, key: &str) -> Option<i64> {
        use crate::types::Value;
        let range = place.range(key);
        let seen = match node.scalar() {
            Value::Int(number) if range.contains(&number) => return Some(number),
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
