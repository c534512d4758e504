//! `wasi:http/outgoing-handler`: every request is a decision of ours.
//!
//! A request passes these gates in order: its form (method, headers, URL), the grant (method, scheme, host, port, path),
//! the secrets it carries, the number of connections, and the *resolved* address. It is then sent to exactly the address
//! that was judged, over one HTTP/1.1 connection of its own. No redirect is followed, no proxy variable is read, nothing
//! is decompressed.

pub(crate) mod address;
mod body;
mod connect;
mod gate;

pub(crate) use connect::{Dialer, tls_config};
pub(crate) use gate::HttpGate;

/// Header names and values of a request or response that a guest builds, in bytes as wasmtime counts them.
pub(crate) const FIELDS_BYTES_MAX: usize = 32 * 1024;
/// Connections of one attempt at the same time.
pub(crate) const CONNECTIONS_MAX: usize = 8;

#[cfg(test)]
mod tests;
