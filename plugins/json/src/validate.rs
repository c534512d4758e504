//! `validate`: JSON Schema.

use jackfield_sdk::prelude::*;
use jsonschema::ValidationError;

#[cfg(test)]
mod tests;

/// The most problems one answer lists; the others are only counted.
const PROBLEMS_MAX: usize = 100;
/// Longest message of one problem, in bytes: the validator puts whole values into its messages.
const MESSAGE_BYTES_MAX: usize = 600;

/// What came of a validation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Validation {
    /// Whether the value is what the schema asks for.
    pub(crate) valid: bool,
    /// How many problems there are.
    pub(crate) count: usize,
    /// The first 100 problems.
    pub(crate) errors: Vec<Problem>,
}

/// One way in which the value is not what the schema asks for.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// Where in the value, as JSON pointer; empty for the whole value.
    pub(crate) instance_path: String,
    /// Which part of the schema says so, as JSON pointer.
    pub(crate) schema_path: String,
    /// What is wrong, for a person.
    pub(crate) message: String,
}

/// Why there is no answer, or why the answer is a failure.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum ValidateError {
    /// The schema is not a JSON Schema, or refers to something outside itself.
    #[error("the schema cannot be used, at `{place}`: {message}")]
    #[error_code("bad-schema", permanent, data(place))]
    BadSchema { place: String, message: String },
    /// The value is not what the schema asks for, and `fail` is set. `data.validation` is what the answer would have been.
    #[error("{} problems; the first, at `{}`: {}", validation.count, first(validation).0, first(validation).1)]
    #[error_code("invalid", permanent, data(validation))]
    Invalid { validation: Validation },
}

/// Checks a value against a JSON Schema.
///
/// Drafts 4, 6, 7, 2019-09 and 2020-12, chosen by `$schema`; 2020-12 without it. Nothing is fetched: a `$ref` must stay
/// inside the schema. The answer lists what is wrong; with `fail: true` a value that does not fit fails the step instead.
#[task(
    title = "Validate against a JSON Schema",
    example_input = r#"{"value":{"age":"7"},"schema":{"properties":{"age":{"type":"integer"}}}}"#,
    example_output = r#"{"valid":false,"count":1,"errors":[{"instance_path":"/age","schema_path":"/properties/age/type","message":"\"7\" is not of type \"integer\""}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn validate(
    /// The value to check.
    value: Value,
    /// The schema: an object, or `true` or `false`.
    schema: Value,
    /// Fail with the code `invalid` when the value does not fit.
    #[serde(default)]
    fail: bool,
    /// Check `format` as well (`date`, `email`, `uri` …), which the newer drafts leave open.
    #[serde(default)]
    formats: bool,
) -> Result<Validation, ValidateError> {
    let options = jsonschema::options().should_validate_formats(formats);
    let validator = options.build(&schema).map_err(|error| bad_schema(&error))?;
    let mut validation = Validation { valid: true, count: 0, errors: Vec::new() };
    for error in validator.iter_errors(&value) {
        validation.valid = false;
        validation.count += 1;
        if validation.errors.len() < PROBLEMS_MAX {
            validation.errors.push(Problem {
                instance_path: error.instance_path().to_string(),
                schema_path: error.schema_path().to_string(),
                message: message(&error),
            });
        }
    }
    if fail && !validation.valid {
        return Err(ValidateError::Invalid { validation });
    }
    Ok(validation)
}

fn bad_schema(error: &ValidationError<'_>) -> ValidateError {
    // A schema is checked against its own schema: there the place in the value is the place in the schema.
    ValidateError::BadSchema { place: error.instance_path().to_string(), message: message(error) }
}

fn message(error: &ValidationError<'_>) -> String {
    let mut message = error.to_string();
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    message
}

fn first(validation: &Validation) -> (&str, &str) {
    validation.errors.first().map_or(("", ""), |problem| (&problem.instance_path, &problem.message))
}
