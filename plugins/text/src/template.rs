//! `template`: text from values.

use jackfield_sdk::prelude::*;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Map;

use crate::shortened;

#[cfg(test)]
mod tests;

/// Deepest nesting of calls in a template, far below what would exhaust the stack of a Wasm instance.
const RECURSION_MAX: usize = 100;

/// What is done to values that are put into the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Escape {
    /// Nothing.
    #[default]
    None,
    /// `& < > " '` are written so that a browser shows them; `value|safe` is left as it is.
    Html,
    /// Values are written as JSON.
    Json,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum TemplateError {
    /// The template cannot be read, or uses a filter or test that does not exist.
    #[error("the template cannot be read, line {line}: {message}")]
    #[error_code("bad-template", permanent, data(line))]
    BadTemplate { line: usize, message: String },
    /// The template uses a name that has no value. `value is defined` and `value|default(…)` are ways to allow it.
    #[error("line {line}: `{place}` has no value: give it one, or write `|default(…)` after it")]
    #[error_code("undefined", permanent, data(line))]
    Undefined { line: usize, place: String },
    /// Something in the template does not fit the value that it meets.
    #[error("line {line}: {message}")]
    #[error_code("template-failed", permanent, data(line))]
    Failed { line: usize, message: String },
}

/// A text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: String,
}

/// Makes a text from a template and values.
///
/// The language is Jinja ([MiniJinja](https://docs.rs/minijinja)): `{{ name }}`, `{% for x in list %}`, `{% if … %}`, filters such
/// as `|upper` or `|join(", ")`. It is strict: a name without a value is an error, never an empty text. Values are put in as
/// they are and never read as templates.
#[task(
    name = "template",
    title = "Fill in a template",
    example_input = r#"{"template":"Hi {{ name }}:{% for n in numbers %} {{ n }}{% endfor %}","values":{"name":"Ada","numbers":[1,2]}}"#,
    example_output = r#"{"text":"Hi Ada: 1 2"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn fill(
    /// The template.
    template: String,
    /// The values by name.
    #[serde(default)]
    values: Map<String, Value>,
    /// What is done to values that are put into the text.
    #[serde(default)]
    escape: Escape,
) -> Result<Text, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A template is taken word for word: the line break at its end belongs to it.
    environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build().map_err(|error| bad_template(&error))?);
    environment.set_recursion_limit(RECURSION_MAX);
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Html => AutoEscape::Html,
        Escape::Json => AutoEscape::Json,
    });
    let compiled = environment.template_from_str(&template).map_err(|error| bad_template(&error))?;
    let text = compiled.render(Serde(values)).map_err(|error| failed(&error, &template))?;
    Ok(Text { text })
}

fn bad_template(error: &minijinja::Error) -> TemplateError {
    TemplateError::BadTemplate { line: error.line().unwrap_or(1), message: message(error) }
}

fn failed(error: &minijinja::Error, template: &str) -> TemplateError {
    use minijinja::ErrorKind::{SyntaxError, UndefinedError, UnknownFilter, UnknownFunction, UnknownMethod, UnknownTest};
    let (line, message) = (error.line().unwrap_or(1), message(error));
    match error.kind() {
        UndefinedError => TemplateError::Undefined { line, place: place(error, template) },
        SyntaxError | UnknownFilter | UnknownFunction | UnknownMethod | UnknownTest => TemplateError::BadTemplate { line, message },
        _ => TemplateError::Failed { line, message },
    }
}

/// The part of the template that an error is about.
fn place(error: &minijinja::Error, template: &str) -> String {
    let part = error.range().and_then(|range| template.get(range)).unwrap_or(template);
    shortened(part)
}

/// The message without the place, which stands elsewhere.
fn message(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {}", error.kind(), shortened(detail)),
        None => error.kind().to_string(),
    }
}
