//! Values: words, tasks, steps, types.

use jackfield_flow::definition::keys::{Place as Mapping, Shape};
use jackfield_flow::types::Type;
use lsp_types::CompletionItemKind;

use super::super::known::{first_line, within};
use super::super::language::alternatives;
use super::super::outline::Node;
use super::{Offer, Place};

/// The words for types, each with what it is.
const TYPES: &[(&str, &str)] = &[
    ("string", "Text."),
    ("int", "A whole number of 64 bits."),
    ("float", "A finite double."),
    ("bool", "`true` or `false`."),
    ("timestamp", "An instant: RFC 3339 text."),
    ("duration", "A span of time: `1h30m`."),
    ("bytes", "Bytes: base64 text."),
    ("list", "A list; `items` says of what."),
    ("map", "Any names; `values` says with what."),
    ("record", "Known names; `fields` says which."),
    ("json", "Any value."),
];

/// Values that may be written; `written` is what stands there already.
pub(super) fn offers(place: &Place<'_>, written: &str) -> Vec<Offer> {
    if let Some(path) = &place.context.with {
        let wanted = super::super::input::wanted(&place.view, &place.context);
        return wanted.as_ref().and_then(|input| within(input, path)).map(|ty| of_type(ty, written)).unwrap_or_default();
    }
    let Some(shape) = &place.context.shape else { return Vec::new() };
    alternatives(shape).iter().flat_map(|shape| of_shape(place, shape, written)).collect()
}

fn of_shape(place: &Place<'_>, shape: &Shape, written: &str) -> Vec<Offer> {
    let word = |(name, docs): &(&'static str, &'static str)| Offer::new(CompletionItemKind::ENUM_MEMBER, *name).docs(*docs);
    match shape {
        Shape::Words(words) => words.iter().map(|known| word(&(known.name, known.docs))).collect(),
        Shape::Bool => [("false", ""), ("true", "")].iter().map(word).collect(),
        Shape::Type => TYPES.iter().map(word).collect(),
        Shape::Task => tasks(place, written),
        Shape::Step => steps(place),
        Shape::Flow => flows(place),
        Shape::ErrorCode => super::keys::codes(place),
        Shape::Value | Shape::Typed(_) => expression(written).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The frame of an expression, where nothing else is written yet.
fn expression(written: &str) -> Option<Offer> {
    let docs = "One typed expression; its result is the value.";
    let frame = Offer::new(CompletionItemKind::SNIPPET, "${ … }").docs(docs).writes("${  }");
    "${".starts_with(written).then_some(frame)
}

fn of_type(ty: &Type, written: &str) -> Vec<Offer> {
    let mut offers = match ty.unwrapped() {
        Type::Enum(texts) => texts.iter().map(|text| Offer::new(CompletionItemKind::ENUM_MEMBER, &**text)).collect(),
        Type::Bool => ["false", "true"].map(|word| Offer::new(CompletionItemKind::VALUE, word)).to_vec(),
        Type::Variant(variant) => {
            let cases = variant.cases.iter().filter(|(_, ty)| ty.is_none());
            cases.map(|(name, _)| Offer::new(CompletionItemKind::ENUM_MEMBER, &**name)).collect()
        }
        _ => Vec::new(),
    };
    offers.extend(expression(written).map(|offer| offer.detail(ty.brief())));
    offers
}

/// `PLUGIN.TASK` for all tasks, or plugins as long as nothing is known of theirs.
fn tasks(place: &Place<'_>, written: &str) -> Vec<Offer> {
    let root = place.context.root;
    let plugins = root.get("plugins").map(Node::entries).unwrap_or_default();
    let mut offers = Vec::new();
    for plugin in plugins.iter().map(|entry| entry.key.as_str()) {
        let tasks = place.view.known.tasks(plugin);
        if tasks.is_empty() && !written.contains('.') {
            offers.push(Offer::new(CompletionItemKind::MODULE, plugin).writes(format!("{plugin}.")));
        }
        for task in tasks {
            let shape = format!("{} → {}", task.input.brief(), task.output.brief());
            let name = format!("{plugin}.{}", task.name);
            offers.push(
                Offer::new(CompletionItemKind::FUNCTION, name).detail(first_line(&task.docs)).docs(format!("`{shape}`\n\n{}", task.docs)),
            );
        }
    }
    offers
}

/// The other steps.
fn steps(place: &Place<'_>) -> Vec<Offer> {
    let context = &place.context;
    let own = context.step.map(|step| step.key.as_str());
    let named: Vec<&str> =
        context.step.and_then(|step| step.value.get("needs")).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let steps = context.flow.get("steps").map(Node::entries).unwrap_or_default().iter();
    let others = steps.filter(|entry| Some(entry.key.as_str()) != own && !named.contains(&entry.key.as_str()));
    let offer = |entry: &super::super::outline::Entry| {
        let docs = entry.value.get("description").and_then(Node::text).unwrap_or_default();
        Offer::new(CompletionItemKind::REFERENCE, entry.key.as_str()).docs(docs)
    };
    others.map(offer).collect()
}

fn flows(place: &Place<'_>) -> Vec<Offer> {
    let flows = place.context.flow.get("flows").map(Node::entries).unwrap_or_default();
    let offer = |entry: &super::super::outline::Entry| {
        let detail = entry.value.text().unwrap_or("a workflow written in place");
        Offer::new(CompletionItemKind::MODULE, entry.key.as_str()).detail(detail)
    };
    flows.iter().map(offer).collect()
}

/// A shape in a few words.
pub(crate) fn shape_words(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Rule => "a text".into(),
        Shape::Name => "a name".into(),
        Shape::Integer(least, most) => format!("{least} to {most}"),
        Shape::Duration => "a duration".into(),
        Shape::Cron => "a cron expression".into(),
        Shape::TimeZone => "a time zone".into(),
        Shape::Size => "a size".into(),
        Shape::Bool => "true or false".into(),
        Shape::Words(words) => words.iter().map(|word| word.name).collect::<Vec<_>>().join(" | "),
        Shape::Value => "a value".into(),
        Shape::Typed(ty) => format!("a {ty}"),
        Shape::Type => "a type".into(),
        Shape::Task => "PLUGIN.TASK".into(),
        Shape::Flow => "a flow".into(),
        Shape::Path => "a path".into(),
        Shape::Step => "a step".into(),
        Shape::ErrorCode => "a code".into(),
        Shape::Mapping(mapping) => mapping_words(*mapping),
        Shape::Named(_) => "names".into(),
        Shape::Many(inner) => format!("{}, or a list", shape_words(inner)),
        Shape::List(_) => "a list".into(),
        Shape::OneOf(shapes) => shapes.iter().map(shape_words).collect::<Vec<_>>().join(", or "),
    }
}

fn mapping_words(mapping: Mapping) -> String {
    let names: Vec<&str> = mapping.keys().iter().map(|key| key.name).collect();
    if names.len() > 6 { "a mapping".into() } else { format!("{{ {} }}", names.join(", ")) }
}
