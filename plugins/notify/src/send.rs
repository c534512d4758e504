//! `webhook`, and what sends the messages of all tasks.

use std::collections::BTreeMap;

use jackfield_sdk::http::{self, Response};
use jackfield_sdk::prelude::*;
use jackfield_sdk::{config, context, secrets};

/// How much of an answer is read, in bytes: those to messages are short.
const ANSWER_BYTES_MAX: u64 = 256 << 10;

/// A message that the other side took.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Sent {
    /// The status of the answer, 200 to 299.
    pub(crate) status: u16,
    /// The name that the other side gave to the message; empty where it gives none.
    pub(crate) id: String,
}

/// A message on its way.
pub(crate) struct Message {
    url: String,
    body: Value,
    headers: Vec<(String, String)>,
}

impl Message {
    /// A message to a place.
    pub(crate) fn new(url: String, body: Value) -> Self {
        let headers = vec![("idempotency-key".to_owned(), context::idempotency_key())];
        Self { url, body, headers }
    }

    /// With a header; each at most once, because which of two a server believes is its secret.
    pub(crate) fn header(mut self, name: &str, value: String) -> Result<Self, TaskError> {
        if name.eq_ignore_ascii_case("content-type") || self.headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name)) {
            return Err(bad_request(format!("the header `{name}` is given more than once, or is one that this task sets")));
        }
        self.headers.push((name.to_owned(), value));
        Ok(self)
    }

    /// With `authorization: Bearer …`.
    pub(crate) fn bearer(self, secret: &str) -> Result<Self, TaskError> {
        let token = secrets::placeholder(secret)?;
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Sends it. 429 and 503 with `Retry-After` are tried again when they say so, other failures as their status means.
    pub(crate) fn send(self) -> Result<Response, TaskError> {
        let mut request = http::request("POST", self.url).json(&self.body).body_limit(ANSWER_BYTES_MAX);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = request.send()?.check()?;
        if response.status() >= 300 {
            let message = format!("the server answered with status {}: messages are not sent after redirects", response.status());
            return Err(TaskError::permanent("http-redirect", message).with_data(&json!({ "status": response.status() })));
        }
        Ok(response)
    }
}

/// The one place that is given: an address, or the name of a configuration value that holds it.
pub(crate) fn place(url: Option<String>, url_config: Option<String>) -> Result<String, TaskError> {
    match (url, url_config) {
        (Some(url), None) => Ok(url),
        (None, Some(name)) => config::get(&name)?.map(|url| url.trim().to_owned()).ok_or_else(|| {
            let message = format!("there is no configuration value `{name}`: add `grant: {{ config: [{name}] }}` to the step, and set it");
            TaskError::permanent("no-config", message)
        }),
        _ => Err(bad_request("give the address as `url`, or as `url_config` the name of a configuration value that holds it".to_owned())),
    }
}

/// An input that makes no message.
pub(crate) fn bad_request(message: String) -> TaskError {
    TaskError::permanent("bad-request", message)
}

/// Sends a value to a webhook, as JSON.
#[task(
    effect = effects,
    asks(http, secrets(optional), config(optional)),
    errors(
        "http-status" = "The other side refuses; `data.status` has the number. 408, 425, 429 and 5xx are tried again, not before `Retry-After`.",
        "http-redirect" = "The other side points elsewhere.",
        "http-denied" = "The step's grant does not allow the request; the message has the line to add.",
        "http-bad-request" = "The address is none.",
        "http-unreachable" = "Nothing could be sent; tried again.",
        "http-lost-reply" = "The message may have been sent, and no answer came.",
        "http-body-too-large" = "The answer is longer than answers to messages are.",
        "secret-not-granted" = "The step's grant does not list the secret.",
        "secret-not-set" = "The secret is granted, and nobody has set it.",
        "config-unreadable" = "The configuration cannot be read.",
        "no-config" = "The configuration value with the address is not granted or not set.",
        "bad-request" = "The input makes no message."
    ),
    title = "Call a webhook",
    example_input = r#"{"url":"https://hooks.example/orders","payload":{"order":7,"state":"done"},"bearer_secret":"hook-token"}"#,
    example_output = r#"{"status":204,"id":""}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn webhook(
    /// Where to; either this or `url_config`.
    url: Option<String>,
    /// The name of a configuration value with the address, for one that is not to be seen in a workflow.
    url_config: Option<String>,
    /// What is sent.
    payload: Value,
    /// Headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Headers whose values are secrets: the header's name, and the secret's name.
    #[serde(default)]
    headers_secret: BTreeMap<String, String>,
    /// A secret to send as `authorization: Bearer …`.
    bearer_secret: Option<String>,
) -> Result<Sent, TaskError> {
    let mut message = Message::new(place(url, url_config)?, payload);
    for (name, value) in headers {
        message = message.header(&name, value)?;
    }
    for (name, secret) in headers_secret {
        message = message.header(&name, secrets::placeholder(&secret)?)?;
    }
    if let Some(secret) = bearer_secret {
        message = message.bearer(&secret)?;
    }
    Ok(Sent { status: message.send()?.status(), id: String::new() })
}
