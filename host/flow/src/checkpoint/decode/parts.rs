//! Bytes → the parts of events.

use std::sync::Arc;

use super::{DecodeError, Decoder, Result};
use crate::plan::{Digest, FileRule, Grant, HttpRule, SecretRule, WhenBusy};
use crate::run::{
    BlockReason, Decision, Event, Failure, FailureKind, Millis, Parent, Place, Receipt, Resolution, RunId, RunUid, Scheduled,
};
use crate::types::{JsonLimits, Value};

impl Decoder<'_, '_> {
    pub(super) fn blocked(&mut self) -> Result<(Event, u64)> {
        let (reason, known) = match self.cbor.u8()? {
            1 => (BlockReason::PluginMissing { digest: Digest(self.fixed()?) }, 2),
            2 => (BlockReason::KilledWorker { place: self.place()?, times: self.cbor.u32()? }, 4),
            3 => (BlockReason::UnknownOutcome { place: self.place()?, attempt: self.cbor.u32()? }, 4),
            4 => (BlockReason::CompensationFailed { place: self.place()? }, 3),
            unknown => return Err(DecodeError::Damaged(format!("it is blocked for the unknown reason {unknown}"))),
        };
        Ok((Event::Blocked { reason }, known))
    }

    pub(super) fn resolution(&mut self) -> Result<Resolution> {
        let (number, value) = (self.cbor.u8()?, self.optional_value()?);
        match (number, value) {
            (1, Some(value)) => Ok(Resolution::Done(value)),
            (2, None) => Ok(Resolution::Failed),
            (3, None) => Ok(Resolution::Retry),
            _ => Err(DecodeError::Damaged(format!("it is resolved in the unknown way {number}"))),
        }
    }

    pub(super) fn decision(&mut self) -> Result<Decision> {
        match self.cbor.u8()? {
            1 => Ok(Decision::Approved),
            2 => Ok(Decision::Denied),
            unknown => Err(DecodeError::Damaged(format!("the unknown decision {unknown}"))),
        }
    }

    pub(super) fn when_busy(&mut self) -> Result<WhenBusy> {
        match self.cbor.u8()? {
            1 => Ok(WhenBusy::Queue),
            2 => Ok(WhenBusy::Skip),
            3 => Ok(WhenBusy::CancelRunning),
            unknown => Err(DecodeError::Damaged(format!("the unknown choice {unknown} for when there is no room"))),
        }
    }

    pub(super) fn parent(&mut self) -> Result<Option<Parent>> {
        if self.cbor.datatype()? == minicbor::data::Type::Null {
            self.cbor.null()?;
            return Ok(None);
        }
        let fields = self.length()?;
        let (run, uid) = (RunId(self.cbor.u64()?), RunUid(self.fixed()?));
        let parent = Parent { run, uid, place: self.place()?, attempt: self.cbor.u32()?, depth: self.cbor.u32()? };
        for _ in 6..fields {
            self.cbor.skip()?;
        }
        Ok(Some(parent))
    }

    pub(super) fn scheduled(&mut self) -> Result<Scheduled> {
        let fields = self.length()?;
        let scheduled = Scheduled { schedule: self.cbor.u32()?, at: Millis(self.cbor.i64()?) };
        for _ in 2..fields {
            self.cbor.skip()?;
        }
        Ok(scheduled)
    }

    pub(super) fn labels(&mut self) -> Result<Vec<(Arc<str>, Arc<str>)>> {
        let length = self.length()?;
        let mut labels = Vec::new();
        for _ in 0..length / 2 {
            labels.push((self.text()?, self.text()?));
        }
        Ok(labels)
    }

    pub(super) fn text(&mut self) -> Result<Arc<str>> {
        Ok(Arc::from(self.cbor.str()?))
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.cbor.bytes()?;
        bytes.try_into().map_err(|_| DecodeError::Damaged(format!("{} bytes where {N} are expected", bytes.len())))
    }

    pub(super) fn place(&mut self) -> Result<Place> {
        let step = self.cbor.u32()?;
        let item = match self.cbor.u64()?.checked_sub(1) {
            None => None,
            Some(item) => Some(u32::try_from(item).map_err(|_| DecodeError::Damaged(format!("an item with the index {item}")))?),
        };
        Ok(Place { step, item })
    }

    pub(super) fn places(&mut self) -> Result<Vec<Place>> {
        let length = self.length()?;
        let mut places = Vec::new();
        for _ in 0..length / 2 {
            places.push(self.place()?);
        }
        Ok(places)
    }

    pub(super) fn value(&mut self) -> Result<Value> {
        use minicbor::data::Type;
        if self.cbor.datatype()? == Type::Bytes {
            let digest = Digest(self.fixed()?);
            let blob = (self.blob)(&digest).ok_or(DecodeError::BlobMissing(digest))?;
            let text = std::str::from_utf8(&blob).map_err(|error| DecodeError::Damaged(format!("the value {digest}: {error}")))?;
            return kept_value(text);
        }
        kept_value(self.cbor.str()?)
    }

    pub(super) fn optional_value(&mut self) -> Result<Option<Value>> {
        if self.cbor.datatype()? == minicbor::data::Type::Null {
            self.cbor.null()?;
            return Ok(None);
        }
        self.value().map(Some)
    }

    pub(super) fn failure(&mut self) -> Result<Failure> {
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

    pub(super) fn receipt(&mut self) -> Result<Receipt> {
        let fields = self.length()?;
        let mut receipt = Receipt {
            wall_us: self.cbor.u64()?,
            fuel: self.cbor.decode()?,
            memory_peak: self.cbor.u64()?,
            bytes_in: self.cbor.u64()?,
            bytes_out: self.cbor.u64()?,
            log_dropped: self.cbor.u64()?,
            hosts: self.cbor.decode()?,
            cached: false,
            used: None,
        };
        if fields > 7 {
            receipt.cached = self.cbor.bool()?;
        }
        if fields > 8 {
            receipt.used = Some(Box::new(self.used()?));
        }
        for _ in 9..fields {
            self.cbor.skip()?;
        }
        Ok(receipt)
    }

    fn used(&mut self) -> Result<Grant> {
        let mut used = Grant::default();
        for _ in 0..self.length()? {
            let fields = self.length()?;
            let known = match self.cbor.u8()? {
                0 => {
                    used.http.push(HttpRule::parse(self.cbor.str()?).map_err(DecodeError::Damaged)?);
                    2
                }
                1 => {
                    used.files.push(FileRule::parse(self.cbor.str()?).map_err(DecodeError::Damaged)?);
                    2
                }
                2 => {
                    used.config.push(self.cbor.str()?.into());
                    2
                }
                3 => {
                    used.secrets.push(SecretRule { name: self.cbor.str()?.into(), hosts: self.cbor.decode()? });
                    3
                }
                4 => {
                    used.scratch = true;
                    1
                }
                _ => 1,
            };
            for _ in known..fields {
                self.cbor.skip()?;
            }
        }
        Ok(used)
    }
}

/// A value that was within its limits when it was kept, so that it is not measured again.
fn kept_value(text: &str) -> Result<Value> {
    let limits = JsonLimits { bytes: usize::MAX, depth: JsonLimits::DEPTH_MAX, nodes: usize::MAX };
    Value::from_json(text, limits).map_err(|error| DecodeError::Damaged(format!("a value in it: {error}")))
}
