//! Who published a package: keys, signatures, and what a project or an operator makes of them.
//!
//! A signature is one of cosign's: a small JSON text that names the manifest's digest, signed with a key, kept beside the package
//! under the tag `sha256-DIGEST.sig`. `cosign verify --key` reads ours, and what `cosign sign --key` wrote is read here. The text
//! is signed as it is, so `openssl pkeyutl -verify -rawin` tells the same without either.

mod key;
mod policy;
mod signature;

pub use key::{PublicKey, SecretKey};
pub(crate) use policy::Signers;
pub use policy::{POLICY_NAME, Policy};
pub(crate) use signature::{PAYLOAD_BYTES_MAX, Signature, SignatureManifest, tag_of};
