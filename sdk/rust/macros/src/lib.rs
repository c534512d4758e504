//! The macros of `jackfield-sdk`, which re-exports and explains them. Use that crate.

mod docs;
mod errors;
mod plugin;
mod task;
mod word;

use proc_macro::TokenStream;

/// Turns a function into a task of the same name.
///
/// Each parameter is one field of the input object: a doc comment, `#[serde(…)]` and `#[schemars(…)]` on it count as they
/// would on a field of a struct. Unknown fields are refused, unless a parameter is `#[serde(flatten)]`. The return type
/// is `T` or `Result<T, E>` with `E: Into<TaskError>`; `T: Serialize + JsonSchema`. The function itself stays as it is.
///
/// Options, all of them optional, separated by commas:
///
/// | option | means |
/// | --- | --- |
/// | `name = "…"` | the task's name; else the function's, with `-` for `_` |
/// | `title = "…"` | a name for people |
/// | `effect = pure` | what it can do to the world: `pure` (the default), `reads` or `effects` |
/// | `asks(…)` | what it asks to touch: `http`, `files_read`, `files_write`, `config`, `secrets`, `scratch`, `memory` |
/// | `errors("code" = "docs", …)` | codes it may fail with, besides those that its error type lists |
/// | `example_input = "…"` | an input, as JSON text; a unit test of [`plugin!`] checks that it fits |
/// | `example_output = "…"` | what it then answers, as JSON text |
/// | `annotations("name" = "value", …)` | anything else |
///
/// Each thing in `asks` may say what of it, what for, and that the task can do without:
/// `asks(http("GET https://api.example/*", docs = "To fetch orders."), secrets("token", optional), memory("256MiB"))`.
#[proc_macro_attribute]
pub fn task(options: TokenStream, function: TokenStream) -> TokenStream {
    task::expand(options.into(), function.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a plugin of the tasks that it names: `plugin!(greet, orders::list);`, once in a crate.
///
/// Each path is the path of a function with [`#[task]`](macro@task). In the sandbox it exports `describe` and `run`; in
/// `cargo test` it adds a test that what the tasks say of themselves is true.
#[proc_macro]
pub fn plugin(tasks: TokenStream) -> TokenStream {
    plugin::expand(tasks.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Gives each variant of an error enum a code, and says what the engine should do about it.
///
/// The enum needs `Display` (by `thiserror`, or by hand): its text is the message. The kinds are `permanent`, `transient`,
/// `unknown_outcome` and `retry_after(field)` with a field of type `Duration`; a field of a tuple variant is named by its
/// number. `data(…)` lists fields for programs. `transparent` hands on the error inside. The doc comment of a variant is
/// the documentation of its code.
#[proc_macro_derive(TaskErrors, attributes(error_code))]
pub fn task_errors(item: TokenStream) -> TokenStream {
    errors::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
