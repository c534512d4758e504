//! Who is asking: names and passwords from docker's configuration, and tokens that are bought with them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use ureq::http::{Method, StatusCode};
use url::Url;

use super::{Answer, Call, Client, Failed, explanation, read_bounded};
use crate::error::PackageError;

/// The largest answer of a server of tokens, in bytes.
const TOKEN_BYTES_MAX: u64 = 256 << 10;
/// The largest configuration that is read, in bytes.
const CONFIG_BYTES_MAX: u64 = 4 << 20;
/// What stands for a user name when the password is a token that can be exchanged for others.
const TOKEN_USER: &str = "<token>";

/// What has to be permitted: some actions on one repository of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) host: String,
    /// The repository; nothing for the list of all of them.
    pub(crate) repository: Option<String>,
    pub(crate) actions: &'static str,
}

impl Scope {
    /// As servers of tokens are asked for it.
    pub(super) fn text(&self) -> String {
        match &self.repository {
            Some(repository) => format!("repository:{repository}:{}", self.actions),
            None => "registry:catalog:*".to_owned(),
        }
    }
}

/// What a registry wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
    Other(String),
}

impl Challenge {
    /// Reads `WWW-Authenticate`.
    pub(super) fn parse(text: &str) -> Self {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Self::Basic;
        }
        let mut fields = fields(rest);
        match fields.remove("realm").filter(|_| scheme.eq_ignore_ascii_case("bearer")) {
            Some(realm) => Self::Bearer { realm, service: fields.remove("service") },
            None => Self::Other(explanation(text.as_bytes())),
        }
    }
}

/// `name="text"` or `name=text`, with commas between them.
fn fields(mut text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    while let Some((name, rest)) = text.split_once('=') {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (value, after) = quoted.or_else(|| rest.split_once(',')).unwrap_or((rest, ""));
        fields.insert(name.trim_matches([',', ' ']).to_ascii_lowercase(), value.to_owned());
        text = after;
    }
    fields
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    user: String,
    password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

impl Login {
    fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }
}

/// Names and passwords, as docker keeps them.
#[derive(Debug)]
pub(super) struct Credentials {
    folder: Option<PathBuf>,
}

/// The part of docker's `config.json` that says who one is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DockerConfig {
    auths: BTreeMap<String, DockerAuth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DockerAuth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Who one is at a host.
    ///
    /// # Errors
    /// When the configuration is there and cannot be used.
    fn login(&self, host: &str) -> Result<Option<Login>, PackageError> {
        let Some(path) = self.folder.as_ref().map(|folder| folder.join("config.json")).filter(|path| path.is_file()) else {
            return Ok(None);
        };
        let size = std::fs::metadata(&path).map_err(PackageError::io(&path))?.len();
        if size > CONFIG_BYTES_MAX {
            return Err(PackageError::Refused(format!("{} has {size} bytes; {CONFIG_BYTES_MAX} are read", path.display())));
        }
        let text = std::fs::read(&path).map_err(PackageError::io(&path))?;
        // The error never shows the text, which has passwords in it.
        let config: DockerConfig = serde_json::from_slice(&text)
            .map_err(|error| PackageError::Refused(format!("{}:{}: it is no configuration of docker", path.display(), error.line())))?;
        if let Some(helper) = config.cred_helpers.get(host) {
            return helped(helper, host).map(Some);
        }
        let legacy = if host == "docker.io" { "https://index.docker.io/v1/".to_owned() } else { format!("https://{host}") };
        let kept = [host, &legacy].into_iter().find_map(|name| config.auths.get(name));
        match (kept.and_then(login_of), &config.creds_store) {
            (Some(login), _) => Ok(Some(login)),
            // It may not know this host, and then nobody is signed in there.
            (None, Some(store)) => Ok(helped(store, &legacy).ok()),
            (None, None) => Ok(None),
        }
    }
}

fn login_of(kept: &DockerAuth) -> Option<Login> {
    if let Some(token) = kept.identitytoken.as_ref().filter(|token| !token.is_empty()) {
        return Some(Login { user: TOKEN_USER.to_owned(), password: token.clone() });
    }
    if let (Some(user), Some(password)) = (&kept.username, &kept.password) {
        return Some(Login { user: user.clone(), password: password.clone() });
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(kept.auth.as_ref()?.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some(Login { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() })
}

/// Asks one of docker's helpers, `docker-credential-NAME`.
fn helped(helper: &str, host: &str) -> Result<Login, PackageError> {
    let refused = |why: String| PackageError::Refused(format!("docker-credential-{helper}: {why}"));
    if helper.is_empty() || !helper.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')) {
        return Err(refused("this is no name of a helper".to_owned()));
    }
    let mut call = Command::new(format!("docker-credential-{helper}"));
    call.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = call.spawn().map_err(|error| refused(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(host.as_bytes()).map_err(|error| refused(error.to_string()))?;
    }
    let output = child.wait_with_output().map_err(|error| refused(error.to_string()))?;
    if !output.status.success() {
        return Err(refused(format!("it knows nothing of {host}")));
    }
    let answer: Helped = serde_json::from_slice(&output.stdout).map_err(|_| refused("its answer cannot be read".to_owned()))?;
    Ok(Login { user: answer.username, password: answer.secret })
}

impl Client {
    /// What to say as `Authorization`, so that something is permitted.
    pub(super) fn authorization(&self, url: &Url, challenge: &Challenge, scope: &Scope) -> Result<String, PackageError> {
        let login = self.credentials.login(&scope.host)?;
        let refused = |why: String| PackageError::Unauthorized { url: url.to_string(), why };
        match challenge {
            Challenge::Basic => match login {
                Some(login) => Ok(login.basic()),
                None => Err(refused(format!("{} wants a name and a password, and none are known", scope.host))),
            },
            Challenge::Bearer { realm, service } => self.token(url, realm, service.as_deref(), scope, login.as_ref()),
            Challenge::Other(said) => Err(refused(format!("it wants `{said}`, which is not known here"))),
        }
    }

    fn token(&self, of: &Url, realm: &str, service: Option<&str>, scope: &Scope, login: Option<&Login>) -> Result<String, PackageError> {
        let mut realm = Url::parse(realm).map_err(|error| PackageError::wrong(of, format!("its server of tokens, `{realm}`: {error}")))?;
        if realm.scheme() != "https" && (of.scheme() == "https" || !self.is_plain(&realm)) {
            return Err(PackageError::wrong(of, format!("its server of tokens, {realm}, has no TLS")));
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(service.map(|service| ("service", service))).append_pair("scope", &scope.text());
        let refresh = login.filter(|login| login.user == TOKEN_USER);
        let call = if let Some(login) = refresh {
            form.extend_pairs([("grant_type", "refresh_token"), ("client_id", "jackfield"), ("refresh_token", &login.password)]);
            (Method::POST, form.finish(), None)
        } else {
            realm.query_pairs_mut().extend_pairs(url::form_urlencoded::parse(form.finish().as_bytes()));
            (Method::GET, String::new(), login.map(Login::basic))
        };
        let (method, body, authorization) = call;
        let ask = Call::get(realm.clone(), None).with("Content-Type", "application/x-www-form-urlencoded").sending(method, body.as_bytes());
        let (status, bytes) = self.patiently(&realm, || {
            let answer: Answer = self.followed(&ask, authorization.as_deref())?;
            if answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error() {
                return Err(Failed::Passing { why: format!("the server of tokens answers {}", answer.status), wait: None });
            }
            let status = answer.status;
            Ok((status, read_bounded(answer.body, TOKEN_BYTES_MAX).ok().flatten().unwrap_or_default()))
        })?;
        if !status.is_success() {
            let why = format!("{realm} gives no token for {} ({status})", scope.text());
            return Err(PackageError::Unauthorized { url: of.to_string(), why });
        }
        bearer(&bytes).ok_or_else(|| PackageError::wrong(of, format!("{} gives no token", realm.host_str().unwrap_or_default())))
    }
}

/// The token in the answer of a server of tokens.
fn bearer(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Token {
        token: Option<String>,
        access_token: Option<String>,
    }
    let answer: Token = serde_json::from_slice(bytes).ok()?;
    let token = answer.token.or(answer.access_token)?;
    (!token.is_empty() && token.chars().all(|letter| letter.is_ascii_graphic())).then(|| format!("Bearer {token}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>| Challenge::Bearer { realm: realm.into(), service: service.map(Into::into) };
        let parse = Challenge::parse;
        assert_eq!(
            parse(r#"Bearer realm="https://a.example/token",service="r.example",scope="repository:a/b:pull,push""#),
            bearer("https://a.example/token", Some("r.example"))
        );
        assert_eq!(parse(r#"bearer realm="https://a.example/t""#), bearer("https://a.example/t", None));
        assert_eq!(parse(r#"Basic realm="x""#), Challenge::Basic);
        assert_eq!(parse("Basic"), Challenge::Basic);
        assert_eq!(parse(r#"Bearer service="x""#), Challenge::Other(r#"Bearer service="x""#.into()));
        assert_eq!(parse(""), Challenge::Other(String::new()));
    }

    #[test]
    fn docker_knows_who_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::new(Some(folder.path().to_owned()));
        assert_eq!(credentials.login("r.example").unwrap(), None);
        let write = |text: &str| std::fs::write(folder.path().join("config.json"), text).unwrap();
        write(
            r#"{"auths": {"r.example": {"auth": "bWU6cGE6c3M="}, "https://index.docker.io/v1/": {"username": "you", "password": "x"},
                "t.example:5000": {"auth": "bWU6cGFzcw==", "identitytoken": "tok"}, "empty.example": {}}, "other": 1}"#,
        );
        let login = |host: &str| credentials.login(host).unwrap().map(|login| format!("{}|{}", login.user, login.password));
        assert_eq!(login("r.example").as_deref(), Some("me|pa:ss"));
        assert_eq!(login("docker.io").as_deref(), Some("you|x"));
        assert_eq!(login("t.example:5000").as_deref(), Some("<token>|tok"));
        assert_eq!((login("t.example"), login("empty.example")), (None, None));
        write(r#"{"auths": {"r.example": {"auth": "secret"#);
        let error = credentials.login("r.example").unwrap_err().to_string();
        assert!(error.contains("no configuration of docker") && !error.contains("secret"), "{error}");
        write(r#"{"credHelpers": {"r.example": "../../evil"}}"#);
        assert!(credentials.login("r.example").unwrap_err().to_string().contains("no name of a helper"));
    }
}
