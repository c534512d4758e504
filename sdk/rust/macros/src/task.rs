//! `#[task]`: a function becomes a task.

mod input;
mod options;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, ItemFn, LitStr, Result, ReturnType, Safety, Signature, Type};

use crate::{docs, word};
use options::Options;

pub(crate) fn expand(options: TokenStream, function: TokenStream) -> Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let mut function: ItemFn =
        syn::parse2(function).map_err(|error| Error::new(error.span(), "`#[task]` belongs on a function that stands by itself"))?;
    check_signature(&function.sig)?;
    let fields = input::take_fields(&mut function.sig.inputs)?;
    let name = task_name(&options, &function.sig)?;

    let vis = &function.vis;
    let ident = &function.sig.ident;
    let constant = format_ident!("__jackfield_task_{}", ident);
    let docs = docs::text(&function.attrs);
    let input = input::input_struct(&fields);
    let run = run_function(&function.sig, &fields);
    let output_schema = output_schema(&function.sig.output);
    let errors = errors_function(&function.sig.output, &options);
    let (effect, capabilities, annotations) = (options.effect(), options.capabilities(), options.annotations());
    Ok(quote! {
        // The parameters are the fields of an input: a task may have many.
        #[allow(clippy::too_many_arguments)]
        #function

        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        #vis const #constant: ::jackfield_sdk::task::Task = {
            #input
            #run
            #errors

            ::jackfield_sdk::task::Task {
                name: #name,
                docs: #docs,
                effect: #effect,
                capabilities: #capabilities,
                annotations: #annotations,
                input_schema: ::jackfield_sdk::task::input_schema::<__JackfieldInput>,
                output_schema: #output_schema,
                errors: __jackfield_errors,
                run: __jackfield_run,
                accepts: |input| ::jackfield_sdk::task::parse_input::<__JackfieldInput>(input).map(|_| ()),
            }
        };
    })
}

fn task_name(options: &Options, signature: &Signature) -> Result<LitStr> {
    if let Some(name) = &options.name {
        return Ok(name.clone());
    }
    let name = LitStr::new(&signature.ident.unraw().to_string().replace('_', "-"), signature.ident.span());
    word::check_name(&name).map_err(|error| Error::new(error.span(), format!("{error}; give it one: `#[task(name = \"…\")]`")))?;
    Ok(name)
}

/// Refuses what an ordinary function from values to a value does not have.
fn check_signature(signature: &Signature) -> Result<()> {
    if let Some(word) = &signature.asyncness {
        return Err(Error::new(word.span(), "a task is not async: it has the sandbox for itself and may wait in it"));
    }
    if let Some(word) = &signature.constness {
        return Err(Error::new(word.span(), "a task is not a `const fn`"));
    }
    if let Safety::Unsafe(word) = &signature.safety {
        return Err(Error::new(word.span(), "a task is not unsafe: anybody may call it with any input"));
    }
    if let Some(abi) = &signature.abi {
        return Err(Error::new_spanned(abi, "a task is an ordinary Rust function: remove `extern`"));
    }
    if let Some(parameter) = signature.generics.params.first() {
        return Err(Error::new_spanned(parameter, "a task is not generic: its schema needs one type for each field"));
    }
    if let Some(variadic) = &signature.variadic {
        return Err(Error::new_spanned(variadic, "a task has a fixed number of parameters"));
    }
    match &signature.output {
        ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_)) => {
            Err(Error::new_spanned(output, "a task names what it returns: its schema needs the type"))
        }
        ReturnType::Type(_, output) if matches!(**output, Type::Reference(_)) => {
            Err(Error::new_spanned(output, "a task returns a value of its own: `String` instead of `&str`, `Vec<T>` instead of `&[T]`"))
        }
        _ => Ok(()),
    }
}

/// What a function's return type says.
enum Output<'a> {
    /// It cannot fail.
    Plain(TokenStream),
    /// It is called `Result`.
    Result(&'a Type),
}

fn output_of(output: &ReturnType) -> Output<'_> {
    match output {
        ReturnType::Default => Output::Plain(quote!(())),
        ReturnType::Type(_, output) => match &**output {
            // By its name, so that aliases with one parameter work: the compiler finds the two types by itself.
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result") => Output::Result(output),
            output => Output::Plain(quote!(#output)),
        },
    }
}

fn run_function(signature: &Signature, fields: &[input::Field]) -> TokenStream {
    let ident = &signature.ident;
    let names = fields.iter().map(|field| &field.name);
    let answer = match output_of(&signature.output) {
        Output::Plain(output) => {
            let span = signature.output.span();
            quote_spanned!(span=> ::jackfield_sdk::task::write_output::<#output>(&answer))
        }
        Output::Result(output) => quote_spanned! {output.span()=>
            match ::jackfield_sdk::task::Fallible::into_result(answer) {
                ::core::result::Result::Ok(output) => ::jackfield_sdk::task::write_output(&output),
                ::core::result::Result::Err(error) => ::core::result::Result::Err(::jackfield_sdk::task::into_task_error(error)),
            }
        },
    };
    quote! {
        // The one name in scope of the call is none that an author gives a function: a parameter may be called like its task.
        #[allow(clippy::let_unit_value)]
        fn __jackfield_run(__jackfield_input: &str) -> ::core::result::Result<::std::string::String, ::jackfield_sdk::TaskError> {
            let __jackfield_input: __JackfieldInput = ::jackfield_sdk::task::parse_input(__jackfield_input)?;
            let answer = #ident(#(__jackfield_input.#names),*);
            #answer
        }
    }
}

fn output_schema(output: &ReturnType) -> TokenStream {
    match output_of(output) {
        Output::Plain(plain) => quote_spanned!(output.span()=> ::jackfield_sdk::task::output_schema::<#plain>),
        Output::Result(result) => {
            quote_spanned!(result.span()=> ::jackfield_sdk::task::output_schema::<<#result as ::jackfield_sdk::task::Fallible>::Output>)
        }
    }
}

fn errors_function(output: &ReturnType, options: &Options) -> TokenStream {
    let from_type = match output_of(output) {
        Output::Plain(_) => quote!(::std::vec::Vec::new()),
        Output::Result(result) => quote! {{
            #[allow(unused_imports)]
            use ::jackfield_sdk::task::WithoutCodes as _;
            ::jackfield_sdk::task::CodesOf::<<#result as ::jackfield_sdk::task::Fallible>::Error>::new().codes()
        }},
    };
    let entries = options.errors.iter().map(|pair| {
        let (code, docs) = (&pair.name, &pair.value);
        quote!(::jackfield_sdk::ErrorCode { code: #code, docs: #docs })
    });
    quote! {
        fn __jackfield_errors() -> ::std::vec::Vec<::jackfield_sdk::ErrorCode> {
            let codes: ::std::vec::Vec<::jackfield_sdk::ErrorCode> = #from_type;
            let listed: &[::jackfield_sdk::ErrorCode] = &[#(#entries),*];
            [codes.as_slice(), listed].concat()
        }
    }
}
