//! `request`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jackfield_sdk::prelude::*;
use jackfield_sdk::{context, http, secrets};

use crate::answer::{Answer, Expect};
use crate::status;

#[cfg(test)]
mod tests;

/// How large an answer may be unless the task is told otherwise, in bytes.
const LIMIT_DEFAULT: u64 = 8 << 20;
/// How large an answer may be at all, in bytes: a quarter of the memory that a task has, which holds it more than once. It is
/// more than a step may hand on, for JSON with much white space.
const LIMIT_MAX: u64 = 16 << 20;

/// Sends one HTTP request.
///
/// An answer of 200 to 299, or one that `accept` lists, is the output. Others fail the attempt so that the engine can act:
/// 408, 425, 429 and 5xx are tried again (not before `Retry-After` says so), anything else is permanent. Redirects are not
/// followed. Whatever is not `GET`, `HEAD` or `OPTIONS` carries an `Idempotency-Key` that is the same for all attempts.
#[task(
    effect = effects,
    asks(http, secrets(optional)),
    errors(
        "http-status" = "Any other failure status; `data.status` has the number. 408, 425, 429 and 5xx are tried again.",
        "http-redirect" = "The server points elsewhere; `data.location` has the URL.",
        "http-400" = "The server does not understand the request.",
        "http-401" = "The server wants to know who asks: check `bearer_secret` or the headers.",
        "http-403" = "The server refuses.",
        "http-404" = "There is no such thing on the server.",
        "http-405" = "The server does not know this method here.",
        "http-409" = "The request conflicts with what is on the server.",
        "http-410" = "What was asked for is gone.",
        "http-412" = "A condition in the headers (`if-match` …) does not hold.",
        "http-413" = "The body is too large for the server.",
        "http-415" = "The server does not take this content type.",
        "http-422" = "The server understands the request and finds its content wrong.",
        "http-451" = "The server may not answer for legal reasons.",
        "http-denied" = "The step's grant does not allow the request; the message has the line to add.",
        "http-bad-request" = "The input does not make a request: the URL, a header, or more than one body.",
        "http-unreachable" = "Nothing could be sent; tried again.",
        "http-lost-reply" = "The request may have been sent, and no answer came.",
        "http-body-too-large" = "The answer is larger than `limit`.",
        "http-bad-body" = "The answer's body is not what `expect` says.",
        "secret-not-granted" = "The step's grant does not list the secret.",
        "secret-not-set" = "The secret is granted, and nobody has set it."
    ),
    title = "Send an HTTP request",
    example_input = r#"{"method":"POST","url":"https://api.shop.example/orders","json":{"item":7},"bearer_secret":"shop-token"}"#,
    example_output = r#"{"status":201,"headers":{"content-type":"application/json"},"json":{"id":1},"text":"","bytes":""}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn request(
    /// The URL, `http` or `https`.
    url: String,
    /// The method in capital letters.
    #[serde(default = "get")]
    method: String,
    /// Added to the URL's query: texts, numbers, truth values, or lists of them, which give the name several times. Null is left out.
    #[serde(default)]
    query: BTreeMap<String, Value>,
    /// Headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Headers whose values are secrets: the header's name, and the secret's name.
    #[serde(default)]
    headers_secret: BTreeMap<String, String>,
    /// A secret to send as `authorization: Bearer …`.
    bearer_secret: Option<String>,
    /// The body as JSON; null is no body.
    #[serde(default)]
    json: Value,
    /// The body as text.
    text: Option<String>,
    /// The body as bytes.
    bytes: Option<Bytes>,
    /// The body as the fields of a form.
    form: Option<BTreeMap<String, String>>,
    /// Statuses that are answers too, besides 200 to 299.
    #[serde(default)]
    accept: Vec<u16>,
    /// How the answer's body is read.
    #[serde(default)]
    expect: Expect,
    /// How long to wait for the connection, for the first byte and between bytes, in milliseconds. 30,000 unless given.
    timeout_ms: Option<u64>,
    /// The largest answer, in bytes. 8 MiB unless given, 16 MiB at most. What the step hands on of it may have 8 MiB, and JSON of
    /// many small values needs several times its size: `grant: { memory: 256MiB }`.
    limit: Option<u64>,
    /// Whether to send an `Idempotency-Key`; true unless given. It is never sent with `GET`, `HEAD` and `OPTIONS`.
    #[serde(default = "yes")]
    idempotency_key: bool,
) -> Result<Answer, TaskError> {
    let mut request = http::request(method.clone(), url).body_limit(limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX));
    if let Some(timeout) = timeout_ms {
        request = request.timeout(Duration::from_millis(timeout));
    }
    for (name, value) in &query {
        for value in query_texts(name, value)? {
            request = request.query(name, value);
        }
    }
    let mut all = Headers::default();
    for (name, value) in headers {
        all.add(name, value)?;
    }
    for (name, secret) in headers_secret {
        all.add(name, secrets::placeholder(&secret)?)?;
    }
    if let Some(secret) = bearer_secret {
        all.add("authorization".to_owned(), format!("Bearer {}", secrets::placeholder(&secret)?))?;
    }
    if let Some((body, content_type)) = one_body(json, text, bytes, form)? {
        request = request.body(body);
        all.add_missing("content-type", content_type);
    }
    if idempotency_key && !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        all.add_missing("idempotency-key", &context::idempotency_key());
    }
    for (name, value) in all.list {
        request = request.header(name, value);
    }
    Answer::read(status::check(request.send()?, &accept)?, expect)
}

/// The texts of one name in a URL's query: none for null, several for a list.
fn query_texts(name: &str, value: &Value) -> Result<Vec<String>, TaskError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Bool(truth) => Ok(vec![truth.to_string()]),
        Value::Number(number) => Ok(vec![number.to_string()]),
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(values) if !values.iter().any(|value| value.is_array() || value.is_object()) => {
            values.iter().map(|value| query_texts(name, value)).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        }
        _ => Err(bad_request(format!("the query's `{name}` is neither a text, a number, a truth value nor a list of them: {value:.200}"))),
    }
}

/// Headers, each at most once: which of two `authorization` headers a server believes is its secret.
#[derive(Default)]
struct Headers {
    names: BTreeSet<String>,
    list: Vec<(String, String)>,
}

impl Headers {
    fn add(&mut self, name: String, value: String) -> Result<(), TaskError> {
        if !self.names.insert(name.to_ascii_lowercase()) {
            return Err(bad_request(format!("the header `{name}` is given more than once")));
        }
        self.list.push((name, value));
        Ok(())
    }

    fn add_missing(&mut self, name: &str, value: &str) {
        if self.names.insert(name.to_owned()) {
            self.list.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// The one body that is given, with its content type.
fn one_body(
    json: Value,
    text: Option<String>,
    bytes: Option<Bytes>,
    form: Option<BTreeMap<String, String>>,
) -> Result<Option<(Vec<u8>, &'static str)>, TaskError> {
    let json = (!json.is_null()).then(|| ("json", json.to_string().into_bytes(), "application/json"));
    let text = text.map(|text| ("text", text.into_bytes(), "text/plain; charset=utf-8"));
    let bytes = bytes.map(|bytes| ("bytes", bytes.0, "application/octet-stream"));
    let form = form.map(|fields| ("form", form_body(&fields), "application/x-www-form-urlencoded"));
    let mut given: Vec<_> = [json, text, bytes, form].into_iter().flatten().collect();
    if given.len() > 1 {
        let names: Vec<_> = given.iter().map(|(name, ..)| format!("`{name}`")).collect();
        return Err(bad_request(format!("there is one body, and {} are given", names.join(", "))));
    }
    Ok(given.pop().map(|(_, body, content_type)| (body, content_type)))
}

fn form_body(fields: &BTreeMap<String, String>) -> Vec<u8> {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // The SDK knows how a form is escaped; only the bytes are wanted here, because the headers are counted above.
    http::request("POST", "").form(&fields).body_bytes().to_vec()
}

fn bad_request(message: String) -> TaskError {
    TaskError::permanent("http-bad-request", message)
}

fn get() -> String {
    "GET".to_owned()
}

fn yes() -> bool {
    true
}
