//! What is kept: events ⇄ bytes.
//!
//! A batch is the events of one turn, and one row of the store. Its bytes are a format number and CBOR (RFC 8949) arrays;
//! every event and field has a number that is never used again, new fields are added at the end of an event, and a reader skips what
//! it does not know there. So a run begun by an older engine is resumed by a newer one.
//!
//! Large values are kept beside the batch, named by their digest, so that the table of events stays small.

mod blob;
mod decode;
mod encode;
#[cfg(test)]
mod tests;

use crate::run::{Event, Millis};

pub use blob::Blob;
pub use decode::{DecodeError, blobs_of, decode};
pub use encode::encode;

/// The form of a batch. A number is never used again for another form.
pub const BATCH_FORMAT: u8 = 1;

/// A value with more bytes of JSON than this is kept beside the batch.
pub const INLINE_BYTES_MAX: usize = 4 << 10;

/// The events of one turn, and when they became true.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// When.
    pub at: Millis,
    /// What, in order.
    pub events: Vec<Event>,
}

/// A batch as bytes, and the large values it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The batch.
    pub bytes: Vec<u8>,
    /// Large values as JSON text, each once.
    pub blobs: Vec<Blob>,
}

/// Numbers of events. Never reused.
mod tag {
    pub(super) const BEGAN: u8 = 1;
    pub(super) const ADOPTED: u8 = 2;
    pub(super) const SKIPPED: u8 = 3;
    pub(super) const ITEMS_OPENED: u8 = 4;
    pub(super) const STARTED: u8 = 5;
    pub(super) const DONE: u8 = 6;
    pub(super) const ATTEMPT_FAILED: u8 = 7;
    pub(super) const STEP_FAILED: u8 = 8;
    pub(super) const LOST: u8 = 9;
    pub(super) const RELEASED: u8 = 10;
    pub(super) const CANCEL_REQUESTED: u8 = 11;
    pub(super) const BLOCKED: u8 = 12;
    pub(super) const UNBLOCKED: u8 = 13;
    pub(super) const RUN_DONE: u8 = 14;
    pub(super) const RUN_FAILED: u8 = 15;
    pub(super) const RUN_CANCELLED: u8 = 16;
}
