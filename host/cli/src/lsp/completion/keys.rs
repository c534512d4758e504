//! Keys of mappings: those of the language, fields of a task's input, codes of failures.

use jackfield_flow::definition::keys::{ACTIONS, Key, Place as Mapping, STRUCTURES, Shape};
use jackfield_flow::plan::ENGINE_CODES;
use jackfield_flow::types::Type;
use lsp_types::CompletionItemKind;

use super::super::known::{first_line, within};
use super::super::outline::{Entry, Node};
use super::{Offer, Place};

/// Keys that may be written in a mapping; `writing` is the one that stands at the place.
pub(super) fn offers(place: &Place<'_>, around: &Node, writing: Option<&Entry>) -> Vec<Offer> {
    let taken: Vec<&str> = around
        .entries()
        .iter()
        .filter(|entry| !writing.is_some_and(|writing| std::ptr::eq(writing, *entry)))
        .map(|entry| entry.key.as_str())
        .collect();
    let colon = if writing.is_some_and(|entry| entry.colon) { "" } else { ": " };
    let offers = match &place.context.with {
        Some(path) => fields(place, path),
        None => match place.context.place() {
            Some(mapping) => language(mapping, &taken, place),
            None => named(place),
        },
    };
    let open = offers.into_iter().filter(|offer| !taken.contains(&offer.label.as_str()));
    open.map(|offer| Offer { text: format!("{}{colon}", offer.text), ..offer }).collect()
}

fn language(mapping: Mapping, taken: &[&str], place: &Place<'_>) -> Vec<Offer> {
    let nested = place.context.shape.is_some_and(|shape| matches!(shape, Shape::Type));
    let has = |keys: &[&str]| keys.iter().any(|key| taken.contains(key));
    let fits = |key: &&Key| {
        let action = ACTIONS.contains(&key.name) && (has(ACTIONS) || has(&["choose", "race"]));
        let structure = STRUCTURES.contains(&key.name) && has(STRUCTURES);
        let beside = !key.beside.is_empty() && !has(key.beside);
        !(action || structure || beside || nested && key.name == "default")
    };
    let offer = |key: &Key| {
        let text = Offer::new(CompletionItemKind::KEYWORD, key.name).docs(key.docs);
        text.detail(super::values::shape_words(&key.shape))
    };
    mapping.keys().iter().filter(fits).map(offer).collect()
}

/// Fields of the task's input, or inputs of the sub-workflow.
fn fields(place: &Place<'_>, path: &[Option<&str>]) -> Vec<Offer> {
    let Some(input) = super::super::input::wanted(&place.view, &place.context) else { return Vec::new() };
    let Some(Type::Record(record)) = within(&input, path) else { return Vec::new() };
    let (needed, others): (Vec<_>, Vec<_>) = record.fields.iter().partition(|field| field.required);
    let offer = |field: &&jackfield_flow::types::Field| {
        let need = if field.required { "" } else { "?" };
        let kind = CompletionItemKind::FIELD;
        Offer::new(kind, &*field.name).detail(format!("{need}{}", field.ty.brief())).docs(&*field.docs)
    };
    needed.iter().chain(&others).map(offer).collect()
}

/// Names that the author chooses, where there are some to choose from.
fn named(place: &Place<'_>) -> Vec<Offer> {
    if place.context.step_key != Some("on-error") {
        return Vec::new();
    }
    codes(place)
}

/// Codes of the failures that a step may have.
pub(super) fn codes(place: &Place<'_>) -> Vec<Offer> {
    let task = place.context.step.and_then(|step| step.value.get("task")?.text()).and_then(|task| place.view.known.task(task));
    let own = task.into_iter().flat_map(|task| &task.errors).map(|error| (&*error.code, first_line(&error.docs)));
    let offer = |(code, docs)| Offer::new(CompletionItemKind::ENUM_MEMBER, code).docs(docs);
    let any = place.context.key.filter(|key| key.name == "on-error").map(|_| ("any", "Any failure."));
    let engine = ENGINE_CODES.iter().map(|code| (*code, "A failure of the engine's own."));
    own.chain(any).chain(engine).map(offer).collect()
}
