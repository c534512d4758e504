//! Events → bytes.

use std::convert::Infallible;

use minicbor::encode::Error;
use minicbor::encode::write::Write;

use super::{BATCH_FORMAT, Batch, Blob, Encoded, INLINE_BYTES_MAX, tag};
use crate::run::{BlockReason, Event, Failure, FailureKind, Place, Receipt};
use crate::types::Value;

type Result = std::result::Result<(), Error<Infallible>>;

/// Encodes a batch.
pub fn encode(batch: &Batch) -> Encoded {
    let mut encoder = Encoder { cbor: minicbor::Encoder::new(vec![BATCH_FORMAT]), blobs: Vec::new() };
    encoder.batch(batch).expect("writing to memory cannot fail");
    Encoded { bytes: encoder.cbor.into_writer(), blobs: encoder.blobs }
}

struct Encoder {
    cbor: minicbor::Encoder<Vec<u8>>,
    blobs: Vec<Blob>,
}

impl Encoder {
    fn batch(&mut self, batch: &Batch) -> Result {
        self.cbor.i64(batch.at.0)?.array(batch.events.len() as u64)?;
        batch.events.iter().try_for_each(|event| self.event(event))
    }

    /// Begins an event with its number and so many fields.
    fn open(&mut self, tag: u8, fields: u64) -> Result {
        self.cbor.array(fields + 1)?.u8(tag)?;
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result {
        match event {
            Event::Began { uid, inputs, directory, rerun_of } => {
                self.open(tag::BEGAN, 4)?;
                self.cbor.bytes(&uid.0)?;
                self.value(inputs)?;
                self.cbor.str(directory)?.encode(rerun_of.map(|run| run.0))?;
            }
            Event::Adopted { step, output } => {
                self.open(tag::ADOPTED, 2)?;
                self.cbor.u32(*step)?;
                self.optional_value(output.as_ref())?;
            }
            Event::Skipped { step } => {
                self.open(tag::SKIPPED, 1)?;
                self.cbor.u32(*step)?;
            }
            Event::ItemsOpened { step, count } => {
                self.open(tag::ITEMS_OPENED, 2)?;
                self.cbor.u32(*step)?.u32(*count)?;
            }
            Event::Started { place, attempt } => {
                self.open(tag::STARTED, 3)?;
                self.place(*place)?;
                self.cbor.u32(*attempt)?;
            }
            Event::Done { place, attempt, output, receipt } => {
                self.open(tag::DONE, 5)?;
                self.place(*place)?;
                self.cbor.u32(*attempt)?;
                self.value(output)?;
                self.receipt(receipt)?;
            }
            Event::AttemptFailed { place, attempt, failure, retry_at, receipt } => {
                self.open(tag::ATTEMPT_FAILED, 6)?;
                self.place(*place)?;
                self.cbor.u32(*attempt)?;
                self.failure(failure)?;
                self.cbor.encode(retry_at.map(|at| at.0))?;
                self.receipt(receipt)?;
            }
            Event::StepFailed { step, failure } => {
                self.open(tag::STEP_FAILED, 2)?;
                self.cbor.u32(*step)?;
                self.failure(failure)?;
            }
            Event::Lost { places } => self.places(tag::LOST, places)?,
            Event::Released { places } => self.places(tag::RELEASED, places)?,
            Event::CancelRequested { reason } => {
                self.open(tag::CANCEL_REQUESTED, 1)?;
                self.cbor.str(reason)?;
            }
            Event::Blocked { reason } => self.blocked(reason)?,
            Event::Unblocked => self.open(tag::UNBLOCKED, 0)?,
            Event::RunDone { outputs } => {
                self.open(tag::RUN_DONE, 1)?;
                self.value(outputs)?;
            }
            Event::RunFailed { step, failure } => {
                self.open(tag::RUN_FAILED, 2)?;
                self.cbor.encode(step)?;
                self.failure(failure)?;
            }
            Event::RunCancelled => self.open(tag::RUN_CANCELLED, 0)?,
        }
        Ok(())
    }

    /// Two fields: the step, and the item from 1 or 0 for none.
    fn place(&mut self, place: Place) -> Result {
        self.cbor.u32(place.step)?.u64(place.item.map_or(0, |item| u64::from(item) + 1))?;
        Ok(())
    }

    fn places(&mut self, tag: u8, places: &[Place]) -> Result {
        self.open(tag, 1)?;
        self.cbor.array(places.len() as u64 * 2)?;
        places.iter().try_for_each(|place| self.place(*place))
    }

    fn blocked(&mut self, reason: &BlockReason) -> Result {
        match reason {
            BlockReason::PluginMissing { digest } => {
                self.open(tag::BLOCKED, 2)?;
                self.cbor.u8(1)?.bytes(&digest.0)?;
            }
            BlockReason::KilledWorker { place, times } => {
                self.open(tag::BLOCKED, 4)?;
                self.cbor.u8(2)?;
                self.place(*place)?;
                self.cbor.u32(*times)?;
            }
        }
        Ok(())
    }

    /// A value as JSON text, or as the digest of that text where it is large.
    fn value(&mut self, value: &Value) -> Result {
        let json = value.to_json();
        if json.len() <= INLINE_BYTES_MAX {
            self.cbor.str(&json)?;
            return Ok(());
        }
        let blob = Blob::new(json.into_bytes());
        self.cbor.bytes(&blob.digest().0)?;
        if !self.blobs.iter().any(|known| known.digest() == blob.digest()) {
            self.blobs.push(blob);
        }
        Ok(())
    }

    fn optional_value(&mut self, value: Option<&Value>) -> Result {
        match value {
            Some(value) => self.value(value),
            None => self.cbor.null().map(drop),
        }
    }

    fn failure(&mut self, failure: &Failure) -> Result {
        let (kind, delay_ms) = match failure.kind {
            FailureKind::Transient => (1, 0),
            FailureKind::RetryAfter(ms) => (2, ms),
            FailureKind::Permanent => (3, 0),
            FailureKind::UnknownOutcome => (4, 0),
        };
        self.cbor.array(6)?.u8(kind)?.u64(delay_ms)?.str(&failure.code)?.str(&failure.message)?;
        self.cbor.encode(failure.data.as_deref())?.encode(failure.trace.as_deref())?;
        Ok(())
    }

    fn receipt(&mut self, receipt: &Receipt) -> Result {
        let Receipt { wall_us, fuel, memory_peak, bytes_in, bytes_out, log_dropped, hosts } = receipt;
        self.cbor.array(7)?.u64(*wall_us)?.encode(fuel)?.u64(*memory_peak)?.u64(*bytes_in)?.u64(*bytes_out)?.u64(*log_dropped)?;
        self.cbor.encode(hosts)?;
        Ok(())
    }
}

/// [`Infallible`] is the error of writing to memory; this only says so to the compiler.
const _: fn() = || {
    fn writes_to_memory<W: Write<Error = Infallible>>() {}
    writes_to_memory::<Vec<u8>>();
};
