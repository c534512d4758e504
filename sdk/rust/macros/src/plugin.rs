//! `plugin!`: the list of tasks, exported.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Path, Result, Token};

pub(crate) fn expand(tasks: TokenStream) -> Result<TokenStream> {
    let paths = Punctuated::<Path, Token![,]>::parse_terminated.parse2(tasks)?;
    if paths.is_empty() {
        return Err(Error::new(proc_macro2::Span::call_site(), "a plugin has at least one task: `plugin!(greet);`"));
    }
    let mut seen = BTreeSet::new();
    for path in &paths {
        if !seen.insert(path.to_token_stream().to_string()) {
            return Err(Error::new_spanned(path, "this task is already in the list"));
        }
    }
    let functions = paths.iter();
    let tasks = paths.iter().map(task_of).collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        #[doc(hidden)]
        const __JACKFIELD_TASKS: &[::jackfield_sdk::task::Task] = &[#(#tasks),*];

        const _: () = ::core::assert!(
            !::jackfield_sdk::task::has_duplicates(__JACKFIELD_TASKS),
            "two tasks of this plugin have the same name; give one of them another: #[task(name = \"…\")]"
        );

        // Says "cannot find `greet`" about a function that is not there, in the author's own words.
        const _: fn() = || {
            #(let _ = #functions;)*
        };

        #[cfg(target_family = "wasm")]
        const _: () = {
            struct __JackfieldPlugin;

            impl ::jackfield_sdk::guest::Guest for __JackfieldPlugin {
                fn describe() -> ::std::vec::Vec<::jackfield_sdk::guest::TaskInfo> {
                    ::jackfield_sdk::guest::describe(__JACKFIELD_TASKS)
                }

                fn run(
                    task: ::std::string::String,
                    input: ::std::string::String,
                ) -> ::core::result::Result<::std::string::String, ::jackfield_sdk::guest::TaskError> {
                    ::jackfield_sdk::guest::run(__JACKFIELD_TASKS, &task, &input)
                }
            }

            ::jackfield_sdk::guest::export!(__JackfieldPlugin with_types_in ::jackfield_sdk::bindings);
        };

        #[cfg(test)]
        #[test]
        fn the_plugin_says_of_itself_what_is_true() {
            ::core::assert_eq!(::jackfield_sdk::task::faults(__JACKFIELD_TASKS), "");
        }
    })
}

/// The constant that `#[task]` put beside the function.
fn task_of(path: &Path) -> Result<Path> {
    let mut path = path.clone();
    let Some(last) = path.segments.last_mut() else {
        return Err(Error::new_spanned(&path, "this is not the path of a function"));
    };
    if !last.arguments.is_none() {
        return Err(Error::new_spanned(&last.arguments, "a task has no type parameters"));
    }
    last.ident = format_ident!("__jackfield_task_{}", last.ident);
    Ok(path)
}
