//! Finds plugins: digest → bytes, and what is known of them.
//!
//! A registry is a folder of components named by the digest of their bytes, each with the signatures of its tasks beside it.
//! Nothing in it ever changes: a file is there whole, or not at all, and its name says what must be in it. So a run finds
//! for its whole life the exact bytes it began with.

mod folder;

pub use folder::{FILE_BYTES_MAX, Registry, RegistryError};
