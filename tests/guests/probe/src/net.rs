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

/// Posts a body under a `content-length` of any kind, past the SDK, which refuses one that is not the body's (H18).
#[task(effect = effects, asks(http))]
pub(crate) fn send_raw(
    /// Host and port.
    authority: String,
    /// What `content-length` says; more than one where there are more.
    lengths: Vec<String>,
    /// The body.
    body: String,
) -> Result<u16, TaskError> {
    raw::post(&authority, &lengths, body.as_bytes()).map_err(|what| TaskError::permanent("refused", what))
}

#[cfg(target_family = "wasm")]
mod raw {
    use jackfield_sdk::bindings::wasi::http::outgoing_handler::handle;
    use jackfield_sdk::bindings::wasi::http::types::{Fields, Method, OutgoingBody, OutgoingRequest, Scheme};

    pub(super) fn post(authority: &str, lengths: &[String], bytes: &[u8]) -> Result<u16, String> {
        let headers: Vec<_> = lengths.iter().map(|length| ("content-length".to_owned(), length.clone().into_bytes())).collect();
        let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|error| error.to_string())?);
        let none = |()| "the host refuses a part of the request".to_owned();
        request.set_method(&Method::Post).map_err(none)?;
        request.set_scheme(Some(&Scheme::Http)).map_err(none)?;
        request.set_authority(Some(authority)).map_err(none)?;
        request.set_path_with_query(Some("/")).map_err(none)?;
        let body = request.body().map_err(none)?;
        let future = handle(request, None).map_err(|error| error.to_string())?;
        let stream = body.write().map_err(none)?;
        // What the host does not take of the body is what the test is about.
        let _ = stream.blocking_write_and_flush(bytes);
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
        future.subscribe().block();
        let answer = future.get().ok_or("no answer")?.map_err(|()| "no answer")?;
        answer.map(|answer| answer.status()).map_err(|error| error.to_string())
    }
}

#[cfg(not(target_family = "wasm"))]
mod raw {
    pub(super) fn post(_: &str, _: &[String], _: &[u8]) -> Result<u16, String> {
        Err("there is no host here".to_owned())
    }
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
