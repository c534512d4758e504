//! The parsed form: nodes in one vector, children by index, so that dropping it never recurses.

use std::sync::Arc;

use super::Span;
use super::functions::Function;
use super::pattern::Pattern;
use crate::types::{Type, Value};

/// A parsed expression.
pub(super) struct Ast {
    pub(super) source: Box<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) usize);

/// One part of an expression, and where it stands.
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

/// What a part is.
pub(super) enum Kind {
    Literal(Value),
    /// A name and constant field names after it.
    Path(Path),
    /// `of.name` of something that is no path.
    Select {
        of: NodeId,
        name: Name,
        missing: Missing,
    },
    /// `of[at]`.
    Index {
        of: NodeId,
        at: NodeId,
        missing: Missing,
    },
    /// `has(of.name)`.
    Has {
        of: NodeId,
        name: Name,
    },
    List(Vec<(Entry, NodeId)>),
    Map(Vec<(Entry, NodeId, NodeId)>),
    Not(NodeId),
    Negate(NodeId),
    If {
        condition: NodeId,
        then: NodeId,
        otherwise: NodeId,
    },
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    /// Operators of one precedence, from the left.
    Chain {
        first: NodeId,
        rest: Vec<(Arithmetic, NodeId)>,
    },
    Compare {
        op: Comparison,
        left: NodeId,
        right: NodeId,
    },
    /// A function; the receiver of a method is its first argument.
    Call {
        function: &'static Function,
        args: Vec<NodeId>,
        /// The compiled pattern when it is a literal.
        pattern: Option<Box<Pattern>>,
    },
    /// A macro over the elements of a list or the names of a map.
    Fold {
        kind: FoldKind,
        over: NodeId,
        variables: Variables,
        /// What is computed for each element; of `map(x, p, e)` the condition.
        body: NodeId,
        /// The `e` of `map(x, p, e)`.
        then: Option<NodeId>,
    },
    /// A value as one of a type, if it is of that type.
    As {
        of: NodeId,
        ty: Arc<Type>,
    },
    /// A macro over one value that it gives a name.
    Bind {
        kind: BindKind,
        value: NodeId,
        body: NodeId,
    },
}

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: Arc<str>,
    pub(super) span: Span,
}

/// A name and constant field names after it.
#[derive(Clone)]
pub(super) struct Path {
    pub(super) root: Root,
    pub(super) name: Name,
    pub(super) fields: Vec<Name>,
}

/// What a path begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// A name from outside.
    Outside,
    /// The variable of a macro, by its position on the stack of variables.
    Local(usize),
}

/// What it means that a field or an element is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// An error: `.name`, `[at]`.
    Fails,
    /// Nothing: `.?name`, `[?at]`, and whatever is written behind them.
    IsNothing,
}

/// Whether an element of a literal is there when it is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Always,
    /// Written with `?` in front of it.
    IfAny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    SortBy,
    TransformList,
    TransformMap,
    TransformMapEntry,
}

/// How many variables a macro has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variables {
    /// The element of a list, the name of a map.
    One,
    /// The position and the element of a list, the name and the value of a map.
    Two,
}

/// What a macro does with the one value that it gives a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BindKind {
    /// `cel.bind(x, value, body)`.
    Always,
    /// `option.optMap(x, body)`: nothing of nothing.
    OptMap,
    /// `option.optFlatMap(x, body)`, whose body is an option.
    OptFlatMap,
}

impl Ast {
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

impl Node {
    pub(super) fn as_path(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Path(path) => Some(path),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Literal(Value::Null))
    }
}

impl Path {
    pub(super) fn span(&self) -> Span {
        self.name.span.to(self.fields.last().map_or(self.name.span, |field| field.span))
    }
}

impl Arithmetic {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Comparison {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }
}
