//! From a response to the task's output.

use std::collections::BTreeMap;

use jackfield_sdk::http::Response;
use jackfield_sdk::prelude::*;

/// How an answer's body is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expect {
    /// By its content type: JSON as `json`, other UTF-8 text as `text`, anything else as `bytes`.
    #[default]
    Auto,
    /// As `json`; a body that is not JSON is the error `http-bad-body`.
    Json,
    /// As `text`; a body that is not UTF-8 is the error `http-bad-body`.
    Text,
    /// As `bytes`.
    Bytes,
    /// Not at all.
    Nothing,
}

/// An answer. The body is in one of `json`, `text` and `bytes`; the others are null or empty.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The status, such as 200.
    pub(crate) status: u16,
    /// The headers by name in small letters; the values of a repeated one are joined with `, `.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, when it was read as JSON.
    pub(crate) json: Value,
    /// The body, when it was read as text.
    pub(crate) text: String,
    /// The body in base64, when it was read as bytes.
    pub(crate) bytes: Bytes,
}

impl Answer {
    /// Reads a response.
    pub(crate) fn read(response: Response, expect: Expect) -> Result<Self, TaskError> {
        let mut answer = Self { status: response.status(), headers: headers(&response), ..Self::default() };
        let body = response.body();
        match expect {
            Expect::Nothing => {}
            // Nothing at all is not JSON, and still what a 204 or an accepted 404 answers with.
            Expect::Auto if body.is_empty() => {}
            Expect::Auto if is_json(&response) => answer.json = json(body)?,
            Expect::Auto => match std::str::from_utf8(body) {
                Ok(text) => answer.text = text.to_owned(),
                Err(_) => answer.bytes = response.into_body().into(),
            },
            Expect::Json => answer.json = json(body)?,
            Expect::Text => {
                let text = std::str::from_utf8(body).map_err(|error| bad_body(format!("it is not UTF-8 text: {error}")))?;
                answer.text = text.to_owned();
            }
            Expect::Bytes => answer.bytes = response.into_body().into(),
        }
        Ok(answer)
    }
}

fn headers(response: &Response) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value);
        headers
            .entry(name.to_ascii_lowercase())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    headers
}

/// Whether the content type is `application/json` or ends in `+json`, whatever its parameters.
fn is_json(response: &Response) -> bool {
    let content_type = response.header("content-type").unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn json(body: &[u8]) -> Result<Value, TaskError> {
    // `from_slice` accepts no byte order mark, which some servers send.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).map_err(|error| bad_body(format!("it is not JSON: {error}")))
}

fn bad_body(reason: String) -> TaskError {
    TaskError::permanent("http-bad-body", format!("the answer's body cannot be read: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &[u8], expect: Expect) -> Result<Answer, String> {
        let headers = vec![("Content-Type".to_owned(), content_type.as_bytes().to_vec())];
        Answer::read(Response::new(200, headers, body.to_vec()), expect).map_err(|error| error.code().to_owned())
    }

    #[test]
    fn the_content_type_decides() {
        for kind in ["application/json", "application/problem+json; charset=utf-8", "Application/JSON "] {
            assert_eq!(read(kind, b"\xef\xbb\xbf{\"a\":1}", Expect::Auto).unwrap().json, json!({"a": 1}), "{kind}");
        }
        assert_eq!(read("text/html", b"{\"a\":1}", Expect::Auto).unwrap().text, "{\"a\":1}");
        assert_eq!(read("image/png", &[0xff, 0], Expect::Auto).unwrap().bytes.0, [0xff, 0]);
    }

    #[test]
    fn the_step_decides() {
        assert_eq!(read("text/plain", b"[1]", Expect::Json).unwrap().json, json!([1]));
        assert_eq!(read("application/json", b"[1]", Expect::Text).unwrap().text, "[1]");
        assert_eq!(read("text/plain", b"ab", Expect::Bytes).unwrap().bytes.0, b"ab");
        let nothing = read("application/json", b"[1]", Expect::Nothing).unwrap();
        assert_eq!((nothing.json, nothing.text.as_str(), nothing.bytes.0.len()), (Value::Null, "", 0));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(read("application/json", b"{", Expect::Auto), Err("http-bad-body".to_owned()));
        assert_eq!(read("text/plain", b"", Expect::Json), Err("http-bad-body".to_owned()));
        assert_eq!(read("text/plain", b"\xff", Expect::Text), Err("http-bad-body".to_owned()));
        assert_eq!(read("application/json", b"", Expect::Auto).unwrap().json, Value::Null);
    }

    #[test]
    fn headers_are_named_in_small_letters_and_joined() {
        let headers = [("Link", "a"), ("LINK", "b"), ("X", "1")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec();
        let answer = Answer::read(Response::new(200, headers, vec![]), Expect::Auto).unwrap();
        assert_eq!(answer.headers, BTreeMap::from([("link".to_owned(), "a, b".to_owned()), ("x".to_owned(), "1".to_owned())]));
    }
}
