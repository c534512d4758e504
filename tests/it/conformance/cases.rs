//! The cases, the same for every language.

use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::Effect;
use jackfield_flow::run::FailureKind;
use jackfield_flow::types::Type;
use jackfield_sandbox::{AttemptHost, LogSource};
use serde_json::{Value, json};

use super::guest::{Guest, Host, SECRET};
use crate::hostile::canary::Canary;
use crate::hostile::rig::STARTED_AT_MS;

/// One of them.
pub(super) struct Case {
    /// The head of its column.
    pub(super) name: &'static str,
    /// Panics with what is wrong.
    pub(super) check: fn(&Guest),
}

pub(super) const ALL: [Case; 16] = [
    Case { name: "describe", check: describe },
    Case { name: "any value", check: any_value },
    Case { name: "every type", check: every_type },
    Case { name: "unicode", check: unicode },
    Case { name: "1 MiB", check: large },
    Case { name: "bad input", check: bad_input },
    Case { name: "context", check: context },
    Case { name: "progress", check: progress },
    Case { name: "savepoint", check: savepoint },
    Case { name: "log", check: log },
    Case { name: "errors", check: errors },
    Case { name: "config", check: config },
    Case { name: "secrets", check: secrets },
    Case { name: "http", check: http },
    Case { name: "time, cancel", check: time },
    Case { name: "memory, crash", check: memory },
];

/// Fields of `typed`, as the workflow's author sees them.
const TYPED: &str = "flag: bool, whole: int, ratio: float, text: string, data: bytes, names: list<string>, counts: map<int>, \
choice: \"red\" | \"green\", nested: {id: int}, maybe";

fn describe(guest: &Guest) {
    let tasks = guest.describe();
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let expected =
        ["echo", "typed", "report", "savepoint", "log", "fail", "crash", "secret", "config", "fetch", "context", "sleep", "spin", "grow"];
    assert_eq!(names, expected);
    let ty = |schema: &str| Type::from_schema(schema).expect("a schema").to_string();
    let (echo, typed, fail, fetch) = (&tasks[0], &tasks[1], &tasks[5], &tasks[9]);
    assert_eq!((echo.docs.as_str(), echo.effect), ("Answers what it is given.", Effect::Pure));
    assert_eq!((ty(&echo.input_schema), ty(&echo.output_schema)), ("{value: json}".to_owned(), "json".to_owned()));
    let schema: Value = serde_json::from_str(&echo.input_schema).expect("JSON");
    assert_eq!(schema["properties"]["value"]["description"], json!("Anything."));
    let annotation = |name: &str| echo.annotations.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let example: Value = serde_json::from_str(annotation("example-input").expect("an example")).expect("JSON");
    assert_eq!(example, json!({ "value": [1, null, "é"] }));
    for schema in [&typed.input_schema, &typed.output_schema] {
        let ty = ty(schema);
        assert!(ty.starts_with(&format!("{{{TYPED}")), "{ty}");
    }
    assert_eq!(
        fail.errors.iter().map(|error| (error.code.as_str(), error.docs.as_str())).collect::<Vec<_>>(),
        [("asked-for", "It always fails.")]
    );
    assert_eq!((fetch.effect, tasks[11].effect), (Effect::Reads, Effect::Reads));
    let asks: Vec<_> = fetch.capabilities.iter().map(|ask| (ask.name.as_str(), ask.required, ask.docs.as_str())).collect();
    assert_eq!(asks, [("http", false, "To fetch."), ("secrets", false, "To send one.")]);
    for interface in ["context", "log", "progress", "secrets"] {
        let name = format!("jackfield:task/{interface}");
        assert!(guest.imports().iter().any(|import| import.starts_with(&name)), "{name} is not imported");
    }
}

#[track_caller]
fn comes_back(guest: &Guest, value: &Value) {
    assert_eq!(&guest.answer("echo", &json!({ "value": value })), value);
}

fn any_value(guest: &Guest) {
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(-7),
        json!(1.5),
        json!(-2.5e-300),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(9_007_199_254_740_993_i64),
        json!(""),
        json!("text"),
        json!([]),
        json!({}),
        json!([[1, [2, { "three": [null, false] }]], "4"]),
        json!({ "": 1, "b": { "a b": [1.25] }, "__proto__": 2, "constructor": null }),
    ] {
        comes_back(guest, &value);
    }
    let big = guest.ask("echo", r#"{ "value" : [ 9223372036854775807, -9223372036854775808, 18446744073709551615 ] }"#);
    assert_eq!(big.replace([' ', '\n'], ""), "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

fn typed_value() -> Value {
    json!({
        "flag": true, "whole": i64::MIN, "ratio": 2.5, "text": "a\n\"b\"\\", "data": "AAEC/w==", "names": ["x", ""], "counts": { "a": 1, "b": -2 },
        "choice": "green", "nested": { "id": 9_007_199_254_740_993_i64 }, "maybe": "here"
    })
}

fn every_type(guest: &Guest) {
    assert_eq!(guest.answer("typed", &typed_value()), typed_value());
    let mut without = typed_value();
    without.as_object_mut().expect("an object").remove("maybe");
    let answer = guest.answer("typed", &without);
    assert!(answer["maybe"].is_null(), "{answer}");
    without["maybe"] = Value::Null;
    assert!(guest.answer("typed", &without)["maybe"].is_null());
    let output = guest.describe().into_iter().find(|task| task.name == "typed").expect("it is there").output_schema;
    let ty = Type::from_schema(&output).expect("a schema");
    let value = jackfield_flow::types::Value::from_json(&answer.to_string(), jackfield_flow::types::JsonLimits::default()).expect("JSON");
    ty.check(&value).expect("the answer is of its type");
}

fn unicode(guest: &Guest) {
    for text in ["ß → 漢字 🦀", "e\u{301}", "\u{0}\u{1}\u{7f}\u{80}", "\u{feff}x", "\u{2028}\u{2029}", "👩‍👩‍👧‍👦", "\u{10ffff}", "\\u0041"]
    {
        comes_back(guest, &json!(text));
        comes_back(guest, &json!({ text: [text] }));
    }
    // A pair of surrogates in the JSON text is one character.
    assert_eq!(serde_json::from_str::<Value>(&guest.ask("echo", r#"{"value":"\ud83e\udd80"}"#)).expect("JSON"), json!("🦀"));
}

fn large(guest: &Guest) {
    comes_back(guest, &json!("x".repeat(1 << 20)));
    comes_back(guest, &json!((0..100_000).collect::<Vec<u32>>()));
}

#[track_caller]
fn fails(guest: &Guest, task: &str, input: &Value) -> (String, FailureKind, String) {
    let ended = guest.run(guest.task(task, input));
    let failure = ended.failure();
    (failure.code.to_string(), failure.kind, failure.message.to_string())
}

fn bad_input(guest: &Guest) {
    for (field, wrong) in [
        ("flag", json!(1)),
        ("whole", json!(1.5)),
        ("whole", json!("1")),
        ("ratio", json!("x")),
        ("text", json!(1)),
        ("names", json!([1])),
        ("counts", json!({ "a": "b" })),
        ("choice", json!("blue")),
        ("nested", json!({})),
        ("data", json!("%%%")),
    ] {
        let mut input = typed_value();
        input[field] = wrong;
        let (code, kind, message) = fails(guest, "typed", &input);
        assert_eq!((code.as_str(), kind), ("invalid-input", FailureKind::Permanent), "{field}: {message}");
    }
    let (code, kind, message) = fails(guest, "no-such-task", &json!({}));
    assert_eq!((code.as_str(), kind), ("unknown-task", FailureKind::Permanent), "{message}");
}

fn context(guest: &Guest) {
    let expected = json!({
        "run": "7", "workflow": "w", "step": "s", "attempt": 1, "max_attempts": 3, "deadline_ms": STARTED_AT_MS + 10_000,
        "key": "0123456789abcdef0123456789abcdef", "item": null
    });
    let mut answer = guest.answer("context", &json!({}));
    let item = answer.as_object_mut().expect("an object").remove("item").unwrap_or(Value::Null);
    answer["item"] = item;
    assert_eq!(answer, expected);
}

fn progress(guest: &Guest) {
    let host = Arc::new(Host::default());
    let ended = guest.run(guest.task("report", &json!({})).host(Arc::clone(&host) as Arc<dyn AttemptHost>));
    assert_eq!(ended.answer(), Value::Null);
    let reports = host.reports.lock().expect("no panic").clone();
    assert_eq!(reports, [(1, Some(2), "half".to_owned()), (2, None, "whole".to_owned())]);
}

fn savepoint(guest: &Guest) {
    let mut saved = None;
    for found in 0..3 {
        let host = Arc::new(Host::default());
        let call = guest.task("savepoint", &json!({})).host(Arc::clone(&host) as Arc<dyn AttemptHost>).savepoint(saved);
        assert_eq!(guest.run(call).answer(), json!(found));
        saved = host.saved.lock().expect("no panic").take();
    }
    // Nobody keeps it here, and the task is told so.
    let (code, kind, message) = fails(guest, "savepoint", &json!({}));
    assert_eq!((code.as_str(), kind), ("savepoint-storage", FailureKind::Transient), "{message}");
}

fn log(guest: &Guest) {
    let host = Arc::new(Host::default());
    guest.run(guest.task("log", &json!({})).host(Arc::clone(&host) as Arc<dyn AttemptHost>)).answer();
    let lines = host.lines.lock().expect("no panic");
    let sources: Vec<LogSource> = lines.iter().map(|line| line.source).collect();
    assert_eq!(sources, [LogSource::Trace, LogSource::Debug, LogSource::Info, LogSource::Warn, LogSource::Error]);
    let named = |level: &str| [("level".to_owned(), level.to_owned())];
    for (line, level) in lines.iter().zip(["trace", "debug", "info", "warn", "error"]) {
        assert_eq!((line.text.as_str(), line.fields.as_slice()), ("a line", &named(level)[..]));
    }
}

fn errors(guest: &Guest) {
    for (kind, expected) in [
        ("transient", FailureKind::Transient),
        ("retry-after", FailureKind::RetryAfter(1_500)),
        ("permanent", FailureKind::Permanent),
        ("unknown-outcome", FailureKind::UnknownOutcome),
    ] {
        let ended = guest.run(guest.task("fail", &json!({ "kind": kind })));
        let failure = ended.failure();
        assert_eq!((failure.code.as_ref(), failure.kind, failure.message.as_ref()), ("asked-for", expected, "as asked"));
        let data: Value = serde_json::from_str(failure.data.as_ref().expect("data")).expect("JSON");
        assert_eq!(data, json!({ "kind": kind }));
    }
}

fn config(guest: &Guest) {
    let ask = |name: &str| guest.task("config", &json!({ "name": name })).config("region");
    assert_eq!(guest.run(ask("region")).answer(), json!("eu-süd"));
    assert_eq!(guest.run(ask("other")).answer(), Value::Null);
    assert_eq!(guest.answer("config", &json!({ "name": "region" })), Value::Null, "not granted");
}

fn secrets(guest: &Guest) {
    let granted = guest.run(guest.task("secret", &json!({ "name": "token" })).secret("token", &[])).answer();
    let placeholder = granted.as_str().expect("a text");
    assert!(!placeholder.is_empty() && !placeholder.contains(SECRET), "{placeholder}");
    let (code, kind, message) = fails(guest, "secret", &json!({ "name": "token" }));
    assert_eq!((code.as_str(), kind), ("secret-not-granted", FailureKind::Permanent), "{message}");
    let unset = guest.run(guest.task("secret", &json!({ "name": "other" })).secret("other", &[]));
    assert_eq!(unset.code(), "secret-not-set");
}

fn http(guest: &Guest) {
    let server = Canary::answering(|request| {
        let (status, more) = match request.split(' ').nth(1).unwrap_or_default() {
            "/busy" => ("503 Busy", "retry-after: 7\r\n"),
            "/gone" => ("404 Gone", ""),
            "/broken" => ("500 Broken", ""),
            "/cut" => return b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec(),
            _ => ("200 OK", ""),
        };
        format!("HTTP/1.1 {status}\r\ncontent-length: 6\r\n{more}connection: close\r\n\r\nh\u{e9}llo").into_bytes()
    });
    let fetch = |path: &str, secret: Option<&str>| {
        let mut input = json!({ "url": server.url(path) });
        if let Some(secret) = secret {
            input["secret"] = json!(secret);
        }
        guest.run(guest.task("fetch", &input).http(&format!("GET {}", server.url("/*"))).secret("token", &[]))
    };
    assert_eq!(fetch("/a?b=c%20d", None).answer(), json!({ "status": 200, "body": "héllo" }));
    assert!(server.seen().concat().starts_with("GET /a?b=c%20d HTTP/1.1"), "{:?}", server.seen());
    fetch("/secret", Some("token")).answer();
    assert!(server.seen().concat().contains(&format!("Bearer {SECRET}")), "{:?}", server.seen());
    for (path, code, kind) in [
        ("/busy", "http-status", FailureKind::RetryAfter(7_000)),
        ("/gone", "http-status", FailureKind::Permanent),
        ("/broken", "http-status", FailureKind::Transient),
        ("/cut", "http-lost-reply", FailureKind::Transient),
    ] {
        let ended = fetch(path, None);
        assert_eq!((ended.failure().code.as_ref(), ended.failure().kind), (code, kind), "{path}: {}", ended.failure());
    }
    let (code, kind, message) = fails(guest, "fetch", &json!({ "url": server.url("/") }));
    assert_eq!((code.as_str(), kind), ("http-denied", FailureKind::Permanent), "{message}");
    let (code, kind, message) = fails(guest, "fetch", &json!({ "url": "gopher://x/" }));
    assert_eq!((code.as_str(), kind), ("http-bad-request", FailureKind::Permanent), "{message}");
    let nobody = guest.run(guest.task("fetch", &json!({ "url": "http://127.0.0.1:1/" })).http("GET http://127.0.0.1:1/*"));
    assert_eq!((nobody.code(), nobody.failure().kind), ("http-unreachable", FailureKind::Transient), "{}", nobody.failure());
}

fn time(guest: &Guest) {
    assert_eq!(guest.answer("sleep", &json!({ "ms": 20 })), Value::Null);
    for (task, input) in [("spin", json!({})), ("sleep", json!({ "ms": 3_600_000 }))] {
        let ended = guest.run(guest.task(task, &input).timeout(Duration::from_millis(300)));
        assert_eq!(ended.code(), "limit.time", "{task}: {:?}", ended.0.outcome);
        assert!(guest.dropped(task, &input, Duration::from_millis(200)), "{task} is not gone when it is cancelled");
    }
}

fn memory(guest: &Guest) {
    let ended = guest.run(guest.task("grow", &json!({})));
    assert_eq!(ended.code(), "limit.memory", "{}", ended.failure());
    assert!(ended.0.receipt.memory_peak <= 64 << 20, "{}", ended.0.receipt.memory_peak);
    let ended = guest.run(guest.task("crash", &json!({})));
    assert!(matches!(ended.code(), "guest.trap" | "uncaught-exception"), "{}", ended.failure());
    assert_eq!(ended.failure().kind, FailureKind::Transient);
    comes_back(guest, &json!("the next call knows nothing of it"));
}
