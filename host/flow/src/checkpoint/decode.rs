//! Bytes → events. Bytes may be damaged: nothing here trusts a length or a number.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{BATCH_FORMAT, Batch, tag};
use crate::plan::Digest;
use crate::run::{BlockReason, Event, Failure, FailureKind, Millis, Place, Receipt, RunId, RunUid};
use crate::types::{JsonLimits, Value};

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
    let mut decoder = Decoder { cbor: minicbor::Decoder::new(rest), blob };
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
}

impl Decoder<'_, '_> {
    fn length(&mut self) -> Result<u64> {
        self.cbor.array()?.ok_or_else(|| DecodeError::Damaged("a list without a length".to_owned()))
    }

    /// An event; fields that a newer engine added at its end are skipped.
    fn event(&mut self) -> Result<Event> {
        let fields = self.length()?;
        let tag = self.cbor.u8()?;
        let (event, known) = self.fields(tag)?;
        for _ in known + 1..fields {
            self.cbor.skip()?;
        }
        Ok(event)
    }

    fn fields(&mut self, tag: u8) -> Result<(Event, u64)> {
        Ok(match tag {
            tag::BEGAN => {
                let uid = RunUid(self.fixed()?);
                let inputs = self.value()?;
                let directory = self.text()?;
                let rerun_of = self.cbor.decode::<Option<u64>>()?.map(RunId);
                (Event::Began { uid, inputs, directory, rerun_of }, 4)
            }
            tag::ADOPTED => {
                let step = self.cbor.u32()?;
                (Event::Adopted { step, output: self.optional_value()? }, 2)
            }
            tag::SKIPPED => (Event::Skipped { step: self.cbor.u32()? }, 1),
            tag::ITEMS_OPENED => (Event::ItemsOpened { step: self.cbor.u32()?, count: self.cbor.u32()? }, 2),
            tag::STARTED => (Event::Started { place: self.place()?, attempt: self.cbor.u32()? }, 3),
            tag::DONE => {
                let (place, attempt) = (self.place()?, self.cbor.u32()?);
                (Event::Done { place, attempt, output: self.value()?, receipt: self.receipt()? }, 5)
            }
            tag::ATTEMPT_FAILED => {
                let (place, attempt) = (self.place()?, self.cbor.u32()?);
                let failure = self.failure()?;
                let retry_at = self.cbor.decode::<Option<i64>>()?.map(Millis);
                (Event::AttemptFailed { place, attempt, failure, retry_at, receipt: self.receipt()? }, 6)
            }
            tag::STEP_FAILED => (Event::StepFailed { step: self.cbor.u32()?, failure: self.failure()? }, 2),
            tag::LOST => (Event::Lost { places: self.places()? }, 1),
            tag::RELEASED => (Event::Released { places: self.places()? }, 1),
            tag::CANCEL_REQUESTED => (Event::CancelRequested { reason: self.text()? }, 1),
            tag::BLOCKED => self.blocked()?,
            tag::UNBLOCKED => (Event::Unblocked, 0),
            tag::RUN_DONE => (Event::RunDone { outputs: self.value()? }, 1),
            tag::RUN_FAILED => (Event::RunFailed { step: self.cbor.decode::<Option<u32>>()?, failure: self.failure()? }, 2),
            tag::RUN_CANCELLED => (Event::RunCancelled, 0),
            unknown => return Err(DecodeError::Damaged(format!("it has an event of the unknown kind {unknown}"))),
        })
    }

    fn blocked(&mut self) -> Result<(Event, u64)> {
        let (reason, known) = match self.cbor.u8()? {
            1 => (BlockReason::PluginMissing { digest: Digest(self.fixed()?) }, 2),
            2 => (BlockReason::KilledWorker { place: self.place()?, times: self.cbor.u32()? }, 4),
            unknown => return Err(DecodeError::Damaged(format!("it is blocked for the unknown reason {unknown}"))),
        };
        Ok((Event::Blocked { reason }, known))
    }

    fn text(&mut self) -> Result<Arc<str>> {
        Ok(Arc::from(self.cbor.str()?))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.cbor.bytes()?;
        bytes.try_into().map_err(|_| DecodeError::Damaged(format!("{} bytes where {N} are expected", bytes.len())))
    }

    fn place(&mut self) -> Result<Place> {
        let step = self.cbor.u32()?;
        let item = match self.cbor.u64()?.checked_sub(1) {
            None => None,
            Some(item) => Some(u32::try_from(item).map_err(|_| DecodeError::Damaged(format!("an item with the index {item}")))?),
        };
        Ok(Place { step, item })
    }

    fn places(&mut self) -> Result<Vec<Place>> {
        let length = self.length()?;
        let mut places = Vec::new();
        for _ in 0..length / 2 {
            places.push(self.place()?);
        }
        Ok(places)
    }

    fn value(&mut self) -> Result<Value> {
        use minicbor::data::Type;
        if self.cbor.datatype()? == Type::Bytes {
            let digest = Digest(self.fixed()?);
            let blob = (self.blob)(&digest).ok_or(DecodeError::BlobMissing(digest))?;
            let text = std::str::from_utf8(&blob).map_err(|error| DecodeError::Damaged(format!("the value {digest}: {error}")))?;
            return kept_value(text);
        }
        kept_value(self.cbor.str()?)
    }

    fn optional_value(&mut self) -> Result<Option<Value>> {
        if self.cbor.datatype()? == minicbor::data::Type::Null {
            self.cbor.null()?;
            return Ok(None);
        }
        self.value().map(Some)
    }

    fn failure(&mut self) -> Result<Failure> {
        let fields = self.length()?;
        let (kind, delay_ms) = (self.cbor.u8()?, self.cbor.u64()?);
        let kind = match kind {
            1 => FailureKind::Transient,
            2 => FailureKind::RetryAfter(delay_ms),
            3 => FailureKind::Permanent,
            4 => FailureKind::UnknownOutcome,
            unknown => return Err(DecodeError::Damaged(format!("a failure of the unknown kind {unknown}"))),
        };
        let (code, message) = (self.text()?, self.text()?);
        let data = self.cbor.decode::<Option<&str>>()?.map(Arc::from);
        let trace = self.cbor.decode::<Option<&str>>()?.map(Arc::from);
        for _ in 6..fields {
            self.cbor.skip()?;
        }
        Ok(Failure { kind, code, message, data, trace })
    }

    fn receipt(&mut self) -> Result<Receipt> {
        let fields = self.length()?;
        let receipt = Receipt {
            wall_us: self.cbor.u64()?,
            fuel: self.cbor.decode()?,
            memory_peak: self.cbor.u64()?,
            bytes_in: self.cbor.u64()?,
            bytes_out: self.cbor.u64()?,
            log_dropped: self.cbor.u64()?,
            hosts: self.cbor.decode()?,
        };
        for _ in 7..fields {
            self.cbor.skip()?;
        }
        Ok(receipt)
    }
}

/// A value that was within its limits when it was kept, so that it is not measured again.
fn kept_value(text: &str) -> Result<Value> {
    let limits = JsonLimits { bytes: usize::MAX, depth: JsonLimits::DEPTH_MAX, nodes: usize::MAX };
    Value::from_json(text, limits).map_err(|error| DecodeError::Damaged(format!("a value in it: {error}")))
}
