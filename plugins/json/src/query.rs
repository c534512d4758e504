//! `query`: jq filters.

mod compile;
mod convert;

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;
use jaq_core::data::JustLut;
use jaq_core::{Ctx, Vars};
use jaq_json::Val;

use compile::Problem;

#[cfg(test)]
mod tests;

/// The most results one call collects, and how many it collects unless told otherwise.
const RESULTS_MAX: u32 = 100_000;
/// Longest text of a jq error that is passed on, in bytes: jq puts whole values into its messages.
const MESSAGE_BYTES_MAX: usize = 600;

/// Which of a filter's results are the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Results {
    /// The first result itself; the error `no-result` when there is none.
    #[default]
    First,
    /// A list of all results, which may be empty.
    All,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum QueryError {
    /// The filter is not jq, or names a filter or variable that does not exist. `data.problems` lists line, column and message.
    #[error("the filter cannot be understood: {}", compile::list(problems))]
    #[error_code("bad-filter", permanent, data(problems))]
    BadFilter { problems: Vec<Problem> },
    /// A variable's name is not one: letters, digits and `_`, not beginning with a digit, without the `$`.
    #[error("`{name}` cannot name a variable: use letters, digits and `_`, and leave out the `$`")]
    #[error_code("bad-variable", permanent, data(name))]
    BadVariable { name: String },
    /// The filter stopped with an error of its own, such as `error("…")` or an index into a number.
    #[error("the filter failed: {message}")]
    #[error_code("filter-failed", permanent)]
    Failed { message: String },
    /// The filter has no result, and `results` asks for the first one.
    #[error("the filter has no result for this input: use `results: all` for a list that may be empty, or `(…) // null`")]
    #[error_code("no-result", permanent)]
    NoResult,
    /// The filter has more results than `limit`.
    #[error("the filter has more than {limit} results: raise `limit` (at most {RESULTS_MAX}) or use `limit(n; …)` in it")]
    #[error_code("too-many-results", permanent, data(limit))]
    TooManyResults { limit: u32 },
    /// A result cannot be written as JSON: NaN, an infinity, a whole number beyond 64 bits, or a name that is not text.
    #[error("a result cannot be written as JSON: {what}")]
    #[error_code("not-json", permanent)]
    NotJson { what: String },
}

/// Runs a jq filter over a value.
///
/// The language is that of [jaq](https://github.com/01mf02/jaq), which is jq 1.7 but for a few corners; modules,
/// `input` and `inputs` are not there. Whole numbers are exact. The answer is the filter's first result, or with
/// `results: all` the list of all of them.
#[task(
    title = "Query JSON with jq",
    example_input = r#"{"input":{"orders":[{"id":1,"sum":3},{"id":2,"sum":9}]},"filter":"[.orders[] | select(.sum > $least) | .id]","variables":{"least":5}}"#,
    example_output = "[2]",
    annotations("since" = "0.1.0")
)]
pub(crate) fn query(
    /// The value that the filter sees as `.`.
    input: Value,
    /// The jq filter.
    filter: String,
    /// Values that the filter sees as `$name`.
    #[serde(default)]
    variables: BTreeMap<String, Value>,
    /// Which results are the answer.
    #[serde(default)]
    results: Results,
    /// The most results to collect; more are the error `too-many-results`. 100,000 unless given, and at most.
    limit: Option<u32>,
) -> Result<Value, QueryError> {
    let limit = limit.unwrap_or(RESULTS_MAX).min(RESULTS_MAX);
    let names = variables.keys().map(|name| variable_name(name)).collect::<Result<Vec<_>, _>>()?;
    let program = compile::compile(&filter, &names).map_err(|problems| QueryError::BadFilter { problems })?;
    let variables = variables.into_values().map(convert::into_jq).collect::<Result<Vec<_>, _>>()?;
    let context = Ctx::<JustLut<Val>>::new(&program.lut, Vars::new(variables));
    let mut answers = program.id.run((context, convert::into_jq(input)?)).map(|answer| match answer {
        Ok(value) => convert::from_jq(&value),
        Err(stop) => Err(failed(stop)),
    });
    if results == Results::First {
        return answers.next().unwrap_or(Err(QueryError::NoResult));
    }
    let mut list = Vec::new();
    for answer in answers {
        if list.len() >= limit as usize {
            return Err(QueryError::TooManyResults { limit });
        }
        list.push(answer?);
    }
    Ok(Value::Array(list))
}

fn variable_name(name: &str) -> Result<String, QueryError> {
    let first_fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if first_fits && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(format!("${name}"));
    }
    Err(QueryError::BadVariable { name: name.to_owned() })
}

/// What stopped a filter: an error, or `halt`, which would end the whole program if jq had its way.
fn failed(stop: jaq_core::Exn<'_, Val>) -> QueryError {
    let mut message = match stop.get_err() {
        Ok(error) => match error.into_val() {
            Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
            other => other.to_string(),
        },
        Err(_) => "it called `halt`".to_owned(),
    };
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    QueryError::Failed { message }
}
