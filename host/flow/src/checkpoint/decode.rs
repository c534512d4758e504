//! Bytes → events. Bytes may be damaged: nothing here trusts a length or a number.

mod parts;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{BATCH_FORMAT, Batch, tag};
use crate::plan::Digest;
use crate::run::{Event, LockToken, Millis, RunId, RunUid};

/// Bytes that are no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The batch is of a newer engine's form.
    #[error("the checkpoint has format {found}; this engine reads format {BATCH_FORMAT}")]
    Format {
        /// Its form.
        found: u8,
    },
    /// The bytes are damaged.
    #[error("the checkpoint is damaged: {0}")]
    Damaged(String),
    /// A value kept beside the batch cannot be had.
    #[error("the value {0} of the checkpoint is missing")]
    BlobMissing(Digest),
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

type Result<T> = std::result::Result<T, DecodeError>;

/// The digests of the large values a batch refers to.
pub fn blobs_of(bytes: &[u8]) -> Result<BTreeSet<Digest>> {
    let mut wanted = BTreeSet::new();
    let mut note = |digest: &Digest| {
        wanted.insert(*digest);
        Some(Arc::from(&b"null"[..]))
    };
    decode(bytes, &mut note)?;
    Ok(wanted)
}

/// Decodes a batch; `blob` gives the large values it refers to.
pub fn decode(bytes: &[u8], blob: &mut dyn FnMut(&Digest) -> Option<Arc<[u8]>>) -> Result<Batch> {
    let Some((format, rest)) = bytes.split_first() else {
        return Err(DecodeError::Damaged("it is empty".to_owned()));
    };
    if *format != BATCH_FORMAT {
        return Err(DecodeError::Format { found: *format });
    }
    let mut decoder = Decoder { cbor: minicbor::Decoder::new(rest), blob, fields: 0 };
    let at = Millis(decoder.cbor.i64()?);
    let count = decoder.length()?;
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(decoder.event()?);
    }
    if decoder.cbor.position() != rest.len() {
        return Err(DecodeError::Damaged("bytes follow its end".to_owned()));
    }
    Ok(Batch { at, events })
}

struct Decoder<'a, 'b> {
    cbor: minicbor::Decoder<'a>,
    blob: &'b mut dyn FnMut(&Digest) -> Option<Arc<[u8]>>,
    /// Fields of the event that is being read, its number among them.
    fields: u64,
}

impl Decoder<'_, '_> {
    fn length(&mut self) -> Result<u64> {
        self.cbor.array()?.ok_or_else(|| DecodeError::Damaged("a list without a length".to_owned()))
    }

    /// An event; fields that a newer engine added at its end are skipped.
    fn event(&mut self) -> Result<Event> {
        let fields = self.length()?;
        self.fields = fields;
        let tag = self.cbor.u8()?;
        let (event, known) = self.fields(tag)?;
        for _ in known + 1..fields {
            self.cbor.skip()?;
        }
        Ok(event)
    }

    fn fields(&mut self, tag: u8) -> Result<(Event, u64)> {
        match tag {
            tag::BEGAN | tag::QUEUED | tag::ADMITTED | tag::CANCEL_REQUESTED | tag::FAILING | tag::COMPENSATION_BEGAN => self.of_run(tag),
            tag::PRIORITIZED | tag::BLOCKED | tag::UNBLOCKED | tag::RUN_DONE | tag::RUN_FAILED | tag::RUN_CANCELLED => self.of_run(tag),
            tag::ADOPTED | tag::SKIPPED | tag::ITEMS_OPENED | tag::OPENED | tag::CLOSED | tag::STEP_FAILED => self.of_step(tag),
            tag::STARTED | tag::DONE | tag::ATTEMPT_FAILED | tag::OUTCOME_UNKNOWN | tag::CHILD_LEFT => self.of_attempt(tag),
            tag::LOST => Ok((Event::Lost { places: self.places()? }, 1)),
            tag::RELEASED => Ok((Event::Released { places: self.places()? }, 1)),
            tag::SIGNAL_ACCEPTED => {
                let (id, name, payload) = (self.text()?, self.text()?, self.value()?);
                Ok((Event::SignalAccepted { id, name, payload, by: self.text()?, note: self.text()? }, 5))
            }
            tag::DECIDED => {
                let (id, place, decision) = (self.text()?, self.place()?, self.decision()?);
                Ok((Event::Decided { id, place, decision, by: self.text()?, note: self.text()? }, 6))
            }
            other => self.of_place(other),
        }
    }

    fn of_run(&mut self, tag: u8) -> Result<(Event, u64)> {
        Ok(match tag {
            tag::BEGAN => return self.began(),
            tag::PRIORITIZED => (Event::Prioritized { priority: self.cbor.i32()? }, 1),
            tag::QUEUED => (Event::Queued { key: self.text()?, limit: self.cbor.u32()?, when_busy: self.when_busy()? }, 3),
            tag::ADMITTED => (Event::Admitted { token: LockToken(self.cbor.u64()?) }, 1),
            tag::CANCEL_REQUESTED => (Event::CancelRequested { reason: self.text()? }, 1),
            tag::FAILING => (Event::Failing { failure: self.failure()? }, 1),
            tag::COMPENSATION_BEGAN => (Event::CompensationBegan, 0),
            tag::BLOCKED => self.blocked()?,
            tag::UNBLOCKED => (Event::Unblocked, 0),
            tag::RUN_DONE => (Event::RunDone { outputs: self.value()? }, 1),
            tag::RUN_FAILED => (Event::RunFailed { step: self.cbor.decode::<Option<u32>>()?, failure: self.failure()? }, 2),
            _ => (Event::RunCancelled, 0),
        })
    }

    /// The first event. Engines before sub-workflows and labels wrote four fields, and a run that no schedule started has six.
    fn began(&mut self) -> Result<(Event, u64)> {
        let uid = RunUid(self.fixed()?);
        let inputs = self.value()?;
        let directory = self.text()?;
        let rerun_of = self.cbor.decode::<Option<u64>>()?.map(RunId);
        let (parent, labels) = if self.fields > 5 { (self.parent()?, self.labels()?) } else { (None, Vec::new()) };
        let scheduled = if self.fields > 7 { Some(self.scheduled()?) } else { None };
        let known = match (self.fields, scheduled) {
            (_, Some(_)) => 7,
            (6.., None) => 6,
            _ => 4,
        };
        Ok((Event::Began { uid, inputs, directory, rerun_of, parent, labels, scheduled }, known))
    }

    fn of_step(&mut self, tag: u8) -> Result<(Event, u64)> {
        let step = self.cbor.u32()?;
        Ok(match tag {
            tag::ADOPTED => (Event::Adopted { step, output: self.optional_value()? }, 2),
            tag::SKIPPED => (Event::Skipped { step }, 1),
            tag::ITEMS_OPENED => (Event::ItemsOpened { step, count: self.cbor.u32()? }, 2),
            tag::OPENED => (Event::Opened { step, branch: self.cbor.decode()? }, 2),
            tag::CLOSED => (Event::Closed { step }, 1),
            _ => (Event::StepFailed { step, failure: self.failure()? }, 2),
        })
    }

    fn of_attempt(&mut self, tag: u8) -> Result<(Event, u64)> {
        let (place, attempt) = (self.place()?, self.cbor.u32()?);
        Ok(match tag {
            tag::STARTED => (Event::Started { place, attempt }, 3),
            tag::DONE => (Event::Done { place, attempt, output: self.value()?, receipt: self.receipt()? }, 5),
            tag::ATTEMPT_FAILED => {
                let failure = self.failure()?;
                let retry_at = self.cbor.decode::<Option<i64>>()?.map(Millis);
                (Event::AttemptFailed { place, attempt, failure, retry_at, receipt: self.receipt()? }, 6)
            }
            tag::OUTCOME_UNKNOWN => (Event::OutcomeUnknown { place, attempt, failure: self.failure()?, receipt: self.receipt()? }, 5),
            _ => (Event::ChildLeft { place, attempt }, 3),
        })
    }

    fn of_place(&mut self, tag: u8) -> Result<(Event, u64)> {
        if !(tag::ITEM_ADOPTED..=tag::ADMITTED).contains(&tag) {
            return Err(DecodeError::Damaged(format!("it has an event of the unknown kind {tag}")));
        }
        let place = self.place()?;
        Ok(match tag {
            tag::ITEM_ADOPTED => (Event::ItemAdopted { place, output: self.value()? }, 3),
            tag::SETTLED => (Event::Settled { place, output: self.value()? }, 3),
            tag::SIGNALLED => (Event::Signalled { place, signal: self.cbor.u32()? }, 3),
            tag::PLACE_FAILED => (Event::PlaceFailed { place, failure: self.failure()? }, 3),
            tag::RESOLVED => (Event::Resolved { place, how: self.resolution()? }, 4),
            tag::SLEEPING => (Event::Sleeping { place, until: Millis(self.cbor.i64()?) }, 3),
            tag::PAUSED => (Event::Paused { place, until: Millis(self.cbor.i64()?) }, 3),
            tag::DELAYED => (Event::Delayed { place, until: Millis(self.cbor.i64()?) }, 3),
            tag::LISTENING => (Event::Listening { place }, 2),
            tag::LOCK_WANTED => (Event::LockWanted { place, name: self.text()?, permits: self.cbor.u32()? }, 4),
            tag::LOCK_HELD => (Event::LockHeld { place, token: LockToken(self.cbor.u64()?) }, 3),
            tag::RATE_WANTED => (Event::RateWanted { place }, 2),
            tag::CAUGHT => (Event::Caught { place, handler: self.cbor.u32()? }, 3),
            unknown => return Err(DecodeError::Damaged(format!("it has an event of the unknown kind {unknown}"))),
        })
    }
}
