//! What the error of a `result` means.
//!
//! The code of a failed step is a word the plugin's types have: the name of an enum's or a variant's case, or the field `code`
//! of a record. Any other error has the code `failed`. Nothing is read out of a message.

use jackfield_flow::run::{Failure, FailureKind};
use jackfield_flow::types::{Fields, JsonLimits, Value};

use super::shape::{Kind, Member, Shape};
use super::{Answer, TypedTask};
use crate::attempt::{DATA_BYTES_MAX, MESSAGE_BYTES_MAX, NO_CODE, cut, is_code};
use crate::plugin::RawErrorInfo;

/// The code of an error whose type has no words.
const FAILED: &str = "failed";

/// The codes a task may answer with.
pub(super) fn errors(answer: &Answer) -> Vec<RawErrorInfo> {
    let Some(error) = error_shape(answer) else { return Vec::new() };
    let info = |code: String, docs: &str| RawErrorInfo { code, docs: docs.to_owned() };
    match error.map(|shape| &shape.kind) {
        Some(Kind::Enum(cases) | Kind::Variant(cases)) => cases.iter().map(|case| info(code_of(&case.name), &case.docs)).collect(),
        Some(Kind::Record(fields)) => match fields.iter().find(|field| field.name == "code").map(|field| &field.shape.kind) {
            Some(Kind::Enum(cases)) => cases.iter().map(|case| info(code_of(&case.name), &case.docs)).collect(),
            // A text can be any word.
            Some(Kind::String) => Vec::new(),
            _ => vec![info(FAILED.to_owned(), "")],
        },
        _ => vec![info(FAILED.to_owned(), "")],
    }
}

/// The error's type, when the function answers a result; nothing inside when it has no value.
pub(super) fn error_shape(answer: &Answer) -> Option<Option<&Shape>> {
    match answer {
        Answer::Result(Shape { kind: Kind::Result(cases), .. }) => Some(cases[1].shape.as_ref()),
        _ => None,
    }
}

/// The failure that an error means. `error` is JSON text of the error's type, or nothing when it has no value.
pub(super) fn failure(task: &TypedTask, error: Option<&str>) -> Failure {
    // The same input gives a task without effects the same error again; any other may go well the next time.
    let kind = if task.pure { FailureKind::Permanent } else { FailureKind::Transient };
    let shape = error_shape(&task.answer).flatten();
    let value = error.and_then(|text| Value::from_json(text, JsonLimits::default()).ok()).unwrap_or_default();
    let parts = match shape.map(|shape| &shape.kind) {
        None => Parts { message: "the task failed, and says no more".to_owned(), ..Parts::default() },
        Some(Kind::Enum(cases) | Kind::Variant(cases)) => {
            of_case(&value, |name| cases.iter().find(|case| case.name == name).map_or("", |case| &case.docs))
        }
        Some(Kind::Record(fields)) => of_record(&value, fields),
        Some(_) => of_any(value),
    };
    let Parts { code, mut message, data } = parts;
    let code = match code {
        None => FAILED.to_owned(),
        Some(code) if is_code(&code) => code,
        Some(code) => {
            message =
                format!("{message} (the task's code `{}` is not 1 to 64 characters of a-z, 0-9 and -)", cut(&code, 64).escape_debug());
            NO_CODE.to_owned()
        }
    };
    let data = data.and_then(|data| data.to_json_within(DATA_BYTES_MAX));
    Failure { kind, code: code.into(), message: cut(&message, MESSAGE_BYTES_MAX).into(), data: data.map(Into::into), trace: None }
}

#[derive(Default)]
struct Parts {
    code: Option<String>,
    message: String,
    data: Option<Value>,
}

/// The case's name is the code; a text in it is the message, anything else data.
fn of_case<'a>(value: &Value, docs: impl Fn(&str) -> &'a str) -> Parts {
    let (name, payload) = match value {
        Value::Map(fields) => fields.iter().next().map(|(name, payload)| (&**name, Some(payload))).unwrap_or_default(),
        Value::String(name) => (&**name, None),
        _ => ("", None),
    };
    let said = || match docs(name).lines().next() {
        Some(docs) if !docs.is_empty() => docs.to_owned(),
        _ => format!("the task answered the error `{name}`"),
    };
    let (message, data) = match payload {
        None => (said(), None),
        Some(Value::String(message)) => (message.to_string(), None),
        Some(Value::Map(fields)) => match fields.get("message") {
            Some(Value::String(message)) => (message.to_string(), without(fields, &["message"])),
            _ => (said(), Some(Value::Map(fields.clone()))),
        },
        Some(other) => (said(), Some(other.clone())),
    };
    Parts { code: Some(code_of(name)), message, data }
}

/// Its fields `code` and `message` are what they say, the rest is data.
fn of_record(value: &Value, members: &[Member]) -> Parts {
    let Value::Map(fields) = value else { return Parts::default() };
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Some(text.to_string()),
        _ => None,
    };
    let worded = members.iter().any(|member| member.key == "code" && matches!(member.shape.kind, Kind::Enum(_)));
    let code = text("code").map(|code| if worded { code_of(&code) } else { code });
    let message = text("message");
    let used: Vec<&str> =
        [("code", code.is_some()), ("message", message.is_some())].into_iter().filter_map(|(name, used)| used.then_some(name)).collect();
    let message = message.unwrap_or_else(|| "the task failed; what it says is in the error's data".to_owned());
    Parts { code, message, data: without(fields, &used) }
}

fn of_any(value: Value) -> Parts {
    match value {
        Value::String(message) => Parts { message: message.to_string(), ..Parts::default() },
        Value::Null => Parts { message: "the task failed, and says no more".to_owned(), ..Parts::default() },
        data => Parts { message: "the task failed; what it says is in the error's data".to_owned(), data: Some(data), code: None },
    }
}

fn without(fields: &Fields, names: &[&str]) -> Option<Value> {
    let rest: Vec<_> =
        fields.iter().filter(|(name, _)| !names.contains(&&***name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    (!rest.is_empty()).then(|| Value::map(rest))
}

/// Names of WIT are words of letters and digits with `-` between them; only acronyms are in capitals.
fn code_of(name: &str) -> String {
    name.to_ascii_lowercase()
}
