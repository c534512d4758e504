//! A request while it is being built.

use std::time::Duration;

use serde::Serialize;

use super::{HttpError, Response};
use crate::host;

/// How long the host waits when the task does not say.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// How large an answer's body may be when the task does not say: 16 MiB, a quarter of a task's default memory. That is
/// room for the bytes and little else: values that are made of them may need several times as much, which a step gets by
/// `grant: { memory: 256MiB }`.
pub const BODY_LIMIT_BYTES_DEFAULT: u64 = 16 << 20;

/// A request: built in a chain, then [sent](Request::send).
///
/// What cannot be sent (a header with a line break, a body that is no JSON) is told by `send`, so that the chain stays
/// a chain.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    timeout: Duration,
    body_limit_bytes: u64,
    fault: Option<String>,
}

impl Request {
    pub(super) fn new(method: String, url: String) -> Self {
        let (timeout, body_limit_bytes) = (TIMEOUT_DEFAULT, BODY_LIMIT_BYTES_DEFAULT);
        Self { method, url, headers: Vec::new(), body: Vec::new(), timeout, body_limit_bytes, fault: None }
    }

    /// Adds a header. A header that is there already stays: HTTP knows repeated headers. `content-length` is set by
    /// itself.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.as_ref().to_ascii_lowercase(), value.as_ref().to_vec()));
        self
    }

    /// Adds `name=value` to the URL's query, escaped as it must be.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        let fragment = self.url.find('#').map(|at| self.url.split_off(at));
        self.url.push(if self.url.contains('?') { '&' } else { '?' });
        push_escaped(&mut self.url, name);
        self.url.push('=');
        push_escaped(&mut self.url, &value.to_string());
        self.url.push_str(fragment.as_deref().unwrap_or_default());
        self
    }

    /// Sends these bytes as the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends `value` as a JSON body, with the content type that says so.
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body(body).header("content-type", "application/json"),
            Err(error) => {
                self.fault = Some(format!("the body cannot be JSON: {error}"));
                self
            }
        }
    }

    /// Sends fields as a form (`application/x-www-form-urlencoded`).
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            push_escaped(&mut body, name);
            body.push('=');
            push_escaped(&mut body, value);
        }
        self.body(body).header("content-type", "application/x-www-form-urlencoded")
    }

    /// How long the host waits for the connection, for the first byte of the answer, and between any two bytes of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest body that the answer may have, in bytes.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit_bytes = bytes;
        self
    }

    /// Sends the request and waits for the whole answer. Any status is an answer; see [`Response::check`].
    ///
    /// # Errors
    /// When the request is not allowed or cannot be sent, or the answer does not arrive or is too large.
    pub fn send(mut self) -> Result<Response, HttpError> {
        if let Some(fault) = self.fault.take().or_else(|| self.wrong_length()) {
            return Err(HttpError::BadRequest(fault));
        }
        let response = host::send(&self)?;
        if response.body().len() as u64 > self.body_limit_bytes {
            return Err(HttpError::BodyTooLarge { limit: self.body_limit_bytes });
        }
        Ok(response.answers(self.method))
    }

    /// What a `content-length` says that is not the body's: the server would take less than the body, or wait for more.
    fn wrong_length(&self) -> Option<String> {
        let length = self.body.len();
        let right = length.to_string();
        let (_, value) = self.headers.iter().find(|(name, value)| name == "content-length" && value != right.as_bytes())?;
        let value = String::from_utf8_lossy(value);
        Some(format!(
            "the header content-length says {value:?}, and the body has {length} bytes; leave the header out, it is set by itself"
        ))
    }

    /// The method, as given.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The whole URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, their names in small letters.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.headers
    }

    /// The bytes to be sent.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// See [`Request::timeout`].
    pub fn timeout_limit(&self) -> Duration {
        self.timeout
    }

    /// See [`Request::body_limit`].
    pub fn body_limit_bytes(&self) -> u64 {
        self.body_limit_bytes
    }
}

/// Escapes everything but the characters that RFC 3986 calls unreserved.
fn push_escaped(text: &mut String, raw: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in raw.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// A URL in the three pieces that `wasi:http` wants.
#[cfg(any(target_family = "wasm", test))]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UrlParts<'a> {
    /// `http` or `https`.
    pub(crate) scheme: &'a str,
    /// Host and port.
    pub(crate) authority: &'a str,
    /// From the first `/` or `?` on, never empty.
    pub(crate) path_with_query: std::borrow::Cow<'a, str>,
}

#[cfg_attr(not(any(target_family = "wasm", test)), expect(dead_code, reason = "natively, only the tests take URLs apart"))]
/// Takes a URL apart.
///
/// # Errors
/// When it is no absolute `http` or `https` URL.
#[cfg(any(target_family = "wasm", test))]
pub(crate) fn url_parts(url: &str) -> Result<UrlParts<'_>, HttpError> {
    let bad = |reason: &str| HttpError::BadRequest(format!("the URL `{url}` {reason}"));
    let (scheme, rest) = url.split_once("://").ok_or_else(|| bad("does not begin with `http://` or `https://`"))?;
    if !matches!(scheme, "http" | "https") {
        return Err(bad("does not begin with `http://` or `https://`"));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.is_empty() {
        return Err(bad("has no host"));
    }
    if authority.contains('@') {
        return Err(bad("carries a user name; send an `authorization` header instead"));
    }
    let path_with_query = if path.starts_with('/') { path.into() } else { format!("/{path}").into() };
    Ok(UrlParts { scheme, authority, path_with_query })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http;

    #[test]
    fn a_query_is_escaped_and_comes_before_the_fragment() {
        let request = http::get("https://a.example/x?y=1#z").query("q", "a b&c=ü").query("n", 7);
        assert_eq!(request.url(), "https://a.example/x?y=1&q=a%20b%26c%3D%C3%BC&n=7#z");
        assert_eq!(http::get("http://a.example").query("q", "").url(), "http://a.example?q=");
    }

    #[test]
    fn json_and_form_bodies_say_what_they_are() {
        let request = http::post("http://a.example/").json(&serde_json::json!({"a": 1}));
        assert_eq!((request.body_bytes(), request.headers()[0].1.as_slice()), (&br#"{"a":1}"#[..], &b"application/json"[..]));
        let request = http::post("http://a.example/").form(&[("a", "1 2"), ("b", "")]);
        assert_eq!(request.body_bytes(), b"a=1%202&b=");
    }

    #[test]
    fn urls_come_apart() {
        let parts =
            |url| url_parts(url).map(|UrlParts { scheme, authority, path_with_query }| format!("{scheme} {authority} {path_with_query}"));
        assert_eq!(parts("https://a.example").as_deref(), Ok("https a.example /"));
        assert_eq!(parts("http://a.example:8080?q=/#f").as_deref(), Ok("http a.example:8080 /?q=/"));
        assert_eq!(parts("http://[::1]:80/a/b?c#d").as_deref(), Ok("http [::1]:80 /a/b?c"));
        for url in ["", "a.example", "ftp://a.example/", "https:///x", "http://user:word@a.example/", "//a.example/"] {
            assert!(matches!(url_parts(url), Err(HttpError::BadRequest(_))), "{url}");
        }
    }

    #[test]
    fn a_length_that_is_not_the_bodys_sends_nothing() {
        let host = crate::testing::Host::new().http(|_| Ok(Response::new(200, Vec::new(), Vec::new())));
        let send = |length: &str, body: &str| {
            let request = http::post("http://a.example/").header("Content-Length", length).body(body);
            host.clone().run(|| request.send()).0.map(|response| response.status())
        };
        assert_eq!((send("2", "hi"), send("0", "")), (Ok(200), Ok(200)));
        for (length, body) in [("0", "hi"), ("3", "hi"), ("2", ""), ("-2", "hi"), ("", "hi"), ("2, 2", "hi"), ("+2", "hi")] {
            let told = format!("the header content-length says {length:?}, and the body has {} bytes", body.len());
            let error = send(length, body).unwrap_err();
            assert!(matches!(&error, HttpError::BadRequest(reason) if reason.starts_with(&told)), "{error}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_refused() {
        let host = crate::testing::Host::new().http(|_| Ok(Response::new(200, Vec::new(), vec![0; 11])));
        let (answer, _) = host.run(|| http::get("http://a.example/").body_limit(10).send());
        assert_eq!(answer.unwrap_err(), HttpError::BodyTooLarge { limit: 10 });
    }
}
