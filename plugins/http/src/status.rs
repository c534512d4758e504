//! From an HTTP status to what the engine should do.

use jackfield_sdk::ErrorKind;
use jackfield_sdk::http::{HttpError, Response};
use jackfield_sdk::prelude::*;

/// Statuses that have a code of their own, `http-` and the number. They are listed in the task's `errors` as well.
const NAMED: [u16; 12] = [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 451];

/// The answer itself when its status is 200 to 299 or accepted, otherwise the error that it means.
pub(crate) fn check(response: Response, accept: &[u16]) -> Result<Response, TaskError> {
    let status = response.status();
    if (200..300).contains(&status) || accept.contains(&status) {
        return Ok(response);
    }
    if status < 400 {
        let place = response.header("location").unwrap_or("nowhere");
        let message = format!("the server answered with status {status} and points to `{place}`: use that URL, or accept the status");
        return Err(TaskError::permanent("http-redirect", message).with_data(&json!({ "status": status, "location": place })));
    }
    let error = match response.check() {
        Ok(response) => return Ok(response),
        Err(error) => with_method_hint(error),
    };
    if error.kind() == ErrorKind::Permanent && NAMED.contains(&status) {
        let named = TaskError::permanent(format!("http-{status}"), error.message());
        return Err(named.with_data(&json!({ "status": status })));
    }
    Err(error)
}

/// A lost answer to a request that may have changed something says what makes trying again safe.
fn with_method_hint(error: HttpError) -> TaskError {
    let error = TaskError::from(error);
    if error.kind() != ErrorKind::UnknownOutcome {
        return error;
    }
    let message = format!("{}; the request may have been carried out", error.message());
    TaskError::unknown_outcome(error.code().to_owned(), message).with_data(&error.data())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn kind(status: u16, headers: &[(&str, &str)], accept: &[u16]) -> Result<u16, (ErrorKind, String)> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let outcome = check(Response::new(status, headers, b"the body".to_vec()), accept);
        outcome.map(|response| response.status()).map_err(|error| (error.kind(), error.code().to_owned()))
    }

    fn permanent(code: &str) -> Result<u16, (ErrorKind, String)> {
        Err((ErrorKind::Permanent, code.to_owned()))
    }

    #[test]
    fn success_and_accepted_statuses_are_answers() {
        assert_eq!(kind(204, &[], &[]), Ok(204));
        assert_eq!(kind(404, &[], &[404, 410]), Ok(404));
        assert_eq!(kind(304, &[], &[304]), Ok(304));
        assert_eq!(kind(503, &[], &[503]), Ok(503));
    }

    #[test]
    fn client_errors_have_their_number() {
        for status in NAMED {
            assert_eq!(kind(status, &[], &[]), permanent(&format!("http-{status}")));
        }
        assert_eq!(kind(418, &[], &[]), permanent("http-status"));
        assert_eq!(kind(501, &[], &[]), permanent("http-status"));
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(kind(status, &[], &[]), Err((ErrorKind::Transient, "http-status".to_owned())), "{status}");
        }
        let wait = ErrorKind::RetryAfter(Duration::from_secs(9));
        assert_eq!(kind(429, &[("Retry-After", "9")], &[]), Err((wait, "http-status".to_owned())));
        assert_eq!(kind(503, &[("retry-after", "0")], &[]), Err((ErrorKind::RetryAfter(Duration::ZERO), "http-status".to_owned())));
    }

    #[test]
    fn redirects_are_told_not_followed() {
        assert_eq!(kind(302, &[("location", "http://127.0.0.1/")], &[]), permanent("http-redirect"));
        let error = check(Response::new(301, vec![], vec![]), &[]).unwrap_err();
        assert!(error.message().contains("nowhere"), "{error}");
    }

    #[test]
    fn errors_carry_the_status_and_the_body() {
        let error = check(Response::new(422, vec![], b"no such order".to_vec()), &[]).unwrap_err();
        assert_eq!(error.data(), Some(&json!({ "status": 422 })));
        assert!(error.message().contains("no such order"), "{error}");
    }
}
