//! Names within expressions.

use jackfield_flow::plan::ident;
use jackfield_flow::types::{Field, Type, functions};
use lsp_types::CompletionItemKind;

use super::super::expression::{Form, type_of_part, wish, with_variables};
use super::{Offer, Place};

/// What can be named at the end of a text, and the byte from which on it takes the place of what is written already.
pub(super) fn offers(place: &Place<'_>, before: &str, byte: usize) -> (usize, Vec<Offer>) {
    let Some(wish) = wish(before) else { return (byte, Vec::new()) };
    let start = byte - wish.prefix.len();
    let offers = match wish.of {
        None => roots(place, before),
        Some("inputs") => members(&place.view.inputs(place.context.flow)),
        Some("steps") => {
            let own = place.context.step.map(|step| ident(&step.key));
            let others = place.view.steps(&place.context).into_iter().filter(|step| Some(&step.name) != own.as_ref());
            members(&others.collect::<Vec<_>>())
        }
        Some(of) => {
            let (scope, _) = with_variables(place.view.scope(&place.context), before);
            let Some(ty) = type_of_part(of, &scope) else { return (start, Vec::new()) };
            let fields = match ty.unwrapped() {
                Type::Record(record) => members(&record.fields),
                _ => Vec::new(),
            };
            if wish.form == Form::Quoted { fields } else { fields.into_iter().chain(methods(&ty)).collect() }
        }
    };
    (start, offers)
}

fn members(fields: &[Field]) -> Vec<Offer> {
    let offer = |field: &Field| {
        let known = field.ty != Type::Never;
        let detail = if known { field.ty.brief() } else { String::new() };
        Offer::new(CompletionItemKind::FIELD, &*field.name).detail(detail).docs(&*field.docs)
    };
    fields.iter().filter(|field| is_word(&field.name)).map(offer).collect()
}

fn is_word(name: &str) -> bool {
    !name.starts_with(|letter: char| letter.is_ascii_digit()) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Names that a value may begin with.
fn roots(place: &Place<'_>, before: &str) -> Vec<Offer> {
    let (_, variables) = with_variables(place.view.scope(&place.context), before);
    let variable = |(name, ty): (String, Type)| Offer::new(CompletionItemKind::VARIABLE, name).detail(ty.brief());
    let mut offers: Vec<Offer> = variables.into_iter().rev().map(variable).collect();
    for root in place.view.roots(&place.context) {
        let detail = root.ty.as_ref().map(Type::brief).unwrap_or_default();
        offers.push(Offer::new(CompletionItemKind::VARIABLE, root.name).detail(detail).docs(root.docs));
    }
    offers.extend(functions().map(|function| call(&function)));
    offers
}

/// Functions that can be written behind a dot.
fn methods(ty: &Type) -> Vec<Offer> {
    functions()
        .filter(|function| function.signatures.iter().any(|signature| takes(signature, ty)))
        .map(|function| call(&function))
        .collect()
}

fn call(function: &jackfield_flow::types::FunctionHelp) -> Offer {
    let detail = function.signatures.first().cloned().unwrap_or_default();
    let docs = format!("{}\n\n{}", function.doc, signatures(function));
    Offer::new(CompletionItemKind::FUNCTION, function.name).detail(detail).docs(docs).writes(format!("{}(", function.name))
}

/// How a function is written, as Markdown.
pub(crate) fn signatures(function: &jackfield_flow::types::FunctionHelp) -> String {
    format!("```cel\n{}\n```", function.signatures.join("\n"))
}

/// Whether a function takes a type as its first argument, as far as its signature tells.
fn takes(signature: &str, ty: &Type) -> bool {
    if let Some(of) = signature.strip_prefix("list.") {
        return of.contains('(') && matches!(ty, Type::List(_) | Type::Map(_));
    }
    let first = signature.split_once('(').map(|(_, rest)| rest).unwrap_or_default();
    let begins = |word: &str| first.starts_with(word);
    match ty {
        Type::String | Type::Enum(_) => begins("string"),
        Type::Int => begins("int"),
        Type::Float => begins("float"),
        Type::Bytes => begins("bytes"),
        Type::Timestamp => begins("timestamp"),
        Type::Duration => begins("duration"),
        Type::List(_) => begins("list<"),
        Type::Map(_) | Type::Record(_) => begins("map<"),
        Type::Option(_) | Type::Null => begins("option<"),
        Type::Json => begins("json"),
        _ => false,
    }
}
