use std::cell::RefCell;
use std::rc::Rc;

use jackfield_sdk::ErrorKind;
use jackfield_sdk::http::{HttpError, Request, Response};
use jackfield_sdk::testing::Host;

use super::*;

/// A task's input as a workflow writes it: what is not here is not given.
#[derive(Deserialize)]
#[serde(default)]
struct Input {
    url: String,
    method: String,
    query: BTreeMap<String, Value>,
    headers: BTreeMap<String, String>,
    headers_secret: BTreeMap<String, String>,
    bearer_secret: Option<String>,
    json: Value,
    text: Option<String>,
    bytes: Option<Bytes>,
    form: Option<BTreeMap<String, String>>,
    accept: Vec<u16>,
    limit: Option<u64>,
    timeout_ms: Option<u64>,
    idempotency_key: bool,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            url: "https://api.example/orders".to_owned(),
            method: get(),
            query: BTreeMap::new(),
            headers: BTreeMap::new(),
            headers_secret: BTreeMap::new(),
            bearer_secret: None,
            json: Value::Null,
            text: None,
            bytes: None,
            form: None,
            accept: Vec::new(),
            limit: None,
            timeout_ms: None,
            idempotency_key: yes(),
        }
    }
}

fn call(input: Value) -> Result<Answer, TaskError> {
    let input: Input = serde_json::from_value(input).unwrap();
    request(
        input.url,
        input.method,
        input.query,
        input.headers,
        input.headers_secret,
        input.bearer_secret,
        input.json,
        input.text,
        input.bytes,
        input.form,
        input.accept,
        Expect::Auto,
        input.timeout_ms,
        input.limit,
        input.idempotency_key,
    )
}

/// Runs the task against a host that answers 200, and tells what was sent.
fn sent(input: Value) -> Result<Request, TaskError> {
    let seen = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&seen);
    let host = Host::new().secret("shop-token").http(move |request| {
        *kept.borrow_mut() = Some(request.clone());
        Ok(Response::new(200, vec![], vec![]))
    });
    host.run(|| call(input)).0?;
    Ok(seen.take().expect("a request was sent"))
}

fn header(request: &Request, name: &str) -> Option<String> {
    let mut values = request.headers().iter().filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| String::from_utf8(value.clone()).unwrap());
    assert!(values.next().is_none(), "{name} is sent twice");
    value
}

fn refused(input: Value) -> String {
    let error = sent(input).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permanent);
    error.code().to_owned()
}

#[test]
fn queries_are_escaped_and_repeated() {
    let request = sent(json!({"query": {"q": "a b&c", "page": 2, "half": 0.5, "all": true, "none": null, "tag": ["x", 1]}})).unwrap();
    assert_eq!(request.url(), "https://api.example/orders?all=true&half=0.5&page=2&q=a%20b%26c&tag=x&tag=1");
    assert_eq!(request.method(), "GET");
}

#[test]
fn queries_are_flat() {
    for value in [json!({"a": 1}), json!([[1]]), json!([{}])] {
        assert_eq!(refused(json!({"query": {"q": value}})), "http-bad-request");
    }
}

#[test]
fn each_kind_of_body_has_its_type() {
    let rows = [
        (json!({"json": {"a": [1]}}), "{\"a\":[1]}", "application/json"),
        (json!({"json": false}), "false", "application/json"),
        (json!({"text": "é"}), "é", "text/plain; charset=utf-8"),
        (json!({"bytes": "aGk="}), "hi", "application/octet-stream"),
        (json!({"form": {"a": "1 2", "b": "&"}}), "a=1%202&b=%26", "application/x-www-form-urlencoded"),
    ];
    for (input, body, content_type) in rows {
        let request = sent(input).unwrap();
        assert_eq!(String::from_utf8_lossy(request.body_bytes()), body);
        assert_eq!(header(&request, "content-type").as_deref(), Some(content_type));
    }
    let own = sent(json!({"json": {}, "headers": {"Content-Type": "application/merge-patch+json"}})).unwrap();
    assert_eq!(header(&own, "content-type").as_deref(), Some("application/merge-patch+json"));
}

#[test]
fn there_is_one_body() {
    assert_eq!(refused(json!({"json": 1, "text": ""})), "http-bad-request");
}

#[test]
fn a_header_is_given_once() {
    assert_eq!(refused(json!({"headers": {"X-A": "1", "x-a": "2"}})), "http-bad-request");
    assert_eq!(refused(json!({"headers": {"Authorization": "x"}, "bearer_secret": "shop-token"})), "http-bad-request");
}

#[test]
fn secrets_are_sent_as_placeholders() {
    let request = sent(json!({"bearer_secret": "shop-token", "headers_secret": {"x-api-key": "shop-token"}})).unwrap();
    assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer <secret shop-token>"));
    assert_eq!(header(&request, "x-api-key").as_deref(), Some("<secret shop-token>"));
}

#[test]
fn secrets_that_are_not_granted_send_nothing() {
    assert_eq!(refused(json!({"bearer_secret": "other"})), "secret-not-granted");
    assert_eq!(refused(json!({"headers_secret": {"x": "other"}})), "secret-not-granted");
}

#[test]
fn what_may_change_something_carries_the_key() {
    let key = "0".repeat(32);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(header(&sent(json!({"method": method})).unwrap(), "idempotency-key"), Some(key.clone()), "{method}");
    }
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(header(&sent(json!({"method": method})).unwrap(), "idempotency-key"), None, "{method}");
    }
    assert_eq!(header(&sent(json!({"method": "POST", "idempotency_key": false})).unwrap(), "idempotency-key"), None);
    let own = sent(json!({"method": "POST", "headers": {"Idempotency-Key": "mine"}})).unwrap();
    assert_eq!(header(&own, "idempotency-key").as_deref(), Some("mine"));
}

#[test]
fn limits_are_passed_on() {
    let request = sent(json!({"timeout_ms": 250, "limit": u64::MAX})).unwrap();
    assert_eq!((request.timeout_limit(), request.body_limit_bytes()), (Duration::from_millis(250), LIMIT_MAX));
    assert_eq!(sent(json!({})).unwrap().body_limit_bytes(), LIMIT_DEFAULT);
}

#[test]
fn statuses_become_errors_unless_accepted() {
    let host = Host::new().http(|_| Ok(Response::new(404, vec![], b"gone".to_vec())));
    let (answer, _) = host.clone().run(|| call(json!({"accept": [404]})));
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (404, "gone"));
    let (answer, _) = host.run(|| call(json!({})));
    assert_eq!(answer.unwrap_err().code(), "http-404");
}

#[test]
fn transport_errors_keep_their_meaning() {
    let lost = || Err(HttpError::LostReply { method: "POST".to_owned(), reason: "cut".to_owned() });
    let (answer, _) = Host::new().http(move |_| lost()).run(|| call(json!({"method": "POST"})));
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::UnknownOutcome);
    let (answer, _) = Host::new().http(|_| Err(HttpError::Denied("add a grant".to_owned()))).run(|| call(json!({})));
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Permanent, "http-denied"));
}
