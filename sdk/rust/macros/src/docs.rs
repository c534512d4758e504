//! Doc comments as text.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The doc comments among `attributes` as one constant `&'static str` expression, without the space after `///`.
pub(crate) fn text(attributes: &[Attribute]) -> TokenStream {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    for value in attributes.iter().filter_map(doc_value) {
        if let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = value {
            let line = line.value();
            literal.push_str(line.strip_prefix(' ').unwrap_or(&line));
            literal.push('\n');
        } else {
            // `#[doc = include_str!("…")]`: its text is known only later.
            let before = std::mem::take(&mut literal);
            pieces.push(quote!(#before, #value, "\n"));
        }
    }
    if pieces.is_empty() {
        let text = literal.trim();
        return quote!(#text);
    }
    quote!(::core::concat!(#(#pieces,)* #literal))
}

fn doc_value(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    }
}
