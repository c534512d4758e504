//! YAML 1.2 (and JSON, which is part of it) → a tree with places, within bounds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::diagnostic::{Code, Diagnostic};
use super::source::{Source, Span};
use crate::types::Value;

/// One node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A scalar as it was written; `quoted` ones are always text.
    Scalar {
        /// Its text, unescaped.
        text: String,
        /// Whether it was quoted or a block.
        quoted: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in order; keys may stand twice here, which the reader refuses.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// What a person would call it.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
            NodeKind::Scalar { .. } => match self.scalar() {
                Value::Null => "nothing",
                Value::Bool(_) => "true or false",
                Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
                _ => "a text",
            },
        }
    }

    /// The scalar's value by the YAML 1.2 core schema; `null` for what is not a scalar.
    pub fn scalar(&self) -> Value {
        match &self.kind {
            NodeKind::Scalar { text, quoted: true } => Value::string(text.as_str()),
            NodeKind::Scalar { text, quoted: false } => plain_scalar(text),
            _ => Value::Null,
        }
    }
}

/// YAML 1.2 core schema, 10.3.2: `no` and `on` are text, `.inf` and `.nan` are text too, since they are not values.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let radix = |prefix, radix| text.strip_prefix(prefix).and_then(|digits| u64::from_str_radix(digits, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Value::uint(number);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let unsigned = || text.parse::<u64>().map(Value::uint);
        return text.parse::<i64>().map(Value::Int).or_else(|_| unsigned()).unwrap_or_else(|_| Value::string(text));
    }
    let numeric = digits.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'))
        && digits.bytes().any(|b| b.is_ascii_digit());
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Value::Float(number),
        _ => Value::string(text),
    }
}

/// The largest workflow file, in bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// The most nodes, aliases expanded: stops "billion laughs".
const NODES_MAX: usize = 400_000;
/// The deepest nesting.
const DEPTH_MAX: usize = 64;

/// Reads one document. A file that is no YAML has one problem, where reading stopped.
pub fn read_tree(source: &Source) -> Result<Node, Diagnostic> {
    let refuse = |span, message: String| Diagnostic::new(Code::Syntax, span, message);
    if source.text.len() > FILE_BYTES_MAX {
        let message = format!("the file has {} bytes; a workflow may have {FILE_BYTES_MAX}", source.text.len());
        return Err(refuse(Span::default(), message).help("move data out of the workflow and read it in a step"));
    }
    if let Some(at) = source.text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(refuse(Span::new(at, at + 1), "a control character: this is not a text file".into()));
    }
    Builder::new(source).document()
}

struct Builder<'a> {
    source: &'a Source,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Byte of each character, when they differ.
    bytes: Option<Vec<usize>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source) -> Self {
        let text: &'a str = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
        let skipped = source.text.len() - text.len();
        let bytes = (!source.text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at + skipped).chain([source.text.len()]).collect());
        Self { source, parser: Parser::new_from_str(text), bytes, anchors: BTreeMap::new(), nodes: 0 }
    }

    fn byte(&self, char_index: usize) -> usize {
        match &self.bytes {
            Some(bytes) => bytes.get(char_index).copied().unwrap_or(self.source.text.len()),
            None => char_index.min(self.source.text.len()),
        }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => Err(self.scan_error(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn scan_error(&self, error: &ScanError) -> Diagnostic {
        let at = self.byte(error.marker().index());
        let (before, after) = self.source.text.split_at(at);
        let tab =
            before.rsplit('\n').next().is_some_and(|line| line.starts_with('\t')) || before.ends_with('\t') || after.starts_with('\t');
        let diagnostic = Diagnostic::new(Code::Syntax, Span::new(at, at + 1), format!("not well-formed YAML: {}", error.info()));
        if tab { diagnostic.help("YAML is indented by spaces, not by tabs") } else { diagnostic }
    }

    fn document(mut self) -> Result<Node, Diagnostic> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                _ if root.is_some() => {
                    return Err(Diagnostic::new(Code::Syntax, span, "a second document: one file is one workflow"));
                }
                other => root = Some(self.node(other, span, 0)?),
            }
        }
        root.ok_or_else(|| {
            Diagnostic::new(Code::Syntax, Span::default(), "the file is empty").help("a workflow begins with `workflow: NAME` and `steps:`")
        })
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        self.count(1, span)?;
        if depth > DEPTH_MAX {
            return Err(too_deep(span));
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag.as_ref(), span)?;
                let quoted = style != ScalarStyle::Plain;
                (anchor, Node { span, kind: NodeKind::Scalar { text: text.into_owned(), quoted } })
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.as_ref(), span)?;
                (anchor, self.list(span, depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.as_ref(), span)?;
                (anchor, self.map(span, depth)?)
            }
            Event::Alias(anchor) => {
                // Counted before it is copied: ten lines of aliases can stand for a billion values.
                self.count(self.anchors.get(&anchor).map_or(0, size), span)?;
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(Diagnostic::new(Code::Syntax, span, "an alias inside of what it stands for"));
                };
                // Aliases of aliases would otherwise nest without end, and whoever walks the tree needs stack for each level.
                if depth + height(node) > DEPTH_MAX {
                    return Err(too_deep(span));
                }
                (0, Node { span, kind: node.kind.clone() })
            }
            _ => return Err(Diagnostic::new(Code::Syntax, span, "not well-formed YAML: a value is missing here")),
        };
        if anchor > 0 {
            // It is kept beside the tree, once for every anchor around it.
            self.count(size(&node), span)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Diagnostic> {
        self.nodes += more;
        if self.nodes > NODES_MAX {
            return Err(Diagnostic::new(
                Code::Syntax,
                span,
                format!("more than {NODES_MAX} values, those of anchors and aliases counted each time"),
            ));
        }
        Ok(())
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Node { span: Span::new(start.start, span.end), kind: NodeKind::List(items) });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut pairs = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Node { span: Span::new(start.start, span.end), kind: NodeKind::Map(pairs) });
            }
            let key = self.node(event, span, depth + 1)?;
            let NodeKind::Scalar { text, .. } = &key.kind else {
                return Err(Diagnostic::new(Code::Syntax, key.span, "a key must be a text"));
            };
            if text == "<<" {
                return Err(Diagnostic::new(Code::Syntax, key.span, "merge keys (`<<`) are not part of YAML 1.2")
                    .help("use `defaults:` for what steps have in common"));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            pairs.push((key, value));
        }
    }
}

fn refuse_tag(tag: Option<&Cow<'_, Tag>>, span: Span) -> Result<(), Diagnostic> {
    match tag {
        None => Ok(()),
        Some(tag) => Err(Diagnostic::new(Code::Syntax, span, format!("the tag `{}{}` has no meaning here", tag.handle, tag.suffix))
            .help("write the value without a tag; quote it to make it a text")),
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, span, format!("nested deeper than {DEPTH_MAX} levels"))
}

/// Levels below a node.
fn height(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { .. } => 0,
        NodeKind::List(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        NodeKind::Map(pairs) => 1 + pairs.iter().map(|(_, value)| height(value)).max().unwrap_or(0),
    }
}

/// Nodes of a tree.
fn size(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { .. } => 1,
        NodeKind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        NodeKind::Map(pairs) => 1 + pairs.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>(),
    }
}
