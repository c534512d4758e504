//! Doc comments of WIT, from the custom section `package-docs` that the tools of the component model write.
//!
//! The section belongs to a package, and a component is of several: what it names is looked for in all of them, and what is not
//! there is passed over. Its form is a version byte and JSON: worlds and interfaces by name, in each `docs`, `funcs` and `types`,
//! in each of those `docs`, and for a type `items` (fields, cases, flags).

use std::borrow::Cow;

use serde_json::Value;
use wasm_encoder::{Component, RawSection};
use wasmparser::{Parser, Payload};
use wit_parser::{Docs, Function, Resolve, TypeDefKind, WorldId, WorldItem};

/// The section's name.
const SECTION: &str = "package-docs";
/// A larger section is passed over, in bytes.
const SECTION_BYTES_MAX: usize = 1 << 20;
/// Longest docs of one thing, in bytes.
const DOCS_BYTES_MAX: usize = 16 << 10;

/// The docs of a component, and the component without them: to whoever decodes it they could only be wrong.
pub(super) fn split(component: &[u8]) -> (Cow<'_, [u8]>, Vec<Value>) {
    let (mut docs, mut found) = (Vec::new(), false);
    let mut rest = Component::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        let Ok(payload) = payload else { return (Cow::Borrowed(component), Vec::new()) };
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 1 && section.name() == SECTION => {
                found = true;
                docs.extend(read(section.data()));
            }
            payload if depth == 1 => {
                if let Some((id, range)) = payload.as_section() {
                    let Some(data) = component.get(range) else { return (Cow::Borrowed(component), Vec::new()) };
                    rest.section(&RawSection { id, data });
                }
            }
            _ => {}
        }
    }
    if found { (Cow::Owned(rest.finish()), docs) } else { (Cow::Borrowed(component), docs) }
}

fn read(data: &[u8]) -> Option<Value> {
    let (version, json) = data.split_first()?;
    (*version <= 1 && json.len() <= SECTION_BYTES_MAX).then(|| serde_json::from_slice(json).ok()).flatten()
}

/// Puts docs where they belong.
pub(in crate::typed) fn apply(resolve: &mut Resolve, world: WorldId, package: &Value) {
    let worlds = package["worlds"].as_object().into_iter().flat_map(|worlds| worlds.values());
    for documented in worlds {
        for item in resolve.worlds[world].exports.values_mut() {
            if let WorldItem::Function(function) = item {
                of_function(function, &documented["func_exports"]);
                of_function(function, &documented["funcs"]);
            }
        }
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        let Some(documented) = interface.name.as_deref().and_then(|name| package["interfaces"].get(name)) else { continue };
        set(&mut interface.docs, &documented["docs"]);
        interface.functions.values_mut().for_each(|function| of_function(function, &documented["funcs"]));
    }
    let owners: Vec<(wit_parser::TypeId, String, String)> = resolve
        .interfaces
        .iter()
        .flat_map(|(_, interface)| {
            interface.types.iter().filter_map(|(name, id)| Some((*id, interface.name.clone()?, name.clone()))).collect::<Vec<_>>()
        })
        .collect();
    for (id, interface, name) in owners {
        of_type(&mut resolve.types[id].kind, &package["interfaces"][&interface]["types"][&name]["items"]);
    }
}

fn of_function(function: &mut Function, functions: &Value) {
    let documented = &functions[&function.name];
    // The first form of the section had the text alone.
    set(&mut function.docs, if documented.is_string() { documented } else { &documented["docs"] });
}

fn of_type(kind: &mut TypeDefKind, items: &Value) {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter_mut().for_each(|field| set(&mut field.docs, &items[&field.name])),
        TypeDefKind::Variant(variant) => variant.cases.iter_mut().for_each(|case| set(&mut case.docs, &items[&case.name])),
        TypeDefKind::Enum(cases) => cases.cases.iter_mut().for_each(|case| set(&mut case.docs, &items[&case.name])),
        TypeDefKind::Flags(flags) => flags.flags.iter_mut().for_each(|flag| set(&mut flag.docs, &items[&flag.name])),
        _ => {}
    }
}

fn set(docs: &mut Docs, text: &Value) {
    let text = text.as_str().or_else(|| text["docs"].as_str());
    if let Some(text) = text.filter(|text| docs.contents.is_none() && text.len() <= DOCS_BYTES_MAX) {
        docs.contents = Some(text.to_owned());
    }
}
