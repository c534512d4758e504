//! A workflow as it is looked at: its text, and what is known of it.

use std::sync::Arc;

use jackfield_flow::definition::{Node as Strict, NodeKind};
use jackfield_flow::plan::ident;
use jackfield_flow::types::{Field, RecordType, Scope, Type, Value};

use super::document::Document;
use super::expression;
use super::known::{Known, first_line};
use super::language::Context;
use super::outline::{Entry, Kind, Node, Style};

/// A workflow and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The text, and what stands in it.
    pub(crate) document: &'a Document,
    /// What the last check found out.
    pub(crate) known: &'a Known,
}

/// A name that an expression may begin with.
#[derive(Clone, Debug)]
pub(crate) struct RootName {
    /// The name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) docs: &'static str,
    /// Its type; nothing for a place of other names.
    pub(crate) ty: Option<Type>,
}

impl View<'_> {
    /// The inputs of a workflow, as expressions spell them.
    pub(crate) fn inputs(&self, flow: &Node) -> Vec<Field> {
        let inputs = flow.get("inputs").map(Node::entries).unwrap_or_default();
        inputs.iter().map(|entry| Field { name: ident(&entry.key), ..input_field(entry) }).collect()
    }

    /// The steps of a workflow, as expressions spell them.
    pub(crate) fn steps(&self, context: &Context<'_>) -> Vec<Field> {
        let steps = context.flow.get("steps").map(Node::entries).unwrap_or_default();
        let known = |entry: &Entry| self.result(context, &entry.key).unwrap_or(Type::Never);
        let docs = |entry: &Entry| entry.value.get("description").and_then(Node::text).unwrap_or_default().into();
        let field = |entry: &Entry| Field { docs: docs(entry), ..Field::required(ident(&entry.key), known(entry)) };
        steps.iter().filter(|entry| entry.colon).map(field).collect()
    }

    /// What a step answers, if that is known.
    pub(crate) fn result(&self, context: &Context<'_>, step: &str) -> Option<Type> {
        self.known.result(context, step).cloned()
    }

    /// The names that an expression at a place may begin with.
    pub(crate) fn roots(&self, context: &Context<'_>) -> Vec<RootName> {
        let root = |name, docs, ty| RootName { name, docs, ty };
        let run = [
            ("key", Type::String),
            ("workflow", Type::String),
            ("started_at", Type::Timestamp),
            ("scheduled_at", Type::option(Type::Timestamp)),
        ];
        let run = Type::record(run.into_iter().map(|(name, ty)| Field::required(name, ty)).collect());
        let mut roots = vec![root("inputs", "The inputs of the run.", None)];
        if context.step.is_some() || matches!(context.key.map(|key| key.name), Some("outputs")) {
            roots.push(root("steps", "The results of steps; naming one makes this wait for it.", None));
        }
        roots.push(root("run", "The run: its key, its workflow, when it began, and for which instant of a schedule.", Some(run)));
        roots.extend(self.step_roots(context));
        roots
    }

    /// The names that a step gives to what is under some of its keys.
    fn step_roots(&self, context: &Context<'_>) -> Vec<RootName> {
        let (Some(step), Some(under)) = (context.step, context.step_key) else { return Vec::new() };
        let root = |name, docs, ty| RootName { name, docs, ty: Some(ty) };
        let mut roots = Vec::new();
        let before = ["if", "needs", "lock", "for-each", "finally"].contains(&under);
        if let Some(items) = step.value.get("for-each").filter(|_| !before) {
            roots.push(root("item", "The element.", self.element(context, items)));
            roots.push(root("index", "The number of the element, from 0.", Type::Int));
        }
        if let Some(repeat) = step.value.get("repeat").filter(|_| !before) {
            roots.push(root("carry", "The value carried: the result of the iteration before.", self.carried(context, step, repeat)));
            roots.push(root("index", "The number of the iteration, from 0.", Type::Int));
        }
        match under {
            "on-error" => roots.push(root("error", "The failure.", failure())),
            "finally" => roots.push(root("outcome", "How the step ended.", outcome())),
            "compensate" => {
                let result = self.result(context, &step.key).unwrap_or(Type::Never);
                let result = match (&result, step.value.get("for-each")) {
                    (Type::List(item), Some(_)) => (**item).clone(),
                    _ => result.unwrapped().clone(),
                };
                roots.push(root("output", "The recorded result of what is undone.", result));
            }
            _ => {}
        }
        roots
    }

    fn element(&self, context: &Context<'_>, items: &Node) -> Type {
        match self.type_of(items, &self.plain_scope(context)) {
            Some(Type::List(element)) => (*element).clone(),
            _ => Type::Never,
        }
    }

    fn carried(&self, context: &Context<'_>, step: &Entry, repeat: &Node) -> Type {
        let start = repeat.get("start").and_then(|start| self.type_of(start, &self.plain_scope(context))).unwrap_or(Type::Null);
        let result = self.result(context, &step.key).unwrap_or(Type::Never);
        start.join(result.unwrapped())
    }

    /// What expressions at a place see.
    pub(crate) fn scope(&self, context: &Context<'_>) -> Scope {
        let roots = self.roots(context).into_iter();
        roots.fold(self.plain_scope(context), |scope, root| match root.ty {
            Some(ty) => scope.value(root.name, ty),
            None => scope,
        })
    }

    /// What every expression of the workflow sees.
    fn plain_scope(&self, context: &Context<'_>) -> Scope {
        let members = |fields| Arc::new(RecordType { fields, open: false });
        Scope::new().members("inputs", members(self.inputs(context.flow))).members("steps", members(self.steps(context)))
    }

    /// The type of a value with expressions in it, if it has one.
    pub(crate) fn type_of(&self, node: &Node, scope: &Scope) -> Option<Type> {
        if let Some(expression) = node.expression(&self.document.text) {
            return expression::type_of(&expression.text, scope);
        }
        match &node.kind {
            Kind::Missing => None,
            Kind::Scalar(_) => Some(Type::of(&value_of(node))),
            Kind::List(items) => {
                let types: Option<Vec<Type>> = items.iter().map(|item| self.type_of(item, scope)).collect();
                types.map(|types| Type::list(Type::join_all(&types)))
            }
            Kind::Map(entries) => {
                let field = |entry: &Entry| Some(Field::required(entry.key.as_str(), self.type_of(&entry.value, scope)?));
                entries.iter().map(field).collect::<Option<Vec<Field>>>().map(Type::record)
            }
        }
    }
}

/// What an `error` is.
fn failure() -> Type {
    Type::record(vec![
        Field::required("code", Type::String),
        Field::required("message", Type::String),
        Field::required("data", Type::option(Type::Json)),
    ])
}

/// What an `outcome` is.
fn outcome() -> Type {
    Type::record(vec![
        Field::required("status", Type::one_of(["done", "failed", "cancelled"])),
        Field::required("code", Type::option(Type::String)),
    ])
}

/// An input as the field of a record: its name as it is written, its type as far as it can be read.
pub(crate) fn input_field(entry: &Entry) -> Field {
    let mut notation = entry.value.clone();
    if let Kind::Map(entries) = &mut notation.kind {
        entries.retain(|entry| !["default", "description"].contains(&entry.key.as_str()));
    }
    let ty = Type::from_notation(&value_of(&notation)).unwrap_or(Type::Never);
    let docs = entry.value.get("description").and_then(Node::text).map(first_line).unwrap_or_default();
    let required = entry.value.get("default").is_none() && !ty.is_option();
    Field { name: entry.key.as_str().into(), ty, required, docs: docs.into() }
}

/// A part of the text as a value. Expressions are texts in it, and what is half-typed is left out.
pub(crate) fn value_of(node: &Node) -> Value {
    match &node.kind {
        Kind::Missing => Value::Null,
        Kind::Scalar(scalar) => {
            let quoted = scalar.style != Style::Plain;
            Strict { span: node.span, kind: NodeKind::Scalar { text: scalar.text.clone(), quoted } }.scalar()
        }
        Kind::List(items) => Value::list(items.iter().map(value_of)),
        Kind::Map(entries) => {
            let whole = entries.iter().filter(|entry| entry.colon);
            Value::map(whole.map(|entry| (entry.key.as_str(), value_of(&entry.value))))
        }
    }
}
