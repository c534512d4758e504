//! Hashes, message authentication codes, signatures and encryption.
//!
//! A key is never a value in a workflow: a task is given the *name* of a configuration value, and reads the key from there
//! if its step is granted it (`grant: { config: [NAME] }`). Secrets will not do: a guest never sees one, by design, so
//! nothing can be computed from it. What a task answers is a function of its input, its key and its step; an attempt that
//! is made again answers the same.

mod content;
mod digest;
mod error;
mod key;
mod seal;
mod signature;

jackfield_sdk::plugin!(
    digest::hash,
    digest::hmac,
    digest::verify_hmac,
    signature::public_key,
    signature::sign,
    signature::verify,
    seal::encrypt,
    seal::decrypt
);
