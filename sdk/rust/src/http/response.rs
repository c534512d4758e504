//! An answer, whole.

use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::{HttpError, retry_after};

/// How much of a failure's body is worth showing.
const BODY_SHOWN_BYTES_MAX: usize = 300;

/// A server's answer: status, headers and the whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    method: String,
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer, for tests.
    pub fn new(status: u16, headers: Vec<(String, Vec<u8>)>, body: Vec<u8>) -> Self {
        Self { method: "GET".to_owned(), status, headers, body }
    }

    pub(super) fn answers(mut self, method: String) -> Self {
        self.method = method;
        self
    }

    /// The status: 100 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of that name, in letters of any size, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// All headers, in the order they came.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, given away.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(self) -> Result<String, HttpError> {
        String::from_utf8(self.body).map_err(|error| HttpError::BadBody(format!("it is not UTF-8 text: {}", error.utf8_error())))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        serde_json::from_slice(&self.body).map_err(|error| HttpError::BadBody(format!("it is not the JSON that was expected: {error}")))
    }

    /// The answer itself, unless its status says failure (400 and above).
    ///
    /// # Errors
    /// [`HttpError::Status`], which `?` turns into what the engine should do: try again, try again later, or give up.
    pub fn check(self) -> Result<Self, HttpError> {
        if self.status < 400 {
            return Ok(self);
        }
        let retry_after = self.header("retry-after").and_then(|value| retry_after::parse(value, SystemTime::now()));
        let shown = &self.body[..self.body.len().min(BODY_SHOWN_BYTES_MAX)];
        let body = String::from_utf8_lossy(shown).trim().to_owned();
        Err(HttpError::Status { method: self.method, status: self.status, retry_after, body })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn check_keeps_what_the_server_wished() {
        let headers = vec![("Retry-After".to_owned(), b"12".to_vec())];
        let error = Response::new(503, headers, b" busy \n".to_vec()).answers("PUT".to_owned()).check().unwrap_err();
        let retry_after = Some(Duration::from_secs(12));
        assert_eq!(error, HttpError::Status { method: "PUT".to_owned(), status: 503, retry_after, body: "busy".to_owned() });
        assert!(Response::new(304, Vec::new(), Vec::new()).check().is_ok());
    }

    #[test]
    fn a_body_that_is_something_else_says_so() {
        let response = Response::new(200, Vec::new(), vec![0xff]);
        assert!(matches!(response.json::<u8>(), Err(HttpError::BadBody(_))));
        assert!(matches!(response.text(), Err(HttpError::BadBody(_))));
    }
}
