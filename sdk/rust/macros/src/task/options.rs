//! The words between the parentheses of `#[task(…)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitInt, LitStr, Result, Token, parenthesized};

use crate::word;

const KNOWN: &str = "name, title, effect, asks, errors, example_input, example_output and annotations";

/// `"name" = "value"`.
pub(super) struct Pair {
    pub(super) name: LitStr,
    pub(super) value: LitStr,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self { name, value: input.parse()? })
    }
}

#[derive(Default)]
pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) errors: Vec<Pair>,
    effect: Option<TokenStream>,
    asks: Vec<Ask>,
    annotations: Vec<Pair>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let word = input.call(Ident::parse_any)?;
            if seen.contains(&word) {
                return Err(Error::new(word.span(), format!("`{word}` is already given")));
            }
            options.parse_one(&word, input)?;
            seen.push(word);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn parse_one(&mut self, word: &Ident, input: ParseStream<'_>) -> Result<()> {
        match word.to_string().as_str() {
            "name" => {
                let name = parse_value(input)?;
                word::check_name(&name)?;
                self.name = Some(name);
            }
            "effect" => {
                input.parse::<Token![=]>()?;
                self.effect = Some(parse_effect(input)?);
            }
            "asks" => self.asks = parse_list(input)?,
            "errors" => {
                self.errors = parse_list(input)?;
                self.errors.iter().try_for_each(|pair| word::check_code(&pair.name))?;
            }
            "annotations" => self.annotations.extend(parse_list::<Pair>(input)?),
            "title" | "example_input" | "example_output" => {
                let name = LitStr::new(&word.to_string().replace('_', "-"), word.span());
                self.annotations.push(Pair { name, value: parse_value(input)? });
            }
            _ => return Err(Error::new(word.span(), format!("unknown option `{word}`; the options are {KNOWN}"))),
        }
        Ok(())
    }

    pub(super) fn effect(&self) -> TokenStream {
        self.effect.clone().unwrap_or_else(|| quote!(::jackfield_sdk::task::Effect::Pure))
    }

    pub(super) fn capabilities(&self) -> TokenStream {
        let entries = self.asks.iter().map(|Ask { name, scope, need, docs }| {
            quote!(::jackfield_sdk::task::Capability { name: #name, scope: &[#(#scope),*], need: #need, docs: #docs })
        });
        quote!(&[#(#entries),*])
    }

    pub(super) fn annotations(&self) -> TokenStream {
        let entries = self.annotations.iter().map(|Pair { name, value }| quote!((#name, #value)));
        quote!(&[#(#entries),*])
    }
}

fn parse_value(input: ParseStream<'_>) -> Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn parse_list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn parse_effect(input: ParseStream<'_>) -> Result<TokenStream> {
    let word = input.call(Ident::parse_any)?;
    match word.to_string().as_str() {
        "pure" => Ok(quote!(::jackfield_sdk::task::Effect::Pure)),
        "reads" => Ok(quote!(::jackfield_sdk::task::Effect::Reads)),
        "effects" => Ok(quote!(::jackfield_sdk::task::Effect::Effects)),
        _ => Err(Error::new(word.span(), "an effect is `pure`, `reads` or `effects`")),
    }
}

/// One thing that the task asks to touch: `http("GET https://…", optional, docs = "…")`.
struct Ask {
    name: LitStr,
    scope: Vec<LitStr>,
    need: TokenStream,
    docs: LitStr,
}

impl Parse for Ask {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = input.call(Ident::parse_any)?;
        let capability = word.to_string().replace('_', "-");
        if !["http", "files-read", "files-write", "config", "secrets", "scratch", "memory"].contains(&capability.as_str()) {
            let known = "http, files_read, files_write, config, secrets, scratch and memory";
            return Err(Error::new(word.span(), format!("unknown capability `{word}`; they are {known}")));
        }
        let name = LitStr::new(&capability, word.span());
        let mut ask =
            Self { name, scope: Vec::new(), need: quote!(::jackfield_sdk::task::Need::Required), docs: LitStr::new("", word.span()) };
        if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            while !content.is_empty() {
                ask.parse_detail(&content)?;
                if !content.is_empty() {
                    content.parse::<Token![,]>()?;
                }
            }
        }
        if capability == "memory" && ask.scope.len() != 1 {
            return Err(Error::new(word.span(), "how much memory? `memory(\"256MiB\")`, or a number of bytes"));
        }
        Ok(ask)
    }
}

impl Ask {
    fn parse_detail(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(LitInt) {
            let bytes: LitInt = input.parse()?;
            bytes.base10_parse::<u64>()?;
            self.scope.push(LitStr::new(bytes.base10_digits(), bytes.span()));
        } else if input.peek(LitStr) {
            let scope: LitStr = input.parse()?;
            self.scope.push(if self.name.value() == "memory" { parse_bytes(&scope)? } else { scope });
        } else {
            let word = input.call(Ident::parse_any)?;
            match word.to_string().as_str() {
                "optional" => self.need = quote!(::jackfield_sdk::task::Need::Optional),
                "docs" => self.docs = parse_value(input)?,
                _ => return Err(Error::new(word.span(), "here may stand a text, `optional`, or `docs = \"…\"`")),
            }
        }
        Ok(())
    }
}

/// `"256MiB"` as bytes in decimal, which is what the contract says.
fn parse_bytes(text: &LitStr) -> Result<LitStr> {
    let value = text.value();
    let digits = value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).trim_end();
    let shift = match value.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic()) {
        "" => Some(0),
        "KiB" => Some(10),
        "MiB" => Some(20),
        "GiB" => Some(30),
        _ => None,
    };
    let bytes = digits.parse::<u64>().ok().zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    match bytes {
        Some(bytes) => Ok(LitStr::new(&bytes.to_string(), text.span())),
        None => Err(Error::new(text.span(), format!("`{value}` is no amount of memory; write it like \"256MiB\" (KiB, MiB, GiB)"))),
    }
}
