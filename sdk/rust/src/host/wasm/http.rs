//! One HTTP request through `wasi:http/outgoing-handler`, waited for.

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use crate::bindings::wasi::io::streams::{InputStream, StreamError};
use crate::http::{HttpError, Request, Response, UrlParts, url_parts};

/// How much of a body is written or read at once. `blocking-write-and-flush` takes 4096 bytes and no more.
const WRITE_BYTES: usize = 4096;
const READ_BYTES: u64 = 64 << 10;

pub(crate) fn send(request: &Request) -> Result<Response, HttpError> {
    let outgoing = outgoing_request(request)?;
    let bad = |what: &str| HttpError::BadRequest(format!("the host refuses {what}"));
    let body = outgoing.body().map_err(|()| bad("a body"))?;
    let future = outgoing_handler::handle(outgoing, Some(options(request)?)).map_err(|error| refusal(request, error))?;
    write_body(request, body)?;
    future.subscribe().block();
    let answer = future.get().ok_or_else(|| lost(request, "the host woke without an answer"))?;
    let answer = answer.map_err(|()| lost(request, "the host gave its answer away"))?;
    read_response(request, answer.map_err(|error| refusal(request, error))?)
}

fn outgoing_request(request: &Request) -> Result<OutgoingRequest, HttpError> {
    let UrlParts { scheme, authority, path_with_query } = url_parts(request.url())?;
    let mut headers = request.headers().to_vec();
    if !request.body_bytes().is_empty() && headers.iter().all(|(name, _)| name != "content-length") {
        headers.push(("content-length".to_owned(), request.body_bytes().len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&headers).map_err(|error| HttpError::BadRequest(format!("the host refuses the headers: {error}")))?;
    let outgoing = OutgoingRequest::new(headers);
    let bad = |what: &str| HttpError::BadRequest(format!("the host refuses {what}"));
    outgoing.set_method(&method(request.method())).map_err(|()| bad(&format!("the method `{}`", request.method())))?;
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    outgoing.set_scheme(Some(&scheme)).map_err(|()| bad("the scheme"))?;
    outgoing.set_authority(Some(authority)).map_err(|()| bad(&format!("the host `{authority}`")))?;
    outgoing.set_path_with_query(Some(&path_with_query)).map_err(|()| bad(&format!("the path `{path_with_query}`")))?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn options(request: &Request) -> Result<RequestOptions, HttpError> {
    let nanoseconds = u64::try_from(request.timeout_limit().as_nanos()).unwrap_or(u64::MAX);
    let options = RequestOptions::new();
    options
        .set_connect_timeout(Some(nanoseconds))
        .and_then(|()| options.set_first_byte_timeout(Some(nanoseconds)))
        .and_then(|()| options.set_between_bytes_timeout(Some(nanoseconds)))
        .map_err(|()| HttpError::BadRequest("the host knows no time limits".to_owned()))?;
    Ok(options)
}

/// Writes the body. When the server hangs up early, its answer says more than the broken stream does.
fn write_body(request: &Request, body: OutgoingBody) -> Result<(), HttpError> {
    let stream = body.write().map_err(|()| lost(request, "the body cannot be written"))?;
    for chunk in request.body_bytes().chunks(WRITE_BYTES) {
        if stream.blocking_write_and_flush(chunk).is_err() {
            return Ok(());
        }
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|error| refusal(request, error))
}

fn read_response(request: &Request, response: IncomingResponse) -> Result<Response, HttpError> {
    let status = response.status();
    let headers = response.headers().entries();
    let body = response.consume().map_err(|()| lost(request, "the answer has no body stream"))?;
    let bytes = read_body(request, &body)?;
    Ok(Response::new(status, headers, bytes))
}

fn read_body(request: &Request, body: &IncomingBody) -> Result<Vec<u8>, HttpError> {
    let stream: InputStream = body.stream().map_err(|()| lost(request, "the answer's body cannot be read"))?;
    let limit = request.body_limit_bytes();
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(chunk) => {
                if (bytes.len() + chunk.len()) as u64 > limit {
                    return Err(HttpError::BodyTooLarge { limit });
                }
                bytes.extend_from_slice(&chunk);
            }
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match http_error_code(&error) {
                    Some(code) => refusal(request, code),
                    None => lost(request, &error.to_debug_string()),
                });
            }
        }
    }
}

fn lost(request: &Request, reason: &str) -> HttpError {
    HttpError::LostReply { method: request.method().to_owned(), reason: reason.to_owned() }
}

/// What a code of the host means: was it forbidden, was it no request, did it never leave, or is nobody sure.
fn refusal(request: &Request, code: ErrorCode) -> HttpError {
    let reason = format!("{} {}: {}", request.method(), request.url(), words(&code));
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => HttpError::Denied(reason),
        ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_) => HttpError::BadRequest(reason),
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => HttpError::Unreachable(reason),
        _ => HttpError::LostReply { method: request.method().to_owned(), reason },
    }
}

/// The code in words: `ConnectionRefused` is `connection refused`; a text that the host gave comes as it is.
fn words(code: &ErrorCode) -> String {
    if let ErrorCode::InternalError(Some(reason)) = code {
        return reason.clone();
    }
    let name = format!("{code:?}");
    let name = name.strip_prefix("ErrorCode::").unwrap_or(&name);
    let mut words = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 && name.as_bytes()[at - 1].is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
