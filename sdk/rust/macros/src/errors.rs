//! `#[derive(TaskErrors)]`: an error enum becomes codes and kinds.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Member, Result, Token, Variant, parenthesized};

use crate::{docs, word};

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let item: DeriveInput = syn::parse2(item)?;
    let Data::Enum(data) = &item.data else {
        return Err(Error::new(item.ident.span(), "`TaskErrors` is for enums: one variant for each code"));
    };
    if !item.generics.params.is_empty() {
        return Err(Error::new(item.generics.span(), "`TaskErrors` is for enums without generic parameters"));
    }
    let name = &item.ident;
    let (mut arms, mut codes, mut problems) = (Vec::new(), Vec::new(), None);
    for variant in &data.variants {
        match expand_variant(variant) {
            Ok((arm, code)) => {
                arms.push(arm);
                codes.push(code);
            }
            Err(error) => match &mut problems {
                None => problems = Some(error),
                Some(problems) => problems.combine(error),
            },
        }
    }
    if let Some(problems) = problems {
        return Err(problems);
    }
    Ok(quote! {
        #[automatically_derived]
        impl ::core::convert::From<#name> for ::jackfield_sdk::TaskError {
            fn from(error: #name) -> Self {
                let message = ::std::string::ToString::to_string(&error);
                match error {
                    #(#name::#arms)*
                }
            }
        }

        #[automatically_derived]
        impl ::jackfield_sdk::ErrorCodes for #name {
            fn codes() -> ::std::vec::Vec<::jackfield_sdk::ErrorCode> {
                #[allow(unused_imports)]
                use ::jackfield_sdk::task::WithoutCodes as _;
                let mut codes = ::std::vec::Vec::new();
                #(#codes)*
                codes
            }
        }
    })
}

/// The variant's arm of the conversion (without the enum's name), and the statement that lists its code.
fn expand_variant(variant: &Variant) -> Result<(TokenStream, TokenStream)> {
    let Some(attribute) = variant.attrs.iter().find(|attribute| attribute.path().is_ident("error_code")) else {
        let advice = format!("#[error_code(\"{}\", permanent)]", kebab(&variant.ident.to_string()));
        return Err(Error::new(variant.ident.span(), format!("`{}` has no code; write `{advice}` above it", variant.ident)));
    };
    let name = &variant.ident;
    match attribute.parse_args()? {
        Code::Transparent(word) => {
            let Fields::Unnamed(fields) = &variant.fields else {
                return Err(Error::new(word.span(), "`transparent` hands on the one field of a tuple variant"));
            };
            let (Some(field), 1) = (fields.unnamed.first(), fields.unnamed.len()) else {
                return Err(Error::new(word.span(), "`transparent` hands on the one field of a tuple variant"));
            };
            let inner = &field.ty;
            let arm = quote!(#name(inner) => ::core::convert::Into::into(inner),);
            let codes = quote!(codes.extend(::jackfield_sdk::task::CodesOf::<#inner>::new().codes()););
            Ok((arm, codes))
        }
        Code::Own { code, kind, data } => {
            word::check_code(&code)?;
            for member in data.iter().chain(kind.field()) {
                check_field(variant, member)?;
            }
            let docs = docs::text(&variant.attrs);
            let entry = quote!(codes.push(::jackfield_sdk::ErrorCode { code: #code, docs: #docs }););
            Ok((own_arm(name, &code, &kind, &data), entry))
        }
    }
}

fn own_arm(name: &Ident, code: &LitStr, kind: &Kind, data: &[Member]) -> TokenStream {
    let bindings: Vec<Ident> = data.iter().map(|member| Ident::new(&format!("data_{}", member_name(member)), member.span())).collect();
    let keys = data.iter().map(member_name);
    let with_data = if data.is_empty() {
        TokenStream::new()
    } else {
        quote!(.with_data(&::jackfield_sdk::__private::serde_json::json!({ #(#keys: #bindings),* })))
    };
    let (delay, error) = match kind {
        Kind::Permanent => (None, quote!(::jackfield_sdk::TaskError::permanent(#code, message))),
        Kind::Transient => (None, quote!(::jackfield_sdk::TaskError::transient(#code, message))),
        Kind::UnknownOutcome => (None, quote!(::jackfield_sdk::TaskError::unknown_outcome(#code, message))),
        Kind::RetryAfter(member) => (Some(quote!(#member: delay,)), quote!(::jackfield_sdk::TaskError::retry_after(delay, #code, message))),
    };
    quote!(#name { #delay #(#data: #bindings,)* .. } => #error #with_data,)
}

fn member_name(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn check_field(variant: &Variant, member: &Member) -> Result<()> {
    if variant.fields.members().any(|known| known == *member) {
        return Ok(());
    }
    Err(Error::new(member.span(), format!("`{}` has no field `{}`", variant.ident, member_name(member))))
}

/// The words between the parentheses of `#[error_code(…)]`.
enum Code {
    Own { code: LitStr, kind: Kind, data: Vec<Member> },
    Transparent(Ident),
}

enum Kind {
    Permanent,
    Transient,
    UnknownOutcome,
    RetryAfter(Member),
}

impl Kind {
    fn field(&self) -> Option<&Member> {
        match self {
            Self::RetryAfter(member) => Some(member),
            Self::Permanent | Self::Transient | Self::UnknownOutcome => None,
        }
    }
}

impl Parse for Code {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Ident) {
            let word: Ident = input.parse()?;
            if word == "transparent" {
                return Ok(Self::Transparent(word));
            }
            return Err(Error::new(word.span(), "the code comes first: `#[error_code(\"bad-row\", permanent)]`, or `transparent`"));
        }
        let code: LitStr = input.parse()?;
        if input.is_empty() {
            let kinds = "permanent, transient, unknown_outcome or retry_after(field)";
            return Err(Error::new(code.span(), format!("after the code comes what the engine should do: {kinds}")));
        }
        input.parse::<Token![,]>()?;
        let kind = input.parse()?;
        let mut data = Vec::new();
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                data = parse_data(input)?;
            }
        }
        Ok(Self::Own { code, kind, data })
    }
}

impl Parse for Kind {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word: Ident = input.parse()?;
        match word.to_string().as_str() {
            "permanent" => Ok(Self::Permanent),
            "transient" => Ok(Self::Transient),
            "unknown_outcome" => Ok(Self::UnknownOutcome),
            "retry_after" if input.peek(syn::token::Paren) => {
                let content;
                parenthesized!(content in input);
                Ok(Self::RetryAfter(content.parse()?))
            }
            "retry_after" => Err(Error::new(word.span(), "after which time? `retry_after(field)` names a field of type `Duration`")),
            _ => {
                Err(Error::new(word.span(), "this is no kind; the kinds are permanent, transient, unknown_outcome and retry_after(field)"))
            }
        }
    }
}

fn parse_data(input: ParseStream<'_>) -> Result<Vec<Member>> {
    let word: Ident = input.parse()?;
    if word != "data" {
        return Err(Error::new(word.span(), "after the kind may come `data(field, …)`"));
    }
    let content;
    parenthesized!(content in input);
    input.parse::<Option<Token![,]>>()?;
    Ok(Punctuated::<Member, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn kebab(name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            words.push('-');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
