//! Who published a package: keys, signatures, and what a project or an operator makes of them.
//!
//! A signature has the form of cosign's key signatures: a small JSON text that names the manifest's digest, signed with a key, kept beside the package
//! under the tag `sha256-DIGEST.sig`. Keys are Ed25519, or on the curve P-256 as cosign makes them. The text is signed as it is, so
//! `openssl pkeyutl -verify -rawin` tells the same, which the tests ask.

mod key;
mod policy;
mod signature;

pub use key::{PublicKey, SecretKey};
pub(crate) use policy::Signers;
pub use policy::{POLICY_NAME, Policy};
pub(crate) use signature::{PAYLOAD_BYTES_MAX, Signature, SignatureManifest, tag_of};
