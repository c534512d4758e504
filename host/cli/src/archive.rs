//! A run in one file, to be opened elsewhere.
//!
//! | bytes | |
//! | --- | --- |
//! | 16 | [`MAGIC`]: what it is. A transfer that changes line ends or drops the eighth bit shows in it |
//! | 2 | [`VERSION`], big-endian |
//! | 8 | length of the packed body |
//! | 8 | length of the body |
//! | … | the packed body: Zstandard (RFC 8878) |
//! | 32 | SHA-256 of everything before |
//!
//! The body is a CBOR (RFC 8949) map with text keys; which ones is in [`write`](mod@write). A reader skips keys that it does not
//! know; what must not be skipped raises the version. Batches and the plan are bytes that carry the numbers of their own formats.
//!
//! Nothing is believed: lengths are compared with the bytes that are there and with the limits before anything is reserved, and
//! the checksum is compared before anything is unpacked.

mod read;
mod write;

pub(crate) use read::{ArchiveError, read};
pub(crate) use write::write;

use jackfield_store::limits::RUN_BYTES_MAX;

/// The first bytes of such a file.
const MAGIC: &[u8; 16] = b"\x89jackfield-run\r\n";
/// The form of the file. A number is never used again for another form.
const VERSION: u16 = 1;
/// Bytes before the packed body.
const HEAD_BYTES: usize = MAGIC.len() + 2 + 8 + 8;
/// Bytes of the checksum.
const SUM_BYTES: usize = 32;
/// The largest body, in bytes: what the store takes, and some for the names of the parts.
const BODY_BYTES_MAX: usize = RUN_BYTES_MAX + (32 << 20);
/// The largest file, in bytes. What cannot be packed gets a little larger by trying.
pub(crate) const FILE_BYTES_MAX: usize = BODY_BYTES_MAX + (1 << 20);

#[cfg(test)]
mod tests;
