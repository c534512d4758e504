//! Events → bytes.

mod parts;

use std::convert::Infallible;

use minicbor::encode::Error;
use minicbor::encode::write::Write;

use super::{BATCH_FORMAT, Batch, Blob, Encoded, tag};
use crate::run::{Event, Place};

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
            Event::Began { .. } | Event::Prioritized { .. } | Event::Queued { .. } | Event::Admitted { .. } | Event::Failing { .. } => {
                self.of_run(event)
            }
            Event::CancelRequested { .. } | Event::CompensationBegan | Event::Blocked { .. } | Event::Unblocked => self.of_run(event),
            Event::RunDone { .. } | Event::RunFailed { .. } | Event::RunCancelled => self.of_run(event),
            Event::SignalAccepted { .. } | Event::Decided { .. } => self.of_people(event),
            Event::Adopted { .. } | Event::Skipped { .. } | Event::StepFailed { .. } => self.of_step(event),
            Event::ItemsOpened { .. } | Event::Opened { .. } | Event::Closed { .. } => self.of_step(event),
            Event::Lost { places } => self.places(tag::LOST, places),
            Event::Released { places } => self.places(tag::RELEASED, places),
            Event::Started { .. } | Event::Done { .. } | Event::AttemptFailed { .. } => self.of_attempt(event),
            Event::OutcomeUnknown { .. } | Event::ChildLeft { .. } => self.of_attempt(event),
            _ => self.of_place(event),
        }
    }

    fn of_run(&mut self, event: &Event) -> Result {
        match event {
            Event::Began { uid, inputs, directory, rerun_of, parent, labels, scheduled } => {
                // Few runs are started by a schedule; for the others nothing is written.
                self.open(tag::BEGAN, if scheduled.is_some() { 7 } else { 6 })?;
                self.cbor.bytes(&uid.0)?;
                self.value(inputs)?;
                self.cbor.str(directory)?.encode(rerun_of.map(|run| run.0))?;
                self.parent(parent.as_ref())?;
                self.labels(labels)?;
                scheduled.as_ref().map_or(Ok(()), |scheduled| self.scheduled(scheduled))?;
            }
            Event::Prioritized { priority } => {
                self.open(tag::PRIORITIZED, 1)?;
                self.cbor.i32(*priority)?;
            }
            Event::Queued { key, limit, when_busy } => {
                self.open(tag::QUEUED, 3)?;
                self.cbor.str(key)?.u32(*limit)?;
                self.when_busy(*when_busy)?;
            }
            Event::Admitted { token } => {
                self.open(tag::ADMITTED, 1)?;
                self.cbor.u64(token.0)?;
            }
            Event::CancelRequested { reason } => {
                self.open(tag::CANCEL_REQUESTED, 1)?;
                self.cbor.str(reason)?;
            }
            Event::Failing { failure } => {
                self.open(tag::FAILING, 1)?;
                self.failure(failure)?;
            }
            Event::CompensationBegan => self.open(tag::COMPENSATION_BEGAN, 0)?,
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
            _ => unreachable!("`event` sends only events of the run here"),
        }
        Ok(())
    }

    fn of_people(&mut self, event: &Event) -> Result {
        match event {
            Event::SignalAccepted { id, name, payload, by, note } => {
                self.open(tag::SIGNAL_ACCEPTED, 5)?;
                self.cbor.str(id)?.str(name)?;
                self.value(payload)?;
                self.cbor.str(by)?.str(note)?;
            }
            Event::Decided { id, place, decision, by, note } => {
                self.open(tag::DECIDED, 6)?;
                self.cbor.str(id)?;
                self.place(*place)?;
                self.decision(*decision)?;
                self.cbor.str(by)?.str(note)?;
            }
            _ => unreachable!("`event` sends only what people say here"),
        }
        Ok(())
    }

    fn of_step(&mut self, event: &Event) -> Result {
        match event {
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
            Event::Opened { step, branch } => {
                self.open(tag::OPENED, 2)?;
                self.cbor.u32(*step)?.encode(branch)?;
            }
            Event::Closed { step } => {
                self.open(tag::CLOSED, 1)?;
                self.cbor.u32(*step)?;
            }
            Event::StepFailed { step, failure } => {
                self.open(tag::STEP_FAILED, 2)?;
                self.cbor.u32(*step)?;
                self.failure(failure)?;
            }
            _ => unreachable!("`event` sends only events of steps here"),
        }
        Ok(())
    }

    fn of_attempt(&mut self, event: &Event) -> Result {
        match event {
            Event::Started { place, attempt } => self.attempt(tag::STARTED, 0, *place, *attempt)?,
            Event::Done { place, attempt, output, receipt } => {
                self.attempt(tag::DONE, 2, *place, *attempt)?;
                self.value(output)?;
                self.receipt(receipt)?;
            }
            Event::AttemptFailed { place, attempt, failure, retry_at, receipt } => {
                self.attempt(tag::ATTEMPT_FAILED, 3, *place, *attempt)?;
                self.failure(failure)?;
                self.cbor.encode(retry_at.map(|at| at.0))?;
                self.receipt(receipt)?;
            }
            Event::OutcomeUnknown { place, attempt, failure, receipt } => {
                self.attempt(tag::OUTCOME_UNKNOWN, 2, *place, *attempt)?;
                self.failure(failure)?;
                self.receipt(receipt)?;
            }
            Event::ChildLeft { place, attempt } => self.attempt(tag::CHILD_LEFT, 0, *place, *attempt)?,
            _ => unreachable!("`event` sends only events of attempts here"),
        }
        Ok(())
    }

    fn of_place(&mut self, event: &Event) -> Result {
        match event {
            Event::ItemAdopted { place, output } => {
                self.open_at(tag::ITEM_ADOPTED, 1, *place)?;
                self.value(output)?;
            }
            Event::Settled { place, output } => {
                self.open_at(tag::SETTLED, 1, *place)?;
                self.value(output)?;
            }
            Event::Signalled { place, signal } => {
                self.open_at(tag::SIGNALLED, 1, *place)?;
                self.cbor.u32(*signal)?;
            }
            Event::PlaceFailed { place, failure } => {
                self.open_at(tag::PLACE_FAILED, 1, *place)?;
                self.failure(failure)?;
            }
            Event::Resolved { place, how } => self.resolved(*place, how)?,
            Event::Sleeping { place, until } => self.timed(tag::SLEEPING, *place, until.0)?,
            Event::Paused { place, until } => self.timed(tag::PAUSED, *place, until.0)?,
            Event::Delayed { place, until } => self.timed(tag::DELAYED, *place, until.0)?,
            Event::Listening { place } => self.open_at(tag::LISTENING, 0, *place)?,
            Event::LockWanted { place, name, permits } => {
                self.open_at(tag::LOCK_WANTED, 2, *place)?;
                self.cbor.str(name)?.u32(*permits)?;
            }
            Event::LockHeld { place, token } => {
                self.open_at(tag::LOCK_HELD, 1, *place)?;
                self.cbor.u64(token.0)?;
            }
            Event::RateWanted { place } => self.open_at(tag::RATE_WANTED, 0, *place)?,
            Event::Caught { place, handler } => {
                self.open_at(tag::CAUGHT, 1, *place)?;
                self.cbor.u32(*handler)?;
            }
            _ => unreachable!("`event` sends only events of places here"),
        }
        Ok(())
    }

    /// Begins an event whose first two fields are a place.
    fn open_at(&mut self, tag: u8, more: u64, place: Place) -> Result {
        self.open(tag, 2 + more)?;
        self.place(place)
    }

    /// Begins an event whose first three fields are a place and an attempt.
    fn attempt(&mut self, tag: u8, more: u64, place: Place, attempt: u32) -> Result {
        self.open_at(tag, 1 + more, place)?;
        self.cbor.u32(attempt)?;
        Ok(())
    }

    /// An event of a place and an instant.
    fn timed(&mut self, tag: u8, place: Place, at: i64) -> Result {
        self.open_at(tag, 1, place)?;
        self.cbor.i64(at)?;
        Ok(())
    }
}

/// [`Infallible`] is the error of writing to memory; this only says so to the compiler.
const _: fn() = || {
    fn writes_to_memory<W: Write<Error = Infallible>>() {}
    writes_to_memory::<Vec<u8>>();
};
