//! Grants: what a step may touch.
//!
//! A grant is pure data with one question each: may this request be sent, may this directory be opened. The sandbox
//! asks; nothing here touches the world.

mod used;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use used::USED_RULES_MAX;

use super::signature::Effect;

/// What a step may touch. Empty is nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grant {
    /// Requests that may be sent.
    pub http: Vec<HttpRule>,
    /// Directories that may be opened.
    pub files: Vec<FileRule>,
    /// Names of configuration values that may be read.
    pub config: Vec<Arc<str>>,
    /// Secrets that may be sent.
    pub secrets: Vec<SecretRule>,
    /// Whether there is a directory of the run's own at `/scratch`.
    pub scratch: bool,
    /// Memory of an attempt in bytes, when it needs more than the default.
    pub memory: Option<u64>,
}

impl Grant {
    /// What a step with this grant can do to the world.
    pub fn effect(&self) -> Effect {
        let writes = self.files.iter().any(|rule| rule.mode == FileMode::ReadWrite);
        let sends = self.http.iter().any(|rule| !rule.only_reads());
        if writes || sends || self.scratch {
            return Effect::Effects;
        }
        let reads = !self.http.is_empty() || !self.files.is_empty();
        if reads || !self.config.is_empty() || !self.secrets.is_empty() { Effect::Reads } else { Effect::Pure }
    }

    /// Whether any rule lets this request through.
    pub fn allows_http(&self, request: &HttpTarget<'_>) -> bool {
        self.http.iter().any(|rule| rule.allows(request))
    }
}

/// A request, as far as a rule looks at it.
#[derive(Clone, Copy, Debug)]
pub struct HttpTarget<'a> {
    /// Upper-case method.
    pub method: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// Host without port, lower-case; an IPv6 address stands in brackets.
    pub host: &'a str,
    /// Port, the scheme's own where the URL names none.
    pub port: u16,
    /// Path without query, normalised by the URL parser, beginning with `/`.
    pub path: &'a str,
}

/// Requests that may be sent: `[METHOD[,METHOD…]] scheme://host[:port]/path`, where the host may begin with `*.` and the path may
/// end with `*`. Without a method, `GET` and `HEAD`; `*` is any method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpRule {
    methods: Vec<String>,
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl HttpRule {
    /// Reads a rule; the error says what is wrong with it and how a rule looks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (methods, url) = match text.trim().split_once(char::is_whitespace) {
            Some((methods, url)) => (methods.split(',').map(str::to_owned).collect(), url.trim()),
            None => (vec!["GET".to_owned(), "HEAD".to_owned()], text.trim()),
        };
        let good =
            |method: &String| method == "*" || (!method.is_empty() && method.len() <= 20 && method.bytes().all(|b| b.is_ascii_uppercase()));
        if let Some(bad) = methods.iter().find(|method| !good(method)) {
            return Err(format!("`{bad}` is not an HTTP method in upper case: write `GET https://host/path/*`"));
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(format!("`{url}` has no scheme: write `https://host/path/*`"));
        };
        let own_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(format!("scheme `{scheme}` cannot be granted: only http and https")),
        };
        let (authority, path) = rest.find('/').map_or((rest, "/*"), |at| rest.split_at(at));
        let (host, port) = split_port(authority, own_port)?;
        check_host(host)?;
        if path.trim_end_matches('*').contains(['*', '?', '#']) {
            return Err(format!("path `{path}`: `*` may stand only at its end, and a query cannot be granted"));
        }
        Ok(Self { methods, scheme: scheme.to_owned(), host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// The host it names; begins with `*.` when it stands for all names below.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether nothing but `GET` and `HEAD` passes.
    pub fn only_reads(&self) -> bool {
        self.methods.iter().all(|method| method == "GET" || method == "HEAD")
    }

    /// The requests that both rules let through, as a rule, if there are any.
    ///
    /// Rules are prefixes and suffixes, so of two that overlap in a part, one covers the other there.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        if self.scheme != other.scheme || self.port != other.port {
            return None;
        }
        let any = |methods: &[String]| methods.iter().any(|method| method == "*");
        let methods = match (any(&self.methods), any(&other.methods)) {
            (true, _) => other.methods.clone(),
            (_, true) => self.methods.clone(),
            _ => self.methods.iter().filter(|method| other.methods.contains(method)).cloned().collect(),
        };
        let host = if host_matches(&self.host, &other.host) { &other.host } else { &self.host };
        let host = (host_matches(&self.host, host) && host_matches(&other.host, host)).then(|| host.clone())?;
        let path = narrower_path(&self.path, &other.path)?;
        (!methods.is_empty()).then(|| Self { methods, scheme: self.scheme.clone(), host, port: self.port, path })
    }

    /// Whether this rule lets the request through.
    pub fn allows(&self, request: &HttpTarget<'_>) -> bool {
        let method = self.methods.iter().any(|method| method == "*" || method == request.method);
        let path = match self.path.strip_suffix('*') {
            Some(prefix) => request.path.starts_with(prefix),
            None => request.path == self.path,
        };
        method && path && self.scheme == request.scheme && self.port == request.port && host_matches(&self.host, request.host)
    }
}

/// The narrower of two path patterns, when one lies within the other.
fn narrower_path(a: &str, b: &str) -> Option<String> {
    let covers = |wide: &str, narrow: &str| match wide.strip_suffix('*') {
        Some(prefix) => narrow.starts_with(prefix),
        None => wide == narrow,
    };
    if covers(a, b) {
        return Some(b.to_owned());
    }
    covers(b, a).then(|| a.to_owned())
}

/// Whether a host pattern (`api.example` or `*.example`) covers a host.
pub fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host == pattern || (host.len() > suffix.len() && host.ends_with(suffix)),
        None => pattern == host,
    }
}

fn split_port(authority: &str, own: u16) -> Result<(&str, u16), String> {
    let after_host = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_host..].rfind(':') {
        None => Ok((authority, own)),
        Some(at) => {
            let (host, port) = (&authority[..after_host + at], &authority[after_host + at + 1..]);
            port.parse().map(|port| (host, port)).map_err(|_| format!("`{port}` is not a port (0 to 65535)"))
        }
    }
}

fn check_host(host: &str) -> Result<(), String> {
    let name = host.strip_prefix("*.").unwrap_or(host);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'[' | b']' | b':');
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(format!("host `{host}`: write a host name or address; `*.` may stand only at its beginning"));
    }
    Ok(())
}

impl fmt::Display for HttpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}://{}", self.methods.join(","), self.scheme, self.host)?;
        let own = if self.scheme == "https" { 443 } else { 80 };
        if self.port != own {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

impl TryFrom<String> for HttpRule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<HttpRule> for String {
    fn from(rule: HttpRule) -> Self {
        rule.to_string()
    }
}

/// Whether a directory may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileMode {
    /// Files can be read and directories listed.
    ReadOnly,
    /// Files can be made, changed and removed as well.
    ReadWrite,
}

/// A directory that may be opened: `read PATH [as MOUNT]` or `write PATH [as MOUNT]`.
///
/// A relative path is looked for beside the workflow file. The guest sees the directory under `MOUNT`, which without `as` is the path as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileRule {
    /// Whether it may be changed.
    pub mode: FileMode,
    /// The directory on the host, as written.
    pub path: String,
    /// Its name inside the sandbox.
    pub mount: String,
}

impl FileRule {
    /// Reads a rule; the error says what is wrong with it and how a rule looks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let how = "write `read DIRECTORY` or `write DIRECTORY`, and `as NAME` after it if the task should see another name";
        let Some((mode, rest)) = text.trim().split_once(char::is_whitespace) else {
            return Err(format!("`{text}` does not say what may be done: {how}"));
        };
        let mode = match mode {
            "read" => FileMode::ReadOnly,
            "write" => FileMode::ReadWrite,
            _ => return Err(format!("`{mode}` is neither `read` nor `write`: {how}")),
        };
        let (path, mount) = rest.trim().split_once(" as ").map_or((rest.trim(), rest.trim()), |(p, m)| (p.trim(), m.trim()));
        let mount = if mount == "." || mount == "./" { "." } else { mount.trim_start_matches("./").trim_end_matches('/') };
        if path.is_empty() || mount.is_empty() || path.contains('\0') || mount.contains('\0') {
            return Err(format!("`{text}` names no directory: {how}"));
        }
        if mount.split('/').any(|part| part == "..") && rest.contains(" as ") {
            return Err(format!("the name `{mount}` must not contain `..`"));
        }
        Ok(Self { mode, path: path.to_owned(), mount: mount.to_owned() })
    }
}

impl fmt::Display for FileRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.mode == FileMode::ReadOnly { "read" } else { "write" };
        write!(f, "{mode} {} as {}", self.path, self.mount)
    }
}

impl TryFrom<String> for FileRule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<FileRule> for String {
    fn from(rule: FileRule) -> Self {
        rule.to_string()
    }
}

/// A secret that may be sent, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRule {
    /// The secret's name.
    pub name: Arc<str>,
    /// Host patterns it may be sent to; empty for every host the step's `http` grant names.
    pub hosts: Vec<String>,
}
