//! Finds plugins: a reference → a version → a digest → bytes, and what is known of them.
//!
//! - [`Registry`]: the local store, a folder of components named by the digest of their bytes, each with the signatures of its
//!   tasks beside it. Nothing in it ever changes: a file is there whole, or not at all, and its name says what must be in it. So a
//!   run finds for its whole life the exact bytes it began with.
//! - [`Reference`]: what a workflow writes: `oci://registry.example/acme/csv:^1.2`.
//! - [`Packages`]: finds, downloads and publishes versions, wherever a package is kept: an OCI registry, a folder, a web server.
//! - [`Policy`]: whose packages may be used, by who signed them, and what they may ask for.
//! - [`LockFile`]: which version, and which bytes, a project uses of each package.

mod artifact;
mod error;
mod folder;
mod http;
mod lock;
mod packages;
mod reference;
mod repository;
#[cfg(test)]
mod server;
mod trust;

pub use artifact::About;
pub use error::PackageError;
pub use folder::{FILE_BYTES_MAX, Registry, RegistryError, put as write_whole};
pub use http::{Network, Patience};
pub use lock::{LOCK_NAME, LockFile, Locked};
pub use packages::{Offered, Packages, Pushed, Release, VENDOR_NAME};
pub use reference::{Location, Reference, ReferenceError, Source, Wanted};
pub use semver::Version;
pub use trust::{POLICY_NAME, Policy, PublicKey, SecretKey};
