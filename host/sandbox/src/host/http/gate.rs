//! Whether a request may be sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, HeaderValue, TE, TRAILER};
use http::{HeaderMap, Method, Request, Response, Uri};
use jackfield_flow::plan::{Grant, HttpRule, HttpTarget};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::super::secrets::{Placeholders, WrongHost};
use super::{CONNECTIONS_MAX, body, connect};
use crate::attempt::Capture;
use crate::sandbox::Shared;
use crate::state::Contacted;

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 8 * 1024;
/// The longest method, in bytes; the longest registered one has 17.
const METHOD_BYTES_MAX: usize = 20;

/// The gate of one attempt.
pub(crate) struct HttpGate {
    pub(crate) shared: Arc<Shared>,
    pub(crate) rules: Arc<[HttpRule]>,
    pub(crate) placeholders: Arc<Mutex<Placeholders>>,
    pub(crate) contacted: Arc<Mutex<Contacted>>,
    pub(crate) used: Arc<Mutex<Grant>>,
    pub(crate) capture: Capture,
    pub(crate) connections: Arc<Semaphore>,
}

/// A request that may be sent.
pub(crate) struct Admitted {
    pub(crate) url: Url,
    /// Host without port, an IPv6 address in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) permit: OwnedSemaphorePermit,
}

type Sent = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for HttpGate {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    fn set_host_header(&mut self) -> bool {
        // Ours comes from the URL that was judged, not from the guest's text.
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent>> + Send> {
        let admitted = self.admit(&request);
        let sender = Sender {
            shared: Arc::clone(&self.shared),
            placeholders: Arc::clone(&self.placeholders),
            contacted: Arc::clone(&self.contacted),
            used: Arc::clone(&self.used),
            capture: self.capture.clone(),
        };
        Box::new(async move { sender.send(admitted?, request, options.unwrap_or_default()).await })
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        self.capture.host_line(&format!("HTTP: {error}"));
        if error.is_parse_too_large() {
            ErrorCode::HttpResponseHeaderSectionSize(None)
        } else if error.is_incomplete_message() {
            ErrorCode::HttpResponseIncomplete
        } else {
            ErrorCode::HttpProtocolError
        }
    }

    fn p2_error_from_connect(&mut self, error: &std::io::Error) -> ErrorCode {
        self.capture.host_line(&format!("HTTP: cannot connect: {error}"));
        ErrorCode::ConnectionRefused
    }

    fn p2_error_from_tls(&mut self, error: &std::io::Error) -> ErrorCode {
        self.capture.host_line(&format!("HTTP: TLS: {error}"));
        ErrorCode::TlsCertificateError
    }
}

/// Headers that would let a guest speak past the request that was judged.
fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name) || [TE, TRAILER, EXPECT].contains(name)
}

impl HttpGate {
    fn admit(&self, request: &Request<WasiBody>) -> Result<Admitted> {
        check_method(request.method())?;
        let url = parse_url(request.uri())?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Error::HttpRequestUriInvalid);
        };
        let target = HttpTarget { method: request.method().as_str(), scheme: url.scheme(), host, port, path: url.path() };
        if !self.rules.iter().any(|rule| rule.allows(&target)) {
            self.capture.host_line(&denial(&target, &url));
            return Err(Error::HttpRequestDenied);
        }
        self.used.lock().unwrap_or_else(PoisonError::into_inner).note_request(&self.rules, &target);
        let Ok(permit) = Arc::clone(&self.connections).try_acquire_owned() else {
            self.capture.host_line(&format!(
                "HTTP: the attempt already has {CONNECTIONS_MAX} connections, which is the limit: drop a response before the next request"
            ));
            return Err(Error::ConnectionLimitReached);
        };
        Ok(Admitted { host: host.to_owned(), port, url, permit })
    }
}

fn check_method(method: &Method) -> Result<()> {
    let plain = method.as_str().bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    if *method == Method::CONNECT || *method == Method::TRACE || method.as_str().len() > METHOD_BYTES_MAX || !plain {
        return Err(Error::HttpRequestMethodInvalid);
    }
    Ok(())
}

/// Parses once, with the rules browsers have: what is judged is what is sent.
fn parse_url(uri: &Uri) -> Result<Url> {
    let text = uri.to_string();
    if text.len() > URL_BYTES_MAX {
        return Err(Error::HttpRequestUriTooLong);
    }
    let url = Url::parse(&text).map_err(|_| Error::HttpRequestUriInvalid)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !plain || !matches!(url.scheme(), "http" | "https") {
        return Err(Error::HttpRequestUriInvalid);
    }
    Ok(url)
}

fn denial(target: &HttpTarget<'_>, url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!(
        "HTTP request denied: the step is not granted `{method} {origin}{path}`; to grant it, add to the step: `grant: {{ http: [\"{method} {origin}/*\"] }}`",
        method = target.method,
        path = target.path,
    )
}

/// What sends an admitted request, from a task of its own.
struct Sender {
    shared: Arc<Shared>,
    placeholders: Arc<Mutex<Placeholders>>,
    contacted: Arc<Mutex<Contacted>>,
    used: Arc<Mutex<Grant>>,
    capture: Capture,
}

impl Sender {
    async fn send(self, admitted: Admitted, request: Request<WasiBody>, options: RequestOptions) -> Result<Sent> {
        let limit = Duration::from_millis(self.shared.operator.http_timeout_ms);
        let first_byte = options.first_byte_timeout.unwrap_or(limit).min(limit);
        let between_bytes = options.between_bytes_timeout.unwrap_or(limit).min(limit);
        let exchange = self.exchange(admitted, request, options.connect_timeout.unwrap_or(limit).min(limit), between_bytes);
        tokio::time::timeout(first_byte, exchange).await.map_err(|_| Error::HttpResponseTimeout)?
    }

    async fn exchange(
        &self,
        admitted: Admitted,
        request: Request<WasiBody>,
        connect_timeout: Duration,
        between_bytes: Duration,
    ) -> Result<Sent> {
        let request = self.prepare(&admitted, request).await?;
        let connection = connect::Connect {
            dialer: &self.shared.dialer,
            host: &admitted.host,
            port: admitted.port,
            scheme: admitted.url.scheme(),
            timeout: connect_timeout,
        };
        self.contacted.lock().unwrap_or_else(PoisonError::into_inner).note(format!("{}:{}", admitted.host, admitted.port));
        let stream = connection.open().await.inspect_err(|error| {
            self.capture.host_line(&format!("HTTP: {}:{}: {}", admitted.host, admitted.port, connect::explain(error)));
        })?;
        connect::exchange(stream, request, between_bytes, admitted.permit).await
    }

    /// Gives the request the form it has on the wire, with secrets in it.
    async fn prepare(&self, admitted: &Admitted, request: Request<WasiBody>) -> Result<Request<WasiBody>> {
        let (mut parts, body) = request.into_parts();
        let path_and_query = &admitted.url[url::Position::BeforePath..url::Position::AfterQuery];
        parts.uri = path_and_query.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
        parts.version = http::Version::HTTP_11;
        let mut headers = parts.headers;
        headers.insert(HOST, host_header(&admitted.url)?);
        let body = if self.placeholders().is_empty() {
            body
        } else {
            self.fill_headers(&mut headers, &admitted.host)?;
            self.fill_body(&mut headers, body, &admitted.host).await?
        };
        parts.headers = headers;
        Ok(Request::from_parts(parts, body))
    }

    fn fill_headers(&self, headers: &mut HeaderMap, host: &str) -> Result<()> {
        for (name, value) in headers.iter_mut() {
            let filled = match self.fill(value.as_bytes(), host)? {
                Some(filled) => Some(filled),
                None if *name == AUTHORIZATION => self.fill_basic(value.as_bytes(), host)?,
                None => None,
            };
            if let Some(filled) = filled {
                *value = HeaderValue::from_bytes(&filled).map_err(|_| {
                    self.capture
                        .host_line("HTTP: a secret has a character that no header may have, such as a line end: set it again without it");
                    Error::ConfigurationError
                })?;
                value.set_sensitive(true);
            }
        }
        Ok(())
    }

    /// `Basic` credentials hide the placeholder in base64.
    fn fill_basic(&self, value: &[u8], host: &str) -> Result<Option<Vec<u8>>> {
        let Some(encoded) = value.strip_prefix(b"Basic ").or_else(|| value.strip_prefix(b"basic ")) else { return Ok(None) };
        let Ok(plain) = STANDARD.decode(encoded.trim_ascii()) else { return Ok(None) };
        Ok(self.fill(&plain, host)?.map(|filled| format!("Basic {}", STANDARD.encode(filled)).into_bytes()))
    }

    async fn fill_body(&self, headers: &mut HeaderMap, body: WasiBody, host: &str) -> Result<WasiBody> {
        match body::read_ahead(body).await? {
            body::ReadAhead::Whole(bytes) => {
                let Some(filled) = self.fill(&bytes, host)? else { return Ok(body::full(bytes)) };
                headers.insert(CONTENT_LENGTH, HeaderValue::from(filled.len()));
                Ok(body::full(filled.into()))
            }
            body::ReadAhead::TooLong(body) => {
                self.capture.host_line(&format!(
                    "HTTP: the body is longer than {} bytes, so placeholders of secrets in it are sent as they are",
                    body::READ_AHEAD_BYTES
                ));
                Ok(body)
            }
        }
    }

    fn fill(&self, bytes: &[u8], host: &str) -> Result<Option<Vec<u8>>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        self.placeholders().fill(bytes, host, &self.shared.secrets, &mut used).map_err(|WrongHost { secret }| {
            self.capture.host_line(&format!(
                "HTTP request denied: secret `{secret}` may not be sent to `{host}`; to allow it, add the host to the secret's `hosts` in the step's `grant`"
            ));
            Error::HttpRequestDenied
        })
    }

    fn placeholders(&self) -> std::sync::MutexGuard<'_, Placeholders> {
        self.placeholders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn host_header(url: &Url) -> Result<HeaderValue> {
    let text = &url[url::Position::BeforeHost..url::Position::AfterPort];
    HeaderValue::from_str(text).map_err(|_| Error::HttpRequestUriInvalid)
}
