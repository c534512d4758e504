//! What stands at a place, in words: keys, steps, tasks, fields, names in expressions.

use jackfield_flow::definition::Span;
use jackfield_flow::definition::keys::{Place, Shape};
use jackfield_flow::plan::{ErrorInfo, TaskSignature, ident};
use jackfield_flow::types::{Field, Type, functions};
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::document::{Document, Sort};
use super::expression::{Named, named, type_of, type_of_part, with_variables};
use super::known::{Known, within};
use super::language::{Context, alternatives};
use super::outline::{Entry, ExprText, Node, Part};
use super::view::{View, input_field};

/// Longer texts are cut: nobody reads further in a small window.
const SHOWN_BYTES_MAX: usize = 8 << 10;

/// What is said of a byte.
pub(crate) fn at(document: &Document, known: &Known, byte: usize) -> Option<Hover> {
    if document.sort() != Sort::Workflow {
        return None;
    }
    let spot = document.root.at(byte)?;
    let context = Context::of(&document.root, &spot);
    let view = View { document, known };
    let (said, span) = match spot.part {
        Part::Key(entry) => (of_key(&view, &context, entry)?, entry.key_span),
        Part::Value(node) => of_value(&view, &context, node, byte)?,
    };
    let value = match said.len() > SHOWN_BYTES_MAX {
        true => format!("{} …", &said[..said.floor_char_boundary(SHOWN_BYTES_MAX)]),
        false => said,
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(document.range(span)) })
}

fn of_key(view: &View<'_>, context: &Context<'_>, entry: &Entry) -> Option<String> {
    if let Some(path) = &context.with {
        let input = super::input::wanted(view, context)?;
        return match within(&input, path)? {
            Type::Record(record) => record.field(&entry.key).map(of_field),
            _ => None,
        };
    }
    if context.place().is_some() {
        let key = context.key?;
        let shape = super::completion::shape_words(&key.shape);
        return Some(format!("`{}`: {shape}\n\n{}", key.name, key.docs));
    }
    match context.shape? {
        Shape::Named(Shape::Mapping(Place::Step)) => Some(of_step(view, context, entry)),
        Shape::Named(_) => of_named(view, context, entry),
        _ => None,
    }
}

/// A name of the author's choosing that is no step.
fn of_named(view: &View<'_>, context: &Context<'_>, entry: &Entry) -> Option<String> {
    match context.key?.name {
        "inputs" => Some(of_field(&input_field(entry))),
        "plugins" => match view.known.plugins.get(entry.key.as_str())? {
            Ok(info) => {
                let tasks = info.tasks.iter().map(|task| format!("- `{}` {}", task.name, super::known::first_line(&task.docs)));
                Some(format!("plugin `{}`\n\n{}", entry.key, tasks.collect::<Vec<_>>().join("\n")))
            }
            Err(why) => Some(why.clone()),
        },
        "outputs" => {
            let ty = view.type_of(&entry.value, &view.scope(context))?;
            Some(typed("output", &entry.key, &ty, ""))
        }
        "on-error" => {
            let task = view.known.task_at(context)?;
            task.errors.iter().find(|error| *error.code == *entry.key).map(of_error)
        }
        _ => None,
    }
}

fn of_value(view: &View<'_>, context: &Context<'_>, node: &Node, byte: usize) -> Option<(String, Span)> {
    if let Some(expression) = node.expression(&view.document.text) {
        return of_expression(view, context, &expression, byte).or_else(|| whole(view, context, &expression));
    }
    let text = node.text()?;
    let said = alternatives(&context.shape?).iter().find_map(|shape| match shape {
        Shape::Task => view.known.task(text).map(|task| of_task(text, task)),
        Shape::Step => {
            let step = context.flow.get("steps")?.entry(text)?;
            Some(of_step(view, context, step))
        }
        Shape::Words(words) => words.iter().find(|word| word.name == text).map(|word| format!("`{}`: {}", word.name, word.docs)),
        Shape::ErrorCode => view.known.task_at(context)?.errors.iter().find(|error| *error.code == *text).map(of_error),
        _ => None,
    });
    said.map(|said| (said, node.span))
}

/// The name at a byte of an expression.
fn of_expression(view: &View<'_>, context: &Context<'_>, expression: &ExprText, byte: usize) -> Option<(String, Span)> {
    let at = byte.checked_sub(expression.start)?;
    let (found, span) = named(&expression.text, at)?;
    let (scope, _) = with_variables(view.scope(context), &expression.text[..span.start]);
    let said = match found {
        Named::Function(name) => {
            let function = functions().find(|function| function.name == name)?;
            format!("{}\n\n{}", function.doc, super::completion::signatures(&function))
        }
        Named::Value(text) => match of_member(view, context, text) {
            Some(said) => said,
            None => match view.roots(context).into_iter().find(|root| root.name == text) {
                Some(root) => typed_root(text, root.ty.as_ref(), root.docs),
                None => typed("", text, &type_of_part(text, &scope)?, ""),
            },
        },
    };
    Some((said, Span::new(span.start + expression.start, span.end + expression.start)))
}

/// What `steps.NAME` and `inputs.NAME` stand for.
fn of_member(view: &View<'_>, context: &Context<'_>, text: &str) -> Option<String> {
    let (root, name) = text.split_once('.')?;
    let name = name.trim_start_matches('?').trim_matches('`');
    let entry = super::names::entry(context.flow, root.trim(), name)?;
    match root.trim() {
        "steps" => Some(of_step(view, context, entry)),
        _ => Some(of_field(&input_field(entry))),
    }
}

/// The type of a whole expression.
fn whole(view: &View<'_>, context: &Context<'_>, expression: &ExprText) -> Option<(String, Span)> {
    let ty = type_of(&expression.text, &view.scope(context))?;
    Some((format!("```\n{ty}\n```"), Span::new(expression.start, expression.start + expression.text.len())))
}

fn of_step(view: &View<'_>, context: &Context<'_>, step: &Entry) -> String {
    let docs = step.value.get("description").and_then(Node::text).unwrap_or_default();
    let task = step.value.get("task").and_then(Node::text);
    let about = task.and_then(|task| Some((task, super::known::first_line(&view.known.task(task)?.docs))));
    let about = about.map(|(task, docs)| format!("`{task}`: {docs}")).unwrap_or_default();
    let docs = [docs, &about].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n\n");
    match view.result(context, &step.key) {
        Some(ty) => typed("step", &ident(&step.key), &ty, &docs),
        None => format!("step `{}`\n\n{docs}", step.key),
    }
}

fn of_task(name: &str, task: &TaskSignature) -> String {
    let errors: Vec<String> = task.errors.iter().map(|error| format!("- {}", of_error(error))).collect();
    let errors = if errors.is_empty() { String::new() } else { format!("\n\nErrors:\n{}", errors.join("\n")) };
    let asks: Vec<String> = task.asks.iter().map(|ask| format!("`{}`", ask.name)).collect();
    let asks = if asks.is_empty() { String::new() } else { format!("\n\nAsks for {}.", asks.join(", ")) };
    format!("```\n{name}({}) → {}\n```\n\n{}{asks}{errors}", task.input, task.output, task.docs)
}

fn of_error(error: &ErrorInfo) -> String {
    format!("`{}`: {}", error.code, error.docs)
}

fn of_field(field: &Field) -> String {
    let mark = if field.required { "" } else { "?" };
    typed("", &format!("{}{mark}", field.name), &field.ty, &field.docs)
}

fn typed_root(name: &str, ty: Option<&Type>, docs: &str) -> String {
    match ty {
        Some(ty) => typed("", name, ty, docs),
        None => format!("`{name}`\n\n{docs}"),
    }
}

fn typed(what: &str, name: &str, ty: &Type, docs: &str) -> String {
    let line = format!("{what} {name}: {ty}");
    format!("```\n{}\n```\n\n{docs}", line.trim_start()).trim_end().to_owned()
}
