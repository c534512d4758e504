//! The gate before a real server on this machine, whose network the operator has opened.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use jackfield_flow::plan::{HttpRule, SecretRule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks};

use super::{CONNECTIONS_MAX, HttpGate};
use crate::attempt::Capture;
use crate::redact::Redactor;
use crate::{NoHost, OperatorPolicy, Sandbox, SandboxConfig};

/// A server that answers every connection with the same bytes, or with silence.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), answer.into());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (seen, answer) = (Arc::clone(&seen), answer.clone());
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    seen.lock().unwrap().push(request);
                    if answer.is_empty() {
                        // Holds the connection open for ever.
                        std::future::pending::<()>().await;
                    }
                    // The client may hang up before it has read all of a bad answer.
                    let _ = stream.write_all(&answer).await;
                });
            }
        });
        Self { port, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn last_request(&self) -> String {
        self.requests.lock().unwrap().last().unwrap().clone()
    }
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        text.extend_from_slice(&buffer[..read]);
        let shown = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = shown.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).unwrap_or(0);
        if body.len() >= length || read == 0 {
            return shown;
        }
    }
}

fn sandbox(timeout_ms: u64) -> Sandbox {
    let operator =
        OperatorPolicy { open_networks: vec!["127.0.0.0/8".parse().unwrap()], http_timeout_ms: timeout_ms, ..OperatorPolicy::default() };
    let secrets = [("token".to_owned(), "hunter22!".to_owned()), ("bad".to_owned(), "two\nlines".to_owned())];
    Sandbox::new(SandboxConfig { operator, secrets: secrets.into_iter().collect(), ..SandboxConfig::default() }).unwrap()
}

fn gate(sandbox: &Sandbox, rules: &[String]) -> HttpGate {
    HttpGate {
        shared: Arc::clone(sandbox.shared()),
        rules: rules.iter().map(|rule| HttpRule::parse(rule).unwrap()).collect(),
        placeholders: Arc::default(),
        contacted: Arc::default(),
        used: Arc::default(),
        capture: Capture::new(1 << 20, Arc::new(Redactor::default()), Arc::new(NoHost)),
        connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
    }
}

fn request(method: &str, url: &str) -> Request<WasiBody> {
    with_body(Request::builder().method(method).uri(url), b"")
}

fn with_body(builder: http::request::Builder, body: &'static [u8]) -> Request<WasiBody> {
    builder.body(Full::new(Bytes::from_static(body)).map_err(|never| match never {}).boxed_unsync()).unwrap()
}

/// The status and body of the answer.
async fn send(gate: &mut HttpGate, request: Request<WasiBody>) -> Result<(u16, Bytes), Error> {
    let sending = Box::into_pin(gate.send_request(request, None, Box::new(async { Ok(()) })));
    let (response, rest) = sending.await?;
    let driving = tokio::spawn(Box::into_pin(rest));
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    driving.abort();
    Ok((status, body?))
}

fn log(gate: &HttpGate) -> String {
    gate.capture.finish().head.iter().map(|line| line.text.clone()).collect::<Vec<_>>().join("\n")
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

#[tokio::test]
async fn a_granted_request_is_sent_as_it_was_judged() {
    let server = Server::start(HELLO).await;
    let mut gate = gate(&sandbox(5_000), &[format!("GET {}", server.url("/a/*"))]);
    let answer = send(&mut gate, request("GET", &server.url("/a/x/../b?q=1%20%22"))).await.unwrap();
    assert_eq!((answer.0, answer.1.as_ref()), (200, b"hello".as_slice()));
    let sent = server.last_request();
    assert!(sent.starts_with("GET /a/b?q=1%20%22 HTTP/1.1\r\n"), "{sent}");
    assert_eq!(sent.matches("host: ").count(), 1, "{sent}");
    assert!(sent.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{sent}");
    assert_eq!(gate.contacted.lock().unwrap().take(), [format!("127.0.0.1:{}", server.port)]);
}

#[tokio::test]
async fn requests_outside_the_grant_never_leave() {
    let server = Server::start(HELLO).await;
    let mut gate = gate(&sandbox(5_000), &[format!("GET {}", server.url("/a/*")), "GET https://api.example/*".to_owned()]);
    let port = server.port;
    for (method, url) in [
        ("POST", server.url("/a/b")),
        ("GET", server.url("/b")),
        ("GET", server.url("/a/../b")),
        ("GET", server.url("/a/%2e%2e/b")),
        ("GET", server.url("/A/b")),
        ("GET", format!("http://127.0.0.2:{port}/a/b")),
        ("GET", format!("http://localhost:{port}/a/b")),
        ("GET", "http://127.0.0.1/a/b".to_owned()),
        ("GET", "http://api.example/".to_owned()),
        ("GET", "https://api.example:8443/".to_owned()),
        ("GET", "https://api.example.evil/".to_owned()),
    ] {
        let error = send(&mut gate, request(method, &url)).await.expect_err(&url);
        assert!(matches!(error, Error::HttpRequestDenied), "{method} {url}: {error}");
    }
    assert!(server.requests.lock().unwrap().is_empty());
    assert!(gate.contacted.lock().unwrap().take().is_empty());
    let log = log(&gate);
    assert!(log.contains(&format!("grant: {{ http: [\"POST http://127.0.0.1:{port}/*\"] }}")), "{log}");
}

#[tokio::test]
async fn requests_of_a_bad_form_never_leave() {
    let mut gate = gate(&sandbox(5_000), &["* http://127.0.0.1/*".to_owned()]);
    for (method, url, is_method) in [
        ("CONNECT", "http://127.0.0.1/", true),
        ("TRACE", "http://127.0.0.1/", true),
        ("get", "http://127.0.0.1/", true),
        (&"A".repeat(10_000), "http://127.0.0.1/", true),
        ("GET", "http://user@127.0.0.1/", false),
        ("GET", "http://user:password@127.0.0.1/", false),
        ("GET", "ftp://127.0.0.1/", false),
        ("GET", &format!("http://127.0.0.1/{}", "x".repeat(9_000)), false),
    ] {
        let error = send(&mut gate, request(method, url)).await.expect_err(url);
        let expected = if is_method {
            matches!(error, Error::HttpRequestMethodInvalid)
        } else {
            matches!(error, Error::HttpRequestUriInvalid | Error::HttpRequestUriTooLong)
        };
        assert!(expected, "{method:.20} {url:.60}: {error}");
    }
    for name in ["host", "connection", "transfer-encoding", "upgrade", "te", "trailer", "expect", "proxy-authorization", "keep-alive"] {
        assert!(gate.is_forbidden_header(&name.parse().unwrap()), "{name}");
    }
    assert!(!gate.is_forbidden_header(&"authorization".parse().unwrap()));
}

#[tokio::test]
async fn addresses_that_are_not_opened_are_never_dialled() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let server = Server::start(HELLO).await;
    let mut gate = gate(
        &sandbox,
        &[
            format!("GET {}", server.url("/*")),
            format!("GET http://localhost:{}/*", server.port),
            "GET http://169.254.169.254/*".to_owned(),
        ],
    );
    for url in [
        server.url("/"),
        format!("http://localhost:{}/", server.port),
        format!("http://2130706433:{}/", server.port),
        "http://169.254.169.254/latest".to_owned(),
    ] {
        let error = send(&mut gate, request("GET", &url)).await.expect_err(&url);
        assert!(matches!(error, Error::DestinationIpProhibited), "{url}: {error}");
    }
    assert!(server.requests.lock().unwrap().is_empty());
    let log = log(&gate);
    assert!(log.contains("the operator opens a network by its CIDR"), "{log}");
}

fn secret(gate: &mut HttpGate, name: &str, hosts: &[&str]) -> String {
    let rule = SecretRule { name: name.into(), hosts: hosts.iter().map(|host| (*host).to_owned()).collect() };
    gate.placeholders.lock().unwrap().give(&rule)
}

#[tokio::test]
async fn secrets_are_filled_in_for_their_hosts() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let server = Server::start(HELLO).await;
    let mut gate = gate(&sandbox(5_000), &[format!("* {}", server.url("/*"))]);
    let placeholder = secret(&mut gate, "token", &["127.0.0.1"]);
    assert_eq!(secret(&mut gate, "token", &[]), placeholder, "one secret, one placeholder");
    let basic = STANDARD.encode(format!("user:{placeholder}"));
    let body = Box::leak(format!(r#"{{"key":"{placeholder}"}}"#).into_bytes().into_boxed_slice());
    let builder = Request::builder()
        .method("POST")
        .uri(server.url("/"))
        .header("x-key", format!("a {placeholder} b"))
        .header("authorization", format!("Basic {basic}"))
        .header("content-length", body.len());
    send(&mut gate, with_body(builder, body)).await.unwrap();
    let sent = server.last_request();
    assert!(sent.contains("x-key: a hunter22! b\r\n"), "{sent}");
    assert!(sent.contains(&format!("authorization: Basic {}\r\n", STANDARD.encode("user:hunter22!"))), "{sent}");
    assert!(sent.ends_with("\r\n\r\n{\"key\":\"hunter22!\"}"), "{sent}");
    assert!(sent.contains("content-length: 19\r\n") && !sent.contains("jackfield-secret"), "{sent}");
    let used = gate.used.lock().unwrap();
    assert_eq!(used.http, [HttpRule::parse(&format!("POST {}", server.url("/"))).unwrap()]);
    assert_eq!((&*used.secrets[0].name, used.secrets[0].hosts.as_slice()), ("token", ["127.0.0.1".to_owned()].as_slice()));
}

#[tokio::test]
async fn secrets_never_go_to_other_hosts() {
    let server = Server::start(HELLO).await;
    let mut gate = gate(&sandbox(5_000), &[format!("* {}", server.url("/*"))]);
    let placeholder = secret(&mut gate, "token", &["api.example", "*.0.0.1x"]);
    let in_header = with_body(Request::builder().uri(server.url("/")).header("x-key", &placeholder), b"");
    let body = Box::leak(placeholder.clone().into_bytes().into_boxed_slice());
    let in_body = with_body(Request::builder().method("POST").uri(server.url("/")), body);
    for request in [in_header, in_body] {
        let error = send(&mut gate, request).await.unwrap_err();
        assert!(matches!(error, Error::HttpRequestDenied), "{error}");
    }
    assert!(server.requests.lock().unwrap().is_empty());
    assert!(log(&gate).contains("secret `token` may not be sent to `127.0.0.1`"));
    send(&mut gate, request("GET", &server.url("/"))).await.unwrap();

    let placeholder = secret(&mut gate, "bad", &[]);
    let smuggled = with_body(Request::builder().uri(server.url("/")).header("x-key", &placeholder), b"");
    assert!(matches!(send(&mut gate, smuggled).await.unwrap_err(), Error::ConfigurationError));
}

#[tokio::test]
async fn long_bodies_are_sent_as_they_are() {
    let server = Server::start(HELLO).await;
    let mut gate = gate(&sandbox(5_000), &[format!("* {}", server.url("/*"))]);
    let placeholder = secret(&mut gate, "token", &[]);
    let length = super::body::READ_AHEAD_BYTES + placeholder.len();
    let body = Box::leak(format!("{placeholder}{}", "x".repeat(super::body::READ_AHEAD_BYTES)).into_bytes().into_boxed_slice());
    let builder = Request::builder().method("POST").uri(server.url("/")).header("content-length", length);
    send(&mut gate, with_body(builder, body)).await.unwrap();
    let sent = server.last_request();
    assert!(sent.contains(&placeholder) && sent.ends_with(&"x".repeat(100)));
    assert!(log(&gate).contains("longer than 1048576 bytes"));
}

#[tokio::test]
async fn redirects_are_answers() {
    let server = Server::start("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    let mut gate = gate(&sandbox(5_000), &["GET http://127.0.0.1/*".to_owned(), format!("GET {}", server.url("/*"))]);
    assert_eq!(send(&mut gate, request("GET", &server.url("/"))).await.unwrap().0, 302);
    assert_eq!(server.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn servers_that_misbehave() {
    let many_headers: String = (0..10_000).map(|at| format!("x-{at}: {}\r\n", "y".repeat(100))).collect();
    for (what, answer) in [
        ("headers without end", format!("HTTP/1.1 200 OK\r\n{many_headers}\r\n")),
        ("one long header", format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20))),
        ("no HTTP", "SSH-2.0-OpenSSH_9.6\r\n".to_owned()),
        ("cut body", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello".to_owned()),
        ("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!".to_owned()),
        ("bad chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n".to_owned()),
    ] {
        let server = Server::start(answer).await;
        let mut gate = gate(&sandbox(5_000), &[format!("GET {}", server.url("/*"))]);
        let error = send(&mut gate, request("GET", &server.url("/"))).await.expect_err(what);
        assert!(matches!(error, Error::Hyper(_)), "{what}: {error}");
    }
    // Nothing is decompressed behind the task's back.
    let server = Server::start("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x0b\x08").await;
    let mut gate = gate(&sandbox(5_000), &[format!("GET {}", server.url("/*"))]);
    assert_eq!(send(&mut gate, request("GET", &server.url("/"))).await.unwrap().1.as_ref(), b"\x1f\x0b\x08");
}

#[tokio::test]
async fn silence_ends_with_an_error() {
    let silent = Server::start("").await;
    let mut gate = gate(&sandbox(100), &[format!("GET {}", silent.url("/*"))]);
    let error = send(&mut gate, request("GET", &silent.url("/"))).await.unwrap_err();
    assert!(matches!(error, Error::HttpResponseTimeout), "{error}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhel").await.unwrap();
        std::future::pending::<()>().await;
    });
    gate.rules = [HttpRule::parse(&format!("GET {url}*")).unwrap()].into();
    let error = send(&mut gate, request("GET", &url)).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error}");
}

#[tokio::test]
async fn connections_are_counted_and_given_back() {
    let silent = Server::start("").await;
    let mut gate = gate(&sandbox(60_000), &[format!("GET {}", silent.url("/*"))]);
    let open = |gate: &mut HttpGate| Box::into_pin(gate.send_request(request("GET", &silent.url("/")), None, Box::new(async { Ok(()) })));
    let mut held: Vec<_> = (0..CONNECTIONS_MAX).map(|_| open(&mut gate)).collect();
    let refused = open(&mut gate).await;
    assert!(matches!(refused, Err(Error::ConnectionLimitReached)));
    // Dropping a request in flight gives its place back at once.
    drop(held.pop());
    let next = open(&mut gate);
    assert!(tokio::time::timeout(Duration::from_millis(50), next).await.is_err(), "it was let through, and waits for the server");
}

#[tokio::test]
async fn https_needs_a_certificate_that_is_trusted() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let der = certified.cert.der().clone();
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(HELLO.as_bytes()).await;
        }
    });
    let send_to = async |host: &str, extra_roots: Vec<Vec<u8>>| {
        let open_networks = vec!["127.0.0.0/8".parse().unwrap()];
        let operator = OperatorPolicy { open_networks, extra_roots, ..OperatorPolicy::default() };
        let sandbox = Sandbox::new(SandboxConfig { operator, ..SandboxConfig::default() }).unwrap();
        let mut gate = gate(&sandbox, &[format!("GET https://{host}:{port}/*")]);
        send(&mut gate, request("GET", &format!("https://{host}:{port}/"))).await
    };
    assert_eq!(send_to("localhost", vec![der.to_vec()]).await.unwrap().0, 200);
    assert!(matches!(send_to("localhost", Vec::new()).await.unwrap_err(), Error::Tls(_)), "nobody vouches for it");
    assert!(matches!(send_to("127.0.0.1", vec![der.to_vec()]).await.unwrap_err(), Error::Tls(_)), "another name");
}

#[test]
fn a_bad_certificate_is_refused_at_the_start() {
    let operator = OperatorPolicy { extra_roots: vec![b"not a certificate".to_vec()], ..OperatorPolicy::default() };
    let error = Sandbox::new(SandboxConfig { operator, ..SandboxConfig::default() }).unwrap_err().to_string();
    assert!(error.contains("trusted certificate number 1"), "{error}");
}
