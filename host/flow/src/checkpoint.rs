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
pub(crate) mod tests;

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
    pub(super) const ITEM_ADOPTED: u8 = 17;
    pub(super) const OPENED: u8 = 18;
    pub(super) const CLOSED: u8 = 19;
    pub(super) const SETTLED: u8 = 20;
    pub(super) const PLACE_FAILED: u8 = 21;
    pub(super) const OUTCOME_UNKNOWN: u8 = 22;
    pub(super) const RESOLVED: u8 = 23;
    pub(super) const SLEEPING: u8 = 24;
    pub(super) const PAUSED: u8 = 25;
    pub(super) const LISTENING: u8 = 26;
    pub(super) const SIGNAL_ACCEPTED: u8 = 27;
    pub(super) const SIGNALLED: u8 = 28;
    pub(super) const DECIDED: u8 = 29;
    pub(super) const LOCK_WANTED: u8 = 30;
    pub(super) const LOCK_HELD: u8 = 31;
    pub(super) const RATE_WANTED: u8 = 32;
    pub(super) const DELAYED: u8 = 33;
    pub(super) const CAUGHT: u8 = 34;
    pub(super) const CHILD_LEFT: u8 = 35;
    pub(super) const FAILING: u8 = 36;
    pub(super) const COMPENSATION_BEGAN: u8 = 37;
    pub(super) const QUEUED: u8 = 38;
    pub(super) const ADMITTED: u8 = 39;
    pub(super) const PRIORITIZED: u8 = 40;
}
