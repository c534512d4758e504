//! The parameters of a task as the fields of its input.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, FnArg, Ident, Meta, Pat, Result, Token, Type};

/// One parameter, which is one field.
pub(super) struct Field {
    pub(super) name: Ident,
    ty: Type,
    attributes: Vec<Attribute>,
}

/// Takes the fields out of the parameters, whose attributes then are gone: the function stays an ordinary one.
pub(super) fn take_fields(parameters: &mut Punctuated<FnArg, Token![,]>) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    let mut problems: Option<Error> = None;
    for parameter in parameters {
        match take_field(parameter) {
            Ok(field) => fields.push(field),
            Err(error) => match &mut problems {
                None => problems = Some(error),
                Some(problems) => problems.combine(error),
            },
        }
    }
    problems.map_or(Ok(fields), Err)
}

fn take_field(parameter: &mut FnArg) -> Result<Field> {
    let parameter = match parameter {
        FnArg::Typed(parameter) => parameter,
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(
                receiver,
                "a task has no `self`: it stands by itself, and each parameter is a field of its input",
            ));
        }
    };
    let name = match &*parameter.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => pattern.ident.clone(),
        pattern => {
            return Err(Error::new_spanned(pattern, "a parameter is a plain name: it is the name of a field of the input"));
        }
    };
    check_type(&parameter.ty)?;
    let attributes = std::mem::take(&mut parameter.attrs);
    for attribute in &attributes {
        check_attribute(attribute)?;
    }
    Ok(Field { name, ty: (*parameter.ty).clone(), attributes })
}

fn check_type(ty: &Type) -> Result<()> {
    match ty {
        Type::Reference(_) => {
            let advice = "a parameter owns its value, which is read from JSON: `String` instead of `&str`, `Vec<T>` instead of `&[T]`";
            Err(Error::new_spanned(ty, advice))
        }
        Type::ImplTrait(_) => Err(Error::new_spanned(ty, "a parameter has one named type: the schema needs it")),
        _ => Ok(()),
    }
}

fn check_attribute(attribute: &Attribute) -> Result<()> {
    if ["doc", "serde", "schemars"].iter().any(|known| attribute.path().is_ident(known)) {
        return Ok(());
    }
    Err(Error::new_spanned(attribute, "a parameter of a task may have doc comments, `#[serde(…)]` and `#[schemars(…)]`"))
}

/// Whether a field is `#[serde(flatten)]`.
fn is_flattened(field: &Field) -> bool {
    field.attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("serde") => {
            list.tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "flatten"))
        }
        _ => false,
    })
}

/// The struct that the input is read into.
pub(super) fn input_struct(fields: &[Field]) -> TokenStream {
    // Serde cannot refuse unknown fields beside a flattened one, which takes what the others left.
    let deny = if fields.iter().any(is_flattened) { TokenStream::new() } else { quote!(, deny_unknown_fields) };
    let fields = fields.iter().map(|Field { name, ty, attributes }| quote!(#(#attributes)* #name: #ty));
    quote! {
        #[derive(::jackfield_sdk::__private::serde::Deserialize, ::jackfield_sdk::__private::schemars::JsonSchema)]
        #[serde(crate = "::jackfield_sdk::__private::serde" #deny)]
        #[schemars(crate = "::jackfield_sdk::__private::schemars")]
        struct __JackfieldInput {
            #(#fields,)*
        }
    }
}
