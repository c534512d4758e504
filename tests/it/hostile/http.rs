//! Requests that must not be sent as they are, and servers that answer as no server should.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::canary::Canary;
use super::rig::{Ended, Rig};

/// Sends a request that the grant lets through.
async fn send(server: &Canary, more: Value) -> Ended {
    let mut input = json!({ "url": server.url("/"), "timeout_ms": 3_000 });
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Rig::open_to(&["127.0.0.0/8"]).task("send", &input).http(&format!("* {}", server.url("/*"))).run().await
}

#[tokio::test]
async fn h18_headers_that_would_say_another_request_are_refused() {
    let server = Canary::new();
    for (name, value) in [
        ("x-a", "1\r\nx-smuggled: 1"),
        ("x-a", "1\nx-smuggled: 1"),
        ("x-a\r\nx-smuggled", "1"),
        ("x-a: 1\r\nx-smuggled", "1"),
        ("x a", "1"),
        ("", "1"),
        ("x-a", "1\0"),
        ("host", "evil.example"),
        ("Host", "evil.example"),
        ("transfer-encoding", "chunked"),
        ("connection", "upgrade"),
        ("upgrade", "h2c"),
        ("proxy-authorization", "x"),
        ("te", "trailers"),
        ("trailer", "x-a"),
        ("expect", "100-continue"),
        ("keep-alive", "1"),
        ("proxy-connection", "x"),
    ] {
        let ended = send(&server, json!({ "headers": [[name, value]] })).await;
        assert_eq!(ended.code(), "http-bad-request", "{name:?}: {value:?}: {:?}", ended.0.outcome);
    }
    assert_eq!(server.seen(), [""; 0], "not one byte");
}

#[tokio::test]
async fn h18_headers_without_end_are_refused() {
    let server = Canary::new();
    for more in [
        json!({ "more_headers": 40_000 }),
        json!({ "headers": [["x-long", "v".repeat(40_000)]] }),
        json!({ "headers": [["x-longer", "v".repeat(3 << 20)]] }),
    ] {
        let ended = send(&server, more).await;
        assert!(matches!(ended.code(), "limit.host-calls" | "http-bad-request"), "{:?}", ended.0.outcome);
    }
    assert_eq!(server.seen(), [""; 0]);
    assert_eq!(send(&server, json!({ "more_headers": 100 })).await.answer()["status"], json!(200), "a hundred are well");
}

#[tokio::test]
async fn h18_methods_that_are_none_of_its_business_are_refused() {
    let server = Canary::new();
    for method in ["CONNECT", "TRACE", "get", "G E T", "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET", "", &"M".repeat(10_000), "PRI\0"] {
        let ended = send(&server, json!({ "method": method })).await;
        assert!(matches!(ended.code(), "http-bad-request" | "http-denied"), "{method:.40?}: {:?}", ended.0.outcome);
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn h18_paths_that_would_say_another_request_are_refused() {
    let server = Canary::new();
    for path in ["/ HTTP/1.1\r\nhost: evil.example\r\n\r\n", "/\r\nx-smuggled: 1", "/a\0b", &format!("/{}", "p".repeat(100_000))] {
        let ended = send(&server, json!({ "url": server.url(path) })).await;
        assert_eq!(ended.code(), "http-bad-request", "{path:.40?}: {:?}", ended.0.outcome);
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn h18_a_length_that_is_a_lie_smuggles_nothing() {
    let server = Canary::new();
    let body = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    let post = async |lengths: &[&str]| {
        let input = json!({ "authority": format!("127.0.0.1:{}", server.port()), "lengths": lengths, "body": body });
        Rig::open_to(&["127.0.0.0/8"]).task("send-raw", &input).http(&format!("* {}", server.url("/*"))).run().await
    };
    for length in ["0", "5", "-1", "5, 35", "+35", "x"] {
        // Refused, or sent as short as it says.
        post(&[length]).await;
        let ended = send(&server, json!({ "method": "POST", "body": body, "headers": [["content-length", length]] })).await;
        assert_eq!(ended.code(), "http-bad-request", "the SDK sends none of these: {length:?}: {:?}", ended.0.outcome);
    }
    post(&["4", "35"]).await;
    for request in server.seen() {
        let lengths = request.to_ascii_lowercase().matches("content-length:").count();
        assert!(lengths <= 1 && !request.contains("/smuggled"), "{request}");
    }
    assert_eq!(post(&["35"]).await.answer(), json!(200), "the true length goes through");
}

#[tokio::test]
async fn h18_the_host_header_is_that_of_the_url() {
    let server = Canary::new();
    send(&server, json!({})).await.answer();
    let request = &server.seen()[0];
    assert_eq!(request.to_ascii_lowercase().matches("host:").count(), 1, "{request}");
    assert!(request.to_ascii_lowercase().contains(&format!("host: 127.0.0.1:{}\r\n", server.port())), "{request}");
}

/// A server that says something without end, until the other side hangs up.
fn endless(head: &'static str, more: &[u8]) -> Canary {
    let chunk = more.repeat((64 << 10) / more.len() + 1);
    Canary::serving(move |_, connection: &mut TcpStream| {
        let mut sent = connection.write_all(head.as_bytes());
        while sent.is_ok() {
            sent = connection.write_all(&chunk);
        }
    })
}

#[tokio::test]
async fn n07_headers_without_end_are_an_error() {
    let server = endless("HTTP/1.1 200 OK\r\n", b"x-header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    let ended = send(&server, json!({})).await;
    assert!(ended.code().starts_with("http-"), "{:?}", ended.0.outcome);
}

/// Reads a body until the task's own limit of 16 MiB; with memory for it, because a buffer doubles as it grows.
async fn read_to_the_limit(server: &Canary) {
    let rig = Rig::open_to(&["127.0.0.0/8"]);
    let rule = format!("GET {}", server.url("/*"));
    let ended = rig.task("send", &json!({ "url": server.url("/") })).http(&rule).memory_mib(256).run().await;
    assert_eq!(ended.code(), "http-body-too-large", "{:?}", ended.0.outcome);
    assert!(ended.0.receipt.memory_peak < 128 << 20, "{}", ended.0.receipt.memory_peak);
    let without = rig.task("send", &json!({ "url": server.url("/") })).http(&rule).run().await;
    assert!(matches!(without.code(), "http-body-too-large" | "limit.memory"), "{:?}", without.0.outcome);
}

#[tokio::test]
async fn n07_a_body_without_end_is_bounded() {
    let server = endless("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", b"body ");
    read_to_the_limit(&server).await;
}

#[tokio::test]
async fn n07_chunks_without_end_are_bounded() {
    let server =
        endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &[b"4000\r\n", [b'b'; 0x4000].as_slice(), b"\r\n"].concat());
    read_to_the_limit(&server).await;
}

#[tokio::test]
async fn n07_nothing_is_decompressed() {
    let bomb = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    let server = Canary::answering(move |_| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", bomb.len());
        [head.into_bytes(), bomb.clone()].concat()
    });
    let answer = send(&server, json!({})).await.answer();
    assert!(answer["text"].as_str().is_some_and(|text| text.starts_with('\x1f')), "as it came: {answer}");
}

#[tokio::test]
async fn n07_answers_that_are_no_http_are_errors() {
    for answer in [
        &b""[..],
        b"hello\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"\0\0\0\0",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    ] {
        let server = Canary::answering(move |_| answer.to_vec());
        let ended = send(&server, json!({})).await;
        assert!(ended.code().starts_with("http-"), "{:?}: {:?}", String::from_utf8_lossy(answer), ended.0.outcome);
    }
}

#[tokio::test]
async fn n07_a_certificate_that_nobody_signed_is_an_error() {
    let server = Canary::new();
    let rig = Rig::open_to(&["127.0.0.0/8"]);
    let url = format!("https://127.0.0.1:{}/", server.port());
    let ended = rig.task("send", &json!({ "url": url, "timeout_ms": 2_000 })).http(&format!("GET {url}*")).run().await;
    assert!(ended.code().starts_with("http-"), "{:?}", ended.0.outcome);
}

#[tokio::test]
async fn h35_a_server_that_stays_silent_is_not_waited_for() {
    let server = Canary::serving(|_, connection| {
        // Ends when the other side hangs up.
        let _ = std::io::copy(connection, &mut std::io::sink());
    });
    let begun = Instant::now();
    let ended = send(&server, json!({ "timeout_ms": 200 })).await;
    assert_eq!(ended.code(), "http-lost-reply", "{:?}", ended.0.outcome);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let rule = format!("GET {}", server.url("/*"));
    let rig = Rig::open_to(&["127.0.0.0/8"]);
    let call = rig.task("send", &json!({ "url": server.url("/") })).http(&rule).timeout(Duration::from_millis(300));
    assert_eq!(call.run().await.code(), "limit.time", "nor past the deadline, whatever the task says");
}
