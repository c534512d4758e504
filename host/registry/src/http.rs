//! Asking web servers: bounded in size and time, patient with what passes, and never without TLS where it began with it.

mod auth;
mod settings;

use std::collections::BTreeMap;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jackfield_flow::plan::Digest;
use sha2::{Digest as _, Sha256};
use ureq::http::{HeaderMap, Method, Request, StatusCode};
use ureq::{Agent, Body};
use url::Url;

use crate::error::PackageError;
use crate::reference::is_loopback;
pub(crate) use auth::Scope;
use auth::{Challenge, Credentials};
pub use settings::{Network, Patience};

/// How many redirects are followed.
const REDIRECTS_MAX: usize = 5;
/// What a try must have brought, in bytes, so that the next one is not counted as one more failure.
const PROGRESS_BYTES_MIN: u64 = 64 << 10;
/// The largest explanation of a refusal that is read, in bytes.
const EXPLANATION_BYTES_MAX: usize = 8 << 10;

/// Asks web servers, and remembers what it may say to them.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    network: Network,
    credentials: Credentials,
    /// What is said as `Authorization`, by host and scope.
    known: Mutex<BTreeMap<(String, String), String>>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'a [u8],
    /// What has to be permitted for it; nothing for servers that know no permissions.
    pub(crate) scope: Option<Scope>,
}

/// An answer whose body has not been read yet.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

/// An answer that is here whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// Why a try did not succeed.
enum Failed {
    /// Another try may.
    Passing { why: String, wait: Option<Duration> },
    /// Another one would not.
    For(PackageError),
}

impl<'a> Call<'a> {
    /// Asks for what is at an address.
    pub(crate) fn get(url: Url, scope: Option<Scope>) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: &[], scope }
    }

    /// The same with a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with another method and a body.
    pub(crate) fn sending(mut self, method: Method, body: &'a [u8]) -> Self {
        (self.method, self.body) = (method, body);
        self
    }
}

impl Client {
    /// A client in this network.
    ///
    /// # Errors
    /// When certificates that are named cannot be read.
    pub(crate) fn new(network: Network) -> Result<Self, PackageError> {
        let agent = settings::agent(&network)?;
        let credentials = Credentials::new(network.docker_config.clone());
        Ok(Self { agent, network, credentials, known: Mutex::default() })
    }

    /// The address of a host's API. Without TLS only for this machine itself, and for hosts that the operator named.
    pub(crate) fn base(&self, host: &str) -> Result<Url, PackageError> {
        let plain = is_loopback(host.rsplit_once(':').map_or(host, |(name, _)| name)) || is_loopback(host);
        let scheme = if plain || self.network.insecure.iter().any(|known| known == host) { "http" } else { "https" };
        // The old name of that registry is no host that answers.
        let host = if host == "docker.io" { "registry-1.docker.io" } else { host };
        Url::parse(&format!("{scheme}://{host}/")).map_err(|error| PackageError::wrong(host, error.to_string()))
    }

    /// Asks, and reads the answer whole. What is not found is an answer, too.
    pub(crate) fn read(&self, call: &Call<'_>, bytes_max: u64) -> Result<Whole, PackageError> {
        self.patiently(&call.url, || {
            let answer = self.once(call)?;
            let (status, headers) = (answer.status, answer.headers);
            let bytes = read_bounded(answer.body, bytes_max).map_err(|error| passing(&error))?;
            let bytes =
                bytes.ok_or_else(|| Failed::For(PackageError::wrong(&call.url, format!("its answer is longer than {bytes_max} bytes"))))?;
            Ok(Whole { status, headers, bytes })
        })
    }

    /// Downloads into a file, going on where it was cut. The bytes have this digest and size, or it is an error.
    pub(crate) fn download(&self, call: &Call<'_>, digest: Digest, size: u64, file: &mut std::fs::File) -> Result<(), PackageError> {
        let mut got = Got { have: 0, hash: Sha256::new() };
        let mut failures = 0;
        while got.have < size {
            let before = got.have;
            let (why, wait) = match self.some(call, size, file, &mut got) {
                Ok(()) => continue,
                Err(Failed::For(error)) => return Err(error),
                Err(Failed::Passing { why, wait }) => (why, wait),
            };
            failures = if got.have >= before.saturating_add(PROGRESS_BYTES_MIN) { 0 } else { failures + 1 };
            if failures >= self.network.patience.tries {
                let why = format!("{} of {size} bytes came, then: {why}; {failures} tries", got.have);
                return Err(PackageError::Unreachable { url: call.url.to_string(), why });
            }
            std::thread::sleep(self.network.patience.pause(failures, wait));
        }
        let found = Digest(got.hash.finalize().into());
        if found == digest { Ok(()) } else { Err(PackageError::Digest { what: call.url.to_string(), expected: digest, found }) }
    }

    /// One try of a download: as much of the rest as comes.
    fn some(&self, call: &Call<'_>, size: u64, file: &mut std::fs::File, got: &mut Got) -> Result<(), Failed> {
        let mut call = call.clone();
        if got.have > 0 {
            call = call.with("Range", format!("bytes={}-", got.have));
        }
        let answer = self.once(&call)?;
        let wrong = |why: String| Failed::For(PackageError::wrong(&call.url, why));
        match answer.status {
            StatusCode::PARTIAL_CONTENT if got.have > 0 && begins_at(&answer.headers, got.have) => {}
            StatusCode::OK => {
                // It begins anew, whatever was asked.
                file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).map_err(|error| wrong(error.to_string()))?;
                *got = Got { have: 0, hash: Sha256::new() };
            }
            status => return Err(wrong(format!("the registry answers {status}"))),
        }
        let left = size - got.have;
        if let Some(said) = answer.body.content_length().filter(|said| *said != left) {
            return Err(wrong(format!("{said} bytes are there, where {left} should be")));
        }
        // One more than there should be, so that one too many is noticed.
        let mut body = answer.body.into_reader().take(left + 1);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) if got.have < size => return Err(Failed::Passing { why: "the connection ended".to_owned(), wait: None }),
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) => return Err(passing(&error)),
            };
            if got.have + count as u64 > size {
                return Err(wrong(format!("more than the {size} bytes come that should be there")));
            }
            file.write_all(&buffer[..count]).map_err(|error| wrong(format!("it cannot be written: {error}")))?;
            got.hash.update(&buffer[..count]);
            got.have += count as u64;
        }
    }

    fn patiently<T>(&self, url: &Url, mut work: impl FnMut() -> Result<T, Failed>) -> Result<T, PackageError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match work() {
                Ok(done) => return Ok(done),
                Err(Failed::For(error)) => return Err(error),
                Err(Failed::Passing { why, .. }) if tries >= self.network.patience.tries => {
                    let tries = if tries == 1 { String::new() } else { format!("; {tries} tries") };
                    return Err(PackageError::Unreachable { url: url.to_string(), why: format!("{why}{tries}") });
                }
                Err(Failed::Passing { wait, .. }) => std::thread::sleep(self.network.patience.pause(tries, wait)),
            }
        }
    }

    /// One request with its redirects, and once more when the server wants to know who is asking.
    fn once(&self, call: &Call<'_>) -> Result<Answer, Failed> {
        if self.network.offline {
            return Err(Failed::For(PackageError::Refused(format!("{} is not asked: the network is not to be used", call.url))));
        }
        let key = call.scope.as_ref().map(|scope| (scope.host.clone(), scope.text()));
        let known = key.as_ref().and_then(|key| self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned());
        let answer = self.followed(call, known.as_deref())?;
        let (StatusCode::UNAUTHORIZED, Some(scope), Some(key)) = (answer.status, &call.scope, key) else {
            return self.judged(call, answer);
        };
        let said = answer.headers.get("www-authenticate").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let authorization = self.authorization(&call.url, &Challenge::parse(said), scope).map_err(Failed::For)?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, authorization.clone());
        let answer = self.followed(call, Some(&authorization))?;
        self.judged(call, answer)
    }

    /// An answer that is of use: not one that passes, a refusal, or something packed.
    fn judged(&self, call: &Call<'_>, answer: Answer) -> Result<Answer, Failed> {
        let status = answer.status;
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let after = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
            return Err(Failed::Passing { why: format!("the registry answers {status}"), wait: after });
        }
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            return Err(Failed::For(PackageError::Unauthorized {
                url: call.url.to_string(),
                why: format!("the registry answers {status}"),
            }));
        }
        match answer.headers.get("content-encoding").and_then(|value| value.to_str().ok()) {
            None | Some("" | "identity") => Ok(answer),
            Some(packed) => {
                Err(Failed::For(PackageError::wrong(&call.url, format!("it answers packed as {packed}, which was not asked for"))))
            }
        }
    }

    fn followed(&self, call: &Call<'_>, authorization: Option<&str>) -> Result<Answer, Failed> {
        let mut url = call.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            // Who asks is told to the host that was meant, and to no other.
            let answer = self.send(call, &url, authorization.filter(|_| url.origin() == call.url.origin()))?;
            if !answer.status.is_redirection() || answer.status == StatusCode::NOT_MODIFIED {
                return Ok(answer);
            }
            let wrong = |why: String| Failed::For(PackageError::wrong(&call.url, why));
            if call.method != Method::GET && call.method != Method::HEAD {
                return Err(wrong(format!("it sends elsewhere ({}) what was sent to it", answer.status)));
            }
            let to = answer.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let to = url.join(to).map_err(|error| wrong(format!("it sends elsewhere, to `{to}`: {error}")))?;
            if to.scheme() != "https" && (url.scheme() == "https" || !self.is_plain(&to)) {
                return Err(wrong(format!("it sends elsewhere, to {to}, which has no TLS")));
            }
            url = to;
        }
        Err(Failed::For(PackageError::wrong(&call.url, format!("it sends elsewhere more than {REDIRECTS_MAX} times"))))
    }

    /// Whether a server may be asked without TLS.
    fn is_plain(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let with_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        url.scheme() == "http" && (is_loopback(host) || self.network.insecure.contains(&with_port))
    }

    fn send(&self, call: &Call<'_>, url: &Url, authorization: Option<&str>) -> Result<Answer, Failed> {
        let mut request = Request::builder().method(&call.method).uri(url.as_str()).header("Accept-Encoding", "identity");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        let bad = |error: ureq::http::Error| Failed::For(PackageError::wrong(url, error.to_string()));
        // What is on this machine is not reached through somebody else's.
        let local = url.host_str().is_some_and(is_loopback);
        let sent = if call.method == Method::GET || call.method == Method::HEAD {
            let request = self.agent.configure_request(request.body(()).map_err(bad)?);
            self.agent.run(if local { request.proxy(None).build() } else { request.build() })
        } else {
            let request = self.agent.configure_request(request.body(call.body).map_err(bad)?);
            self.agent.run(if local { request.proxy(None).build() } else { request.build() })
        };
        let response = sent.map_err(|error| failed(url, error))?;
        let (parts, body) = response.into_parts();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// What has come of a download.
struct Got {
    have: u64,
    hash: Sha256,
}

fn begins_at(headers: &HeaderMap, byte: u64) -> bool {
    let range = headers.get("content-range").and_then(|value| value.to_str().ok());
    range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()) == Some(byte)
}

/// What is left to read, or nothing when it is more than that.
fn read_bounded(body: Body, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    body.into_reader().take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}

fn passing(error: &io::Error) -> Failed {
    Failed::Passing { why: error.to_string(), wait: None }
}

/// What was wrong with a connection: trying again helps against most of it.
fn failed(url: &Url, error: ureq::Error) -> Failed {
    match error {
        ureq::Error::Io(_)
        | ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Protocol(_) => Failed::Passing { why: error.to_string(), wait: None },
        other => Failed::For(PackageError::Unreachable { url: url.to_string(), why: other.to_string() }),
    }
}

/// What a server says of why it refuses, short enough to be shown.
pub(crate) fn explanation(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(EXPLANATION_BYTES_MAX)]);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|letter| !letter.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests;
