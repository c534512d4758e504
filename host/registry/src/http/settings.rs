//! How servers are reached.

use std::path::PathBuf;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::error::PackageError;

/// The network of this process, as its operator sees it.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The folder of docker's `config.json`, with the names and passwords for registries.
    pub docker_config: Option<PathBuf>,
    /// Hosts, with their ports, that are asked without TLS. This machine itself always is.
    pub insecure: Vec<String>,
    /// A file of certificates to trust instead of the built-in ones.
    pub certificates: Option<PathBuf>,
    /// Whether no server is asked at all.
    pub offline: bool,
    /// How long to wait for what.
    pub patience: Patience,
}

/// How long to wait, and how often to try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries in a row that bring nothing.
    pub tries: u32,
    /// The first pause between two; each is twice the one before.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long an answer may take to begin.
    pub answer: Duration,
    /// How long the rest of it may take.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 4,
            first: Duration::from_millis(250),
            longest: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            body: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// The pause after so many tries; the server may have said how long.
    pub(super) fn pause(&self, tries: u32, said: Option<Duration>) -> Duration {
        let doubled = self.first.saturating_mul(1 << tries.saturating_sub(1).min(16));
        said.unwrap_or(doubled).min(self.longest)
    }
}

/// What speaks HTTP.
pub(super) fn agent(network: &Network) -> Result<Agent, PackageError> {
    let patience = network.patience;
    let mut tls = TlsConfig::builder();
    if let Some(path) = &network.certificates {
        let pem = std::fs::read(path).map_err(PackageError::io(path))?;
        let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        tls = tls.root_certs(RootCerts::from(certificates));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // Redirects are followed by our own rules.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .tls_config(tls.build())
        .user_agent(concat!("jackfield/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(patience.connect))
        .timeout_recv_response(Some(patience.answer))
        .timeout_recv_body(Some(patience.body));
    Ok(Agent::new_with_config(config.build()))
}
