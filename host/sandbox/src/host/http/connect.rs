//! The connection: name to addresses, a judgement of each, a socket to exactly the one that was judged, TLS, HTTP/1.1.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, Result, WasiBody};

use super::address::{self, Verdict};
use super::body::Timed;
use crate::limits::OperatorPolicy;

/// How long a name look-up may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of a response's status line and headers.
const RESPONSE_HEAD_BYTES_MAX: usize = 256 * 1024;
/// Most header fields of a response.
const RESPONSE_FIELDS_MAX: usize = 256;

/// What all connections share.
pub(crate) struct Dialer {
    operator: OperatorPolicy,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Dialer {
    /// Under this policy. The trusted certificates are only read when first needed.
    pub(crate) fn new(operator: OperatorPolicy) -> Self {
        Self { operator, tls: OnceLock::new() }
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let config = tls_config(&self.operator.extra_roots).map_err(|reason| Error::InternalError(Some(reason)))?;
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }
}

/// TLS with the public certificates and those of the operator.
///
/// # Errors
/// With a sentence, when one of the operator's certificates cannot be read.
pub(crate) fn tls_config(extra_roots: &[Vec<u8>]) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (at, der) in extra_roots.iter().enumerate() {
        roots.add(CertificateDer::from(der.clone())).map_err(|error| format!("trusted certificate number {}: {error}", at + 1))?;
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A connection that is wanted.
pub(super) struct Connect<'a> {
    pub(super) dialer: &'a Dialer,
    /// Host without port, an IPv6 address in brackets.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) scheme: &'a str,
    pub(super) timeout: Duration,
}

/// An open connection, plain or encrypted.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Connect<'_> {
    /// Opens the connection.
    ///
    /// # Errors
    /// When the name has no address that may be reached, or none of them answers in time.
    pub(super) async fn open(&self) -> Result<Box<dyn Wire>> {
        let addresses = self.allowed(self.lookup().await?)?;
        let opening = async {
            let stream = self.dial(&addresses).await?;
            if self.scheme == "https" { self.encrypt(stream).await } else { Ok(Box::new(stream) as Box<dyn Wire>) }
        };
        tokio::time::timeout(self.timeout, opening).await.map_err(|_| Error::ConnectionTimeout)?
    }

    async fn lookup(&self) -> Result<Vec<SocketAddr>> {
        let name = self.bare_host();
        if address::is_closed_name(name, &self.dialer.operator) {
            return Err(Error::DestinationIpProhibited);
        }
        let found = tokio::time::timeout(LOOKUP_TIMEOUT, lookup_host((name, self.port))).await.map_err(|_| Error::DnsTimeout)?;
        let addresses: Vec<_> = found.map_err(|error| Error::DnsError { rcode: Some(error.to_string()), info_code: None })?.collect();
        if addresses.is_empty() { Err(Error::DestinationNotFound) } else { Ok(addresses) }
    }

    /// The addresses that may be reached.
    fn allowed(&self, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>> {
        let allowed: Vec<_> = addresses
            .into_iter()
            .filter(|to| address::judge(to.ip(), self.bare_host(), &self.dialer.operator) == Verdict::Allowed)
            .collect();
        if allowed.is_empty() { Err(Error::DestinationIpProhibited) } else { Ok(allowed) }
    }

    async fn dial(&self, addresses: &[SocketAddr]) -> Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Requests are written whole; waiting for more to send would only delay them.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(Error::Connect(last))
    }

    async fn encrypt(&self, stream: TcpStream) -> Result<Box<dyn Wire>> {
        let name = ServerName::try_from(self.bare_host().to_owned()).map_err(|_| Error::HttpRequestUriInvalid)?;
        let stream = TlsConnector::from(self.dialer.tls()?).connect(name, stream).await.map_err(Error::Tls)?;
        Ok(Box::new(stream))
    }

    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// Sends one request over a connection and reads the response's head.
///
/// # Errors
/// When the other side does not speak HTTP/1.1, or breaks off.
pub(super) async fn exchange(
    wire: Box<dyn Wire>,
    request: Request<WasiBody>,
    between_bytes: Duration,
    permit: OwnedSemaphorePermit,
) -> Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>)> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(RESPONSE_HEAD_BYTES_MAX).max_headers(RESPONSE_FIELDS_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(wire)).await?;
    let mut connection = Box::pin(connection);
    let sending = sender.send_request(request);
    tokio::pin!(sending);
    let mut ended: Option<Result<(), hyper::Error>> = None;
    let response = loop {
        // The connection is driven here until the response is there, and by the caller afterwards. One that ends first may
        // have left a whole response behind: many servers hang up without a farewell.
        tokio::select! {
            biased;
            response = &mut sending => break response,
            end = &mut connection, if ended.is_none() => ended = Some(end),
        }
    };
    let finished = ended.is_some();
    let response = match (response, ended) {
        (Err(_), Some(Err(reason))) => return Err(reason.into()),
        (response, _) => response?,
    };
    let response = response.map(|incoming| Timed::new(incoming, between_bytes, permit).boxed_unsync());
    let rest = async move {
        // The sender is kept until here: without it hyper would close a connection whose request body is still going out.
        let _sender = sender;
        if !finished {
            connection.await?;
        }
        Ok(())
    };
    Ok((response, Box::new(rest)))
}

/// What went wrong, for the attempt's record.
pub(super) fn explain(error: &Error) -> String {
    match error {
        Error::DestinationIpProhibited => "every address of this host is private, local or special, and the operator has not opened it; the operator opens a network by its CIDR, on the command line with `--allow-network`".to_owned(),
        Error::DnsTimeout => format!("the name look-up took longer than {} s", LOOKUP_TIMEOUT.as_secs()),
        Error::DnsError { rcode: Some(reason), .. } => format!("the name look-up failed: {reason}"),
        other => other.to_string(),
    }
}
