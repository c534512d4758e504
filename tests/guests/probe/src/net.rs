//! HTTP by grant (N01 to N06), requests that must not be sent (H18), secrets (H37).

use std::time::Duration;

use jackfield_sdk::prelude::*;
use jackfield_sdk::{http, secrets};

/// An answer; its body as text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

/// Sends a request with whatever headers, as often as asked (H18: 40,000 of them, line breaks, `host`, `content-length`).
#[task(effect = effects, asks(http(optional)))]
pub(crate) fn send(
    /// The URL.
    url: String,
    /// The method, `GET` unless given.
    method: Option<String>,
    /// Headers: name and value.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// More headers `x-N`, so many.
    #[serde(default)]
    more_headers: u32,
    /// The body.
    #[serde(default)]
    body: String,
    /// The timeout in milliseconds.
    timeout_ms: Option<u64>,
) -> Result<Answer, TaskError> {
    let mut request = http::request(method.unwrap_or_else(|| "GET".to_owned()), url).body(body);
    if let Some(timeout) = timeout_ms {
        request = request.timeout(Duration::from_millis(timeout));
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    for number in 0..more_headers {
        request = request.header(format!("x-{number}"), "1");
    }
    let response = request.send()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.clone(), text(value))).collect();
    Ok(Answer { status: response.status(), headers, text: text(response.body()) })
}

/// Answers what it sees of a secret: a placeholder (H37).
#[task(effect = reads, asks(secrets(optional)))]
pub(crate) fn secret(
    /// The secret's name.
    name: String,
) -> Result<String, TaskError> {
    Ok(secrets::placeholder(&name)?)
}

/// Sends a secret in the header `authorization` and in the body; answers the server's answer, which may echo it (H37).
#[task(effect = effects, asks(http, secrets))]
pub(crate) fn send_secret(
    /// The URL.
    url: String,
    /// The secret's name.
    name: String,
) -> Result<String, TaskError> {
    let placeholder = secrets::placeholder(&name)?;
    let request = http::post(url).header("authorization", format!("Bearer {placeholder}")).body(format!("token={placeholder}"));
    Ok(request.send()?.check()?.text()?)
}
