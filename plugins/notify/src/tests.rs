use std::collections::BTreeMap;

use jackfield_sdk::ErrorKind;
use jackfield_sdk::http::Response;
use jackfield_sdk::prelude::*;
use jackfield_sdk::testing::Host;

use crate::chat::{Fact, Format, slack, teams};
use crate::email::{Service, email};
use crate::send::{Sent, webhook};

/// A world in which the request has to have these headers and this body, and is answered so.
fn expecting(url: &'static str, headers: &'static [(&'static str, &'static str)], body: Value, status: u16, answer: &'static str) -> Host {
    let host = Host::new().secret("token").config("hook", " https://hooks.example/secret-path\n");
    host.http(move |request| {
        assert_eq!((request.method(), request.url()), ("POST", url));
        assert_eq!(serde_json::from_slice::<Value>(request.body_bytes()).unwrap(), body);
        let header = |name: &str| {
            request.headers().iter().find(|(there, _)| there == name).map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        assert_eq!(header("content-type").as_deref(), Some("application/json"));
        assert_eq!(header("idempotency-key").map(|key| key.len()), Some(32));
        for (name, value) in headers {
            assert_eq!(header(name).as_deref(), Some(*value), "{name}");
        }
        let answered = vec![("x-message-id".to_owned(), b"m1".to_vec()), ("retry-after".to_owned(), b"7".to_vec())];
        Ok(Response::new(status, answered, answer.as_bytes().to_vec()))
    })
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn facts() -> Vec<Fact> {
    vec![Fact { name: "count".into(), value: "<7>".into() }]
}

fn sent(id: &str) -> Result<Sent, TaskError> {
    Ok(Sent { status: 200, id: id.to_owned() })
}

fn to_webhook() -> Result<Sent, TaskError> {
    webhook(some("https://x.example/"), None, json!({"a": 1}), BTreeMap::new(), BTreeMap::new(), None)
}

#[test]
fn a_webhook_gets_the_value_with_its_headers() {
    let headers = &[("x-a", "1"), ("x-b", "<secret token>"), ("authorization", "Bearer <secret token>")];
    let host = expecting("https://hooks.example/secret-path", headers, json!([1]), 200, "");
    let (plain, secret) = (BTreeMap::from([("x-a".to_owned(), "1".to_owned())]), BTreeMap::from([("x-b".to_owned(), "token".to_owned())]));
    assert_eq!(host.run(|| webhook(None, some("hook"), json!([1]), plain, secret, some("token"))).0, sent(""));
}

#[test]
fn slack_gets_plain_text_unless_told_otherwise() {
    let text = "*Title*\na &lt;!channel&gt; &amp; b\n*count:* &lt;7&gt;";
    let host = expecting("https://hooks.example/secret-path", &[], json!({"text": text}), 200, "ok");
    let answer = host.run(|| slack("a <!channel> & b".into(), some("Title"), facts(), Format::Plain, None, some("hook"), None, None)).0;
    assert_eq!(answer, sent(""));
    let host = expecting("https://hooks.example/x", &[], json!({"text": "<!here>"}), 200, "ok");
    assert_eq!(
        host.run(|| slack("<!here>".into(), None, vec![], Format::Mrkdwn, some("https://hooks.example/x"), None, None, None)).0,
        sent("")
    );
}

#[test]
fn slack_says_no_with_status_200() {
    let ask = |answer: &'static str| {
        let headers = &[("authorization", "Bearer <secret token>")];
        let host = expecting("https://slack.com/api/chat.postMessage", headers, json!({"channel": "C1", "text": "t"}), 200, answer);
        host.run(|| slack("t".into(), None, vec![], Format::Plain, None, None, some("C1"), some("token"))).0
    };
    assert_eq!(ask(r#"{"ok":true,"ts":"15.2"}"#), sent("15.2"));
    let error = ask(r#"{"ok":false,"error":"not_in_channel"}"#).unwrap_err();
    assert_eq!(
        (error.code(), error.kind(), error.data()),
        ("slack-refused", ErrorKind::Permanent, Some(&json!({"error": "not_in_channel"})))
    );
    assert_eq!(ask("no JSON").unwrap_err().code(), "http-bad-body");
}

#[test]
fn teams_gets_a_card() {
    let host = Host::new().http(|request| {
        let body: Value = serde_json::from_slice(request.body_bytes()).unwrap();
        let card = &body["attachments"][0]["content"];
        assert_eq!((&card["type"], card["body"].as_array().map(Vec::len)), (&json!("AdaptiveCard"), Some(3)));
        assert_eq!(card["body"][2]["facts"], json!([{"title": "count", "value": "<7>"}]));
        Ok(Response::new(202, vec![], vec![]))
    });
    let answer = host.run(|| teams("t".into(), some("Title"), facts(), some("https://x.example/"), None)).0;
    assert_eq!(answer, Ok(Sent { status: 202, id: String::new() }));
    let long = teams("x".repeat(30_000), None, vec![], some("https://x.example/"), None).unwrap_err();
    assert!(long.message().contains("28672"), "{long}");
}

fn mail(service: Service, to: &[&str], subject: &str, text: Option<String>) -> Result<Sent, TaskError> {
    let to = to.iter().map(|to| (*to).to_owned()).collect();
    email(service, "token".into(), "a@x.example".into(), to, subject.into(), text, some("<p>"), None)
}

#[test]
fn each_mail_service_is_spoken_to_in_its_words() {
    let bearer = &[("authorization", "Bearer <secret token>")];
    let body = json!({"from": "a@x.example", "to": ["b@x.example", "c@x.example"], "subject": "s", "text": "t", "html": "<p>"});
    let host = expecting("https://api.resend.com/emails", bearer, body, 200, r#"{"id":"r1"}"#);
    assert_eq!(host.run(|| mail(Service::Resend, &["b@x.example", "c@x.example"], "s", some("t"))).0, sent("r1"));

    let body = json!({"From": "a@x.example", "To": "b@x.example", "Subject": "s", "TextBody": "t", "HtmlBody": "<p>"});
    let host = expecting(
        "https://api.postmarkapp.com/email",
        &[("x-postmark-server-token", "<secret token>")],
        body,
        200,
        r#"{"MessageID":"p1"}"#,
    );
    assert_eq!(host.run(|| mail(Service::Postmark, &["b@x.example"], "s", some("t"))).0, sent("p1"));

    let body = json!({
        "personalizations": [{"to": [{"email": "b@x.example"}]}], "from": {"email": "a@x.example"}, "subject": "s",
        "content": [{"type": "text/html", "value": "<p>"}]
    });
    let host = expecting("https://api.sendgrid.com/v3/mail/send", bearer, body, 200, "");
    assert_eq!(host.run(|| mail(Service::Sendgrid, &["b@x.example"], "s", None)).0, sent("m1"));
}

#[test]
fn a_mail_has_no_room_for_more_headers_or_receivers() {
    for (to, subject) in [
        (vec![], "s"),
        (vec!["b@x.example, c@x.example"], "s"),
        (vec!["b@x.example\r\nBcc: c@x.example"], "s"),
        (vec!["nobody"], "s"),
        (vec!["b@x.example"], "s\nBcc: c@x.example"),
    ] {
        let error = mail(Service::Resend, &to, subject, None).unwrap_err();
        assert_eq!(error.code(), "bad-request", "{to:?}");
    }
    assert!(mail(Service::Resend, &["b@x.example"; 51], "s", None).unwrap_err().message().contains("51"));
}

#[test]
fn what_the_other_side_answers_decides_what_comes_next() {
    let kind = |status: u16| {
        let host = expecting("https://x.example/", &[], json!({"a": 1}), status, "why");
        host.run(to_webhook).0.map_err(|error| (error.kind(), error.code().to_owned()))
    };
    let wait = ErrorKind::RetryAfter(std::time::Duration::from_secs(7));
    for (status, expected) in [
        (429, (wait, "http-status")),
        (503, (wait, "http-status")),
        (500, (ErrorKind::Transient, "http-status")),
        (502, (ErrorKind::UnknownOutcome, "http-status")),
        (400, (ErrorKind::Permanent, "http-status")),
        (302, (ErrorKind::Permanent, "http-redirect")),
    ] {
        assert_eq!(kind(status), Err((expected.0, expected.1.to_owned())), "{status}");
    }
}

#[test]
fn what_makes_no_message_is_refused() {
    let code = |answer: Result<Sent, TaskError>| answer.unwrap_err().code().to_owned();
    let hook =
        |url: Option<String>, url_config: Option<String>| webhook(url, url_config, Value::Null, BTreeMap::new(), BTreeMap::new(), None);
    assert_eq!(code(hook(None, None)), "bad-request");
    assert_eq!(code(hook(some("https://x.example/"), some("hook"))), "bad-request");
    assert_eq!(code(hook(None, some("hook"))), "no-config");
    let named = |name: &str| {
        webhook(some("https://x.example/"), None, Value::Null, BTreeMap::from([(name.to_owned(), "x".to_owned())]), BTreeMap::new(), None)
    };
    assert_eq!(code(named("Idempotency-Key")), "bad-request");
    assert_eq!(code(named("Content-Type")), "bad-request");
    let chat = |text: &str, channel: Option<String>, token: Option<String>| {
        slack(text.into(), None, vec![], Format::Plain, None, None, channel, token)
    };
    assert_eq!(code(chat("t", some("C1"), None)), "bad-request");
    assert_eq!(code(chat("t", some("C1"), some("token"))), "secret-not-granted");
    assert_eq!(code(chat(&"x".repeat(40_001), None, None)), "bad-request");
}
